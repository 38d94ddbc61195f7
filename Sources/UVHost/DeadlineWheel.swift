// Deadlines of thousands of connections in one table: linked lists by coarse tick, so that setting and moving one is O(1) and
// a sleeping program wakes only for ticks that hold something. Must not know what the deadlines are for.

import Host

/// A timing wheel over small indices. An index comes due in the first tick not before its deadline; one that is further away than
/// the wheel's horizon comes due at the horizon, and its owner sets it again.
struct DeadlineWheel: ~Copyable {
    private struct Entry {
        var next: Int32 = -1
        var previous: Int32 = -1
        /// The bucket it is linked in, or -1.
        var bucket: Int32 = -1
    }

    /// Nanoseconds of one tick.
    let tick: UInt64
    private let buckets: UInt64
    private var heads: [Int32]
    private var entries: [Entry] = []
    /// Entries linked in some bucket.
    private(set) var count = 0
    /// The last tick whose bucket was emptied.
    private var done: UInt64 = 0

    init(tick: Interval, buckets: Int = 256) {
        self.tick = UInt64(max(1, tick.nanoseconds))
        self.buckets = UInt64(buckets)
        heads = Array(repeating: -1, count: buckets)
    }

    /// Sets or moves the deadline of `index`; `.never` takes it out.
    mutating func set(_ index: Int, _ deadline: Instant, at now: Instant) {
        // An empty wheel need not be turned through the time in which it was empty.
        if count == 0 { done = max(done, now.nanoseconds / tick) }
        while entries.count <= index { entries.append(Entry()) }
        guard deadline != .never else { return remove(index) }
        let due = deadline.nanoseconds / tick + (deadline.nanoseconds % tick == 0 ? 0 : 1)
        let bucket = Int32(min(max(due, done + 1), done + buckets - 1) % buckets)
        guard entries[index].bucket != bucket else { return }
        remove(index)
        let head = heads[Int(bucket)]
        entries[index] = Entry(next: head, previous: -1, bucket: bucket)
        if head >= 0 { entries[Int(head)].previous = Int32(index) }
        heads[Int(bucket)] = Int32(index)
        count += 1
    }

    /// Forgets the deadline of `index`.
    mutating func remove(_ index: Int) {
        guard index < entries.count else { return }
        let entry = entries[index]
        guard entry.bucket >= 0 else { return }
        if entry.previous >= 0 {
            entries[Int(entry.previous)].next = entry.next
        } else {
            heads[Int(entry.bucket)] = entry.next
        }
        if entry.next >= 0 { entries[Int(entry.next)].previous = entry.previous }
        entries[index] = Entry()
        count -= 1
    }

    /// Gives the memory of indices back; no deadline is set.
    mutating func forgetAll() {
        precondition(count == 0)
        entries = []
    }

    /// Takes out one index whose tick has come, or returns nil when there is none.
    mutating func takeDue(at now: Instant) -> Int? {
        let present = now.nanoseconds / tick
        // After a long sleep every bucket has come once; more rounds would find nothing.
        if present > done + buckets { done = present - buckets }
        while done < present {
            let head = heads[Int((done + 1) % buckets)]
            if head >= 0 {
                remove(Int(head))
                return Int(head)
            }
            done += 1
        }
        return nil
    }

    /// When the next bucket that holds something comes due.
    var next: Instant {
        guard count > 0 else { return .never }
        for step in 1..<buckets where heads[Int((done + step) % buckets)] >= 0 {
            return Instant(nanoseconds: (done + step) * tick)
        }
        return Instant(nanoseconds: (done + buckets) * tick)
    }
}
