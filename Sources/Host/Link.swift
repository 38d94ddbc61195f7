// The seam between a message connection and whoever owns its session.
// Must not know sockets, frames or Buttplug: both sides of the seam are named here and nothing else.

/// A session's place in dense tables, and which of the sessions that ever stood there is meant.
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
    /// The remote address without its port ("127.0.0.1", "::1"), or "unix" for a Unix socket.
    public var address: String
    /// The listener it came through, as configured ("ws://127.0.0.1:12345").
    public var listener: String
    /// What else that listener may be called: `localhost` by its addresses.
    public var otherListeners: [String]
    /// The `Origin` header, if there was one.
    public var origin: String?
    /// A token the peer showed. No carrier reads one yet; the rules can already match it.
    public var token: String?

    public init(address: String, listener: String, otherListeners: [String] = [], origin: String? = nil, token: String? = nil) {
        self.address = address
        self.listener = listener
        self.otherListeners = otherListeners
        self.origin = origin
        self.token = token
    }
}

/// A message connection, as its owner uses it.
public protocol Link: AnyObject {
    /// Sends finished messages. The link may write its headers into the runs' prefixes, and copies what it cannot send
    /// at once: the memory is the owner's again when this returns. One call per link and turn.
    func send(_ runs: UnsafeBufferPointer<MessageRun>)

    /// Closes in good order: what was sent leaves first, then the reason. The owner hears nothing more of this link.
    func close(_ reason: CloseReason)
}

/// Whoever owns the sessions behind links. Links call this. The owner never calls a link from inside these calls: it keeps what it has to
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
