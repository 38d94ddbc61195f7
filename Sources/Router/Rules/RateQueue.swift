// Commands that wait for a token of their session's `rate_limit`: of each lane the newest.
// Must not know what a command does; it says when one may go on.

import Buttplug
import Host

/// The waiting commands of all sessions.
struct RateQueue {
    /// Slots with commands that wait, in the order in which they began to.
    private(set) var slots: [UInt32] = []
    /// When the next token comes, or earlier.
    private(set) var deadline = Instant.never

    /// Keeps the newest command of a lane, of any type, until there is a token; it takes the turn of the one it replaces.
    mutating func keep(_ command: OutputCommand, _ slot: Int, _ sessions: inout SessionTable) {
        var waiting = sessions.details[slot]!.waiting
        sessions.details[slot]!.waiting = []
        if let index = waiting.firstIndex(where: { $0.device == command.device && $0.feature == command.feature }) {
            waiting[index] = command
        } else {
            if waiting.isEmpty { slots.append(UInt32(slot)) }
            waiting.append(command)
        }
        sessions.details[slot]!.waiting = waiting
        deadline = min(deadline, sessions.details[slot]!.limiter!.nextToken)
    }

    /// Drops commands of a session.
    mutating func forget(_ slot: Int, _ sessions: inout SessionTable, where isMeant: (OutputCommand) -> Bool = { _ in true }) {
        guard sessions.details[slot]?.waiting.isEmpty == false else { return }
        sessions.details[slot]!.waiting.removeAll(where: isMeant)
        if sessions.details[slot]!.waiting.isEmpty { slots.removeAll { $0 == UInt32(slot) } }
    }

    /// Drops commands of everybody.
    mutating func forgetEverywhere(_ sessions: inout SessionTable, where isMeant: (OutputCommand) -> Bool = { _ in true }) {
        for slot in slots { forget(Int(slot), &sessions, where: isMeant) }
    }

    /// Sessions may have other rates, or none: the next round is now.
    mutating func ratesChanged(at now: Instant) { if !slots.isEmpty { deadline = now } }

    /// The session has ended.
    mutating func sessionEnded(_ slot: UInt32) { slots.removeAll { $0 == slot } }

    /// The next command of a session that has a token now.
    mutating func next(_ slot: Int, _ sessions: inout SessionTable, at now: Instant) -> OutputCommand? {
        guard let command = sessions.details[slot]?.waiting.first, sessions.details[slot]!.limiter?.take(at: now) ?? true else {
            return nil
        }
        forget(slot, &sessions) { $0.device == command.device && $0.feature == command.feature }
        return command
    }

    /// Tokens are being spent: finds out again when the next one comes.
    mutating func beginRound() { deadline = .never }

    /// The session has had its turn in the round: notes when its next token comes.
    mutating func noteNextToken(_ slot: Int, _ sessions: borrowing SessionTable) {
        guard let details = sessions.details[slot], !details.waiting.isEmpty, let limiter = details.limiter else { return }
        deadline = min(deadline, limiter.nextToken)
    }
}
