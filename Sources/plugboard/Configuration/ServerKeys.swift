// The keys of [server], [limits] and [log].
// Must not judge more than one value at a time; what several keys say together is `SettingsLoader`'s.

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
                Where clients connect: ws://HOST:PORT (port 0: any free one; IPv6 in brackets) or unix://PATH (WebSocket \
                over a Unix socket). Apps look for a server at ws://127.0.0.1:12345 or ws://localhost:12345; localhost is 127.0.0.1 and \
                [::1] where there is IPv6.
                """,
                check: checkAddress
            ).afterRestart,
            .text(
                "unix_mode", \.unixMode,
                """
                Who may connect to the Unix sockets of "listen", as the permissions of their files: "0600" the same user alone, "0660" the \
                group too, "0666" everyone on this machine.
                """, check: checkMode
            ).afterRestart,
            .text(
                "unix_group", ifSet: \.unixGroup, example: "\"users\"",
                "The group of those files, by name or number. Unset: the group of this process.", check: checkGroup
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
                Where device indices and a raised emergency stop survive a restart. Without this key: plugboard/state under \
                $STATE_DIRECTORY, $XDG_STATE_HOME or ~/.local/state; where none of these is set, nowhere, with a warning. Empty: nowhere.
                """
            ).afterRestart,
            .texts(
                "allowed_hosts", \.allowedHosts, example: "[\"router.lan\"]",
                """
                Names and addresses clients may use for this machine in their Host header, besides loopback names, the host in "listen" and \
                the address the connection comes in at. "*" allows all, and with that DNS rebinding.
                """, check: checkHost),
            .texts(
                "allowed_origins", \.allowedOrigins, example: "[\"https://example.org\"]",
                """
                Web pages that may connect, by scheme, host and port as their address begins, besides pages from this machine. "null" for \
                pages that hide where they are from, "*" for all.
                """, check: checkOrigin),
            .boolean(
                "allow_insecure", \.allowInsecure,
                "Allows listening on addresses that other machines reach. Whoever reaches them can drive your devices."
            ).afterRestart,
        ])

    static let limits = SettingSection(
        name: "limits", meaning: "What one client, or all together, may use up.",
        keys: [
            .integer("sessions", \.router.limits.sessions, 1...1_000_000, "Sessions at once; one more is answered 503."),
            .integer(
                "sessions_per_address", \.router.limits.sessionsPerAddress, 1...1_000_000,
                "Sessions at once from one address. Loopback and Unix sockets are not counted."),
            .size(
                "message_bytes", \.router.limits.messageBytes, 1_024...(1 << 30),
                """
                Size of one incoming message of a client; a larger one closes with 1009. An upstream's may be 16 KiB for each of \
                upstream_devices, so that its device list fits.
                """
            ).afterRestart,
            .integer(
                "fragments", \.router.limits.fragments, 1...1_000_000,
                "Fragments of one incoming message; more closes with 1008."
            ).afterRestart,
            .integer(
                "requests_per_message", \.router.limits.requestsPerMessage, 1...1_000_000,
                "Requests in one incoming message, the parts of older versions' commands among them; more is Error 3."),
            .integer(
                "parts_per_command", \.router.limits.partsPerCommand, 1...1_000_000,
                "Parts of one command of versions 0 to 3; more is Error 3."),
            .integer(
                "control_frames_per_second", \.router.limits.controlFramesPerSecond, 1...1_000_000,
                "Pings and pongs a connection may send within a second; more closes with 1008."
            ).afterRestart,
            .integer(
                "json_depth", \.router.limits.jsonDepth, 8...64,
                "Nesting of incoming JSON; deeper is Error 3. The protocol needs 8."),
            .size(
                "client_name_bytes", \.router.limits.clientNameBytes, 1...65_536,
                "Length of a client's name; a longer one is Error 3."),
            .size(
                "head_bytes", \.router.limits.headBytes, 1_024...(1 << 20),
                "Size of the HTTP head of an upgrade; a larger one is answered 431."
            ).afterRestart,
            .integer("head_lines", \.router.limits.headLines, 8...10_000, "Header lines of an upgrade; more are answered 431.")
                .afterRestart,
            .interval(
                "head_timeout", \.router.limits.headTimeout, .milliseconds(100) ... .seconds(3600),
                "How long the whole HTTP head may take."
            ).afterRestart,
            .interval(
                "handshake_timeout", \.router.limits.handshakeTimeout, .milliseconds(100) ... .seconds(3600),
                "How long a connection may stay without its Buttplug handshake."),
            .interval(
                "close_timeout", \.router.limits.closeTimeout, .milliseconds(10) ... .seconds(60),
                "How long a peer may take to answer a close before the connection is cut."
            ).afterRestart,
            .interval(
                "ping_interval", \.router.limits.pingInterval, .milliseconds(100) ... .seconds(3600),
                "Silence after which a WebSocket ping asks whether the peer is there; it has as long again to answer."
            ).afterRestart,
            .size(
                "queued_bytes", \.router.limits.queuedBytes, 4_096...(1 << 30),
                """
                Bytes that may wait for one peer; more cuts it off. A device list may be longer: the next waits until it has left.
                """
            ).afterRestart,
            .interval(
                "stall_timeout", \.router.limits.stallTimeout, .milliseconds(100) ... .seconds(3600),
                "How long bytes may wait for one peer without any of them leaving."
            ).afterRestart,
            .integer(
                "messages_per_turn", \.router.limits.messagesPerTurn, 1...1_000_000,
                "Messages taken from one connection before the others get their turn."
            ).afterRestart,
            .integer(
                "pending_requests", \.router.limits.pendingRequests, 1...1_000_000,
                "Sensor requests of one session that may wait for devices."),
            .integer("devices", \.router.limits.devices, 1...65_536, "Devices at once."),
            .integer(
                "upstream_devices", \.router.limits.upstreamDevices, 1...65_536,
                """
                Devices one upstream may ever have shown, by its index and name: each keeps an index for ever, and there are 65536 for \
                all. Further ones are left out.
                """
            ).afterRestart,
        ])

    static let log = SettingSection(
        name: "log", meaning: "What is written to standard error.",
        keys: [
            .choice("level", \.logLevel, "The least severe events that are written."),
            .choice(
                "format", \.logFormat,
                "\"text\" for people, \"json\" for programs: one object per line. \"auto\" is text on a terminal."),
        ])

    static let admin = SettingSection(
        name: "admin", meaning: "Where the owner of the router watches and steers it: the page, the commands, metrics.",
        keys: [
            .texts(
                "listen", \.adminListen,
                """
                "unix" is plugboard/admin.sock under $XDG_RUNTIME_DIR (or admin.sock under $RUNTIME_DIRECTORY), which the commands use and \
                only this user may open; unix://PATH another socket; http://HOST:PORT the page, on this computer alone. Whoever reaches \
                it is the router's owner. Unset: an address that is taken is left out; when it is set, it must be free.
                """,
                check: checkAdminAddress
            ).afterRestart
        ])

    @Sendable
    private static func checkAdminAddress(_ text: String) throws(Refusal) {
        guard let address = AdminAddress(text) else { throw Refusal("is none of unix, unix://PATH and http://HOST:PORT: \(quoted(text))") }
        guard address.isLocal else { throw Refusal("must be an address of this computer, like http://127.0.0.1:12380") }
    }

    @Sendable
    private static func checkHost(_ text: String) throws(Refusal) {
        do throws(EntryRefusal) { _ = try AllowedHost(text) } catch { throw Refusal("names \(quoted(text)), which \(error.reason)") }
    }

    @Sendable
    private static func checkOrigin(_ text: String) throws(Refusal) {
        do throws(EntryRefusal) { _ = try AllowedOrigin(text) } catch { throw Refusal("names \(quoted(text)), which \(error.reason)") }
    }

    @Sendable
    private static func checkMode(_ text: String) throws(Refusal) {
        guard let mode = Settings.mode(text) else {
            throw Refusal("must be three octal digits, with a 0 before them or not, like \"0600\" or \"660\"; \(quoted(text)) is not")
        }
        guard mode & 0o600 == 0o600 else {
            throw Refusal("must let in the same user, like \"0600\"; with \(quoted(text)) nobody could connect")
        }
    }

    @Sendable
    private static func checkGroup(_ text: String) throws(Refusal) {
        guard SystemGroup.identifier(of: text) != nil else { throw Refusal("names \(quoted(text)), and there is no such group here") }
    }

    @Sendable
    private static func checkAddress(_ text: String) throws(Refusal) {
        let address: ListenAddress
        do throws(ListenError) { address = try ListenAddress(text) } catch { throw Refusal("is refused: \(error)") }
        guard case .unix(let path) = address else { return }
        guard path.hasPrefix("/") else { throw Refusal("must be a full path behind unix://, like unix:///run/plugboard.sock") }
        // `sun_path` has 108 bytes, one of them for the end.
        guard path.utf8.count <= 107 else { throw Refusal("has a path of more than 107 bytes") }
    }
}
