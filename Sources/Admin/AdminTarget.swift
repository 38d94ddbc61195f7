// What the admin interface watches and controls: a router with its listeners and upstreams.
// Must not know HTTP.

import Host
import Router

/// A running router, as its operator sees it. Everything is called on the router's loop.
public protocol AdminTarget: AnyObject {
    /// Name and version of the program.
    var identity: AdminIdentity { get }
    /// The host's time.
    var now: Instant { get }
    var snapshot: RouterSnapshot { get }
    /// The same without lanes.
    var outline: RouterSnapshot { get }
    /// The state in numbers.
    var summary: RouterSummary { get }
    /// What has changed since the last look with this watch.
    func look(_ watch: inout RouterWatch, _ scope: WatchScope) -> RouterChanges
    /// Notes the last write of every lane, and who drives it.
    func lookAtLevels(_ watch: inout LevelWatch)
    /// Addresses at which clients can connect.
    var listeners: [String] { get }
    /// Names of the backends, by their number: "simulated", the address of an upstream, "serial", "websocket", "bluetooth".
    var backends: [String] { get }
    /// The upstreams, with the counts of their devices in this summary.
    func upstreams(in summary: RouterSummary) -> [UpstreamStatus]
    /// What only monitoring asks.
    var figures: AdminFigures { get }
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
    /// Answers a session that waits for consent. False when it does not wait.
    func answerConsent(_ id: LinkID, _ answer: ConsentAnswer) -> Bool
    /// What was answered for good, the oldest first.
    var rememberedConsents: [RememberedConsent] { get }
    func forgetConsents()
    /// Reads the configuration again. The answer comes once, in a later turn: which keys need a restart, or what is wrong.
    func reload(_ answer: @escaping (ReloadOutcome) -> Void)
    /// The configuration in force as lines of TOML with comments that say where each value comes from; no secrets.
    var configuration: String { get }
    /// The rules in force, one line each.
    var rules: [String] { get }
    /// The tokens; nil where there are none.
    var tokens: (any AdminTokens)? { get }
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
    /// The number of its process.
    public var pid: Int32
    /// When the router began.
    public var startedAt: Instant

    public init(name: String, version: String, commit: String, pid: Int32, startedAt: Instant) {
        self.name = name
        self.version = version
        self.commit = commit
        self.pid = pid
        self.startedAt = startedAt
    }
}

extension AdminTarget {
    /// The upstreams now.
    var upstreams: [UpstreamStatus] { upstreams(in: summary) }
}

/// An upstream, as far as its state goes.
public struct UpstreamStatus: Hashable, Sendable {
    public enum State: String, Hashable, Sendable, CaseIterable { case connected, connecting, waiting }
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
