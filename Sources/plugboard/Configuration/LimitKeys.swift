// The keys of [limits]: how much any one peer may use.
// Must not say why a limit is what it is; `Limits` does.

import Host
import Router

extension SettingTable {
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
            .integer(
                "strangers", \.router.limits.strangers, 1...1_000_000,
                """
                Connections from other machines, or where everybody needs a token, that were not let in yet; for one more the oldest is \
                closed.
                """
            ).afterRestart,
            .interval(
                "head_timeout", \.router.limits.headTimeout, .milliseconds(100) ... .seconds(3600),
                "How long the whole HTTP head may take."
            ).afterRestart,
            .interval(
                "handshake_timeout", \.router.limits.handshakeTimeout, .milliseconds(100) ... .seconds(3600),
                "How long a connection may stay without its Buttplug handshake."),
            .interval(
                "consent_timeout", \.router.limits.consentTimeout, .seconds(1) ... .seconds(3600),
                "How long a client whose rule asks waits for the operator's consent; then it gets Error 1 and is closed."),
            .integer(
                "consents", \.router.limits.consents, 1...10_000,
                "Clients that may wait for consent at once; one more gets Error 1 and is closed."),
            .integer(
                "consents_per_address", \.router.limits.consentsPerAddress, 1...10_000,
                "The same from one address (a /64 for IPv6), so that one stranger does not fill the queue."),
            .integer(
                "consent_messages", \.router.limits.consentMessages, 0...1_000_000,
                "Messages a client may send while it waits for consent, each answered Error 1; more closes with 1008."),
            .integer(
                "remembered_consents", \.router.limits.rememberedConsents, 1...65_536,
                "Answers kept for later clients of the same name and token; beyond it the oldest is forgotten, and asked again."),
            .interval(
                "close_timeout", \.router.limits.closeTimeout, .milliseconds(10) ... .seconds(60),
                "How long a peer may take to answer a close before the connection is cut."
            ).afterRestart,
            .interval(
                "ping_interval", \.router.limits.pingInterval, .milliseconds(100) ... .seconds(3600),
                "Time without data after which a WebSocket ping asks whether the peer is there; it has as long again to answer."
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
                Devices one upstream may have shown in all, by its index and name: each keeps an index permanently, and there are 65536 \
                for all. Further ones are left out.
                """
            ).afterRestart,
            .integer(
                "tokens", \.router.limits.tokens, 1...100_000,
                "Tokens made at run time. One more takes the place of one that has expired, or is refused."),
        ])
}
