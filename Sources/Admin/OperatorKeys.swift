// The keys by which a page in a browser is the operator's: handed out through the admin socket, which only the operator opens.
// Must not keep a key, only its digest. They are in memory and end with the router.

import Guard
import Host
import HTTP

/// The keys that count now.
struct OperatorKeys {
    private var keys: [(digest: TokenDigest, until: Instant)] = []

    /// How long a key counts: an evening, and not a forgotten browser's next week.
    static let lifetime = Interval.seconds(12 * 3_600)
    /// Keys at once; the oldest ends for one more.
    private static let most = 16

    mutating func add(_ secret: TokenSecret, at now: Instant) {
        keys.removeAll { now >= $0.until }
        if keys.count >= Self.most { keys.removeFirst() }
        keys.append((secret.digest, now + Self.lifetime))
    }

    /// Whether a request shows one, as `Authorization: Bearer …`.
    func admits(_ request: HTTPRequest, at now: Instant) -> Bool {
        guard let field = request.field("authorization"), field.utf8.count <= 256 else { return false }
        let words = field.split(separator: " ", omittingEmptySubsequences: true)
        guard words.count == 2, words[0].lowercased() == "bearer" else { return false }
        let digest = TokenDigest(of: String(words[1]))
        return keys.contains { $0.digest.isSame(as: digest) && now < $0.until }
    }
}
