// `plugboard devices --scan` and `--test`: puts a look at hardware together, asks before anything moves, and tells what came of it.
// Must not decide what a finding means. Signals end it as everything else does: zero first.

import ArgumentParser
import DBus
import Hardware
import Host
import Platform
import UV
import UVHost

/// The device that is to be tested.
enum TestedDevice: Hashable, ExpressibleByArgument {
    /// Its place in the list, which changes when another scan finds others.
    case number(Int)
    case identity(String)

    init(argument: String) { self = Int(argument).map { .number($0) } ?? .identity(argument) }

    /// The device among those that can be driven, or why there is none.
    func find(in ready: [DeviceFinding]) -> (device: DeviceFinding?, refusal: String) {
        if ready.isEmpty { return (nil, "nothing was found that can be driven") }
        switch self {
        case .number(let number):
            let device = ready.indices.contains(number - 1) ? ready[number - 1] : nil
            return (device, "there is no number \(number); those that can be driven are 1 to \(ready.count)")
        case .identity(let identity):
            let device = ready.first { $0.identity.lowercased() == identity.lowercased() }
            return (device, "\(printable(identity)) is not among those that can be driven")
        }
    }
}

struct HardwareLookRun {
    var config: String?
    var test: TestedDevice?
    var asks: Bool
    var isJSON: Bool

    func run() throws {
        let loaded = try load()
        let settings = loaded.settings
        var hardware = settings.server.hardware
        hardware.bus = DBusNames.systemBus(Environment.variables)
        var findings = DeviceFindings()
        for note in LookAdvice.notes(settings, serialPorts: LookAdvice.serialPorts) { findings.note(note) }
        guard !hardware.isEmpty else { return tell(findings) }
        let host: UVHost
        do throws(UVError) { host = try UVHost() } catch { throw ExitStatus.failure.refusing("no event loop: \(error)") }
        var look: HardwareLook?
        let made = hardware.backends(on: host) { subject, problem, _ in look?.noticed(subject, problem) }
        let waits = listen(settings, made, host, &findings)
        let lines = LogLines(settings.logFormat, settings.logLevel)
        defer { lines.finish(withinMilliseconds: 300) }
        // A device that is moved has to stop also when this process is killed.
        let watchdog = test == nil || !settings.hasWatchdog ? nil : Watchdog(on: host, isText: lines.isText, lines.logger)
        if let watchdog { made.use(watchdog) }
        var refusal: String?
        look = HardwareLook(made, findings, for: hardware.scanTime, waits: waits, on: host) { look in
            tell(look.findings)
            return next(look, &refusal)
        }
        var signal: Int32?
        for number in [SignalNumber.terminate, SignalNumber.interrupt, SignalNumber.hangUp] {
            host.onSignal(number) {
                signal = number
                look?.cancel()
            }
        }
        if Descriptor.error.isTerminal {
            Descriptor.error.write("plugboard: looking for at most \(hardware.scanTime.milliseconds / 1_000) s …\n")
        }
        look?.begin()
        host.run()
        watchdog?.finish()
        if let signal { throw ExitCode(128 + signal) }
        if let refusal { throw ExitStatus.unavailable.refusing(refusal) }
        guard test != nil, let outcome = look?.testOutcome else { return }
        guard outcome == .done else { throw ExitStatus.unavailable.refusing("the device did not take it: \(outcome)") }
        let end = look?.isLeftInPlace == true ? "it stays where it is, and the device was let go" : "the device was told zero and let go"
        Descriptor.error.write("plugboard: done; \(end)\n")
    }

    private func load() throws -> LoadedSettings {
        do throws(ConfigurationRefused) {
            return try ConfiguredDevices.read(SettingsLoader(environment: Environment.variables).load(file: config))
        } catch { throw error.exitCode.refusing(error.problems.map(\.description)) }
    }

    /// Listens for programs that dial in, if there may be any; whether it does.
    private func listen(_ settings: Settings, _ made: HardwareBackends, _ host: UVHost, _ findings: inout DeviceFindings) -> Bool {
        guard let owner = made.socketOwner, let endpoint = settings.socketEndpoint else { return false }
        var options = ListenerOptions(hosts: settings.allowedHosts, origins: settings.allowedOrigins)
        options.tokenNeed = settings.requireToken
        do throws(ListenError) {
            _ = try host.listen(on: endpoint, options: options, owner: owner)
            return true
        } catch {
            var holder = ""
            if case .addressInUse(.webSocket(_, let port, _, _)) = error {
                holder = " \(PortTaker.find(port, Environment.variables).words)"
            }
            findings.note("programs cannot dial in: \(error)\(holder.isEmpty ? "" : ": it is taken\(holder)")")
            return false
        }
    }

    private func tell(_ findings: DeviceFindings) {
        if isJSON { return Descriptor.output.write(findings.json) }
        let rows = findings.rows
        if !rows.isEmpty { Descriptor.output.write(findings.table) }
        for note in findings.notes { Descriptor.error.write("plugboard: \(printable(note))\n") }
        if rows.isEmpty { Descriptor.error.write("plugboard: nothing was found\n") }
    }

    // MARK: The test

    /// What comes after the scan.
    private func next(_ look: HardwareLook, _ refusal: inout String?) -> HardwareLook.Next {
        guard let test else { return .end }
        let found = test.find(in: look.findings.ready)
        guard let device = found.device else {
            refusal = found.refusal
            return .end
        }
        guard let place = device.place, let description = device.description else {
            refusal = "\(device.identity) went away again"
            return .end
        }
        guard let move = OutputTest(description, at: place) else {
            refusal = "\(device.identity) has no output that could be moved weakly"
            return .end
        }
        guard asks else { return .move(move) }
        ask("\(printable(device.words)): moves \(move.words). Ctrl-C stops it. Really? [y/N] ", look, move)
        return .wait
    }

    /// Asks on the terminal, off the loop. Anything but a yes ends it.
    private func ask(_ question: String, _ look: HardwareLook, _ move: OutputTest) {
        Descriptor.error.write(question)
        nonisolated(unsafe) let look = look
        let loop = look.loop
        do throws(UVError) {
            try BackgroundThread.start {
                let isYes = ["y", "yes"].contains((readLine() ?? "").lowercased())
                loop.post { look.go(isYes ? .move(move) : .end) }
            }
        } catch { look.go(.end) }
    }
}

/// What could be written into the configuration so that more is found.
enum LookAdvice {
    static func notes(_ settings: Settings, serialPorts: [String]) -> [String] {
        let hardware = settings.server.hardware
        var notes: [String] = []
        if hardware.bluetooth == .off {
            notes.append(
                "Bluetooth is off: bluetooth = \"auto\" in [hardware] turns it on (or PLUGBOARD_HARDWARE_BLUETOOTH=auto, this once)")
        }
        let others = serialPorts.filter { port in !hardware.serial.contains { $0.path == port } }
        for port in others {
            notes.append("a serial port is there and is not opened: [[hardware.serial]] with port = \(quoted(port)) names it")
        }
        if hardware.serial.isEmpty, others.isEmpty { notes.append("no serial port is configured ([[hardware.serial]]), and none is there") }
        if hardware.expectedSockets.isEmpty {
            notes.append("no program may dial in: [[hardware.websocket]] names those that may")
        }
        return notes
    }

    /// The ports of this computer, by names that stay.
    static var serialPorts: [String] { FileTree.names(in: "/dev/serial/by-id").sorted().map { "/dev/serial/by-id/\($0)" } }
}
