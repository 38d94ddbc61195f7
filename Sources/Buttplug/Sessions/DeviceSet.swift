// A set of device indices: bits, without memory of its own while all indices are small.
// Must not know what the set is for.

/// A set of device indices.
public struct DeviceSet: Hashable, Sendable {
    /// Indices 0…63.
    private var low: UInt64 = 0
    /// The others, 64 a word.
    private var high: ContiguousArray<UInt64> = []

    public init() {}

    public init(_ indices: some Sequence<UInt32>) {
        for index in indices { insert(index) }
    }

    public func contains(_ index: UInt32) -> Bool {
        if index < 64 { return low & (1 << UInt64(index)) != 0 }
        let word = Int(index / 64) - 1
        return word < high.count && high[word] & (1 << UInt64(index % 64)) != 0
    }

    public mutating func insert(_ index: UInt32) {
        if index < 64 {
            low |= 1 << UInt64(index)
            return
        }
        let word = Int(index / 64) - 1
        while high.count <= word { high.append(0) }
        high[word] |= 1 << UInt64(index % 64)
    }

    public mutating func remove(_ index: UInt32) {
        if index < 64 {
            low &= ~(1 << UInt64(index))
            return
        }
        let word = Int(index / 64) - 1
        if word < high.count { high[word] &= ~(1 << UInt64(index % 64)) }
    }

    public mutating func removeAll() { self = DeviceSet() }

    public func isSubset(of other: DeviceSet) -> Bool {
        guard low & ~other.low == 0 else { return false }
        return high.indices.allSatisfy { high[$0] & ~($0 < other.high.count ? other.high[$0] : 0) == 0 }
    }

    /// Every index in the set is below this.
    var limit: UInt32 { UInt32(high.count + 1) * 64 }
}
