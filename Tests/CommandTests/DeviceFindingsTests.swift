// What a look at hardware tells people and programs, and what it would move.

import Buttplug
import JSON
import Testing

@testable import Hardware
@testable import plugboard

@Suite("What a scan found")
struct DeviceFindingsTests {
    private static let vibrator = DeviceDescription(
        identity: "bluetooth:C0:01", name: "Lovense Hush",
        features: [
            Feature(index: 0, description: "", outputs: [OutputRange(.vibrate, steps: 20)], inputs: [])
        ])

    private static func sighting(_ identity: String, _ name: String, _ state: HardwareSighting.State) -> HardwareSighting {
        HardwareSighting(identity: identity, name: name, state: state)
    }

    private static var findings: DeviceFindings {
        var findings = DeviceFindings()
        findings.saw(sighting("bluetooth:A0:02", "TV", .unknown))
        findings.saw(sighting("bluetooth:C0:01", "LVS-Z001", .tried(protocols: ["lovense"])))
        findings.saw(sighting("bluetooth:C0:03", "LVS-Z003", .denied))
        findings.saw(sighting("bluetooth:C0:04", "Odd", .tried(protocols: ["kizuna"])))
        findings.noticed("bluetooth:C0:04", "it lacks 0000fff0")
        findings.saw(sighting("bluetooth:C0:01", "LVS-Z001", .ready(protocolName: "lovense", model: "Z")))
        findings.appeared(vibrator, 0, 5)
        findings.noticed("serial:/dev/x", "it is not there; it is looked for each second")
        findings.noticed("bluetooth", "the Bluetooth adapter hci0 is off: bluetoothctl power on")
        return findings
    }

    @Test("What can be driven has a number and comes first; the others say why not, and what nobody knows comes last.")
    func table() {
        let lines = Self.findings.table.split(separator: "\n")
        #expect(lines.count == 6)
        #expect(lines[1].hasPrefix("1 ") && lines[1].hasSuffix("Lovense Hush (lovense): vibrate 0...20"), "\(lines[1])")
        #expect(lines[2].contains("nothing: it is denied"))
        #expect(lines[3].hasSuffix("kizuna, but: it lacks 0000fff0"), "\(lines[3])")
        #expect(lines[4].contains("serial:/dev/x") && lines[4].contains("it is not there"), "\(lines[4])")
        #expect(lines[5].hasPrefix("- ") && lines[5].contains("nothing: no protocol is for this name"))
        #expect(Self.findings.notes == ["bluetooth: the Bluetooth adapter hci0 is off: bluetoothctl power on"])
    }

    @Test("The JSON has the same, with the number that --test takes.")
    func json() throws {
        let tree = try #require(JSONTree(Self.findings.json.utf8))
        let first = try #require(tree["devices"]?.elements.first)
        #expect(first["number"]?.number == 1 && first["ready"] == .bool(true) && first["verified"] == .bool(true))
        #expect(first["protocol"]?.string == "lovense" && first["model"]?.string == "Z")
        #expect(first["features"]?.elements.compactMap(\.string) == ["vibrate 0...20"])
        #expect(tree["devices"]?.elements.last?["number"] == .null)
        #expect(tree["notes"]?.elements.count == 1)
    }

    @Test("A device that is being tried keeps the look waiting, until it is ready or something is in its way.")
    func pending() {
        var findings = DeviceFindings()
        findings.saw(Self.sighting("bluetooth:C0:01", "LVS-Z001", .tried(protocols: ["lovense"])))
        #expect(findings.isPending)
        findings.noticed("bluetooth:C0:01", "it does not say what it is")
        #expect(!findings.isPending)
        findings.noticed("bluetooth:C0:01", nil)
        findings.appeared(Self.vibrator, 0, 5)
        #expect(!findings.isPending)
    }

    @Test("What a device is taken for is the same when that is told after it has appeared.")
    func order() {
        var findings = DeviceFindings()
        findings.saw(Self.sighting("bluetooth:C0:01", "LVS-Z001", .tried(protocols: ["lovense"])))
        findings.appeared(Self.vibrator, 0, 5)
        findings.saw(Self.sighting("bluetooth:C0:01", "LVS-Z001", .ready(protocolName: "lovense", model: "Z")))
        findings.saw(Self.sighting("bluetooth:C0:01", "LVS-Z001", .tried(protocols: ["lovense"])))
        #expect(findings.ready.map(\.words) == ["Lovense Hush (lovense)"])
    }

    @Test("A device that went away again has no place, and says so.")
    func away() {
        var findings = Self.findings
        findings.disappeared(0, 5)
        #expect(findings.ready.first?.place == nil)
        #expect(findings.ready.first?.problem == "it went away again")
    }

    @Test("A test moves the first output that only shakes, weakly, and ends at zero.")
    func weak() throws {
        let features = [
            Feature(index: 0, description: "", outputs: [OutputRange(.constrict, steps: 3)], inputs: []),
            Feature(index: 1, description: "", outputs: [OutputRange(.vibrate, steps: 20)], inputs: []),
        ]
        let test = try #require(OutputTest(DeviceDescription(identity: "", name: "", features: features), at: (1, 2)))
        #expect(test.start.type == .vibrate && test.start.value == 4 && test.start.feature == 1)
        #expect(test.start.backend == 1 && test.start.device == 2)
        #expect(test.end?.value == 0 && test.end?.feature == 1 && test.time == .seconds(1))
    }

    @Test("A stroker moves slowly to its middle; a device without anything like that is not tested.")
    func strokers() throws {
        func device(_ output: OutputRange) -> DeviceDescription {
            DeviceDescription(identity: "", name: "", features: [Feature(index: 0, description: "", outputs: [output], inputs: [])])
        }
        let test = try #require(OutputTest(device(OutputRange(.hwPositionWithDuration, steps: 1_000, duration: 0...10_000)), at: (0, 0)))
        #expect(test.start.value == 500 && test.start.duration == 3_000 && test.end == nil && test.time > .seconds(3))
        #expect(OutputTest(device(OutputRange(.temperature, steps: 10)), at: (0, 0)) == nil)
        #expect(OutputTest(device(OutputRange(.position, steps: 10)), at: (0, 0)) == nil)
    }

    @Test("What is off is said with the words that turn it on.")
    func advice() throws {
        let none = LookAdvice.notes(Settings(), serialPorts: ["/dev/serial/by-id/a"])
        #expect(none.count == 3)
        #expect(none[0].contains("bluetooth = \"auto\"") && none[1].contains("port = \"/dev/serial/by-id/a\""))
        #expect(none[2].contains("[[hardware.websocket]]"))
        let all = try settings(
            "[hardware]\nbluetooth = \"auto\"\n[[hardware.serial]]\nport = \"/dev/serial/by-id/a\"\n[[hardware.websocket]]\nidentifier = \"a\"\nprotocol = \"lovense\"\n"
        ).settings
        #expect(LookAdvice.notes(all, serialPorts: ["/dev/serial/by-id/a"]).isEmpty)
    }
}
