// A host without sockets or time, and links that count the bytes sent to them.
// Must not decide anything: frames in, bytes counted out.

import Host

final class MemoryHost: Host {
    @exclusivity(unchecked) var now = Instant.zero + .seconds(100)
    func attach(_ owner: any TurnOwner) -> any Alarm { MemoryAlarm() }
    func detach(_ owner: any TurnOwner) {}
}

private final class MemoryAlarm: Alarm {
    func set(_ deadline: Instant) {}
}

final class MemoryLink: Link {
    @exclusivity(unchecked) private(set) var messages = 0

    func send(_ runs: UnsafeBufferPointer<MessageRun>) {
        for run in runs {
            run.forEach { prefix, _, _ in
                run.bytes[prefix] = 0x81
                messages += 1
            }
        }
    }

    func close(_ reason: CloseReason) { preconditionFailure("closed: \(reason.rawValue)") }
}
