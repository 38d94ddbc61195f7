// The router and its devices, put together on a host: what an app embeds, and what `plugboard serve` runs.
// Must not know which kind of host it runs on, nor files: state and journal go out through what the caller gave.

import Buttplug
import Devices
import Hardware
import Host
import Logging
import Router

/// A Buttplug server for many clients.
///
/// Everything happens on the host's thread. Connections come from the host's listeners, which are given `owner`:
///
///     let host = try UVHost()
///     var configuration = ServerConfiguration()
///     configuration.devices = try SimulatedDeviceSpec.list("rabbit,stroker*3")
///     let server = ButtplugServer(configuration, on: host)
///     _ = try host.listen(on: "ws://127.0.0.1:12345", owner: server.owner)
///     host.run()
public final class ButtplugServer {
    let runner: RouterRunner
    private let log: ServerLog
    private let stateChanges: StateChanges
    private let consentCalls: ConsentCalls
    private let hardware: HardwareBackends
    /// Those that are neither simulated nor upstreams.
    private let more: [any Backend]
    private let host: any Host
    let upstreams: [UpstreamBackend]
    /// Called when one of the configuration's upstreams turned out to be this server itself; it is left alone from then on.
    public var onUpstreamIsSelf: ((Endpoint) -> Void)?

    /// Makes a server and attaches it to `host`, which keeps it until `shutDown` has ended it.
    /// - Parameters:
    ///   - configuration: Rules, limits, simulated devices and upstreams.
    ///   - more: Devices that are not simulated, listed after those that are.
    ///   - state: What an earlier server's `onStateChanged` gave out last: device indices, and whether the emergency stop was raised.
    ///   - host: The world it lives in: `UVHost` or `SimHost`. Hardware needs one that opens wires (`WireOpener`), as both do.
    ///   - journal: Gets a JSON line for every device write, of all backends.
    ///   - logger: Gets transitions: sessions up and down, devices, stops. At `debug` also connections and who drives what.
    public init(
        _ configuration: ServerConfiguration, backends more: [any Backend] = [], state: RouterState = RouterState(), on host: any Dialer,
        journal: (any JournalSink)? = nil, logger: Logger? = nil
    ) {
        let devices = EmbeddedBackend(configuration.devices, options: configuration.deviceOptions)
        let directory = SessionDirectory()
        log = ServerLog(logger, directory, on: host)
        let hardware = configuration.hardware.backends(on: host, log)
        self.hardware = hardware
        let more = more + hardware.backends
        (self.more, self.host) = (more, host)
        let (upstreams, identity) = UpstreamBackend.all(
            configuration, state, areAlone: configuration.devices.isEmpty && more.isEmpty, on: host)
        self.upstreams = upstreams
        runner = RouterRunner(
            configuration.router, state: state, backends: [devices] + upstreams + more, host: host,
            journal: journal.map { DeviceJournal(sink: $0) })
        runner.identity = identity
        stateChanges = StateChanges(state) { [unowned runner] in runner.state }
        consentCalls = ConsentCalls(runner)
        runner.add(directory)
        if let identity { runner.add(loopAvoidance(identity)) }
        runner.add(log)
        runner.add(stateChanges)
        runner.add(consentCalls)
        for upstream in upstreams {
            upstream.onEvent = { [log, endpoint = upstream.endpoint] event, _ in log.happened(event, at: endpoint) }
        }
    }

    private func loopAvoidance(_ identity: RouterIdentity) -> LoopAvoidance {
        let avoidance = LoopAvoidance(identity, upstreams) { [unowned runner] in runner.wake() }
        avoidance.onUpstreamIsSelf = { [log, weak self] endpoint in
            log.isSelf(endpoint)
            self?.onUpstreamIsSelf?(endpoint)
        }
        return avoidance
    }

    /// Who gets the connections; for the host's listeners.
    public var owner: any LinkOwner { runner }

    /// Who gets the connections of servers that dial out, in the order of the configuration's `deviceHosts`; for the host's listeners.
    public var deviceHostOwners: [any LinkOwner] { upstreams.compactMap(\.connectionOwner) }

    /// Who gets the connections of programs that dial in as devices; for the host's listener. nil when the configuration has none.
    public var deviceSocketOwner: (any LinkOwner)? { hardware.socketOwner }

    /// The words for hardware's backends, which come after the upstreams and the application's own: "serial", "websocket", "bluetooth".
    public var hardwareKinds: [String] { hardware.kinds }

    /// Lets a watchdog know the hardware. To be called once, before the host runs.
    package func use(_ wills: any Wills) { hardware.use(wills) }

    /// What must survive a restart.
    public var state: RouterState { runner.state }

    /// Called with the state whenever it has changed, at the end of the turn. It must not wait for a disk; `StateKeeping` decides what is
    /// written when.
    public var onStateChanged: ((RouterState) -> Void)? {
        get { stateChanges.onChange }
        set { stateChanges.onChange = newValue }
    }

    /// Called when a client begins to wait for consent, at the end of a turn. `answer` may be called from inside it.
    public var onConsentAsked: ((ConsentSnapshot) -> Void)? {
        get { consentCalls.onAsked }
        set { consentCalls.onAsked = newValue }
    }

    /// Whether the emergency stop is raised.
    public var isStopped: Bool { runner.isStopped }

    /// Stops every output and keeps it stopped, through reconnects and restarts, until `clearEmergencyStop`.
    public func raiseEmergencyStop() { runner.raiseEmergencyStop() }

    /// Clears the emergency stop. Nothing starts by that.
    public func clearEmergencyStop() { runner.clearEmergencyStop() }

    /// Puts new settings in force. Sessions live on; no output rises by it.
    /// - Parameters:
    ///   - settings: The new settings.
    ///   - devices: What is set for hardware, where that changes too; a device keeps what it has until it becomes ready again.
    public func change(_ settings: RouterSettings, devices: DeviceRules? = nil) {
        if let devices { hardware.use(devices) }
        runner.settingsChanged(settings)
    }

    /// Logs to another logger from now on.
    public func log(to logger: Logger?) {
        log.logger = logger
        // Asks again which events are wanted.
        runner.add(log)
    }

    /// Tells the log that a listener turned a connection away before it became a session.
    /// - Parameters:
    ///   - address: The address of the peer.
    ///   - why: The reason in words, which may hold what the peer sent.
    ///   - kind: The reason in one word, which may not: refusals of one kind share a pace.
    public func connectionRefused(from address: String, because why: String, kind: String) { log.refused(address, why, kind) }

    /// Writes the present state to the log: sessions, devices, counters.
    public func report() { log.report(runner) }

    /// Zeroes every output, waits for the devices' answers (two seconds at most), closes every session and leaves the host.
    /// - Parameters:
    ///   - ended: Called when the last session has been told to close; the host still has to send what waits, and Bluetooth devices'
    ///     descriptors stay open for a second, until BlueZ has read the last zeros. `UVHost.stop(within:)` waits for both.
    ///   - left: Called when those are closed, too: in the same turn, or a second later at most. A program that ends before may take the
    ///     last zeros away from a device.
    public func shutDown(_ ended: @escaping () -> Void = {}, left: @escaping () -> Void = {}) {
        runner.onEnded = { [runner, log, more, host] in
            log.finish()
            runner.detach()
            BackendsEnd.keep(more, on: host, left)
            ended()
        }
        runner.shutDown()
    }
}

extension HardwareConfiguration {
    /// A backend for each way to hardware.
    fileprivate func backends(on host: any Host, _ log: ServerLog) -> HardwareBackends {
        guard !isEmpty else { return HardwareBackends() }
        guard let opener = host as? any WireOpener else { preconditionFailure("this world cannot open wires to devices") }
        return backends(on: opener) { subject, problem, _ in log.hardware(subject, problem) }
    }
}

extension UpstreamBackend {
    /// A configuration's upstreams.
    fileprivate static func all(
        _ configuration: ServerConfiguration, _ state: RouterState, areAlone: Bool, on host: any Dialer
    ) -> (upstreams: [UpstreamBackend], identity: RouterIdentity?) {
        guard !configuration.upstreams.isEmpty || !configuration.deviceHosts.isEmpty else { return ([], nil) }
        let identity = RouterIdentity(host.drawSeed())
        func settings(_ endpoint: Endpoint) -> UpstreamSettings {
            var settings = UpstreamSettings()
            settings.gapMilliseconds = UInt32(clamping: configuration.upstreamGaps[endpoint]?.milliseconds ?? 0)
            settings.trust = configuration.upstreamTrust[endpoint] ?? ServerTrust()
            settings.keepsNumbers = areAlone && configuration.upstreams.count + configuration.deviceHosts.count == 1
            settings.seed = host.drawSeed()
            settings.clientName = identity.clientName(configuration.router.serverName, secret: host.drawSeed())
            settings.limits = configuration.router.limits
            settings.limits.messageBytes = settings.limits.serverMessageBytes
            settings.indices = state.indices
            return settings
        }
        let dialled = configuration.upstreams.map { UpstreamBackend($0, settings($0), on: host) }
        let expected = configuration.deviceHosts.map { UpstreamBackend(expectedAt: $0, settings($0), on: host) }
        return (dialled + expected, identity)
    }
}
