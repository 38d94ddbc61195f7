// What waits for a lane's next write: a move or spray, a reply, a refresh.
// Must not know what is wanted or written.

import Buttplug

/// A reply that waits for the lane's next write.
struct WaitingReply {
    var to: ReplyTo
    /// The command's running number: distinguishes a renewed contribution from the one that was refused.
    var serial: UInt64
}

/// A command that is passed on once: a move or a spray.
struct PassedOn {
    var type: OutputType
    var value: Int32
    var duration: UInt32
    var reply: WaitingReply
}

/// The waiting things of one lane.
struct LaneQueue {
    var passOn: PassedOn?
    /// The reply that goes with the next write.
    var waitingReply: WaitingReply?
    /// The wanted value is written again although the device has it.
    var isRefreshOwed = false

    /// Another command has overtaken the one that waits for the next write: `Ok`.
    @inline(__always)
    mutating func answerOvertaken(into effects: inout ArbiterEffects) {
        guard let waitingReply else { return }
        effects.replies.append(SettledReply(to: waitingReply.to, outcome: .ok))
        self.waitingReply = nil
    }

    /// The move or spray that waits is not written any more: `Ok`. False when none waited.
    mutating func takeBackPassOn(into effects: inout ArbiterEffects) -> Bool {
        guard let passOn else { return false }
        effects.replies.append(SettledReply(to: passOn.reply.to, outcome: .ok))
        self.passOn = nil
        return true
    }

    /// Puts a move or spray where the next write finds it; one that still waited is overtaken.
    mutating func pass(_ command: PassedOn, into effects: inout ArbiterEffects) {
        _ = takeBackPassOn(into: &effects)
        passOn = command
    }

    /// Lowers the value that waits to what is allowed now; below 0: nothing is. False when nothing is left of it.
    mutating func limit(to highest: Int32) -> Bool {
        guard let value = passOn?.value else { return true }
        guard highest > 0 || (highest == 0 && value <= 0) else { return false }
        passOn?.value = min(value, highest)
        return true
    }

    /// Takes out the replies of all that waits: nothing of it is written.
    mutating func takeReplies() -> [WaitingReply] {
        defer { (passOn, waitingReply) = (nil, nil) }
        return [passOn?.reply, waitingReply].compactMap { $0 }
    }
}
