// A router's log and its state file where perhaps nobody reads the log, and the disk for the state is slow or full.
// Must not know how the router decides; it is told what an operator is told.

import ButtplugServer
import Host
import Router
import SimHost

/// Writes what the router reports, with the product's own queue, pace and keeping, and checks their promises.
final class SimulatedFiles: RouterObserver, SimActor {
    enum Wake: UInt32 { case terminal, read, pace, written, retry, crash }

    /// A line, and how many events it represents.
    private struct Line {
        var text: [UInt8]
        var kind: String
        var count: UInt64 = 1
    }

    private let host: SimHost
    private let monitor: Monitor
    private unowned let runner: RouterRunner
    private let hasFaults: Bool
    private var random: SimRandom
    private var attachment: SimActorID?
    let wantsWinners = false

    private var queue = LineQueue(bytesMax: 2_000)
    private var pace = LogPace<Line>()
    private var paceAt = Instant.never
    private var isRead = true
    private var isReading = false
    /// What the queue's lines represent, and all that has happened to events and lines.
    private var queued: [UInt64] = []
    private var happenedCount: UInt64 = 0
    private var readCount: UInt64 = 0
    private var droppedCount: UInt64 = 0
    private var droppedLines: UInt64 = 0
    private var toldLines: UInt64 = 0
    private var linesByKind: [(kind: String, lines: UInt64, since: Instant)] = []

    private var keeping = StateKeeping()
    /// What a restart finds; what it was told is there; what is being written; since when nothing went wrong.
    private var disk: [UInt8] = []
    private var kept: RouterState?
    private var newest: RouterState
    private var writing: RouterState?
    private var isFull = false
    private var fullUntil = Instant.zero
    private var keepingSince = Instant.zero

    init(_ host: SimHost, _ monitor: Monitor, _ runner: RouterRunner, seed: UInt64, hasFaults: Bool) {
        self.host = host
        self.monitor = monitor
        self.runner = runner
        self.hasFaults = hasFaults
        random = SimRandom(seed: seed)
        newest = runner.state
        attachment = host.enlist(self)
        if hasFaults {
            ask(.terminal, in: random.around(.seconds(1_200)))
            ask(.crash, in: random.around(.seconds(900)))
        }
    }

    private func ask(_ wake: Wake, in span: Interval) { host.wake(attachment!, at: host.now + span, code: wake.rawValue) }

    func woken(_ code: UInt32, at now: Instant) {
        monitor.now = now
        switch Wake(rawValue: code)! {
        case .terminal:
            isRead.toggle()
            monitor.note(isRead ? "the log is read again" : "nobody reads the log")
            ask(.terminal, in: isRead ? random.around(.seconds(1_200)) : random.within(.seconds(1) ... .seconds(1_800)))
            if isRead { read() }
        case .read:
            isReading = false
            if isRead { read() }
        case .pace:
            paceAt = .never
            while let (line, count) = pace.takeDue(at: now) { put(line, count) }
            watchPace()
        case .written: written(at: now)
        case .retry: write(at: now)
        case .crash:
            crash()
            ask(.crash, in: random.around(.seconds(900)))
        }
    }

    // MARK: The log

    func happened(_ event: RouterEvent, at now: Instant) {
        let (kind, detail) = Self.kind(of: event)
        happenedCount += 1
        let line = Line(text: Array("\(kind) \(detail ?? "")\n".utf8), kind: kind)
        if let line = pace.offer(kind, detail, at: now, line: { line }) { put(line, 1) }
        watchPace()
        if case .stateChanged = event { stateChanged(at: now) }
        checkLog()
    }

    private static func kind(of event: RouterEvent) -> (kind: String, detail: String?) {
        switch event {
        case .connectionRefused(_, let reason): ("connections are refused", reason.rawValue)
        case .handshakeRefused(_, let failure): ("handshake refused", "\(failure)")
        case .deviceRefused(let identity, _): ("device refused", identity)
        case .sessionOpened: ("connection opened", nil)
        case .handshaken: ("session up", nil)
        case .consentAsked: ("consent asked", nil)
        case .consentAnswered: ("consent answered", nil)
        case .sessionClosed: ("session down", nil)
        case .deviceAppeared: ("device up", nil)
        case .deviceDisappeared: ("device down", nil)
        case .winnerChanged: ("winner changed", nil)
        case .stopFailed: ("a device does not stop", nil)
        case .limitFitsNothing(let limit): ("a limit fits no device so far", "\(limit)")
        case .emergencyStop: ("emergency stop", nil)
        case .scanStarted: ("scan started", nil)
        case .scanEnded: ("scan ended", nil)
        case .stateChanged: ("state changed", nil)
        case .ended: ("ended", nil)
        }
    }

    private func put(_ line: Line, _ count: UInt64) {
        if let index = linesByKind.firstIndex(where: { $0.kind == line.kind }) {
            linesByKind[index].lines += 1
        } else {
            linesByKind.append((line.kind, 1, host.now))
        }
        if line.text.withUnsafeBytes({ queue.append($0) }) {
            queued.append(count)
        } else {
            droppedCount += count
            droppedLines += 1
        }
        guard isRead, !isReading else { return }
        isReading = true
        ask(.read, in: .milliseconds(1))
    }

    private func read() {
        while let batch = queue.take() {
            toldLines += batch.dropped
            let lines = batch.bytes.withUnsafeBytes { LineQueue.lines(in: $0) }
            monitor.check(.files, lines <= queued.count, "\(lines) lines came out of a queue of \(queued.count)")
            for count in queued.prefix(lines) { readCount += count }
            queued.removeFirst(min(lines, queued.count))
        }
        monitor.check(.files, queued.isEmpty && toldLines == droppedLines, "\(droppedLines) lines were dropped, \(toldLines) are told")
        checkLog()
    }

    private func watchPace() {
        guard pace.deadline < paceAt else { return }
        paceAt = pace.deadline
        host.wake(attachment!, at: paceAt, code: Wake.pace.rawValue)
    }

    private func checkLog() {
        monitor.check(.files, queue.count <= queue.bytesMax, "\(queue.count) bytes wait for the log")
        let known = readCount + droppedCount + queued.reduce(0, +)
        monitor.check(.files, known <= happenedCount, "\(known) of \(happenedCount) events are told")
        for (kind, lines, since) in linesByKind {
            let seconds = UInt64((host.now - since).nanoseconds / 1_000_000_000)
            monitor.check(
                .files, lines <= seconds + UInt64(LogPace<Line>.burst) + 1, "\(lines) lines of '\(kind)' in \(seconds) s")
        }
    }

    // MARK: The state

    private func stateChanged(at now: Instant) {
        newest = runner.state
        keepingSince = now
        keeping.offer(newest)
        write(at: now)
    }

    private func write(at now: Instant) {
        guard let state = keeping.begin(at: now) else { return }
        writing = state
        if hasFaults, random.happens(1, of: 8) {
            isFull = true
            fullUntil = now + random.within(.seconds(1) ... .seconds(300))
        }
        ask(.written, in: hasFaults ? random.within(.zero ... .seconds(3)) : .milliseconds(1))
    }

    private func written(at now: Instant) {
        if isFull, now >= fullUntil {
            isFull = false
            keepingSince = now
        }
        if !isFull { disk = writing?.encoded() ?? disk }
        let outcome = keeping.ended(isFull ? "full" : nil, at: now)
        writing = nil
        switch outcome {
        case .kept(let state)?, .keptAgain(let state)?: kept = state
        case .refused?, nil: break
        }
        write(at: now)
        if keeping.deadline != .never { host.wake(attachment!, at: keeping.deadline, code: Wake.retry.rawValue) }
        if keeping.isSettled {
            monitor.check(.kept, kept == newest && disk == newest.encoded(), "everything is kept, but not the newest state")
        }
    }

    /// What a restart would find now, whether the disk has the first half of a write under way or all of it.
    private func crash() {
        let isHalfway = writing != nil && !isFull && random.happens(1, of: 2)
        let bytes = isHalfway ? writing?.encoded() ?? disk : disk
        guard !bytes.isEmpty else { return monitor.check(.kept, kept == nil, "nothing is there of what was kept") }
        guard let found = try? RouterState.decoded(bytes) else { return monitor.check(.kept, false, "a restart cannot read the state") }
        let isDue = kept == newest && writing == nil
        monitor.check(.kept, !isDue || found == newest, "a restart finds another state than the one that was kept")
        let again = RouterRunner(monitor.settings, state: found, backends: [], host: SimHost())
        // A router and its host keep each other until then.
        defer { again.detach() }
        monitor.check(.kept, again.isStopped == found.isStopped, "an emergency stop does not survive the restart")
        // What the router has changed in this turn is told at its end.
        monitor.check(.kept, !isDue || again.isStopped == newest.isStopped, "an emergency stop that was kept is gone after a restart")
        // The longest wait for another try, the longest write before it and its own.
        let isLate = host.now - keepingSince > .seconds(67) && !isFull
        monitor.check(.kept, !isLate || keeping.isSettled, "the newest state is not kept though the disk takes it")
    }
}
