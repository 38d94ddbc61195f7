// When a server has let go of what sessions took, or will not: the bench looks at its process again and again and asks here.
// Must not know processes or clocks. All times are nanoseconds of one clock.

/// Looks at a server that all sessions have left.
struct SettlingCore {
    private let descriptors: Int?
    /// More than this is memory that is not given back.
    private let memoryMax: UInt64
    private let end: UInt64
    private var last: UInt64
    private var changedAt: UInt64

    /// How long a look waits for the next.
    static let stepMilliseconds: UInt64 = 10
    /// A server may keep memory for a while, for the next sessions; what has not changed for so long stays as it is.
    private static let restNanoseconds: UInt64 = 1_500_000_000
    /// The longest wait for anything.
    private static let patienceNanoseconds: UInt64 = 10_000_000_000
    /// The longest wait for a single session's end to be over on the server's side too.
    static let scoutNanoseconds: UInt64 = 100_000_000
    /// Some pages stay with every allocator.
    private static let slackBytes: UInt64 = 512 << 10

    /// - Parameters:
    ///   - descriptors: Before the first session; nil when nobody may count them.
    ///   - residentBytes: Memory before the first session.
    ///   - taken: Memory while the sessions were there.
    init(descriptors: Int?, residentBytes: UInt64, taken: UInt64, at now: UInt64) {
        self.descriptors = descriptors
        // A tenth of what the sessions took is no leak either: it holds parts of pages that are in use.
        memoryMax = residentBytes + (taken - min(taken, residentBytes)) / 10 + Self.slackBytes
        last = taken
        changedAt = now
        end = now + Self.patienceNanoseconds
    }

    /// Waits for descriptors alone.
    init(descriptors: Int?, patience: UInt64, at now: UInt64) {
        self.descriptors = descriptors
        memoryMax = .max
        (last, changedAt) = (0, now)
        end = now + patience
    }

    /// Whether there is nothing more to wait for.
    mutating func saw(_ open: Int?, _ residentBytes: UInt64, at now: UInt64) -> Bool {
        if residentBytes != last { (last, changedAt) = (residentBytes, now) }
        if now >= end { return true }
        if let open, let descriptors, open > descriptors { return false }
        return residentBytes <= memoryMax || now >= changedAt + Self.restNanoseconds
    }
}
