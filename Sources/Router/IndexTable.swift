// Which index each device has, permanently: a device keeps its own, and no other device can get it (`arbitration.md` §9).
// Must not know devices beyond their identity, nor where the table is kept.

/// Identities and their indices, in ascending order of index.
public struct IndexTable: Hashable, Sendable {
    public struct Entry: Hashable, Sendable {
        public let index: UInt32
        public let identity: String

        public init(index: UInt32, identity: String) {
            self.index = index
            self.identity = identity
        }
    }

    /// Indices are table lookups, so there is an end to them; a state file that goes past it is refused.
    public static let indexMax: UInt32 = 65_535

    public private(set) var entries: [Entry] = []
    private var byIdentity: [String: UInt32] = [:]
    /// No hole below this.
    private var lowest: UInt32 = 0
    /// In a cell: which 1,024 indices new devices get. nil: all.
    public var block: UInt16?

    public init() {}

    public static func == (a: IndexTable, b: IndexTable) -> Bool { a.entries == b.entries }

    public func hash(into hasher: inout Hasher) { hasher.combine(entries) }

    /// The index of a known device.
    public func index(of identity: String) -> UInt32? { byIdentity[identity] }

    /// The index of `identity`: its own, or `wish` when no device has had that, or the lowest that no device has had. nil when none is
    /// left.
    public mutating func assign(_ identity: String, preferring wish: UInt32? = nil) -> (index: UInt32, isNew: Bool)? {
        if let known = byIdentity[identity] { return (known, false) }
        if let wish, restore(Entry(index: wish, identity: identity)) { return (wish, true) }
        if let block { return assign(identity, in: block) }
        var index = Int(lowest)
        while index < entries.count, entries[index].index == UInt32(index) { index += 1 }
        guard index <= Int(Self.indexMax) else { return nil }
        lowest = UInt32(index) + 1
        entries.insert(Entry(index: UInt32(index), identity: identity), at: index)
        byIdentity[identity] = UInt32(index)
        return (UInt32(index), true)
    }

    /// The lowest index of a block that no device has had.
    private mutating func assign(_ identity: String, in block: UInt16) -> (index: UInt32, isNew: Bool)? {
        let indices = UInt32(block) * Self.blockSize..<(UInt32(block) + 1) * Self.blockSize
        let taken = Set(entries.lazy.map(\.index).filter(indices.contains))
        guard let index = indices.first(where: { !taken.contains($0) }) else { return nil }
        return restore(Entry(index: index, identity: identity)) ? (index, true) : nil
    }

    /// Indices of one member of a cell.
    public static var blockSize: UInt32 { 1_024 }

    /// Adds what was known before. False when the identity or the index is taken, or the index is too high.
    public mutating func restore(_ entry: Entry) -> Bool {
        guard entry.index <= Self.indexMax, byIdentity[entry.identity] == nil else { return false }
        var index = entries.count
        while index > 0, entries[index - 1].index > entry.index { index -= 1 }
        if index > 0, entries[index - 1].index == entry.index { return false }
        entries.insert(entry, at: index)
        byIdentity[entry.identity] = entry.index
        return true
    }
}
