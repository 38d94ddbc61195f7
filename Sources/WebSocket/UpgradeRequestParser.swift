// The server's side of the opening handshake (RFC 6455 §4.2.1): HTTP head in, request or refusal out, however the bytes arrive.
// Must not know sockets, deadlines, or who is allowed what.

/// Reads one connection's HTTP head. Drop it when it has said anything but `.needMore`.
public struct UpgradeRequestParser {
    public enum Step: Hashable, Sendable {
        /// All bytes were used; the head goes on.
        case needMore
        /// An upgrade; what follows the first `used` of these bytes are frames already.
        case upgrade(UpgradeRequest, used: Int)
        /// A page.
        case page(PageRequest, used: Int)
        /// Answer this and close.
        case refused(HandshakeRefusal)
    }

    private let limits: HeadLimits
    private var reader: HeadReader
    private var head = RequestHead()
    private var seen = false

    public init(limits: HeadLimits = HeadLimits()) {
        self.limits = limits
        reader = HeadReader(limits)
    }

    /// Reads on. A wrong byte is refused at once; a head that is well-formed but not allowed, when it is complete.
    public mutating func read(_ bytes: UnsafeRawBufferPointer) -> Step {
        for (index, byte) in bytes.enumerated() {
            if !seen, byte == 0x16 { return .refused(.tls) }
            seen = true
            switch reader.take(byte) {
            case .more: continue
            case .start: if let refusal = head.startLine(reader.text) { return .refused(refusal) }
            case .field: if let refusal = head.field(reader.name, reader.value) { return .refused(refusal) }
            case .end: return head.conclusion(used: index + 1)
            case .failed(.badByte(let what)): return .refused(.badRequest("\(what)"))
            case .failed(.tooManyBytes): return .refused(.headTooLong(limits.bytes))
            case .failed(.tooManyLines): return .refused(.tooManyLines(limits.lines))
            }
        }
        return .needMore
    }
}
