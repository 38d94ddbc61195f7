// Turns, gaps, retries and limits of an arbiter alone, one case each (`arbitration.md` §7).

import Buttplug
import Host
import Testing

@testable import Router

@Suite struct ArbiterPacingTests {
    /// An arbiter alone with one device; every write is answered as `answers` says.
    struct Bench: ~Copyable {
        var arbiter: Arbiter
        var effects = ArbiterEffects()
        var milliseconds: UInt64 = 10_000
        /// "feature.type=value", in order.
        var written: [String] = []
        var settled: [UInt32] = []
        var refuses = false
        var lags = false
        var tickets: [UInt32] = []

        init(_ features: [Feature], gap: UInt32, gathers: Bool = false, settings: ArbitrationSettings = ArbitrationSettings()) {
            arbiter = Arbiter(settings)
            var description = DeviceDescription(identity: "d", name: "D", messageGapMilliseconds: gap, features: features)
            description.gathersWrites = gathers
            arbiter.deviceAppeared(DeviceInfo(index: 0, description: description), backend: 0, handle: 0, at: .zero)
            arbiter.sessionOpened(LinkID(slot: 0, generation: 0), rights: Rights())
            arbiter.sessionOpened(LinkID(slot: 1, generation: 0), rights: Rights())
            advance(by: 1_000)
            written = []
        }

        var now: Instant { Instant(nanoseconds: milliseconds * 1_000_000) }

        mutating func command(_ session: UInt32, _ feature: UInt32, _ type: OutputType, _ value: Int32, id: UInt32) {
            let lane = arbiter.lane(device: 0, feature: feature)!
            let reply = ReplyTo(session: session, generation: 0, id: id)
            let verdict = arbiter.command(Order(type, value, from: reply), on: lane, at: now, into: &effects)
            if verdict != .waits { settled.append(id) }
            finishTurn()
        }

        mutating func finishTurn() {
            while true {
                arbiter.appendDueWrites(at: now, into: &effects)
                for index in effects.replies.indices { settled.append(effects.replies[index].to.id) }
                effects.replies.removeAll()
                guard !effects.writes.isEmpty, written.count < 1_000 else { return }
                let writes = effects.writes.withUnsafeBufferPointer { Array($0) }
                effects.writes.removeAll()
                for write in writes {
                    written.append("\(write.feature).\(write.type)=\(write.value)")
                    if lags { tickets.append(write.ticket) } else { answer(write.ticket, !refuses) }
                }
            }
        }

        mutating func answer(_ ticket: UInt32, _ ok: Bool) {
            arbiter.answered(ticket: ticket, ok ? .done : .refused, at: now, into: &effects)
        }

        mutating func advance(by span: UInt64) {
            let end = milliseconds + span
            finishTurn()
            while arbiter.deadline != .never, arbiter.deadline.nanoseconds <= end * 1_000_000 {
                milliseconds = max(milliseconds, (arbiter.deadline.nanoseconds + 999_999) / 1_000_000)
                arbiter.deadlinePassed(at: now, into: &effects)
                finishTurn()
            }
            milliseconds = end
        }
    }

    static func motors(_ count: UInt32) -> [Feature] {
        (0..<count).map { Feature(index: $0, outputs: [OutputRange(.vibrate, steps: 100)]) }
    }

    @Test("A lane gets its turn also when the lane before it owes nothing any more at the end of the gap")
    func turnsAfterNothingOwed() {
        var bench = Bench(Self.motors(2), gap: 500)
        bench.command(0, 0, .vibrate, 65, id: 1)
        bench.command(0, 1, .vibrate, 70, id: 2)
        bench.command(0, 0, .vibrate, 30, id: 3)
        bench.command(0, 1, .vibrate, 0, id: 4)
        bench.advance(by: 3_000)
        let written = bench.written
        #expect(written.last == "0.vibrate=30")
        let settled = bench.settled
        #expect(settled.sorted() == [1, 2, 3, 4])
    }

    @Test("Refused zeros of two types wait longer and longer, and are never repeated without end in one turn")
    func refusedZerosBackOff() {
        let feature = Feature(index: 0, outputs: [OutputRange(.vibrate, steps: 100), OutputRange(.rotate, steps: 100, isSigned: true)])
        var bench = Bench([feature], gap: 0)
        bench.command(0, 0, .vibrate, 50, id: 1)
        bench.refuses = true
        bench.command(0, 0, .rotate, 20, id: 2)
        bench.command(0, 0, .rotate, 0, id: 3)
        bench.advance(by: 3_000)
        let attempts = bench.written.count
        #expect(attempts < 20)
        bench.refuses = false
        bench.advance(by: 3_000)
        let isSettled = bench.arbiter.isSettled
        #expect(isSettled)
        let written = bench.written
        #expect(written.contains("0.vibrate=0"))
    }

    @Test(
        "A command that waits for a zero that is not answered, or refused again and again, is refused and not carried out later",
        arguments: [OutputType.position, .rotate], [false, true])
    func waitingAfterZero(_ type: OutputType, _ refuses: Bool) {
        let outputs = [OutputRange(.vibrate, steps: 100), OutputRange(.rotate, steps: 100), OutputRange(.position, steps: 100)]
        var bench = Bench([Feature(index: 0, outputs: outputs)], gap: 0)
        bench.command(0, 0, .vibrate, 50, id: 1)
        bench.refuses = refuses
        bench.lags = !refuses
        bench.command(0, 0, type, 20, id: 2)
        let early = bench.settled
        #expect(early == [1])
        bench.advance(by: 2_001)
        let settled = bench.settled
        #expect(settled == [1, 2])
        bench.refuses = false
        bench.lags = false
        bench.advance(by: 10_000)
        let written = bench.written
        #expect(written.last == "0.vibrate=0")
        #expect(!written.contains("0.\(type)=20"))
    }

    @Test("When a zero is not answered, a value of the same type is not refused with it: it is written next, and has its own answer")
    func valueAfterUnansweredZero() {
        var bench = Bench(Self.motors(1), gap: 0)
        bench.command(0, 0, .vibrate, 50, id: 1)
        bench.lags = true
        bench.command(0, 0, .vibrate, 0, id: 2)
        bench.command(0, 0, .vibrate, 30, id: 3)
        bench.lags = false
        bench.advance(by: 2_001)
        let written = bench.written
        #expect(written == ["0.vibrate=50", "0.vibrate=0", "0.vibrate=30"])
        let settled = bench.settled
        #expect(settled == [1, 2, 3])
    }

    @Test("A move that waits obeys a ceiling that is set meanwhile")
    func waitingMoveIsLimited() {
        var bench = Bench([Feature(index: 0, outputs: [OutputRange(.position, steps: 1_000)])], gap: 2_000)
        bench.command(0, 0, .position, 100, id: 1)
        bench.command(0, 0, .position, 900, id: 2)
        var settings = ArbitrationSettings()
        var rule = LaneRule()
        rule.ceiling = Fraction(0.1)
        settings.lanes = [rule]
        bench.arbiter.settingsChanged(settings, at: bench.now, into: &bench.effects)
        bench.advance(by: 5_000)
        let written = bench.written
        #expect(written.last == "0.position=100")
        let settled = bench.settled
        #expect(settled.sorted() == [1, 2])
    }

    @Test("After a move that is carried out late the held value is written once more")
    func lateMove() {
        let feature = Feature(index: 0, outputs: [OutputRange(.oscillate, steps: 100), OutputRange(.position, steps: 1_000)])
        var bench = Bench([feature], gap: 0)
        bench.lags = true
        bench.command(0, 0, .position, 500, id: 1)
        let late = bench.tickets.removeFirst()
        bench.advance(by: 2_100)
        bench.lags = false
        bench.command(0, 0, .oscillate, 50, id: 2)
        let written = bench.written
        #expect(written.last == "0.oscillate=50")
        bench.written = []
        bench.answer(late, true)
        bench.finishTurn()
        let again = bench.written
        #expect(again == ["0.oscillate=50"])
    }

    @Test(
        "A device that always answers after write_timeout gets its zeros and then no more writes: repeats do not cause repeats",
        arguments: [2_050, 2_100, 2_500, 3_700, 9_000], [0, 100])
    func alwaysLate(latency: Int, gap: Int) {
        let router = TestRouter()
        var description = DeviceDescription.twoMotors()
        description.messageGapMilliseconds = UInt32(gap)
        router.appear(0, description)
        router.advance(1_000)
        router.open("A")
        router.backend.faults[[0, 0]] = ScriptedBackend.Fault(latency: .milliseconds(Int64(latency)))
        router.output("A", 1, 0, 0, "Vibrate", 50)
        router.advance(300)
        router.close("A")
        router.advance(60_000)
        #expect(router.backend.writes.last?.write.value == 0)
        router.forget()
        router.advance(3_600_000)
        #expect(router.backend.writes.isEmpty)
        // It can still be driven, and it still comes to rest.
        router.backend.faults = [:]
        router.open("B")
        router.output("B", 2, 0, 0, "Vibrate", 40)
        router.close("B")
        #expect(router.backend.writes.map { $0.write.value } == [40, 0])
    }

    @Test("A value that was carried out late is followed by another zero, also when late zeros are answered with it")
    func lateTogether() {
        let feature = Feature(index: 0, outputs: [OutputRange(.oscillate, steps: 100), OutputRange(.position, steps: 1_000)])
        var bench = Bench([feature], gap: 0)
        bench.lags = true
        bench.command(0, 0, .position, 500, id: 1)
        let move = bench.tickets.removeFirst()
        bench.advance(by: 3_000)
        bench.command(0, 0, .oscillate, 8, id: 2)
        bench.advance(by: 5_000)
        // The move was carried out late: zeros from now on repeat.
        bench.answer(move, true)
        bench.finishTurn()
        bench.advance(by: 2_100)
        let late = bench.tickets
        #expect(late.count > 2)
        bench.tickets = []
        for ticket in late { bench.answer(ticket, true) }
        bench.finishTurn()
        #expect(bench.tickets.count == 1)
        #expect(bench.written.last == "0.oscillate=0")
        for ticket in bench.tickets { bench.answer(ticket, true) }
        let count = bench.written.count
        bench.advance(by: 600_000)
        #expect(bench.written.count == count)
    }

    @Test("A ramp without any turn for days rises to its value and no further")
    func oldRamp() {
        var settings = ArbitrationSettings()
        var rule = LaneRule()
        rule.slew = Fraction(1)
        settings.lanes = [rule]
        var bench = Bench([Feature(index: 0, outputs: [OutputRange(.vibrate, steps: .max)])], gap: 0, settings: settings)
        bench.command(0, 0, .vibrate, .max, id: 1)
        bench.milliseconds += 1_000_000_000
        bench.arbiter.deadlinePassed(at: bench.now, into: &bench.effects)
        bench.finishTurn()
        let written = bench.written
        #expect(written.last == "0.vibrate=\(Int32.max)")
    }

    @Test("A device that returns with other features uses free lanes before new ones")
    func lanesAreUsedAgain() {
        var bench = Bench(Self.motors(2), gap: 0)
        for round in 0..<50 {
            bench.arbiter.deviceDisappeared(index: 0, into: &bench.effects)
            let description = DeviceDescription(identity: "d", name: "D", features: Self.motors(round % 2 == 0 ? 3 : 2))
            bench.arbiter.deviceAppeared(DeviceInfo(index: 0, description: description), backend: 0, handle: 0, at: bench.now)
            bench.finishTurn()
        }
        let lanes = bench.arbiter.lanes.count
        #expect(lanes == 5)
    }

    @Test("The pause after a global stop applies to a lane whose device leaves and returns meanwhile")
    func holdOffOutlivesTheDevice() {
        var bench = Bench(Self.motors(1), gap: 0)
        var rights = Rights()
        rights.stopScope = .global
        bench.arbiter.rightsChanged(slot: 1, to: rights, at: bench.now, into: &bench.effects)
        bench.arbiter.stop(1, StopTarget(), denied: { _ in false }, at: bench.now, into: &bench.effects)
        bench.finishTurn()
        bench.arbiter.deviceDisappeared(index: 0, into: &bench.effects)
        let description = DeviceDescription(identity: "d", name: "D", features: Self.motors(1))
        bench.arbiter.deviceAppeared(DeviceInfo(index: 0, description: description), backend: 0, handle: 0, at: bench.now)
        bench.finishTurn()
        bench.written = []
        bench.command(0, 0, .vibrate, 50, id: 1)
        bench.advance(by: 2_100)
        let held = bench.written
        #expect(held.isEmpty)
        bench.command(0, 0, .vibrate, 50, id: 2)
        let freed = bench.written
        #expect(freed == ["0.vibrate=50"])
    }
}
