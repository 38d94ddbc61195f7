// Who wants a scan: the first vote starts it, the last one gone ends it; every backend that is not scanning meanwhile is asked again.
// Must not know sessions beyond their slot, nor how a backend scans.

import Host

/// The votes for the present scan (`arbitration.md` §9).
public struct ScanVotes {
    /// Slots in the order of their votes.
    private(set) var voters: [UInt32] = []
    /// Backends that have been asked to scan and have not said that they are done.
    private var scanning: [Bool]
    /// When the backends that are done are asked again.
    private(set) var rescanAt = Instant.never

    /// The pause between a backend's end of its scan and the next one, while somebody still wants one: a device that is switched on later
    /// is found too.
    static let pause = Interval.seconds(5)

    /// The operator's vote, in addition to the slots of sessions.
    static let operatorVote = UInt32.max

    init(backends: Int) { scanning = Array(repeating: false, count: backends) }

    /// Whether a scan is going on.
    var isScanning: Bool { !voters.isEmpty }

    /// Counts a vote. True when it is the first.
    mutating func vote(_ slot: UInt32) -> Bool {
        if voters.contains(slot) { return false }
        voters.append(slot)
        return voters.count == 1
    }

    /// What taking back a vote did.
    enum Withdrawal { case hadNone, othersRemain, wasLast }

    mutating func withdraw(_ slot: UInt32) -> Withdrawal {
        guard let index = voters.firstIndex(of: slot) else { return .hadNone }
        voters.remove(at: index)
        guard voters.isEmpty else { return .othersRemain }
        for backend in scanning.indices { scanning[backend] = false }
        rescanAt = .never
        return .wasLast
    }

    /// The backends that have to be asked to scan now; they count as asked.
    mutating func takeIdle() -> [Int] {
        rescanAt = .never
        let idle = scanning.indices.filter { !scanning[$0] }
        for backend in idle { scanning[backend] = true }
        return idle
    }

    /// A backend has nothing more to find. The scan goes on for as long as somebody wants it.
    mutating func finished(backend: Int, at now: Instant) {
        guard isScanning, scanning[backend] else { return }
        scanning[backend] = false
        rescanAt = min(rescanAt, now + Self.pause)
    }

    /// What a backend fronts was away and is back: it knows nothing of what it was asked before. True when it has to be asked.
    mutating func returned(backend: Int) -> Bool {
        scanning[backend] = isScanning
        return isScanning
    }
}
