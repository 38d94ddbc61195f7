// Who wants a scan: the first vote starts it, the last one gone stops it, and it is over when every backend says so.
// Must not know sessions beyond their slot, nor how a backend scans.

/// The votes for the present scan (`arbitration.md` §9).
public struct ScanVotes {
    /// Slots in the order of their votes.
    private(set) var voters: [UInt32] = []
    /// Backends that have not reported the end of the present scan.
    private var scanning: [Bool]
    private var remaining = 0

    init(backends: Int) { scanning = Array(repeating: false, count: backends) }

    /// Whether a scan is going on.
    var isScanning: Bool { !voters.isEmpty }

    /// Counts a vote. True when it is the first: the backends have to start.
    mutating func vote(_ slot: UInt32) -> Bool {
        if voters.contains(slot) { return false }
        voters.append(slot)
        guard voters.count == 1 else { return false }
        for i in scanning.indices { scanning[i] = true }
        remaining = scanning.count
        return true
    }

    /// What taking back a vote did.
    enum Withdrawal { case hadNone, othersRemain, wasLast }

    mutating func withdraw(_ slot: UInt32) -> Withdrawal {
        guard let place = voters.firstIndex(of: slot) else { return .hadNone }
        voters.remove(at: place)
        return voters.isEmpty ? .wasLast : .othersRemain
    }

    /// A backend is done. Once all are, everybody who voted hears of it and the votes are used up.
    mutating func finished(backend: Int) -> [UInt32] {
        guard isScanning, scanning.indices.contains(backend), scanning[backend] else { return [] }
        scanning[backend] = false
        remaining -= 1
        guard remaining == 0 else { return [] }
        let heard = voters
        voters = []
        return heard
    }
}
