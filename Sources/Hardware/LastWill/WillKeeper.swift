// The watchdog's side: what the router said, when it said it, and what is to be written where because of that.
// Pure: messages and the time go in, one act after the other comes out. Must not know sockets, processes or devices. After `init` it
// allocates nothing: it must work on a machine that has no memory left.

import Host

/// Keeps the letters and posts them when the router is gone, or is alive and says nothing.
package struct WillKeeper: ~Copyable {
    /// How the watchdog stands to the router.
    private enum Phase: Hashable {
        /// No output runs, so nothing is due. Can turn into: counting, orphaned, over.
        case calm
        /// Outputs run; the next sign of life is due. Can turn into: calm, hung, orphaned, over.
        case counting(until: Instant)
        /// The sign did not come. Can turn into: calm, counting, orphaned, over.
        case hung
        /// The router is gone without a word.
        case orphaned
        /// The router has ended well, or without devices.
        case over
    }

    /// What is to be done now.
    package enum Act: Hashable {
        /// Write these bytes of `letters` to the descriptor, then say what came of it by `wrote`, `blocked` or `refused`.
        case write(Range<Int>, descriptor: Int32)
        /// Tell the router that so many letters were posted.
        case answer(letters: Int)
        /// Nothing before this instant, unless something comes.
        case wait(until: Instant)
        /// The process is not needed any more. `orphaned`: it has done its work, which is worth a line in the log.
        case exit(orphaned: Bool)
    }

    private struct Slot {
        /// -1: there is no letter.
        var descriptor: Int32 = -1
        var length = 0
        var kind: LetterKind = []
        /// How many packets it has, and how many were taken since posting began.
        var packets = 0
        var taken = 0
        /// Where the packet begins that is written next, and how much of it was taken already.
        var next = 0
        var part = 0
        /// The letter was taken as a whole.
        var isPosted = false
    }

    /// The letters, `WillRules.letterBytes` for each slot. Pages that no letter needs are never touched.
    package let letters: UnsafeMutableRawBufferPointer
    private var slots: [Slot]
    private var phase = Phase.calm
    private var start = Instant.never
    /// Rounds of posting that have begun, and which slot is next in the present one; `slots.count` when it is over.
    private var round = WillRules.rounds
    private var slot: Int
    private var mustAnswer = false
    private var wasPutOff = false

    /// A watchdog that is called so much later than it wanted was stopped itself, and knows nothing about the router.
    private static let ownDelay = Interval.milliseconds(500)
    private static let grace = Interval.seconds(1)

    package init() {
        letters = .allocate(byteCount: WillRules.slots * WillRules.letterBytes, alignment: 16)
        slots = Array(repeating: Slot(), count: WillRules.slots)
        slot = WillRules.slots
    }

    deinit { letters.deallocate() }

    // MARK: What happens

    /// A packet came from the router. To be called for all that is there before `next`.
    /// - Returns: A descriptor that is not needed any more.
    package mutating func received(_ bytes: borrowing RawSpan, _ descriptor: Int32?, at now: Instant) -> Int32? {
        switch WillMessage(bytes) {
        case .set(let slot, let letter, let kind):
            guard let descriptor else { return nil }
            let old = slots[slot].descriptor
            let room = UnsafeMutableRawBufferPointer(rebasing: letters[(slot * WillRules.letterBytes)...])
            bytes.withUnsafeBytes { room.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[letter])) }
            slots[slot] = Slot(descriptor: descriptor, length: letter.count, kind: kind)
            countPackets(of: slot)
            return old < 0 ? nil : old
        case .clear(let slot):
            // One that brings a descriptor is malformed.
            guard descriptor == nil else { return descriptor }
            let old = slots[slot].descriptor
            slots[slot] = Slot()
            if slot == self.slot { passOver() }
            return old < 0 ? nil : old
        case .beat(let runs):
            // A router that lives again is not interrupted by later rounds: what it writes now is wanted. The first is finished: some devices
            // are at zero already, and the router learns of them by the answer.
            if phase == .hung, !mustAnswer { endRounds() }
            phase = runs ? .counting(until: now + WillRules.patience) : .calm
            wasPutOff = false
        case .end: phase = .over
        case .posted, nil: break
        }
        return descriptor
    }

    /// The other end of the socket is gone.
    package mutating func ended(at now: Instant) {
        guard phase != .over else { return }
        phase = letterCount == 0 ? .over : .orphaned
        begin(at: now)
    }

    /// What `Act.write` asked for: so many of its bytes were taken.
    package mutating func wrote(_ count: Int) {
        slots[slot].part += count
        let length = packetLength
        guard slots[slot].part >= length else { return passOver() }
        slots[slot].next += 2 + length
        slots[slot].part = 0
        slots[slot].taken += 1
        if slots[slot].kind.contains(.paced) {
            slots[slot].isPosted = slots[slot].taken >= slots[slot].packets
            return passOver()
        }
        guard slots[slot].next >= slots[slot].length else { return }
        slots[slot].next = 0
        slots[slot].isPosted = true
        passOver()
    }

    /// It takes nothing now; the next round tries again.
    package mutating func blocked() { passOver() }

    /// It takes nothing ever again. The next round tries again all the same: that costs nothing.
    package mutating func refused() {
        slots[slot].part = 0
        passOver()
    }

    // MARK: What to do

    /// What is to be done; to be asked until it says `wait` or `exit`.
    package mutating func next(at now: Instant) -> Act {
        if phase == .over { return .exit(orphaned: false) }
        if case .counting(let deadline) = phase, now >= deadline { passDeadline(deadline, at: now) }
        while slot >= slots.count {
            if mustAnswer {
                mustAnswer = false
                if phase != .hung, phase != .orphaned { endRounds() }
                return .answer(letters: postedLetters)
            }
            while round < WillRules.rounds, !isWanted(round) { round += 1 }
            guard round < WillRules.rounds else { break }
            let due = start + WillRules.roundPace * Int64(round)
            guard now >= due else { return .wait(until: due) }
            beginRound()
        }
        if slot < slots.count {
            let base = slot * WillRules.letterBytes + slots[slot].next + 2
            return .write(base + slots[slot].part..<base + packetLength, descriptor: slots[slot].descriptor)
        }
        switch phase {
        case .orphaned: return .exit(orphaned: true)
        case .counting(let deadline): return .wait(until: deadline)
        case .calm, .hung, .over: return .wait(until: .never)
        }
    }

    /// How many devices have letters, and how many of them surely have taken all of theirs since they were set.
    package var letterCount: Int { slots.reduce(0) { $0 + ($1.descriptor < 0 || $1.kind.contains(.further) ? 0 : 1) } }
    package var postedLetters: Int { max(0, letterCount - slots.reduce(0) { $0 + ($1.descriptor < 0 || $1.isPosted ? 0 : 1) }) }

    /// Where letter number `index` of all slots is posted to; negative when it has none.
    package func descriptor(of index: Int) -> Int32 { slots[index].descriptor }

    // MARK: Rounds

    private mutating func passDeadline(_ deadline: Instant, at now: Instant) {
        if now > deadline + Self.ownDelay, !wasPutOff {
            wasPutOff = true
            phase = .counting(until: now + Self.grace)
            return
        }
        phase = .hung
        mustAnswer = true
        begin(at: now)
    }

    private mutating func begin(at now: Instant) {
        start = now
        round = 0
        slot = slots.count
        for index in slots.indices { (slots[index].isPosted, slots[index].taken) = (false, 0) }
        beginRound()
    }

    private mutating func beginRound() {
        round += 1
        slot = -1
        passOver()
    }

    private mutating func endRounds() {
        round = WillRules.rounds
        slot = slots.count
        mustAnswer = false
    }

    /// Whether any letter takes part in a round.
    private func isWanted(_ round: Int) -> Bool {
        WillRules.isWhole(round) || slots.contains { $0.descriptor >= 0 && $0.kind.contains(.paced) }
    }

    /// On to the next slot with a letter that takes part in this round. A packet that was begun is finished first, in a later round;
    /// otherwise a letter begins again, a paced one with the packet whose turn it is.
    private mutating func passOver() {
        let isWhole = WillRules.isWhole(round - 1)
        slot += 1
        while slot < slots.count, slots[slot].descriptor < 0 || !isWhole && !slots[slot].kind.contains(.paced) { slot += 1 }
        guard slot < slots.count, slots[slot].part == 0 else { return }
        slots[slot].next = 0
        guard slots[slot].kind.contains(.paced) else { return }
        for _ in 0..<(round - 1) % slots[slot].packets {
            let length = packetLength
            slots[slot].next += 2 + length
        }
    }

    private mutating func countPackets(of index: Int) {
        var next = index * WillRules.letterBytes
        let end = next + slots[index].length
        while next < end {
            next += 2 + (Int(letters[next]) | Int(letters[next + 1]) << 8)
            slots[index].packets += 1
        }
    }

    private var packetLength: Int {
        let at = slot * WillRules.letterBytes + slots[slot].next
        return Int(letters[at]) | Int(letters[at + 1]) << 8
    }
}
