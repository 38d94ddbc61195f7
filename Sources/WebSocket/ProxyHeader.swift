// The PROXY protocol, versions 1 and 2 (haproxy, doc/proxy-protocol.txt): one header before everything else on a connection.
// Must not guess: a listener asks for the header, and then a connection without a correct one is not read any further.

/// Who a proxy says opened the connection.
public enum ProxySource: Hashable, Sendable {
    case address(HostName)
    /// The proxy itself, or a client that it does not name.
    case own
}

/// Reads one connection's header. Drop it when it has said anything but `.needMore`.
public struct ProxyHeaderReader {
    public enum Step: Hashable, Sendable {
        /// All bytes were used; the header goes on.
        case needMore
        /// The header is whole; what follows its last `used` bytes is the connection's own.
        case done(ProxySource, used: Int)
        case failed(String)
    }

    /// The longest line of version 1 (§2.1).
    static let lineMax = 107
    /// The longest header of version 2 that is read: addresses, and what proxies add to them.
    static let binaryMax = 2_048
    private static let signature: [UInt8] = [0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A]

    private var bytes: [UInt8] = []

    public init() {}

    public mutating func read(_ input: UnsafeRawBufferPointer) -> Step {
        for (index, byte) in input.enumerated() {
            bytes.append(byte)
            switch bytes[0] == 0x50 ? line() : binary() {
            case .needMore: continue
            case .done(let source, _): return .done(source, used: index + 1)
            case .failed(let why): return .failed(why)
            }
        }
        return .needMore
    }

    // MARK: Version 1

    private func line() -> Step {
        let start: [UInt8] = Array("PROXY ".utf8)
        if bytes.count <= start.count { return start.starts(with: bytes) ? .needMore : .failed(Self.missing) }
        guard bytes.last == ASCII.lf else { return bytes.count < Self.lineMax ? .needMore : .failed("the PROXY line is too long") }
        guard bytes[bytes.count - 2] == ASCII.cr else { return .failed("the PROXY line ends without CR") }
        let line = bytes[start.count..<(bytes.count - 2)]
        let words = line.split(separator: ASCII.space, omittingEmptySubsequences: false).map { String(decoding: $0, as: UTF8.self) }
        // What follows UNKNOWN does not count (§2.1).
        if words[0] == "UNKNOWN" { return .done(.own, used: 0) }
        guard words.count == 5, let length = ["TCP4": 4, "TCP6": 16][words[0]], let source = Self.host(words[1], length),
            Self.host(words[2], length) != nil, Self.isPort(words[3]), Self.isPort(words[4])
        else { return .failed("the PROXY line is not TCP4 or TCP6 with two addresses and two ports") }
        return .done(.address(source), used: 0)
    }

    private static func host(_ text: String, _ length: Int) -> HostName? {
        guard text.utf8.contains(ASCII.colon) == (length == 16), case .address? = HostName(text) else { return nil }
        return HostName(text)
    }

    private static func isPort(_ text: String) -> Bool {
        text.utf8.count <= 5 && !text.isEmpty && text.utf8.allSatisfy(HostName.isDigit) && UInt16(text) != nil
    }

    private static let missing = "no PROXY header: this address is for a proxy that sends one"

    // MARK: Version 2

    private func binary() -> Step {
        if bytes.count <= Self.signature.count { return Self.signature.starts(with: bytes) ? .needMore : .failed(Self.missing) }
        guard bytes[12] >> 4 == 2, bytes[12] & 15 <= 1 else {
            return .failed("the PROXY header is of a version or kind that does not exist")
        }
        guard bytes.count >= 16 else { return .needMore }
        let length = Int(bytes[14]) << 8 | Int(bytes[15])
        guard 16 + length <= Self.binaryMax else { return .failed("the PROXY header has more than \(Self.binaryMax) bytes") }
        guard bytes.count == 16 + length else { return .needMore }
        // LOCAL: the proxy asks for itself, and what follows does not count (§2.2).
        guard bytes[12] & 15 == 1 else { return .done(.own, used: 0) }
        switch (bytes[13], length) {
        case (0x11, 12...): return .done(.address(.address(Array(bytes[16..<20]))), used: 0)
        case (0x21, 36...): return .done(.address(HostName(sixteen: Array(bytes[16..<32]))), used: 0)
        case (0x00, _), (0x31, 216...): return .done(.own, used: 0)
        default: return .failed("the PROXY header names no stream with two addresses")
        }
    }
}
