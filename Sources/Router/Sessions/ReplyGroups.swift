// One reply for several commands: a legacy message drives many motors and is answered once (`protocol-notes.md` §4).
// Must not know what the commands were; it counts what still waits for a device.

import Host

/// The groups that wait. Their numbers are given to the arbiter in `ReplyTo.group`; 0 is no group.
struct ReplyGroups: ~Copyable {
    struct Group {
        var slot: UInt32
        var waiting: Int32
        /// The first error has been sent, or the group is free.
        var isAnswered: Bool
    }

    private var groups = Slab<Group>()
    private var free: [UInt32] = []

    /// Opens a group. It stays open until `partDone` is called for the request itself, even if devices answer at once.
    mutating func open(_ slot: UInt32) -> UInt32 {
        let group = Group(slot: slot, waiting: 1, isAnswered: false)
        if let number = free.popLast() {
            groups[Int(number) - 1] = group
            return number
        }
        groups.append(group)
        return UInt32(groups.count)
    }

    /// Drops the groups of a session that has ended: nothing of theirs is settled any more.
    mutating func sessionEnded(_ slot: UInt32) {
        guard free.count < groups.count else { return }
        for index in groups.indices where groups[index].slot == slot && groups[index].waiting > 0 {
            groups[index].waiting = 0
            free.append(UInt32(index) + 1)
        }
    }

    /// One command of the group waits for its device.
    mutating func wait(_ number: UInt32) { groups[Int(number) - 1].waiting += 1 }

    /// An error of the group. True when it is the first: it is the reply.
    mutating func fail(_ number: UInt32) -> Bool {
        defer { groups[Int(number) - 1].isAnswered = true }
        return !groups[Int(number) - 1].isAnswered
    }

    func hasFailed(_ number: UInt32) -> Bool { groups[Int(number) - 1].isAnswered }

    /// One command of the group is settled, or (once) all of them have been handed over. True when nothing waits and no error
    /// was sent: the reply is `Ok`.
    mutating func partDone(_ number: UInt32) -> Bool {
        let index = Int(number) - 1
        groups[index].waiting -= 1
        guard groups[index].waiting == 0 else { return false }
        free.append(number)
        return !groups[index].isAnswered
    }
}
