// How a client behaves where there is a choice.
// Must not know how any of it is carried out.

import Logging

/// A client's options. By default: ten seconds for every answer, no reconnection, no log.
public struct ClientOptions: Sendable {
    /// How long a call waits for its answer when it does not say otherwise.
    public var timeout: Duration = .seconds(10)
    /// How long each way to a server may take, its handshake included.
    public var connectTimeout: Duration = .seconds(10)
    /// For `wss://` addresses: a file of certificate authorities in PEM that is believed in place of the system's.
    public var authorities: String?
    /// How long `disconnect` waits for the server's answer.
    public var farewell: Duration = .seconds(1)
    /// Whether and when a lost connection is made again. nil: it is not.
    public var reconnection: Reconnection?
    /// How many events wait for each event stream or of a subscription; above 0. Beyond it the oldest reading is dropped and counted,
    /// and where there is none, the oldest event.
    public var eventsMax = 256
    /// Where the client logs: the connection at `info`, refusals at `warning`, the rest at `debug`. nil: nowhere.
    public var logger: Logger?
    /// Whether every message is logged too, at `trace`. It says what people do with their devices.
    public var tracesWire = false

    /// The defaults.
    public init() {}
}

/// When a lost connection is tried again: after a pause that doubles with each failure. Outputs are never restored: after a reconnection
/// everything rests until it is told otherwise, and subscriptions are to be made again.
public struct Reconnection: Hashable, Sendable {
    /// The first pause.
    public var shortestPause: Duration = .milliseconds(500)
    /// The pauses grow up to this.
    public var longestPause: Duration = .seconds(10)

    /// The defaults.
    public init() {}
}
