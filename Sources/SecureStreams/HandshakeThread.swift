// Makes the steps of servers' handshakes on a thread of its own: one takes some half a millisecond, which the loop has not got.
// Must not know connections; `SecureRoom` has those.

import TLS
import UV

/// One step of one handshake. The loop fills it in and hands it over, the thread makes it, the loop gets it back: each has it alone.
final class HandshakeStep: @unchecked Sendable {
    /// nil at first: the thread makes it.
    var session: TLSSession?
    private let context: TLSContext
    private let input: [UInt8]
    /// How many bytes of the input were used.
    private(set) var used = 0
    /// Bytes for the peer.
    private(set) var output: [UInt8] = []
    private(set) var outcome = TLSSession.Step.needMore

    init(_ session: TLSSession?, _ context: TLSContext, _ input: UnsafeRawBufferPointer) {
        self.session = session
        self.context = context
        self.input = Array(input)
    }

    /// Makes it. `room` is the thread's.
    fileprivate func make(_ room: TLSRoom) {
        let session = self.session ?? TLSSession(context, room)
        self.session = session
        session.room = room
        input.withUnsafeBytes { bytes in
            session.offer(bytes)
            outcome = session.handshake()
            used = bytes.count - session.withdraw()
        }
        output = Array(room.output)
        room.removeOutput()
    }
}

/// The thread, which is there while there are handshakes and some seconds longer. It gives way to those who want the processor, the loop among
/// them. Steps are made and come back in order.
final class HandshakeThread: @unchecked Sendable {
    private let loop: Loop
    /// Called on the loop.
    private let deliver: (HandshakeStep) -> Void
    /// Under the worker's lock.
    private var steps: [HandshakeStep] = []
    /// The thread's.
    private let room = TLSRoom()
    private lazy var worker = BackgroundWorker(givesWay: true) { [weak self] in self?.next() ?? .rest(until: .max) }

    init(_ loop: Loop, deliver: @escaping (HandshakeStep) -> Void) {
        self.loop = loop
        self.deliver = deliver
        _ = worker
    }

    func put(_ step: HandshakeStep) { worker.change { steps.append(step) } }

    /// Makes no more; waits until the step in hand is over.
    func end() {
        worker.change { steps = [] }
        worker.finish(withinNanoseconds: 300_000_000) { true }
    }

    private func next() -> BackgroundWorker.Step {
        guard !steps.isEmpty else { return .rest(until: .max) }
        let step = steps.removeFirst()
        return .run { [self] in
            step.make(room)
            loop.post { [self] in deliver(step) }
        }
    }
}
