// Requests to an encrypted admin address: what they have shown, and which addresses are refused for a while because they guess.
// Must not know connections. The same table of failures as for the tokens of apps.

import Entrance
import Guard
import HTTP
import Host

/// The wrong tokens of the last minute, by address. Its memory is bounded.
public struct AdminGuesses {
    private var failures = FailureTable(entriesMax: 1_024)

    public init() {}

    /// Where a request comes from, and what the operator is to be told of it, in words.
    ///
    /// From elsewhere a token is not looked at while its address is refused. Programs of this computer share one address, and none of them
    /// may lock out the others: a token that counts is taken from them at any time. A request without a token is no guess.
    /// - Parameters:
    ///   - digest: The operator's token, if there is one.
    ///   - isLocal: Only this computer reaches the address that the request came to.
    ///   - peer: The client's address, as the kernel writes it.
    public mutating func origin(
        of request: HTTPRequest, token digest: TokenDigest?, isLocal: Bool, from peer: String, at now: Instant
    ) -> (origin: AdminOrigin, told: String?) {
        let origin = AdminOrigin(of: request, token: digest, isLocal: isLocal)
        let group = AddressGroup(peer)
        let isOwn = AddressGroup.isOwn(peer)
        guard origin.proof == .wrong || (origin.proof == .valid && !isOwn) else { return (origin, nil) }
        if let until = failures.refusal(of: group, at: now) {
            let seconds = Int(((until - now).nanoseconds + 999_999_999) / 1_000_000_000)
            return (AdminOrigin(isUnix: false, proof: .tooMany(seconds: seconds)), nil)
        }
        guard origin.proof == .wrong else { return (origin, nil) }
        guard failures.failed(group, at: now) else { return (origin, "a wrong token was shown to the admin interface") }
        let seconds = FailureTable.pause.nanoseconds / 1_000_000_000
        let words = "\(FailureTable.failuresMax) wrong tokens within a minute were shown to the admin interface: refused for \(seconds) s"
        return (origin, words)
    }
}
