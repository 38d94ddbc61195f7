// What a run is to be: its seed, its size, its faults; and the one line that repeats it.
// Must not know how it is carried out.

import Host
import SimHost

/// A run, described. Equal plans give equal runs.
struct SimulationPlan: Equatable {
    enum Faults: String, CaseIterable { case all, none, links, devices }

    var seed: UInt64 = 1
    /// Virtual time with clients, in milliseconds; a minute in which everybody leaves comes on top.
    var milliseconds: Int64 = 3_600_000
    var clients = 50
    var devices = 20
    var faults = Faults.all
    /// An operator uses every verb of the admin interface, and watchers come and go.
    var isOperated = false
    /// Clients show tokens, which are made, end and are revoked.
    var hasTokens = false
    /// Others connect and are not let in, at times many at once. Only with tokens.
    var hasStrangers = false
    /// Many rules ask the operator before a client is let in.
    var asksConsent = false
    /// Upstream routers of the one that clients see; 0: it has the devices itself.
    var upstreams = 0
    /// Applications that use the client library. Only with upstreams, where they are the only clients.
    var libraryClients = 0

    var isFronted: Bool { upstreams > 0 }

    var span: Interval { .milliseconds(milliseconds) }

    /// How long a slot stays empty, on average, between two clients.
    var away: Interval { .seconds(2_400) }

    var hasLinkFaults: Bool { faults == .all || faults == .links }
    var hasDeviceFaults: Bool { faults == .all || faults == .devices }

    /// A connection has some fault every few minutes.
    var linkFaults: SimLinkFaults {
        var faults = SimLinkFaults()
        faults.every = hasLinkFaults ? .seconds(240) : nil
        return faults
    }

    /// A device has some fault, or leaves, every hour.
    var deviceLifeEvery: Interval? { hasDeviceFaults ? .seconds(3_600) : nil }

    /// The operator does something every half hour.
    var operatorEvery: Interval { .seconds(1_800) }

    /// How long an application stays away, on average.
    var awayFromFront: Interval { .seconds(20) }

    /// The clock leaps every twelve hours.
    var leapEvery: Interval? { hasLinkFaults ? .seconds(43_200) : nil }

    /// Looks for what should have happened by now.
    var auditEvery: Interval { .seconds(30) }

    var replayLine: String {
        let hours =
            "\(milliseconds / 3_600_000)." + String(String(1_000_000 + milliseconds % 3_600_000 * 1_000_000 / 3_600_000).dropFirst())
        let isWhole = milliseconds % 3_600_000 == 0
        return "simulate --seed \(seed) --hours \(isWhole ? String(milliseconds / 3_600_000) : hours) "
            + (isFronted ? "--upstreams \(upstreams) --library-clients \(libraryClients) " : "--clients \(clients) ")
            + "--devices \(devices)" + (faults == .all ? "" : " --faults \(faults.rawValue)") + (isOperated ? " --operated" : "")
            + (hasTokens ? " --tokens" : "") + (hasStrangers ? " --strangers" : "")
            + (asksConsent ? " --consents" : "")
    }
}
