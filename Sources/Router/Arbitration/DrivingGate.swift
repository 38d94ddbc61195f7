// May this session drive this lane now, by rights, masks and stops? (`arbitration.md` §6, §8) Denied devices and rate limits are checked
// before, in `Outputs.ruleCheck`.
// Must not know what drives a lane.

import Buttplug
import Host

/// What may drive: a session as the arbiter sees it.
struct DrivingSession {
    var isOpen = false
    fileprivate(set) var rights = Rights()
    /// Order of opening.
    var seniority: UInt64 = 0
    /// What blocks the session's values: mute or mask. nil: nothing.
    fileprivate(set) var blockedBy: Verdict?
    /// Whether gain and cap leave every value as it is.
    fileprivate var isPlain = true
    /// Whether it has ever held anything: one that has not ends without a look at the lanes.
    var hasDriven = false
    /// Where its contribution was when it was last looked up, by lane number modulo sixteen: an app that drives eight devices of two
    /// outputs does not search.
    var hints = InlineArray<16, UInt16>(repeating: 0)

    /// A value after the session's gain and cap.
    @inline(__always)
    func scaled(_ value: Int32, of steps: Int32) -> Int32 {
        if isPlain { return value }
        let magnitude = min(rights.gain.ceil(of: value < 0 ? -value : value), rights.cap.floor(of: steps))
        return value < 0 ? -magnitude : magnitude
    }
}

/// The operator's mask at a priority: sessions below it drive nothing (`arbitration.md` §2).
private struct Mask {
    var holder: String
    var level: UInt8
    var releasesOnLoss: Bool
}

/// Rights, masks and stops.
struct DrivingGate: ~Copyable {
    var sessions = Slab<DrivingSession>(capacity: 16)
    private var masks: [Mask] = []
    /// The emergency stop is raised; only the operator clears it.
    var isStopped = false
    /// The router is ending: nothing is accepted any more.
    var isEnding = false

    // MARK: The answer

    /// Why the command is refused with an `Error`, or nil. An observer's zero is refused like each of its commands; no other zero is.
    @inline(__always)
    func refusal(of order: Order) -> Verdict? {
        sessions[Int(order.session)].rights.role == .observer ? .deniedObserver : nil
    }

    /// Why a command that is no zero drives nothing now, or nil. It is answered with `Ok`, and nothing of it is kept.
    @inline(__always)
    func obstacle(to session: UInt32, on pauses: LanePauses, at now: Instant) -> Verdict? {
        if isStopped || isEnding { return .stopped }
        if let closed = sessions[Int(session)].blockedBy { return closed }
        return pauses.isHeldOff(at: now) ? .heldOff : nil
    }

    // MARK: Sessions

    /// Whether a session has the slot.
    func isOpen(_ slot: UInt32) -> Bool { Int(slot) < sessions.count && sessions[Int(slot)].isOpen }

    mutating func open(_ slot: UInt32, _ rights: Rights, seniority: UInt64) {
        while sessions.count <= Int(slot) { sessions.append(DrivingSession()) }
        var driver = DrivingSession()
        driver.isOpen = true
        driver.seniority = seniority
        sessions[Int(slot)] = driver
        setRights(slot, rights)
    }

    mutating func end(_ slot: UInt32) {
        sessions[Int(slot)].isOpen = false
        sessions[Int(slot)].blockedBy = .stopped
    }

    /// Releases the memory of sessions; none is open.
    mutating func forgetDrivers() { sessions = Slab(capacity: 16) }

    mutating func setRights(_ slot: UInt32, _ rights: Rights) {
        sessions[Int(slot)].rights = rights
        sessions[Int(slot)].isPlain = rights.gain == .one && rights.cap == .one
        updateBlock(slot)
    }

    // MARK: Masks

    /// Raises a mask; raising it again moves it.
    mutating func raiseMask(_ holder: String, level: UInt8, releasesOnLoss: Bool) {
        masks.removeAll { $0.holder == holder }
        masks.append(Mask(holder: holder, level: level, releasesOnLoss: releasesOnLoss))
        updateAllBlocks()
    }

    mutating func clearMask(_ holder: String) {
        masks.removeAll { $0.holder == holder }
        updateAllBlocks()
    }

    /// The holder is gone: the mask stays, unless it was to be released then.
    mutating func maskHolderLost(_ holder: String) {
        masks.removeAll { $0.holder == holder && $0.releasesOnLoss }
        updateAllBlocks()
    }

    private mutating func updateAllBlocks() {
        for slot in sessions.indices where sessions[slot].isOpen { updateBlock(UInt32(slot)) }
    }

    /// Finds out what blocks the session, if anything does.
    private mutating func updateBlock(_ slot: UInt32) {
        let rights = sessions[Int(slot)].rights
        let level = masks.reduce(UInt8(0)) { max($0, $1.level) }
        sessions[Int(slot)].blockedBy = rights.mute ? .muted : rights.priority < level ? .masked : nil
    }
}
