// What the operator is told of: transitions, never single commands. For logs, an event stream, a state file.
// Must not know who listens or how it is written down.

import Buttplug
import Host

/// Something the operator may want to know. Sessions are named by their id; the name comes with `handshaken`.
public enum RouterEvent: Sendable {
    /// A connection was not taken. Said once, until one is taken again.
    case connectionRefused(Peer, CloseReason)
    /// A connection opened.
    case sessionOpened(LinkID, Peer)
    /// A session is ready: the client's name, the version it uses, and the rule's `max_ping_time` in milliseconds.
    case handshaken(LinkID, client: String, SpecVersion, maxPingTime: UInt32)
    /// A handshake was refused, or a message came before it.
    case handshakeRefused(LinkID, Failure)
    /// A session waits for the operator's consent.
    case consentAsked(LinkID, client: String, SpecVersion)
    /// The operator has answered; the handshake's end, or the session's, follows.
    case consentAnswered(LinkID, ConsentAnswer)
    case sessionClosed(LinkID, CloseReason)
    case deviceAppeared(DeviceInfo)
    /// A device could not be listed.
    case deviceRefused(identity: String, reason: String)
    case deviceDisappeared(DeviceInfo)
    /// Devices have come, and none of them fits this pattern of the configuration. Said once.
    case limitFitsNothing(DeviceLimit)
    /// The lane's value is now this session's (by its slot), or nobody's.
    case winnerChanged(device: UInt32, feature: UInt32, session: UInt32?)
    /// A zero has failed three times in a row; the backend was told to cut the device off.
    case stopFailed(device: UInt32, feature: UInt32)
    /// The emergency stop was raised, also again, or cleared.
    case emergencyStop(Bool)
    case scanStarted
    case scanEnded
    /// What `RouterRunner.state` returns has changed and should be kept.
    case stateChanged
    /// Every output is zero, or two seconds have passed; the sessions are closed.
    case ended
}

/// An owner that wants to be told of them. Called at the end of a turn only; it may call the runner's operator verbs.
public protocol RouterObserver: AnyObject {
    /// Whether `winnerChanged` is wanted, which may come as often as commands do. Asked when the observer is added; true unless said otherwise.
    var wantsWinners: Bool { get }
    func happened(_ event: RouterEvent, at now: Instant)
}

extension RouterObserver {
    public var wantsWinners: Bool { true }
}
