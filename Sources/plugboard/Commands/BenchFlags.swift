// The flags of `plugboard bench`, and the run they ask for.
// Must not know how a run is made or shown.

import ArgumentParser
import Bench
import Host

/// What to measure.
struct BenchFlags: ParsableArguments {
    @Option(name: [.short, .long], help: ArgumentHelp("The kind of load; see below.", valueName: "profile"))
    var profile = "busy"

    @Option(name: .long, help: ArgumentHelp("The version of the Buttplug specification to speak, 0 to 4.", valueName: "version"))
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

    @Option(name: [.short, .long], help: ArgumentHelp("How long to measure: 10s, 500ms, 2m.", valueName: "time"))
    var duration = "10s"

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

    @Option(name: .long, help: ArgumentHelp("The server's process: tells its CPU per message, memory and system calls.", valueName: "pid"))
    var pid: Int32?

    @Option(
        name: .long,
        help: ArgumentHelp("The file that the router was started with as --journal; for --profile stop.", valueName: "file"))
    var journal: String?

    /// The run, or the reason why there is none.
    func options(url: String) throws(BenchProblem) -> BenchOptions {
        guard let endpoint = Endpoint(url) else {
            throw .badOption(
                url.hasPrefix("wss://")
                    ? "\(url): encrypted connections are not measured; give the server's ws:// address"
                    : "\(url): not an address; give one like ws://127.0.0.1:12345 or unix:///run/plugboard.sock")
        }
        var options = BenchOptions(endpoint: endpoint)
        guard let profile = Profile(rawValue: profile) else {
            throw .badOption("--profile \(self.profile): there is \(Profile.allCases.map(\.rawValue).joined(separator: ", "))")
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
        options.times.duration = try Self.time("--duration", duration)
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
