// The seam for code that waits: a world whose loop runs Swift tasks, and what a client may need there.
// Must not know which world it is, nor who asks; UVHost and SimHost have one each.

/// A host together with the executor of its loop. Actors on that executor run on the loop's thread, and so do their owners of links.
public protocol ClientWorld: Sendable {
    /// Runs jobs on the loop; implements `checkIsolated`.
    var executor: any SerialExecutor { get }
    /// The host. Only code that runs on the loop may ask for it.
    var host: any Dialer { get }
    /// Runs `call` on the loop, in the order of posting. From any thread.
    func post(_ call: @escaping @Sendable () -> Void)
}

/// A host that can wait for connections to come in.
public protocol Acceptor: Host {
    /// Listens for WebSocket connections on `port` of the loopback address; 0 lets the kernel choose. Every connection is given to `owner`.
    /// - Throws: why that is not possible, in words.
    func accept(port: UInt16, for owner: any LinkOwner) throws(AcceptFailure) -> any ListeningPort
}

/// Why a port cannot be listened on, in words that say what to do.
public struct AcceptFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// The words.
    public let description: String
    /// A failure in these words.
    public init(_ description: String) { self.description = description }
}

/// An open listener.
public protocol ListeningPort: AnyObject {
    /// The port it listens on.
    var port: UInt16 { get }
    /// Accepts no more; connections there are stay.
    func close()
}

/// Somebody in this process who takes connections without sockets: an embedded server.
public protocol EmbeddedEndpoint: Sendable {
    /// Who gets a connection from a client in the same world; nil when the server has ended or lives in another world. Only on the loop.
    func owner(in world: any ClientWorld) -> (any LinkOwner)?
}
