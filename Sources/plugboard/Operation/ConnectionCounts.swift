// What a report says of connections, as facts of a line of log.
// Must not know who asks for the report.

import Logging
import UVHost

extension UVHost {
    /// How many connections came, and what became of them.
    var connectionCounts: Logger.Metadata {
        [
            "accepted": "\(counters.accepted)", "opened": "\(counters.opened)", "refused": "\(counters.refused)",
            "unauthorized": "\(counters.unauthorized)", "paused": "\(counters.paused)", "displaced": "\(counters.displaced)",
            "head_timeouts": "\(counters.headTimeouts)", "tls_failed": "\(counters.tlsFailed)",
            "binary_ignored": "\(counters.binaryIgnored)", "now": "\(linkCount)",
        ]
    }
}
