// Files of certificates and keys: what is wrong with one is said with its name.

import Foundation
import Testing

@testable import TLS

@Suite struct TLSContextTests {
    private let certificates: Certificates

    init() throws { certificates = try Certificates() }

    private func problem(_ files: TLSContext.ServerFiles) -> TLSProblem? {
        do throws(TLSProblem) {
            _ = try TLSContext.server(files, now: Certificates.today)
            return nil
        } catch { return error }
    }

    @Test("A good pair is taken, and its end is known to the second")
    func good() throws {
        let context = try TLSContext.server(try certificates.server(at: Certificates.now), now: Certificates.now)
        #expect(context.expires == Certificates.now + CertificateMaker.serverDays * 86_400)
    }

    @Test("A missing, empty or foreign file is refused by its name with what is wrong")
    func refused() throws {
        let good = try certificates.server()
        var files = good
        files.certificate = certificates.path("missing.pem")
        #expect(problem(files)?.description == "\(files.certificate): cannot be read: No such file or directory")
        files = good
        files.key = certificates.path("missing.key")
        #expect(problem(files)?.description == "\(files.key): cannot be read: No such file or directory")
        files = good
        files.certificate = try certificates.write("empty.pem", [])
        #expect(problem(files)?.reason == "holds no certificate in PEM form")
        files = good
        files.key = good.certificate
        #expect(problem(files)?.reason == "holds no key in PEM form without a passphrase")
        files = good
        files.key = try certificates.server("other").key
        #expect(problem(files) == TLSProblem(files.key, "is not the key of the certificate in \(good.certificate)"))
        files = good
        files.clientAuthorities = certificates.path("none.pem")
        #expect(problem(files)?.file == files.clientAuthorities)
        files.clientAuthorities = good.key
        #expect(problem(files)?.reason == "holds no certificate in PEM form")
    }

    @Test("An expired certificate is refused, and one whose time comes is taken")
    func expired() throws {
        let old = try certificates.server("old", at: Certificates.today - 900 * 86_400)
        #expect(problem(old) == TLSProblem(old.certificate, "the certificate has expired: renew it, then reload"))
        #expect(problem(try certificates.server("new", at: Certificates.today + 86_400 * 30)) == nil)
    }

    @Test("A server ends with its authority, and what comes after it in its file counts for its end")
    func chain() throws {
        let soon = Certificates.today + 10 * 86_400
        let authority = try CertificateMaker.authority(
            named: "Old", now: Certificates.today - (CertificateMaker.authorityDays - 10) * 86_400)
        let pair = try CertificateMaker.server(names: ["a"], addresses: [], signedBy: authority, now: Certificates.today)
        #expect(CertificateMaker.end(of: pair.certificate) == soon)
        #expect(CertificateMaker.end(of: []) == nil)
        let good = try certificates.server()
        let whole = try certificates.write(
            "whole.pem", [UInt8](try Data(contentsOf: URL(fileURLWithPath: good.certificate))) + authority.certificate)
        let context = try TLSContext.server(.init(certificate: whole, key: good.key), now: Certificates.today)
        #expect(context.expires == soon)
    }

    @Test("Of the authorities for clients the first that ends is told, and one that has ended keeps no server from starting")
    func clientAuthorities() throws {
        let good = try certificates.server()
        func end(_ authorities: [UInt8]?) throws -> Int64? {
            var files = good
            files.clientAuthorities = try authorities.map { try certificates.write("clients.pem", $0) }
            return try TLSContext.server(files, now: Certificates.today).clientAuthoritiesExpire
        }
        func authority(endsIn days: Int64) throws -> [UInt8] {
            let begin = Certificates.today - (CertificateMaker.authorityDays - days) * 86_400
            return try CertificateMaker.authority(named: "ends in \(days) days", now: begin).certificate
        }
        let (late, soon, over) = (try authority(endsIn: 300), try authority(endsIn: 10), try authority(endsIn: -5))
        #expect(try end(nil) == nil)
        #expect(try end(late) == Certificates.today + 300 * 86_400)
        #expect(try end(late + soon) == Certificates.today + 10 * 86_400)
        #expect(try end(over + late) == Certificates.today - 5 * 86_400)
    }

    @Test("A server's certificate is only made by an authority that can sign it")
    func maker() throws {
        let server = try CertificateMaker.server(names: ["a"], addresses: [], signedBy: certificates.authority, now: Certificates.today)
        #expect(throws: CertificateMaker.Refused.self) {
            try CertificateMaker.server(names: ["b"], addresses: [], signedBy: server, now: Certificates.today)
        }
        #expect(throws: CertificateMaker.Refused.self) {
            try CertificateMaker.server(
                names: ["b"], addresses: [], signedBy: certificates.authority, now: Certificates.today + 4_000 * 86_400)
        }
        #expect(CertificateMaker.fingerprint(of: server.certificate)?.utf8.count == 95)
    }
}
