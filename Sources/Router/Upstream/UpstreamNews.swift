// What the operator hears of an upstream: transitions only.
// Must not know who listens or how it is written down.

import Buttplug
import Host

/// Something that became different about an upstream.
public enum UpstreamNews: Hashable, Sendable {
    /// It answers: its name, and the version it speaks.
    case up(name: String, SpecVersion)
    /// The connection is lost; its devices are gone until it is back.
    case down(CloseReason)
    /// It cannot be reached, and is tried again and again. The text is for people. Said once until something else is the reason.
    case unreachable(String)
    /// It was reached, but there is no common language.
    case refused(String)
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
        }
    }
}
