// Keeps the router's memory on a thread of its own, so that a slow disk makes nobody wait.
// Must not know what the state says; `StateKeeping` decides what is written when.

import ButtplugServer
import Host
import Platform
import Router
import UV

/// The state file and the thread that writes it.
final class StateKeeper: @unchecked Sendable {
    let file: StateFile
    // Guarded by the worker's lock.
    private var keeping = StateKeeping()
    private var listener: (@Sendable (StateKeeping.Outcome) -> Void)?
    private lazy var worker = BackgroundWorker { [weak self] in self?.next() ?? .rest(until: .max) }

    init(_ file: StateFile) {
        self.file = file
        _ = worker
    }

    /// Is told what comes of each state, on the keeper's thread.
    func listen(_ listener: @escaping @Sendable (StateKeeping.Outcome) -> Void) { worker.look { self.listener = listener } }

    /// The state has changed.
    func offer(_ state: RouterState) { worker.change { keeping.offer(state) } }

    /// Waits until everything is kept, but no longer than this, and not for what the disk has just refused.
    @discardableResult
    func finish(withinMilliseconds patience: UInt64) -> Bool {
        worker.finish(withinNanoseconds: patience * 1_000_000) {
            keeping.isSettled || (keeping.deadline != .never && keeping.deadline > Self.now)
        }
    }

    private static var now: Instant { Instant(nanoseconds: MonotonicClock.nanoseconds) }

    // MARK: The worker's thread

    private func next() -> BackgroundWorker.Step {
        guard let state = keeping.begin(at: Self.now) else {
            return .rest(until: keeping.deadline == .never ? .max : keeping.deadline.nanoseconds)
        }
        return .run { [self] in
            let reason = file.write(state)
            let (outcome, listener) = worker.look { (keeping.ended(reason, at: Self.now), self.listener) }
            if let outcome { listener?(outcome) }
        }
    }
}
