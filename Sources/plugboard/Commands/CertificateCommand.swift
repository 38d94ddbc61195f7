// `plugboard certificate new`: a small authority and a certificate for this router, for networks where no other authority reaches.
// Must not overwrite what is there without being told to.

import ArgumentParser
import Guard
import Platform
import TLS
import UV
import WebSocket

struct CertificateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "certificate", abstract: "Makes the certificate for wss:// and https:// addresses.",
        subcommands: [CertificateNewCommand.self])
}

struct CertificateNewCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "new", abstract: "Makes a certificate for this router, and an authority that signs it where there is none.",
        discussion: """
            Four files of mode 0600: plugboard.pem and plugboard.key for the router, plugboard-ca.pem for those who connect, and \
            plugboard-ca.key to sign a renewed certificate. An authority that is in the folder is used again, so that nobody has to trust \
            another one.

            Examples:
              plugboard certificate new --host router.lan --host 192.168.1.5
              plugboard certificate new --host router.lan --force    renews it
            """)

    @Option(
        name: .long,
        help: ArgumentHelp("A name or address by which clients reach the router. May be given several times.", valueName: "name"))
    var host: [String]

    @Option(name: .long, help: ArgumentHelp("Where the files go.", valueName: "folder"))
    var folder = "."

    @Flag(name: .long, help: "Replaces a certificate that is there. The authority stays.")
    var force = false

    func validate() throws {
        guard host.isEmpty else { return try host.forEach { _ = try Self.subject($0) } }
        throw ValidationError("name the router by --host, as clients do")
    }

    /// A host as a certificate names it.
    private static func subject(_ text: String) throws -> (text: String, isAddress: Bool) {
        let isPlain = text.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x3A, 0x5F: true
            default: false
            }
        }
        switch isPlain ? HostName(text) : nil {
        case .name(let name)?: return (name, false)
        case .address?: return (text.lowercased(), true)
        case nil: throw ValidationError("\(text) is neither a host name nor an address")
        }
    }

    func run() throws {
        let now = WallClock.milliseconds / 1_000
        let subjects = try host.map { try Self.subject($0) }
        do throws(UVError) { try FileTree.makeFolder(folder, mode: 0o700) } catch { throw Self.refusal(error, folder) }
        if !force, let there = ["plugboard.pem", "plugboard.key"].map(path).first(where: { !FileTree.isAbsent($0) }) {
            throw ExitStatus.usage.refusing("\(there) is there already: --force replaces it, --folder names another place")
        }
        do throws(CertificateMaker.Refused) {
            let (authority, isNew) = try authority(now)
            let pair = try CertificateMaker.server(
                names: subjects.filter { !$0.isAddress }.map(\.text), addresses: subjects.filter(\.isAddress).map(\.text),
                signedBy: authority, now: now)
            if isNew { try write(authority, "plugboard-ca") }
            try write(pair, "plugboard")
            Descriptor.output.write(text(pair, authority, now))
        } catch { throw ExitStatus.inputOutput.refusing(error.reason) }
    }

    // MARK: Files

    private func path(_ name: String) -> String { folder == "/" ? "/\(name)" : "\(folder)/\(name)" }

    private static func refusal(_ error: UVError, _ path: String) -> ExitCode {
        (error.isPermissionDenied ? ExitStatus.permission : .inputOutput).refusing("\(path): \(error.sentence)")
    }

    /// The authority in the folder, or a new one.
    private func authority(_ now: Int64) throws(CertificateMaker.Refused) -> (CertificatePair, isNew: Bool) {
        let (certificate, key) = (path("plugboard-ca.pem"), path("plugboard-ca.key"))
        switch (FileTree.isAbsent(certificate), FileTree.isAbsent(key)) {
        case (true, true): return (try CertificateMaker.authority(named: "Plugboard at \(host[0])", now: now), true)
        case (false, false): return (CertificatePair(certificate: try read(certificate), key: try read(key)), false)
        case (true, false), (false, true):
            throw .init(reason: "of \(certificate) and \(key) one is missing: bring it back, or move the other away for a new authority")
        }
    }

    private func read(_ path: String) throws(CertificateMaker.Refused) -> [UInt8] {
        do throws(UVError) {
            return try Descriptor.contents(of: path, limit: 1 << 20)
        } catch { throw .init(reason: "\(path): \(error.sentence)") }
    }

    /// The key first: a router that reads both in between keeps the old pair.
    private func write(_ pair: CertificatePair, _ name: String) throws(CertificateMaker.Refused) {
        for (path, bytes) in [(path("\(name).key"), pair.key), (path("\(name).pem"), pair.certificate)] {
            do throws(UVError) { try FileTree.replace(path, with: bytes) } catch { throw .init(reason: "\(path): \(error.sentence)") }
        }
    }

    // MARK: What to do with them

    /// An authority that ends before a certificate would is said to.
    private func warning(_ end: Int64, _ now: Int64) -> String {
        guard end < now + CertificateMaker.serverDays * 86_400 else { return "" }
        return """

            The authority ends at that time too. For one that lasts ten years, move plugboard-ca.pem and plugboard-ca.key away and
            make the certificate again; then each computer that connects must trust the new one.

            """
    }

    private func text(_ pair: CertificatePair, _ authority: CertificatePair, _ now: Int64) -> String {
        let seconds = CertificateMaker.end(of: pair.certificate) ?? now
        let end = WallTime(milliseconds: seconds * 1_000)
        var place = folder
        if !place.hasPrefix("/"), let here = Environment.variables["PWD"] { place = folder == "." ? here : "\(here)/\(folder)" }
        return """
            A certificate for \(host.joined(separator: ", ")), valid until \(end):
            \(warning(CertificateMaker.end(of: authority.certificate) ?? seconds, now))
              \(place)/plugboard.pem      the certificate
              \(place)/plugboard.key      its key, for the router alone
              \(place)/plugboard-ca.pem   the authority, for those who connect
              \(place)/plugboard-ca.key   the authority's key. Who has it can pretend to be any server: keep it for
                renewals where nobody else reads it, or delete it

            In the configuration:

              [server]
              listen = ["ws://localhost:12345", "wss://0.0.0.0:12346"]
              allowed_hosts = [\(host.map(quoted).joined(separator: ", "))]

              [tls]
              certificate = \(quoted(place + "/plugboard.pem"))
              key = \(quoted(place + "/plugboard.key"))

            Each computer that connects must trust plugboard-ca.pem:

              Debian, Ubuntu   sudo cp plugboard-ca.pem /usr/local/share/ca-certificates/plugboard.crt && sudo update-ca-certificates
              Fedora           sudo trust anchor plugboard-ca.pem
              macOS            sudo security add-trusted-cert -d -r trustRoot -k /Library/Keychains/System.keychain plugboard-ca.pem
              Windows          certutil -addstore -f Root plugboard-ca.pem
              another router   ca_file = "…/plugboard-ca.pem" in its [[upstream]]
              browsers, phones import it in their settings

            Its SHA-256 fingerprint, to compare there: \(CertificateMaker.fingerprint(of: authority.certificate) ?? "")

            """
    }
}
