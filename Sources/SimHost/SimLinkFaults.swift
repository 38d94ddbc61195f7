// What goes wrong with a simulated connection, how often, and for how long.
// Must not know messages: it draws faults, the link carries them out.

import Host

/// How often a connection has which fault. The shares are relative to each other.
public struct SimLinkFaults: Hashable, Sendable {
    /// Time between two faults, on average; nil for none.
    public var every: Interval?
    /// The connection is reset; both ends are told at once.
    public var drop: UInt64 = 2
    /// The peer is gone without a close; the server finds out from the WebSocket pings nobody answers.
    public var vanish: UInt64 = 1
    /// Nothing passes for a while, in one direction or in both.
    public var stall: UInt64 = 4
    /// Each byte takes a while: messages come in single bytes.
    public var dribble: UInt64 = 2
    /// Arrivals are held and delivered together.
    public var gather: UInt64 = 4
    /// Everything takes longer, each message a different while.
    public var delay: UInt64 = 4
    /// How long a fault lasts.
    public var lasting: ClosedRange<Interval> = .milliseconds(20) ... .seconds(15)

    public init() {}

    /// Connections only end when somebody ends them.
    public static let none = SimLinkFaults()

    var total: UInt64 { drop + vanish + stall + dribble + gather + delay }

    /// Draws one fault.
    func draw(_ random: inout SimRandom) -> SimLinkFault {
        let span = random.within(lasting)
        var ticket = random.below(max(1, total))
        if ticket < drop { return .drop }
        ticket -= drop
        if ticket < vanish { return .vanish }
        ticket -= vanish
        if ticket < stall {
            let direction = random.below(3)
            return .stall(up: direction != 0, down: direction != 1, span)
        }
        ticket -= stall
        var conditions = SimConditions()
        if ticket < dribble {
            conditions.byteTime = random.within(Interval(nanoseconds: 10_000) ... .milliseconds(2))
        } else if ticket < dribble + gather {
            conditions.gathering = random.within(.milliseconds(5) ... .milliseconds(300))
        } else {
            conditions.latency = random.within(.milliseconds(1) ... .milliseconds(400))
            conditions.jitter = random.within(.zero ... .milliseconds(200))
        }
        return .worsen(conditions, span)
    }
}

/// One fault of a connection.
public enum SimLinkFault: Hashable, Sendable {
    case drop
    case vanish
    case stall(up: Bool, down: Bool, Interval)
    case worsen(SimConditions, Interval)
}
