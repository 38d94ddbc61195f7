// One actuator: who wants what of it, what it was last told, and what it is still owed.
// Must not know sessions' rights. It is made of parts, each with its own state; the other files of this folder are its verbs.

import Buttplug
import Host

/// One lane. All output types of one feature share it.
struct Lane: ~Copyable {
    var traits: LaneTraits
    var pauses = LanePauses()
    var schedule = LaneSchedule()
    var isPresent: Bool
    // What is wanted.
    var contributions = Contributions()
    var leases = LaneLeases()
    var freeze = Freeze()
    var wanted = Wanted.rest
    var level = Level()
    // What waits to be written.
    var queue = LaneQueue()
    var zeros: ZeroDebt
    // What was written.
    var written = LastWrite()
    var flights = LaneFlights()
    var retry = Retry()
    /// The session that was last reported to win; `DeviceWrite.noSession`: nobody.
    var reportedWinner = DeviceWrite.noSession

    /// The lane of a feature that is there. Every held type may run from before.
    init(_ traits: consuming LaneTraits, _ pauses: LanePauses = LanePauses()) {
        zeros = ZeroDebt(mightRun: traits.held)
        isPresent = true
        self.traits = traits
        self.pauses = pauses
    }

    /// The lane of a feature whose device is away.
    init(absent traits: consuming LaneTraits, _ pauses: LanePauses, _ schedule: LaneSchedule) {
        self.init(traits.withoutOutputs(), pauses)
        self.schedule = schedule.withoutDebt
        isPresent = false
    }

    // MARK: What is owed (inlined: otherwise the compiler moves the whole lane out and back for a call)

    /// Types that must be zeroed before anything else.
    @inline(__always)
    var owedZeros: TypeMask { zeros.owed(wanted) }

    /// Whether a write is owed: the level (what `slew` has reached) is not the last value written, or a refresh is due.
    @inline(__always)
    var owesWanted: Bool { !wanted.isRest && (written.type != wanted.type || written.value != level.value || queue.isRefreshOwed) }

    /// Whether a write is owed that a waiting reply can go with: a zero or the wanted value.
    @inline(__always)
    var owesHeld: Bool { owesWanted || !owedZeros.isEmpty }

    @inline(__always)
    var owesAnything: Bool { queue.waitingCommand != nil || owesHeld }

    // MARK: When it is looked at

    /// Puts the lane on the list of those that are looked at when the turn ends.
    @inline(__always)
    mutating func listAsDue(_ agenda: inout Agenda) {
        if schedule.owesSince == 0 { schedule.owesSince = agenda.nextNumber() }
        guard !schedule.isListed else { return }
        schedule.isListed = true
        agenda.list(traits.index)
    }

    /// Asks to be looked at then, unless an earlier alarm does that already.
    mutating func wake(at instant: Instant, _ agenda: inout Agenda) {
        guard instant < schedule.alarmAt else { return }
        schedule.alarmAt = instant
        agenda.wake(traits.index, at: instant)
    }

    /// A lane that owes nothing any more waits for no place in its device's order.
    @inline(__always)
    mutating func endOwingIfSettled() {
        if !owesAnything { schedule.owesSince = 0 }
    }

    /// The move or spray that waits is not written any more.
    mutating func takeBackCommand(into effects: inout ArbiterEffects) {
        if queue.takeBackCommand(into: &effects) { endOwingIfSettled() }
    }
}
