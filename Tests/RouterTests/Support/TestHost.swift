// A world of one router in virtual time: a clock that a test moves, one alarm, links that keep what was sent.
// Must not know the router; it is any `TurnOwner`.

import Host

final class TestHost: Host {
    private(set) var now = Instant(nanoseconds: 1_000_000_000_000)
    private var owner: (any TurnOwner)?
    private let theAlarm = TestAlarm()

    func attach(_ owner: any TurnOwner) -> any Alarm {
        self.owner = owner
        return theAlarm
    }

    func detach(_ owner: any TurnOwner) { self.owner = nil }

    /// The time that the alarm is set for.
    var alarmAt: Instant { theAlarm.deadline }

    /// Ends a turn, and runs those that the alarm wants at once.
    func turn() {
        owner?.turnEnded(at: now)
        var rounds = 0
        while theAlarm.deadline <= now {
            fire()
            rounds += 1
            precondition(rounds < 1_000, "the alarm never leaves the present")
        }
    }

    /// Lets time pass; the alarm fires at its time, and not between.
    func advance(to instant: Instant) {
        while theAlarm.deadline <= instant {
            now = max(now, theAlarm.deadline)
            fire()
        }
        now = max(now, instant)
    }

    func advance(by interval: Interval) { advance(to: now + interval) }

    private func fire() {
        theAlarm.deadline = .never
        owner?.deadlinePassed(at: now)
        owner?.turnEnded(at: now)
    }
}

final class TestAlarm: Alarm {
    var deadline = Instant.never
    func set(_ deadline: Instant) { self.deadline = deadline }
}

/// A link whose other end is the test.
final class MemoryLink: Link {
    /// Texts that arrived, in order.
    private(set) var texts: [String] = []
    private(set) var sends = 0
    private(set) var closeReason: CloseReason?
    /// Called for every text.
    var onText: ((String) -> Void)?
    var onClose: ((CloseReason) -> Void)?
    /// Called inside `send`, as by a link that finds that its peer is gone.
    var duringSend: (() -> Void)?
    /// When false, texts are only counted.
    var keeps = true
    private(set) var bytes = 0

    func send(_ runs: UnsafeBufferPointer<MessageRun>) {
        sends += 1
        for run in runs {
            bytes += run.bytes.count
            guard keeps else { continue }
            run.forEach { _, payload, length in
                let text = String(decoding: run.bytes[payload..<payload + length], as: UTF8.self)
                texts.append(text)
                onText?(text)
            }
        }
        duringSend?()
    }

    func close(_ reason: CloseReason) {
        closeReason = reason
        onClose?(reason)
    }
}
