// What happens around a running router: signals, reloads, the state file, the end.
// Must not decide anything about sessions or devices.

import ButtplugServer
import Host
import Logging
import Router
import UV
import UVHost

/// Acts for the operator while the router runs. Everything happens on the host's thread.
final class Operator {
    typealias Reload = () throws(ConfigurationRefused) -> LoadedSettings

    private let host: UVHost
    private let server: ButtplugServer
    private let listeners: [UVListener]
    private let lines: LogLines
    private let stateFile: StateFile?
    /// Why the state could not be kept the last time.
    private var stateTrouble: String?
    private let reload: Reload
    private var loaded: LoadedSettings
    private var logger: Logger { lines.logger }
    private var isEnding = false

    /// How long closed connections may take to leave once the outputs are zero; with the two seconds for those it stays below five.
    private static let farewell = Interval.seconds(2)

    /// - Parameter reload: Puts the settings together anew, as at the start.
    init(
        _ host: UVHost, _ server: ButtplugServer, _ listeners: [UVListener], _ loaded: LoadedSettings, _ lines: LogLines,
        stateFile: StateFile?, reload: @escaping Reload
    ) {
        self.host = host
        self.server = server
        self.listeners = listeners
        self.loaded = loaded
        self.lines = lines
        self.stateFile = stateFile
        self.reload = reload
        server.onStateChanged = { [self] in keep($0) }
        host.onSignal(SignalNumber.terminate) { [self] in end("TERM") }
        host.onSignal(SignalNumber.interrupt) { [self] in end("INT") }
        host.onSignal(SignalNumber.hangUp) { [self] in readAgain() }
        host.onSignal(SignalNumber.user1) { [self] in report() }
        host.onSignal(SignalNumber.user2) { server.raiseEmergencyStop() }
    }

    /// Keeps the router's memory. A disk that does not take it stops nothing; it is tried again with every event, and said once.
    @discardableResult
    func keep(_ state: RouterState) -> Bool {
        guard let stateFile else { return true }
        let reason = stateFile.write(state)
        if let reason, reason != stateTrouble {
            logger.error("the state is not kept", metadata: ["file": .string(stateFile.path), "reason": .string(reason)])
        } else if reason == nil, stateTrouble != nil {
            logger.notice("the state is kept again", metadata: ["file": .string(stateFile.path)])
        }
        stateTrouble = reason
        return reason == nil
    }

    private func end(_ signal: String) {
        if isEnding {
            logger.notice("ending now", metadata: ["signal": .string(signal)])
            return host.stop()
        }
        isEnding = true
        logger.notice("ending", metadata: ["signal": .string(signal)])
        for listener in listeners { listener.close() }
        server.shutDown { [host] in host.stop(within: Self.farewell) }
    }

    private func report() {
        server.report()
        let counters = host.counters
        logger.notice(
            "counts of connections",
            metadata: [
                "accepted": "\(counters.accepted)", "opened": "\(counters.opened)", "refused": "\(counters.refused)",
                "head_timeouts": "\(counters.headTimeouts)", "binary_ignored": "\(counters.binaryIgnored)",
                "now": "\(host.linkCount)", "shed": "\(listeners.reduce(0) { $0 + $1.shedConnections })",
            ])
    }

    /// All of the new configuration, or none of it.
    private func readAgain() {
        do throws(ConfigurationRefused) {
            let fresh = try reload()
            let later = SettingTable.changesForRestart(from: loaded.settings, to: fresh.settings)
            loaded = fresh
            lines.format = fresh.settings.logFormat
            lines.level = fresh.settings.logLevel
            server.log(to: logger)
            server.change(fresh.settings.server.router)
            logger.notice("configuration read", metadata: ["file": .string(fresh.file ?? "none")])
            if !later.isEmpty {
                logger.warning("some changes take effect after a restart", metadata: ["keys": .string(later.joined(separator: ", "))])
            }
        } catch {
            for problem in error.problems {
                logger.error("configuration refused, the old one stays", metadata: ["problem": .string(problem.description)])
            }
        }
    }
}
