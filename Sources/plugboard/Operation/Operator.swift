// What happens around a running router: signals, reloads, the state file, the terminal, the end.
// Must not decide anything about sessions or devices, nor wait for anything.

import Admin
import ButtplugServer
import Host
import Logging
import Platform
import Router
import UV
import UVHost

/// Acts for the operator while the router runs. Everything happens on the host's thread.
final class Operator {
    /// Reads the configuration.
    typealias Reading = @Sendable () throws(ConfigurationRefused) -> LoadedSettings

    private let host: UVHost
    private let server: ButtplugServer
    private let listeners: [UVListener]
    private let lines: LogLines
    /// nil when nothing is kept.
    private let keeper: StateKeeper?
    private let journal: JournalFile?
    let tokens: TokenKeeper
    let certificates: CertificateKeeper
    private let readSettings: Reading
    private var loaded: LoadedSettings
    private var logger: Logger { lines.logger }
    /// When the end began, in nanoseconds of `MonotonicClock`, and whether it was to be quick.
    private var endedAt: UInt64?
    private var isHasty = false
    /// The configuration is being read; it was asked for again meanwhile.
    private var isReading = false
    private var mustReadAgain = false
    /// Who asked for it through the admin interface.
    private var reloadAnswers: [(ReloadOutcome) -> Void] = []
    /// nil when no service manager has started this process.
    private var notifier: ServiceNotifier?
    /// nil when the network is told nothing.
    private var announcer: Announcer?
    private var admin: (hub: AdminHub, target: RouterAdmin)?
    private var terminal: ControllingTerminal?
    private var terminalGoneAt = Instant.never
    private var wasStopped: Bool

    /// How long closed connections may take to leave once the outputs are zero; with the two seconds for those it stays below five.
    private static let farewell = Interval.seconds(2)
    /// For the outputs, the connections and the state. The journal may take `hasteMilliseconds` more, and so may the log after it: with a
    /// disk that hangs and a terminal that nobody reads an end still stays below five seconds.
    private static let endMilliseconds = 4_000
    private static let hasteMilliseconds = 300
    /// A signal that comes later after the end of the terminal is not about that.
    private static let hangUpDelay = Interval.seconds(5)

    /// What has been started, and is to be looked after.
    struct Router {
        var host: UVHost
        var server: ButtplugServer
        var listeners: [UVListener]
        /// nil when nothing is kept.
        var keeper: StateKeeper?
        var journal: JournalFile?
        var tokens: TokenKeeper
        var certificates: CertificateKeeper
    }

    /// - Parameter reload: Puts the settings together again, as at the start; called on another thread.
    init(_ router: Router, _ loaded: LoadedSettings, _ lines: LogLines, reload: @escaping Reading) {
        (host, server, listeners) = (router.host, router.server, router.listeners)
        (keeper, journal, tokens, certificates) = (router.keeper, router.journal, router.tokens, router.certificates)
        self.loaded = loaded
        self.lines = lines
        readSettings = reload
        wasStopped = server.isStopped
        server.onStateChanged = { [self] in keep($0) }
        tokens.onRulesChanged = { [self] in server.change(settings.router(with: tokens.gate.table)) }
        keeper?.listen(onLoop { [self] in stateHappened($0) })
        journal?.listen(on: host.loop)
        watchTerminal()
        host.onSignal(SignalNumber.terminate) { [self] in end("TERM") }
        host.onSignal(SignalNumber.interrupt) { [self] in end("INT") }
        host.onSignal(SignalNumber.hangUp) { [self] in hungUp() }
        host.onSignal(SignalNumber.user1) { [self] in report() }
        host.onSignal(SignalNumber.suspend) { [logger] in logger.warning("not suspended: outputs would run on. Ctrl-C ends the router") }
        // Kept here as well, because at the router's end its own observers go first.
        host.onSignal(SignalNumber.user2) { [self] in
            server.raiseEmergencyStop()
            keep(server.state)
        }
    }

    /// What another thread calls to have something done here.
    private func onLoop<Value: Sendable>(_ body: @escaping (Value) -> Void) -> @Sendable (Value) -> Void {
        nonisolated(unsafe) let body = body
        return { [loop = host.loop] value in loop.post { body(value) } }
    }

    // MARK: State

    /// Keeps the router's memory, off the loop.
    func keep(_ state: RouterState) {
        if let keeper {
            keeper.offer(state)
        } else if state.isStopped, !wasStopped {
            logger.warning("emergency stop is not kept: it ends with this process", metadata: ["reason": "there is no state file"])
        }
        wasStopped = state.isStopped
    }

    /// A disk that does not take the state stops nothing; it is tried again, and logged once.
    private func stateHappened(_ outcome: StateKeeping.Outcome) {
        let file = Logger.MetadataValue.string(keeper?.file.path ?? "")
        switch outcome {
        case .kept, .refused(_, _, isNew: false): break
        case .keptAgain: logger.notice("the state is kept again", metadata: ["file": file])
        case .refused(let state, let reason, isNew: true):
            var facts: Logger.Metadata = ["file": file, "reason": .string(reason)]
            if state.isStopped { facts["emergency_stop"] = "raised" }
            logger.error("the state is not kept", metadata: facts)
        }
    }

    // MARK: Signals

    private func watchTerminal() {
        // A user who starts it with `nohup` wants it to outlive its terminal.
        guard !Launch.ignoresHangUp else { return }
        terminal = ControllingTerminal.watch(on: host.loop) { [self] in terminalGoneAt = host.now }
    }

    /// The terminal was closed: nobody sees the router any more. Otherwise somebody wants the configuration read.
    private func hungUp() {
        if let terminal, terminal.isGone, terminalGoneAt == .never || host.now < terminalGoneAt + Self.hangUpDelay { return end("HUP") }
        journal?.reopen()
        readAgain()
    }

    private func end(_ signal: String) {
        if endedAt != nil {
            isHasty = true
            logger.notice("ending now", metadata: ["signal": .string(signal)])
            return host.stop()
        }
        endedAt = MonotonicClock.nanoseconds
        logger.notice("ending", metadata: ["signal": .string(signal)])
        notifier?.endBegan()
        for listener in listeners { listener.close() }
        admin?.hub.close()
        announcer?.close()
        tokens.close()
        certificates.close()
        server.shutDown { [host] in host.stop(within: Self.farewell) }
    }

    /// Lets the disk take what is under way: the state above all, for as long as an end may take in all.
    func finish() {
        announcer?.close()
        keeper?.finish(withinMilliseconds: millisecondsLeft)
        tokens.finish(withinMilliseconds: millisecondsLeft)
        guard let journal, !journal.close(withinMilliseconds: millisecondsLeft) else { return }
        logger.error("the end of the journal is not written", metadata: ["file": .string(journal.path), "reason": "the disk is too slow"])
    }

    /// What is left of the time that an end may take.
    private var millisecondsLeft: UInt64 {
        if isHasty { return UInt64(Self.hasteMilliseconds) }
        let left = endedAt.map { Self.endMilliseconds - Int((MonotonicClock.nanoseconds - $0) / 1_000_000) } ?? 0
        return UInt64(max(left, Self.hasteMilliseconds))
    }

    private func report() {
        server.report()
        let shed = listeners.reduce(0) { $0 + $1.shedConnections }
        logger.notice("counts of connections", metadata: host.connectionCounts.merging(["shed": "\(shed)"]) { $1 })
    }

    // MARK: Configuration

    /// Reads it on a thread of its own: the file may be on a network drive that does not answer.
    private func readAgain() {
        guard !isReading else { return mustReadAgain = true }
        isReading = true
        notifier?.reloadBegan()
        let answer: @Sendable (Result<LoadedSettings, ConfigurationRefused>) -> Void = onLoop { [self] in configurationRead($0) }
        do throws(UVError) {
            try BackgroundThread.start { [readSettings] in
                do throws(ConfigurationRefused) { answer(.success(try readSettings())) } catch { answer(.failure(error)) }
            }
        } catch {
            isReading = false
            notifier?.reloadEnded()
            logger.error("configuration refused, the old one stays", metadata: ["problem": .string(error.description)])
        }
    }

    private func configurationRead(_ result: Result<LoadedSettings, ConfigurationRefused>) {
        isReading = false
        switch result {
        case .success(let fresh):
            let later = apply(fresh)
            answerReloads(.applied(later: later))
        case .failure(let refusal):
            answerReloads(.refused(refusal.problems.map(\.description)))
            for problem in refusal.problems {
                logger.error("configuration refused, the old one stays", metadata: ["problem": .string(problem.description)])
            }
        }
        guard mustReadAgain else {
            notifier?.reloadEnded()
            return
        }
        mustReadAgain = false
        readAgain()
    }

    /// All of the new configuration.
    private func apply(_ fresh: LoadedSettings) -> [String] {
        let later = SettingTable.changesForRestart(from: loaded.settings, to: fresh.settings)
        loaded = fresh
        lines.format = fresh.settings.logFormat
        lines.level = fresh.settings.logLevel
        server.log(to: logger)
        tokens.logger = logger
        certificates.logger = logger
        certificates.renew(fresh.tls)
        admin?.hub.configured(fresh)
        tokens.configured(fresh.tokens, limit: fresh.settings.router.limits.tokens)
        server.change(fresh.settings.router(with: tokens.gate.table), devices: fresh.settings.hardware.rules)
        for listener in listeners {
            listener.allow(hosts: fresh.settings.allowedHosts, origins: fresh.settings.allowedOrigins)
            listener.demand(fresh.settings.requireToken, trusting: fresh.settings.trustedProxies)
        }
        logger.notice("configuration read", metadata: ["file": .string(fresh.file ?? "none")])
        if !later.isEmpty {
            logger.warning("some changes take effect after a restart", metadata: ["keys": .string(later.joined(separator: ", "))])
        }
        return later
    }

    private func answerReloads(_ outcome: ReloadOutcome) {
        // The next reading answers those who have asked since it began.
        guard !mustReadAgain else { return }
        let answers = reloadAnswers
        reloadAnswers = []
        for answer in answers { answer(outcome) }
    }
}

// MARK: The admin interface

extension Operator {
    /// Opens the admin listeners, which tell where apps connect: not where devices dial in.
    func openAdmin(_ environment: [String: String], _ passed: [PassedSocket], apps listeners: [UVListener]) throws {
        let target = RouterAdmin(host, server, listeners, self)
        let hub = AdminHub(host, AdminService(target, files: PageFiles.all))
        admin = (hub, target)
        hub.configured(loaded)
        hub.onRefused = { [server] in server.connectionRefused(from: $0, because: $1, kind: "admin_token") }
        guard passed.isEmpty else { return try hub.listen(passed, on: host, logger) }
        try hub.listen(loaded, on: host, environment, logger)
    }

    /// Tells the service manager, where there is one, that apps can connect.
    func becomeReady(_ variables: [String: String]) {
        do throws(UVError) { notifier = try ServiceNotifier(variables, on: host, server) } catch {
            logger.warning("the service manager cannot be told", metadata: ["reason": .string(error.sentence)])
        }
        notifier?.becameReady()
    }

    /// Lets apps on the network find the router, if it is to be found.
    func announce(_ listeners: [UVListener], _ environment: [String: String]) {
        guard settings.announce else { return }
        guard let listener = listeners.first(where: { $0.port != 0 && !$0.configured.isLocal && !$0.configured.isSecure }) else {
            return logger.warning("not announced on the network", metadata: ["reason": .string(Announcer.nobodyReachesIt)])
        }
        let service = AvahiConversation.Service(name: settings.router.serverName, port: listener.port)
        announcer = Announcer(service, busAt: Announcer.busPath(environment), on: host.loop, logger)
        announcer?.start()
    }

    var settings: Settings { loaded.settings }

    /// What is in force, as `plugboard config` prints it, but for tokens in addresses.
    var configurationText: String { Redaction.redacted(SettingsReport(loaded: loaded).text) }

    /// The rules in force, one line each.
    var ruleTexts: [String] { SettingsReport(loaded: loaded).ruleLines }

    /// Reads the configuration again, and says what came of it.
    func reload(_ answer: @escaping (ReloadOutcome) -> Void) {
        reloadAnswers.append(answer)
        readAgain()
    }
}
