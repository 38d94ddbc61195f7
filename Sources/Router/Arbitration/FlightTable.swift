// Every write that a backend has not answered, oldest first.
// Must not know lanes; it finds a write by its ticket and says which one is due to be given up.

import Buttplug
import Host

/// A write on its way to a device.
struct Flight {
    var lane: Int32
    var type: OutputType
    var value: Int32
    var reply: WaitingReply?
    var issuedAt: Instant
    /// Given up; only a late answer is still of interest.
    var isLate = false
    fileprivate var isFree = false
    fileprivate var generation: UInt32
    fileprivate var older: Int32 = -1
    fileprivate var newer: Int32 = -1

    fileprivate init(_ write: NextWrite, from lane: Int, at now: Instant, _ generation: UInt32) {
        self.lane = Int32(truncatingIfNeeded: lane)
        type = write.type
        value = write.value
        reply = write.reply
        issuedAt = now
        self.generation = generation
    }
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
    var oldestIndex: Int32 { oldest }

    subscript(index: Int32) -> Flight { flights[Int(index)] }

    /// Adds a write; the ticket names it until it is removed.
    @inline(__always)
    mutating func add(_ write: NextWrite, from lane: Int, at now: Instant) -> (index: Int32, ticket: UInt32) {
        var index = free
        if index >= 0 {
            let generation = flights[Int(index)].generation
            // Free entries are a list by `newer`.
            free = flights[Int(index)].newer
            flights[Int(index)] = Flight(write, from: lane, at: now, generation)
        } else {
            index = Int32(flights.append(Flight(write, from: lane, at: now, 1)))
        }
        flights[Int(index)].older = newest
        if newest >= 0 { flights[Int(newest)].newer = index } else { oldest = index }
        newest = index
        count &+= 1
        return (index, UInt32(index) &<< Self.generationBits | flights[Int(index)].generation)
    }

    /// The index that belongs to a ticket, or nil when that write is over.
    func index(of ticket: UInt32) -> Int32? {
        let index = Int(ticket &>> Self.generationBits)
        guard index < flights.count else { return nil }
        let generation = flights[index].generation
        return !flights[index].isFree && generation == ticket & ((1 &<< Self.generationBits) &- 1) ? Int32(index) : nil
    }

    /// Stops waiting for a write but keeps it, for a late answer.
    mutating func giveUp(_ index: Int32) {
        unlink(index)
        flights[Int(index)].isLate = true
        flights[Int(index)].reply = nil
    }

    /// Ends a write.
    mutating func remove(_ index: Int32) {
        if !flights[Int(index)].isLate { unlink(index) }
        flights[Int(index)].isFree = true
        let next = flights[Int(index)].generation &+ 1
        flights[Int(index)].generation = next >= 1 &<< Self.generationBits ? 1 : next
        flights[Int(index)].newer = free
        free = index
    }

    /// Ends all writes of one lane, late ones too. `body` sees those still waited for, oldest first.
    mutating func removeAll(of lane: Int, _ body: (Flight) -> Void) {
        var index = oldest
        while index >= 0 {
            let next = flights[Int(index)].newer
            if Int(flights[Int(index)].lane) == lane {
                body(flights[Int(index)])
                remove(index)
            }
            index = next
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

    private mutating func unlink(_ index: Int32) {
        let (older, newer) = (flights[Int(index)].older, flights[Int(index)].newer)
        if older >= 0 { flights[Int(older)].newer = newer } else { oldest = newer }
        if newer >= 0 { flights[Int(newer)].older = older } else { newest = older }
        flights[Int(index)].older = -1
        flights[Int(index)].newer = -1
        count &-= 1
    }
}
