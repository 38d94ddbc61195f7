// The router and its devices, put together on a host: what an app embeds, and what `plugboard serve` runs.
// Must not know which world it runs in, nor files: state and journal go out through what the caller gave.

import Buttplug
import Devices
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
///     _ = try host.listen(on: ListenAddress("ws://127.0.0.1:12345"), owner: server.owner)
///     host.run()
public final class ButtplugServer {
    private let runner: RouterRunner
    private let log: ServerLog
    private let upstreams: [UpstreamBackend]
    /// Called when one of the configuration's upstreams turned out to be this server itself; it is left alone from then on.
    public var onUpstreamIsSelf: ((Endpoint) -> Void)?

    /// Makes a server and attaches it to `host`, which keeps it until `shutDown` has ended it.
    /// - Parameters:
    ///   - more: Devices that are not simulated, behind those that are.
    ///   - state: What an earlier server's `onStateChanged` gave out last: device indices, and whether the emergency stop was raised.
    ///   - journal: Gets a JSON line for every device write.
    ///   - logger: Gets transitions: sessions up and down, devices, stops. At `debug` also connections and who drives what.
    public init(
        _ configuration: ServerConfiguration, backends more: [any Backend] = [], state: RouterState = RouterState(), on host: any Host,
        journal: (any JournalSink)? = nil, logger: Logger? = nil
    ) {
        let devices = EmbeddedBackend(
            configuration.devices, options: configuration.deviceOptions, journal: journal.map { DeviceJournal(sink: $0) })
        upstreams = UpstreamBackend.all(configuration, on: host)
        runner = RouterRunner(configuration.router, state: state, backends: [devices] + upstreams + more, host: host)
        log = ServerLog(logger, state: state)
        runner.observer = log
        for upstream in upstreams {
            upstream.onNews = { [log, endpoint = upstream.endpoint] news, _ in log.happened(news, at: endpoint) }
        }
        if !upstreams.isEmpty { log.onClient = { [unowned self] in judge(client: $0) } }
        log.state = { [unowned runner] in runner.state }
    }

    /// Who gets the connections; for the host's listeners.
    public var owner: any LinkOwner { runner }

    /// Who gets the connections of servers that dial out, in the order of the configuration's `deviceHosts`; for the host's listeners.
    public var deviceHostDoors: [any LinkOwner] { upstreams.compactMap(\.door) }

    /// What must survive a restart.
    public var state: RouterState { runner.state }

    /// Called with the state whenever it has changed, at the end of the turn. Answers whether it was kept; one that was not is offered
    /// again with the next event.
    public var onStateChanged: ((RouterState) -> Bool)? {
        get { log.onStateChanged }
        set { log.onStateChanged = newValue }
    }

    /// Whether the emergency stop is raised.
    public var isStopped: Bool { runner.isStopped }

    /// Stops every output and keeps it stopped, through reconnects and restarts, until `clearEmergencyStop`.
    public func raiseEmergencyStop() { runner.raiseEmergencyStop() }

    /// Clears the emergency stop. Nothing starts by that.
    public func clearEmergencyStop() { runner.clearEmergencyStop() }

    /// Puts new settings in force. Sessions live on; no output rises by it.
    public func change(_ settings: RouterSettings) { runner.settingsChanged(settings) }

    /// A client that has the name which only this server's upstreams are told: the server has connected to itself.
    private func judge(client: String) {
        for upstream in upstreams where upstream.clientName == client {
            upstream.detach()
            log.isSelf(upstream.endpoint)
            onUpstreamIsSelf?(upstream.endpoint)
        }
    }

    /// Logs to another logger from now on.
    public func log(to logger: Logger?) {
        log.logger = logger
        // Asks anew which events are wanted.
        runner.observer = log
    }

    /// Writes the present state to the log: sessions, devices, counters.
    public func report() { log.report(runner) }

    /// Zeroes every output, waits for the devices' answers (two seconds at most), closes every session and leaves the host.
    /// - Parameter ended: Called when the last session has been told to close; the host still has to send what waits.
    public func shutDown(_ ended: @escaping () -> Void = {}) {
        runner.onEnded = { [runner, upstreams] in
            for upstream in upstreams { upstream.detach() }
            runner.detach()
            ended()
        }
        runner.shutDown()
    }
}

extension UpstreamBackend {
    /// A configuration's upstreams. The host must be one that opens connections, as both hosts there are do.
    fileprivate static func all(_ configuration: ServerConfiguration, on host: any Host) -> [UpstreamBackend] {
        guard !configuration.upstreams.isEmpty || !configuration.deviceHosts.isEmpty else { return [] }
        guard let dialer = host as? any Dialer else { preconditionFailure("this host opens no connections") }
        func settings() -> UpstreamSettings {
            var settings = UpstreamSettings()
            settings.seed = dialer.drawSeed()
            let digits = String(dialer.drawSeed(), radix: 16)
            settings.clientName = "Plugboard router " + String(repeating: "0", count: 16 - digits.count) + digits
            settings.limits = configuration.router.limits
            return settings
        }
        return configuration.upstreams.map { UpstreamBackend($0, settings(), on: dialer) }
            + configuration.deviceHosts.map { UpstreamBackend(expectedAt: $0, settings(), on: host) }
    }
}
