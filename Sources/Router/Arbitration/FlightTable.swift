// Every write that a backend has not answered, oldest first.
// Must not know lanes; it finds a write by its ticket and says which one is due to be given up.

import Buttplug
import Host

/// A write on its way to a device.
struct Flight {
    var lane: Int32
    var type: OutputType
    var value: Int32
    var duration: UInt32
    var reply: WaitingReply?
    var issuedAt: Instant
    /// Given up; only a late answer is still of interest.
    var isLate = false
    fileprivate var isFree = false
    fileprivate var generation: UInt32
    fileprivate var older: Int32 = -1
    fileprivate var newer: Int32 = -1
}

/// The writes in flight. Finding, adding and removing one costs the same however many there are.
struct FlightTable: ~Copyable {
    private var flights = Slab<Flight>(capacity: 64)
    private var free: Int32 = -1
    private var oldest: Int32 = -1
    private var newest: Int32 = -1
    /// Writes not yet answered or given up.
    private(set) var count = 0

    private static var generationBits: UInt32 { 12 }

    /// When the oldest write was issued.
    var oldestIssuedAt: Instant? { oldest < 0 ? nil : flights[Int(oldest)].issuedAt }
    var oldestPlace: Int32 { oldest }

    subscript(place: Int32) -> Flight { flights[Int(place)] }

    /// Adds a write; the ticket names it until it is removed.
    mutating func add(
        lane: Int, type: OutputType, value: Int32, duration: UInt32, reply: WaitingReply?, at now: Instant
    ) -> (place: Int32, ticket: UInt32) {
        var place = free
        if place >= 0 {
            let generation = flights[Int(place)].generation
            free = flights[Int(place)].newer
            flights[Int(place)] = Flight(
                lane: Int32(lane), type: type, value: value, duration: duration, reply: reply, issuedAt: now, generation: generation)
        } else {
            place = Int32(
                flights.append(
                    Flight(lane: Int32(lane), type: type, value: value, duration: duration, reply: reply, issuedAt: now, generation: 1)))
        }
        flights[Int(place)].older = newest
        if newest >= 0 { flights[Int(newest)].newer = place } else { oldest = place }
        newest = place
        count &+= 1
        return (place, UInt32(place) &<< Self.generationBits | flights[Int(place)].generation)
    }

    /// The place a ticket stands for, or nil when that write is over.
    func place(of ticket: UInt32) -> Int32? {
        let place = Int(ticket &>> Self.generationBits)
        guard place < flights.count else { return nil }
        let generation = flights[place].generation
        return !flights[place].isFree && generation == ticket & (1 &<< Self.generationBits &- 1) ? Int32(place) : nil
    }

    /// Stops waiting for a write but keeps it, for a late answer.
    mutating func giveUp(_ place: Int32) {
        unlink(place)
        flights[Int(place)].isLate = true
        flights[Int(place)].reply = nil
    }

    /// Ends a write.
    mutating func remove(_ place: Int32) {
        if !flights[Int(place)].isLate { unlink(place) }
        flights[Int(place)].isFree = true
        let next = flights[Int(place)].generation &+ 1
        flights[Int(place)].generation = next >= 1 &<< Self.generationBits ? 1 : next
        flights[Int(place)].newer = free
        free = place
    }

    /// Ends all writes of one lane, late ones too, oldest first among those still waited for; `body` sees each.
    mutating func removeAll(of lane: Int, _ body: (Flight) -> Void) {
        var place = oldest
        while place >= 0 {
            let next = flights[Int(place)].newer
            if Int(flights[Int(place)].lane) == lane {
                body(flights[Int(place)])
                remove(place)
            }
            place = next
        }
        for late in flights.indices where flights[late].isLate && !flights[late].isFree && Int(flights[late].lane) == lane {
            remove(Int32(late))
        }
    }

    /// Forgets one late write of a lane, so that a device which never answers costs no memory.
    mutating func forgetLate(of lane: Int) {
        for late in flights.indices where flights[late].isLate && !flights[late].isFree && Int(flights[late].lane) == lane {
            remove(Int32(late))
            return
        }
    }

    private mutating func unlink(_ place: Int32) {
        let (older, newer) = (flights[Int(place)].older, flights[Int(place)].newer)
        if older >= 0 { flights[Int(older)].newer = newer } else { oldest = newer }
        if newer >= 0 { flights[Int(newer)].older = older } else { newest = older }
        flights[Int(place)].older = -1
        flights[Int(place)].newer = -1
        count &-= 1
    }
}
