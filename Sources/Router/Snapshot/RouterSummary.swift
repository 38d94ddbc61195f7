// What there is of everything, in numbers: what a status says.
// Must not make a picture of any session, device or lane.

/// A router's state without its sessions, devices and lanes. It costs little, also in a large router.
public struct RouterSummary: Hashable, Sendable {
    /// Whether the emergency stop is raised.
    public var isStopped: Bool
    /// Whether the router is on its way out.
    public var isEnding: Bool
    /// Whether anybody wants a scan.
    public var isScanning: Bool
    public var totals: RouterTotals
    public var sessions: Int
    /// Sessions that wait for the operator's consent.
    public var consents: Int
    public var devices: Int
    /// Features with an output.
    public var outputs = 0
    /// How many devices each backend has, by its number.
    public var devicesByBackend: [Int]

    init(_ core: borrowing RouterCore) {
        isStopped = core.outputs.arbiter.isStopped
        isEnding = core.ending != .no
        isScanning = core.votes.isScanning
        totals = core.tables.counters.totals
        sessions = core.tables.sessions.count
        consents = core.consents.entries.count
        devices = core.tables.devices.count
        devicesByBackend = Array(repeating: 0, count: core.backends)
        for index in 0..<core.tables.devices.indexLimit {
            if let address = core.tables.addresses.address(of: index) { devicesByBackend[address.backend] += 1 }
        }
        for lane in core.outputs.arbiter.lanes.indices where core.outputs.arbiter.isShown(lane) { outputs += 1 }
    }
}
