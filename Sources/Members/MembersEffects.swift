// What comes out of `MembersCore`: what the router is told, and what the operator is told.
// Must not know how either is done.

import Buttplug
import Cluster
import Router

/// Which other member: they count from 0, in the order in which they became known.
typealias MemberNumber = Int

/// What is to be done at the router.
enum MembersEffect {
    // As home:
    /// A session of a member is there, or has other rights.
    case session(MemberNumber, UInt32, Guest)
    case order(MemberNumber, session: UInt32, OutputCommand)
    case stop(MemberNumber, session: UInt32, device: UInt32?, feature: UInt32?)
    case sessionEnded(MemberNumber, session: UInt32)
    /// All sessions of a member are over.
    case guestsLost(MemberNumber)
    // As entry:
    case outcome(request: UInt32, ForeignOutcome)
    case appeared(BackendDevice, DeviceDescription)
    case disappeared(BackendDevice)
    // Operator:
    /// The emergency stop of the cell is raised, also once more, or cleared.
    case emergency(Bool)
    case event(MembersEvent)
}

/// A transition that the operator may want to know of.
public enum MembersEvent: Hashable, Sendable {
    case busOpened
    case busLost
    case linkUp(member: String)
    case linkLost(member: String, LinkLoss)
    /// No version of the protocol in common.
    case incompatible(member: String, lowest: UInt8, highest: UInt8)
    /// Two members give the same indices: they do not greet each other.
    case sameBlock(member: String, block: UInt16)
    /// Another member has this one's name and started later: this one has left the bus.
    case sameName
    /// A device that a member tells of cannot be shown.
    case deviceRefused(member: String, identity: String)
}
