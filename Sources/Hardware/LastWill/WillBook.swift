// The router's side of the watchdog: which letters it must have, what it was told of them, when it wants a sign of life, and when it is
// started again. State, not a queue: what was not taken stays owed.
// Pure: events and the time go in, one act after the other comes out. Must not know processes or sockets.

import Host

/// What the watchdog must know, and how much of it was told.
package struct WillBook {
    /// The watchdog's life.
    private enum Life: Hashable {
        /// To be started at this instant. Can turn into: up, absent.
        case absent(until: Instant)
        /// It runs since then. Can turn into: absent.
        case up(since: Instant)
    }

    /// What is to be done now.
    package enum Act: Hashable {
        /// Start the watchdog; `started` or `notStarted` says what came of it.
        case start
        /// Send this message, with a duplicate of a descriptor; `sent` or `blocked` says what came of it.
        case send([UInt8], descriptor: Int32?)
        /// Nothing before this instant, unless something happens.
        case wait(until: Instant)
    }

    /// What the operator should know.
    package enum Trouble: Hashable {
        /// It could not be started.
        case notStarted
        /// It ended. It is started again.
        case lost
        /// It has taken no message for so long that it may not work.
        case silent
        /// More devices than it has slots.
        case noRoom
        /// A letter that is empty or too long.
        case noLetter
        /// A letter's descriptor is closed.
        case notOpen
    }

    private struct Slot {
        /// nil: there is no letter.
        var key: WillKey?
        var letter: [UInt8] = []
        var kind: LetterKind = []
        var descriptor: Int32 = -1
        var isOwed = false
    }

    private var slots: [Slot] = []
    private var life = Life.absent(until: .zero)
    /// The transports that run, one bit each.
    private var running: UInt64 = 0
    private var beatAt = Instant.never
    private var mustBeat = false
    private var blockedSince = Instant.never
    private var blockedUntil = Instant.zero
    private var startPace = Self.pace
    private var toldTroubles: Set<Trouble> = []
    private var troubles: [Trouble] = []
    /// What `next` gave out last, to be marked when it was sent.
    private var sending = Sending.nothing

    private enum Sending: Hashable { case nothing, slot(Int), beat }

    /// The least time between two starts, and the most when none succeeds.
    private static let pace = Interval.seconds(1)
    private static let paceMax = Interval.seconds(30)
    /// One that ran for so long had no trouble with its start.
    private static let steady = Interval.seconds(60)

    package init() {}

    /// Whether any output may run.
    package var anythingRuns: Bool { running != 0 }

    /// Troubles since the last call; each kind once, and again only after a steady time.
    package mutating func takeTroubles() -> [Trouble] {
        defer { troubles = [] }
        return troubles
    }

    // MARK: What transports say

    /// Keeps a letter. False when it cannot be posted, or there is no room for it.
    package mutating func set(_ key: WillKey, _ packets: [[UInt8]], isPaced: Bool = false, _ descriptor: Int32) -> Bool {
        guard let letter = WillMessage.letter(packets) else { return refuse(key, .noLetter) }
        guard descriptor >= 0 else { return refuse(key, .notOpen) }
        guard let slot = index(of: key) ?? freeIndex() else { return refuse(key, .noRoom) }
        let kind: LetterKind = [isPaced ? .paced : [], key.part == 0 ? [] : .further]
        slots[slot] = Slot(key: key, letter: letter, kind: kind, descriptor: descriptor, isOwed: true)
        return true
    }

    /// The letter that it had is wrong now.
    private mutating func refuse(_ key: WillKey, _ trouble: Trouble) -> Bool {
        clear(key)
        tell(trouble)
        return false
    }

    /// Forgets a letter.
    package mutating func clear(_ key: WillKey) {
        guard let slot = index(of: key) else { return }
        slots[slot] = Slot(isOwed: true)
    }

    /// Whether anything of a transport may run.
    @inline(__always)
    package func runs(in transport: UInt8) -> Bool { running >> UInt64(transport) & 1 == 1 }

    /// Notes it.
    package mutating func anythingRuns(_ runs: Bool, in transport: UInt8) {
        if runs { running |= 1 << UInt64(transport) } else { running &= ~(1 << UInt64(transport)) }
        // The last beat of a series waits for its time: outputs that change between zero and more cost one message a second.
        if running != 0, beatAt == .never { mustBeat = true }
    }

    // MARK: What happens to the watchdog

    /// It was started.
    package mutating func started(at now: Instant) {
        life = .up(since: now)
        // A new one knows nothing.
        for slot in slots.indices { slots[slot].isOwed = slots[slot].key != nil }
        mustBeat = running != 0
        beatAt = .never
        blockedSince = .never
        blockedUntil = .zero
    }

    /// It could not be started.
    package mutating func notStarted(at now: Instant) {
        tell(.notStarted)
        startAgain(at: now)
    }

    /// The other end of the socket is gone.
    package mutating func lost(at now: Instant) {
        guard case .up(let since) = life else { return }
        if now >= since + Self.steady {
            startPace = Self.pace
            toldTroubles = []
        }
        tell(.lost)
        if now >= since + startPace { life = .absent(until: now) } else { startAgain(at: now) }
    }

    private mutating func startAgain(at now: Instant) {
        life = .absent(until: now + startPace)
        startPace = min(startPace + startPace, Self.paceMax)
    }

    /// What `Act.send` asked for was taken.
    package mutating func sent(at now: Instant) {
        blockedSince = .never
        switch sending {
        case .slot(let slot): slots[slot].isOwed = false
        case .beat:
            mustBeat = false
            beatAt = running == 0 ? .never : now + WillRules.beatPace
        case .nothing: break
        }
        sending = .nothing
    }

    /// The descriptor that was to go along is not open: there is no such letter.
    package mutating func refused() {
        if case .slot(let slot) = sending { slots[slot] = Slot(isOwed: true) }
        sending = .nothing
        tell(.notOpen)
    }

    /// It takes nothing now; what was to be sent stays owed.
    package mutating func blocked(at now: Instant) {
        sending = .nothing
        blockedUntil = now + WillRules.beatPace
        if blockedSince == .never { blockedSince = now }
        if now >= blockedSince + WillRules.patience { tell(.silent) }
    }

    // MARK: What to do

    /// What is to be done; to be asked after every event until it says `wait`.
    package mutating func next(at now: Instant) -> Act {
        switch life {
        case .absent(let until):
            return now >= until ? .start : .wait(until: until)
        case .up:
            guard now >= blockedUntil else { return .wait(until: blockedUntil) }
            if now >= beatAt { mustBeat = true }
            // Letters go first: a watchdog that counts must have what it is to post.
            if let slot = slots.firstIndex(where: \.isOwed) {
                sending = .slot(slot)
                guard slots[slot].key != nil else { return .send(WillMessage.clear(slot: slot).bytes, descriptor: nil) }
                let one = slots[slot]
                return .send(WillMessage.set(slot: slot, letter: one.letter, one.kind), descriptor: one.descriptor)
            }
            if mustBeat {
                sending = .beat
                return .send(WillMessage.beat(runs: running != 0).bytes, descriptor: nil)
            }
            return .wait(until: beatAt)
        }
    }

    /// The last message to a watchdog whose router ends; nil when something may still run: then the end without a word is right, and the
    /// letters are posted.
    package var farewell: [UInt8]? { running == 0 ? WillMessage.end.bytes : nil }

    // MARK: Slots

    private func index(of key: WillKey) -> Int? { slots.firstIndex { $0.key == key } }

    private mutating func freeIndex() -> Int? {
        if let free = slots.firstIndex(where: { $0.key == nil }) { return free }
        guard slots.count < WillRules.slots else { return nil }
        slots.append(Slot())
        return slots.count - 1
    }

    private mutating func tell(_ trouble: Trouble) {
        if toldTroubles.insert(trouble).inserted { troubles.append(trouble) }
    }
}
