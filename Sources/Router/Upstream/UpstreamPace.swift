// How long to wait before an upstream is tried again.
// Must not know clocks, nor what the operator is told.

import Host

/// Waits between two tries. A server that is not there is asked for it twice a second for as long as it takes: that costs next to nothing,
/// and it is found at once when it is back. A name or a network that fails is tried less often after half a minute. Of a server that lets
/// us in and hangs up again, the waits double up to ten seconds, until a link has worked for a while (`proof`), or the server has been
/// away in between: then it was restarted. Each wait is drawn from the range of a quarter less to a quarter more, so that routers do not
/// try in step.
struct UpstreamPace {
    static let shortest = Interval.milliseconds(500)
    static let longest = Interval.seconds(10)
    /// Before the first try after a link that worked, and after every other one that did not for long: is it still there? At once, when
    /// a server that is restarted is not back yet.
    static let glance = Interval.zero
    /// How long a link must have worked to count.
    static let proof = Interval.seconds(3)
    /// Tries at the shortest wait of what cannot be reached.
    static let quickTries = 60
    /// Hang-ups (twice as many when devices had been listed) that are forgiven before waits grow, and before it is called unsteady.
    static let forgiven = 8
    static let unsteady = 6

    private var tries = 0
    private var hangUps = 0
    /// The present link has.
    private(set) var hasWorked = false
    private var random: SplitMix

    init(seed: UInt64) { random = SplitMix(seed: seed) }

    /// It hangs up on us again and again.
    var isUnsteady: Bool { hangUps >= Self.unsteady }

    /// The present link has worked for a while.
    mutating func proved() {
        tries = 0
        hangUps = 0
        hasWorked = true
    }

    /// The wait after a link has ended. `wasListed`: its devices were known. `wasShort`: it has not lasted.
    mutating func afterLoss(wasListed: Bool, wasShort: Bool) -> Interval {
        tries = 0
        if hasWorked {
            hasWorked = false
            return draw(Self.glance)
        }
        guard wasShort else { return draw(wasListed ? Self.glance : Self.shortest) }
        hangUps += wasListed ? 1 : 2
        if wasListed, hangUps < Self.forgiven, hangUps % 2 == 1 { return draw(Self.glance) }
        return draw(Self.doubled(hangUps - Self.forgiven))
    }

    /// The wait after no server was reached. `isAway`: there is no server there, which is found out at once.
    mutating func afterFailedDial(isAway: Bool, wasListed: Bool) -> Interval {
        hasWorked = false
        tries += 1
        if isAway {
            if wasListed { hangUps = 0 }
            return draw(Self.shortest)
        }
        return draw(Self.doubled(tries - Self.quickTries))
    }

    /// Nothing will change soon.
    mutating func slowDown() { hangUps = Self.forgiven * 2 }

    private static func doubled(_ times: Int) -> Interval { min(shortest * Int64(1 << max(0, min(times, 8))), longest) }

    private mutating func draw(_ wait: Interval) -> Interval {
        let span = UInt64(wait.nanoseconds / 2)
        let drawn = Int64(random.next().multipliedFullWidth(by: span + 1).high)
        return min(Interval(nanoseconds: wait.nanoseconds / 4 * 3 + drawn), Self.longest)
    }
}
