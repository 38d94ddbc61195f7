// The effective configuration: what all the keys together say, as plain values.
// Must not know where a value came from, nor how any of it is written.

import Buttplug
import ButtplugServer
import Devices
import Hardware
import Host
import Logging
import Router

/// How log lines look.
enum LogFormat: String, CaseIterable, Sendable {
    /// Text on a terminal, JSON lines elsewhere.
    case auto, text, json
}

/// Everything an operator can set.
struct Settings: Sendable {
    /// Name, arbitration and limits; its rules come from `rules`.
    var router = RouterSettings()
    var listen = ["ws://localhost:12345"]
    /// In octal digits.
    var unixMode = "0600"
    /// A name or a number; nil: the process's own.
    var unixGroup: String?
    var maxPingTime: UInt32 = 0
    /// nil: the default path; empty: none.
    var stateFile: String?
    var allowedHosts: [String] = []
    var allowedOrigins: [String] = []
    var requireToken = TokenNeed.remote
    var trustedProxies: [String] = []
    var allowInsecure = false
    var announce = false
    var tls = TLSSettings()

    var simulated: [String] = []
    var simulatedDevices: [SimulatedDeviceEntry] = []
    var scanDelay = Interval.milliseconds(50)
    var presentAtStart = false
    var seed: UInt64 = 0
    var journal: String?

    /// Its lists come from the entries.
    var hardware = HardwareConfiguration()
    var hasWatchdog = true
    var deviceFile: String?
    var userDeviceFile: String?
    var serialPorts: [SerialEntry] = []
    var socketDevices: [SocketEntry] = []
    var socketListen = "ws://127.0.0.1:54817"
    var socketEndpoint: Endpoint? { try? Endpoint(socketListen, for: .listening) }

    var listeners: [ListenerEntry] = []
    var upstreams: [UpstreamEntry] = []

    var rules: [RuleEntry] = []
    var tokens: [TokenEntry] = []

    var adminListen = AdminAddress.standard
    var adminTokenFile: String?
    /// Empty: the file has the token, or there is none.
    var adminTokenHash = ""

    var logLevel = Logger.Level.info
    var logFormat = LogFormat.auto

    /// Everywhere clients connect.
    var clientListeners: [ListenerEntry] { listen.map { ListenerEntry(address: $0) } + listeners }

    /// The permissions of a file from their octal digits; nil when they are none.
    static func mode(_ text: String) -> UInt32? {
        let digits = text.utf8.count == 4 && text.hasPrefix("0") ? text.dropFirst() : text[...]
        guard digits.utf8.count == 3, digits.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x37 }) else { return nil }
        return UInt32(digits, radix: 8)
    }

    /// The part that the library takes.
    var server: ServerConfiguration {
        var configuration = ServerConfiguration()
        configuration.router = router
        configuration.router.rules = RuleTable(
            rules.map { $0.resolved(maxPingTime: maxPingTime) }, fallback: Rule(maxPingTime: maxPingTime))
        configuration.devices = deviceSpecs
        configuration.deviceOptions.presentAtStart = presentAtStart
        configuration.deviceOptions.seed = seed
        configuration.upstreams = upstreams.filter { $0.kind == .server }.compactMap(\.endpoint)
        for upstream in upstreams {
            guard let endpoint = upstream.endpoint else { continue }
            configuration.upstreamGaps[endpoint] = upstream.gap
            configuration.upstreamTrust[endpoint] = upstream.trust
        }
        configuration.deviceHosts = upstreams.filter { $0.kind == .deviceHost }.compactMap(\.endpoint)
        configuration.hardware = hardware
        configuration.hardware.sockets = socketDevices.compactMap(\.device)
        configuration.hardware.serial = serialPorts.compactMap(\.port)
        return configuration
    }

    /// The devices of `simulated`, those of `[[devices.simulated_device]]`, and those of the user's file. Entries that name no archetype have been refused before.
    var deviceSpecs: [SimulatedDeviceSpec] {
        let named = simulated.flatMap { (try? SimulatedDeviceSpec.list($0)) ?? [] }
        return (named + simulatedDevices.map(\.spec) + simulatedInFile).map { spec in
            var spec = spec
            spec.connectDelay = scanDelay
            return spec
        }
    }
}

/// One `[[rule]]`. What it leaves out is decided when all settings are known.
struct RuleEntry: Sendable {
    var rule = Rule()
    /// nil: the server's.
    var maxPingTime: UInt32?

    func resolved(maxPingTime standard: UInt32) -> Rule {
        var result = rule
        result.maxPingTime = maxPingTime ?? standard
        return result
    }

    var client: String? {
        get { rule.match.client?.pattern }
        set { rule.match.client = newValue.map { Glob($0) } }
    }
    var address: String? {
        get { rule.match.address?.pattern }
        set { rule.match.address = newValue.map { Glob($0) } }
    }
    var origin: String? {
        get { rule.match.origin?.pattern }
        set { rule.match.origin = newValue.map { Glob($0) } }
    }
    var listener: String? {
        get { rule.match.listener?.pattern }
        set { rule.match.listener = newValue.map { Glob($0) } }
    }
    var token: String? {
        get { rule.match.token?.pattern }
        set { rule.match.token = newValue.map { Glob($0) } }
    }
    var certificate: String? {
        get { rule.match.certificate?.pattern }
        set { rule.match.certificate = newValue.map { Glob($0) } }
    }
    var allow: [String]? {
        get { rule.devices.allow?.map(\.pattern) }
        set { rule.devices.allow = newValue?.map { Glob($0) } }
    }
    var deny: [String] {
        get { rule.devices.deny.map(\.pattern) }
        set { rule.devices.deny = newValue.map { Glob($0) } }
    }
}

/// Who opens the connection to an upstream.
enum UpstreamKind: String, CaseIterable, Sendable {
    /// We do.
    case server
    /// It does: it dials out to us.
    case deviceHost = "device-host"
}

/// What is checked of an upstream's certificate.
enum UpstreamVerification: String, CaseIterable, Sendable {
    /// Issuer, name and time.
    case full
    /// Nothing.
    case none
}

/// One `[[upstream]]`.
struct UpstreamEntry: Sendable {
    var kind = UpstreamKind.server
    var url: String?
    /// nil: none.
    var gap: Interval?
    /// nil: the system's.
    var authorities: String?
    var verification = UpstreamVerification.full
    var trust: ServerTrust { ServerTrust(authorities: authorities, isVerified: verification == .full) }
    var endpoint: Endpoint? { url.flatMap { try? Endpoint($0, for: .dialling) } }
}

/// One `[[devices.simulated_device]]`.
struct SimulatedDeviceEntry: Sendable {
    /// A kind without features, until the entry has named its own.
    var spec = SimulatedDeviceSpec(Archetype(key: "empty", name: "", features: []))
    var archetype: String? {
        didSet { if let kind = archetype.flatMap({ Archetype.named($0) }) { spec.archetype = kind } }
    }
    var latency = Interval.zero { didSet { setLatency() } }
    var latencyJitter = Interval.zero { didSet { setLatency() } }

    private mutating func setLatency() {
        spec.latency =
            latencyJitter > .zero
            ? .normal(mean: latency, deviation: latencyJitter) : latency > .zero ? .fixed(latency) : .none
    }
}

extension LaneRule {
    /// The output's name on the wire.
    var outputName: String? {
        get { output.map { "\($0.name)" } }
        set { output = OutputType.allCases.first { "\($0.name)" == newValue } }
    }
}
