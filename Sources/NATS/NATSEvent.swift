// What a session tells its owner, and why a connection can end.
// Must not know what the owner does about it.

/// What has happened, or is to be done.
public enum NATSEvent {
    /// A stream to this server is to be opened: `connected` or `closed` says what became of it.
    case dial(NATSServer)
    /// The stream is to become TLS, with this name in the certificate: `secured` or `closed` says what became of it.
    case secure(certificateName: String)
    /// Everything subscribed to arrives from now on. Messages may have come shortly before.
    case opened
    /// The server does not let us publish or subscribe to something. The connection goes on.
    case denied(NATSDenial)
    /// The server complains about something else, in its own words, at most 256 bytes. The connection goes on, or ends by itself.
    case complaint(String)
    /// The server will end soon, and no other is known.
    case lameDuck
    /// The connection is over; the stream is to be closed if it is open. `wasOpen`: it had been `.opened`.
    case ended(NATSEnd, wasOpen: Bool)
}

/// What `next` says.
public enum NATSStep {
    /// All bytes have been used, and everything has been told.
    case needMore
    case message(NATSMessage)
    case event(NATSEvent)
}

/// What a server does not let us do.
public struct NATSDenial: Hashable, Sendable {
    public var isPublish: Bool
    /// At most 256 bytes; as the server wrote it.
    public var subject: String
}

/// Why a connection ended, or a try failed.
public enum NATSEnd: Hashable, Sendable {
    /// No stream could be opened.
    case unreachable
    /// The stream ended.
    case closed
    /// TLS failed.
    case insecure
    /// The configuration wants TLS, and the server has none.
    case noTLS
    /// The server does not know us, in its words.
    case refused(String)
    /// The server's challenge cannot be signed, or it sent none.
    case cannotSign
    /// The server cannot do what we need: it has no headers, and cannot say that nobody listens.
    case tooOld
    case violation(NATSViolation)
    /// It was not open in time.
    case tooSlow
    /// Nothing came for too long.
    case silent
    /// The server will end soon, and there are others.
    case lameDuck
    /// `leave` was called.
    case left

    /// Trying again soon is of no use.
    var isRefusal: Bool {
        switch self {
        case .refused, .cannotSign: true
        default: false
        }
    }
}

/// What a server can write after `-ERR`.
enum NATSErrorClass: Hashable {
    case denial(NATSDenial)
    case refusal
    case other

    /// The words are those of nats-server; it has no numbers for them.
    init(_ text: String) {
        let words = text.lowercased()
        if let isPublish = words.hasPrefix("permissions violation for publish")
            ? true : words.hasPrefix("permissions violation for subscription") ? false : nil
        {
            // The subject is in quotes, and may be followed by more.
            let parts = text.split(separator: "\"", omittingEmptySubsequences: false)
            self = .denial(NATSDenial(isPublish: isPublish, subject: parts.count > 1 ? String(parts[1]) : ""))
        } else if words.hasPrefix("authorization violation") || words.hasPrefix("authorization timeout")
            || words.hasPrefix("authentication") || words.hasPrefix("user authentication") || words.hasPrefix("account authentication")
        {
            self = .refusal
        } else {
            self = .other
        }
    }
}
