// The session that tries stops while others make the load: it drives, stops, and watches the router's journal for what reaches the device.
// Must not know the load. Both ends of a trial are timed by this thread's clock: the router's journal has a clock of its own, in whole
// milliseconds, so what counts is when the line could be read. That is never too early, and late by no more than the reading takes.

import Host
import Platform
import UV

/// One more client, and the journal. Confined to its loop.
final class StopProbe: BenchLinkOwner, LoopTurnOwner {
    private let loop: Loop
    private let route: BenchRoute
    private let spec: BenchSpec
    private let target: DriveTarget
    private let path: String
    private let deck: FrameDeck
    private let steps: Int32
    private var core: StopTrialsCore?
    private var link: BenchLink?
    private var tail: FileTail?
    private var timer: PreciseTimer?
    private var journal = JournalReader()
    private var ledger = ReplyLedger()
    private var entropy = Entropy()
    private var step: UInt32 = 1
    /// Something is due so soon that this thread stays awake for it.
    private var isAwake = false
    private var room: UnsafeMutableRawBufferPointer
    private var window = UInt64.max..<UInt64.max
    private(set) var latencies = LoadRunner.emptyHistogram
    private(set) var tally = Tally()
    private var isRunning = false
    /// Called once: ready to run, or why not.
    private let ready: (BenchProblem?) -> Void

    init(
        _ options: BenchOptions, at server: BenchTarget, _ target: DriveTarget, journal path: String, on loop: Loop,
        ready: @escaping (BenchProblem?) -> Void
    ) {
        self.loop = loop
        route = BenchRoute(to: server, on: loop)
        spec = options.spec
        self.target = target
        self.path = path
        self.ready = ready
        let steps = min(target.steps, 100)
        self.steps = steps
        let drives = (0...steps).map { Wording(driving: target, step: $0 * (target.steps / steps)) }
        // The frame at index n drives to the n-th step; the last one stops.
        deck = FrameDeck(drives + [options.spec.stop(target)], key: BenchLink.key)
        room = .allocate(byteCount: deck.frameBytesMax, alignment: 16)
    }

    deinit { room.deallocate() }

    func start() {
        guard let tail = FileTail(path: path) else {
            return ready(.journal("\(path) cannot be read; give the file that the router was started with as --journal"))
        }
        tail.skipToEnd()
        self.tail = tail
        do throws(UVError) { timer = try PreciseTimer(on: loop) { [unowned self] in act() } } catch { return ready(.journal("\(error)")) }
        loop.endTurns(with: self)
        let link = BenchLink(by: route, nonce: entropy.bytes(16), owner: self)
        self.link = link
        link.start()
    }

    // MARK: The session

    func linkOpened() { link?.say(spec.greeting(clientName: "plugboard bench stop")) }

    func linkAnswered(_ id: UInt32, at now: UInt64) { settle(id, .ok, "Ok with Id \(id)") }

    func linkReceived(_ text: UnsafeRawBufferPointer, at now: UInt64) {
        let isRead = ReplyReader.forEach(text) { reply in
            if reply.id >= ReplyLedger.firstID { return settle(reply.id, reply.kind, LoadClient.excerpt(text)) }
            guard reply.id != 0 else { return }
            switch (step, reply.kind) {
            case (1, .serverInfo):
                step = 2
                link?.say(Wording.requestDeviceList.text.replacingID(with: 2))
            case (2, .deviceList):
                step = 3
                ready(nil)
            default: ready(.refused(LoadClient.excerpt(text)))
            }
        }
        if !isRead { tally.wrong += 1 }
    }

    private func settle(_ id: UInt32, _ kind: ReplyKind, _ what: String) {
        switch ledger.settle(id, kind) {
        case .answered:
            if kind != .error { return }
            tally.errors += 1
        case .duplicated: tally.duplicated += 1
        case .mismatched, .unknown: tally.wrong += 1
        }
        tally.firstFault = tally.firstFault ?? what
    }

    func linkDrained() {}

    func linkEnded(_ why: String, isRefusal: Bool) {
        link = nil
        if step < 3 { return ready(.unreachable(url: "\(route.target.endpoint)", why: why)) }
        if isRunning {
            tally.lost += 1
            tally.firstFault = tally.firstFault ?? why
        }
    }

    // MARK: The trials

    /// Begins; what is due within `window` is measured.
    func run(from start: UInt64, window: Range<UInt64>) {
        self.window = window
        isRunning = true
        core = StopTrialsCore(device: target.device, feature: spec == .v4 ? target.index : nil, steps: steps, start: start)
        act()
    }

    private func act() {
        guard isRunning, core != nil else { return }
        let now = MonotonicClock.nanoseconds
        switch core?.due(at: now) {
        case .drive(let step): send(Int(step))
        case .stop: send(Int(steps) + 1)
        case nil: break
        }
        goOn(now)
    }

    /// Wakes up for what comes next. A trial that waits for the journal reads it without sleeping, but lets others have the core: going
    /// to sleep and being woken for each line would be part of what is measured.
    private func goOn(_ now: UInt64) {
        guard let core else { return }
        isAwake = core.isWaiting || core.deadline < now + LoadRunner.vigilNanoseconds
        guard isAwake else {
            timer?.start(at: core.deadline - LoadRunner.vigilNanoseconds)
            return
        }
        timer?.stop()
        Processors.yield()
        loop.keepAwake()
    }

    private func send(_ frame: Int) {
        guard let base = room.baseAddress, ledger.hasRoom else { return }
        // What was written before is not what is waited for.
        tail?.skipToEnd()
        journal = JournalReader()
        let count = deck.write(frame, id: ledger.issue(due: 8, expecting: .ok), to: base)
        link?.write(UnsafeRawBufferPointer(start: base, count: count))
    }

    func loopTurnEnded() {
        guard isRunning, isAwake else { return }
        isAwake = false
        if core?.isWaiting == true {
            tail?.read { piece in
                let now = MonotonicClock.nanoseconds
                journal.read(piece) { write in
                    guard let took = core?.saw(write, at: now) else { return }
                    if window.contains(now - took) { latencies.record(took) }
                }
            }
        }
        act()
    }

    var missed: UInt64 { core?.missed ?? 0 }
    var hasSeenAny: Bool { core?.hasSeenAny ?? false }

    /// Ends the trials and gives everything back.
    func close() {
        isRunning = false
        loop.endTurns(with: nil)
        timer?.close()
        link?.close()
        link = nil
    }
}
