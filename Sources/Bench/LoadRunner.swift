// One thread's share of a run: its clients, its schedule, its counters. It acts once per loop turn, with one write per client.
// Must not know other threads, profiles or output; the bench runner asks it for samples.

import Histogram
import UV

/// Latencies in nanoseconds, to three digits.
typealias LatencyHistogram = Histogram<UInt64>

/// What a runner tells when asked.
struct LoadSample: Sendable {
    var tally = Tally()
    /// Latencies since the last sample.
    var latencies: LatencyHistogram
    var ready = 0
    var inFlight = 0
    var isFinished = false
}

/// Owns the clients of one thread. Confined to its loop.
final class LoadRunner: LoopTurnOwner {
    /// Where the runner is in its life.
    private enum Stage {
        /// Can turn into: running, finished.
        case connecting
        /// Can turn into: draining.
        case running
        /// Nothing more is sent; answers are waited for. Can turn into: finished.
        case draining(until: UInt64)
        /// Can turn into: nothing.
        case finished
    }

    let loop: Loop
    let plan: LoadPlan
    private let thread: Int
    private var stage = Stage.connecting
    private var clients: ContiguousArray<LoadClient> = []
    @exclusivity(unchecked) private var dirty: ContiguousArray<LoadClient> = []
    @exclusivity(unchecked) private var tally = Tally()
    @exclusivity(unchecked) private var latencies = LoadRunner.emptyHistogram
    @exclusivity(unchecked) private var schedule = SendSchedule(start: 0, rate: 1)
    @exclusivity(unchecked) private var scheduled: UInt64 = 0
    @exclusivity(unchecked) private var isClosedLoop = false
    /// The measured time.
    @exclusivity(unchecked) private var window = UInt64.max..<UInt64.max
    /// Nothing is sent that is due from here on.
    @exclusivity(unchecked) private var sendEnd: UInt64 = 0
    private var timer: PreciseTimer?
    private var ticker: Timer?
    private var entropy = Entropy()
    private var nextToConnect = 0
    private var connecting = 0
    private var retries: [LoadClient] = []
    private var retriesEnd: UInt64 = 0
    private var readyCount = 0
    /// Told on this thread: everybody is ready, or why not (and whether that was a refusal).
    var onConnected: (_ ready: Int, _ failure: String?) -> Void = { _, _ in }
    var onFinished: () -> Void = {}

    static var emptyHistogram: LatencyHistogram {
        LatencyHistogram(lowestDiscernibleValue: 1, highestTrackableValue: 600_000_000_000, numberOfSignificantValueDigits: .three)
    }

    private static let connectingMax = 32
    private static let tickMilliseconds: UInt64 = 20

    init(_ plan: LoadPlan, thread: Int, on loop: Loop) throws(UVError) {
        self.plan = plan
        self.thread = thread
        self.loop = loop
        timer = try PreciseTimer(on: loop) { [unowned self] in sendDue() }
        ticker = try Timer(on: loop) { [unowned self] in tick() }
        for number in plan.clients(of: thread) { clients.append(LoadClient(number, of: self, deck: plan.decks[number % plan.decks.count])) }
        loop.endTurns(with: self)
    }

    // MARK: Connecting

    func connect() {
        retriesEnd = MonotonicClock.nanoseconds + 2_000_000_000
        connectMore()
        ticker?.start(afterMilliseconds: Self.tickMilliseconds)
    }

    private func connectMore() {
        while connecting < Self.connectingMax, nextToConnect < clients.count {
            connecting += 1
            nextToConnect += 1
            clients[nextToConnect - 1].connect(nonce: entropy.bytes(16))
        }
        if readyCount == clients.count { onConnected(readyCount, nil) }
    }

    func clientReady() {
        readyCount += 1
        connecting -= 1
        connectMore()
    }

    /// A client did not get as far as being ready. One that was refused may come again: a server that takes one client at a time needs
    /// a moment between two.
    func clientFailed(_ client: LoadClient, _ why: String, isRefusal: Bool) {
        guard case .connecting = stage else { return }
        if isRefusal, MonotonicClock.nanoseconds < retriesEnd { return retries.append(client) }
        onConnected(readyCount, why)
    }

    private func retry() {
        let again = retries
        retries = []
        for client in again { client.connect(nonce: entropy.bytes(16)) }
    }

    // MARK: Running

    /// Begins to send at `start`, of the monotonic clock.
    func run(from start: UInt64) {
        stage = .running
        let times = plan.times
        // A ledger keeps times to eight nanoseconds; so do the window's ends.
        let from = (start + times.ramp + times.warmup) & ~7
        window = from..<(from + times.duration & ~7)
        sendEnd = window.upperBound
        let share = Double(clients.count) / Double(max(1, plan.clients))
        switch plan.pacing {
        case .open(let rate):
            schedule = SendSchedule(start: start, rate: rate * share, ramp: times.ramp, phase: Double(thread) / Double(plan.threads))
        case .closed:
            // What is scheduled is when each client begins.
            isClosedLoop = true
            schedule = SendSchedule(start: start, rate: Double(clients.count) * 1e9 / Double(max(1, times.ramp)))
        }
        timer?.start(at: start)
    }

    /// Ends the sending now; `patience` is what is left for answers.
    func stop(patience: UInt64) {
        let now = MonotonicClock.nanoseconds
        guard case .running = stage else { return finish() }
        let end = (now | 7) + 1
        window = min(window.lowerBound, end)..<min(window.upperBound, end)
        sendEnd = min(sendEnd, now)
        stage = .draining(until: now + patience)
    }

    /// Gives every client what is due now, and wakes the loop for the next.
    private func sendDue() {
        guard case .running = stage else { return }
        let now = MonotonicClock.nanoseconds
        let limit = isClosedLoop ? UInt64(clients.count) : .max
        while scheduled < limit {
            let due = schedule.due(scheduled)
            guard due < sendEnd else { return }
            guard due <= now else {
                timer?.start(at: due)
                return
            }
            let client = clients[Int(scheduled % UInt64(clients.count))]
            scheduled &+= 1
            if case .closed(let inFlight) = plan.pacing { client.owed = inFlight } else { client.owed &+= 1 }
            markDirty(client)
        }
    }

    func loopTurnEnded() {
        guard !dirty.isEmpty, case .running = stage else { return }
        let now = MonotonicClock.nanoseconds
        for client in dirty { send(client, now) }
        dirty.removeAll(keepingCapacity: true)
    }

    @inline(__always)
    func markDirty(_ client: LoadClient) {
        if client.isDirty { return }
        client.isDirty = true
        dirty.append(client)
    }

    /// Sends what a client owes, as long as the server reads.
    @inline(__always)
    private func send(_ client: LoadClient, _ now: UInt64) {
        if client.isFlowing {
            let place = UInt64(client.number / plan.threads)
            while client.owed > 0 {
                let due = isClosedLoop ? now : schedule.due(client.turn &* UInt64(clients.count) &+ place)
                guard due < sendEnd, client.stage(due: due) else { break }
                client.owed &-= 1
                if window.contains(due) { tally.sent &+= 1 }
            }
        }
        client.flush()
    }

    private func tick() {
        let now = MonotonicClock.nanoseconds
        switch stage {
        case .connecting: retry()
        case .running where now >= sendEnd: stage = .draining(until: sendEnd + plan.times.patience)
        case .draining(let until):
            if now >= until || clients.allSatisfy({ $0.inFlight == 0 || $0.hasEnded }) { return finish() }
        case .running: break
        case .finished: return
        }
        for client in clients { client.keepAlive(at: now) }
        ticker?.start(afterMilliseconds: Self.tickMilliseconds)
    }

    private func finish() {
        if case .finished = stage { return }
        stage = .finished
        for client in clients {
            if !isClosedLoop { tally.unsent += UInt64(client.owed) }
            client.close()
        }
        timer?.close()
        ticker?.close()
        onFinished()
    }

    // MARK: Counting

    @inline(__always)
    func answered(_ client: LoadClient, due: UInt64, at now: UInt64) {
        if due >= window.lowerBound & ~7, due < window.upperBound {
            tally.answered &+= 1
            latencies.record(now > due ? now &- due : 0)
        }
        tally.received &+= 1
        if window.contains(now) { tally.arrived &+= 1 }
        if isClosedLoop, now < sendEnd {
            client.owed &+= 1
            markDirty(client)
        }
    }

    func misanswered(_ client: LoadClient, _ settlement: Settlement, _ what: String, at now: UInt64) {
        switch settlement {
        case .duplicated: tally.duplicated += 1
        case .unknown: tally.wrong += 1
        case .mismatched(let due), .answered(let due):
            tally.wrong += 1
            answered(client, due: due, at: now)
        }
        note(what)
    }

    func refused(_ kind: ReplyKind, _ text: UnsafeRawBufferPointer) {
        if kind == .error { tally.errors += 1 } else { tally.wrong += 1 }
        note(LoadClient.excerpt(text))
    }

    func wrong(_ text: UnsafeRawBufferPointer) {
        tally.wrong += 1
        note(LoadClient.excerpt(text))
    }

    func duplicated(_ text: UnsafeRawBufferPointer) {
        tally.duplicated += 1
        note(LoadClient.excerpt(text))
    }

    func event(_ client: LoadClient, _ reply: Reply, _ text: UnsafeRawBufferPointer, at now: UInt64) {
        if window.contains(now) { tally.events &+= 1 }
    }

    func clientLost(_ client: LoadClient, _ why: String) {
        if case .finished = stage { return }
        tally.lost += 1
        note(why)
    }

    private func note(_ what: String) { if tally.firstFault == nil { tally.firstFault = what } }

    /// What there is to tell, and begins anew with the latencies.
    func sample() -> LoadSample {
        var sample = LoadSample(tally: tally, latencies: latencies)
        latencies.reset()
        for client in clients {
            if client.isReady { sample.ready += 1 }
            sample.inFlight += client.inFlight
        }
        if case .finished = stage { sample.isFinished = true }
        return sample
    }
}
