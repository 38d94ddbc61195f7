// Tells of changes to the state that must survive a restart.
// Must not know where it is kept; `StateKeeping` decides what is written when.

import Host
import Router

/// Gives out the router's state when it is another than the last one given out.
final class StateChanges: RouterObserver {
    /// Called at the end of a turn.
    var onChange: ((RouterState) -> Void)?
    private var known: RouterState
    private let state: () -> RouterState

    /// - Parameters:
    ///   - known: The state as it is kept already.
    ///   - state: Reads the router's state.
    init(_ known: RouterState, reading state: @escaping () -> RouterState) {
        self.known = known
        self.state = state
    }

    let wantsWinners = false

    /// One turn may change the state many times and says so each time.
    func happened(_ event: RouterEvent, at now: Instant) {
        guard case .stateChanged = event, let onChange else { return }
        let state = state()
        guard state != known else { return }
        known = state
        onChange(state)
    }
}
