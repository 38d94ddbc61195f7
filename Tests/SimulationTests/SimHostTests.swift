// The simulated world itself: order of events, turns, alarms, leaps.
// Must not know Buttplug or the router.

import Host
import SimHost
import Synchronization
import Testing

/// Records the host's calls to an owner.
final class RecordingOwner: LinkOwner, TurnOwner {
    var log: [String] = []
    var onTurnEnd: ((Instant) -> Void)?
    var links: [any Link] = []
    var refuses: CloseReason?

    func refusal(of peer: Peer) -> CloseReason? { refuses }
    func opened(_ link: any Link, from peer: Peer, at now: Instant) -> LinkID {
        links.append(link)
        log.append("opened")
        return LinkID(slot: UInt32(links.count - 1), generation: 7)
    }
    func received(_ text: RawSpan, from id: LinkID, at now: Instant) {
        log.append("received \(text.withUnsafeBytes { String(decoding: $0, as: UTF8.self) })")
    }
    func congested(_ id: LinkID) { log.append("congested") }
    func drained(_ id: LinkID, at now: Instant) { log.append("drained") }
    func closed(_ id: LinkID, _ reason: CloseReason, at now: Instant) { log.append("closed \(reason.rawValue)") }
    func turnEnded(at now: Instant) {
        log.append("turn \(now.nanoseconds / 1_000_000)")
        onTurnEnd?(now)
    }
    func deadlinePassed(at now: Instant) { log.append("alarm") }

    /// The log without the ends of turns.
    var events: [String] { log.filter { !$0.hasPrefix("turn") } }
}

@Suite struct SimHostTests {
    @Test("Events come in the order of their time, then of their request, and events of one instant share a turn")
    func order() {
        let host = SimHost(start: .zero)
        var seen: [Int] = []
        host.at(.zero + .milliseconds(5)) { seen.append(3) }
        host.at(.zero + .milliseconds(2)) { seen.append(1) }
        host.at(.zero + .milliseconds(5)) { seen.append(4) }
        host.at(.zero + .milliseconds(2)) { seen.append(2) }
        host.run(until: .zero + .seconds(1))
        #expect(seen == [1, 2, 3, 4])
        #expect(host.turns == 2)
        #expect(host.now == .zero + .seconds(1))
    }

    @Test("An event that is requested during a turn comes in a later turn, also at the same instant")
    func laterTurn() {
        let host = SimHost(start: .zero)
        let owner = RecordingOwner()
        _ = host.attach(owner)
        host.at(.zero + .milliseconds(1)) { host.at(.zero) { owner.log.append("second") } }
        host.run(until: .zero + .seconds(1))
        #expect(owner.log == ["turn 1", "second", "turn 1"])
    }

    @Test("An alarm fires once, after the events of its turn and before its end; a moved alarm only at its new time")
    func alarm() {
        let host = SimHost(start: .zero)
        let owner = RecordingOwner()
        let alarm = host.attach(owner)
        alarm.set(.zero + .milliseconds(1))
        alarm.set(.zero + .milliseconds(3))
        host.at(.zero + .milliseconds(3)) { owner.log.append("event") }
        host.run(until: .zero + .milliseconds(50))
        #expect(owner.log == ["event", "alarm", "turn 3"])
    }

    @Test("After a leap everything in between is due in one turn, in order")
    func leap() {
        let host = SimHost(start: .zero)
        let owner = RecordingOwner()
        _ = host.attach(owner)
        for second in 1...3 { host.at(.zero + .seconds(Int64(second))) { owner.log.append("event \(second)") } }
        host.leap(.seconds(10))
        host.turn()
        #expect(owner.log == ["event 1", "event 2", "event 3", "turn 10000"])
    }

    @Test("An owner that asks again and again for an alarm in the past is reported, and the world does not hang")
    func spin() {
        let host = SimHost(start: .zero)
        let owner = RecordingOwner()
        let alarm = host.attach(owner)
        owner.onTurnEnd = { _ in alarm.set(.zero) }
        alarm.set(.zero)
        host.run(until: .zero + .milliseconds(2))
        #expect(host.complaints.contains { $0.contains("spins") })
    }

    @Test("Equal seeds give equal numbers, other seeds give others, and every number is within its bounds")
    func random() {
        var first = SimRandom(seed: 1)
        var second = SimRandom(seed: 1)
        var third = SimRandom(seed: 2)
        let numbers = (0..<100).map { _ in first.below(10) }
        #expect(numbers == (0..<100).map { _ in second.below(10) })
        #expect(numbers != (0..<100).map { _ in third.below(10) })
        #expect(Set(numbers).isSuperset(of: 0...9))
        #expect(numbers.allSatisfy { $0 < 10 })
        #expect(first.within(3...3) == 3)
    }

    @Test("The generator is xoshiro256** seeded by splitmix64: its published first numbers for seed 0")
    func knownNumbers() {
        var random = SimRandom(seed: 0)
        #expect(random.next() == 0x99EC_5F36_CB75_F2B4)
        #expect(random.next() == 0xBF6E_1F78_4956_452A)
    }

    @Test("A task takes any number of steps without waiting in one turn; one that never ends does not stop the world")
    func stepsOfTasks() {
        let host = SimHost()
        let world = SimWorld(host)
        let steps = Mutex(0)
        world.run {
            for _ in 0..<40 {
                await Task.yield()
                steps.withLock { $0 += 1 }
            }
        }
        #expect(host.turn())
        #expect(steps.withLock { $0 } == 40)
        world.run { while !Task.isCancelled { await Task.yield() } }
        let end = host.now + .milliseconds(2)
        while host.now < end, host.turns < 30_000 { host.turn() }
        #expect(host.complaints.first?.contains("spins") == true)
    }
}
