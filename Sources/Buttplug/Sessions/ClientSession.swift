// The client's side of one Buttplug conversation: requests out, events in. Sans-I/O.
// Requests are in `ClientSession+Requests`, reading is in `ClientSession+Receiving`.
// Must not know links, timers, or who waits for an answer; it remembers only what is needed to say and to understand.

import Host

/// One conversation with a server. Uses versions 4 and 3 (`greet`).
public struct ClientSession: Sendable {
    /// The state of the conversation.
    public enum State: Hashable, Sendable {
        /// Nothing was said yet. Can turn into: greeting, ended.
        case idle
        /// The handshake was sent in this version; only its answer is understood. Can turn into: greeting (in another version), ready, ended.
        case greeting(SpecVersion)
        /// Both sides use this version. Can turn into: ended.
        case ready(SpecVersion)
        /// Nothing is said or understood any more. Can turn into: nothing.
        case ended
    }

    public internal(set) var state = State.idle
    /// What the client calls itself; any characters.
    public let clientName: String
    /// What the server calls itself; empty until the handshake.
    public internal(set) var serverName = ""
    /// Milliseconds within which the server wants a `ping`; 0 when it wants none.
    public internal(set) var maxPingTime: UInt32 = 0
    /// The devices there are as the server said last, in ascending order of index.
    public internal(set) var devices: [DeviceInfo] = []
    /// What was passed over.
    public internal(set) var ignored = IgnoredParts()

    let limits: Limits
    /// Version 3: how messages name each of `devices`, in the same order.
    var addresses: ContiguousArray<ClientLegacyDevice> = []
    /// Whether the server writes signal strength only as `RSSI`; the reference takes only `Rssi`.
    var wantsUpperRSSI = false
    /// The id of the next request.
    var nextID: UInt32

    /// A conversation that has not begun. `limits` bound what is read: bytes and messages of a text, nesting, devices.
    public init(clientName: String, limits: Limits = Limits()) { self.init(clientName: clientName, limits: limits, firstID: 1) }

    init(clientName: String, limits: Limits, firstID: UInt32) {
        self.clientName = clientName
        self.limits = limits
        nextID = firstID
    }

    /// The version of the session, once it is ready.
    public var version: SpecVersion? {
        if case .ready(let version) = state { version } else { nil }
    }

    /// How often to `ping`: at half the time the server wants. nil when it wants none.
    public var pingInterval: Interval? {
        maxPingTime == 0 ? nil : Interval(nanoseconds: Interval.milliseconds(Int64(maxPingTime)).nanoseconds / 2)
    }

    /// The conversation is over.
    public mutating func end() { state = .ended }

    /// Ids count up from 1 to 4294967295 and begin again; 0 is the server's.
    @inline(__always)
    mutating func takeID() -> UInt32 {
        let id = nextID
        nextID = id == .max ? 1 : id &+ 1
        return id
    }

    /// The rule by which Buttplug clients turn a fraction of a range into steps: away from zero, so that anything above a millionth is at
    /// least one step. nil when `fraction` is not in -1...1.
    public static func steps(fraction: Double, of steps: Int32) -> Int32? {
        guard fraction >= -1, fraction <= 1 else { return nil }
        let product = Double(steps) * fraction
        // `rounded` would ask for the mathematics library.
        let whole = Int32(product)
        if fraction > 0.000001 { return Double(whole) < product ? whole + 1 : whole }
        return Double(whole) > product ? whole - 1 : whole
    }
}
