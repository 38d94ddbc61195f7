// What may be wrong with certificates, keys and handshakes, in words for people and as values for programs.
// Must not know connections, nor who is told.

/// Why a certificate, a key or a list of authorities cannot be used.
public struct TLSProblem: Error, Hashable, Sendable, CustomStringConvertible {
    /// The file it is about.
    public let file: String
    /// What is wrong with it, and what to do, as the second half of a sentence.
    public let reason: String
    /// The file may not be read by this user.
    public let isForbidden: Bool

    init(_ file: String, _ reason: String, isForbidden: Bool = false) {
        self.file = file
        self.reason = reason
        self.isForbidden = isForbidden
    }

    /// "FILE: reason".
    public var description: String { "\(file): \(reason)" }
}

/// Why an encrypted connection could not be made, or broke.
public enum TLSFailure: Error, Hashable, Sendable {
    /// The certificate's time is over.
    case expired
    /// The certificate's time has not begun: one of the two clocks is wrong.
    case notYetValid
    /// Nobody who is trusted has signed the certificate.
    case unknownIssuer
    /// The certificate is for other names.
    case wrongName
    /// Something else is wrong with the certificate; the library's words.
    case badCertificate(String)
    /// The two have no version of TLS in common.
    case version
    /// What came is a plain HTTP request.
    case plainHTTP
    /// What came is not TLS.
    case notTLS
    /// The other side ended the connection within the handshake.
    case hungUp
    /// The other side refused; its reason in the library's words.
    case refusedByPeer(String)
    /// Anything else; the library's words.
    case broken(String)

    /// What is wrong, for people.
    public var words: String {
        switch self {
        case .expired: "the certificate has expired"
        case .notYetValid: "the certificate is not valid yet: check the clocks of both computers"
        case .unknownIssuer: "the certificate is from an unknown issuer"
        case .wrongName: "the certificate is for another name"
        case .badCertificate(let text): "the certificate is not accepted: \(text)"
        case .version: "there is no common version of TLS"
        case .plainHTTP: "a plain HTTP request came where TLS was expected"
        case .notTLS: "what came is not TLS"
        case .hungUp: "the other side ended the connection within the handshake: does it know TLS?"
        case .refusedByPeer(let text): "the other side refused TLS: \(text)"
        case .broken(let text): "TLS failed: \(text)"
        }
    }

    /// In one word, for logs and counters.
    public var kind: String {
        switch self {
        case .expired: "tls_expired"
        case .notYetValid: "tls_not_yet_valid"
        case .unknownIssuer: "tls_unknown_issuer"
        case .wrongName: "tls_wrong_name"
        case .badCertificate: "tls_bad_certificate"
        case .version: "tls_version"
        case .plainHTTP: "tls_plain_http"
        case .notTLS: "tls_not_tls"
        case .hungUp: "tls_hung_up"
        case .refusedByPeer: "tls_refused"
        case .broken: "tls_broken"
        }
    }
}

/// The lowest version of TLS.
public enum TLSVersion: String, CaseIterable, Hashable, Sendable {
    case v12 = "1.2"
    case v13 = "1.3"
}
