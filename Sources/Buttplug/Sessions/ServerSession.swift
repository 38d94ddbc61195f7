// The server's side of one Buttplug conversation: text in, requests out. Sans-I/O.
// Reading is in `ServerSession+Receiving`, replies are in `ServerSession+Replies`, readings in `SensorReading`.
// Must not know links, rules, pings or who drives what; it remembers only what its client's version makes it remember.

import Host

/// One client's conversation.
public struct ServerSession: Sendable {
    /// The state of the conversation.
    public enum State: Hashable, Sendable {
        /// Only `RequestServerInfo` is accepted. Can turn into: ready, ended.
        case awaitingHandshake
        /// The version is fixed; everything it has is accepted. Can turn into: ended.
        case ready(SpecVersion)
        /// Nothing is accepted any more. Can turn into: nothing.
        case ended
    }

    public internal(set) var state = State.awaitingHandshake
    /// As the client gave it: any characters, up to `Limits.clientNameBytes`. Empty until the handshake.
    public internal(set) var clientName = ""
    /// Versions without whole lists: devices that were there at the handshake and have not been listed yet.
    var unlisted = DeviceSet()
    /// Versions without whole lists: devices this client has been told of.
    var announced = DeviceSet()

    public init() {}

    /// The conversation of a client that is held at another server: nothing is read from it or written to it here.
    public init(heldElsewhereBy client: String) { clientName = client }

    /// The version of the session, once it is ready.
    public var version: SpecVersion? {
        if case .ready(let version) = state { version } else { nil }
    }

    /// For versions with `DialectFacts.outputCommands`, once the session is ready. A fast path for the most common text: one v4
    /// OutputCmd and nothing else, faster still when it is in the layout of a known client. nil for every other text: `receive` then decides.
    @inline(__always)
    public static func readOutputCommand(_ text: RawSpan) -> OutputCommand? {
        OutputCommandLayouts.read(text) ?? JSONReader.soleOutputCommand(text)
    }

    /// The conversation is over.
    public mutating func end() { state = .ended }
}
