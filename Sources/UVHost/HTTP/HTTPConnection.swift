// One HTTP connection: bytes to requests, answers to bytes, one after the other.
// Must not know what is asked. A stream of events is an answer without an end.

import HTTP
import Host
import SecureStreams
import TLS
import UV
import WebSocket

/// A connection of an `HTTPListener`.
public final class HTTPConnection: SecureTransportOwner {
    private enum Phase: Equatable {
        /// Reads a request. Can turn into: `answering`, `leaving`.
        case reading
        /// A request is with the answerer. Can turn into: `reading`, `streaming`, `leaving`.
        case answering
        /// An answer without an end. Can turn into: `leaving`.
        case streaming
        /// Nothing more is read; what was written still leaves. Can turn into: `gone`.
        case leaving
        case gone
    }

    public var isUnix: Bool { listener.isUnix }
    /// Whether it is encrypted.
    public var isSecure: Bool { listener.isSecure }
    /// Whether only this computer reaches its listener.
    public var isLocal: Bool { listener.isLocal }
    /// The client's address without its port, or "unix".
    public let peer: String
    /// Whether a request of it was let in, which its answerer says.
    public var isKnown = false
    /// Whether it may be from anywhere, and nothing of it was let in yet.
    var isStranger: Bool { isShakingHands || (isSecure && !isKnown) }
    private let stream: any ByteTransport
    private unowned let listener: HTTPListener
    private var reader = HTTPRequestReader()
    private var phase = Phase.reading
    private(set) var since: Instant
    private var keepsAlive = true
    private var isHead = false
    private var isReading = false
    /// Nothing can be read yet: the handshake goes on.
    private var isShakingHands: Bool
    /// Requests wait until the client has taken the answers before them.
    private var isHeld = false

    /// Bytes of answers that may wait for a client before its next request is read.
    private static let queueMax = 64 * 1_024

    init(_ stream: any ByteTransport, _ listener: HTTPListener, peer: String) {
        self.stream = stream
        self.listener = listener
        self.peer = peer
        isShakingHands = listener.isSecure
        since = listener.host.now
    }

    func start() { stream.start(for: self) }

    // MARK: Reading

    public func transportRead(_ bytes: UnsafeMutableRawBufferPointer) -> Int {
        var used = 0
        isReading = true
        defer { isReading = false }
        while used < bytes.count {
            switch phase {
            case .reading:
                isHeld = stream.queuedBytes > Self.queueMax
                if isHeld { return used }
                used += read(UnsafeRawBufferPointer(rebasing: bytes[used...]))
            case .answering: return used
            case .streaming, .leaving, .gone: return bytes.count
            }
        }
        return used
    }

    private func read(_ bytes: UnsafeRawBufferPointer) -> Int {
        if !reader.isInside { since = listener.host.now }
        let (step, used) = reader.read(bytes)
        switch step {
        case .needMore: break
        case .wantsContinue: write(Array("HTTP/1.1 100 Continue\r\n\r\n".utf8))
        case .failed(let problem):
            keepsAlive = false
            send(problem)
        case .request(let request): take(request)
        }
        return used
    }

    private func take(_ request: HTTPRequest) {
        keepsAlive = request.keepsAlive
        isHead = request.method == "HEAD"
        phase = .answering
        if !isUnix, let name = request.field("host"), !listener.policy.allows(host: name, at: stream.localHost) {
            return respond(.problem(403, "the name \(name) is not known here; use the address \(listener.address)"))
        }
        listener.answerer.requested(request, by: self)
    }

    public func transportPreface(_ bytes: UnsafeMutableRawBufferPointer) -> Int? { 0 }

    public func transportSecured() {
        isShakingHands = false
        since = listener.host.now
    }

    public func transportFailed(_ failure: TLSFailure) {
        // The alert that says why is to arrive: closing with bytes unread would make the kernel send a reset.
        guard failure == .plainHTTP else { return leave(awaitingPeer: true) }
        keepsAlive = false
        send(.problem(400, "this port takes TLS: use https:// instead of http://"))
    }

    public func transportEnded(_ error: UVError?) {
        // A client that has sent its last request may still wait for the answer.
        if error == nil, phase == .answering { return keepsAlive = false }
        cut()
    }

    public func transportDrained() {
        if phase == .leaving { return cut() }
        guard isHeld else { return }
        isHeld = false
        stream.resume()
    }

    // MARK: Answering

    /// Answers the request.
    public func respond(_ response: HTTPResponse) {
        guard phase == .answering else { return }
        send(response)
    }

    private func send(_ response: HTTPResponse) {
        write(response.encoded(withBody: !isHead, keepsAlive: keepsAlive))
        guard phase != .gone else { return }
        guard keepsAlive else { return leave() }
        phase = .reading
        since = listener.host.now
        if !isReading { stream.resume() }
    }

    /// Answers the request with a stream: its head and first part; what follows goes through `push`.
    public func stream(_ response: HTTPResponse) {
        guard phase == .answering else { return }
        phase = .streaming
        write(response.encoded(withBody: !isHead, keepsAlive: false))
        if isHead { leave() }
    }

    /// Adds to a stream.
    public func push(_ bytes: [UInt8]) {
        guard phase == .streaming else { return }
        write(bytes)
    }

    /// Bytes that the client has not taken.
    public var queuedBytes: Int { stream.queuedBytes }

    /// Ends the connection when what was written has left.
    public func close() {
        if phase != .leaving, phase != .gone { leave() }
    }

    private func write(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { stream.write($0) }
        if stream.isBroken { cut() }
    }

    // MARK: The end

    private func leave(awaitingPeer: Bool = false) {
        phase = .leaving
        since = listener.host.now
        stream.shutDown()
        if stream.isClear, !awaitingPeer { cut() }
    }

    /// Ends at once.
    public func cut() {
        guard phase != .gone else { return }
        phase = .gone
        stream.close()
        listener.remove(self)
    }

    func isOverdue(at now: Instant) -> Bool {
        switch phase {
        case .reading: now - since > (reader.isInside || isStranger ? listener.requestTimeout : HTTPListener.idleTimeout)
        case .leaving: now - since > listener.requestTimeout
        case .answering, .streaming, .gone: false
        }
    }

    func timedOut() {
        guard phase == .reading, reader.isInside else { return cut() }
        keepsAlive = false
        send(.problem(408, "the request was not whole after \(listener.requestTimeout.nanoseconds / 1_000_000_000) s"))
    }
}
