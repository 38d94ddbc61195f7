// The seam between a connection's bytes and the code that reads and writes them: a socket, an encrypted stream, a pair in memory.
// Must not know what the bytes mean.

/// The reader of a transport.
public protocol ByteTransportOwner: AnyObject {
    /// Bytes came. They live, and may be written to, during the call. Returns how many were used: when that is not all, the transport
    /// keeps the rest and reads no more until `ByteTransport.resume()`.
    func transportRead(_ bytes: UnsafeMutableRawBufferPointer) -> Int
    /// Nothing more will come: the peer ended its side (nil), or the connection broke. Each comes at most once; a write may still
    /// break after the peer's end.
    func transportEnded(_ error: UVError?)
    /// Everything that had been queued has left.
    func transportDrained()
}

/// A connection that carries bytes in both directions, in order. It stays alive as long as it is open.
public protocol ByteTransport: AnyObject {
    /// The address of this end without its port ("192.168.1.5"); nil where there is none.
    var localHost: String? { get }
    /// The descriptor that takes the connection's bytes as they are; negative when none does.
    var descriptor: Int32 { get }

    /// Begins to read for `owner`, which lives as long as the transport is open.
    func start(for owner: any ByteTransportOwner)
    /// Hands the owner what was kept, and reads on when it uses all of that.
    func resume()

    /// Sends the pieces that `fill` appends; what cannot leave at once is copied. `fill` must write to no transport.
    func write(gathering fill: (inout Pieces) -> Void)
    /// Whether everything that was written has left, and without an error.
    var isClear: Bool { get }
    /// Whether a write has failed. The owner of a transport that broke in a write finds out only here.
    var isBroken: Bool { get }
    /// Bytes that wait to leave.
    var queuedBytes: Int { get }
    /// Bytes of the present backlog that have been sent; a number that does not move means a peer that does not read.
    var backlogBytesSent: Int { get }

    /// Ends this side after everything that was written. Reading goes on.
    func shutDown()
    /// Closes at once. A second call does nothing.
    func close()
    /// Closes at once and forgets what waits to leave.
    func reset()
}

extension ByteTransport {
    public var descriptor: Int32 { -1 }

    /// Sends bytes; what cannot leave at once is copied.
    public func write(_ bytes: UnsafeRawBufferPointer) { write { $0.append(bytes) } }
}
