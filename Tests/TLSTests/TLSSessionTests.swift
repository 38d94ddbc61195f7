// Both ends of TLS against each other, without sockets: handshakes in any pieces, failures by their names, damaged bytes.

import Testing

@testable import TLS

@Suite struct TLSSessionTests {
    private let certificates: Certificates
    private let server: TLSContext

    init() throws {
        certificates = try Certificates()
        server = try TLSContext.server(try certificates.server(), now: Certificates.today)
    }

    private func client() throws -> TLSContext { try TLSContext.client(authorities: certificates.authorityFile) }

    @Test("Client and server agree and exchange text, whole and byte by byte", arguments: [1, 2, 7, 1 << 20])
    func exchange(size: Int) throws {
        let (near, far) = (End(try client(), host: "router.lan"), End(server))
        join(near, far, pieces: size)
        #expect(near.isDone && far.isDone)
        #expect(near.session.version == "TLSv1.3")
        let text = (0..<100_000).map { UInt8(truncatingIfNeeded: $0) }
        for start in stride(from: 0, to: text.count, by: 16_000) {
            let sent = near.write(Array(text[start..<min(start + 16_000, text.count)]))
            for piece in stride(from: 0, to: sent.count, by: max(size, 100)) {
                _ = far.take(Array(sent[piece..<min(piece + max(size, 100), sent.count)]))
            }
        }
        #expect(far.plain == text)
        _ = near.take(far.write([1, 2, 3]))
        #expect(near.plain == [1, 2, 3])
        far.session.close()
        _ = near.take(far.takeOutput())
        #expect(near.hasEnded && near.failure == nil)
    }

    @Test("An address in the certificate is checked as an address")
    func address() throws {
        let (near, far) = (End(try client(), host: "127.0.0.1"), End(server))
        join(near, far)
        #expect(near.isDone && far.isDone)
        let (wrong, other) = (End(try client(), host: "127.0.0.2"), End(server))
        join(wrong, other)
        #expect(wrong.failure == .wrongName)
    }

    @Test("What is wrong with a certificate has a name at the client, and the server is told")
    func badCertificates() throws {
        let (wrong, one) = (End(try client(), host: "other.lan"), End(server))
        join(wrong, one)
        #expect(wrong.failure == .wrongName)
        guard case .refusedByPeer = one.failure else { return #expect(Bool(false), "\(String(describing: one.failure))") }

        let stranger = try Certificates()
        let (unknown, two) = (End(try TLSContext.client(authorities: stranger.authorityFile), host: "router.lan"), End(server))
        join(unknown, two)
        #expect(unknown.failure == .unknownIssuer)

        let past = Certificates.today - 900 * 86_400
        let old = try TLSContext.server(try certificates.server("old", at: past), now: past)
        let (late, three) = (End(try client(), host: "router.lan"), End(old))
        join(late, three)
        #expect(late.failure == .expired)

        let coming = try TLSContext.server(try certificates.server("new", at: Certificates.today + 5 * 86_400), now: Certificates.today)
        let (early, four) = (End(try client(), host: "router.lan"), End(coming))
        join(early, four)
        #expect(early.failure == .notYetValid)

        let (blind, five) = (End(try TLSContext.client(isVerified: false), host: "other.lan"), End(old))
        join(blind, five)
        #expect(blind.isDone)
    }

    @Test("A server that takes only TLS 1.3 refuses a client of 1.2")
    func version() throws {
        var files = try certificates.server()
        files.lowest = .v13
        let context = try client()
        context.limitToOldest()
        let (near, far) = (End(context, host: "router.lan"), End(try TLSContext.server(files, now: Certificates.today)))
        join(near, far)
        #expect(far.failure == .version)
        #expect(near.failure == .version)
    }

    @Test("Bytes that are no TLS fail at once, and say what they are")
    func garbage() throws {
        let rows: [([UInt8], TLSFailure)] = [
            (Array("GET / HTTP/1.1\r\n\r\n".utf8), .plainHTTP), (Array(repeating: 0xFF, count: 64), .notTLS),
            ([0x16, 0x02, 0x00, 0x00, 0x05, 1, 2, 3, 4, 5], .notTLS),
        ]
        for (bytes, failure) in rows {
            let far = End(server)
            _ = far.take(bytes)
            #expect(far.failure == failure, "\(bytes.prefix(4))")
        }
        let near = End(try client(), host: "router.lan")
        _ = near.take([])
        _ = near.take(Array("HTTP/1.1 400 Bad Request\r\n\r\n".utf8))
        #expect(near.failure == .notTLS)
    }

    @Test("A record that was changed on its way ends the connection, and a truncated one waits")
    func damage() throws {
        let (near, far) = (End(try client(), host: "router.lan"), End(server))
        join(near, far)
        var sent = near.write(Array("hello".utf8))
        _ = far.take(Array(sent.dropLast()))
        #expect(far.plain.isEmpty && far.failure == nil)
        sent[sent.count - 1] ^= 1
        let alert = far.take([sent[sent.count - 1]])
        guard case .broken? = far.failure else { return #expect(Bool(false), "\(String(describing: far.failure))") }
        _ = near.take(alert)
        guard case .refusedByPeer? = near.failure else { return #expect(Bool(false), "\(String(describing: near.failure))") }
        // Nothing is encrypted any more, and a writer is told.
        #expect(far.write([1]).isEmpty)
        #expect([UInt8(1)].withUnsafeBytes { far.session.write($0) } == false)
    }

    @Test("Every single changed byte of a client's first message is taken or refused, never more")
    func mutations() throws {
        let hello = End(try client(), host: "router.lan").take([])
        for index in hello.indices {
            for change in [UInt8(1), 0x80, 0xFF] {
                var bytes = hello
                bytes[index] ^= change
                _ = End(server).take(bytes)
            }
        }
        for count in 0..<hello.count { #expect(End(server).take(Array(hello.prefix(count))).isEmpty) }
    }

    @Test("A client that asks for a second handshake is refused it")
    func renegotiation() throws {
        let context = try client()
        context.limitToOldest()
        let (near, far) = (End(context, host: "router.lan"), End(server))
        join(near, far)
        #expect(near.session.version == "TLSv1.2")
        near.session.askForRenegotiation()
        let answer = far.take(near.takeOutput())
        _ = near.take(answer)
        #expect(far.write([1]).isEmpty == false || far.failure != nil)
        #expect(near.plain.isEmpty)
    }

    @Test("A client's certificate is asked for, has its name, and one of an unknown issuer is refused")
    func clientCertificate() throws {
        var files = try certificates.server()
        files.clientAuthorities = certificates.authorityFile
        let asking = try TLSContext.server(files, now: Certificates.today)
        let (anonymous, one) = (End(try client(), host: "router.lan"), End(asking))
        join(anonymous, one)
        #expect(one.isDone && one.session.peerName == nil)
        let known = try client()
        known.show(try certificates.client("tablet"))
        let (shown, two) = (End(known, host: "router.lan"), End(asking))
        join(shown, two)
        #expect(two.session.peerName == "CN=tablet")
        let stranger = try Certificates()
        let other = try client()
        other.show(try stranger.client("tablet"))
        let (refused, three) = (End(other, host: "router.lan"), End(asking))
        join(refused, three)
        #expect(three.failure == .unknownIssuer)
    }
}
