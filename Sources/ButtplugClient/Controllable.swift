// The verbs of control, the same for a device and for one of its features.
// Must not know which of the two it is.

/// Something that can be driven: a device, or one of its features.
///
/// Every verb throws `.unsupported` when there is no such output and `.outOfRange` when the value is not in its range; nothing is sent then.
/// What the server refuses comes as `.device` or another of its classes. `deadline` bounds the wait for the answer; nil means the client's.
public protocol Controllable: Sendable {
    /// Does several things at once; all are checked before any is sent.
    func run(_ outputs: [Output], deadline: Duration?) async throws(ClientError)
}

extension Controllable {
    /// Does one thing.
    public func run(_ output: Output, deadline: Duration? = nil) async throws(ClientError) { try await run([output], deadline: deadline) }

    /// Vibrates until told otherwise: `vibrate(0.5)`, `vibrate(.steps(10))`.
    public func vibrate(_ level: Level, deadline: Duration? = nil) async throws(ClientError) {
        try await run([.vibrate(level)], deadline: deadline)
    }

    /// Rotates until told otherwise; negative is counter-clockwise, where the feature can do that.
    public func rotate(_ level: Level, deadline: Duration? = nil) async throws(ClientError) {
        try await run([.rotate(level)], deadline: deadline)
    }

    /// Moves to and fro, this fast, until told otherwise.
    public func oscillate(_ level: Level, deadline: Duration? = nil) async throws(ClientError) {
        try await run([.oscillate(level)], deadline: deadline)
    }

    /// Squeezes this much until told otherwise.
    public func constrict(_ level: Level, deadline: Duration? = nil) async throws(ClientError) {
        try await run([.constrict(level)], deadline: deadline)
    }

    /// Sprays once.
    public func spray(_ level: Level, deadline: Duration? = nil) async throws(ClientError) {
        try await run([.spray(level)], deadline: deadline)
    }

    /// Heats, or cools where the range is signed, until told otherwise.
    public func temperature(_ level: Level, deadline: Duration? = nil) async throws(ClientError) {
        try await run([.temperature(level)], deadline: deadline)
    }

    /// Shines this brightly until told otherwise.
    public func led(_ level: Level, deadline: Duration? = nil) async throws(ClientError) {
        try await run([.led(level)], deadline: deadline)
    }

    /// Goes to a place at once.
    public func position(_ level: Level, deadline: Duration? = nil) async throws(ClientError) {
        try await run([.position(level)], deadline: deadline)
    }

    /// Goes to a place within a time, in milliseconds on the wire.
    public func move(to level: Level, over duration: Duration, deadline: Duration? = nil) async throws(ClientError) {
        try await run([.move(to: level, over: duration)], deadline: deadline)
    }
}
