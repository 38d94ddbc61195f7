// Connections that the host opens: every outcome a dial can have, and frames both ways on an open one.
// Must not know Buttplug.

import Glibc
import Host
import Testing
import UVHost

/// A dialler's events.
struct DialRecord {
    var opened: [Peer] = []
    var failures: [DialFailure] = []
    var texts: [String] = []
    var closes: [CloseReason] = []
}

/// Dials when it is attached, sends texts when the connection is open, and closes after the same number of answers.
final class Dialler: DialOwner, TurnOwner {
    let board = Board(DialRecord())
    private let sends: [String]
    private var link: (any Link)?
    private var buffer = MessageBuffer()
    private var left: Int
    let trust: ServerTrust

    init(sends: [String] = [], trust: ServerTrust = ServerTrust()) {
        self.sends = sends
        self.trust = trust
        left = sends.count
    }

    func refusal(of peer: Peer) -> CloseReason? { nil }

    func opened(_ link: any Link, from peer: Peer, at now: Instant) -> LinkID {
        self.link = link
        board.change { $0.opened.append(peer) }
        for text in sends {
            let start = buffer.begin()
            var text = text
            text.withUTF8 { if let base = $0.baseAddress { buffer.room($0.count).copyMemory(from: base, byteCount: $0.count) } }
            buffer.advance(text.utf8.count)
            buffer.end(start)
        }
        return LinkID(slot: 0, generation: 1)
    }

    func dialFailed(_ failure: DialFailure, at now: Instant) { board.change { $0.failures.append(failure) } }

    func received(_ text: RawSpan, from id: LinkID, at now: Instant) {
        left -= 1
        board.change { seen in seen.texts.append(text.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }) }
    }

    func closed(_ id: LinkID, _ reason: CloseReason, at now: Instant) {
        link = nil
        board.change { $0.closes.append(reason) }
    }

    func congested(_ id: LinkID) {}
    func drained(_ id: LinkID, at now: Instant) {}
    func deadlinePassed(at now: Instant) {}

    func turnEnded(at now: Instant) {
        guard let link, buffer.count > 0 else { return }
        withUnsafePointer(to: buffer.run(0, buffer.count)) { link.send(UnsafeBufferPointer(start: $0, count: 1)) }
        buffer.reset()
    }

    /// Closes the open link; to be posted to the host.
    func close() {
        link?.close(.routerEnding)
        link = nil
    }
}

/// A listening socket whose connections get a fixed answer, or none.
private final class RawServer: @unchecked Sendable {
    let port: UInt16
    private let descriptor: Int32

    init(answer: String?) throws {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        self.descriptor = descriptor
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, size) | listen(descriptor, 8) | getsockname(descriptor, $0, &size)
            }
        }
        try #require(status == 0)
        port = UInt16(bigEndian: address.sin_port)
        guard let answer else { return }
        var thread = pthread_t()
        let task = Unmanaged.passRetained(Task(descriptor: descriptor, answer: answer))
        pthread_create(
            &thread, nil,
            { task in
                Unmanaged<Task>.fromOpaque(task!).takeRetainedValue().serve()
                return nil
            }, task.toOpaque())
        pthread_detach(thread)
    }

    deinit { close(descriptor) }

    private final class Task {
        let descriptor: Int32
        let answer: String

        init(descriptor: Int32, answer: String) {
            self.descriptor = descriptor
            self.answer = answer
        }

        /// Answers one connection and ends it.
        func serve() {
            let peer = accept(descriptor, nil, nil)
            var room = [UInt8](repeating: 0, count: 4096)
            _ = read(peer, &room, room.count)
            var text = answer
            text.withUTF8 { _ = write(peer, $0.baseAddress, $0.count) }
            Glibc.close(peer)
        }
    }
}

@Suite struct DialTests {
    private func dial(_ endpoint: Endpoint, in world: World, timeout: Interval = .seconds(5), sends: [String] = []) -> Dialler {
        let dialler = Dialler(sends: sends)
        world.post { host, _ in
            _ = host.attach(dialler)
            host.dial(endpoint, timeout: timeout, for: dialler)
        }
        return dialler
    }

    @Test("An open connection carries texts of every length both ways, masked on the way out, and closes in good order.")
    func opens() throws {
        let world = try World()
        let texts = ["short", String(repeating: "m", count: 300), String(repeating: "l", count: 70_000), "äöü"]
        let dialler = dial(.webSocket(host: "127.0.0.1", port: world.look().port, path: "/x?y=1"), in: world, sends: texts)
        #expect(dialler.board.wait { $0.texts.count == texts.count })
        dialler.board.change { seen in
            #expect(seen.texts == texts)
            #expect(seen.opened.map(\.address) == ["127.0.0.1"])
            #expect(seen.failures == [])
        }
        world.post { _, _ in dialler.close() }
        #expect(world.board.wait { $0.closes == [.peerClosed] })
        world.stop()
    }

    @Test("localhost and an IPv6 literal are found without a look-up, when the server listens on either of the two.")
    func findsLocalhost() throws {
        for address in ["ws://127.0.0.1:0", "ws://[::1]:0"] {
            let world = try World(on: address)
            let dialler = dial(.webSocket(host: "localhost", port: world.look().port, path: "/"), in: world, sends: ["hello"])
            #expect(dialler.board.wait { $0.texts == ["hello"] })
            world.post { _, _ in dialler.close() }
            world.stop()
        }
        let world = try World(on: "ws://[::1]:0")
        let dialler = dial(.webSocket(host: "::1", port: world.look().port, path: "/"), in: world, sends: ["hello"])
        #expect(dialler.board.wait { $0.texts == ["hello"] })
        world.post { _, _ in dialler.close() }
        world.stop()
    }

    @Test("The server's close is reported as a close by the peer.")
    func reportsAClose() throws {
        let world = try World()
        let dialler = dial(.webSocket(host: "127.0.0.1", port: world.look().port, path: "/"), in: world, sends: ["close"])
        #expect(dialler.board.wait { $0.closes == [.peerClosed] })
        world.stop()
    }

    @Test("A dial to an address without a listener is refused, also to a Unix socket that does not exist.")
    func isRefused() throws {
        let world = try World()
        let port = try RawServer(answer: nil).port
        for endpoint in [Endpoint.webSocket(host: "127.0.0.1", port: port, path: "/"), .unix(path: "/nowhere/at/all")] {
            let dialler = dial(endpoint, in: world)
            #expect(dialler.board.wait { $0.failures == [.refused] })
        }
        world.stop()
    }

    @Test("With a listener that accepts the connection and sends nothing the deadline ends the dial, once.")
    func timesOut() throws {
        let world = try World()
        let server = try RawServer(answer: nil)
        let dialler = dial(.webSocket(host: "127.0.0.1", port: server.port, path: "/"), in: world, timeout: .milliseconds(50))
        #expect(dialler.board.wait { $0.failures == [.timedOut] })
        world.stop()
        _ = server
    }

    @Test("A server that answers without becoming a WebSocket has its own error; one that closes without an answer counts as refusing.")
    func meetsSomethingElse() throws {
        let world = try World()
        let answers: [(String, DialFailure)] = [
            ("HTTP/1.1 404 Not Found\r\n\r\n", .notWebSocket("HTTP status 404")),
            ("SSH-2.0-OpenSSH\r\n", .notWebSocket("the answer is not HTTP/1.1")),
            (
                "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: AAAA\r\n\r\n",
                .notWebSocket("the answer's Sec-WebSocket-Accept is wrong")
            ),
            ("HTTP/1.1 101 Swi", .notWebSocket("the connection ended within the answer")),
            ("", .refused),
        ]
        for (answer, failure) in answers {
            let server = try RawServer(answer: answer)
            let dialler = dial(.webSocket(host: "127.0.0.1", port: server.port, path: "/"), in: world)
            #expect(dialler.board.wait { $0.failures == [failure] }, "\(failure)")
            _ = server
        }
        world.stop()
    }

    @Test("A dial with a text that cannot be in a request, or is not a name, fails like any other dial: later, and once.")
    func refusesBadNames() throws {
        let world = try World()
        for host in ["a b", "no-such-host.invalid"] {
            let dialler = dial(.webSocket(host: host, port: 1, path: "/"), in: world)
            #expect(dialler.board.wait { !$0.failures.isEmpty })
        }
        world.stop()
    }

    @Test("A dial that was given up has no more events, and a host that ends during a dial leaves nothing open.")
    func cancels() throws {
        let world = try World()
        let server = try RawServer(answer: nil)
        let dialler = dial(.webSocket(host: "127.0.0.1", port: server.port, path: "/"), in: world, timeout: .milliseconds(20))
        world.post { host, _ in host.cancelDial(for: dialler) }
        let last = dial(.webSocket(host: "127.0.0.1", port: server.port, path: "/"), in: world, timeout: .milliseconds(60))
        #expect(last.board.wait { $0.failures == [.timedOut] })
        dialler.board.change { #expect($0.failures == []) }
        _ = dial(.webSocket(host: "127.0.0.1", port: server.port, path: "/"), in: world)
        world.stop()
        _ = server
    }
}
