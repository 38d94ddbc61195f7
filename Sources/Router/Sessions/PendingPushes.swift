// What sessions are still owed without having asked in this turn: device lists, and the ends of scans (`arbitration.md` §9).
// Must not know how a version writes a list, nor why the devices have changed.

import Buttplug
import Host

/// The pushes of one router.
struct PendingPushes {
    /// The device table has changed since the lists were sent.
    private(set) var owesLists = false
    /// These devices came to it or left it.
    private var changed = DeviceSet()
    /// Sessions below this slot have been told.
    private var toldUpTo = 0
    /// Devices that have left since the lists were sent.
    private var gone = DeviceSet()
    /// Slots that are owed device lists in the next turn.
    private var listAskers: [UInt32] = []
    /// Slots that are to be told of the end of a scan.
    private var scanEnds: [UInt32] = []

    /// Bytes of messages after which lists wait for the buffer to be sent.
    private static var bufferedBytes: Int { 8 << 20 }

    /// Whether somebody waits for lists without waiting for the link.
    var hasListAskers: Bool { !listAskers.isEmpty }

    // MARK: Changes of the device table

    /// The lists have to be told, to everybody who may see the device.
    mutating func listsChanged(by index: UInt32, isGone: Bool) {
        owesLists = true
        toldUpTo = 0
        changed.insert(index)
        if isGone { gone.insert(index) }
    }

    /// Whether a device has left since the lists were sent.
    func isGone(_ index: UInt32) -> Bool { gone.contains(index) }

    /// Sends device lists, and after them ends of scans.
    mutating func tell(_ tables: inout RouterTables, into out: inout Outbox) {
        pushLists(&tables, into: &out)
        tellScanEnds(&tables, into: &out)
    }

    /// Tells everybody of the devices that came and went in this turn, once. Stops when the buffer has grown large: the runner sends
    /// what there is and calls again.
    mutating func pushLists(_ tables: inout RouterTables, into out: inout Outbox) {
        guard owesLists else { return }
        gone.removeAll()
        var shared: (start: Int, end: Int)?
        while toldUpTo < tables.sessions.rows.count {
            if out.messages.count > Self.bufferedBytes { return }
            let slot = toldUpTo
            toldUpTo += 1
            let row = tables.sessions.rows[slot]
            guard row.state == .ready else { continue }
            if row.hasDenied, changed.isSubset(of: tables.sessions.details[slot]!.denied) { continue }
            if row.isCongested {
                if row.owesList { tables.counters.totals.coalesced &+= 1 }
                tables.sessions.rows[slot].owesList = true
            } else if row.facts.contains(.wholeLists), !row.hasDenied {
                if let shared {
                    out.addRun(UInt32(slot), shared.start, shared.end)
                } else {
                    let start = out.messages.count
                    Self.pushList(slot, &tables, into: &out)
                    shared = (start, out.messages.count)
                }
            } else {
                Self.pushList(slot, &tables, into: &out)
            }
        }
        owesLists = false
        toldUpTo = 0
        changed.removeAll()
    }

    /// Tells one session of the devices it may see now.
    static func pushList(_ slot: Int, _ tables: inout RouterTables, into out: inout Outbox) {
        let view = tables.view(of: slot)
        tables.write(slot, into: &out) { session, messages in session.deviceListChanged(view, into: &messages) }
    }

    // MARK: Lists that were asked for

    /// A list is long and its request short. A client that asks for more than its link holds gets them one by one, as it reads them.
    /// False when the session asks on without reading: it is to be cut off.
    mutating func listWanted(_ id: UInt32, _ slot: Int, _ tables: inout RouterTables, turn: UInt32, into out: inout Outbox) -> Bool {
        if !Self.owes(slot, tables), Self.mayTakeList(slot, tables, turn) {
            Self.answerList(id, slot, &tables, turn: turn, into: &out)
            return true
        }
        guard tables.sessions.details[slot]!.listsOwed.count < tables.settings.limits.pendingRequests else { return false }
        tables.sessions.details[slot]!.listsOwed.append(id)
        if !tables.sessions.rows[slot].isCongested, !listAskers.contains(UInt32(slot)) { listAskers.append(UInt32(slot)) }
        return true
    }

    private static func owes(_ slot: Int, _ tables: borrowing RouterTables) -> Bool {
        tables.sessions.details[slot].map { !$0.listsOwed.isEmpty } ?? false
    }

    /// Whether a session's link takes another list in this turn. The first it always takes, however long that is.
    private static func mayTakeList(_ slot: Int, _ tables: borrowing RouterTables, _ turn: UInt32) -> Bool {
        let row = tables.sessions.rows[slot]
        return !row.isCongested && (row.listTurn != turn || row.listBytes <= tables.settings.limits.queuedBytes * 4)
    }

    private static func answerList(_ id: UInt32, _ slot: Int, _ tables: inout RouterTables, turn: UInt32, into out: inout Outbox) {
        let view = tables.view(of: slot)
        let start = out.messages.count
        tables.write(slot, into: &out) { session, messages in session.deviceList(id, devices: view, into: &messages) }
        if tables.sessions.rows[slot].listTurn != turn {
            tables.sessions.rows[slot].listTurn = turn
            tables.sessions.rows[slot].listBytes = 0
        }
        tables.sessions.rows[slot].listBytes += out.messages.count - start
    }

    /// Answers as many of the lists a session has asked for as its link takes now; the rest is for the next turn, or for its next drain.
    private mutating func answerLists(_ slot: Int, _ tables: inout RouterTables, turn: UInt32, into out: inout Outbox) {
        while Self.owes(slot, tables), Self.mayTakeList(slot, tables, turn) {
            let id = tables.sessions.details[slot]!.listsOwed.removeFirst()
            Self.answerList(id, slot, &tables, turn: turn, into: &out)
        }
        if Self.owes(slot, tables), !tables.sessions.rows[slot].isCongested { listAskers.append(UInt32(slot)) }
    }

    /// Goes on with everybody who waits for lists without waiting for the link.
    mutating func answerListAskers(_ tables: inout RouterTables, turn: UInt32, into out: inout Outbox) {
        let askers = listAskers
        listAskers.removeAll(keepingCapacity: true)
        for slot in askers { answerLists(Int(slot), &tables, turn: turn, into: &out) }
    }

    // MARK: Ends of scans

    /// A scan's end is told after the lists that show what it found.
    mutating func scanEnded(for slot: Int, _ tables: inout RouterTables) {
        tables.sessions.rows[slot].scanEndsOwed &+= 1
        scanEnds.append(UInt32(slot))
    }

    /// Every list has been sent that could be: sends the ends of scans.
    private mutating func tellScanEnds(_ tables: inout RouterTables, into out: inout Outbox) {
        guard !owesLists, !scanEnds.isEmpty else { return }
        for slot in scanEnds where !tables.sessions.rows[Int(slot)].owesList { Self.tellScanEnd(Int(slot), &tables, into: &out) }
        scanEnds.removeAll(keepingCapacity: true)
    }

    private static func tellScanEnd(_ slot: Int, _ tables: inout RouterTables, into out: inout Outbox) {
        guard tables.sessions.rows[slot].state == .ready else { return }
        while tables.sessions.rows[slot].scanEndsOwed > 0 {
            tables.sessions.rows[slot].scanEndsOwed -= 1
            let start = out.messages.count
            ServerSession.scanningFinished(into: &out.messages)
            out.extend(UInt32(slot), from: start)
        }
    }

    // MARK: Congestion

    /// The link of a session takes messages again: what it is owed goes out, the newest only.
    mutating func drained(_ slot: Int, _ tables: inout RouterTables, turn: UInt32, into out: inout Outbox) {
        if tables.sessions.rows[slot].owesList {
            tables.sessions.rows[slot].owesList = false
            Self.pushList(slot, &tables, into: &out)
        }
        answerLists(slot, &tables, turn: turn, into: &out)
        Self.tellScanEnd(slot, &tables, into: &out)
    }
}
