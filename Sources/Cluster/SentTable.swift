// When each message that is not acknowledged yet was sent, and how many bytes had been sent by then.
// Must not know what follows from that.

import Host

/// A ring of the messages from the last acknowledged one to the last sent one. Number 0 is the beginning of the greeting.
struct SentTable: Sendable {
    struct Entry: Sendable {
        var at: Instant
        /// Bytes of all messages up to and with this one.
        var bytes: UInt64
    }

    private var entries: [Entry]
    /// The number of the oldest entry, and its place.
    private(set) var first: UInt32 = 0
    private var place = 0
    private var count = 1

    /// - Parameter start: When number 0 was sent: the drawing of the nonce.
    init(start: Instant) { entries = [Entry](repeating: Entry(at: start, bytes: 0), count: 16) }

    /// The number of the newest message.
    var last: UInt32 { first &+ UInt32(count - 1) }
    /// Messages without an acknowledgement.
    var openCount: Int { count - 1 }
    var openBytes: UInt64 { self[last].bytes - self[first].bytes }

    /// - Parameter number: One from `first` to `last`.
    subscript(_ number: UInt32) -> Entry { entries[(place + Int(number &- first)) & (entries.count - 1)] }

    /// The next number was sent.
    mutating func append(at now: Instant, bytes: Int) {
        let total = self[last].bytes + UInt64(bytes)
        if count == entries.count { grow() }
        entries[(place + count) & (entries.count - 1)] = Entry(at: now, bytes: total)
        count += 1
    }

    private mutating func grow() {
        entries = (0..<count).map { entries[(place + $0) & (entries.count - 1)] } + entries
        place = 0
    }

    /// Forgets what is older than `number`, which is one from `first` to `last`.
    mutating func acknowledge(_ number: UInt32) {
        let gone = Int(number &- first)
        place = (place + gone) & (entries.count - 1)
        count -= gone
        first = number
    }

    /// Begins again with number 0, and keeps the memory.
    mutating func restart(at start: Instant) {
        (first, place, count) = (0, 0, 1)
        entries[0] = Entry(at: start, bytes: 0)
    }
}
