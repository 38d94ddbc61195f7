// What all lanes share: the settings in force, running numbers, and which lanes are to be looked at when.
// Must not know what a lane owes.

import Buttplug
import HeapModule
import Host

/// What every verb of a lane gets beside the lane itself.
struct Agenda: ~Copyable {
    var settings: ArbitrationSettings
    /// Running number of accepted commands and changes.
    private var lastNumber: UInt64 = 1
    private var alarms = Heap<LaneAlarm>()
    /// Lanes that may owe their device something, in the order in which they were listed.
    private(set) var due = Slab<LaneIndex>(capacity: 64)

    init(_ settings: ArbitrationSettings) { self.settings = settings }

    /// The next running number.
    mutating func nextNumber() -> UInt64 {
        lastNumber &+= 1
        return lastNumber
    }

    mutating func list(_ lane: LaneIndex) { due.append(lane) }
    mutating func emptyList() { due.removeAll() }

    mutating func wake(_ lane: LaneIndex, at instant: Instant) { alarms.insert(LaneAlarm(at: instant, lane: lane)) }

    /// When the next alarm is due.
    var nextAlarm: Instant { alarms.min?.at ?? .never }

    /// Takes the next alarm that has come.
    mutating func takeAlarm(at now: Instant) -> LaneAlarm? {
        guard let alarm = alarms.min, alarm.at <= now else { return nil }
        return alarms.removeMin()
    }
}

/// A lane to look at, and when.
struct LaneAlarm: Comparable {
    var at: Instant
    var lane: LaneIndex
    static func < (a: LaneAlarm, b: LaneAlarm) -> Bool { a.at != b.at ? a.at < b.at : a.lane.raw < b.lane.raw }
}
