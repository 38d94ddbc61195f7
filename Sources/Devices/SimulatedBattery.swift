// A battery that drains, faster while the device works. It is brought up to date only when somebody asks.
// Must not know what works; it is told.

import Host

/// The charge of one simulated device.
struct SimulatedBattery {
    private var level: Double
    private let idlePerSecond: Double
    private let activePerSecond: Double
    /// Until when `level` is right.
    private var settled = Instant.zero

    init(percent: Double, idlePerMinute: Double, activePerMinute: Double) {
        level = min(max(percent, 0), 100)
        idlePerSecond = max(idlePerMinute, 0) / 60
        activePerSecond = max(activePerMinute, 0) / 60
    }

    /// Begins to drain; what was before now cost nothing.
    mutating func switchOn(at now: Instant) { settled = now }

    /// Drains for the time since the last call, all of which the device spent working, or all of which resting.
    mutating func settle(until now: Instant, isActive: Bool) {
        guard now > settled else { return }
        drain((now - settled).inSeconds * (isActive ? activePerSecond : idlePerSecond))
        settled = now
    }

    /// Drains what a move costs over resting.
    mutating func spend(onMoves seconds: Double) { drain(seconds * max(activePerSecond - idlePerSecond, 0)) }

    private mutating func drain(_ percent: Double) { level = max(level - percent, 0) }

    /// 0…100, rounded up: 0 is empty. An empty battery stays so and the device goes on.
    var percent: Int32 { Int32(level) + (level > Double(Int32(level)) ? 1 : 0) }
}

extension Interval {
    /// For the arithmetic of simulated physics.
    var inSeconds: Double { Double(nanoseconds) / 1e9 }

    /// A number of seconds that somebody computed; not a number or beyond all limits is `forever`, below zero is zero.
    init(inSeconds seconds: Double) {
        let nanoseconds = seconds * 1e9
        if nanoseconds <= 0 {
            self = .zero
        } else {
            self = nanoseconds < 9e18 ? Interval(nanoseconds: Int64(nanoseconds)) : .forever
        }
    }
}
