// What must survive a restart, on its way to a disk that may be slow or refuse it: the newest state wins, and what fails is tried again.
// Must not know files, threads or clocks.

import Host
import Router

/// Decides which state is written when. One is written at a time; states that come meanwhile replace each other.
public struct StateKeeping {
    /// What came of a write.
    public enum Outcome: Equatable, Sendable {
        /// The disk has this state.
        case kept(RouterState)
        /// The disk has this state, after others that it refused.
        case keptAgain(RouterState)
        /// It was refused. `isNew`: for another reason than the last time, or it is the first state with a raised emergency stop.
        case refused(RouterState, String, isNew: Bool)
    }

    /// The newest state that is not being written.
    private var waiting: RouterState?
    private var writing: RouterState?
    /// Why the last write failed.
    private var reason: String?
    private var hasToldStop = false
    private var retryAt = Instant.zero
    private var patience = Self.firstPatience

    private static let firstPatience = Interval.seconds(1)
    private static let lastPatience = Interval.seconds(60)

    public init() {}

    /// Everything that was offered is kept.
    public var isSettled: Bool { waiting == nil && writing == nil }

    /// When `begin` has something to write; `.never` while a write is under way and when everything is kept.
    public var deadline: Instant { writing == nil && waiting != nil ? retryAt : .never }

    /// The state has changed. It need not wait for the time at which an older one would be tried again.
    public mutating func offer(_ state: RouterState) {
        waiting = state
        retryAt = .zero
    }

    /// The state to be written now, if there is one; then `ended` is to be called.
    public mutating func begin(at now: Instant) -> RouterState? {
        guard deadline <= now, let state = waiting else { return nil }
        waiting = nil
        writing = state
        return state
    }

    /// The write is over; `reason` says why it failed.
    public mutating func ended(_ reason: String?, at now: Instant) -> Outcome? {
        guard let state = writing else { return nil }
        writing = nil
        defer { self.reason = reason }
        guard let reason else {
            patience = Self.firstPatience
            hasToldStop = false
            return self.reason == nil ? .kept(state) : .keptAgain(state)
        }
        let isNew = reason != self.reason || (state.isStopped && !hasToldStop)
        hasToldStop = state.isStopped
        if waiting == nil {
            waiting = state
            retryAt = now + patience
            patience = min(patience * 2, Self.lastPatience)
        }
        return .refused(state, reason, isNew: isNew)
    }
}
