// The keys of [tls]: the certificate of all addresses that are wss:// or https://.
// Must not open the files; `ConfiguredTLS` does, when the router starts or reads its configuration again.

import Host
import TLS
import UVHost

/// What `[tls]` says.
struct TLSSettings: Hashable, Sendable {
    var certificate: String?
    var key: String?
    var clientAuthorities: String?
    var lowest = TLSVersion.v12

    /// The files, when there are some.
    var files: TLSContext.ServerFiles? {
        guard let certificate, let key else { return nil }
        return .init(certificate: certificate, key: key, clientAuthorities: clientAuthorities, lowest: lowest)
    }
}

extension SettingTable {
    static let tls = SettingSection(
        name: "tls", meaning: "The certificate for the addresses that begin in wss:// or https://. A reload takes a renewed one.",
        keys: [
            .text(
                "certificate", ifSet: \.tls.certificate, longest: 4096, example: "\"/etc/plugboard/server.pem\"",
                """
                The server's certificate in PEM form; those between it and the authority follow it in the same file. `plugboard certificate \
                new --host NAME` makes one.
                """),
            .text(
                "key", ifSet: \.tls.key, longest: 4096, example: "\"/etc/plugboard/server.key\"",
                "The certificate's key in PEM form, without a passphrase."),
            .text(
                "client_ca", ifSet: \.tls.clientAuthorities, longest: 4096, example: "\"/etc/plugboard/clients.pem\"",
                """
                Authorities whose certificates clients may show. Clients are then asked for one: a wrong one is refused, none is allowed, and \
                match.certificate of a rule says what those that show one may do. It does not replace a token.
                """),
            .choice(
                "min_version", \.tls.lowest,
                "The lowest version of TLS. Programs from before 2019 may know only 1.2."),
        ])

}

/// What several keys together say about encryption.
enum TLSTroubles {
    /// What is wrong with encrypted addresses and their certificate; each with the key that it is about.
    static func all(_ settings: Settings) -> [(key: String, reason: String)] {
        var troubles: [(key: String, reason: String)] = []
        if settings.tls.certificate != nil, settings.tls.key == nil {
            troubles.append(("tls.certificate", "[tls] needs the key \"key\" too"))
        }
        if settings.tls.key != nil, settings.tls.certificate == nil {
            troubles.append(("tls.key", "[tls] needs the key \"certificate\" too"))
        }
        let hint = "needs a certificate: set certificate and key in [tls]; plugboard certificate new --host NAME makes them"
        if settings.tls.files == nil {
            for (index, address) in settings.clientListeners.enumerated() where address.endpoint?.isSecure == true {
                troubles.append((index < settings.listen.count ? "server.listen" : "listener", "\(address.address ?? "") \(hint)"))
            }
            for upstream in settings.upstreams where upstream.kind == .deviceHost && upstream.endpoint?.isSecure == true {
                troubles.append(("upstream", "\(upstream.url ?? "") \(hint)"))
            }
        }
        if settings.adminTokenFile != nil, !settings.adminTokenHash.isEmpty {
            troubles.append(("admin.token_hash", "give token_file or token_hash in [admin], not both"))
        }
        for text in settings.adminListen {
            guard let address = AdminAddress(text), address.isSecure else { continue }
            if settings.tls.files == nil { troubles.append(("admin.listen", "\(text) \(hint)")) }
            if !address.isLocal, settings.adminTokenFile == nil, settings.adminTokenHash.isEmpty {
                troubles.append(
                    (
                        "admin.listen",
                        "\(text) can be reached from other computers, and anyone who reaches it would be the router's owner: set token_file in"
                            + " [admin], or listen on 127.0.0.1"
                    ))
            }
        }
        for upstream in settings.upstreams {
            let isSecure = upstream.endpoint?.isSecure == true && upstream.kind == .server
            let url = upstream.endpoint.map { "\($0)" } ?? ""
            if !isSecure, upstream.trust != ServerTrust() {
                troubles.append(("upstream", "\(url) is not dialled with wss://, and ca_file and verify mean nothing there"))
            } else if upstream.authorities != nil, upstream.verification == .none {
                troubles.append(("upstream", "\(url): ca_file means nothing with verify = \"none\""))
            }
        }
        return troubles
    }
}
