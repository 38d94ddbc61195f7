// Connections that this side opens, TCP or Unix: names become addresses, and each address is tried in turn.
// Must not know URLs, deadlines, or the protocol on the connection.

import CUV
import LibC

/// One attempt to connect. Reports its outcome once, never from inside the call that began it, unless `cancel` came first.
public final class Connector {
    public typealias Done = (_ stream: ByteStream?, _ peer: String, _ error: UVError?) -> Void

    private enum Target {
        case tcp(SocketAddress)
        case pipe(path: String)
    }

    private let loop: Loop
    private var done: Done?
    private var targets: [Target] = []
    /// The one that is being tried.
    private var index = 0
    private var stream: ByteStream?
    /// A name to look up first, and the ticket while that is under way.
    private var name: (host: String, port: UInt16)?
    private var ticket: UInt64?
    private let resolver: Resolver
    private var firstError: UVError?

    /// Connects to a TCP server.
    /// - Parameters:
    ///   - host: An IPv4 or IPv6 literal (without brackets), or a name; `localhost` is this computer without a look-up (RFC 6761). Of a
    ///     name's addresses the IPv4 ones are tried first.
    ///   - done: Gets the connected stream with the peer's address, or the first address's error.
    public convenience init(on loop: Loop, host: String, port: UInt16, done: @escaping Done) {
        self.init(on: loop, host: host, port: port, resolver: .shared, done: done)
    }

    init(on loop: Loop, host: String, port: UInt16, resolver: Resolver, done: @escaping Done) {
        self.loop = loop
        self.resolver = resolver
        self.done = done
        let literals = host == "localhost" ? ["127.0.0.1", "::1"] : [host]
        targets = literals.compactMap { SocketAddress(literal: $0, port: port).map { .tcp($0) } }
        if targets.isEmpty { name = (host, port) }
    }

    /// Connects to a Unix socket.
    public init(on loop: Loop, path: String, done: @escaping Done) {
        self.loop = loop
        self.done = done
        resolver = .shared
        targets = [.pipe(path: path)]
    }

    /// Begins. What fails at once is told to the caller, who passes it on when it likes; nil means that `done` will be called.
    public func start() -> UVError? {
        guard let name else { return tryNext() }
        do throws(UVError) {
            ticket = try resolver.start(name.host, name.port, for: loop) { [weak self] in self?.found($0) }
            return nil
        } catch {
            return error
        }
    }

    /// Gives up: `done` is not called any more.
    public func cancel() {
        done = nil
        if let ticket { resolver.cancel(ticket) }
        ticket = nil
        stream?.close()
        stream = nil
    }

    private func found(_ answer: Resolver.Answer) {
        ticket = nil
        guard done != nil else { return }
        switch answer {
        case .success(let addresses): targets = addresses.map { .tcp($0) }
        case .failure(let error): firstError = error
        }
        if let error = tryNext() { end(nil, "", error) }
    }

    /// Tries addresses until one takes time; the first error when none does.
    private func tryNext() -> UVError? {
        while index < targets.count {
            do throws(UVError) {
                try begin(targets[index])
                return nil
            } catch {
                firstError = firstError ?? error
                index += 1
            }
        }
        return firstError ?? UVError(UV_EAI_NONAME.rawValue, in: "connect")
    }

    private func begin(_ target: Target) throws(UVError) {
        let fresh: ByteStream
        switch target {
        case .tcp(let address): fresh = try ByteStream(on: loop, connectingTo: address) { [weak self] in self?.connected($0) }
        case .pipe(let path): fresh = try ByteStream(on: loop, connectingToPipe: path) { [weak self] in self?.connected($0) }
        }
        stream = fresh
    }

    private func connected(_ error: UVError?) {
        guard done != nil, let stream else { return }
        self.stream = nil
        guard let error else {
            if case .tcp(let address) = targets[index] { return end(stream, address.host, nil) }
            return end(stream, "unix", nil)
        }
        stream.close()
        firstError = firstError ?? error
        index += 1
        if let last = tryNext() { end(nil, "", last) }
    }

    private func end(_ stream: ByteStream?, _ peer: String, _ error: UVError?) {
        let done = self.done
        self.done = nil
        done?(stream, peer, error)
    }
}
