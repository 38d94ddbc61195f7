// The emergency stop goes to the whole cell: a raise needs no link, a clear undoes only what its operator has seen.
// Must not know what a stop does at a router.

import Cluster
import Host

extension MembersCore {
    /// The router here was stopped or cleared, by its operator or by one of its apps.
    /// - Parameter isNew: It was cleared before, within the turn: the raise is one that no clear has seen.
    mutating func emergencyChanged(isRaised: Bool, isNew: Bool = false, at now: Instant) {
        if isRaised {
            // Raising while stopped says the same again.
            if isNew || !latch.isStopped { latch.raise(drawID()) }
            owesRaise = true
        } else {
            latch.clear()
        }
        for peer in peers { tellLatch(to: peer, at: now) }
    }

    /// A member's raise, told to everybody: numbers of 64 bits.
    mutating func raiseCame(_ payload: RawSpan, at now: Instant) {
        guard payload.byteCount > 0, payload.byteCount % 8 == 0, payload.byteCount <= 8 * LatchSet.raisedMax else { return }
        let ids = stride(from: 0, to: payload.byteCount, by: 8).map {
            UInt64(littleEndian: payload.unsafeLoadUnaligned(fromByteOffset: $0, as: UInt64.self))
        }
        merge(raised: ids, cleared: [], isSaidAgain: true)
    }

    /// What a peer's latch record says.
    mutating func latchCame(_ raised: [UInt64], _ cleared: [UInt64]) { merge(raised: raised, cleared: cleared, isSaidAgain: false) }

    private mutating func merge(raised: [UInt64], cleared: [UInt64], isSaidAgain: Bool) {
        let wasStopped = latch.isStopped
        let isNew = latch.merge(raised: raised, cleared: cleared)
        if latch.isStopped, isNew || isSaidAgain { effects.append(.emergency(true)) }
        if wasStopped, !latch.isStopped { effects.append(.emergency(false)) }
    }

    func tellLatch(to peer: MemberPeer, at now: Instant) { peer.put(at: now) { $0.latch(raised: latch.raised, cleared: latch.cleared) } }

    /// The raise as bytes, when it is to be told to everybody.
    mutating func takeRaise() -> [UInt8]? {
        guard owesRaise else { return nil }
        owesRaise = false
        return latch.raised.flatMap { id in (0..<8).map { UInt8(truncatingIfNeeded: id &>> (8 * UInt64($0))) } }
    }
}
