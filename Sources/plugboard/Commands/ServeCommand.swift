// `plugboard serve`: everything that can be refused is refused here, before anything listens; then the router runs.
// Must not know what happens while it runs; that is `Operation/Operator.swift`.

import ArgumentParser
import ButtplugServer
import DBus
import Devices
import Guard
import Host
import Logging
import Platform
import Router
import UV
import UVHost

struct ServeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Runs the router.",
        discussion: """
            When apps can connect, standard output says so, one line per address: ready ws://127.0.0.1:12345. Logs go to standard error.

            Examples:
              plugboard serve                              as configured
              plugboard serve --simulate rabbit,stroker*3  four devices
              plugboard serve --port 12346                 for apps of this computer
              plugboard serve --listen ws://127.0.0.1:0 --listen unix:///tmp/p.sock
              plugboard serve --simulate plug --journal writes.jsonl

            Signals: TERM and INT end it (outputs to zero first), HUP reads the configuration again and opens the journal again \
            (when the terminal was closed, it ends it), USR1 writes the state to the log, USR2 raises the emergency stop, which stays \
            until serve is started with --resume.
            """)

    @OptionGroup(title: "Settings")
    var flags: SettingFlags

    @Flag(name: .long, help: "Clears an emergency stop that was raised before the last end.")
    var resume = false

    func run() throws {
        let passed = try PassedSockets.take()
        let loaded = try flags.loadWithFiles()
        let settings = loaded.settings
        // A session is a file descriptor.
        DescriptorLimit.raise()
        let lines = LogLines(settings.logFormat, settings.logLevel)
        defer { lines.finish(withinMilliseconds: Self.farewellMilliseconds) }
        let logger = lines.logger
        let stateFile = openState(settings)
        // Before it is read, because a router that ends may still write an emergency stop into it. A taken port is told first.
        let inUse = stateFile?.claim()
        var state = try stateFile.map { try readState($0) } ?? RouterState()
        let tokenFile = stateFile.map { TokenFile(besideState: $0.path) }
        let tokenTable = TokenTable(configured: loaded.tokens, made: try tokenFile.map { try readTokens($0, logger) } ?? [])
        let isCleared = resume && state.isStopped
        if isCleared { state.isStopped = false }

        let journal = try settings.journal.map { try openJournal($0, log: logger) }
        let host: UVHost
        do throws(UVError) { host = try UVHost(limits: settings.router.limits) } catch {
            throw ExitStatus.failure.refusing("no event loop: \(error)")
        }
        var configuration = settings.server
        configuration.hardware.bus = DBusNames.systemBus(Environment.variables)
        configuration.router = settings.router(with: tokenTable)
        let server = ButtplugServer(configuration, state: state, on: host, journal: journal, logger: logger)
        let tokens = TokenKeeper(tokenTable, tokenFile, limit: settings.router.limits.tokens, on: host, server, logger)
        let certificates = CertificateKeeper(loaded.tls, on: host, logger)
        let listeners = try listen(loaded, passed.client, host, server, tokens)
        tokens.addresses = listeners.filter { !$0.isForProxies }.flatMap(\.addresses)
        let deviceHosts = try expectServers(loaded, host, server, tokens)
        let all = try listeners + deviceHosts + expectDevices(loaded, host, server, tokens)
        if let inUse {
            host.finish()
            throw inUse.exitStatus.refusing(inUse.reason)
        }
        for upstream in settings.server.upstreams {
            guard let own = all.first(where: { $0.isReached(by: upstream) }) else { continue }
            host.finish()
            throw Self.isSelf(upstream, "it listens on \(own.address)")
        }
        var selfUpstream: Endpoint?
        server.onUpstreamIsSelf = { endpoint in
            selfUpstream = endpoint
            server.shutDown { host.stop(within: .seconds(1)) }
        }
        let keeper = stateFile.map { StateKeeper($0) }
        let router = Operator.Router(
            host: host, server: server, listeners: all, keeper: keeper, journal: journal, tokens: tokens,
            certificates: certificates)
        let `operator` = Operator(router, loaded, lines, reload: flags.reloadingWithFiles)
        certificates.onRenewed = { for listener in all { listener.renew($0) } }
        if isCleared { `operator`.keep(state) }
        do { try `operator`.openAdmin(Environment.variables, passed.admin, apps: listeners) } catch {
            host.finish()
            throw error
        }
        tell(state, isCleared, settings, stateFile, deviceHosts, logger)
        tokens.warnOfNames()
        certificates.look()
        `operator`.becomeReady(Environment.variables)
        `operator`.announce(listeners, Environment.variables)
        for upstream in settings.upstreams where upstream.endpoint?.isSecure == true { host.prepareDials(upstream.trust) }
        let watchdog = Watchdog.ifWanted(settings, on: host, server, lines)
        run(host, listeners)
        watchdog?.finish()
        `operator`.finish()
        if let selfUpstream { throw Self.isSelf(selfUpstream, "it answered there itself") }
    }

    /// How long the end may wait for a terminal that is not read.
    private static let farewellMilliseconds: UInt64 = 300

    /// Says where apps can connect, and runs until the end. If nobody reads that, nothing waits.
    private func run(_ host: UVHost, _ listeners: [UVListener]) {
        let output = LineWriter(.output, bytesMax: 1 << 16)
        for address in listeners.flatMap(\.addresses) { output.write("ready \(address)\n") }
        ProgramPages.letGo()
        host.run()
        output.finish(withinMilliseconds: 0)
    }

    /// What the operator should know from the start.
    private func tell(
        _ state: RouterState, _ isCleared: Bool, _ settings: Settings, _ stateFile: StateFile?, _ deviceHosts: [UVListener],
        _ logger: Logger
    ) {
        if state.isStopped {
            logger.critical("emergency stop is still raised from before; plugboard resume clears it, or a start with --resume")
        } else if isCleared {
            logger.notice("emergency stop cleared")
        }
        if let stateFile {
            if let reason = stateFile.trouble {
                logger.warning("the state will not be kept", metadata: ["file": .string(stateFile.path), "reason": .string(reason)])
            }
        } else if settings.stateFile == nil {
            logger.warning(
                "nothing is kept over a restart, neither device indices nor an emergency stop",
                metadata: ["reason": "the environment names no folder for it: set --state-file FILE, STATE_DIRECTORY or HOME"])
        }
        if settings.server.devices.isEmpty, settings.upstreams.isEmpty, settings.server.hardware.isEmpty {
            logger.warning("there are no devices", metadata: ["what_to_do": .string(StartHints.noDevices)])
        }
        for upstream in settings.upstreams where upstream.verification == .none {
            logger.warning(
                "the certificate of an upstream is not checked: anybody on the way can read and change everything",
                metadata: ["upstream": .string(upstream.endpoint.map { "\($0)" } ?? ""), "reason": "verify = \"none\""])
        }
        settings.tellDeviceFileNotes(to: logger)
        if !settings.server.hardware.expectedSockets.isEmpty {
            logger.notice("waiting for programs that dial in as devices", metadata: ["listener": .string(settings.socketListen)])
        }
        for listener in deviceHosts {
            logger.notice("waiting for a server that dials out", metadata: ["upstream": .string(listener.address)])
        }
    }

    private static func isSelf(_ upstream: Endpoint, _ why: String) -> ExitCode {
        ExitStatus.configuration.refusing("upstream \(upstream) is this router itself: \(why)")
    }

    // MARK: Before anything listens

    private func openState(_ settings: Settings) -> StateFile? {
        let path = settings.stateFile ?? ConfigurationFiles.stateFile(Environment.variables)
        guard let path, !path.isEmpty else { return nil }
        return StateFile(path: path)
    }

    private func readState(_ file: StateFile) throws -> RouterState {
        do throws(StateFile.Unreadable) { return try file.read() } catch {
            throw error.exitStatus.refusing(error.reason)
        }
    }

    /// A damaged file lets nobody in, and keeps nobody from starting.
    private func readTokens(_ file: TokenFile, _ logger: Logger) throws -> [Token] {
        do throws(StateFile.Unreadable) {
            switch try file.read() {
            case .tokens(let tokens): return tokens
            case .damaged(let reason, let aside):
                logger.error(
                    "the file of tokens is damaged: there are none but the configuration's",
                    metadata: [
                        "file": .string(file.path), "reason": .string(reason),
                        "moved_to": .string(aside ?? "nowhere: the folder cannot be written to"),
                        "what_to_do": "make new tokens with plugboard token add, or repair that file and move it back",
                    ])
                return []
            }
        } catch { throw error.exitStatus.refusing(error.reason) }
    }

    private func openJournal(_ path: String, log: Logger) throws -> JournalFile {
        do throws(JournalFile.Unusable) { return try JournalFile(path: path, logger: log) } catch {
            throw (error.isForbidden ? ExitStatus.permission : ExitStatus.inputOutput).refusing("journal \(path): \(error.reason)")
        }
    }

    /// On what the configuration names, or on what was passed instead.
    private func listen(
        _ loaded: LoadedSettings, _ passed: [PassedSocket], _ host: UVHost, _ server: ButtplugServer, _ tokens: TokenKeeper
    ) throws -> [UVListener] {
        let settings = loaded.settings
        if !passed.isEmpty {
            do throws(ListenError) {
                var listeners: [UVListener] = []
                for socket in passed {
                    let address = Endpoint(socket)
                    guard SettingTable.refusal(ofOpen: address, settings) == nil else {
                        throw .badAddress(BadAddress("\(address)", hint: PassedSockets.isOpen))
                    }
                    // What the configuration says of the same address holds for it too.
                    let entry = settings.clientListeners.first { $0.endpoint?.secured(false) == address } ?? ListenerEntry()
                    listeners.append(
                        try host.listen(on: socket, options: Self.options(loaded, server, tokens, entry), owner: server.owner))
                }
                return listeners
            } catch {
                host.finish()
                throw Self.refusal(error)
            }
        }
        return try settings.clientListeners.map { entry in
            do throws(ListenError) {
                return try host.listen(on: entry.address ?? "", options: Self.options(loaded, server, tokens, entry), owner: server.owner)
            } catch {
                host.finish()
                throw Self.refusal(error)
            }
        }
    }

    /// Listens for programs that dial in as devices.
    private func expectDevices(
        _ loaded: LoadedSettings, _ host: UVHost, _ server: ButtplugServer, _ tokens: TokenKeeper
    ) throws -> [UVListener] {
        guard let owner = server.deviceSocketOwner, let endpoint = loaded.settings.socketEndpoint else { return [] }
        do throws(ListenError) {
            return [
                try host.listen(
                    on: endpoint, options: Self.options(loaded, server, tokens, ListenerEntry(address: "\(endpoint)")), owner: owner)
            ]
        } catch {
            host.finish()
            throw Self.refusal(error, isDeviceHost: true)
        }
    }

    /// Listens for the servers that dial out.
    private func expectServers(
        _ loaded: LoadedSettings, _ host: UVHost, _ server: ButtplugServer, _ tokens: TokenKeeper
    ) throws -> [UVListener] {
        let settings = loaded.settings
        return try zip(settings.server.deviceHosts, server.deviceHostOwners).map { endpoint, owner in
            do throws(ListenError) {
                return try host.listen(
                    on: endpoint, options: Self.options(loaded, server, tokens, ListenerEntry(address: "\(endpoint)")), owner: owner)
            } catch {
                host.finish()
                throw Self.refusal(error, isDeviceHost: true)
            }
        }
    }

    private static func options(
        _ loaded: LoadedSettings, _ server: ButtplugServer, _ tokens: TokenKeeper, _ entry: ListenerEntry
    ) -> ListenerOptions {
        let settings = loaded.settings
        var options = ListenerOptions(
            hosts: settings.allowedHosts, origins: settings.allowedOrigins, unixMode: Settings.mode(settings.unixMode) ?? 0o600,
            unixGroup: settings.unixGroup.flatMap { SystemGroup.identifier(of: $0) },
            onRefused: { [unowned server] in server.connectionRefused(from: $0, because: $1, kind: $2) })
        options.tokens = tokens.gate
        options.tokenNeed = settings.requireToken
        options.trustedProxies = settings.trustedProxies
        if entry.endpoint?.isSecure == true { options.tls = loaded.tls }
        options.expectsProxyHeader = entry.expectsProxyHeader
        return options
    }

    /// - Parameter isDeviceHost: The address is for a server that dials out, not for apps.
    private static func refusal(_ error: ListenError, isDeviceHost: Bool = false) -> ExitCode {
        let what = isDeviceHost ? "device-host: " : ""
        switch error {
        case .halfInUse(_, .webSocket("::1", let port, _, _)):
            // Who has only this half is no server that apps look for.
            return ExitStatus.unavailable.refusing("\(error). It is taken \(PortTaker.find(port, Environment.variables).words)")
        case .addressInUse(.webSocket(_, let port, _, _)), .halfInUse(_, .webSocket(_, let port, _, _)):
            let taker = PortTaker.find(port, Environment.variables)
            return ExitStatus.unavailable.refusing(
                isDeviceHost ? StartHints.busyDeviceHost(port, taker) : StartHints.busyPort(port, taker))
        case .permissionDenied, .groupDenied: return ExitStatus.permission.refusing("\(what)\(error)")
        case .badAddress: return ExitStatus.configuration.refusing("\(what)\(error)")
        default: return ExitStatus.unavailable.refusing("\(what)\(error)")
        }
    }
}
