// Everything the operator can set about a router, in one value.
// Must not know the configuration file.

import Host

/// A router's settings. `RouterRunner.settingsChanged` puts new ones into force while it runs.
public struct RouterSettings: Hashable, Sendable {
    /// What `ServerInfo` says.
    public var serverName = "Plugboard"
    public var limits = Limits()
    public var arbitration = ArbitrationSettings()
    public var rules = RuleTable()
    /// How much later than `max_ping_time` a missing `Ping` ends the session: this share of it, but no less than `pingGraceMin`.
    public var pingGrace = Fraction(0.1)
    public var pingGraceMin = Interval.milliseconds(50)
    /// How long a device may take to answer a read or a subscription.
    public var requestTimeout = Interval.seconds(5)
    /// How long the router's end waits for the last zeros.
    public var endTimeout = Interval.seconds(2)

    public init() {}

    /// How old the last `Ping` of a session with this `max_ping_time` (milliseconds) may be; nil when none is asked for.
    func pingPatience(_ maxPingTime: UInt32) -> Interval? {
        guard maxPingTime > 0 else { return nil }
        let limit = Interval.milliseconds(Int64(maxPingTime))
        let grace = Interval(nanoseconds: limit.nanoseconds / 10_000 * Int64(pingGrace.tenThousandths))
        return limit + max(grace, pingGraceMin)
    }
}
