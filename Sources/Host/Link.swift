// The seam between a message connection and the owner of its session.
// Must not know sockets, frames or Buttplug: both sides of the seam are named here and nothing else.

/// A session's slot in dense tables, and which of the sessions that have had it is meant.
public struct LinkID: Hashable, Sendable {
    public let slot: UInt32
    public let generation: UInt32
    @inlinable public init(slot: UInt32, generation: UInt32) {
        self.slot = slot
        self.generation = generation
    }
}

/// What is known of the other end when a connection opens.
public struct Peer: Hashable, Sendable {
    /// The remote address without its port ("127.0.0.1", "::1"), or "unix" for a Unix socket. A peer that is not local never has one of
    /// these: it is "forwarded" when only its proxy's address is known, and that is one of this computer.
    public var address: String
    /// The listener it came through, as configured ("ws://127.0.0.1:12345").
    public var listener: String
    /// What else that listener may be called: `localhost` by its addresses.
    public var otherListeners: [String]
    /// The `Origin` header, if there was one.
    public var origin: String?
    /// Whether it is a program of this computer: nothing between the two has said that it forwards.
    public var isLocal: Bool
    /// The name of the token that the peer showed and that counts.
    public var token: String?
    /// Which token of that name it is: a later one with another secret has another number; 0 without a token.
    public var tokenIdentity: UInt64 = 0
    /// When that token ends.
    public var tokenExpires = Instant.never
    /// The name in the certificate that the peer showed and that was accepted, as RFC 2253 writes it ("CN=tablet,O=Home").
    public var certificate: String?

    public init(
        address: String, listener: String, otherListeners: [String] = [], origin: String? = nil, isLocal: Bool = true, token: String? = nil
    ) {
        self.address = address
        self.listener = listener
        self.otherListeners = otherListeners
        self.origin = origin
        self.isLocal = isLocal
        self.token = token
    }
}

/// A message connection, as its owner uses it.
public protocol Link: AnyObject {
    /// Sends finished messages. The link may write its headers into the runs' prefixes, and copies what it cannot send
    /// at once: the memory is the owner's again when this returns. Several links may get the same bytes: a link writes into them only what
    /// every link would.
    ///
    /// The owner calls it once in a turn, and again only for lists that are too large for one buffer, or after a report during `send` or
    /// `close`. A `Link` that an embedding program has written may report `closed` or `drained` there, and the owner acts on it when the
    /// call has returned. The links of this project report later.
    func send(_ runs: UnsafeBufferPointer<MessageRun>)

    /// Closes in good order: what was sent leaves first, then the reason. The owner gets no more calls from this link.
    func close(_ reason: CloseReason)
}

/// The owner of the sessions on links. Links call this. The owner never calls a link from inside these calls: it keeps what it has to
/// say for the end of the turn (`TurnOwner`).
public protocol LinkOwner: AnyObject {
    /// The longest message it takes, in bytes, where that is more than the host's limit.
    var messageBytesMax: Int { get }
    /// Why a connection from here would be refused, or nil. Asked before the connection is accepted.
    func refusal(of peer: Peer) -> CloseReason?
    /// A connection opened. Everything after is said of the returned id.
    func opened(_ link: any Link, from peer: Peer, at now: Instant) -> LinkID
    /// A whole text message arrived; the bytes are valid UTF-8 and live only during the call.
    func received(_ text: RawSpan, from id: LinkID, at now: Instant)
    /// The kernel takes no more for now: hold back what can be merged until `drained`.
    func congested(_ id: LinkID)
    /// The backlog left.
    func drained(_ id: LinkID, at now: Instant)
    /// The connection is gone, or as good as.
    func closed(_ id: LinkID, _ reason: CloseReason, at now: Instant)
}

extension LinkOwner {
    public var messageBytesMax: Int { 0 }
}
