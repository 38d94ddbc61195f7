// The seam between a connection that carries bytes and its owner: a serial line, a socket.
// Must not know devices or what the bytes say. A host opens wires; the owner names them.

/// A wire, as its owner numbers it. An owner never gives a number to two wires.
public struct WireID: Hashable, Sendable {
    public let number: UInt32
    @inlinable public init(_ number: UInt32) { self.number = number }
}

/// What a wire leads to.
public enum WireAddress: Hashable, Sendable {
    /// A serial line with eight bits, no parity and one stop bit; nobody else may open it meanwhile.
    /// - baud: Bits a second.
    case serial(path: String, baud: Int)
    /// A Unix stream socket, whose other end may pass descriptors along.
    case socket(path: String)
    /// A descriptor that this process has got; it is the wire's from here on. What is written as a whole arrives as a whole if it is a
    /// packet socket.
    case passed(Int32)
}

/// Why a wire ended, or could not be opened.
public enum WireEnd: Error, Hashable, Sendable {
    /// The other end is gone.
    case ended
    /// This user may not open it.
    case denied
    /// There is no such thing now.
    case absent
    /// Another program has it.
    case busy
    /// It is there and is not what was asked for: a serial line that is none, or does not know the speed.
    case unsuitable
    /// The system's error number.
    case failed(Int32)
}

/// An open wire, or one that is being opened, as its owner uses it.
public protocol Wire: AnyObject {
    /// Sends bytes: all of them, or none. A stream keeps what the kernel did not take of bytes that it began.
    /// - Returns: false when the kernel takes no more for now; `drained` follows. Also before it is open and after its end.
    func send(_ bytes: UnsafeRawBufferPointer) -> Bool
    /// The descriptor of this process that it is, for a duplicate; negative when there is none, as before it is open.
    var descriptor: Int32 { get }
    /// Lets go of it. What the kernel has taken still leaves; the owner gets no more calls about it.
    func close()
}

extension Wire {
    public var descriptor: Int32 { -1 }
}

/// The owner of wires. The host calls this, never from inside `open`, `send` or `close`. The owner may call its wires from inside.
public protocol WireOwner: AnyObject {
    /// Bytes can be sent from now on.
    func opened(_ id: WireID, at now: Instant)
    /// Bytes arrived; they live only during the call. Of a packet socket one whole packet.
    func received(_ bytes: RawSpan, from id: WireID, at now: Instant)
    /// A descriptor came along with the bytes that are `received` next, or with earlier ones of the same read. True: it is the owner's from
    /// here on. Otherwise the world closes it.
    func passed(_ descriptor: Int32, from id: WireID) -> Bool
    /// The kernel takes bytes again, after a `send` that was refused.
    func drained(_ id: WireID, at now: Instant)
    /// The wire is gone, or could not be opened. It need not be closed.
    func closed(_ id: WireID, _ end: WireEnd, at now: Instant)
}

extension WireOwner {
    public func passed(_ descriptor: Int32, from id: WireID) -> Bool { false }
}

/// A world that can open wires.
public protocol WireOpener: Host {
    /// Opens a wire for `owner`, which the world keeps until the wire's end. The outcome is `opened` or `closed`, in a later turn.
    func open(_ address: WireAddress, as id: WireID, for owner: any WireOwner) -> any Wire
}
