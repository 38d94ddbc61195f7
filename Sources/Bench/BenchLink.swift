// A WebSocket connection of the generator to the server: upgrade, frames in, bytes out.
// Must not know more of Buttplug than the most frequent answer; its owner does.

import Host
import SecureStreams
import TLS
import UV
import WebSocket

/// The client that uses a link.
protocol BenchLinkOwner: AnyObject {
    /// The connection is a WebSocket now.
    func linkOpened()
    /// An `Ok` with an Id of eight digits came, in the usual layout.
    func linkAnswered(_ id: UInt32, at now: UInt64)
    /// Another text came. It lives during the call.
    func linkReceived(_ text: UnsafeRawBufferPointer, at now: UInt64)
    /// Everything has gone to the kernel that it would not take before.
    func linkDrained()
    /// It is over: the server ended it, or it never opened. Not called after `close`.
    func linkEnded(_ why: String, isRefusal: Bool)
}

/// One connection. `owner` must call `close`, unless it was told of the end.
final class BenchLink: SecureTransportOwner {
    private enum Phase { case connecting, upgrading, open, closed }

    private unowned let owner: any BenchLinkOwner
    private let route: BenchRoute
    private let offer: UpgradeOffer
    private var parser: UpgradeResponseParser
    @exclusivity(unchecked) private var phase = Phase.connecting
    @exclusivity(unchecked) private var decoder = FrameDecoder(.client, limits: .init(messageBytes: 64 << 20))
    private var connector: Connector?
    @exclusivity(unchecked) private var transport: (any ByteTransport)?
    /// Bytes are left in the kernel while this is true.
    @exclusivity(unchecked) var isDeaf = false

    static let key: UInt32 = 0x5A_3C_96_E1

    init(by route: BenchRoute, nonce: [UInt8], owner: any BenchLinkOwner) {
        self.owner = owner
        self.route = route
        switch route.target.endpoint {
        case .webSocket(let host, let port, let path, let isSecure):
            let authority = Endpoint.bracketed(host) + (port == (isSecure ? 443 : 80) ? "" : ":\(port)")
            offer = UpgradeOffer(host: authority, path: path, nonce: nonce)
        case .unix: offer = UpgradeOffer(host: "localhost", nonce: nonce)
        }
        parser = UpgradeResponseParser(offer)
        let done: Connector.Done = { [unowned self] stream, _, error in connected(stream, error) }
        switch route.target.endpoint {
        case .webSocket(let host, let port, _, _): connector = Connector(on: route.loop, host: host, port: port, done: done)
        case .unix(let path): connector = Connector(on: route.loop, path: path, done: done)
        }
    }

    /// Begins to connect. What fails at once is told in a later turn.
    func start() {
        guard let error = connector?.start() else { return }
        route.loop.post { [box = Confined(self)] in box.value.end(error.message, isRefusal: error.isRefused) }
    }

    private func connected(_ stream: ByteStream?, _ error: UVError?) {
        connector = nil
        guard let stream else { return end(error?.message ?? "no connection", isRefusal: error?.isRefused ?? true) }
        let transport = route.transport(over: stream)
        self.transport = transport
        phase = .upgrading
        transport.start(for: self)
        // An encrypted connection asks when it is one.
        if !route.target.endpoint.isSecure { transportSecured() }
    }

    func transportPreface(_ bytes: UnsafeMutableRawBufferPointer) -> Int? { 0 }

    func transportSecured() { offer.bytes().withUnsafeBytes { transport?.write($0) } }

    func transportFailed(_ failure: TLSFailure) {
        end("the connection cannot be encrypted: \(failure.words)", isRefusal: false)
    }

    // MARK: In

    func transportRead(_ bytes: UnsafeMutableRawBufferPointer) -> Int {
        switch phase {
        case .open: return isDeaf ? 0 : readFrames(bytes, from: 0)
        case .upgrading: return readAnswer(bytes)
        case .connecting, .closed: return bytes.count
        }
    }

    private func readAnswer(_ bytes: UnsafeMutableRawBufferPointer) -> Int {
        switch parser.read(UnsafeRawBufferPointer(bytes)) {
        case .needMore: break
        case .accepted(_, let used):
            phase = .open
            owner.linkOpened()
            return readFrames(bytes, from: used)
        case .failed(.status(let status)):
            end("the server answers the WebSocket request with HTTP status \(status)", isRefusal: status == 503)
        case .failed: end("the server does not answer as a WebSocket server", isRefusal: false)
        }
        return bytes.count
    }

    @inline(__always)
    private func readFrames(_ bytes: UnsafeMutableRawBufferPointer, from start: Int) -> Int {
        let now = MonotonicClock.nanoseconds
        let base = bytes.baseAddress.unsafelyUnwrapped
        var at = start
        while true {
            // A whole text of 24 bytes, as nearly every answer is.
            if decoder.isBetweenMessages, bytes.count &- at >= 26,
                (base + at).loadUnaligned(as: UInt16.self) == UInt16(littleEndian: 0x1881),
                let id = ReplyReader.okID(UnsafeRawBufferPointer(start: base + at + 2, count: 24))
            {
                at &+= 26
                owner.linkAnswered(id, at: now)
                continue
            }
            switch decoder.next(in: bytes, at: &at) {
            case .needMore: return bytes.count
            case .text(let text): owner.linkReceived(text, at: now)
            case .binary, .pong: break
            case .ping(let payload): answer(.pong, payload)
            case .close(let status, let reason):
                answer(.close, UnsafeRawBufferPointer(start: nil, count: 0))
                let said = reason.isEmpty ? "" : ": \(String(decoding: reason, as: UTF8.self))"
                end("the server closed the session (\(status)\(said))", isRefusal: false)
            case .violation(let wrong): end("the server broke the WebSocket protocol: \(wrong.text)", isRefusal: false)
            }
            if phase == .closed { return bytes.count }
        }
    }

    private func answer(_ opcode: Opcode, _ payload: UnsafeRawBufferPointer) {
        withUnsafeTemporaryAllocation(byteCount: FrameWriter.controlMax, alignment: 16) { room in
            guard let base = room.baseAddress else { return }
            let count = FrameWriter.control(opcode, payload: payload, key: Self.key, to: base)
            transport?.write(UnsafeRawBufferPointer(start: base, count: count))
        }
    }

    func transportEnded(_ error: UVError?) {
        end(error.map { "the connection broke: \($0.message)" } ?? "the server ended the connection", isRefusal: phase == .upgrading)
    }

    func transportDrained() { if phase == .open { owner.linkDrained() } }

    // MARK: Out

    var isOpen: Bool { phase == .open }

    /// Bytes that the kernel would not take yet.
    @inline(__always)
    var queuedBytes: Int { transport?.queuedBytes ?? 0 }

    /// Sends finished frames.
    @inline(__always)
    func write(_ bytes: UnsafeRawBufferPointer) {
        guard phase == .open, let transport else { return }
        transport.write(bytes)
        if !transport.isClear, transport.isBroken { broke() }
    }

    @inline(never)
    private func broke() {
        route.loop.post { [box = Confined(self)] in box.value.end("the connection broke: a write failed", isRefusal: false) }
    }

    /// Sends a text in a frame of its own.
    func say(_ text: String) {
        let payload = Array(text.utf8)
        withUnsafeTemporaryAllocation(byteCount: payload.count + FrameWriter.headerMax, alignment: 16) { room in
            guard let base = room.baseAddress else { return }
            let size = FrameWriter.header(.text, payload: payload.count, key: Self.key, to: base)
            payload.withUnsafeBytes { source in
                if let start = source.baseAddress { (base + size).copyMemory(from: start, byteCount: payload.count) }
            }
            _ = Masking.apply(Self.key, to: base + size, count: payload.count)
            write(UnsafeRawBufferPointer(start: base, count: size + payload.count))
        }
    }

    // MARK: The end

    /// Sends a close frame; the server ends the connection, which `linkEnded` reports.
    func leave() {
        guard phase == .open else { return }
        withUnsafeTemporaryAllocation(byteCount: FrameWriter.controlMax, alignment: 16) { room in
            guard let base = room.baseAddress else { return }
            transport?.write(UnsafeRawBufferPointer(start: base, count: FrameWriter.close(status: 1000, key: Self.key, to: base)))
        }
    }

    /// Closes at once; nothing is told any more.
    func close() {
        phase = .closed
        connector?.cancel()
        connector = nil
        transport?.close()
        transport = nil
    }

    private func end(_ why: String, isRefusal: Bool) {
        guard phase != .closed else { return }
        close()
        owner.linkEnded(why, isRefusal: isRefusal)
    }
}

/// Something that belongs to one loop's thread, on its way there.
struct Confined<Value>: @unchecked Sendable {
    let value: Value
    init(_ value: Value) { self.value = value }
}
