// Which index each device has, for ever: a device keeps its own, and no other device ever gets it (`arbitration.md` §9).
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

    public init() {}

    public static func == (a: IndexTable, b: IndexTable) -> Bool { a.entries == b.entries }

    public func hash(into hasher: inout Hasher) { hasher.combine(entries) }

    /// The index of a known device.
    public func index(of identity: String) -> UInt32? { byIdentity[identity] }

    /// The index of `identity`: its own, or `wish` when nobody ever had that, or the lowest that nobody ever had. nil when there is none
    /// left.
    public mutating func assign(_ identity: String, preferring wish: UInt32? = nil) -> (index: UInt32, isNew: Bool)? {
        if let known = byIdentity[identity] { return (known, false) }
        if let wish, restore(Entry(index: wish, identity: identity)) { return (wish, true) }
        var place = Int(lowest)
        while place < entries.count, entries[place].index == UInt32(place) { place += 1 }
        guard place <= Int(Self.indexMax) else { return nil }
        lowest = UInt32(place) + 1
        entries.insert(Entry(index: UInt32(place), identity: identity), at: place)
        byIdentity[identity] = UInt32(place)
        return (UInt32(place), true)
    }

    /// Adds what was known before. False when the identity or the index is taken, or the index is too high.
    public mutating func restore(_ entry: Entry) -> Bool {
        guard entry.index <= Self.indexMax, byIdentity[entry.identity] == nil else { return false }
        var place = entries.count
        while place > 0, entries[place - 1].index > entry.index { place -= 1 }
        if place > 0, entries[place - 1].index == entry.index { return false }
        entries.insert(entry, at: place)
        byIdentity[entry.identity] = entry.index
        return true
    }
}
