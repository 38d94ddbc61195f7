// Orders for devices that another router arbitrates: who waits for which answer, and which sessions have anything there.
// Must not decide who may order what; `Outputs+Foreign` does.

import Buttplug

/// What a router's sessions have ordered elsewhere. Costs nothing in a router without such devices.
struct ForeignOrders: ~Copyable {
    /// The backend whose devices are arbitrated elsewhere; nil: there is none.
    var backend: Int?
    private var senders: [UInt32: ReplyTo] = [:]
    /// The orders of each session that wait.
    private var openBySession: [UInt32: [UInt32]] = [:]
    private var lastRequest: UInt32 = 0
    /// Slots of sessions that have ordered anything.
    private(set) var drivers: Set<UInt32> = []

    init() {}

    /// A number for an order whose answer goes there. 0 is none.
    mutating func open(_ to: ReplyTo) -> UInt32 {
        repeat { lastRequest &+= 1 } while lastRequest == 0 || senders[lastRequest] != nil
        senders[lastRequest] = to
        openBySession[to.session, default: []].append(lastRequest)
        drivers.insert(to.session)
        return lastRequest
    }

    /// The session is known there from now on.
    mutating func noteDriver(_ session: UInt32) { drivers.insert(session) }

    /// Where the answer goes; nil when nobody waits for it.
    mutating func take(_ request: UInt32) -> ReplyTo? {
        guard let to = senders.removeValue(forKey: request) else { return nil }
        if let place = openBySession[to.session]?.firstIndex(of: request) { openBySession[to.session]?.remove(at: place) }
        return to
    }

    /// How many orders of a session wait for their answers.
    func count(of session: UInt32) -> Int { openBySession[session]?.count ?? 0 }

    /// True when it has ordered anything.
    mutating func sessionEnded(_ session: UInt32) -> Bool {
        guard drivers.remove(session) != nil else { return false }
        for request in openBySession.removeValue(forKey: session) ?? [] { senders[request] = nil }
        return true
    }
}
