// The pace of a log on a host: lines that were held back are written when their time has come.
// Must not know what a line says.

import Host
import Logging

/// A line that may still be written.
struct LogEntry {
    typealias Facts = [(String, String)]

    let level: Logger.Level
    let message: Logger.Message
    var facts: Facts
}

/// Writes what the pace allows. Costs the host nothing while nothing is held back.
final class PacedLog {
    var write: ((LogEntry) -> Void)?
    private var pace = LogPace<LogEntry>()
    private let host: any Host
    private var alarm: (any Alarm)?
    private var end: PaceEnd?

    init(on host: any Host) { self.host = host }

    func offer(_ detail: String?, _ entry: @autoclosure () -> LogEntry, as kind: String) {
        if let entry = pace.offer(kind, detail, at: host.now, line: entry) { write?(entry) }
        if pace.deadline != .never { watch() }
    }

    fileprivate func deadlinePassed(at now: Instant) {
        while let (entry, count) = pace.takeDue(at: now) { write(entry, count) }
        guard pace.deadline == .never, let end else { return alarm?.set(pace.deadline) ?? () }
        self.end = nil
        alarm = nil
        host.detach(end)
    }

    /// One line that represents so many events.
    private func write(_ entry: LogEntry, _ count: UInt64) {
        var entry = entry
        if count > 1 { entry.facts.append(("count", "\(count)")) }
        write?(entry)
    }

    private func watch() {
        if end == nil {
            let end = PaceEnd(self)
            self.end = end
            alarm = host.attach(end)
        }
        alarm?.set(pace.deadline)
    }

    /// Writes what is held back, and leaves the host.
    func finish() {
        while let (entry, count) = pace.takeHeld() { write(entry, count) }
        guard let end else { return }
        self.end = nil
        alarm = nil
        host.detach(end)
    }
}

/// The log's part in the host's turns. It does not keep the log alive.
private final class PaceEnd: TurnOwner {
    private weak var log: PacedLog?

    init(_ log: PacedLog) { self.log = log }

    func deadlinePassed(at now: Instant) { log?.deadlinePassed(at: now) }
}
