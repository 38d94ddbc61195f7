// `plugboard devices`: those of a running router; without one, what a scan finds, and what it is taken for.
// Must not know how a scan is made, nor what a finding means: `HardwareLook` and `DeviceFindings` do.

import ArgumentParser
import JSON
import Platform
import UV

struct DevicesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "devices", abstract: "Lists the devices of a running router, or looks for hardware without one.",
        discussion: """
            Without an option it asks a running router. --scan needs no router: it looks with the transports of the configuration, and says \
            of everything that it finds what it is taken for, or why it cannot be driven. What can be driven is connected for that, told \
            zero, and let go. While a router runs it has the hardware, and --scan does not touch it.

            Examples:
              plugboard devices                     what a running router has
              plugboard devices --scan              what is there?
              plugboard devices --test 1            moves number 1 of that list; asks
              plugboard devices --supported         known protocols and models
              PLUGBOARD_HARDWARE_BLUETOOTH=auto plugboard devices --scan
            """)

    @OptionGroup(title: "Router") var router: RouterOptions

    @Flag(name: .long, help: "Looks for hardware, without a router.")
    var scan = false

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Looks for hardware, and moves one output of the device with this number in the list, or with this identity.",
            valueName: "device"))
    var test: TestedDevice?

    @Flag(name: .long, help: "With --test: does not ask. Something moves at once.")
    var yes = false

    @Flag(name: .long, help: "Lists the protocols and models that are known.")
    var supported = false

    @Option(name: [.short, .long], help: ArgumentHelp("The configuration, for --scan and --test.", valueName: "file"))
    var config: String?

    @Flag(name: .long, help: "JSON: an array of a router's devices or of models; of a scan an object.")
    var json = false

    func validate() throws {
        if supported, scan || test != nil { throw ValidationError("--supported looks at no hardware: give it alone") }
        if case .number(..<1)? = test {
            throw ValidationError("--test takes a number of the list of `plugboard devices --scan`, from 1, or an identity from it")
        }
        if yes, test == nil { throw ValidationError("--yes belongs to --test") }
        if config != nil, !scan, test == nil {
            throw ValidationError("--config belongs to --scan and --test: a running router has its own")
        }
    }

    func run() throws {
        if supported { return listSupported() }
        if scan || test != nil { return try look() }
        try listRouter()
    }

    private func look() throws {
        if test != nil, !yes, !Descriptor(number: 0).isTerminal {
            throw ExitStatus.usage.refusing("--test moves a device, so it asks before; where nobody can answer it needs --yes")
        }
        do throws(AdminTrouble) {
            let reply = try router.client.request("GET", "/v1/status")
            throw AdminTrouble.refused(reply.address.text, "a router runs there and has the hardware")
        } catch .notThere {
        } catch {
            throw ExitStatus.unavailable.refusing(
                "\(error.words); `plugboard scan` lets it look, and `plugboard devices` lists what it has; to look without it, end it")
        }
        try HardwareLookRun(config: config, test: test, asks: !yes, isJSON: json).run()
    }

    private func listSupported() {
        let rows = SupportedDevices.rows
        if json { return Descriptor.output.write(SupportedDevices.json(rows)) }
        var table = TextTable(["PROTOCOL", "BYTES", "MODEL", "FEATURES"])
        for row in rows { table.add([row.protocolName, row.isVerified ? "verified" : "not verified", row.model, row.features]) }
        table.write(whenEmpty: "no protocol is known")
    }

    private func listRouter() throws {
        let devices: [JSONTree]
        do throws(AdminTrouble) { _ = try router.client.request("GET", "/v1/status") } catch {
            guard case .notThere = error else { throw ExitStatus.unavailable.refusing(error.words) }
            throw ExitStatus.unavailable.refusing("\(error.words); `plugboard devices --scan` looks for hardware without one")
        }
        devices = try router.list("devices")
        if json { return Descriptor.output.write(JSONTree.array(devices).text + "\n") }
        var table = TextTable(["DEVICE", "OUTPUTS", "WRITES", "FAILED", "ANSWERS IN", "FROM", "NAME"])
        for one in devices {
            let outputs = (one["features"]?.elements ?? []).flatMap { $0["outputs"]?.elements ?? [] }.map { $0.cell("type") }
            table.add([
                one.cell("index"), outputs.joined(separator: "+"), one.cell("writes"), one.cell("failures"), Self.latency(one),
                one.cell("backend"), one["display_name"]?.string ?? one.cell("name"),
            ])
        }
        table.write(whenEmpty: "there is no device yet; `plugboard scan` looks for some, and so does the scan of an app")
    }

    /// "7 ms, at most 12": the median and the longest of the last minute.
    private static func latency(_ device: JSONTree) -> String {
        guard let latency = device["latency_ms"], latency != .null else { return "-" }
        return "\(latency.cell("p50")) ms, at most \(latency.cell("max"))"
    }
}
