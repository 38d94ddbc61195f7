// TLS under the links: texts of every length, pauses, failures by their names, renewed certificates, half handshakes.

import Foundation
import Host
import TLS
import Testing
import UVHost

/// Certificates of one authority, in a folder that goes with it.
private final class Certificates {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("uvhost-\(UUID().uuidString)")
    let authority: CertificatePair
    let now = Int64(Date().timeIntervalSince1970)

    init() throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        authority = try CertificateMaker.authority(named: "Test", now: now)
        _ = try write("ca.pem", authority.certificate)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    private func write(_ name: String, _ bytes: [UInt8]) throws -> String {
        let file = folder.appendingPathComponent(name)
        try Data(bytes).write(to: file)
        return file.path
    }

    var trust: ServerTrust { ServerTrust(authorities: folder.appendingPathComponent("ca.pem").path) }

    func server(_ address: String = "127.0.0.1") throws -> TLSContext {
        let pair = try CertificateMaker.server(names: ["router.lan"], addresses: [address], signedBy: authority, now: now)
        return try .server(.init(certificate: write("s.pem", pair.certificate), key: write("s.key", pair.key)), now: now)
    }
}

@Suite struct SecureTests {
    private let certificates: Certificates
    private let context: TLSContext

    init() throws {
        certificates = try Certificates()
        context = try certificates.server()
    }

    private func world(_ limits: Limits = Limits(), need: TokenNeed = .remote) throws -> World {
        try World(
            limits, on: "wss://127.0.0.1:0",
            options: { [context] options in
                options.tls = context
                options.tokenNeed = need
            })
    }

    private func dial(_ port: UInt16, _ world: World, isSecure: Bool = true, sends: [String] = [], trust: ServerTrust? = nil) -> Dialler {
        let dialler = Dialler(sends: sends, trust: trust ?? certificates.trust)
        world.post { host, _ in
            _ = host.attach(dialler)
            host.dial(.webSocket(host: "127.0.0.1", port: port, isSecure: isSecure), timeout: .seconds(5), for: dialler)
        }
        return dialler
    }

    private func failure(_ dialler: Dialler) -> DialFailure? {
        _ = dialler.board.wait { !$0.failures.isEmpty || !$0.opened.isEmpty }
        return dialler.board.change { $0.failures.first }
    }

    @Test("An encrypted connection carries texts of every length both ways, and closes in good order")
    func texts() throws {
        let world = try world()
        let texts = ["", "short", String(repeating: "m", count: 16_384), String(repeating: "l", count: 700_000), "äöü"]
        let dialler = dial(world.look().port, world, sends: texts)
        #expect(dialler.board.wait { $0.texts.count == texts.count })
        dialler.board.change { #expect($0.texts == texts) }
        #expect(world.look().address.hasPrefix("wss://127.0.0.1:"))
        world.post { _, _ in dialler.close() }
        #expect(world.board.wait { $0.closes == [.peerClosed] })
        world.stop()
    }

    @Test("What one connection sends above its share of a turn waits for later turns, and all of it comes")
    func pauses() throws {
        var limits = Limits()
        limits.messagesPerTurn = 3
        let world = try world(limits)
        let texts = (0..<500).map { "\($0) " + String(repeating: "x", count: $0 * 7 % 900) }
        let dialler = dial(world.look().port, world, sends: texts)
        #expect(dialler.board.wait { $0.texts.count == texts.count })
        dialler.board.change { #expect($0.texts == texts) }
        #expect(world.look().maxTextsPerTurn <= 3)
        world.post { _, _ in dialler.close() }
        world.stop()
    }

    @Test("An owner's close reaches the peer of an encrypted connection with its reason")
    func closes() throws {
        let world = try world()
        let dialler = dial(world.look().port, world, sends: ["close"])
        #expect(dialler.board.wait { $0.closes == [.peerClosed] })
        world.stop()
    }

    @Test("A server whose certificate is not accepted, or that knows no TLS, is a failure that says why")
    func failures() throws {
        let world = try world()
        let port = world.look().port
        let stranger = try Certificates()
        #expect(
            failure(dial(port, world, trust: stranger.trust)) == .insecure("the certificate is from an unknown issuer"))
        #expect(
            failure(dial(port, world, trust: ServerTrust(authorities: "/none.pem")))
                == .insecure("/none.pem: cannot be read: No such file or directory"))
        #expect(failure(dial(port, world, isSecure: false)) == .notWebSocket("HTTP status 400"))
        #expect(failure(dial(port, world, trust: ServerTrust(isVerified: false))) == nil)
        world.renew(try certificates.server("127.0.0.2"))
        #expect(failure(dial(port, world)) == .insecure("the certificate is for another name"))
        // The server reads a refusal some turns after the client has told of it.
        #expect((0..<1_000).contains { _ in world.look().counters.tlsFailed >= 2 })
        world.stop(within: .zero)
        let plain = try World()
        #expect(
            failure(dial(plain.look().port, plain))
                == .insecure("the other side ended the connection within the handshake: does it know TLS?"))
        plain.stop()
    }

    @Test("Many handshakes at once are made by one thread in order, and each of them comes to its end")
    func burst() throws {
        let world = try world()
        let port = world.look().port
        let diallers = (0..<60).map { dial(port, world, sends: ["\($0)"]) }
        for (number, dialler) in diallers.enumerated() { #expect(dialler.board.wait { $0.texts == ["\(number)"] }) }
        world.post { _, _ in for dialler in diallers { dialler.close() } }
        world.stop()
    }

    @Test("Clients that go while their handshake is being made leave nothing, and those that come after them are served")
    func gone() throws {
        let world = try world()
        let port = world.look().port
        let hello = clientHello()
        for number in 0..<100 {
            let client = try WebClient(port: port, upgrading: false)
            client.send(number % 3 == 0 ? Array(hello.prefix(100)) : hello)
            client.close()
        }
        let dialler = dial(port, world, sends: ["after them"])
        #expect(dialler.board.wait { $0.texts == ["after them"] })
        #expect((0..<10_000).contains { _ in world.look().links <= 2 })
        world.post { _, _ in dialler.close() }
        world.stop()
    }

    @Test("A host that ends while handshakes are being made ends at once")
    func endsWithin() throws {
        let world = try world()
        let port = world.look().port
        let hello = clientHello()
        let clients = try (0..<40).map { _ in
            let client = try WebClient(port: port, upgrading: false)
            client.send(hello)
            return client
        }
        world.stop(within: .zero)
        for client in clients {
            while client.readSome() != nil {}
            client.close()
        }
    }

    @Test("What a client sends together with its handshake's last step is read, whole")
    func atOnce() throws {
        let world = try world()
        let port = world.look().port
        let client = try WebClient(port: port, upgrading: false)
        let room = TLSRoom()
        let session = TLSSession(try .client(authorities: certificates.trust.authorities), room, host: "127.0.0.1")
        func said() -> [UInt8] {
            defer { room.removeOutput() }
            return Array(room.output)
        }
        _ = session.handshake()
        client.send(said())
        while true {
            let bytes = try #require(client.readSome())
            let step = bytes.withUnsafeBytes { bytes in
                session.offer(bytes)
                defer { session.withdraw() }
                return session.handshake()
            }
            if step == .done(0) { break }
            try #require(step == .needMore)
            client.send(said())
        }
        // The last step and the request in one segment.
        _ = WebClient.upgrade.withUnsafeBytes { session.write($0) }
        client.send(said())
        #expect(world.board.wait { $0.peers.count == 1 })
        client.close()
        world.stop()
    }

    private func clientHello() -> [UInt8] {
        guard let context = try? TLSContext.client() else { return [] }
        let room = TLSRoom()
        _ = TLSSession(context, room, host: "localhost").handshake()
        return Array(room.output)
    }

    @Test("A renewed certificate is for new connections; those there are go on")
    func renewal() throws {
        let world = try world()
        let port = world.look().port
        let first = dial(port, world, sends: ["one"])
        #expect(first.board.wait { $0.texts == ["one"] })
        world.renew(try certificates.server("127.0.0.3"))
        #expect(failure(dial(port, world)) == .insecure("the certificate is for another name"))
        world.renew(context)
        let second = dial(port, world, sends: ["two"])
        #expect(second.board.wait { $0.texts == ["two"] })
        #expect(world.look().closes == [])
        world.post { _, _ in
            first.close()
            second.close()
        }
        world.stop()
    }

    @Test("A plain request is answered 400 with what to write, and other bytes end the connection")
    func plain() throws {
        let world = try world()
        let client = try WebClient(port: world.look().port, upgrading: false)
        client.send(Array("GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".utf8))
        #expect(try #require(client.readHead()).hasPrefix("HTTP/1.1 400 "))
        client.close()
        let other = try WebClient(port: world.look().port, upgrading: false)
        other.send([0, 1, 2, 3])
        #expect(other.readEndOrReset())
        other.close()
        #expect(world.board.wait { $0.refusals.count == 2 && $0.refusals[0].contains("wss://") && $0.refusals[1].contains("not TLS") })
        world.stop()
    }

    @Test("A handshake that does not go on has the head's deadline, and gives way to newer strangers")
    func halfOpen() throws {
        var limits = Limits()
        limits.headTimeout = .milliseconds(60)
        let short = try world(limits)
        let silent = try WebClient(port: short.look().port, upgrading: false)
        silent.send([0x16, 0x03, 0x01])
        #expect(silent.readEndOrReset())
        #expect(short.look().counters.headTimeouts == 1)
        silent.close()
        short.stop()

        limits = Limits()
        limits.strangers = 2
        let narrow = try world(limits, need: .always)
        let clients = try (0..<3).map { _ in
            let client = try WebClient(port: narrow.look().port, upgrading: false)
            client.send([0x16, 0x03, 0x01])
            return client
        }
        #expect(clients[0].readEndOrReset())
        #expect(narrow.look().counters.displaced == 1)
        for client in clients { client.close() }
        narrow.stop()
    }
}
