// Scans: a vote each, one scan at the devices, and who is told of its end when (`arbitration.md` §9).
// Must not know how a backend scans.

import Buttplug
import Host

extension RouterCore {
    /// Each request, a repeated one too, reaches the backends that are not scanning.
    mutating func startScanning(_ id: UInt32, _ slot: Int, into out: inout Outbox) {
        out.ok(slot, id)
        if votes.vote(UInt32(slot)) { out.events.append(.scanStarted) }
        scanWhereIdle(into: &out)
    }

    /// Asks the backends that have nothing to do to scan.
    mutating func scanWhereIdle(into out: inout Outbox) {
        for backend in votes.takeIdle() { out.requests.append(OutgoingRequest(backend: backend, request: .startScanning)) }
    }

    /// Old clients wait for the end of the scan that they stop (`protocol-notes.md` §3); some fail when they are told of it before.
    mutating func stopScanning(_ id: UInt32, _ slot: Int, into out: inout Outbox) {
        out.ok(slot, id)
        let hadVote = withdraw(UInt32(slot), into: &out)
        if hadVote, tables.sessions.rows[slot].facts.contains(.confirmsStoppedScans) { pushes.scanEnded(for: slot, &tables) }
    }

    @discardableResult
    mutating func withdraw(_ voter: UInt32, into out: inout Outbox) -> Bool {
        switch votes.withdraw(voter) {
        case .hadNone: return false
        case .othersRemain: return true
        case .wasLast:
            for backend in 0..<backends { out.requests.append(OutgoingRequest(backend: backend, request: .stopScanning)) }
            out.events.append(.scanEnded)
            return true
        }
    }

    /// What a backend fronts is back: it has forgotten everything that was asked of it before.
    mutating func returned(backend: Int, into out: inout Outbox) {
        if outputs.arbiter.isStopped { out.requests.append(OutgoingRequest(backend: backend, request: .stopOutputs)) }
        if votes.returned(backend: backend) { out.requests.append(OutgoingRequest(backend: backend, request: .startScanning)) }
    }
}
