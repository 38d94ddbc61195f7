// What a run costs both sides: the server before the first session and after the last, and everybody over the measured time.
// Must not know messages or threads; a process that may not be looked at has no figures.

import Platform
import UV

/// What was read of both processes, and when.
struct Scales {
    /// What both sides have used at one moment.
    struct Weights {
        var server: ServerFigures?
        var calls: UInt64?
        var own: UInt64
    }

    var calls: SystemCallCounter?
    /// Why calls are not counted.
    var callsNote: String?
    /// Of the server before the scout.
    var descriptors: Int?
    /// Of the server before the first session of the load.
    var empty: ServerFigures?
    /// When the measured time began and ended.
    var before: Weights?
    var after: Weights?
    /// Of the server that all sessions have left.
    var left: ServerFigures?
    /// What is waited for now, what is done then, and what the last look saw.
    var settling: SettlingCore?
    var settled: (() -> Void)?
    var seen: ServerFigures?
    var timer: Timer?
}

extension BenchRunner {
    /// The server's process as it is before anybody connects.
    func findServer() {
        guard let pid = options.pid else { return }
        guard let figures = ServerFigures(pid: pid) else {
            return problem = .badOption("--pid \(pid): there is no such process, or it may not be looked at")
        }
        scales.descriptors = figures.descriptors
    }

    /// The scout has gone, and leaves what a first session costs once; then `body`.
    func weighEmptyServer(_ body: @escaping () -> Void) {
        watch(SettlingCore(descriptors: scales.descriptors, patience: SettlingCore.scoutNanoseconds, at: MonotonicClock.nanoseconds)) {
            [unowned self] in
            scales.empty = scales.seen
            body()
        }
    }

    func weighBefore() { if scales.before == nil { scales.before = weights() } }

    /// Only what has begun can end.
    func weighAfter() { if scales.before != nil, scales.after == nil { scales.after = weights() } }

    private func weights() -> Scales.Weights {
        if let pid = options.pid, scales.calls == nil, scales.callsNote == nil {
            do throws(SystemCallCounter.Unavailable) {
                scales.calls = try SystemCallCounter(pid: pid)
            } catch { scales.callsNote = error.reason }
        }
        return Scales.Weights(
            server: options.pid.flatMap { ServerFigures(pid: $0) }, calls: scales.calls?.count, own: Processors.usedMicroseconds)
    }

    // MARK: After the last session

    /// Ends the run when the server has let go of what the sessions took.
    func settle() {
        guard let empty = scales.empty, let taken = scales.after?.server else { return loop.stop() }
        let core = SettlingCore(
            descriptors: empty.descriptors, residentBytes: empty.residentBytes, taken: taken.residentBytes, at: MonotonicClock.nanoseconds)
        watch(core) { [unowned self] in
            scales.left = scales.seen
            loop.stop()
        }
    }

    /// Looks at the server again and again until it is settled; then `body`.
    private func watch(_ core: SettlingCore, _ body: @escaping () -> Void) {
        scales.settling = core
        scales.settled = body
        do throws(UVError) {
            if scales.timer == nil { scales.timer = try Timer(on: loop) { [unowned self] in look() } }
        } catch { return fail(.system("\(error)")) }
        look()
    }

    private func look() {
        scales.seen = options.pid.flatMap { ServerFigures(pid: $0) }
        let (seen, now) = (scales.seen, MonotonicClock.nanoseconds)
        if let seen, let isSettled = scales.settling?.saw(seen.descriptors, seen.residentBytes, at: now), !isSettled {
            scales.timer?.start(afterMilliseconds: SettlingCore.stepMilliseconds)
        } else {
            let settled = scales.settled
            scales.settled = nil
            settled?()
        }
    }

    // MARK: The figures

    /// What the run has cost both sides.
    func weigh() {
        guard let before = scales.before, let after = scales.after else { return }
        let messages = Double(max(1, result.tally.arrived))
        let hasMessages = result.tally.arrived > 0
        if hasMessages { result.generatorMicrosecondsPerMessage = Double(after.own - before.own) / messages }
        guard let pid = options.pid, let empty = scales.empty, let first = before.server, let last = after.server else { return }
        let left = scales.left ?? last
        var report = ServerReport(pid: pid, residentBytesBefore: empty.residentBytes, residentBytes: left.residentBytes)
        (report.descriptorsBefore, report.descriptors) = (empty.descriptors, left.descriptors)
        report.systemCallsNote = scales.callsNote
        let used = last.processorMicroseconds - first.processorMicroseconds
        if hasMessages {
            if let first = before.calls, let last = after.calls { report.systemCallsPerMessage = Double(last - first) / messages }
            report.cpuMicrosecondsPerMessage = used / messages
            if let calls = first.readWriteCalls, let later = last.readWriteCalls {
                report.readWriteCallsPerMessage = Double(later - calls) / messages
            }
        }
        if result.tally.events > 0 { report.cpuMicrosecondsPerEvent = used / Double(result.tally.events) }
        if result.profile.conduct == .silent {
            report.residentBytesPerSession = (Double(last.residentBytes) - Double(empty.residentBytes)) / Double(max(1, result.clients))
        }
        result.server = report
    }
}
