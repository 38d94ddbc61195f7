// The keys of [[rule]]: which clients an entry is for, and what they may do.
// Must not check more than one value at a time; what several keys say together is `SettingsLoader`'s.

import Buttplug
import Host
import Router

extension SettingTable {
    static let rule = SettingList(
        "rule", \.rules, of: SettingElement(new: { RuleEntry() }, keys: ruleKeys),
        "What clients may do. The first entry whose match fits counts; an entry without match fits everyone.")

    private static let ruleKeys: [SettingKey<RuleEntry>] = [
        .text(
            "match.client", ifSet: \.client, example: "\"OBS*\"",
            "The name the client gives; * is any run of characters, ? any one."),
        .text(
            "match.address", ifSet: \.address, example: "\"192.168.1.*\"",
            "The client's address without its port; \"unix\" for Unix sockets."),
        .text("match.origin", ifSet: \.origin, example: "\"https://example.org\"", "The Origin header of a web page."),
        .text(
            "match.listener", ifSet: \.listener, example: "\"unix://*\"",
            "The listener the client came through, as it is written in server.listen."),
        .text(
            "match.token", ifSet: \.token, example: "\"guest*\"",
            "The name of the token the client showed, never the token itself."),
        .text(
            "match.certificate", ifSet: \.certificate, example: "\"CN=tablet*\"",
            "The name in the certificate the client showed (tls.client_ca), as in \"CN=tablet,O=Home\"."),
        .choice(
            "admit", \.rule.admit,
            """
            Whether the client is let in: "always"; after the operator's consent ("ask": it waits for at most limits.consent_timeout); \
            "never".
            """),
        .choice("role", \.rule.rights.role, "\"observer\" sees devices, reads sensors and may stop, but drives nothing."),
        .integer(
            "priority", \.rule.rights.priority, 0...200,
            "The highest priority that wants something of an output gets it."),
        .fraction("gain", \.rule.rights.gain, "What the client's values are multiplied by."),
        .fraction("cap", \.rule.rights.cap, "No value of the client passes this fraction of the range."),
        .texts(
            "devices.allow", ifSet: \.allow, example: "[\"*Rabbit*\"]",
            "The only devices the client sees, by name or display name. Unset: all."),
        .texts("devices.deny", \.deny, "Devices the client does not see, allowed or not."),
        .milliseconds(
            "max_ping_time", ifSet: \.maxPingTime, .zero ... .seconds(86_400), example: "\"500ms\"",
            "As server.max_ping_time, for these clients. Unset: as there."),
        .integer(
            "rate_limit", ifSet: \.rule.rateLimit, 1...1_000_000, example: "100",
            "Output commands per second; zeros and stops always pass. Unset: any number."),
        .choice(
            "stop_scope", \.rule.rights.stopScope,
            """
            What a stop of the client reaches: its "own" outputs, those of all clients ("global"), or it raises the emergency stop \
            ("estop").
            """),
        .boolean("mute", \.rule.rights.mute, "The client drives nothing for now; its commands are answered Ok."),
    ]
}
