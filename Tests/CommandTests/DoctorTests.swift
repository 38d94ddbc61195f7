// The doctor says of given facts what is wrong and what mends it, and looks without leaving a trace.
import Foundation
import JSON
import Platform
import Testing

@testable import plugboard

@Suite struct DoctorTests {
    private func only(_ findings: [Finding]) throws -> Finding {
        try #require(findings.count == 1)
        return findings[0]
    }

    @Test("A computer on which nothing is wrong has only good findings, without remedies.")
    func healthy() {
        var facts = DoctorFacts()
        facts.configuration = .loaded("/etc/plugboard/plugboard.toml")
        facts.places = [.init(address: "ws://127.0.0.1:12345", port: 12_345, state: .free)]
        facts.hosts = ["127.0.0.1"]
        facts.state = .file("/var/lib/plugboard/state", trouble: nil)
        facts.devices.upstreams = 1
        let report = DoctorReport(findings: DoctorChecks.findings(facts))
        #expect(report.isGood)
        #expect(report.findings.allSatisfy { $0.state == .ok && $0.remedy == nil }, "\(report.findings)")
    }

    @Test("A certificate is good for so many days, or ends soon, or is bad with its file; one for clients, when it ends soon.")
    func certificates() throws {
        var facts = DoctorFacts()
        #expect(DoctorChecks.certificate(facts).isEmpty)
        facts.certificate = .good("/s.pem", days: 300)
        #expect(try only(DoctorChecks.certificate(facts)).state == .ok)
        facts.certificate = .good("/s.pem", days: 13)
        #expect(try only(DoctorChecks.certificate(facts)).state == .warn)
        facts.certificate = .none
        facts.clientAuthorities = ("/c.pem", 13)
        #expect(try only(DoctorChecks.certificate(facts)).state == .warn)
        facts.clientAuthorities = ("/c.pem", 14)
        #expect(DoctorChecks.certificate(facts).isEmpty)
        facts.certificate = .bad("/s.key: is not the key of the certificate in /s.pem")
        #expect(try only(DoctorChecks.certificate(facts)).state == .fail)
    }

    @Test("A port that another program has fails with its name and the way out; a router's own port is good.")
    func ports() throws {
        var facts = DoctorFacts()
        let intiface = PortHolder(program: "intiface-engine", process: 7)
        facts.places = [.init(address: "ws://127.0.0.1:12345", port: 12_345, state: .taken(by: intiface, isRouter: false))]
        let taken = try only(DoctorChecks.places(facts))
        #expect(taken.state == .fail && taken.text.contains("intiface-engine (process 7)"))
        #expect(taken.remedy?.contains("--upstream ws://127.0.0.1:12346") == true)
        #expect(taken.remedy?.hasPrefix("Move it to port 12346") == true)
        facts.places[0].state = .taken(by: PortHolder(program: "plugboard", process: 8), isRouter: true)
        #expect(try only(DoctorChecks.places(facts)).state == .ok)
        facts.admin = .nobody(["/run/x"])
        #expect(try only(DoctorChecks.admin(facts)).state == .warn)
        facts.places[0].state = .impossible("Cannot assign requested address")
        #expect(try only(DoctorChecks.places(facts)).state == .fail)
    }

    @Test("The two addresses of localhost are one line, which says the one that apps get.")
    func oneListener() throws {
        var facts = DoctorFacts()
        facts.places = ["ws://127.0.0.1:12345", "ws://[::1]:12345"].map { .init(address: $0, port: 12_345, state: .free) }
        let both = try only(DoctorChecks.places(facts))
        #expect(both.text == "ws://127.0.0.1:12345 and ws://[::1]:12345 are free; give apps ws://127.0.0.1:12345")
        facts.places[1].state = .impossible("no such family")
        #expect(DoctorChecks.places(facts).map(\.state) == [.ok, .fail])
        facts.places[1].state = .taken(by: nil, isRouter: true)
        #expect(
            DoctorChecks.places(facts).map(\.text) == [
                "ws://127.0.0.1:12345 is free", "ws://[::1]:12345 is Plugboard's: a router runs there; give apps ws://[::1]:12345",
            ])
        facts.places = [.init(address: "ws://127.0.0.1:12347", port: 12_347, state: .free, isForApps: false)]
        #expect(try only(DoctorChecks.places(facts)).text == "ws://127.0.0.1:12347 is free")
    }

    @Test("Without a device and an upstream there is a warning, also of a router that runs; with either there is none.")
    func devices() throws {
        var facts = DoctorFacts()
        let none = try only(DoctorChecks.devices(facts))
        #expect(none.state == .warn && none.remedy?.contains("--simulate") == true && none.remedy?.contains("--upstream") == true)
        facts.devices.isRunning = true
        #expect(try only(DoctorChecks.devices(facts)).text.hasPrefix("the router has no device and no upstream"))
        facts.devices = .init(devices: 1, upstreams: 2, isRunning: true)
        #expect(try only(DoctorChecks.devices(facts)) == .ok("devices", "the router has 1 device and 2 upstreams"))
        facts.devices = .init(devices: 0, upstreams: 1)
        #expect(try only(DoctorChecks.devices(facts)) == .ok("devices", "configured: 1 upstream"))
    }

    @Test(
        "localhost is good when apps that ask for it come to a listener with the first address they get.",
        arguments: [
            (["::1", "127.0.0.1"], ["127.0.0.1"], Finding.State.warn), (["::1", "127.0.0.1"], ["127.0.0.1", "::1"], .ok),
            (["::1", "127.0.0.1"], ["::"], .ok), (["::1", "127.0.0.1"], ["0.0.0.0"], .warn), (["127.0.0.1"], ["0.0.0.0"], .ok),
            (["127.0.0.1", "::1"], ["::1"], .warn), ([], ["127.0.0.1"], .fail), (["192.0.2.7"], ["127.0.0.1"], .fail),
            (["::1"], [], .ok),
        ])
    func localhost(addresses: [String], hosts: [String], expected: Finding.State) throws {
        var facts = DoctorFacts()
        facts.localhost = addresses
        facts.hosts = Set(hosts)
        #expect(try only(DoctorChecks.localhost(facts)).state == expected)
    }

    @Test("Every other thing that is not as it should be has a line that mends it.")
    func remedies() throws {
        var facts = DoctorFacts()
        facts.configuration = .refused(["a.toml:2:1: unknown key", "a.toml:3:1: unknown key"])
        facts.upstreams = [.init(address: "ws://127.0.0.1:12346", trouble: "Connection refused"), .init(address: "ws://h:1", trouble: nil)]
        facts.state = .file("/x/state", trouble: "/x cannot be written to")
        facts.year = 1970
        #expect(DoctorChecks.configuration(facts).map(\.state) == [.fail, .fail])
        #expect(DoctorChecks.upstreams(facts).map(\.state) == [.fail, .ok])
        #expect(try only(DoctorChecks.state(facts)).state == .fail)
        #expect(try only(DoctorChecks.clock(facts)).state == .fail)
        (facts.year, facts.isClockSynchronised) = (2026, false)
        #expect(try only(DoctorChecks.clock(facts)).state == .warn)
        (facts.descriptors, facts.sessions) = (1024, 1000)
        #expect(try only(DoctorChecks.limits(facts)).remedy?.contains("sessions = 960") == true)
        facts.serial = [.init(path: "/dev/ttyUSB0", state: .closed(group: nil))]
        facts.bluetooth.daemon = .absent
        for finding in DoctorChecks.findings(facts) { #expect((finding.state == .ok) == (finding.remedy == nil), "\(finding)") }
        #expect(!DoctorReport(findings: DoctorChecks.findings(facts)).isGood)
    }

    @Test(
        "A serial port of the configuration that cannot be opened fails with what mends it; one that is only there is a warning at most.",
        arguments: [
            (.good, nil), (.absent, "ls /dev/serial/by-id"), (.noLine, "correct \"port\""),
            (.closed(group: "uucp"), "usermod -aG uucp"),
            (.closed(group: nil), "usermod -aG dialout"),
            (.held(PortHolder(program: "minicom", process: 3)), "end that program"),
            (.held(PortHolder(program: "plugboard", process: 4)), nil),
        ] as [(DoctorFacts.Serial.State, String?)])
    func serial(state: DoctorFacts.Serial.State, remedy: String?) throws {
        var facts = DoctorFacts()
        for isConfigured in [true, false] {
            facts.serial = [.init(path: "/dev/x", isConfigured: isConfigured, state: state)]
            let finding = try only(DoctorChecks.serial(facts))
            #expect(finding.state == (remedy == nil ? .ok : isConfigured ? .fail : .warn))
            #expect(finding.text.contains("/dev/x"))
            if let remedy { #expect(finding.remedy?.contains(remedy) == true, "\(finding)") }
        }
    }

    @Test(
        "What Bluetooth lacks is said with the line that mends it.",
        arguments: [
            (.noBus("/run/x"), "systemctl start dbus"), (.silentBus("/run/x", "broken"), "systemctl restart dbus"),
            (.absent, "systemctl enable --now bluetooth"), (.forbidden, "usermod -aG bluetooth"), (.answers([]), "plug one in"),
            (.answers([.init(name: "hci0", isPowered: false)]), "bluetoothctl power on"),
            (.answers([.init(name: "hci0", isPowered: false, block: .soft)]), "rfkill unblock bluetooth"),
            (.answers([.init(name: "hci0", isPowered: false, block: .hard)]), "switch its radio on"),
        ] as [(DoctorFacts.Bluetooth.Daemon, String)])
    func bluetooth(daemon: DoctorFacts.Bluetooth.Daemon, remedy: String) throws {
        var facts = DoctorFacts()
        facts.bluetooth = .init(isWanted: true, daemon: daemon)
        let finding = try only(DoctorChecks.bluetooth(facts))
        #expect(finding.state == .fail && finding.remedy?.contains(remedy) == true, "\(finding)")
        facts.bluetooth.isWanted = false
        #expect(try only(DoctorChecks.bluetooth(facts)).state != .fail)
    }

    @Test("A configuration that has only hardware has devices to come.")
    func hardwareAlone() throws {
        var facts = DoctorFacts()
        #expect(try only(DoctorChecks.devices(facts)).state == .warn)
        facts.devices.ways = 2
        #expect(try only(DoctorChecks.devices(facts)) == .ok("devices", "configured: 2 ways to hardware"))
    }

    @Test("An adapter that is on is good; one that is named and not there is not.")
    func adapters() throws {
        var facts = DoctorFacts()
        #expect(try only(DoctorChecks.bluetooth(facts)).state == .ok)
        let two = [DoctorFacts.Adapter(name: "hci0", isPowered: false), DoctorFacts.Adapter(name: "hci1")]
        facts.bluetooth = .init(isWanted: true, daemon: .answers(two))
        #expect(try only(DoctorChecks.bluetooth(facts)).text == "hci1 is on, and BlueZ answers")
        facts.bluetooth.wantedAdapter = "hci7"
        #expect(try only(DoctorChecks.bluetooth(facts)).text == "there is no adapter hci7, but hci0, hci1")
        facts.bluetooth.wantedAdapter = "hci0"
        #expect(try only(DoctorChecks.bluetooth(facts)).remedy == "bluetoothctl power on")
    }

    @Test("A report is one line for each finding, in marks that the reader can show, and a JSON object for programs.")
    func report() throws {
        let report = DoctorReport(findings: [.ok("port", "free"), .fail("state", "no\nway", "mend it")])
        #expect(report.text(isPlain: true) == "ok   port   free\nFAIL state  no\\u000away -> mend it\n")
        #expect(report.text(isPlain: false) == "✓ port   free\n✗ state  no\\u000away → mend it\n")
        let tree = try #require(JSONTree(report.json.utf8))
        #expect(report.json.hasPrefix("{\"ok\":false,"))
        #expect(tree["findings"]?.elements.map { $0["state"]?.string } == ["ok", "fail"])
        #expect(DoctorReport.isPlain(isTerminal: true, ["LANG": "C"]))
        #expect(!DoctorReport.isPlain(isTerminal: true, ["LANG": "en_GB.UTF-8", "LC_ALL": ""]))
        #expect(DoctorReport.isPlain(isTerminal: false, ["LANG": "en_GB.UTF-8"]))
    }

    @Test("Looking at where the state will be makes no folder.")
    func traceless() throws {
        let folder = Folder()
        #expect(StateFile(path: folder.path + "/a/b/state").obstacle == nil)
        #expect(FileTree.names(in: folder.path).isEmpty)
        let file = try folder.file("plain", "")
        #expect(StateFile(path: file + "/state").obstacle == "\(file) is not a folder")
        #expect(StateFile(path: "state").obstacle == nil)
    }
}
