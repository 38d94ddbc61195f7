// What the operator is told of an upstream: transitions only.
// Must not know who listens or how it is written down.

import Buttplug
import Host

/// Something that became different about an upstream.
public enum UpstreamEvent: Hashable, Sendable {
    /// It answers: its name, and the version it uses.
    case up(name: String, SpecVersion)
    /// The connection is lost; its devices are gone until it is back.
    case down(CloseReason)
    /// It cannot be reached, and is tried again and again. The text is for people. Said once until something else is the reason.
    case unreachable(String)
    /// It was reached, but there is no common version.
    case refused(String)
    /// It lets us in and hangs up, again and again. Said in place of `up` and `down` until a link has worked for a while.
    case unsteady
    /// It has shown more devices than `Limits.upstreamDevices`, this many; further ones are left out.
    case tooManyDevices(Int)
}

/// What a failed dial says to people.
extension DialFailure {
    var words: String {
        switch self {
        case .refused: "down, or busy with another client: reference servers take only one"
        case .timedOut: "no answer in time"
        case .unreachable(let text): "unreachable: \(text)"
        case .notWebSocket(let text): "not a WebSocket server: \(text)"
        case .insecure(let text): "not trusted: \(text)"
        }
    }
}

/// Which events are told: each once, and a few pairs of ups and downs a minute at most.
struct UpstreamTeller {
    /// Pairs told at once at most, and how often one more may be.
    private static let pairsMax = 20
    private static let pairEvery = Interval.seconds(30)
    /// A server that is down may be away this long before the reason is told too.
    private static let restart = Interval.seconds(4)

    private var last: UpstreamEvent?
    private var lastAt = Instant.zero
    private var pairs = UpstreamTeller.pairsMax
    private var pairAt = Instant.zero
    /// It is up, which is told when that has lasted.
    private var held: UpstreamEvent?

    /// The event, if it is to be told now.
    mutating func tell(_ event: UpstreamEvent, isUnsteady: Bool, at now: Instant) -> UpstreamEvent? {
        refill(at: now)
        switch event {
        case .up where isUnsteady || pairs == 0:
            held = event
            return say(.unsteady, at: now)
        case .down where held != nil || isUnsteady || pairs == 0:
            held = nil
            return say(.unsteady, at: now)
        case .down:
            if pairs == Self.pairsMax { pairAt = now }
            pairs -= 1
        case .unreachable:
            switch last {
            case .down where now < lastAt + Self.restart: return nil
            case .unsteady: return nil
            default: break
            }
        case .up, .refused, .unsteady, .tooManyDevices: break
        }
        return say(event, at: now)
    }

    private mutating func refill(at now: Instant) {
        while pairs < Self.pairsMax, pairAt + Self.pairEvery <= now {
            pairs += 1
            pairAt = pairAt + Self.pairEvery
        }
    }

    /// When to be told again that the link works, as there is something to be told then; nil when there is nothing.
    func nextProof(at now: Instant) -> Instant? { held == nil ? nil : now + Self.pairEvery }

    /// A link has worked for a while.
    mutating func proven(at now: Instant) -> UpstreamEvent? {
        refill(at: now)
        guard let event = held, pairs > 0 else { return nil }
        held = nil
        return say(event, at: now)
    }

    private mutating func say(_ event: UpstreamEvent, at now: Instant) -> UpstreamEvent? {
        guard event != last else { return nil }
        last = event
        lastAt = now
        return event
    }
}
