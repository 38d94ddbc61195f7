// Somebody who connects and is not let in: says nothing, half a head, nonsense, or shows a token that does not count.
// Must not know who is let in.

import Host
import SimHost

/// One connection of a stranger, until it is over.
final class SimulatedStranger: SimActor {
    /// What it does.
    struct Manner {
        var head: SimulatedHead
        /// It sends no more than this number of pieces of its head.
        var pieces: [[UInt8]]
        /// Whether these are all.
        var isWhole: Bool
        /// Between two pieces.
        var pace: Interval
        /// How long it stays after the last, unless it is closed.
        var patience: Interval
    }

    private let host: SimHost
    private unowned let entrance: SimulatedEntrance
    private let manner: Manner
    private var attachment: SimActorID?
    private var index: Int32?
    private var sent = 0

    init(_ host: SimHost, _ entrance: SimulatedEntrance, _ manner: Manner) {
        self.host = host
        self.entrance = entrance
        self.manner = manner
    }

    /// Connects. The host keeps it until it is over.
    func begin() {
        attachment = host.enlist(self)
        index = entrance.connect(from: manner.head.address) { [unowned self] in end() }
        ask(in: manner.pieces.isEmpty ? manner.patience : manner.pace)
    }

    private func ask(in span: Interval) {
        if let attachment { host.wake(attachment, at: host.now + span) }
    }

    func woken(_ code: UInt32, at now: Instant) {
        guard let index else { return }
        guard sent < manner.pieces.count else { return leave(index) }
        let piece = manner.pieces[sent]
        sent += 1
        let isLast = sent == manner.pieces.count
        let verdict = entrance.read(piece, of: manner.head, isWhole: isLast && manner.isWhole, at: index)
        // A token may count by now, if the calendar was set back. It came to try, and goes.
        if case .admitted = verdict { return leave(index) }
        ask(in: isLast ? manner.patience : manner.pace)
    }

    private func leave(_ index: Int32) {
        entrance.remove(index)
        end()
    }

    private func end() {
        index = nil
        if let attachment { host.dismiss(attachment) }
        attachment = nil
    }
}
