// What waits for a lane's next write: a move or spray, a reply, a refresh.
// Must not know what is wanted or written.

import Buttplug

/// A reply that waits for the lane's next write.
struct WaitingReply {
    var to: ReplyTo
    /// The command's running number: distinguishes a renewed contribution from the one that was refused.
    var serial: UInt64
}

/// A command that is passed on once, by the next write: a move or a spray.
struct WaitingCommand {
    var type: OutputType
    var value: Int32
    var duration: UInt32
    var reply: WaitingReply
    /// Whose it is.
    var session: UInt32 { reply.to.session }
}

/// The waiting things of one lane.
struct LaneQueue {
    var waitingCommand: WaitingCommand?
    /// The reply that goes with the next write.
    var waitingReply: WaitingReply?
    /// The wanted value is written again although the device has it.
    var isRefreshOwed = false

    /// The reply goes with the next write. No other reply waits: who changes the wanted value calls `answerWaiting` before.
    @inline(__always)
    mutating func keepReply(to sender: ReplyTo, serial: UInt64) {
        assert(waitingReply == nil)
        waitingReply = WaitingReply(to: sender, serial: serial)
    }

    /// The command whose reply waits is not written any more: `Ok`.
    @inline(__always)
    mutating func answerWaiting(into effects: inout ArbiterEffects) {
        guard let waitingReply else { return }
        effects.replies.append(SettledReply(to: waitingReply.to, outcome: .ok))
        self.waitingReply = nil
    }

    /// The move or spray that waits is not written any more: `Ok`. False when none waited.
    mutating func takeBackCommand(into effects: inout ArbiterEffects) -> Bool {
        guard let waitingCommand else { return false }
        effects.replies.append(SettledReply(to: waitingCommand.reply.to, outcome: .ok))
        self.waitingCommand = nil
        return true
    }

    /// Puts a move or spray where the next write finds it; one that still waited is overtaken.
    mutating func pass(_ command: WaitingCommand, into effects: inout ArbiterEffects) {
        _ = takeBackCommand(into: &effects)
        waitingCommand = command
    }

    /// Lowers the value that waits to `highest`; below 0, no value is allowed. False when nothing is left of it.
    mutating func limit(to highest: Int32) -> Bool {
        guard let value = waitingCommand?.value else { return true }
        guard highest > 0 || (highest == 0 && value <= 0) else { return false }
        waitingCommand?.value = min(value, highest)
        return true
    }

    /// Takes out the replies of all that waits: nothing of it is written.
    mutating func takeReplies() -> [WaitingReply] {
        defer { (waitingCommand, waitingReply) = (nil, nil) }
        return [waitingCommand?.reply, waitingReply].compactMap { $0 }
    }
}
