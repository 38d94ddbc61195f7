// Two ends of TLS that are joined in memory, and certificates in files.

import COpenSSL
import Foundation
import Testing

@testable import TLS

/// Certificates in a folder that goes with it.
final class Certificates {
    static let now: Int64 = 1_800_000_000
    let folder: URL
    let authority: CertificatePair

    init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("tls-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        authority = try CertificateMaker.authority(named: "Test", now: Self.today)
        _ = try write("ca.pem", authority.certificate)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    /// One moment for all tests, near enough to the present for the library that checks certificates.
    static let today = Int64(Date().timeIntervalSince1970)

    var authorityFile: String { path("ca.pem") }

    func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

    func write(_ name: String, _ bytes: [UInt8]) throws -> String {
        try Data(bytes).write(to: URL(fileURLWithPath: path(name)))
        return path(name)
    }

    /// The files of a client.
    func client(_ name: String) throws -> TLSContext.ServerFiles {
        let pair = try CertificateMaker.client(named: name, signedBy: authority, now: Self.today)
        return .init(certificate: try write("\(name).pem", pair.certificate), key: try write("\(name).key", pair.key))
    }

    /// The files of a server.
    func server(
        _ name: String = "server", names: [String] = ["router.lan"], addresses: [String] = ["127.0.0.1"], by other: CertificatePair? = nil,
        at now: Int64 = today
    ) throws -> TLSContext.ServerFiles {
        let pair = try CertificateMaker.server(names: names, addresses: addresses, signedBy: other ?? authority, now: now)
        return .init(certificate: try write("\(name).pem", pair.certificate), key: try write("\(name).key", pair.key))
    }
}

extension TLSContext {
    /// What old programs are.
    func limitToOldest() { c_ssl_set_max_version(raw, TLS1_2_VERSION) }

    /// Shows this to a server that asks for a certificate.
    func show(_ files: ServerFiles) {
        #expect(SSL_CTX_use_certificate_chain_file(raw, files.certificate) == 1)
        #expect(SSL_CTX_use_PrivateKey_file(raw, files.key, SSL_FILETYPE_PEM) == 1)
    }
}

extension TLSSession {
    /// The version of TLS ("TLSv1.3").
    var version: String { String(cString: SSL_get_version(ssl)) }

    func askForRenegotiation() {
        SSL_renegotiate(ssl)
        SSL_do_handshake(ssl)
        ERR_clear_error()
    }
}

/// One end, with what it has said and read so far.
final class End {
    let room = TLSRoom()
    let session: TLSSession
    var plain: [UInt8] = []
    var isDone = false
    var failure: TLSFailure?
    var hasEnded = false

    init(_ context: TLSContext, host: String? = nil) { session = TLSSession(context, room, host: host) }

    /// Takes bytes of the other end and returns those for it.
    func take(_ bytes: [UInt8]) -> [UInt8] {
        bytes.withUnsafeBytes { bytes in
            session.offer(bytes)
            go()
            _ = session.withdraw()
        }
        return takeOutput()
    }

    func takeOutput() -> [UInt8] {
        defer { room.removeOutput() }
        return Array(room.output)
    }

    func write(_ bytes: [UInt8]) -> [UInt8] {
        _ = bytes.withUnsafeBytes { session.write($0) }
        return takeOutput()
    }

    private func go() {
        if !isDone {
            switch session.handshake() {
            case .done: isDone = true
            case .failed(let failure): self.failure = failure
            case .needMore, .ended: break
            }
        }
        let memory = room.borrowPlain()
        defer { room.returnPlain(memory) }
        while isDone, failure == nil {
            switch session.read(into: memory) {
            case .done(let count): plain += memory[..<count]
            case .needMore: return
            case .ended: return hasEnded = true
            case .failed(let failure): self.failure = failure
            }
        }
    }
}

/// Carries bytes between the two until both are silent, in pieces of `size`.
func join(_ client: End, _ server: End, pieces size: Int = 1 << 20) {
    var toServer = client.take([])
    var toClient: [UInt8] = []
    while !toServer.isEmpty || !toClient.isEmpty {
        let outward = Array(toServer.prefix(size))
        toServer.removeFirst(outward.count)
        if !outward.isEmpty { toClient += server.take(outward) }
        let inward = Array(toClient.prefix(size))
        toClient.removeFirst(inward.count)
        if !inward.isEmpty { toServer += client.take(inward) }
    }
}
