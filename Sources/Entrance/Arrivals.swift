// The connections of a host that have not been let in: how many there may be, who gives way, and which addresses are refused for a while.
// Must not know sockets; a connection is an index, and closing one is for its owner.

import Host

/// What a host knows of those who are not, or not yet, let in. Its memory is bounded.
public struct Arrivals {
    private let strangersMax: Int
    private var strangers = StrangerQueue()
    var failures: FailureTable

    /// - Parameters:
    ///   - strangersMax: `Limits.strangers`.
    ///   - addressesMax: How many addresses are remembered for their failures.
    public init(strangersMax: Int, addressesMax: Int = FailureTable.usualEntriesMax) {
        self.strangersMax = strangersMax
        failures = FailureTable(entriesMax: addressesMax)
    }

    /// Connections that may be from anybody and were not let in yet.
    public var strangerCount: Int { strangers.count }
    /// Addresses that are remembered for their failures.
    public var addressCount: Int { failures.count }

    /// A stranger's connection has begun.
    /// - Returns: The connection that is to be closed for it, and for which `ended` is to be called: the oldest stranger, when there are too
    ///   many.
    public mutating func began(_ index: Int32) -> Int32? {
        strangers.add(index)
        return strangers.count > strangersMax ? strangers.oldest : nil
    }

    /// The connection was let in, or is gone. Nothing for one that is no stranger's.
    public mutating func ended(_ index: Int32) { strangers.remove(index) }
}
