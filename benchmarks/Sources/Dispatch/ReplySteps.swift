// Replies written, alone.
// Must not reach a router.

import Buttplug
import Host

enum ReplySteps {
    static let all = [
        Step("reply-ok", perRound: 16) {
            writing(16) { id, _, messages in ServerSession.ok(10_000 + id, into: &messages) }
        },
        Step("reply-error", perRound: 16) {
            writing(16) { id, _, messages in ServerSession.error(10_000 + id, .device, text: "No device has index 7.", into: &messages) }
        },
        Step("reply-device-list") {
            let view = DeviceView(ReadingSteps.devices)
            return writing(1) { id, session, messages in session.deviceList(id, devices: view, into: &messages) }
        },
    ]

    private static func writing(
        _ count: UInt32, _ write: @escaping (UInt32, inout ServerSession, inout MessageBuffer) -> Void
    ) -> (Range<Int>) -> Void {
        var session = ServerSession()
        let view = DeviceView(ReadingSteps.devices)
        SessionReader(Limits()).read(Array(Texts.handshake(4).utf8), &session, view)
        let outbox = ReplyBuffer()
        return { rounds in
            for _ in rounds {
                for id in 1...count { write(id, &session, &outbox.messages) }
                outbox.messages.reset()
            }
        }
    }
}

final class ReplyBuffer {
    @exclusivity(unchecked) var messages = MessageBuffer()
}
