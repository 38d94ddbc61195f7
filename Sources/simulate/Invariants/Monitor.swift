// Checks what passes between the router and its world against the invariants: requests, replies, and the state at the end of each turn.
// Must not look inside the router: it sees messages, writes and requests, as clients and devices do.

/// The models of everything, with the checks of what clients say and are told.
final class Monitor: WorldModel {}
