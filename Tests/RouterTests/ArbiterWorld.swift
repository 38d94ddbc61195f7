// A world of devices and sessions for an arbiter alone, driven by a seed: devices lag, refuse and answer late.
// Must not use the router core: it shows that the arbiter alone keeps its promises.

import Buttplug
import Host

@testable import Router

/// Numbers from a seed.
struct SeededNumbers: RandomNumberGenerator {
    private var numbers: SplitMix
    init(seed: UInt64) { numbers = SplitMix(seed: seed) }
    mutating func next() -> UInt64 { numbers.next() }
    mutating func below(_ n: Int) -> Int { Int(next() % UInt64(n)) }
    mutating func happens(_ percent: Int) -> Bool { below(100) < percent }
}

struct ArbiterWorld: ~Copyable {
    struct Landing {
        var at: UInt64
        var write: DeviceWrite
        var ok: Bool
    }

    var arbiter: Arbiter
    var effects = ArbiterEffects()
    var numbers: SeededNumbers
    var milliseconds: UInt64 = 1_000
    var landings: [Landing] = []
    /// Command id → number of its answers.
    var answers: [Int] = []
    var open: [UInt32] = []
    var nextSlot: UInt32 = 0
    /// The real values of the devices: feature by type.
    var values: [[Int32]]
    var isCalm = false
    var settings: ArbitrationSettings
    var problems: [String] = []
    let features: [Feature] = [
        Feature(index: 0, outputs: [OutputRange(.vibrate, steps: 100)]),
        Feature(index: 1, outputs: [OutputRange(.vibrate, steps: 100), OutputRange(.rotate, steps: 100, isSigned: true)]),
        Feature(index: 2, outputs: [OutputRange(.oscillate, steps: 20), OutputRange(.hwPositionWithDuration, steps: 1_000)]),
        Feature(index: 3, outputs: [OutputRange(.constrict, steps: 3)]),
    ]

    init(seed: UInt64, settings: ArbitrationSettings, gap: UInt32) {
        self.settings = settings
        arbiter = Arbiter(settings)
        numbers = SeededNumbers(seed: seed)
        values = features.map { _ in [Int32](repeating: 77, count: 9) }
        let info = DeviceInfo(
            index: 0, description: DeviceDescription(identity: "d", name: "D", messageGapMilliseconds: gap, features: features))
        arbiter.deviceAppeared(info, backend: 0, handle: 0, at: now)
        finishTurn()
    }

    var now: Instant { Instant(nanoseconds: milliseconds * 1_000_000) }

    /// One random event, then the end of the turn.
    mutating func step() {
        switch numbers.below(20) {
        case 0 where open.count < 6: openSession()
        case 1 where !open.isEmpty: endSession(open.remove(at: numbers.below(open.count)))
        case 2 where !open.isEmpty: stop(open[numbers.below(open.count)])
        case 3: operatorChanges()
        case 4...16 where !open.isEmpty: command(open[numbers.below(open.count)])
        default: advance(by: UInt64(numbers.below(400)))
        }
        finishTurn()
        checkLanes()
    }

    private mutating func openSession() {
        arbiter.sessionOpened(LinkID(slot: nextSlot, generation: 0), rights: randomRights())
        open.append(nextSlot)
        nextSlot += 1
    }

    private mutating func randomRights() -> Rights {
        var rights = Rights()
        rights.priority = [50, 100, 100, 100, 150][numbers.below(5)]
        rights.gain = Fraction([1, 1, 0.5, 0.07][numbers.below(4)])
        rights.cap = Fraction([1, 1, 0.6, 0.1][numbers.below(4)])
        rights.mute = numbers.happens(5)
        if numbers.happens(5) { rights.stopScope = .global }
        return rights
    }

    mutating func endSession(_ slot: UInt32) { arbiter.sessionEnded(slot: slot, at: now, into: &effects) }

    private mutating func stop(_ slot: UInt32) {
        arbiter.stop(slot, StopTarget(), denied: { _ in false }, at: now, into: &effects)
    }

    /// The operator changes something: this must start or raise nothing.
    private mutating func operatorChanges() {
        var before: [Wanted] = []
        for lane in arbiter.lanes.indices { before.append(arbiter.lanes[lane].wanted) }
        switch numbers.below(6) {
        case 0...2 where !open.isEmpty:
            arbiter.rightsChanged(slot: open[numbers.below(open.count)], to: randomRights(), at: now, into: &effects)
        case 3:
            settings.lanes = settings.lanes.filter { $0.mix != nil }
            var rule = settings.lanes.first ?? LaneRule()
            rule.ceiling = Fraction([1, 0.5, 0.2, 0][numbers.below(4)])
            rule.slew = [nil, nil, Fraction(1), Fraction(0.1)][numbers.below(4)]
            settings.lanes = [rule]
            arbiter.settingsChanged(settings, at: now, into: &effects)
        case 4:
            if arbiter.isStopped {
                arbiter.clearEmergencyStop(into: &effects)
            } else if numbers.happens(30) {
                arbiter.raiseEmergencyStop(at: now, into: &effects)
            }
        default:
            if numbers.happens(30) {
                arbiter.raiseMask(holder: "m", level: 120, releasesOnLoss: false, at: now, into: &effects)
            } else {
                arbiter.clearMask(holder: "m", at: now, into: &effects)
            }
        }
        for lane in arbiter.lanes.indices where before[lane].rises(to: arbiter.lanes[lane].wanted) {
            problems.append("\(milliseconds): lane \(lane) rose by the operator from \(before[lane]) to \(arbiter.lanes[lane].wanted)")
        }
    }

    private mutating func command(_ slot: UInt32) {
        let feature = features[numbers.below(features.count)]
        let output = feature.outputs[numbers.below(feature.outputs.count)]
        let low = output.isSigned ? -output.steps : 0
        let value = numbers.happens(25) ? 0 : low + Int32(numbers.below(Int(output.steps - low) + 1))
        let id = answers.count
        answers.append(0)
        let lane = arbiter.lane(device: 0, feature: feature.index)!
        let verdict = arbiter.command(
            Order(
                output.type, value, duration: output.type.isMove ? UInt32(numbers.below(1_000)) : 0,
                from: ReplyTo(session: slot, generation: 0, id: UInt32(id))), on: lane, at: now, into: &effects)
        if verdict != .waits { answers[id] += 1 }
    }

    /// Lets time pass, with every deadline and answer that becomes due.
    mutating func advance(by span: UInt64) {
        let target = milliseconds + span
        while true {
            var next = target
            for landing in landings { next = min(next, landing.at) }
            if arbiter.deadline != .never { next = min(next, (arbiter.deadline.nanoseconds + 999_999) / 1_000_000) }
            milliseconds = max(milliseconds, next)
            let due = landings.filter { $0.at <= milliseconds }
            landings.removeAll { $0.at <= milliseconds }
            for landing in due { land(landing) }
            if arbiter.deadline <= now { arbiter.deadlinePassed(at: now, into: &effects) }
            finishTurn()
            if milliseconds >= target, due.isEmpty { return }
        }
    }

    private mutating func land(_ landing: Landing) {
        if landing.ok { values[Int(landing.write.feature)][Int(landing.write.type.rawValue)] = landing.write.value }
        arbiter.answered(ticket: landing.write.ticket, landing.ok ? .done : .refused, at: now, into: &effects)
    }

    mutating func finishTurn() {
        while true {
            arbiter.appendDueWrites(at: now, into: &effects)
            for index in effects.replies.indices { answers[Int(effects.replies[index].to.id)] += 1 }
            effects.replies.removeAll()
            effects.events.removeAll()
            guard !effects.writes.isEmpty else { return }
            let writes = effects.writes.withUnsafeBufferPointer { Array($0) }
            effects.writes.removeAll()
            for write in writes {
                checkWrite(write)
                let latency = isCalm ? 0 : [0, 0, 5, 40, 300, numbers.happens(10) ? 2_600 : 20][numbers.below(6)]
                landings.append(
                    Landing(at: milliseconds + UInt64(latency), write: write, ok: isCalm || !numbers.happens(8)))
            }
            let due = landings.filter { $0.at <= milliseconds }
            landings.removeAll { $0.at <= milliseconds }
            for landing in due { land(landing) }
        }
    }

    /// No write is above the lane's highest contribution of that type.
    private mutating func checkWrite(_ write: DeviceWrite) {
        guard write.type.isHeld, write.value != 0 else { return }
        let lane = arbiter.lane(device: 0, feature: write.feature)!.index
        let strongest = arbiter.lanes[lane].contributions.strongest(write.type, backward: write.value < 0)
        let limit = arbiter.lanes[lane].traits.ceilings[Int(write.type.rawValue)]
        if abs(write.value) > min(strongest, limit) { problems.append("\(milliseconds): \(write) passes \(strongest)") }
    }

    /// Rest is empty, and the shortcut agrees with the fold.
    private mutating func checkLanes() {
        for lane in arbiter.lanes.indices {
            let wanted = arbiter.lanes[lane].wanted
            if wanted.isRest != arbiter.lanes[lane].contributions.isEmpty {
                problems.append("\(milliseconds): lane \(lane) rest is not empty")
            }
            guard !arbiter.lanes[lane].freeze.isActive, !wanted.isRest else { continue }
            let winner = arbiter.lanes[lane].contributions.winner
            let context = FoldContext(before: wanted, incumbent: arbiter.lanes[lane].contributions[winner].session)
            let choice = Fold.choice(of: arbiter.lanes[lane].contributions.all, context)
            let rule = arbiter.lanes[lane].traits.mixRule(of: choice.type)
            let folded = Fold.evaluate(arbiter.lanes[lane].contributions.all, choice, rule, context)
            if folded.wanted != wanted { problems.append("\(milliseconds): lane \(lane) wants \(wanted), fold says \(folded.wanted)") }
        }
    }

    /// All sessions leave and devices answer well; returns the devices' final values.
    mutating func settle() {
        isCalm = true
        advance(by: 20_000)
        for lane in arbiter.lanes.indices { checkSettled(lane) }
        while let slot = open.popLast() { endSession(slot) }
        finishTurn()
        advance(by: 20_000)
        for lane in arbiter.lanes.indices { checkSettled(lane) }
    }

    private mutating func checkSettled(_ lane: Int) {
        let wanted = arbiter.lanes[lane].wanted
        for output in features[lane].outputs where output.type.isHeld {
            let expected = wanted.type == output.type ? wanted.value : 0
            let actual = values[lane][Int(output.type.rawValue)]
            if actual != expected { problems.append("feature \(lane) \(output.type) does \(actual), wanted \(expected)") }
        }
        if !arbiter.isSettled { problems.append("not settled") }
    }
}
