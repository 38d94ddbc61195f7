// How turns and late deadlines are measured.
// Must not depend on how fast this machine is.

import Host
import Testing

@testable import UVHost

private final class Idler: TurnOwner {
    var alarm: (any Alarm)?
    var onDeadline: () -> Void = {}
    func deadlinePassed(at now: Instant) { onDeadline() }
}

@Suite struct TurnMeterTests {
    @Test("A turn is as long as the clock went on since the last one ended, without what the loop waited.")
    func lengths() {
        var meter = TurnMeter()
        meter.turnEnded(at: 1_000_000, idle: 400_000)
        #expect(meter.lengths.count == 0)
        meter.turnEnded(at: 900_000_000, idle: 400_000 + 890_000_000)
        #expect(meter.lengths.count == 1)
        #expect(meter.lengths.longest == Interval(nanoseconds: 9_000_000))
    }

    @Test("A deadline that is looked at late says by how much.")
    func lags() {
        var meter = TurnMeter()
        meter.passed(.zero + .milliseconds(5), at: .zero + .milliseconds(30))
        #expect(meter.lags.longest == .milliseconds(25))
    }

    @Test("A host measures nothing before somebody has asked, and every turn and deadline from then on.")
    func asked() throws {
        let host = try UVHost()
        let owner = Idler()
        owner.alarm = host.attach(owner)
        owner.alarm?.set(host.now)
        var deadlines = 0
        owner.onDeadline = { [unowned host] in
            deadlines += 1
            if deadlines == 1 {
                #expect(host.meter == nil)
                #expect(host.turns.lengths.count == 0)
            }
            if deadlines == 4 { return host.stop() }
            owner.alarm?.set(host.now + .milliseconds(1))
        }
        host.run()
        #expect(host.turns.lags.count == 3)
        #expect(host.turns.lengths.count >= 3)
    }
}
