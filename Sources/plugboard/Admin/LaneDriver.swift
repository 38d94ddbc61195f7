// Who has an output: the app whose value it runs with, or the one that alone may move it for a time. For tables, the board and the events.
// Must not know how it is shown.

import JSON

/// The session that drives a lane.
struct LaneDriver: Hashable {
    var session: String
    /// How long its lease still lasts, in seconds, when the lane was told; nil without a lease.
    var leaseSeconds: Double?

    /// nil when nobody drives the lane.
    init?(_ lane: JSONTree) {
        let owner = lane["lease"]?["session"]?.string
        guard let session = lane["winner"]?.string ?? owner else { return nil }
        self.session = session
        if owner == session { leaseSeconds = lane["lease"]?["until"]?.number }
    }

    /// "Game", or "Game (lease, 1.4 s left)".
    /// - Parameter name: What the session is called.
    func words(_ name: String) -> String {
        guard let leaseSeconds else { return name }
        return "\(name) (lease, \(JSONTree.number((leaseSeconds * 10).rounded() / 10).cell) s left)"
    }
}
