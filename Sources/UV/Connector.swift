// Connections that this side opens, TCP or Unix: names become addresses, and each address is tried in turn.
// Must not know URLs, deadlines, or what is spoken on the connection.

import CUV
import Glibc

/// One attempt to connect. Tells its outcome once, never from inside the call that began it, unless `cancel` came first.
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
    private var place = 0
    private var stream: ByteStream?
    private var lookup: Lookup?
    private var firstError: UVError?

    /// Connects to a TCP server.
    /// - Parameters:
    ///   - host: An IPv4 or IPv6 literal (without brackets), or a name; `localhost` is this computer without a look-up (RFC 6761). Of a
    ///     name's addresses the IPv4 ones are tried first.
    ///   - done: Gets the connected stream with the peer's address, or the first address's error.
    public init(on loop: Loop, host: String, port: UInt16, done: @escaping Done) {
        self.loop = loop
        self.done = done
        let literals = host == "localhost" ? ["127.0.0.1", "::1"] : [host]
        targets = literals.compactMap { SocketAddress(literal: $0, port: port).map { .tcp($0) } }
        if targets.isEmpty {
            lookup = Lookup(on: loop, host: host, port: port) { [weak self] addresses, status in self?.found(addresses, status) }
        }
    }

    /// Connects to a Unix socket.
    public init(on loop: Loop, path: String, done: @escaping Done) {
        self.loop = loop
        self.done = done
        targets = [.pipe(path: path)]
    }

    /// Begins. What fails at once is told to the caller, who passes it on when it likes; nil means that `done` will be called.
    public func start() -> UVError? {
        if let lookup { return lookup.start() }
        return tryNext()
    }

    /// Gives up: `done` is not called any more.
    public func cancel() {
        done = nil
        lookup?.cancel()
        lookup = nil
        stream?.close()
        stream = nil
    }

    private func found(_ addresses: [SocketAddress], _ status: Int32) {
        lookup = nil
        targets = addresses.map { .tcp($0) }
        if targets.isEmpty { firstError = UVError(status < 0 ? status : UV_EAI_NONAME.rawValue, in: "getaddrinfo") }
        if let error = tryNext() { end(nil, "", error) }
    }

    /// Tries addresses until one takes time; the first error when none does.
    private func tryNext() -> UVError? {
        while place < targets.count {
            do throws(UVError) {
                try begin(targets[place])
                return nil
            } catch {
                firstError = firstError ?? error
                place += 1
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
            if case .tcp(let address) = targets[place] { return end(stream, address.host, nil) }
            return end(stream, "unix", nil)
        }
        stream.close()
        firstError = firstError ?? error
        place += 1
        if let last = tryNext() { end(nil, "", last) }
    }

    private func end(_ stream: ByteStream?, _ peer: String, _ error: UVError?) {
        let done = self.done
        self.done = nil
        done?(stream, peer, error)
    }
}

/// One name being looked up on libuv's threads.
private final class Lookup {
    private let loop: Loop
    private let host: String
    private let port: UInt16
    private var found: (([SocketAddress], Int32) -> Void)?
    private let request = UnsafeMutablePointer<uv_getaddrinfo_t>.allocate(capacity: 1)

    init(on loop: Loop, host: String, port: UInt16, _ found: @escaping ([SocketAddress], Int32) -> Void) {
        self.loop = loop
        self.host = host
        self.port = port
        self.found = found
    }

    deinit { request.deallocate() }

    /// libuv keeps this object until it has answered; the loop does not close before.
    func start() -> UVError? {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        request.pointee.data = Unmanaged.passRetained(self).toOpaque()
        let status = uv_getaddrinfo(
            loop.raw, request,
            { request, status, list in
                let lookup = Unmanaged<Lookup>.fromOpaque(request.unsafelyUnwrapped.pointee.data).takeRetainedValue()
                lookup.answered(status, list)
            }, host, String(port), &hints)
        if status < 0 {
            Unmanaged<Lookup>.fromOpaque(request.pointee.data).release()
            return UVError(status, in: "getaddrinfo")
        }
        loop.openHandles += 1
        return nil
    }

    func cancel() {
        guard found != nil else { return }
        found = nil
        UnsafeMutableRawPointer(request).withMemoryRebound(to: uv_req_t.self, capacity: 1) { _ = uv_cancel($0) }
    }

    private func answered(_ status: Int32, _ list: UnsafeMutablePointer<addrinfo>?) {
        loop.openHandles -= 1
        defer { if let list { uv_freeaddrinfo(list) } }
        var four: [SocketAddress] = []
        var six: [SocketAddress] = []
        var next = list
        while let entry = next {
            if let address = SocketAddress(entry.pointee) {
                if address.family == AF_INET { four.append(address) } else { six.append(address) }
            }
            next = entry.pointee.ai_next
        }
        let found = self.found
        self.found = nil
        found?(four + six, status)
    }
}
