// When a lane is looked at: its alarm, its place among the lanes of its device, and its entry in the list of the present turn.
// Must not know what the lane owes.

import Buttplug
import Host

/// A lane's part of the `Agenda`.
struct LaneSchedule {
    /// Since when the lane owes its device something, as a running number; 0 when it does not. The lowest of a device's lanes is next.
    var owesSince: UInt64 = 0
    /// Whether the lane is in the agenda's list.
    var isListed = false
    /// The earliest instant for which an alarm is set.
    var alarmAt = Instant.never

    /// What stays when the device leaves: list and alarm know the lane still.
    var withoutDebt: LaneSchedule { LaneSchedule(isListed: isListed, alarmAt: alarmAt) }
}
