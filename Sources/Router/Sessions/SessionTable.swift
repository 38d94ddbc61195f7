// The sessions, by slot: a small row that every message needs, and the rest in a second table.
// Must not know JSON or arbitration. A slot is used again only after its turn, so that nobody gets another's messages.

import Buttplug
import Host

/// What every message of a session touches. Plain numbers.
struct SessionRow {
    enum State: UInt8 {
        /// The slot is free. Can turn into: `greeting`.
        case free
        /// Connected, without its handshake. Can turn into: `asking`, `ready`, `ended`.
        case greeting
        /// It has introduced itself and waits for the operator's consent. Can turn into: `ready`, `ended`.
        case asking
        /// Can turn into: `ended`.
        case ready
        /// A session of another member of the cell, which has its conversation there. Can turn into: `ended`.
        case guest
        /// Over; what was sent may still be on its way. Can turn into: `free`.
        case ended

        /// Whether there is a session that has not ended.
        var isOpen: Bool { self != .free && self != .ended }

        /// Whether it may have anything on lanes.
        var mayDrive: Bool { self == .ready || self == .guest }
    }

    var generation: UInt32 = 1
    var state = State.free
    /// What its version makes differ; empty unless the session is `ready`.
    var facts = DialectFacts()
    /// A device is denied to it, its rate is limited, or the router is ending: `Outputs.ruleCheck` is asked before the arbiter.
    var needsRuleCheck = false
    /// Its link takes nothing now: readings and lists wait, the newest only.
    var isCongested = false
    /// A device list waits for the link.
    var owesList = false
    /// The end of its scan is to be told, after the list.
    var scanEndsOwed: UInt16 = 0
    /// Some device is denied to it. Sessions with whole lists to which none is denied share one list.
    var hasDenied = false
    /// Requests that wait for a device's answer.
    var pending: UInt32 = 0
    /// When it opened, then when it asked for consent, then when its last `Ping` or its handshake came.
    var receivedAt = Instant.zero
    /// How long it may go without a `Ping`; zero: without limit.
    var patience = Interval.zero
    /// Bytes of the device lists it was answered in one turn, and in which.
    var listBytes = 0
    var listTurn: UInt32 = 0
}

/// What only some messages of a session touch.
struct SessionDetails {
    var peer: Peer
    var session: ServerSession
    var openedAt: Instant
    /// Its place in the rule table; -1 is the fallback.
    var rule = -1
    var rights = Rights()
    /// What the operator has changed of the rule.
    var patch = SessionPatch()
    var limiter: RateLimiter?
    /// Commands that wait for a rate token, at most one per lane.
    var waiting: [OutputCommand] = []
    /// Devices it may not see.
    var denied = DeviceSet()
    /// The topics it listens to.
    var topics: [TopicNumber] = []
    /// Requests for the device list that wait until the last one has left, by their ids.
    var listsOwed: [UInt32] = []
    /// Readings that wait for the link.
    var waitingReadings = WaitingReadings()
}

/// All sessions. Everything outside asks by `LinkID`, and gets nothing for an id whose session is gone.
struct SessionTable: ~Copyable {
    var rows = Slab<SessionRow>(capacity: 16)
    var details = Slab<SessionDetails?>(capacity: 16)
    private var free: [UInt32] = []
    /// Left in this turn; free from the next on.
    private var left: [UInt32] = []
    private var byAddress: [String: Int] = [:]
    /// How many sessions have shown each token.
    private var byToken: [String: Int] = [:]
    /// Where the generations of new slots begin: after those of slots that were given back.
    private var firstGeneration: UInt32 = 1
    /// Sessions that have not ended.
    private(set) var count = 0

    init() {}

    /// How many sessions come from this address; addresses that are not counted have none.
    func count(from peer: Peer) -> Int { byAddress[peer.address] ?? 0 }

    /// How many sessions have shown the token of this name.
    func count(ofToken name: String) -> Int { byToken[name] ?? 0 }

    /// The sessions that have shown it.
    func slots(ofToken name: String) -> [Int] {
        guard count(ofToken: name) > 0 else { return [] }
        return details.indices.filter { details[$0]?.peer.token == name }
    }

    /// Whether sessions from there are counted: local apps share one address.
    static func isCounted(_ peer: Peer) -> Bool {
        let address = peer.address
        return !(address == "unix" || address == "::1" || address.hasPrefix("127.") || address.hasPrefix("::ffff:127."))
    }

    mutating func open(_ peer: Peer, at now: Instant) -> LinkID {
        let slot: UInt32
        if let known = free.popLast() {
            slot = known
        } else {
            slot = UInt32(rows.append(SessionRow(generation: firstGeneration)))
            details.append(nil)
        }
        let index = Int(slot)
        rows[index] = SessionRow(generation: rows[index].generation, state: .greeting, receivedAt: now)
        details[index] = SessionDetails(peer: peer, session: ServerSession(), openedAt: now)
        count += 1
        if Self.isCounted(peer) { byAddress[peer.address, default: 0] += 1 }
        if let token = peer.token { byToken[token, default: 0] += 1 }
        return LinkID(slot: slot, generation: rows[index].generation)
    }

    /// The slot of a session that has not ended.
    @inline(__always)
    func slot(_ id: LinkID) -> Int? {
        let slot = Int(id.slot)
        guard slot < rows.count, rows[slot].generation == id.generation, rows[slot].state.isOpen else {
            return nil
        }
        return slot
    }

    func id(_ slot: Int) -> LinkID { LinkID(slot: UInt32(slot), generation: rows[slot].generation) }

    /// Whether no other session has come to this one's slot since.
    func isLatest(_ id: LinkID) -> Bool { Int(id.slot) < rows.count && rows[Int(id.slot)].generation == id.generation }

    /// Whether the session that asked is still there and has not ended.
    @inline(__always)
    func isLive(_ slot: UInt32, _ generation: UInt32) -> Bool {
        let index = Int(slot)
        return index < rows.count && rows[index].generation == generation && rows[index].state == .ready
    }

    /// The session is over; its slot is kept until the turn has ended.
    mutating func end(_ slot: Int) {
        guard let peer = details[slot]?.peer else { return }
        rows[slot].state = .ended
        rows[slot].facts = []
        details[slot] = nil
        left.append(UInt32(slot))
        count -= 1
        if Self.isCounted(peer), let others = byAddress[peer.address] { byAddress[peer.address] = others == 1 ? nil : others - 1 }
        if let token = peer.token, let others = byToken[token] { byToken[token] = others == 1 ? nil : others - 1 }
    }

    /// Slots left in this turn may be used again.
    mutating func turnEnded() {
        while let slot = left.popLast() {
            let index = Int(slot)
            rows[index].state = .free
            rows[index].generation &+= 1
            free.append(slot)
        }
    }

    /// Gives back the memory of many sessions that have left. Only when there is no session; true when there was anything to give.
    mutating func giveBack() -> Bool {
        guard count == 0, left.isEmpty, rows.count > 64 else { return false }
        for slot in rows.indices { firstGeneration = max(firstGeneration, rows[slot].generation) }
        rows = Slab(capacity: 16)
        details = Slab(capacity: 16)
        free = []
        byAddress = [:]
        byToken = [:]
        return true
    }
}
