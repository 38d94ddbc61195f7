// Scans: a vote each, one scan at the devices, and who hears of its end when (`arbitration.md` §9).
// Must not know how a backend scans.

import Buttplug
import Host

extension RouterCore {
    /// Each wish reaches the backends that are not scanning, a repeated one too.
    mutating func startScanning(_ id: UInt32, _ slot: Int, into out: inout Outbox) {
        ok(slot, id, into: &out)
        if votes.vote(UInt32(slot)) { out.news.append(.scanStarted) }
        scanWhereIdle(into: &out)
    }

    /// Asks the backends that have nothing to do to scan.
    mutating func scanWhereIdle(into out: inout Outbox) {
        for backend in votes.takeIdle() { out.requests.append(OutgoingRequest(backend: backend, request: .startScanning)) }
    }

    /// Clients of old wait for the end of the scan that they stop (`protocol.md` §5.4); some fail when they are told of it before.
    mutating func stopScanning(_ id: UInt32, _ slot: Int, into out: inout Outbox) {
        ok(slot, id, into: &out)
        let hadVote = withdrawVote(slot, into: &out)
        if hadVote, sessions.rows[slot].version < .v4 { scanningFinished(slot) }
    }

    @discardableResult
    mutating func withdrawVote(_ slot: Int, into out: inout Outbox) -> Bool {
        withdraw(UInt32(slot), into: &out)
    }

    @discardableResult
    mutating func withdraw(_ voter: UInt32, into out: inout Outbox) -> Bool {
        switch votes.withdraw(voter) {
        case .hadNone: return false
        case .othersRemain: return true
        case .wasLast:
            for backend in 0..<backends { out.requests.append(OutgoingRequest(backend: backend, request: .stopScanning)) }
            out.news.append(.scanEnded)
            return true
        }
    }

    /// What a backend fronts is back: whatever was asked of it before, it has forgotten.
    mutating func returned(backend: Int, into out: inout Outbox) {
        if arbiter.isStopped { out.requests.append(OutgoingRequest(backend: backend, request: .stopOutputs)) }
        if votes.returned(backend: backend) { out.requests.append(OutgoingRequest(backend: backend, request: .startScanning)) }
    }

    /// A scan's end is told after the lists that show what it found.
    private mutating func scanningFinished(_ slot: Int) {
        sessions.rows[slot].scanEndsOwed &+= 1
        scanEndsOwed.append(UInt32(slot))
    }

    /// Every list has been told that could be: tells the ends of scans.
    mutating func tellScanEnds(into out: inout Outbox) {
        guard !owesLists, !scanEndsOwed.isEmpty else { return }
        for slot in scanEndsOwed where !sessions.rows[Int(slot)].owesList { tellScanEnd(Int(slot), into: &out) }
        scanEndsOwed.removeAll(keepingCapacity: true)
    }

    mutating func tellScanEnd(_ slot: Int, into out: inout Outbox) {
        guard sessions.rows[slot].state == .ready else { return }
        while sessions.rows[slot].scanEndsOwed > 0 {
            sessions.rows[slot].scanEndsOwed -= 1
            let start = out.messages.count
            ServerSession.scanningFinished(into: &out.messages)
            out.extend(UInt32(slot), from: start)
        }
    }
}
