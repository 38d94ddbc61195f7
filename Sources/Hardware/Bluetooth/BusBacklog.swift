// Bytes for the bus that its wire has not taken. They leave when it takes bytes again, in order.
// Must not know what they say.

struct BusBacklog {
    /// What was handed to the wire in the present flush, and how long each run was.
    private var handed: [UInt8] = []
    private var runs: [Int] = []
    private var refusals = 0
    private(set) var waiting: [UInt8] = []
    private(set) var isBlocked = false

    /// A bus that reads nothing for so long is of no use.
    static let bytesMax = 1 << 20

    mutating func reset() { self = BusBacklog() }

    /// A new flush begins: what was handed before has been taken, or refused.
    mutating func begin() {
        if refusals > 0 {
            // Refused are the last ones: after one refusal the wire takes nothing in the same flush.
            waiting += handed.suffix(runs.suffix(refusals).reduce(0, +))
            refusals = 0
        }
        handed.removeAll(keepingCapacity: true)
        runs.removeAll(keepingCapacity: true)
    }

    mutating func hand(_ bytes: [UInt8]) {
        handed += bytes
        runs.append(bytes.count)
    }

    mutating func keep(_ bytes: [UInt8]) { waiting += bytes }

    mutating func refused() {
        refusals += 1
        isBlocked = true
    }

    mutating func drained() { isBlocked = false }

    mutating func takeWaiting() -> [UInt8] {
        defer { waiting = [] }
        return waiting
    }
}
