// A world with virtual time: a heap of events, owners with one alarm each, and loop turns like libuv's.
// Must not know Buttplug, WebSocket or who its owners are. Nothing here waits, and nothing happens between two events.

import HeapModule
import Host

/// An object that wants to be woken at an instant of virtual time.
public protocol SimActor: AnyObject {
    /// The instant asked for has come (or has been skipped). `code` is what was given to `wake`.
    func woken(_ code: UInt32, at now: Instant)
}

/// An actor's index in the host's table.
public struct SimActorID: Hashable, Sendable {
    let slot: UInt32
    let generation: UInt32
}

/// A deterministic world. One loop turn: everything that is due is delivered in the order (time, order of asking), then
/// the alarms that are due, then every owner's `turnEnded`. Time does not pass during a turn.
public final class SimHost: Host {
    struct Event: Comparable {
        let time: UInt64
        let sequence: UInt64
        let slot: UInt32
        let generation: UInt32
        let code: UInt32

        static func < (a: Event, b: Event) -> Bool { a.time == b.time ? a.sequence < b.sequence : a.time < b.time }
        static func == (a: Event, b: Event) -> Bool { a.sequence == b.sequence }
    }

    struct Attachment {
        var actor: (any SimActor)?
        var generation: UInt32
    }

    public private(set) var now: Instant
    /// Loop turns so far.
    public private(set) var turns: UInt64 = 0
    /// Events delivered so far.
    public private(set) var events: UInt64 = 0
    /// Called at the end of every turn, when every owner has ended its own.
    public var turnHook: (() -> Void)?
    /// What owners did to their links that the seam forbids; must stay empty. The first hundred are kept.
    public private(set) var complaints: [String] = []
    /// Alarms go off at the next multiple of this, as libuv's timers do with milliseconds; zero for at once.
    public var alarmGranularity = Interval.zero

    /// Who can be dialled.
    public var network = SimNetwork()

    /// More turns without time passing mean an owner that asks for an alarm in the past again and again.
    static let turnsPerInstantMax = 10_000

    private var heap = Heap<Event>()
    private var attachments: [Attachment] = []
    private var freeAttachments: [UInt32] = []
    private var alarms: [SimAlarm] = []
    private var sequence: UInt64 = 0
    private var leap = Interval.zero
    private var turnsAtThisInstant = 0
    private(set) var isEndingTurn = false
    var random: SimRandom

    /// A world that draws its links' random numbers from `seed` and whose clock begins at `start`.
    public init(seed: UInt64 = 0, start: Instant = Instant(nanoseconds: 1_000_000_000)) {
        now = start
        random = SimRandom(seed: seed)
    }

    // MARK: Owners

    public func attach(_ owner: any TurnOwner) -> any Alarm {
        let alarm = SimAlarm(owner)
        alarms.append(alarm)
        return alarm
    }

    public func detach(_ owner: any TurnOwner) {
        for alarm in alarms where alarm.owner === owner { alarm.owner = nil }
        alarms.removeAll { $0.owner == nil }
    }

    // MARK: Events

    /// Gives an actor an index, so that it can be woken. The host keeps it until `dismiss`.
    public func enlist(_ actor: any SimActor) -> SimActorID {
        if let slot = freeAttachments.popLast() {
            attachments[Int(slot)].actor = actor
            return SimActorID(slot: slot, generation: attachments[Int(slot)].generation)
        }
        attachments.append(Attachment(actor: actor, generation: 0))
        return SimActorID(slot: UInt32(attachments.count - 1), generation: 0)
    }

    /// Takes the index away; what the actor still asked for does not happen.
    public func dismiss(_ id: SimActorID) {
        guard attachments[Int(id.slot)].generation == id.generation, attachments[Int(id.slot)].actor != nil else { return }
        attachments[Int(id.slot)].actor = nil
        attachments[Int(id.slot)].generation &+= 1
        freeAttachments.append(id.slot)
    }

    /// Wakes an actor at an instant; one that has passed means the next turn.
    public func wake(_ id: SimActorID, at instant: Instant, code: UInt32 = 0) {
        guard instant != .never else { return }
        sequence &+= 1
        heap.insert(
            Event(
                time: max(instant, now).nanoseconds, sequence: sequence, slot: id.slot, generation: id.generation, code: code))
    }

    /// Does something once, at an instant.
    public func at(_ instant: Instant, _ body: @escaping () -> Void) {
        let once = SimOnce(self, body)
        once.id = enlist(once)
        wake(once.id!, at: instant)
    }

    /// Lets the clock jump forward, as after a suspended machine: at the end of the present turn, or now when there is none.
    /// What was due in between is due in the next turn, all of it, in order.
    public func leap(_ distance: Interval) { leap = leap + distance }

    func complain(_ text: String) {
        if complaints.count < 100 { complaints.append("\(now.nanoseconds) ns: \(text)") }
    }

    // MARK: Turns

    /// The instant of the next turn, or `.never`.
    public var next: Instant {
        var earliest = heap.min.map { Instant(nanoseconds: $0.time) } ?? .never
        for alarm in alarms { earliest = min(earliest, due(alarm)) }
        return max(earliest, now)
    }

    private func due(_ alarm: SimAlarm) -> Instant {
        let step = UInt64(alarmGranularity.nanoseconds)
        guard step > 0, alarm.deadline != .never else { return alarm.deadline }
        let late = alarm.deadline.nanoseconds % step
        return late == 0 ? alarm.deadline : Instant(nanoseconds: alarm.deadline.nanoseconds - late + step)
    }

    /// Runs the next turn, if it comes by `limit`. False when it does not.
    @discardableResult
    public func turn(notAfter limit: Instant = .never) -> Bool {
        if leap > .zero {
            now = now + leap
            leap = .zero
        }
        let instant = next
        guard instant <= limit, instant != .never else { return false }
        turnsAtThisInstant = instant == now ? turnsAtThisInstant + 1 : 0
        now = instant
        if turnsAtThisInstant > Self.turnsPerInstantMax {
            complain("time did not pass for \(turnsAtThisInstant) turns: an owner spins")
            now = now + .milliseconds(1)
        }
        turns &+= 1
        // What is asked for from here on belongs to the next turn, even when it is due at once.
        let last = sequence
        while let event = heap.min, event.time <= now.nanoseconds, event.sequence <= last {
            heap.removeMin()
            let attachment = attachments[Int(event.slot)]
            guard attachment.generation == event.generation, let actor = attachment.actor else { continue }
            events &+= 1
            actor.woken(event.code, at: now)
        }
        for alarm in alarms where due(alarm) <= now {
            alarm.deadline = .never
            alarm.owner?.deadlinePassed(at: now)
        }
        isEndingTurn = true
        for alarm in alarms { alarm.owner?.turnEnded(at: now) }
        isEndingTurn = false
        turnHook?()
        return true
    }

    /// Runs every turn up to and including `limit`, and leaves the clock there.
    public func run(until limit: Instant) {
        while turn(notAfter: limit) {}
        now = max(now, limit)
    }

    /// Runs every turn of the next `span`.
    public func run(for span: Interval) { run(until: now + span) }
}

/// One owner's deadline in a simulated world.
final class SimAlarm: Alarm {
    var owner: (any TurnOwner)?
    var deadline = Instant.never

    init(_ owner: any TurnOwner) { self.owner = owner }

    func set(_ deadline: Instant) { self.deadline = deadline }
}

/// One thing to do, once.
private final class SimOnce: SimActor {
    unowned let host: SimHost
    let body: () -> Void
    var id: SimActorID?

    init(_ host: SimHost, _ body: @escaping () -> Void) {
        self.host = host
        self.body = body
    }

    func woken(_ code: UInt32, at now: Instant) {
        if let id { host.dismiss(id) }
        body()
    }
}
