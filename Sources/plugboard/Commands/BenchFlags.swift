// The flags of `plugboard bench`, and the run they ask for.
// Must not know how a run is made or shown.

import ArgumentParser
import Bench
import Host
import UVHost

/// What to measure.
struct BenchFlags: ParsableArguments {
    @Option(name: [.short, .long], help: ArgumentHelp("The kind of load; see above.", valueName: "profile"))
    var profile = Profile.all[0].name

    @Option(name: .long, help: ArgumentHelp("The version of the Buttplug specification to use, 0 to 4.", valueName: "version"))
    var spec = 4

    @Option(name: [.short, .long], help: ArgumentHelp("Sessions. Without it: the profile's number.", valueName: "number"))
    var clients: Int?

    @Option(
        name: [.short, .long],
        help: ArgumentHelp("Messages per second over all clients. Without it: the profile's rate.", valueName: "msg/s"))
    var rate: Double?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "How many messages a client sends at once. Without it: 1; with overlay and stop: one to every output.", valueName: "number"))
    var burst: Int?

    @Flag(name: .long, help: "Closed loop, for saturation: each client sends again as soon as it is answered.")
    var closed = false

    @Option(name: .long, help: ArgumentHelp("Requests in flight per client, with --closed; 16 without this.", valueName: "number"))
    var inFlight: Int?

    @Option(
        name: [.short, .long],
        help: ArgumentHelp(
            "How long to measure: 10s, 500ms, 2m. Without it: 10s; with --messages: as long as these take.", valueName: "time"))
    var duration: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Measure until so many messages are answered, all clients together, or until the time is over.", valueName: "number"))
    var messages: UInt64?

    @Option(name: .long, help: ArgumentHelp("How long to run before that.", valueName: "time"))
    var warmup = "1s"

    @Option(name: .long, help: ArgumentHelp("How long the load takes to rise from nothing, before the warm-up.", valueName: "time"))
    var ramp = "0s"

    @Option(name: .long, help: ArgumentHelp("Threads to send from; clients are shared out among them.", valueName: "number"))
    var threads = 1

    @Flag(
        inversion: .prefixedNo,
        help: "Whether threads stay awake for what is due within 0.25 ms. (default: when there are fewer threads than cores)")
    var stayAwake: Bool?

    @Option(name: .long, help: ArgumentHelp("The server's process: shows its CPU per message, memory and system calls.", valueName: "pid"))
    var pid: Int32?

    @Option(
        name: .long,
        help: ArgumentHelp("The file that the router was started with as --journal; for --profile stop.", valueName: "file"))
    var journal: String?

    @Option(
        name: .long,
        help: ArgumentHelp("For wss://: the authorities to trust, in PEM, in place of the system's.", valueName: "file"))
    var caFile: String?

    /// The run, or the reason why there is none.
    func options(url: String) throws(BenchProblem) -> BenchOptions {
        let endpoint: Endpoint
        do throws(BadAddress) { endpoint = try Endpoint(url, for: .dialling) } catch { throw .badOption("\(error)") }
        var options = BenchOptions(endpoint: endpoint)
        options.authorities = caFile
        guard let profile = Profile(named: profile) else {
            throw .badOption("--profile \(self.profile): there is \(Profile.names)")
        }
        options.profile = profile
        guard let spec = BenchSpec(rawValue: spec) else { throw .badOption("--spec \(self.spec): there are the versions 0 to 4") }
        options.spec = spec
        options.clients = clients
        options.rate = rate
        options.burst = burst
        guard inFlight == nil || closed else {
            throw .badOption("--in-flight is of the closed loop: add --closed, or leave --in-flight away and give a --rate")
        }
        options.inFlight = closed ? inFlight ?? 16 : nil
        options.messages = messages
        options.times.duration = try Self.time("--duration", duration ?? (messages == nil ? "10s" : "24h"))
        options.times.warmup = try Self.time("--warmup", warmup)
        options.times.ramp = try Self.time("--ramp", ramp)
        options.threads = threads
        options.staysAwake = stayAwake
        options.pid = pid
        options.journal = journal
        try options.validate()
        return options
    }

    /// Nanoseconds of "10s", "500ms", "2m", "1h".
    private static func time(_ flag: String, _ text: String) throws(BenchProblem) -> UInt64 {
        let units: [(String, Double)] = [("ms", 1e6), ("s", 1e9), ("m", 60e9), ("h", 3600e9)]
        for (unit, scale) in units where text.hasSuffix(unit) {
            guard let number = Double(text.dropLast(unit.count)), number >= 0, number * scale <= 86_400e9 else { break }
            return UInt64(number * scale)
        }
        throw .badOption("\(flag) \(text): give a number with its unit, like 10s, 500ms or 2m, up to 24h")
    }
}
