// What the operator changes of one session's rights until it ends, on top of its rule.
// Must not know who asks for it.

import Host

/// Rights to change; what is nil stays as it is.
public struct SessionPatch: Hashable, Sendable {
    public var role: Role?
    /// 0…200.
    public var priority: UInt8?
    public var gain: Fraction?
    public var cap: Fraction?
    public var mute: Bool?

    public init() {}

    var isEmpty: Bool { self == SessionPatch() }

    /// Adds a newer patch.
    mutating func add(_ newer: SessionPatch) {
        role = newer.role ?? role
        priority = newer.priority ?? priority
        gain = newer.gain ?? gain
        cap = newer.cap ?? cap
        mute = newer.mute ?? mute
    }

    /// The rule's rights with the patch.
    func applied(to rights: Rights) -> Rights {
        guard !isEmpty else { return rights }
        var rights = rights
        rights.role = role ?? rights.role
        rights.priority = priority ?? rights.priority
        rights.gain = gain ?? rights.gain
        rights.cap = cap ?? rights.cap
        rights.mute = mute ?? rights.mute
        return rights
    }
}
