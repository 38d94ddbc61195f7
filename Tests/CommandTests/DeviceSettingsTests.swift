// Settings of devices in the configuration, and the device configurations of other programs that it names.
// Must not know what a device makes of them.

import Foundation
import Hardware
import Host
import Testing

@testable import plugboard

@Suite("Settings of devices in the configuration")
struct DeviceSettingsTests {
    /// A file with this text, for the time of the body.
    private func withFile<Result>(_ text: String, _ body: (String) throws -> Result) throws -> Result {
        let path = FileManager.default.temporaryDirectory.appending(path: "plugboard-\(UUID().uuidString).json").path
        try Data(text.utf8).write(to: URL(filePath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        return try body(path)
    }

    private func read(_ text: String) throws -> Settings { try ConfiguredDevices.read(settings(text)).settings }

    @Test("Entries for devices and outputs become rules.")
    func rows() throws {
        let rules = try settings(
            """
            [[hardware.device]]
            match = "bluetooth:C0:*"
            name = "Left one"
            index = 3
            deny = true
            allow = true
            gap = "100ms"
            [[hardware.output]]
            match = "LVS-*"
            feature = 0
            output = "Vibrate"
            min = 4
            max = 16
            reverse = true
            disabled = true
            """
        ).settings.server.hardware.rules
        var device = DeviceRule(Glob("bluetooth:C0:*"))
        (device.displayName, device.index, device.isDenied, device.isAllowed, device.gapMilliseconds) = ("Left one", 3, true, true, 100)
        #expect(rules.devices == [device])
        var output = OutputRule(Glob("LVS-*"))
        (output.feature, output.output, output.lowest, output.highest) = (0, .vibrate, 4, 16)
        (output.isReversed, output.isDisabled) = (true, true)
        #expect(rules.outputs == [output])
    }

    @Test("Limits that leave nothing are refused with their entry.")
    func limits() throws {
        let refused = #expect(throws: ConfigurationRefused.self) {
            try settings("[[hardware.output]]\nmatch = \"LVS-*\"\nmin = 9\nmax = 9\n")
        }
        #expect(refused?.problems.first?.reason == "\"min\" is 9 and \"max\" 9 for \"LVS-*\": min must be less than max")
    }

    @Test("Entries of devices do not wait for a restart, and the ports do.")
    func restart() throws {
        let old = try settings("").settings
        let fresh = try settings(
            "[[hardware.device]]\nmatch = \"*\"\n[[hardware.output]]\nmatch = \"*\"\n[[hardware.serial]]\nport = \"/dev/x\"\n"
        ).settings
        #expect(SettingTable.changesForRestart(from: old, to: fresh) == ["hardware.serial"])
    }

    @Test("A user's file is read: its devices, its simulated ones, its programs, and what was left out.")
    func userFile() throws {
        let text = #"""
            {"version": {"major": 5}, "user_configs": {"protocols": {"lovense": {"communication": [{"websocket": {"name": "LVSDevice"}}]}},
              "devices": [{"config": {}}],
              "simulated_devices": [{"identifier": "simulated-2vibe", "display_name": "Pair"}, {"identifier": "simulated-fax"}]}}
            """#
        try withFile(text) { path in
            let settings = try read("[hardware]\nuser_device_config = \"\(path)\"\n")
            #expect(settings.server.devices.map(\.archetype.key) == ["simulated-2vibe"])
            #expect(settings.server.devices.map(\.displayName) == ["Pair"])
            #expect(settings.server.hardware.expectedSockets == [SocketDevice("LVSDevice", protocolName: "lovense")])
            #expect(
                settings.deviceFileNotes == [
                    "\(path): user_configs.devices[0].identifier: it names no protocol and address",
                    "\(path): user_configs.simulated_devices[1]: there is no simulated device \"simulated-fax\"",
                ])
        }
    }

    @Test("A file that is no JSON refuses the configuration, with its line and column.")
    func noJSON() throws {
        try withFile("{\n  \"version\": {\"major\": 4,}\n}") { path in
            let refused = #expect(throws: ConfigurationRefused.self) { try read("[hardware]\nuser_device_config = \"\(path)\"\n") }
            #expect(refused?.problems.map(\.description) == ["\(path):2:26: this is not JSON (user_device_config names this file)"])
        }
    }

    @Test(
        "A file that cannot be read says why.",
        arguments: [
            ("{\"version\": {\"major\": 2}}", "version 2 cannot be read, only 4 and 5"), ("[]", "there is no version.major"),
        ])
    func refusals(text: String, reason: String) throws {
        try withFile(text) { path in
            let refused = #expect(throws: ConfigurationRefused.self) { try read("[hardware]\ndevice_config = \"\(path)\"\n") }
            #expect(refused?.problems.first?.reason.hasPrefix("\"device_config\": \(path): \(reason)") == true)
        }
        let missing = #expect(throws: ConfigurationRefused.self) { try read("[hardware]\ndevice_config = \"/nowhere/at/all\"\n") }
        #expect(missing?.problems.first?.reason.contains("/nowhere/at/all cannot be read") == true)
    }

    @Test("Programs of a user's file dial in at the same address as others, which must not be an app's.")
    func listener() throws {
        let text =
            #"{"version": {"major": 5}, "user_configs": {"protocols": {"lovense": {"communication": [{"websocket": {"name": "A"}}]}}}}"#
        try withFile(text) { path in
            let refused = #expect(throws: ConfigurationRefused.self) {
                try read("[hardware]\nwebsocket_listen = \"ws://127.0.0.1:12345\"\nuser_device_config = \"\(path)\"\n")
            }
            #expect(refused?.problems.first?.reason.contains("is named twice: apps connect to") == true)
        }
    }
}
