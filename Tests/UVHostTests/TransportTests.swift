// A link without a socket: over a transport in memory, and the two values that watch its peer.
// Must not wait: the test decides what a transport does.

import Host
import Testing
import UV

@testable import UVHost

/// A transport whose other end is the test.
private final class MemoryTransport: ByteTransport {
    private(set) var written: [UInt8] = []
    private(set) var isShutDown = false
    private(set) var isOpen = true
    /// Written bytes wait while this is true.
    var isStuck = false
    private(set) var queuedBytes = 0
    private(set) var isBroken = false
    private var owner: (any ByteTransportOwner)?

    var localHost: String? { nil }
    var isClear: Bool { queuedBytes == 0 && !isBroken }
    var backlogBytesSent: Int { -queuedBytes }

    func start(for owner: any ByteTransportOwner) { self.owner = owner }
    func resume() {}

    func write(gathering fill: (inout Pieces) -> Void) {
        var pieces = Pieces()
        fill(&pieces)
        pieces.forEach { piece in
            written += piece
            if isStuck { queuedBytes += piece.count }
        }
    }

    func shutDown() { isShutDown = true }
    func close() { isOpen = false }
    func reset() { isOpen = false }

    /// Bytes come from the other end.
    func bring(_ bytes: [UInt8]) {
        var bytes = bytes
        let used = bytes.withUnsafeMutableBytes { owner?.transportRead($0) }
        #expect(used == bytes.count)
    }

    /// The bytes that waited have left.
    func drain() {
        isStuck = false
        queuedBytes = 0
        owner?.transportDrained()
    }
}

/// The result of a mutating call, because `#expect` cannot make such a call itself.
private func same<Value: Equatable>(
    _ value: Value, _ expected: Value, _ comment: Comment? = nil, sourceLocation: SourceLocation = #_sourceLocation
) {
    #expect(value == expected, comment, sourceLocation: sourceLocation)
}

@Suite struct TransportTests {
    @Test("A link works over any transport: the upgrade, a text, congestion and its end, the answer to the peer's close.")
    func worksInMemory() throws {
        let host = try UVHost()
        defer { host.finish() }
        let board = Board(Seen())
        let owner = TestOwner(board)
        _ = host.attach(owner)
        let listener = try host.listen(on: "ws://127.0.0.1:0", owner: owner)
        let transport = MemoryTransport()
        host.add(UVLink(host, transport, .server(listener, peer: "127.0.0.1")))
        transport.bring(
            Array(
                ("GET / HTTP/1.1\r\nHost: 127.0.0.1:\(listener.port)\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                    + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n").utf8))
        #expect(String(decoding: transport.written, as: UTF8.self).hasPrefix("HTTP/1.1 101 "))
        transport.isStuck = true
        transport.bring([0x81, 0x82, 0, 0, 0, 0] + Array("hi".utf8))
        host.loop.runOnce()
        #expect(board.change { $0.texts } == 1)
        #expect(transport.queuedBytes > 0)
        #expect(board.change { $0.congested } == 1)
        transport.drain()
        #expect(board.change { $0.drained } == 1)
        transport.bring([0x88, 0x82, 0, 0, 0, 0, 0x03, 0xE8])
        host.loop.runOnce()
        #expect(Array(transport.written.suffix(4)) == [0x88, 0x02, 0x03, 0xE8])
        #expect(transport.isShutDown)
    }

    @Test("A backlog is reported once; it ends the connection when it grows beyond the limit in a later turn, or does not move.")
    func backpressure() {
        var limits = Limits()
        limits.queuedBytes = 100
        limits.stallTimeout = .seconds(4)
        var pressure = Backpressure()
        same(pressure.check(sent: 0, at: .zero, limits), .fine)
        same(pressure.wrote(queued: 500, sent: 0, turn: 7, at: .zero, limits), .begins)
        #expect(pressure.isUntold)
        pressure.markTold()
        same(pressure.wrote(queued: 900, sent: 0, turn: 7, at: .zero, limits), .fine, "one turn's output has no limit")
        same(pressure.wrote(queued: 1_000, sent: 0, turn: 8, at: .zero, limits), .fine)
        same(pressure.wrote(queued: 1_001, sent: 0, turn: 8, at: .zero, limits), .tooSlow)
        same(pressure.check(sent: 1, at: .zero + .seconds(3), limits), .fine)
        #expect(pressure.deadline(at: .zero, limits) == .zero + .seconds(1))
        same(pressure.check(sent: 1, at: .zero + .seconds(6), limits), .fine)
        same(pressure.check(sent: 1, at: .zero + .seconds(7), limits), .tooSlow)
        same(pressure.drained(), true)
        #expect(pressure.deadline(at: .zero, limits) == .never)
        same(pressure.wrote(queued: 1, sent: 0, turn: 9, at: .zero, limits), .begins)
        same(pressure.drained(), false, "an owner that was not told of the beginning is not told of the end")
    }

    @Test("A silent peer is pinged once, and is gone when the ping is not answered; any bytes are an answer.")
    func liveness() {
        let interval = Interval.seconds(10)
        var liveness = Liveness(at: .zero)
        same(liveness.check(at: .zero + .seconds(9), interval: interval), .wait(until: .zero + .seconds(10)))
        same(liveness.check(at: .zero + .seconds(10), interval: interval), .ping(until: .zero + .seconds(20)))
        liveness.received(at: .zero + .seconds(12))
        same(liveness.check(at: .zero + .seconds(20), interval: interval), .wait(until: .zero + .seconds(22)))
        same(liveness.check(at: .zero + .seconds(22), interval: interval), .ping(until: .zero + .seconds(32)))
        same(liveness.check(at: .zero + .seconds(32), interval: interval), .gone)
    }
}
