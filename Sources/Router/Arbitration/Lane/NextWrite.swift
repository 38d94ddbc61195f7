// What a lane writes next: zeros, then a move or spray, then the wanted value (`arbitration.md` §3, §7).
// Must not know gaps or other lanes; the arbiter says when it is this lane's turn.

import Buttplug
import Host

/// A write that leaves a lane.
struct NextWrite {
    var type: OutputType
    var value: Int32
    var duration: UInt32 = 0
    /// The reply that goes with it.
    var reply: WaitingReply?
    /// Whose value it is.
    var session = DeviceWrite.noSession
    /// A zero that may be on its way together with another write.
    var isZero = false
}

extension Lane {
    /// Whether the lane may be written now, apart from the gap. Sets its alarm when it only waits for its retry.
    @inline(__always)
    mutating func isReady(at now: Instant, _ agenda: inout Agenda) -> Bool {
        let owesZero = !owedZeros.isEmpty
        guard owesZero || queue.waitingCommand != nil || owesWanted else { return false }
        if retry.at > now {
            wake(at: retry.at, &agenda)
            return false
        }
        return owesZero || !flights.isAny
    }

    /// The first thing the lane owes.
    @inline(__always)
    mutating func takeNext(at now: Instant, _ agenda: inout Agenda) -> NextWrite {
        if let type = owedZeros.first { return takeZero(type) }
        if let command = queue.waitingCommand {
            queue.waitingCommand = nil
            // Its pause begins when it is written, which may be later than when it was accepted.
            if command.type == .spray { pauses.sprayed(gap: agenda.settings.sprayGap, at: now) }
            return take(
                NextWrite(
                    type: command.type, value: command.value, duration: command.duration, reply: command.reply, session: command.session),
                at: now, &agenda)
        }
        let reply = queue.waitingReply
        queue.waitingReply = nil
        queue.isRefreshOwed = false
        let session = contributions.winningSession ?? DeviceWrite.noSession
        return take(NextWrite(type: wanted.type, value: level.value, reply: reply, session: session), at: now, &agenda)
    }

    /// A zero. The reply that waits goes with it when neither another zero nor a value is left to write.
    mutating func takeZero(_ type: OutputType) -> NextWrite {
        zeros.zeroWritten(type, overtakes: flights.isMain(of: type))
        written.set(type, 0)
        var reply: WaitingReply?
        if !owesWanted, owedZeros.isEmpty {
            reply = queue.waitingReply
            queue.waitingReply = nil
        }
        return NextWrite(type: type, value: 0, reply: reply, isZero: true)
    }

    @inline(__always)
    private mutating func take(_ write: NextWrite, at now: Instant, _ agenda: inout Agenda) -> NextWrite {
        if write.type.isHeld {
            if write.value != 0 { zeros.valueWritten(write.type) }
            if level.isRising { levelWritten(at: now, &agenda) }
        }
        written.set(write.type, write.value)
        return write
    }

    /// The write is on its way, under this number.
    @inline(__always)
    mutating func issued(_ write: NextWrite, flight: Int32, at now: Instant) {
        written.issued(write.duration, at: now)
        if write.isZero { flights.zeroIssued() } else { flights.mainIssued(flight, write.type) }
    }
}
