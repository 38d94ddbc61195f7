// The verbs of control, the same for a device and for one of its features.
// Must not know which of the two it is.

/// Something that can be driven: a device, or one of its features.
///
/// Every verb throws `.unsupported` when there is no such output and `.outOfRange` when the value is not in its range; nothing is sent then.
/// What the server refuses comes as `.device` or another of its classes. `timeout` bounds the wait for the answer; nil means the client's.
public protocol Controllable: Sendable {
    /// Does several things at once; all are checked before any is sent.
    func run(_ outputs: [Output], timeout: Duration?) async throws(ClientError)
}

extension Controllable {
    /// Does one thing.
    public func run(_ output: Output, timeout: Duration? = nil) async throws(ClientError) { try await run([output], timeout: timeout) }

    /// Vibrates until told otherwise: `vibrate(0.5)`, `vibrate(.steps(10))`.
    public func vibrate(_ level: Level, timeout: Duration? = nil) async throws(ClientError) {
        try await run([.vibrate(level)], timeout: timeout)
    }

    /// Rotates until told otherwise; negative is counter-clockwise, where the feature can do that.
    public func rotate(_ level: Level, timeout: Duration? = nil) async throws(ClientError) {
        try await run([.rotate(level)], timeout: timeout)
    }

    /// Moves back and forth, this fast, until told otherwise.
    public func oscillate(_ level: Level, timeout: Duration? = nil) async throws(ClientError) {
        try await run([.oscillate(level)], timeout: timeout)
    }

    /// Squeezes this much until told otherwise.
    public func constrict(_ level: Level, timeout: Duration? = nil) async throws(ClientError) {
        try await run([.constrict(level)], timeout: timeout)
    }

    /// Sprays once.
    public func spray(_ level: Level, timeout: Duration? = nil) async throws(ClientError) {
        try await run([.spray(level)], timeout: timeout)
    }

    /// Heats, or cools where the range is signed, until told otherwise.
    public func temperature(_ level: Level, timeout: Duration? = nil) async throws(ClientError) {
        try await run([.temperature(level)], timeout: timeout)
    }

    /// Shines this brightly until told otherwise.
    public func led(_ level: Level, timeout: Duration? = nil) async throws(ClientError) {
        try await run([.led(level)], timeout: timeout)
    }

    /// Goes to a position at once.
    public func position(_ level: Level, timeout: Duration? = nil) async throws(ClientError) {
        try await run([.position(level)], timeout: timeout)
    }

    /// Goes to a position within a time, in milliseconds on the wire.
    public func move(to level: Level, over duration: Duration, timeout: Duration? = nil) async throws(ClientError) {
        try await run([.move(to: level, over: duration)], timeout: timeout)
    }
}
