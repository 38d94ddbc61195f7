// A kind of simulated device: the name it is asked for by, the name clients see, and its features.
// Must not know how its devices behave or fail; that is `SimulatedDeviceSpec`'s.

import Buttplug

/// A kind of simulated device.
public struct Archetype: Hashable, Sendable {
    /// What it is asked for by: "rabbit". Lower case.
    public var key: String
    /// Other keys that mean the same.
    public var aliases: [String]
    /// The middle of its devices' identities: "simulated:rabbit:1".
    public var identityKey: String
    /// The name clients see; the second device of a kind gets " 2" after it, and so on.
    public var name: String
    /// Indices 0, 1, 2… without holes.
    public var features: [Feature]

    /// A kind of device, a standard one (`ArchetypeTable`) or made for one test. `identityKey` is the key when not given.
    /// The features' indices must be 0, 1, 2… in order.
    public init(key: String, aliases: [String] = [], identityKey: String? = nil, name: String, features: [Feature]) {
        for (position, feature) in features.enumerated() {
            precondition(feature.index == UInt32(position), "the features of a simulated device are numbered 0, 1, 2…")
        }
        self.key = key
        self.aliases = aliases
        self.identityKey = identityKey ?? key
        self.name = name
        self.features = features
    }

    /// Every kind there is, in the order in which they are listed to people.
    public static var all: [Archetype] { ArchetypeTable.rows }

    /// The kind with this key or alias, in any case; nil when there is none.
    public static func named(_ key: some StringProtocol) -> Archetype? {
        let wanted = key.lowercased()
        return all.first { $0.key == wanted || $0.aliases.contains(wanted) }
    }
}
