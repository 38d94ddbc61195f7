// The client's side of the opening handshake (RFC 6455 §4.1): the server's answer, checked strictly, however the bytes arrive.
// Must not know sockets or deadlines.

/// Why a server's answer does not open a connection.
public enum UpgradeFailure: Error, Hashable, Sendable {
    /// Not HTTP/1.1 as RFC 9112 has it, or too long.
    case notHTTP
    /// Another status than 101.
    case status(Int)
    /// `Upgrade` or `Connection` is missing or wrong.
    case notAnUpgrade
    /// `Sec-WebSocket-Accept` is missing, there twice, or not the answer to our key.
    case acceptKey
    /// A subprotocol that was not offered.
    case subprotocol(String)
    /// An extension; none was offered.
    case unexpectedExtension(String)
}

/// Reads the answer to one `UpgradeOffer`. Drop it when it has said anything but `.needMore`.
public struct UpgradeResponseParser {
    public enum Step: Hashable, Sendable {
        /// All bytes were used; the head goes on.
        case needMore
        /// The connection is open; what follows the first `used` of these bytes are frames already.
        case accepted(subprotocol: String?, used: Int)
        /// Close the connection.
        case failed(UpgradeFailure)
    }

    private let expected: String
    private let offered: [String]
    private var reader: HeadReader
    private var upgrades: [String] = []
    private var connection: [String] = []
    private var accept: [String] = []
    private var subprotocols: [String] = []
    private var extensions: [String] = []

    public init(_ offer: UpgradeOffer, limits: HeadLimits = HeadLimits()) {
        expected = AcceptKey.accept(offer.key)
        offered = offer.subprotocols
        reader = HeadReader(limits)
    }

    /// Reads on. A status other than 101 is reported as soon as its line is there.
    public mutating func read(_ bytes: UnsafeRawBufferPointer) -> Step {
        for (index, byte) in bytes.enumerated() {
            switch reader.take(byte) {
            case .more: continue
            case .start: if let failure = Self.failure(ofStatusLine: reader.text) { return .failed(failure) }
            case .field: field(reader.name, reader.value)
            case .end: return conclusion(used: index + 1)
            case .failed: return .failed(.notHTTP)
            }
        }
        return .needMore
    }

    /// `HTTP/1.1 SP 3DIGIT SP [reason]` (RFC 9112 §4).
    private static func failure(ofStatusLine line: String) -> UpgradeFailure? {
        let parts = line.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count >= 2, parts[0] == "HTTP/1.1", parts[1].utf8.count == 3 else { return .notHTTP }
        guard parts[1].utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }), let status = UInt16(parts[1]) else { return .notHTTP }
        return status == 101 ? nil : .status(Int(status))
    }

    private mutating func field(_ name: String, _ value: String) {
        switch name {
        case "upgrade": upgrades += ASCII.list(value)
        case "connection": connection += ASCII.list(value)
        case "sec-websocket-accept": accept.append(value)
        case "sec-websocket-protocol": subprotocols.append(value)
        case "sec-websocket-extensions": extensions += ASCII.list(value)
        default: break
        }
    }

    private func conclusion(used: Int) -> Step {
        guard upgrades.count == 1, ASCII.equal(upgrades[0], "websocket") else { return .failed(.notAnUpgrade) }
        guard connection.contains(where: { ASCII.equal($0, "upgrade") }) else { return .failed(.notAnUpgrade) }
        guard accept == [expected] else { return .failed(.acceptKey) }
        if let first = extensions.first { return .failed(.unexpectedExtension(first)) }
        guard subprotocols.count <= 1 else { return .failed(.subprotocol(subprotocols[1])) }
        if let selected = subprotocols.first, !offered.contains(selected) { return .failed(.subprotocol(selected)) }
        return .accepted(subprotocol: subprotocols.first, used: used)
    }
}
