// The host itself: time, alarms, turns, signals.
// Must not use WebSocket.

import Glibc
import Host
import Testing

@testable import UVHost

/// An owner without links that records the order of its calls.
private final class Clockwatcher: TurnOwner {
    var events: [String] = []
    var alarm: (any Alarm)?
    var atDeadline: ((Instant) -> Void)?
    var atTurn: ((Instant) -> Void)?

    func turnEnded(at now: Instant) {
        events.append("turn")
        atTurn?(now)
    }
    func deadlinePassed(at now: Instant) {
        events.append("deadline")
        atDeadline?(now)
    }
}

@Suite struct TurnTests {
    @Test("When an owner leaves or comes at the end of a turn or at a deadline, every other owner still gets its own call.")
    func anOwnerMayLeaveInItsTurn() throws {
        let host = try UVHost()
        let owners = (0..<4).map { _ in Clockwatcher() }
        for owner in owners { owner.alarm = host.attach(owner) }
        owners[1].atTurn = { [unowned host] _ in host.detach(owners[1]) }
        owners[3].atTurn = { [unowned host] _ in host.stop() }
        host.run()
        #expect(owners.map(\.events) == [["turn"], ["turn"], ["turn"], ["turn"]])
    }

    @Test("When an owner leaves while deadlines pass in one turn, every other owner still gets its own.")
    func anOwnerMayLeaveAtItsDeadline() throws {
        let host = try UVHost()
        let owners = (0..<3).map { _ in Clockwatcher() }
        for owner in owners {
            owner.alarm = host.attach(owner)
            owner.alarm?.set(host.now)
        }
        owners[0].atDeadline = { [unowned host] _ in
            host.detach(owners[0])
            host.detach(owners[1])
        }
        owners[2].atTurn = { [unowned host] _ in host.stop() }
        host.run()
        #expect(owners[0].events == ["deadline"])
        #expect(owners[1].events == [])
        #expect(owners[2].events == ["deadline", "turn"])
    }

    @Test("A deadline passes once, not before its time, and the turn ends after it.")
    func aDeadlinePasses() throws {
        let host = try UVHost()
        let owner = Clockwatcher()
        let alarm = host.attach(owner)
        let deadline = host.now + .milliseconds(20)
        var passed: [Instant] = []
        owner.atDeadline = { passed.append($0) }
        owner.atTurn = { _ in if !passed.isEmpty { host.stop() } }
        alarm.set(deadline)
        host.run()
        #expect(passed.count == 1)
        #expect(passed[0] >= deadline)
        #expect(Array(owner.events.suffix(2)) == ["deadline", "turn"])
    }

    @Test("A deadline that is moved later passes at the later time only; one that is moved earlier, at the earlier.")
    func aDeadlineMoves() throws {
        let host = try UVHost()
        let owner = Clockwatcher()
        let alarm = host.attach(owner)
        var passed: [Instant] = []
        let first = host.now + .milliseconds(30)
        var second = Instant.never
        owner.atDeadline = { now in
            passed.append(now)
            if passed.count == 1 {
                alarm.set(now + .milliseconds(10_000))
                second = now + .milliseconds(5)
                alarm.set(second)
            } else {
                host.stop()
            }
        }
        alarm.set(host.now + .milliseconds(5))
        alarm.set(first)
        host.run()
        #expect(passed.count == 2)
        #expect(passed[0] >= first)
        #expect(passed[1] >= second)
        #expect(passed[1] < first + .milliseconds(5_000))
    }

    @Test("A cancelled deadline never passes; one in the past passes in the next turn.")
    func aDeadlineIsTakenBack() throws {
        let host = try UVHost()
        let quiet = Clockwatcher()
        let loud = Clockwatcher()
        let quietAlarm = host.attach(quiet)
        let loudAlarm = host.attach(loud)
        quietAlarm.set(host.now + .milliseconds(5))
        quietAlarm.set(.never)
        loudAlarm.set(.zero)
        var passed = 0
        loud.atDeadline = { now in
            passed += 1
            if passed == 1 { loudAlarm.set(now + .milliseconds(15)) } else { host.stop() }
        }
        host.run()
        #expect(passed == 2)
        #expect(!quiet.events.contains("deadline"))
    }

    @Test("An attached owner gets a turn without any event, and one after posted work; a detached owner gets none.")
    func turnsEndWithoutInput() throws {
        let host = try UVHost()
        let owner = Clockwatcher()
        let other = Clockwatcher()
        _ = host.attach(owner)
        _ = host.attach(other)
        host.detach(other)
        var turns = 0
        owner.atTurn = { _ in
            turns += 1
            if turns == 1 { host.loop.post {} }
            if turns == 2 { host.stop() }
        }
        host.run()
        #expect(turns >= 2)
        #expect(other.events == [])
        #expect(host.loop.liveHandles == 0)
    }

    @Test("A signal arrives on the loop and is followed by the end of a turn.")
    func receivesSignals() throws {
        let host = try UVHost()
        let owner = Clockwatcher()
        _ = host.attach(owner)
        var arrived = false
        host.onSignal(SIGWINCH) { arrived = true }
        owner.atTurn = { _ in if arrived { host.stop() } }
        kill(getpid(), SIGWINCH)
        host.run()
        #expect(arrived)
    }

    @Test("A busy address has an error of its own that names the address, and nothing stays open.")
    func reportsABusyAddress() throws {
        let host = try UVHost()
        let owner = TestOwner(Board(Seen()))
        let first = try host.listen(on: "ws://127.0.0.1:0", owner: owner)
        let busy = try Endpoint(first.address, for: .listening)
        let handles = host.loop.liveHandles
        let error = #expect(throws: ListenError.self) { try host.listen(on: busy, owner: owner) }
        #expect(error == .addressInUse(busy))
        #expect("\(try #require(error))".contains(first.address))
        #expect(host.loop.liveHandles == handles)
        first.close()
        host.finish()
    }
}

@Suite struct DeadlineWheelTests {
    private func milliseconds(_ n: UInt64) -> Instant { Instant(nanoseconds: n * 1_000_000) }

    private func due(_ wheel: inout DeadlineWheel, at now: Instant) -> [Int] {
        var all: [Int] = []
        while let index = wheel.takeDue(at: now) { all.append(index) }
        return all.sorted()
    }

    @Test("Nothing is due before its deadline, and everything is due within a tick after it.")
    func comesDueInTime() {
        var wheel = DeadlineWheel(tick: .milliseconds(10), buckets: 64)
        for index in 0..<50 { wheel.set(index, milliseconds(UInt64(index) * 7), at: .zero) }
        var seen: Set<Int> = []
        for now in stride(from: UInt64(0), through: 400, by: 3) {
            for index in due(&wheel, at: milliseconds(now)) {
                #expect(UInt64(index) * 7 <= now)
                #expect(now < UInt64(index) * 7 + 10 + 3)
                #expect(seen.insert(index).inserted)
            }
        }
        #expect(seen.count == 50)
        #expect(wheel.count == 0)
        #expect(wheel.next == .never)
    }

    @Test("A deadline can be moved and cancelled; the others keep their order.")
    func moves() {
        var wheel = DeadlineWheel(tick: .milliseconds(10), buckets: 64)
        for index in 0..<4 { wheel.set(index, milliseconds(100), at: .zero) }
        wheel.set(1, milliseconds(300), at: .zero)
        wheel.set(2, .never, at: .zero)
        wheel.remove(2)
        wheel.remove(99)
        #expect(wheel.count == 3)
        #expect(wheel.next == milliseconds(100))
        #expect(due(&wheel, at: milliseconds(100)) == [0, 3])
        #expect(wheel.next == milliseconds(300))
        wheel.set(1, milliseconds(150), at: milliseconds(100))
        #expect(due(&wheel, at: milliseconds(149)) == [])
        #expect(due(&wheel, at: milliseconds(150)) == [1])
    }

    @Test("A deadline beyond the horizon is reported at the horizon, to be set again; after a long pause everything is due once.")
    func reachesBeyondTheHorizon() {
        var wheel = DeadlineWheel(tick: .milliseconds(10), buckets: 8)
        wheel.set(0, milliseconds(1_000), at: .zero)
        #expect(due(&wheel, at: milliseconds(60)) == [])
        #expect(due(&wheel, at: milliseconds(70)) == [0])
        wheel.set(0, milliseconds(1_000), at: milliseconds(70))
        wheel.set(1, milliseconds(80), at: milliseconds(70))
        #expect(due(&wheel, at: milliseconds(1_000_000)) == [0, 1])
        wheel.set(0, milliseconds(1_000_050), at: milliseconds(1_000_000))
        #expect(due(&wheel, at: milliseconds(1_000_040)) == [])
        #expect(due(&wheel, at: milliseconds(1_000_050)) == [0])
    }

    @Test("After a long pause an empty wheel works like a new one.")
    func wakesFromStandstill() {
        var wheel = DeadlineWheel(tick: .milliseconds(10), buckets: 8)
        wheel.set(5, milliseconds(90_050), at: milliseconds(90_000))
        #expect(wheel.next == milliseconds(90_050))
        #expect(due(&wheel, at: milliseconds(90_049)) == [])
        #expect(due(&wheel, at: milliseconds(90_050)) == [5])
    }
}
