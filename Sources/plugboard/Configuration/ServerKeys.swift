// The keys of [server], [log] and [admin].
// Must not check more than one value at a time; what several keys say together is `SettingsLoader`'s.

import Guard
import Host
import Platform
import UV
import UVHost

extension SettingTable {
    static let server = SettingSection(
        name: "server", meaning: "What clients connect to.",
        keys: [
            .text("name", \.router.serverName, "The name clients see in ServerInfo."),
            .texts(
                "listen", \.listen,
                """
                Where clients connect: ws://HOST:PORT (port 0: any free one; IPv6 in brackets), wss://HOST:PORT (the same over TLS: see \
                [tls]) or unix://PATH (WebSocket over a Unix socket). Apps look for a server at ws://127.0.0.1:12345 or ws://localhost:12345; localhost is 127.0.0.1 and \
                [::1] where there is IPv6.
                """,
                check: ServerChecks.address
            ).afterRestart,
            .text(
                "unix_mode", \.unixMode,
                """
                Who may connect to the Unix sockets of "listen", as the permissions of their files: "0600" the same user alone, "0660" the \
                group too, "0666" everyone on this machine.
                """, check: ServerChecks.mode
            ).afterRestart,
            .text(
                "unix_group", ifSet: \.unixGroup, example: "\"users\"",
                "The group of those files, by name or number. Unset: the group of this process.", check: ServerChecks.group
            ).afterRestart,
            .milliseconds(
                "max_ping_time", \.maxPingTime, .zero ... .seconds(86_400),
                """
                A client that sends no Ping within this time is stopped and closed; 0 asks for none. Several client libraries never \
                ping. A rule may set it for some.
                """),
            .fraction(
                "ping_grace", \.router.pingGrace,
                "How much later than max_ping_time a Ping may come, as a fraction of it; at least 50 ms are always granted."),
            .text(
                "state_file", ifSet: \.stateFile, longest: 4096, example: "\"/var/lib/plugboard/state\"",
                """
                Where device indices and a raised emergency stop survive a restart, and in a second file, with ".tokens" after its name, \
                the tokens. Without this key: plugboard/state under $STATE_DIRECTORY, $XDG_STATE_HOME or ~/.local/state; where none of \
                these is set, nowhere, with a warning. Empty: nowhere.
                """
            ).afterRestart,
            .texts(
                "allowed_hosts", \.allowedHosts, example: "[\"router.lan\"]",
                """
                Names and addresses clients may use for this machine in their Host header, in addition to loopback names, the host in \
                "listen" and the address the connection comes in at. "*" allows all, and with that DNS rebinding.
                """, check: ServerChecks.host),
            .texts(
                "allowed_origins", \.allowedOrigins, example: "[\"https://example.org\"]",
                """
                Web pages that may connect, by scheme, host and port as their address begins, in addition to pages from this machine. \
                "null" for pages that hide where they are from, "*" for all.
                """, check: ServerChecks.origin),
            .choice(
                "require_token", \.requireToken,
                """
                Who needs a token to connect: "remote" is other machines and all that comes through a proxy that says so, "always" every \
                program on this one too, "never" nobody.
                """),
            .texts(
                "trusted_proxies", \.trustedProxies, example: "[\"127.0.0.1\", \"10.0.0.0/8\"]",
                """
                Proxies in front of this router: addresses, ranges, "unix" for all that comes through a Unix socket. Their headers \
                (Forwarded, X-Forwarded-For, X-Real-IP, CF-Connecting-IP) name the client's address. With any such header a client counts as \
                one from another machine.
                """, check: ServerChecks.proxy),
            .boolean(
                "allow_insecure", \.allowInsecure,
                """
                Allows require_token = "never" for addresses that other machines reach. Anyone who reaches them can drive your devices.
                """
            ).afterRestart,
            .boolean(
                "announce", \.announce,
                """
                Tells the local network, through Avahi, where the router is: _intiface_engine._tcp, which apps look for, and \
                _plugboard._tcp. Only an address in "listen" that other machines reach is told.
                """
            ).afterRestart,
        ])

    static let log = SettingSection(
        name: "log", meaning: "What is written to standard error.",
        keys: [
            .choice("level", \.logLevel, "The lowest level of events that are written."),
            .choice(
                "format", \.logFormat,
                "\"text\" for people, \"json\" for programs: one object per line. \"auto\" is text on a terminal."),
        ])

    static let admin = SettingSection(
        name: "admin", meaning: "Where the owner of the router watches and controls it: the page, the commands, metrics.",
        keys: [
            .texts(
                "listen", \.adminListen,
                """
                "unix" is plugboard/admin.sock under $XDG_RUNTIME_DIR (or admin.sock under $RUNTIME_DIRECTORY, or beside the state file's usual \
                place where neither is set), which the commands use and \
                only this user may open; unix://PATH another socket; http://HOST:PORT the page, on this computer alone. Anyone who reaches \
                it is the router's owner. https://HOST:PORT is the page over TLS, also for other computers: those need token_file or \
                token_hash. Unset: an address that is taken is left out; when it is set, it must be free.
                """,
                check: ServerChecks.adminAddress
            ).afterRestart,
            .text(
                "token_file", ifSet: \.adminTokenFile, longest: 4096, example: "\"/etc/plugboard/admin.token\"",
                """
                A file with the operator's token alone: at least 32 letters, digits, "-", "_", "." or "~". https:// addresses ask for it. Read \
                at the start and by a reload.
                """),
            .text(
                "token_hash", \.adminTokenHash, longest: 64, "Instead of a file: the token's SHA-256 as 64 hexadecimal digits.",
                check: { text throws(Refusal) in
                    if !text.isEmpty, TokenDigest(hex: text) == nil { throw Refusal("must have 64 hexadecimal digits") }
                }),
        ])
}

/// What one value of these keys must be.
enum ServerChecks {
    @Sendable
    static func adminAddress(_ text: String) throws(Refusal) {
        guard let address = AdminAddress(text) else {
            throw Refusal("is none of unix, unix://PATH, http://HOST:PORT and https://HOST:PORT: \(quoted(text))")
        }
        guard address.isLocal || address.isSecure else {
            throw Refusal(
                "must be an address of this computer, like http://127.0.0.1:12380, or https:// with a token, and \(quoted(text)) is neither"
            )
        }
    }

    @Sendable
    static func host(_ text: String) throws(Refusal) {
        do throws(EntryRefusal) { _ = try AllowedHost(text) } catch { throw Refusal("names \(quoted(text)), which \(error.reason)") }
    }

    @Sendable
    static func origin(_ text: String) throws(Refusal) {
        do throws(EntryRefusal) { _ = try AllowedOrigin(text) } catch { throw Refusal("names \(quoted(text)), which \(error.reason)") }
    }

    @Sendable
    static func mode(_ text: String) throws(Refusal) {
        guard let mode = Settings.mode(text) else {
            throw Refusal("must be three octal digits, with a 0 before them or not, like \"0600\" or \"660\"; \(quoted(text)) is not")
        }
        guard mode & 0o600 == 0o600 else {
            throw Refusal("must let in the same user, like \"0600\"; with \(quoted(text)) nobody could connect")
        }
    }

    @Sendable
    static func group(_ text: String) throws(Refusal) {
        guard SystemGroup.identifier(of: text) != nil else { throw Refusal("names \(quoted(text)), and there is no such group here") }
    }

    @Sendable
    static func address(_ text: String) throws(Refusal) {
        let address: Endpoint
        do throws(BadAddress) { address = try Endpoint(text, for: .listening) } catch { throw Refusal("is refused: \(error)") }
        guard case .unix(let path) = address else { return }
        guard path.hasPrefix("/") else {
            throw Refusal("must have a full path after unix://, like unix:///run/plugboard.sock; \(quoted(text)) has none")
        }
    }

    @Sendable
    static func proxy(_ text: String) throws(Refusal) {
        guard text != "unix" else { return }
        do throws(EntryRefusal) { _ = try AddressRange(text) } catch { throw Refusal("names \(quoted(text)), which \(error.reason)") }
    }
}
