// A host of URLs and headers, in one form for all ways to write it: a name in lower case, or an address in bytes.
// Must not know which hosts are allowed, and asks no name server.

/// A host: equal when two texts mean the same one.
public enum HostName: Hashable, Sendable {
    /// In lower case, without the dot that may end it.
    case name(String)
    /// Four bytes, or sixteen; an IPv4 address that is written as IPv6 has four.
    case address([UInt8])

    /// Reads a name, an IPv4 address, or an IPv6 address with or without its brackets. A zone after an address ("%eth0", "%25eth0") says
    /// by which way it is reached, not which it is, and is left out.
    /// Nil for anything else: other bytes than a host's, or an empty label. Numbers that only some programs take for an address ("127.1",
    /// "2130706433") are a name like any other.
    public init?(_ text: some StringProtocol) {
        var bytes = Array(text.utf8)
        let isBracketed = bytes.first == UInt8(ascii: "[") && bytes.last == UInt8(ascii: "]") && bytes.count > 2
        if isBracketed { bytes = Array(bytes[1..<(bytes.count - 1)]) }
        guard bytes.contains(ASCII.colon) else {
            guard !isBracketed, let host = HostName.named(bytes) else { return nil }
            self = host
            return
        }
        if let percent = bytes.firstIndex(of: UInt8(ascii: "%")) {
            guard percent + 1 < bytes.count, bytes[(percent + 1)...].allSatisfy(HostName.isZoneByte) else { return nil }
            bytes = Array(bytes[..<percent])
        }
        guard let address = HostName.sixteen(bytes) else { return nil }
        self = .address(HostName.shortened(address))
    }

    /// Whether this is the computer itself by definition: `localhost` and names under it (RFC 6761 §6.3), 127.0.0.0/8, ::1.
    public var isLoopback: Bool {
        switch self {
        case .name(let name): name == "localhost" || name.hasSuffix(".localhost")
        case .address(let bytes): bytes.count == 4 ? bytes[0] == 127 : bytes == [UInt8](repeating: 0, count: 15) + [1]
        }
    }

    /// Whether it means every address of a computer: 0.0.0.0 and ::. Connecting to it reaches the computer itself.
    public var isUnspecified: Bool {
        if case .address(let bytes) = self { bytes.allSatisfy { $0 == 0 } } else { false }
    }

    /// Whether an address has sixteen bytes.
    public var isIPv6: Bool {
        if case .address(let bytes) = self { bytes.count == 16 } else { false }
    }

    // MARK: Names

    private static func named(_ bytes: [UInt8]) -> HostName? {
        var labels = bytes.split(separator: 0x2E, omittingEmptySubsequences: false)
        if labels.count > 1, labels.last?.isEmpty == true { labels.removeLast() }
        guard labels.allSatisfy({ !$0.isEmpty && $0.allSatisfy(isNameByte) }) else { return nil }
        if let address = four(labels) { return .address(address) }
        return .name(String(decoding: labels.joined(separator: [0x2E]).map(ASCII.lowercased), as: UTF8.self))
    }

    /// What names of hosts are made of, and `_`, which some programs use. More would be a valid URL (RFC 3986 §3.2.2) and no host.
    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x5F: true
        default: false
        }
    }

    static func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }

    private static func isZoneByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x25, 0x2D, 0x2E, 0x5F, 0x7E: true
        default: false
        }
    }

    // MARK: Addresses

    private static func four(_ labels: [ArraySlice<UInt8>]) -> [UInt8]? {
        guard labels.count == 4 else { return nil }
        let numbers = labels.compactMap { label -> UInt8? in
            guard label.count <= 3, label.allSatisfy(isDigit) else { return nil }
            return UInt8(String(decoding: label, as: UTF8.self))
        }
        return numbers.count == 4 ? numbers : nil
    }

    /// RFC 4291 §2.2: eight groups, of which a run may be left out once, and the last two may be written as IPv4.
    private static func sixteen(_ bytes: [UInt8]) -> [UInt8]? {
        var halves: [[UInt8]] = [[]]
        var rest = bytes[...]
        // What begins or ends in one colon alone is none.
        if rest.first == ASCII.colon, rest.dropFirst().first != ASCII.colon { return nil }
        while !rest.isEmpty {
            if rest.starts(with: [ASCII.colon, ASCII.colon]) {
                guard halves.count == 1 else { return nil }
                halves.append([])
                rest = rest.dropFirst(2)
                if rest.isEmpty { break }
            } else if rest.first == ASCII.colon {
                rest = rest.dropFirst()
            }
            let group = rest.prefix { $0 != ASCII.colon }
            rest = rest.dropFirst(group.count)
            if rest.isEmpty, group.contains(0x2E) {
                guard let tail = four(group.split(separator: 0x2E, omittingEmptySubsequences: false)) else { return nil }
                halves[halves.count - 1] += tail
            } else {
                guard !group.isEmpty, group.count <= 4 else { return nil }
                var number: UInt16 = 0
                for byte in group {
                    guard let digit = hexValue(byte) else { return nil }
                    number = number << 4 | UInt16(digit)
                }
                halves[halves.count - 1] += [UInt8(number >> 8), UInt8(number & 0xFF)]
            }
        }
        let given = halves.reduce(0) { $0 + $1.count }
        if halves.count == 1 { return given == 16 ? halves[0] : nil }
        return given <= 14 ? halves[0] + [UInt8](repeating: 0, count: 16 - given) + halves[1] : nil
    }

    /// ::ffff:a.b.c.d is a.b.c.d.
    static func shortened(_ address: [UInt8]) -> [UInt8] {
        let mapped = [UInt8](repeating: 0, count: 10) + [0xFF, 0xFF]
        return address.starts(with: mapped) ? Array(address[12...]) : address
    }

    static func hexValue(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x41 + 10
        case 0x61...0x66: byte - 0x61 + 10
        default: nil
        }
    }
}

/// `host[:port]` (RFC 9110 §7.2).
struct Authority: Hashable, Sendable {
    var host: HostName
    /// nil when there is none, or an empty one.
    var port: UInt16?

    init?(_ text: some StringProtocol) {
        let bytes = text.utf8
        var end = bytes.firstIndex(of: ASCII.colon) ?? bytes.endIndex
        if bytes.first == UInt8(ascii: "[") {
            guard let bracket = bytes.firstIndex(of: UInt8(ascii: "]")) else { return nil }
            end = bytes.index(after: bracket)
        }
        guard let host = HostName(text[..<end]) else { return nil }
        self.host = host
        guard end != bytes.endIndex else { return }
        let digits = bytes[bytes.index(after: end)...]
        guard bytes[end] == ASCII.colon, digits.count <= 5, digits.allSatisfy(HostName.isDigit) else { return nil }
        guard !digits.isEmpty else { return }
        guard let port = UInt16(String(decoding: digits, as: UTF8.self)) else { return nil }
        self.port = port
    }
}
