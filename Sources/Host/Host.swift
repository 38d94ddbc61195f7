// The seam between a runner and its world: a clock and one alarm. Links come through `LinkOwner`.
// Must not know which world it is; UVHost and SimHost are the two there are.

/// A world that runs owners of links: libuv's, or the simulator's.
public protocol Host: AnyObject {
    /// The present turn's time. Does not move during a turn.
    var now: Instant { get }
    /// Makes `owner` part of every loop turn, with one alarm of its own. The host keeps the owner until `detach`.
    func attach(_ owner: any LinkOwner) -> any Alarm
    /// Ends what `attach` began.
    func detach(_ owner: any LinkOwner)
}

/// One owner's deadline. Setting it again moves it.
public protocol Alarm: AnyObject {
    /// Asks for `deadlinePassed(at:)` at `deadline` or soon after; `.never` asks for nothing.
    func set(_ deadline: Instant)
}
