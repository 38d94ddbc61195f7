// Device configurations of other programs: what is taken from them, what is left out, and what refuses them.

import Buttplug
import Testing

@testable import Hardware

@Suite("Device configurations")
struct DeviceFileTests {
    static let text = #"""
        {"version": {"major": 4, "minor": 0}, "user_configs": {
          "protocols": {
            "lovense": {"communication": [{"websocket": {"name": "LVSDevice"}}, {"btle": {"names": ["Mine"], "services": {}}}, {"fax": {}}]},
            "tcode-v03": {"configurations": [{"identifier": ["two"], "name": "Two axes", "features": [
              {"index": 0, "output": {"position": {"value": [0, 1000]}}}, {"index": 1, "output": {"vibrate": {"value": [0, 99]}}}]}]}
          },
          "devices": [
            {"identifier": {"protocol": "lovense", "identifier": "P",
              "address": "PeripheralId(DeviceId { object_path: Path(\"/org/bluez/hci0/dev_54_73_A0_45_FB_84\\0\") })"},
             "config": {"user_config": {"index": 7, "display_name": "Rose", "message_gap_ms": 50, "allow": true},
               "features": [{"output": {"vibrate": {"value": [4, 16]}}}, {"output": {"vibrate": {"disabled": true}}}, {}]}},
            {"identifier": {"protocol": "lovense", "address": "AA:BB:CC:DD:EE:FF"}, "config": {"user_config": {"index": 8, "deny": true},
               "features": [{"output": {"vibrate": {"value": [16, 4]}}}]}},
            {"config": {}}
          ]}}
        """#

    @Test("A user's file adds names and models, and sets ranges, names and indices.")
    func user() throws {
        let file = try DeviceFile(Self.text.utf8)
        #expect(
            file.problems.map(\.path) == [
                "user_configs.protocols.lovense.communication[2]", "user_configs.devices[1].config.features[0].output.vibrate.value",
                "user_configs.devices[2].identifier",
            ])
        let catalogue = file.catalogue(over: Builtin.catalogue)
        #expect(catalogue["lovense"]?.dialNames == ["LVSDevice"])
        #expect(catalogue.matches(Candidate(address: "", name: "Mine")).map(\.name) == ["lovense"])
        #expect(catalogue.model(of: "tcode-v03", identifier: "two", advertised: "")?.outputs.count == 2)
        let edge = try #require(catalogue.model(of: "lovense", identifier: "P", advertised: ""))
        let (settings, problem) = try #require(file.settings(of: edge, address: "54:73:a0:45:fb:84"))
        #expect(settings.index == 7 && settings.displayName == "Rose" && settings.gap == .milliseconds(50))
        let maps = edge.rangeMaps(settings)
        #expect(maps.map(\.steps) == [12, 20] && maps.map(\.isDisabled) == [false, true])
        #expect(edge.limited(by: maps).outputs.map(\.range) == [0...12])
        #expect(problem == nil)
        #expect(file.settings(address: "AA:BB:CC:DD:EE:FF").map(\.isDenied) == [true])
        #expect(file.allowsOnlySome)
        #expect(file.socketDevices == [SocketDevice("LVSDevice", protocolName: "lovense")])
    }

    @Test("A base file is a catalogue of its own; what a model leaves out it has from the defaults.")
    func base() throws {
        let file = try DeviceFile(
            #"""
            {"version": {"major": 5, "minor": 2}, "protocols": {"p": {
              "communication": [{"btle": {"names": ["P*"], "manufacturer_data": [{"company": 93, "data": [0, 1]}],
                "services": {"0000fff0-0000-1000-8000-00805f9b34fb": {"tx": "0000fff1-0000-1000-8000-00805f9b34fb"}}}}],
              "defaults": {"name": "P", "message_gap_ms": 20, "features": [{"index": 0, "output": {"rotate": {"value": [-9, 9]}}},
                {"index": 1, "input": {"battery": {"value": [[0, 100]], "command": ["Read"]}}}]},
              "configurations": [{"identifier": ["P1"], "name": "P one"}]}}}
            """#.utf8)
        #expect(file.problems == [])
        let catalogue = file.catalogue(over: Builtin.catalogue)
        #expect(catalogue.protocols.count == 1)
        let model = try #require(catalogue.model(of: "p", identifier: nil, advertised: "P1"))
        #expect(model.name == "P one" && model.gapMilliseconds == 20 && model.outputs.map(\.range) == [-9...9])
        #expect(model.inputs.map(\.range.canRead) == [true])
    }

    @Test("An entry that does not fit its model says so, and what of it fits counts.")
    func unfitting() throws {
        func settings(_ features: String) throws -> (DeviceSettings, problem: String?) {
            let file = try DeviceFile(
                #"{"version": {"major": 5}, "user_configs": {"devices": [{"identifier": {"protocol": "lovense", "address": "a"}, "config": {"features": \#(features)}}]}}"#
                    .utf8)
            var model = Model(name: "m", protocolName: "lovense")
            model.outputs = (0...1).map { ModelOutput(feature: $0, type: .vibrate, range: 0...20) }
            return try #require(file.settings(of: model, address: "a"))
        }
        let few = try settings("[{}]")
        #expect(few.0.perOutput.isEmpty)
        #expect(few.problem == "user_configs.devices[0]: it is for 1 features, and this model has 2: its outputs are as the model has them")
        let wide = try settings(
            #"[{"output": {"vibrate": {"value": [5, 90]}}}, {"output": {"vibrate": {"value": [9, 3], "disabled": true}}}]"#)
        #expect(wide.0.perOutput[OutputPlace(feature: 0, type: .vibrate)]?.limits == 5...20)
        #expect(wide.0.perOutput[OutputPlace(feature: 1, type: .vibrate)] == OutputSetting(isDisabled: true))
        #expect(wide.problem == "user_configs.devices[0]: feature 0 goes up to 20, not to 90")
    }

    @Test("Simulated devices of a user's file are named with their kind.")
    func simulated() throws {
        let file = try DeviceFile(
            #"{"version": {"major": 5}, "user_configs": {"simulated_devices": [{"identifier": "simulated-2vibe", "display_name": "Pair", "address": "simulated:1"}, {}]}}"#
                .utf8)
        #expect(file.simulated.map(\.archetype) == ["simulated-2vibe"] && file.simulated.first?.displayName == "Pair")
        #expect(file.problems.map(\.path) == ["user_configs.simulated_devices[1].identifier"])
    }

    @Test(
        "A file that cannot be read at all says why, and where.",
        arguments: [
            ("{\n  \"version\": {\"major\": 4,}\n}", "line 2, column 26: this is not JSON"), ("[]", "there is no version.major"),
            (#"{"version": {"major": 2}}"#, "version 2 cannot be read"), ("", "line 1, column 1: this is not JSON"),
        ])
    func refusals(text: String, beginning: String) {
        do throws(DeviceFileRefusal) {
            _ = try DeviceFile(text.utf8)
            Issue.record("it was read")
        } catch {
            #expect(error.description.hasPrefix(beginning), "\(error)")
        }
    }
}
