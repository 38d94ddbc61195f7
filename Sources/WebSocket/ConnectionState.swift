// The life of an open connection (RFC 6455 §5.5, §7): who closed first, what to answer, how many control frames are too many.
// Must not know sockets or clocks: it is told the time, and says what to send.

/// Open, closing, closed; and the pong that is owed.
public struct ConnectionState {
    public enum Phase: UInt8, Hashable, Sendable {
        /// Messages flow both ways. Can turn into: `closing`, `closed`.
        case open
        /// Our close frame is out, the peer's is awaited; everything else is ignored. Can turn into: `closed`.
        case closing
        /// Both close frames are out, or the peer broke the protocol: end the stream after what was sent. Final.
        case closed
    }

    /// What to do about a close frame of the peer.
    public enum CloseAnswer: Hashable, Sendable {
        /// Send a close frame with this status (1005: an empty one), then end the stream.
        case answer(status: UInt16)
        /// It was the answer to ours: end the stream.
        case end
        /// A second one: ignore it.
        case ignore
    }

    public private(set) var phase = Phase.open
    private var controlFrames: UInt32 = 0
    private let controlFramesPerSecond: UInt32
    private var windowStart: UInt64 = 0
    private var pong: [UInt8]?

    /// - Parameter controlFramesPerSecond: pings, pongs and closes the peer may send within a second.
    public init(controlFramesPerSecond: Int = 1_000) {
        self.controlFramesPerSecond = UInt32(clamping: controlFramesPerSecond)
    }

    /// Whether incoming messages count and outgoing ones may be sent (§5.5.1: no data after a close frame).
    public var isOpen: Bool { phase == .open }

    /// We close. Returns whether a close frame must be sent; the peer then has until the close deadline.
    public mutating func close() -> Bool {
        guard phase == .open else { return false }
        phase = .closing
        pong = nil
        return true
    }

    /// The peer's close frame came.
    public mutating func peerClosed(status: UInt16) -> CloseAnswer {
        let before = phase
        phase = .closed
        pong = nil
        switch before {
        case .open: return .answer(status: status)
        case .closing: return .end
        case .closed: return .ignore
        }
    }

    /// The peer broke the protocol (§7.1.7). Returns whether a close frame must be sent before the stream ends.
    public mutating func failed() -> Bool {
        let before = phase
        phase = .closed
        pong = nil
        return before == .open
    }

    /// A ping came. Only the newest of a turn is answered (§5.5.3), through `takePong`. Returns false when the peer sends too many
    /// control frames: fail the connection with 1008.
    /// - Parameter nanoseconds: the present time on any monotonic clock.
    public mutating func ping(_ payload: UnsafeRawBufferPointer, at nanoseconds: UInt64) -> Bool {
        if phase == .open { pong = Array(payload) }
        return countControl(at: nanoseconds)
    }

    /// A pong came, asked for or not (§5.5.3). Returns false when the peer sends too many control frames.
    public mutating func pong(at nanoseconds: UInt64) -> Bool { countControl(at: nanoseconds) }

    /// Whether a pong is owed.
    public var owesPong: Bool { pong != nil }

    /// The payload of the pong to send at the end of the turn, if one is owed.
    public mutating func takePong() -> [UInt8]? {
        defer { pong = nil }
        return pong
    }

    private mutating func countControl(at nanoseconds: UInt64) -> Bool {
        if nanoseconds &- windowStart >= 1_000_000_000 {
            windowStart = nanoseconds
            controlFrames = 0
        }
        controlFrames += 1
        return controlFrames <= controlFramesPerSecond
    }
}
