// How long to wait before an upstream is tried again.
// Must not know clocks or why the last try failed.

import Host

/// Waits between two tries: half a second at first, so that a server that was restarted is back at once; from half a minute on doubling to
/// ten seconds. Each is drawn from the range of a quarter less to a quarter more, so that routers do not try in step.
struct UpstreamPace {
    static let shortest = Interval.milliseconds(500)
    static let longest = Interval.seconds(10)
    /// Tries at the shortest wait.
    static let quickTries = 60

    private var tries = 0
    private var wait = UpstreamPace.shortest
    private var random: UInt64

    init(seed: UInt64) { random = seed }

    /// The upstream works.
    mutating func reset() {
        tries = 0
        wait = Self.shortest
    }

    /// Nothing will change soon.
    mutating func slowDown() {
        tries = Self.quickTries
        wait = Self.longest
    }

    /// The wait before the next try.
    mutating func next() -> Interval {
        tries += 1
        if tries > Self.quickTries { wait = min(wait * 2, Self.longest) }
        // splitmix64
        random &+= 0x9E37_79B9_7F4A_7C15
        var z = random
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        z ^= z >> 31
        let span = UInt64(wait.nanoseconds / 2)
        let drawn = Int64(z.multipliedFullWidth(by: span + 1).high)
        return min(Interval(nanoseconds: wait.nanoseconds / 4 * 3 + drawn), Self.longest)
    }
}
