// A whole run: the scout's session, the threads with their clients, the measured time, and the result, whole or interrupted.
// Must not know the command line or how figures are shown.

import Host
import Platform
import UV

/// What is reported while a run goes on.
public struct BenchProgress: Sendable {
    public enum Stage: Sendable { case connecting, warmingUp, measuring, waiting }
    public var stage = Stage.connecting
    /// Of the whole run, 0…1.
    public var share = 0.0
    public var secondsLeft = 0.0
    /// Of a run that ends after so many.
    public var messagesLeft: UInt64?
    public var clients = 0
    /// Answers per second since the last time.
    public var rate = 0.0
    public var p50 = 0.0
    public var p99 = 0.0
    public var faults: UInt64 = 0
}

/// Makes one run. Confined to the thread that calls `run`.
public final class BenchRunner {
    struct Worker {
        let loop: Loop
        let runner: Confined<LoadRunner>
        var isReady = false
        var sample: LoadSample?
        var isFinished = false
        var hasEnded = false
    }

    let options: BenchOptions
    private let target: BenchTarget
    let loop: Loop
    var onProgress: (BenchProgress) -> Void = { _ in }
    var problem: BenchProblem?
    var result = BenchResult()
    var workers: [Worker] = []
    var scout: Scout?
    var probe: StopProbe?
    var boundary: PreciseTimer?
    private var ticker: Timer?
    private var signals: [SignalWatcher] = []
    /// The run's points on the clock; nil before everybody is ready.
    var start: UInt64?
    var measureFrom: UInt64 = 0
    var measureTo: UInt64 = 0
    var scales = Scales()
    var received: UInt64 = 0
    var sampledAt: UInt64 = 0
    private var asked = 0
    var isInterrupted = false

    private static let tickMilliseconds: UInt64 = 1_000

    public init(_ options: BenchOptions) throws(BenchProblem) {
        try options.validate()
        self.options = options
        target = try BenchTarget(options)
        do throws(UVError) {
            loop = try Loop()
        } catch { throw .system("\(error)") }
    }

    /// Runs to the end, or until the user interrupts it.
    public func run(progress: @escaping (BenchProgress) -> Void) -> Result<BenchResult, BenchProblem> {
        onProgress = progress
        do throws(UVError) {
            boundary = try PreciseTimer(on: loop) { [unowned self] in boundaryCame() }
            ticker = try Timer(on: loop) { [unowned self] in tick() }
            signals = [
                try SignalWatcher(on: loop, number: 2) { [unowned self] in interrupt() },
                try SignalWatcher(on: loop, number: 15) { [unowned self] in interrupt() },
            ]
        } catch { problem = .system("\(error)") }
        if problem == nil { findServer() }
        if problem == nil {
            let scout = Scout(to: target, spec: options.spec, on: loop) { [unowned self] in scouted($0) }
            self.scout = scout
            scout.start()
            loop.run()
        }
        loop.close()
        if let problem { return .failure(problem) }
        conclude()
        return .success(result)
    }

    // MARK: Getting ready

    private func scouted(_ outcome: Result<DeviceCatalog, BenchProblem>) {
        weighEmptyServer { [unowned self] in
            do throws(BenchProblem) { try begin(try outcome.get()) } catch { fail(error) }
        }
    }

    private func begin(_ catalog: DeviceCatalog) throws(BenchProblem) {
        guard !isInterrupted else { return loop.stop() }
        let profile = options.profile
        let script = try profile.script(catalog, options.spec)
        let clients = options.clients ?? profile.clients
        let rate = options.rate ?? profile.rate(clients: clients, catalog: catalog)
        let threads = min(options.threads, clients)
        // The profile `stop` measures the router and not its load, which is to leave the cores alone. Of them one is the server's.
        let staysAwake =
            options.inFlight == nil && profile.conduct != .tryingStops && options.staysAwake ?? (threads < Processors.available)
        let plan = LoadPlan(
            conduct: profile.conduct, target: target, spec: options.spec, clients: clients, threads: threads,
            staysAwake: staysAwake,
            pacing: options.inFlight.map { .closed(inFlight: $0) } ?? .open(rate: rate),
            burst: options.inFlight == nil ? options.burst ?? script.burst : 1, times: options.times, messages: options.messages,
            decks: script.decks.map { FrameDeck($0, key: BenchLink.key) }, setup: script.setup)
        result.url = "\(options.endpoint)"
        result.profile = profile
        result.messages = options.messages
        result.spec = options.spec
        result.clients = clients
        result.threads = plan.threads
        result.staysAwake = plan.staysAwake
        result.inFlight = options.inFlight
        result.targetRate = options.inFlight == nil ? rate : nil
        result.burst = plan.burst
        result.rampSeconds = Double(options.times.ramp) / 1e9
        result.warmupSeconds = Double(options.times.warmup) / 1e9
        ticker?.start(afterMilliseconds: Self.tickMilliseconds)
        guard let path = options.journal, let target = ProfileScript.stopTarget(catalog) else { return startWorkers(plan) }
        let probe = StopProbe(options, at: self.target, target, journal: path, on: loop) { [unowned self] problem in
            if let problem { fail(problem) } else { startWorkers(plan) }
        }
        self.probe = probe
        probe.start()
    }

    private func startWorkers(_ plan: LoadPlan) {
        guard workers.isEmpty, !isInterrupted else { return }
        do throws(UVError) {
            for thread in 0..<plan.threads { try startWorker(thread, plan) }
        } catch { fail(.system("\(error)")) }
    }

    private func startWorker(_ thread: Int, _ plan: LoadPlan) throws(UVError) {
        let loop = try Loop()
        let runner = try LoadRunner(plan, thread: thread, on: loop)
        let home = self.loop
        let me = Confined(self)
        let box = Confined(runner)
        runner.onConnected = { ready, failure in home.post { me.value.connected(thread, ready, failure) } }
        runner.onFinished = {
            let sample = box.value.sample()
            home.post { me.value.finished(thread, sample) }
        }
        workers.append(Worker(loop: loop, runner: box))
        try BackgroundThread.start {
            box.value.connect()
            loop.run()
            loop.close()
            home.post { me.value.ended(thread) }
        }
    }

    private func connected(_ thread: Int, _ ready: Int, _ failure: String?) {
        if let failure {
            let wanted = result.clients
            ask { [unowned self] samples in
                let ready = samples.reduce(0) { $0 + $1.ready }
                let why: BenchProblem =
                    ready == 1 && wanted > 1 ? .oneClientOnly(wanted: wanted) : .notAllClients(ready: ready, wanted: wanted, why: failure)
                fail(ready == 0 ? .unreachable(url: result.url, why: failure) : why)
            }
            return
        }
        workers[thread].isReady = true
        guard workers.allSatisfy(\.isReady), start == nil, !isInterrupted else { return }
        let start = MonotonicClock.nanoseconds + 20_000_000
        self.start = start
        sampledAt = start
        measureFrom = start + options.times.ramp + options.times.warmup
        measureTo = measureFrom + options.times.duration
        for worker in workers { worker.loop.post { worker.runner.value.run(from: start) } }
        probe?.run(from: start, window: measureFrom..<measureTo)
        // A short run may be over before this thread wakes up.
        if measureFrom == start { weighBefore() }
        boundary?.start(at: measureFrom)
    }

    // MARK: While it runs

    /// The measured time begins, or ends.
    private func boundaryCame() {
        if MonotonicClock.nanoseconds < measureTo {
            weighBefore()
            boundary?.start(at: measureTo)
        } else {
            weighAfter()
        }
    }

    /// Asks all threads for their samples.
    private func ask(_ body: @escaping ([LoadSample]) -> Void) {
        guard asked == 0 else { return }
        asked = workers.count
        let home = loop
        let me = Confined(self)
        let then = Confined(body)
        for (thread, worker) in workers.enumerated() {
            guard !worker.hasEnded, !worker.isFinished else {
                asked -= 1
                continue
            }
            worker.loop.post {
                let sample = worker.runner.value.sample()
                home.post { me.value.took(thread, sample, then.value) }
            }
        }
    }

    private func took(_ thread: Int, _ sample: LoadSample, _ body: ([LoadSample]) -> Void) {
        if !workers[thread].isFinished { workers[thread].sample = sample }
        asked -= 1
        if asked == 0 { body(workers.compactMap(\.sample)) }
    }

    private func tick() {
        ticker?.start(afterMilliseconds: Self.tickMilliseconds)
        ask { [unowned self] samples in note(samples) }
        if let probe, let start, !probe.hasSeenAny, MonotonicClock.nanoseconds > start + 3_000_000_000 {
            fail(.journal("nothing of the stopped device comes; is \(options.journal ?? "it") the journal of the router at \(result.url)?"))
        }
    }

    // MARK: The end

    /// The user wants to see what there is. A second time: at once.
    private func interrupt() {
        if isInterrupted || start == nil {
            isInterrupted = true
            problem = start == nil ? .system("interrupted before the run began") : nil
            return end()
        }
        isInterrupted = true
        weighAfter()
        boundary?.stop()
        measureTo = min(measureTo, MonotonicClock.nanoseconds)
        for worker in workers { worker.loop.post { worker.runner.value.stop(patience: 500_000_000) } }
    }

    func fail(_ problem: BenchProblem) {
        self.problem = self.problem ?? problem
        end()
    }

    private func end() {
        for worker in workers where !worker.isFinished {
            worker.loop.post {
                worker.runner.value.stop(patience: 0)
                worker.runner.value.stop(patience: 0)
            }
        }
        probe?.close()
        if workers.allSatisfy(\.hasEnded) { loop.stop() }
    }

    private func finished(_ thread: Int, _ sample: LoadSample) {
        var sample = sample
        if let earlier = workers[thread].sample { sample.recent.add(earlier.recent) }
        workers[thread].sample = sample
        workers[thread].isFinished = true
        if options.messages != nil, !isInterrupted, workers.allSatisfy(\.isFinished) { endMeasuredTime() }
        let loop = workers[thread].loop
        loop.post { [worker = workers[thread]] in worker.loop.stop() }
    }

    private func ended(_ thread: Int) {
        workers[thread].hasEnded = true
        guard workers.allSatisfy(\.hasEnded) else { return }
        note(workers.compactMap(\.sample))
        probe?.close()
        if problem == nil { settle() } else { loop.stop() }
    }

    /// All messages of a run that is limited by them are answered, or were waited for in vain.
    private func endMeasuredTime() {
        boundary?.stop()
        weighBefore()
        weighAfter()
        let last = workers.reduce(measureFrom) { max($0, $1.sample?.lastAnswer ?? 0) }
        measureTo = min(measureTo, last)
    }
}
