// One thread's share of a run: its clients, its schedule, its counters. It acts once per loop turn, with one write per client.
// Must not know other threads, profiles or output; the bench runner asks it for samples.

import Histogram
import UV

/// Latencies in nanoseconds, to three digits.
typealias LatencyHistogram = Histogram<UInt64>

/// What a runner reports when asked.
struct LoadSample: Sendable {
    var tally = Tally()
    /// Latencies since the last sample.
    var recent: RecentLatencies
    var ready = 0
    var inFlight = 0
    var isFinished = false
    /// When the last answer to a message of the measured time came; 0: none has.
    var lastAnswer: UInt64 = 0
}

/// Owns the clients of one thread. Confined to its loop.
final class LoadRunner: LoopTurnOwner {
    /// Where the runner is in its life.
    enum Stage {
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
    let route: BenchRoute
    private let thread: Int
    var stage = Stage.connecting
    var clients: ContiguousArray<LoadClient> = []
    @exclusivity(unchecked) private var dirty: ContiguousArray<LoadClient> = []
    @exclusivity(unchecked) var tally = Tally()
    @exclusivity(unchecked) var latencies = LoadRunner.emptyHistogram
    @exclusivity(unchecked) var recent = RecentLatencies()
    /// When bursts are due; in a closed loop: when each client begins.
    @exclusivity(unchecked) private var schedule = SendSchedule(start: 0, rate: 1)
    @exclusivity(unchecked) private var scheduled: UInt64 = 0
    private let burst: UInt64
    @exclusivity(unchecked) var isClosedLoop = false
    /// The measured time.
    @exclusivity(unchecked) var window = UInt64.max..<UInt64.max
    /// Nothing is sent that is due from here on.
    @exclusivity(unchecked) var sendEnd: UInt64 = 0
    /// How many more messages of the measured time may be sent.
    @exclusivity(unchecked) private var messagesLeft: UInt64
    @exclusivity(unchecked) var lastAnswer: UInt64 = 0
    /// The profile `sensors`: how far apart its subscribers receive a reading.
    var fanOut: FanOut?
    private var timer: PreciseTimer?
    /// How near the next message must be for this thread to stay awake for it; 0: never.
    private let vigil: UInt64
    /// Something is due so soon that this thread stays awake.
    @exclusivity(unchecked) private var isAwake = false
    private var ticker: Timer?
    private var entropy = Entropy()
    private var nextToConnect = 0
    private var connecting = 0
    private var retries: [LoadClient] = []
    private var retriesEnd: UInt64 = 0
    /// When the last client became ready, or nobody yet.
    private var progressAt: UInt64 = 0
    private var readyCount = 0
    /// Called on this thread: everybody is ready, or why not (and whether that was a refusal).
    var onConnected: (_ ready: Int, _ failure: String?) -> Void = { _, _ in }
    var onFinished: () -> Void = {}

    static var emptyHistogram: LatencyHistogram {
        LatencyHistogram(lowestDiscernibleValue: 1, highestTrackableValue: 600_000_000_000, numberOfSignificantValueDigits: .three)
    }

    private static let connectingMax = 32
    private static let answerNanoseconds: UInt64 = 5_000_000_000
    private static let tickMilliseconds: UInt64 = 20
    /// Going to sleep and waking up again costs about as much, and is late by about as much.
    static let vigilNanoseconds: UInt64 = 250_000

    init(_ plan: LoadPlan, thread: Int, on loop: Loop) throws(UVError) {
        self.plan = plan
        self.thread = thread
        self.loop = loop
        route = BenchRoute(to: plan.target, on: loop)
        vigil = plan.staysAwake ? Self.vigilNanoseconds : 0
        burst = UInt64(plan.burst)
        messagesLeft = plan.messages(of: thread) ?? .max
        if plan.conduct == .listening { fanOut = FanOut(FanOutClock(listeners: plan.clients(of: thread).count)) }
        timer = try PreciseTimer(on: loop) { [unowned self] in sendDue() }
        ticker = try Timer(on: loop) { [unowned self] in tick() }
        for number in plan.clients(of: thread) { clients.append(LoadClient(number, of: self, deck: plan.decks[number % plan.decks.count])) }
        loop.endTurns(with: self)
    }

    // MARK: Connecting

    func connect() {
        progressAt = MonotonicClock.nanoseconds
        retriesEnd = progressAt + 2_000_000_000
        // Of a storm everybody stays away until it begins.
        if plan.conduct == .visiting { onConnected(0, nil) } else { connectMore() }
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
        progressAt = MonotonicClock.nanoseconds
        connectMore()
    }

    /// A client did not get as far as being ready. One that was refused may come again: a server that takes one client at a time needs
    /// a moment between two.
    func clientFailed(_ client: LoadClient, _ why: String, isRefusal: Bool) {
        guard case .connecting = stage else {
            tally.lost += 1
            note(why)
            return visitEnded(client)
        }
        if isRefusal, MonotonicClock.nanoseconds < retriesEnd { return retries.append(client) }
        onConnected(readyCount, why)
    }

    /// The profile `storm`: the client is free for the next session.
    func visitEnded(_ client: LoadClient) {
        if client.owed > 0 { markDirty(client) }
        loop.keepAwake()
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
        case .open where plan.conduct == .silent:
            // Once each, before the end: who is still there?
            let tail = min(times.duration / 2, 1_000_000_000)
            schedule = SendSchedule(start: window.upperBound - tail, rate: Double(clients.count) * 1e9 / Double(tail))
        case .open(let rate):
            schedule = SendSchedule(
                start: start, rate: rate * share / Double(plan.burst), ramp: times.ramp, phase: Double(thread) / Double(plan.threads))
        case .closed:
            isClosedLoop = true
            schedule = SendSchedule(start: start, rate: Double(clients.count) * 1e9 / Double(max(1, times.ramp)))
        }
        if messagesLeft == 0 { endSending(start) } else { timer?.start(at: start) }
    }

    /// So many messages were asked for, and all of them are sent.
    private func endSending(_ now: UInt64) {
        for client in clients { client.owed = 0 }
        sendEnd = now
        stage = .draining(until: now + plan.times.patience)
    }

    /// Ends the sending now; `patience` is what is left for answers.
    func stop(patience: UInt64) {
        guard case .running = stage else { return finish() }
        // What is due by now goes out first: the server did not cause the delay.
        sendDue()
        sendDirty()
        let now = MonotonicClock.nanoseconds
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
                isAwake = due - now < vigil
                if isAwake { loop.keepAwake() } else { timer?.start(at: due) }
                return
            }
            let client = clients[Int(scheduled % UInt64(clients.count))]
            scheduled &+= 1
            if case .closed(let inFlight) = plan.pacing, plan.conduct != .visiting {
                client.owed = inFlight
            } else {
                client.owed &+= plan.burst
            }
            markDirty(client)
        }
    }

    func loopTurnEnded() {
        if isAwake {
            isAwake = false
            sendDue()
        }
        guard case .running = stage else { return }
        sendDirty()
    }

    private func sendDirty() {
        guard !dirty.isEmpty else { return }
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
            let index = UInt64(client.number / plan.threads)
            while client.owed > 0 {
                let due = isClosedLoop ? now : schedule.due(client.turn / burst &* UInt64(clients.count) &+ index)
                guard due < sendEnd, plan.conduct == .visiting ? client.visit(due: due, nonce: entropy.bytes(16)) : client.stage(due: due)
                else { break }
                client.owed &-= 1
                guard window.contains(due), !client.isDeaf else { continue }
                tally.sent &+= 1
                messagesLeft &-= 1
                if messagesLeft == 0 { endSending(now) }
            }
        }
        client.flush()
    }

    private func tick() {
        let now = MonotonicClock.nanoseconds
        switch stage {
        case .connecting:
            retry()
            if readyCount < clients.count, now > progressAt + Self.answerNanoseconds, plan.conduct != .visiting {
                onConnected(readyCount, "the server does not answer within 5 seconds")
            }
        case .running where now >= sendEnd: stage = .draining(until: sendEnd + plan.times.patience)
        case .draining(let until):
            if now >= until || clients.allSatisfy({ ($0.inFlight == 0 && !$0.isVisiting) || $0.hasEnded }) { return finish() }
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
            if !isClosedLoop, !client.isDeaf { tally.unsent += UInt64(client.owed) }
            client.close()
        }
        timer?.close()
        ticker?.close()
        onFinished()
    }
}
