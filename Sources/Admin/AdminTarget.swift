// What the admin interface watches and steers: a router and its surroundings.
// Must not know HTTP.

import Host
import Router

/// A running router, as its operator sees it. Everything is called on the router's loop.
public protocol AdminTarget: AnyObject {
    /// Name and version of the program.
    var identity: AdminIdentity { get }
    /// The world's time.
    var now: Instant { get }
    var snapshot: RouterSnapshot { get }
    /// The same without lanes.
    var outline: RouterSnapshot { get }
    /// The lanes that have changed since the last call with this watch, as far as there is room.
    func changedLanes(_ watch: inout LaneWatch, room: Int) -> [LaneSnapshot]
    /// The last write of every lane, and who drives it.
    var levels: [LaneLevel] { get }
    /// Addresses at which clients can connect.
    var listeners: [String] { get }
    /// Names of the backends, by their number: "simulated", the address of an upstream.
    var backends: [String] { get }
    var upstreams: [UpstreamStatus] { get }
    /// Counts of commands by verdict and of ended sessions by reason.
    func count(_ verdict: Verdict) -> UInt64
    func count(_ reason: CloseReason) -> UInt64

    func session(_ id: LinkID) -> SessionSnapshot?
    func raiseEmergencyStop()
    func clearEmergencyStop()
    func kick(_ id: LinkID)
    func patch(_ id: LinkID, _ patch: SessionPatch) -> Bool
    func stopDevice(_ index: UInt32) -> Bool
    func setOperatorScan(_ isWanted: Bool)
    /// Reads the configuration again. The answer comes once, in a later turn: which keys need a restart, or what is wrong.
    func reload(_ answer: @escaping (ReloadOutcome) -> Void)
    /// The configuration in force as lines of TOML with comments that say where each value comes from; no secrets.
    var configuration: String { get }
    /// The rules in force, one line each.
    var rules: [String] { get }
}

/// What became of reading the configuration again.
public enum ReloadOutcome: Hashable, Sendable {
    /// In force; these keys take effect after a restart.
    case applied(later: [String])
    /// Nothing has changed, because of these problems.
    case refused([String])
}

/// Who is being watched.
public struct AdminIdentity: Hashable, Sendable {
    public var name: String
    public var version: String
    public var commit: String
    /// When the router began.
    public var startedAt: Instant

    public init(name: String, version: String, commit: String, startedAt: Instant) {
        self.name = name
        self.version = version
        self.commit = commit
        self.startedAt = startedAt
    }
}

/// An upstream, as far as its state goes.
public struct UpstreamStatus: Hashable, Sendable {
    public enum State: String, Hashable, Sendable { case connected, connecting, waiting }
    public var address: String
    public var state: State
    public var devices: Int
    public var reconnects: Int

    public init(address: String, state: State, devices: Int, reconnects: Int) {
        self.address = address
        self.state = state
        self.devices = devices
        self.reconnects = reconnects
    }
}
