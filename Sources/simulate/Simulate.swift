// The `simulate` command: runs seeds, prints each result, and how to repeat one that broke a promise.
// Must not know how a run works.

import ArgumentParser
import Foundation
import Host

@main
struct Simulate: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "Runs the router under virtual time with simulated clients, devices and faults, and checks that every promise holds.",
        discussion: "Exits with 0 when all promises held, with 1 when one was broken; the last line then repeats that run.")

    @Option(help: "The seed; equal seeds give equal runs.")
    var seed: UInt64 = 1

    @Option(help: "What is simulated: router, or hardware (serial ports, programs that dial in, Bluetooth).")
    var kind = "router"

    @Option(help: "How many seeds to run, counting up.")
    var seeds: UInt64 = 1

    @Option(help: "Virtual hours per run.")
    var hours: Double = 1

    @Option(help: "Clients at a time; when one leaves, another comes.")
    var clients = 50

    @Option(help: "Put a router in front of this many routers that have the devices; its clients are applications that use the library.")
    var upstreams = 0

    @Option(help: "With --upstreams: such applications at a time.")
    var libraryClients = 12

    @Option(help: "Simulated devices.")
    var devices = 20

    @Option(help: "Faults: \(SimulationPlan.Faults.allCases.map(\.rawValue).joined(separator: ", ")).")
    var faults: String = "all"

    @Flag(help: "An operator uses every verb of the admin interface, and event streams come and go.")
    var operated = false

    @Flag(help: "Clients show tokens, which are made, end and are revoked.")
    var tokens = false
    @Flag(help: "With --tokens: others connect and are not let in: half heads, wrong tokens, floods.")
    var strangers = false
    @Flag(help: "Many rules ask the operator, who answers some clients and not others. Not with --upstreams.")
    var consents = false

    @Flag(help: "Print everything that happens to standard error.")
    var trace = false

    @Option(
        help: "With --kind hardware: a fault that the run must find: keepsDescriptors, losesRequests, writesTwice or closesTwice.")
    var canary: String?

    @Flag(help: "Print the checks that were made.")
    var checks = false

    func validate() throws {
        guard ["router", "hardware"].contains(kind) else { throw ValidationError("--kind '\(kind)' is not known.") }
        guard hours > 0, hours <= 100_000 else { throw ValidationError("--hours must be above 0 and at most 100000.") }
        guard (1...10_000).contains(clients) else { throw ValidationError("--clients must be 1 to 10000.") }
        guard (0...100).contains(upstreams) else { throw ValidationError("--upstreams must be 0 to 100.") }
        guard (1...1_000).contains(libraryClients) else { throw ValidationError("--library-clients must be 1 to 1000.") }
        guard (1...1_000).contains(devices) else { throw ValidationError("--devices must be 1 to 1000.") }
        guard !tokens || upstreams == 0 else { throw ValidationError("--tokens is for a router without --upstreams.") }
        guard !strangers || tokens else { throw ValidationError("--strangers needs --tokens.") }
        guard !consents || upstreams == 0 else { throw ValidationError("--consents is not possible with --upstreams.") }
        guard seeds > 0 else { throw ValidationError("--seeds must be at least 1.") }
        guard SimulationPlan.Faults(rawValue: faults) != nil else { throw ValidationError("--faults '\(faults)' is not known.") }
    }

    func run() throws {
        if kind == "hardware" { return try runHardware() }
        var plan = SimulationPlan()
        plan.milliseconds = Int64((hours * 3_600_000).rounded())
        plan.clients = clients
        plan.devices = devices
        plan.upstreams = upstreams
        plan.libraryClients = upstreams > 0 ? libraryClients : 0
        plan.faults = SimulationPlan.Faults(rawValue: faults) ?? .all
        plan.isOperated = operated
        plan.hasTokens = tokens
        plan.hasStrangers = strangers
        plan.asksConsent = consents
        for offset in 0..<seeds {
            plan.seed = seed &+ offset
            if !SimulationReport.run(plan, traces: trace, listsChecks: checks) { throw ExitCode(1) }
        }
    }

    private func runHardware() throws {
        let fault = try canary.map { name in
            guard let known = HardwareCanary(rawValue: name) else { throw ValidationError("There is no canary \(name).") }
            return known
        }
        for offset in 0..<seeds {
            let (seed, devices) = (seed &+ offset, min(devices, 40))
            let holds = HardwareSimulation.report(seed: seed, hours: hours, devices: devices, canary: fault, traces: trace) { line in
                FileHandle.standardError.write(Data((line + "\n").utf8))
            }
            if !holds { throw ExitCode(1) }
        }
    }
}
