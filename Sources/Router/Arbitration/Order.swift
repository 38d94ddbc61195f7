// A command as the arbiter takes it, and what its sender is told (`arbitration.md` §8).
// Must not see JSON, sockets or versions.

import Buttplug
import Host

/// One command for one lane; its type and range have been checked.
public struct Order: Sendable {
    public var type: OutputType
    public var value: Int32
    /// In milliseconds; moves only.
    public var duration: UInt32
    /// Whose it is, and where its answer goes.
    public var sender: ReplyTo

    @inlinable public init(_ type: OutputType, _ value: Int32, duration: UInt32 = 0, from sender: ReplyTo) {
        self.type = type
        self.value = value
        self.duration = duration
        self.sender = sender
    }

    /// The sender's slot.
    var session: UInt32 { sender.session }

    /// A zero is never blocked. A move to 0 is a move.
    var isZero: Bool { value == 0 && !type.isMove }
}

/// What the sender of a command is told, and the counter it goes to.
public enum Verdict: UInt8, Hashable, Sendable, CaseIterable {
    /// The answer follows in `ArbiterEffects.replies`, when the device has answered.
    case waits
    // `Ok` at once:
    /// Noted; the output's value does not change by it.
    case merged
    /// Noted; another type, or a lease, decides what the output does.
    case shadowed
    /// The device has this value already, or the value went away and came back within the turn.
    case duplicate
    /// A zero of a session that wanted nothing, or whose end changes nothing at the device.
    case relinquished
    /// The emergency stop is raised, or the router ends.
    case stopped
    /// A mask is above the session's priority.
    case masked
    /// The session is muted.
    case muted
    /// A stop keeps the output at zero for a moment.
    case heldOff
    /// A spray that comes too soon after the last.
    case sprayLimited
    /// Gain, cap or the output's ceiling make a zero of it.
    case silenced
    // `Error` 3 at once:
    /// The session may only look.
    case deniedObserver
    /// Another session has a lease, and the output's rule says to refuse.
    case deniedLeased
    // `Error` 4 at once:
    /// A move that takes longer than the output's rule allows.
    case durationTooLong

    /// How a command with this verdict is answered.
    public enum Reply: Hashable, Sendable {
        case later
        case ok
        case error(ErrorCode, String)
    }

    /// The reply to the command.
    public var reply: Reply {
        switch self {
        case .waits: .later
        case .merged, .shadowed, .duplicate, .relinquished, .stopped, .masked, .muted, .heldOff, .sprayLimited, .silenced: .ok
        case .deniedObserver: .error(.message, ErrorText.observer)
        case .deniedLeased: .error(.message, ErrorText.leased)
        case .durationTooLong: .error(.device, ErrorText.durationTooLong)
        }
    }

    /// Whether the command is answered with an `Error`.
    @inline(__always)
    public var isRefusal: Bool {
        switch self {
        case .deniedObserver, .deniedLeased, .durationTooLong: true
        default: false
        }
    }
}
