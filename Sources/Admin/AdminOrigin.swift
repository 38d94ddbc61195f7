// Where a request of the admin interface comes from, and whether that is the operator: by the socket's file, or by a token.
// Must not know connections.

import Guard
import HTTP

/// Where a request comes from.
public struct AdminOrigin: Hashable, Sendable {
    /// What it showed.
    public enum Proof: Hashable, Sendable {
        /// None is needed there: only this computer reaches it.
        case notNeeded
        case valid
        case missing
        case wrong
        /// Nothing is looked at: too many wrong ones were shown from there. For how many more seconds.
        case tooMany(seconds: Int)
    }

    /// A Unix socket: the user of this computer who may open it.
    public var isUnix: Bool
    public var proof: Proof

    public init(isUnix: Bool, proof: Proof = .notNeeded) {
        self.isUnix = isUnix
        self.proof = proof
    }

    /// A request to an encrypted address, which other computers may reach.
    /// - Parameters:
    ///   - digest: The operator's token, if there is one.
    ///   - isLocal: Only this computer reaches the address, so that none is needed where there is none.
    public init(of request: HTTPRequest, token digest: TokenDigest?, isLocal: Bool) {
        isUnix = false
        guard let digest else {
            proof = isLocal ? .notNeeded : .missing
            return
        }
        switch Self.shown(request) {
        case let secret?: proof = digest.matches(secret) ? .valid : .wrong
        case nil: proof = .missing
        }
    }

    /// Whether it may ask anything.
    public var isAllowed: Bool { proof == .notNeeded || proof == .valid }

    /// Whether it is the operator for certain: another user of this computer reaches a port, but not the socket's file.
    var isOperator: Bool { isUnix || proof == .valid }

    /// An event stream of a browser cannot have a header; no other address takes a token, so that none gets into a history or a log.
    private static func shown(_ request: HTTPRequest) -> String? {
        if let header = request.field("authorization") {
            let words = header.split(separator: " ")
            return words.count == 2 && words[0].lowercased() == "bearer" ? String(words[1]) : ""
        }
        return request.path == "/v1/events" ? request.parameter("token") : nil
    }

    /// The answer to one that may not.
    var refusal: HTTPResponse {
        if case .tooMany(let seconds) = proof {
            var response = HTTPResponse.problem(
                429, "too many requests from this address showed a wrong token: try again in \(seconds) s, with the operator's token")
            response.add("Retry-After", "\(seconds)")
            return response
        }
        let what = proof == .missing ? "this address needs the operator's token" : "this is not the operator's token"
        var response = HTTPResponse.problem(401, "\(what): Authorization: Bearer …, as [admin] in the configuration has it")
        response.add("WWW-Authenticate", "Bearer")
        return response
    }
}
