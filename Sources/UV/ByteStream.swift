// A connected socket on a loop, TCP or Unix: bytes in through the loop's shared buffer, bytes out in one system call where possible.
// Must not know frames, sessions or deadlines.

import CUV
import LibC

/// A connected stream socket. It reads from `start` on until it is closed, and stays alive as long as it is open.
public final class ByteStream: Handle, ByteTransport {
    @exclusivity(unchecked) private var owner: (any ByteTransportOwner)?
    /// Bytes that were read and that the owner did not want yet; only while paused.
    @exclusivity(unchecked) private var rest: UnsafeMutableRawBufferPointer?
    @exclusivity(unchecked) private var backlog: Backlog?
    @exclusivity(unchecked) private var wantsShutdown = false
    /// Who is told of the connection's success; only while it is being opened.
    private var onConnected: ((UVError?) -> Void)?
    /// libuv says when it is ready; `recv` and `send` on it cost the kernel less than the `read` and `write` that libuv would do.
    @exclusivity(unchecked) private var socket: Int32 = -1
    public var descriptor: Int32 { isOpen ? socket : -1 }
    private var hasEnded = false
    private var hasBroken = false
    /// The first error of a write. The owner of a stream that broke in `write` is told only through this.
    @exclusivity(unchecked) public private(set) var writeError: UVError?

    /// A stream over an accepted TCP socket that does not block. On failure the socket stays the caller's.
    init(on loop: Loop, tcp descriptor: Int32) throws(UVError) {
        super.init(UV_TCP, on: loop)
        let tcp = UnsafeMutableRawPointer(raw).assumingMemoryBound(to: uv_tcp_t.self)
        try opened(uv_tcp_init(loop.raw, tcp), "uv_tcp_init")
        try adopt(uv_tcp_open(tcp, descriptor), "uv_tcp_open")
    }

    /// A stream over an accepted Unix socket that does not block. On failure the socket stays the caller's.
    init(on loop: Loop, pipe descriptor: Int32) throws(UVError) {
        super.init(UV_NAMED_PIPE, on: loop)
        let pipe = UnsafeMutableRawPointer(raw).assumingMemoryBound(to: uv_pipe_t.self)
        try opened(uv_pipe_init(loop.raw, pipe, 0), "uv_pipe_init")
        try adopt(uv_pipe_open(pipe, descriptor), "uv_pipe_open")
    }

    /// A stream to a TCP server. `connected` is called once in a later turn, with what went wrong, unless it is closed before.
    init(on loop: Loop, connectingTo address: SocketAddress, _ connected: @escaping (UVError?) -> Void) throws(UVError) {
        super.init(UV_TCP, on: loop)
        let tcp = UnsafeMutableRawPointer(raw).assumingMemoryBound(to: uv_tcp_t.self)
        try opened(uv_tcp_init(loop.raw, tcp), "uv_tcp_init")
        let request = connectRequest(connected)
        let status = address.withPointer { target, _ in uv_tcp_connect(request, tcp, target, ByteStream.onConnect) }
        if status < 0 { request.deallocate() }
        try adopt(status, "connect")
        uv_tcp_nodelay(tcp, 1)
    }

    /// A stream to a Unix socket, likewise.
    init(on loop: Loop, connectingToPipe path: String, _ connected: @escaping (UVError?) -> Void) throws(UVError) {
        // libuv would cut a path that is too long.
        _ = try SocketAddress(path: path)
        super.init(UV_NAMED_PIPE, on: loop)
        let pipe = UnsafeMutableRawPointer(raw).assumingMemoryBound(to: uv_pipe_t.self)
        try opened(uv_pipe_init(loop.raw, pipe, 0), "uv_pipe_init")
        uv_pipe_connect(connectRequest(connected), pipe, path, ByteStream.onConnect)
        uv_fileno(raw, &socket)
    }

    private func connectRequest(_ connected: @escaping (UVError?) -> Void) -> UnsafeMutablePointer<uv_connect_t> {
        onConnected = connected
        return .allocate(capacity: 1)
    }

    private static let onConnect: uv_connect_cb = { request, status in
        let raw = request.unsafelyUnwrapped.pointee.handle.unsafelyUnwrapped
        request?.deallocate()
        Handle.with(raw.pointee.data, as: ByteStream.self) { stream in
            let onConnected = stream.onConnected
            stream.onConnected = nil
            if stream.isOpen { onConnected?(status < 0 ? UVError(status, in: "connect") : nil) }
        }
    }

    private func adopt(_ status: Int32, _ call: String) throws(UVError) {
        if status < 0 {
            close()
            throw UVError(status, in: call)
        }
        uv_fileno(raw, &socket)
    }

    /// The address of this end without its port ("192.168.1.5"); nil for a Unix socket.
    public var localHost: String? {
        var address = SocketAddress()
        guard isOpen, address.fill({ getsockname(socket, $0, $1) }) == 0, address.family != AF_UNIX else { return nil }
        return address.host
    }

    private var stream: UnsafeMutablePointer<uv_stream_t> {
        @inline(__always) get { UnsafeMutableRawPointer(raw).assumingMemoryBound(to: uv_stream_t.self) }
    }

    // MARK: Reading

    /// Begins to read for `owner`, which lives as long as the stream is open.
    public func start(for owner: any ByteTransportOwner) {
        self.owner = owner
        startReading()
    }

    private func startReading() {
        // The first callback gives libuv no buffer. So libuv reads nothing and calls the second one (UV_ENOBUFS): we call `recv` ourselves.
        uv_read_start(
            stream, { _, _, _ in },
            { raw, _, _ in Handle.with(raw.unsafelyUnwrapped.pointee.data, as: ByteStream.self) { $0.receive() } })
    }

    /// There is something to read, or the peer has ended.
    @inline(__always)
    private func receive() {
        let room = loop.readRoom
        let count = recv(socket, room.baseAddress, room.count, 0)
        if count > 0 { return deliver(UnsafeMutableRawBufferPointer(start: room.baseAddress, count: count)) }
        if count == 0 { return end(nil) }
        if !ByteStream.isTemporary(errno) { end(UVError(-errno, in: "read")) }
    }

    /// Whether a call that failed so is simply tried again later.
    private static func isTemporary(_ error: Int32) -> Bool { [EAGAIN, EINTR, ENOBUFS].contains(error) }

    @inline(__always)
    private func deliver(_ bytes: UnsafeMutableRawBufferPointer) {
        guard let owner else { return }
        let used = owner.transportRead(bytes)
        if used < bytes.count { keep(bytes, from: used) }
    }

    @inline(never)
    private func keep(_ bytes: UnsafeMutableRawBufferPointer, from used: Int) {
        guard isOpen else { return }
        uv_read_stop(stream)
        let kept = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count - used, alignment: 16)
        kept.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[used...]))
        rest = kept
    }

    /// True while bytes are kept back that the owner did not want.
    public var isPaused: Bool { rest != nil }

    /// Hands the owner what was kept, and reads on when it uses all of that.
    public func resume() {
        guard isOpen, let bytes = rest else { return }
        rest = nil
        deliver(bytes)
        bytes.deallocate()
        if rest == nil, isOpen, !hasEnded { startReading() }
    }

    private func end(_ error: UVError?) {
        guard !hasEnded || (error != nil && !hasBroken) else { return }
        hasEnded = true
        hasBroken = error != nil
        uv_read_stop(stream)
        owner?.transportEnded(error)
    }

    // MARK: Writing

    /// Sends bytes: what the kernel takes at once straight from there, a copy of the rest after it.
    @inline(__always)
    public func write(_ bytes: UnsafeRawBufferPointer) { write { $0.append(bytes) } }

    /// Sends the pieces that `fill` appends, in one system call. Their memory must stay until this returns. `fill` must write to no stream:
    /// all streams of a loop share the list, so that is a programmer's error and traps.
    @inline(__always)
    public func write(gathering fill: (inout Pieces) -> Void) {
        precondition(loop.pieces.count == 0, "a write within another's `fill`")
        fill(&loop.pieces)
        flush()
    }

    private func flush() {
        defer { loop.pieces.removeAll() }
        guard isOpen, writeError == nil, !wantsShutdown, loop.pieces.count > 0 else { return }
        var taken = 0
        // While a connect is under way (`onConnected` is set), a `send` of ours would take the connect's error, and libuv would miss it.
        if backlog == nil, onConnected == nil {
            taken = loop.pieces.send(to: socket)
            if taken == loop.pieces.bytes { return }
            guard taken >= 0 || ByteStream.isTemporary(errno) else {
                writeError = UVError(-errno, in: "write")
                return
            }
            taken = max(0, taken)
        }
        queue(after: taken)
    }

    /// Copies what was gathered, but for the first `taken` bytes, to the backlog.
    @inline(never)
    private func queue(after taken: Int) {
        let backlog = self.backlog ?? Backlog()
        self.backlog = backlog
        var skip = taken
        for index in 0..<loop.pieces.count {
            let piece = loop.pieces.base[index]
            let whole = UnsafeRawBufferPointer(start: piece.base, count: piece.len)
            if skip < whole.count { backlog.append(UnsafeRawBufferPointer(rebasing: whole[skip...])) }
            skip = max(0, skip - whole.count)
        }
        writeOn()
    }

    /// Gives libuv what waits, unless it is still busy with what it has.
    private func writeOn() {
        guard let backlog, !backlog.isWriting else { return }
        var piece = backlog.takeWaiting()
        backlog.isWriting = true
        let status = uv_write(backlog.request, stream, &piece, 1) { request, status in
            let raw = request.unsafelyUnwrapped.pointee.handle.unsafelyUnwrapped
            Handle.with(raw.pointee.data, as: ByteStream.self) { $0.wrote(status) }
        }
        if status < 0 {
            backlog.isWriting = false
            self.backlog = nil
            writeError = UVError(status, in: "write")
        }
    }

    private func wrote(_ status: Int32) {
        guard let backlog else { return }
        backlog.isWriting = false
        guard isOpen, status == 0 else {
            self.backlog = nil
            guard isOpen else { return }
            writeError = UVError(status, in: "write")
            return end(writeError)
        }
        if backlog.waitingBytes > 0 { return writeOn() }
        self.backlog = nil
        if wantsShutdown { shutDownNow() }
        owner?.transportDrained()
    }

    /// Bytes that wait for the kernel to take them.
    @inline(__always)
    public var queuedBytes: Int { backlog == nil ? 0 : countQueued() }

    /// Whether everything that was written has been taken, and without an error. One property, so that a link crosses the border of the module
    /// once after each write.
    public var isClear: Bool { queuedBytes == 0 && writeError == nil }

    private func countQueued() -> Int {
        guard let backlog else { return 0 }
        return backlog.waitingBytes + (isOpen ? uv_stream_get_write_queue_size(stream) : 0)
    }

    /// Bytes of the present backlog that have left; a number that does not move means a peer that does not read.
    public var backlogBytesSent: Int { (backlog?.appendedBytes ?? 0) - countQueued() }

    // MARK: The end

    /// Whether a write has failed.
    public var isBroken: Bool { writeError != nil }

    /// Ends this side of the connection after everything that was written. Reading goes on.
    public func shutDown() {
        guard isOpen, !wantsShutdown else { return }
        wantsShutdown = true
        if backlog == nil { shutDownNow() }
    }

    private func shutDownNow() {
        guard isOpen else { return }
        let request = UnsafeMutablePointer<uv_shutdown_t>.allocate(capacity: 1)
        let status = uv_shutdown(request, stream) { request, _ in request?.deallocate() }
        if status < 0 { request.deallocate() }
    }

    /// Closes at once and lets the kernel forget what it still had to send. A TCP peer gets a reset.
    public func reset() {
        guard isOpen else { return }
        guard raw.pointee.type == UV_TCP else { return close() }
        willClose()
        let tcp = UnsafeMutableRawPointer(raw).assumingMemoryBound(to: uv_tcp_t.self)
        // Refused while a shutdown is under way.
        if uv_tcp_close_reset(tcp, Handle.onClose) < 0 { uv_close(raw, Handle.onClose) }
    }

    override func closing() {
        rest?.deallocate()
        rest = nil
    }

    override func didClose() {
        owner = nil
        backlog = nil
    }
}
