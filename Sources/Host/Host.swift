// The seam between a runner and its host: a clock, a part in every turn and one alarm.
// Must not know which host it is (UVHost and SimHost are the two there are), nor links: those have an owner of their own kind.

/// An object that takes part in a host's turns.
public protocol TurnOwner: AnyObject {
    /// Everything that was ready in this loop turn has been delivered: what the turn produced leaves now.
    func turnEnded(at now: Instant)
    /// The instant given to `Alarm.set` has come.
    func deadlinePassed(at now: Instant)
}

extension TurnOwner {
    /// Nothing leaves at a turn's end, unless the owner says otherwise.
    public func turnEnded(at now: Instant) {}
}

/// Runs turns: libuv's, or the simulator's.
public protocol Host: AnyObject {
    /// The present turn's time. Does not move during a turn.
    var now: Instant { get }
    /// Makes `owner` part of every loop turn, with one alarm of its own. The host keeps the owner until `detach`.
    func attach(_ owner: any TurnOwner) -> any Alarm
    /// Ends what `attach` began.
    func detach(_ owner: any TurnOwner)
}

/// One owner's deadline. Setting it again moves it.
public protocol Alarm: AnyObject {
    /// Asks for `deadlinePassed(at:)` at `deadline` or soon after; `.never` asks for nothing.
    func set(_ deadline: Instant)
}
