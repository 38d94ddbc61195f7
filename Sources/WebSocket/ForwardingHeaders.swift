// What proxies say of those whose requests they forward: `Forwarded` (RFC 7239), `X-Forwarded-For`, `X-Real-IP`, `CF-Connecting-IP`.
// Must not know which proxies are trusted; every byte may come from the client.

/// The forwarding headers of one head, as they came. That there are some says that the peer is not local, with any value.
public struct ForwardingHeaders: Hashable, Sendable {
    enum Kind: Hashable, Sendable, CaseIterable {
        case forwarded, forwardedFor, realAddress, connectingAddress

        /// The header of this name in lower case.
        init?(_ name: String) {
            switch name {
            case "forwarded": self = .forwarded
            case "x-forwarded-for": self = .forwardedFor
            case "x-real-ip": self = .realAddress
            case "cf-connecting-ip": self = .connectingAddress
            default: return nil
            }
        }
    }

    private struct Line: Hashable, Sendable {
        var kind: Kind
        var value: String
    }

    private var lines: [Line] = []

    public init() {}

    var isEmpty: Bool { lines.isEmpty }

    /// Takes a header line, its name in lower case, if it is one of these.
    mutating func add(_ name: String, _ value: String) {
        if let kind = Kind(name) { lines.append(Line(kind: kind, value: value)) }
    }

    /// For each kind of header that is there the addresses that it names, from the client to the last proxy. Several lines are one list.
    /// nil stands for what is no address: "unknown", an obfuscated name, anything that cannot be read.
    var chains: [[HostName?]] {
        Kind.allCases.compactMap { kind in
            let values = lines.filter { $0.kind == kind }.map(\.value)
            guard !values.isEmpty else { return nil }
            return values.flatMap { kind == .forwarded ? Self.forwarded($0) : Self.list($0) }
        }
    }

    private static func list(_ value: String) -> [HostName?] {
        value.utf8.split(separator: 0x2C, omittingEmptySubsequences: false).map { node(ASCII.trimmed(Array($0)[...])) }
    }

    // MARK: RFC 7239

    /// The `for` of each element (§4). A header that breaks the grammar names nobody.
    private static func forwarded(_ value: String) -> [HostName?] {
        guard let elements = split(Array(value.utf8)[...], at: 0x2C) else { return [nil] }
        return elements.map { element in
            var found: [HostName?] = []
            for pair in split(element, at: 0x3B) ?? [] {
                guard let equals = pair.firstIndex(of: 0x3D) else { continue }
                let name = String(decoding: ASCII.trimmed(pair[..<equals]), as: UTF8.self)
                guard ASCII.equal(name, "for") else { continue }
                found.append(unquoted(ASCII.trimmed(pair[(equals + 1)...])).flatMap { node($0[...]) })
            }
            // Each parameter may be there once (§4).
            return found.count == 1 ? found[0] : nil
        }
    }

    /// Splits outside of quoted strings; nil when one has no end.
    private static func split(_ bytes: ArraySlice<UInt8>, at separator: UInt8) -> [ArraySlice<UInt8>]? {
        var parts: [ArraySlice<UInt8>] = []
        var start = bytes.startIndex
        var isQuoted = false
        var isEscaped = false
        for (index, byte) in zip(bytes.indices, bytes) {
            if isEscaped {
                isEscaped = false
            } else if byte == 0x22 {
                isQuoted.toggle()
            } else if isQuoted {
                isEscaped = byte == 0x5C
            } else if byte == separator {
                parts.append(bytes[start..<index])
                start = index + 1
            }
        }
        return isQuoted ? nil : parts + [bytes[start...]]
    }

    /// A token as it is, or what a quoted string holds (RFC 9110 §5.6.4); nil when it is neither.
    private static func unquoted(_ bytes: ArraySlice<UInt8>) -> [UInt8]? {
        guard bytes.first == 0x22 else { return bytes.contains(0x22) ? nil : Array(bytes) }
        guard bytes.count >= 2, bytes.last == 0x22 else { return nil }
        var out: [UInt8] = []
        var isEscaped = false
        for byte in bytes.dropFirst().dropLast() {
            if !isEscaped, byte == 0x22 { return nil }
            isEscaped = !isEscaped && byte == 0x5C
            if !isEscaped { out.append(byte) }
        }
        return isEscaped ? nil : out
    }

    /// An address with or without a port, IPv6 with or without brackets (§6; `X-Forwarded-For` is written in all these ways).
    private static func node(_ bytes: ArraySlice<UInt8>) -> HostName? {
        var host = bytes
        if bytes.first == UInt8(ascii: "[") {
            guard let bracket = bytes.firstIndex(of: UInt8(ascii: "]")) else { return nil }
            host = bytes[...bracket]
            let port = bytes[(bracket + 1)...]
            guard port.isEmpty || port.first == ASCII.colon else { return nil }
        } else if let colon = bytes.firstIndex(of: ASCII.colon), bytes.lastIndex(of: ASCII.colon) == colon {
            host = bytes[..<colon]
        }
        guard case .address? = HostName(String(decoding: host, as: UTF8.self)) else { return nil }
        return HostName(String(decoding: host, as: UTF8.self))
    }
}
