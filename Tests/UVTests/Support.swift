// Blocking sockets and a function that runs a loop with a limit, for the tests of UV.
// Must not wait for time: everything waits for an event, with a watchdog.

import LibC
import Testing
import UV

/// Runs turns until `done`, or until five seconds have passed, which is a failure.
func run(_ loop: Loop, until done: () -> Bool, sourceLocation: SourceLocation = #_sourceLocation) throws {
    var isLate = false
    let watchdog = try Timer(on: loop) { isLate = true }
    watchdog.start(afterMilliseconds: 5_000)
    while !done(), !isLate { loop.runOnce(waiting: true) }
    watchdog.close()
    #expect(!isLate, "the event did not come", sourceLocation: sourceLocation)
}

/// A loop for one test. Ends it, and checks that nothing was left open.
func withLoop(sourceLocation: SourceLocation = #_sourceLocation, _ body: (Loop) throws -> Void) throws {
    let loop = try Loop()
    defer { loop.close() }
    try body(loop)
    for _ in 0..<3 { loop.runOnce() }
    #expect(loop.liveHandles == 0, "handles are still open", sourceLocation: sourceLocation)
}

/// A thread that runs one closure.
struct Thread {
    private let handle: pthread_t

    init(_ body: @escaping @Sendable () -> Void) {
        final class Box {
            let body: @Sendable () -> Void
            init(_ body: @escaping @Sendable () -> Void) { self.body = body }
        }
        var handle = pthread_t()
        let status = pthread_create(
            &handle, nil,
            { box in
                Unmanaged<Box>.fromOpaque(box!).takeRetainedValue().body()
                return nil
            }, Unmanaged.passRetained(Box(body)).toOpaque())
        precondition(status == 0, "no thread")
        self.handle = handle
    }

    func join() { pthread_join(handle, nil) }
}

/// A blocking client socket whose calls give up after five seconds.
final class Client {
    let descriptor: Int32

    init(port: UInt16, readBuffer: Int32? = nil) {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        if var size = readBuffer { setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, 4) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let status = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
        }
        precondition(status == 0, "cannot connect")
        limitWaiting()
    }

    init(path: String) {
        descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
        let status = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) }
        }
        precondition(status == 0, "cannot connect")
        limitWaiting()
    }

    deinit { close() }

    private func limitWaiting() {
        var limit = timeval(tv_sec: 5, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    }

    private var isOpen = true

    func close() {
        if isOpen { LibC.close(descriptor) }
        isOpen = false
    }

    /// Closes with a reset instead of an end.
    func reset() {
        var linger = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<LibC.linger>.size))
        close()
    }

    func shutDown() { shutdown(descriptor, Int32(SHUT_WR)) }

    func send(_ bytes: [UInt8]) {
        let sent = LibC.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
        precondition(sent == bytes.count, "a small send blocks until all is taken")
    }

    /// Reads once: nil on an error, empty at the end of the stream.
    func read(_ limit: Int = 65_536) -> [UInt8]? {
        var room = [UInt8](repeating: 0, count: limit)
        let count = recv(descriptor, &room, limit, 0)
        return count < 0 ? nil : Array(room[0..<count])
    }
}

/// A stream owner that records its events.
final class Recorder: ByteTransportOwner {
    var stream: ByteStream?
    var bytes: [UInt8] = []
    /// How many bytes it uses of one delivery.
    var appetite = Int.max
    var deliveries = 0
    var drains = 0
    var ends: [UVError?] = []

    func take(_ stream: ByteStream) {
        self.stream = stream
        stream.start(for: self)
    }

    func transportRead(_ bytes: UnsafeMutableRawBufferPointer) -> Int {
        deliveries += 1
        let used = min(appetite, bytes.count)
        self.bytes.append(contentsOf: bytes[0..<used])
        return used
    }

    func transportEnded(_ error: UVError?) { ends.append(error) }
    func transportDrained() { drains += 1 }

    func write(_ bytes: [UInt8]) { bytes.withUnsafeBytes { stream?.write($0) } }

    func close() {
        stream?.close()
        stream = nil
    }
}

/// A listener on a free port and the recorder of the first connection to it.
func withConnection(
    _ loop: Loop, readBuffer: Int32? = nil, _ body: (Client, Recorder) throws -> Void
) throws {
    let recorder = Recorder()
    let listener = try TCPListener(on: loop, host: "127.0.0.1", port: 0) { stream, _ in recorder.take(stream) }
    let client = Client(port: listener.port, readBuffer: readBuffer)
    try run(loop, until: { recorder.stream != nil })
    try body(client, recorder)
    recorder.close()
    listener.close()
    client.close()
}
