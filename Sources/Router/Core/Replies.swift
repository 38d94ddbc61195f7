// The replies that are written in the same way in every version.
// Must not know what was asked.

import Buttplug
import Host

extension Outbox {
    @inline(__always)
    mutating func ok(_ slot: Int, _ id: UInt32) {
        let start = messages.count
        ServerSession.ok(id, into: &messages)
        extend(UInt32(truncatingIfNeeded: slot), from: start)
    }

    @inline(never)
    mutating func error(_ slot: Int, _ id: UInt32, _ code: ErrorCode, _ text: String) {
        let start = messages.count
        ServerSession.error(id, code, text: text, into: &messages)
        extend(UInt32(slot), from: start)
    }

    @inline(never)
    mutating func error(_ slot: Int, _ id: UInt32, _ failure: Failure) {
        let start = messages.count
        ServerSession.error(id, failure, into: &messages)
        extend(UInt32(slot), from: start)
    }
}
