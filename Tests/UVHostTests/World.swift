// A host on a thread of its own with an echoing owner, and the owner's events.
// Must not wait for time: tests wait for events, with a limit of ten seconds for each wait.

import Glibc
import Host
import Testing
import UVHost

/// A mutex and a condition for values that a host's thread writes and a test reads.
final class Board<Value>: @unchecked Sendable {
    private var value: Value
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

    init(_ value: Value) {
        self.value = value
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(changed, nil)
    }

    deinit {
        pthread_cond_destroy(changed)
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
        changed.deallocate()
    }

    func change<Result>(_ body: (inout Value) -> Result) -> Result {
        pthread_mutex_lock(mutex)
        defer {
            pthread_cond_broadcast(changed)
            pthread_mutex_unlock(mutex)
        }
        return body(&value)
    }

    /// Waits until `isSo`; false after ten seconds.
    func wait(_ isSo: (Value) -> Bool) -> Bool {
        var end = timespec()
        clock_gettime(CLOCK_REALTIME, &end)
        end.tv_sec += 10
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while !isSo(value) {
            if pthread_cond_timedwait(changed, mutex, &end) == ETIMEDOUT { return isSo(value) }
        }
        return true
    }
}

/// An owner's events.
struct Seen {
    var address = ""
    var port: UInt16 = 0
    var peers: [Peer] = []
    var texts = 0
    var maxTextsPerTurn = 0
    var closes: [CloseReason] = []
    var congested = 0
    var drained = 0
    var refusals: [String] = []
    var events: [String] = []
    var hasEnded = false
    var failure = ""
    var links = 0
    var handles = 0
    var counters = UVHost.Counters()
}

/// An owner that echoes texts at the end of the turn. Some texts are commands: "close" closes, "give up" does too, as one gives up
/// a peer that does not answer, "flood N" answers with N bytes.
final class TestOwner: LinkOwner, TurnOwner {
    let board: Board<Seen>
    private var buffer = MessageBuffer()
    private var runs: [(slot: UInt32, start: Int, end: Int)] = []
    private var closing: [(slot: UInt32, reason: CloseReason)] = []
    private var links: [(any Link)?] = []
    private var textsThisTurn: [UInt32: Int] = [:]
    var refuses = false
    var onDeadline: ((Instant) -> Void)?
    var onTurn: ((Instant) -> Void)?

    init(_ board: Board<Seen>) { self.board = board }

    func refusal(of peer: Peer) -> CloseReason? { refuses ? .tooManySessions : nil }

    func opened(_ link: any Link, from peer: Peer, at now: Instant) -> LinkID {
        links.append(link)
        board.change { $0.peers.append(peer) }
        return LinkID(slot: UInt32(links.count - 1), generation: 1)
    }

    func received(_ text: RawSpan, from id: LinkID, at now: Instant) {
        textsThisTurn[id.slot, default: 0] += 1
        let bytes = text.withUnsafeBytes { Array($0) }
        let word = bytes.count < 40 ? String(decoding: bytes, as: UTF8.self) : ""
        board.change {
            $0.texts += 1
            if word.hasPrefix("note") { $0.events.append(word) }
        }
        if word == "close" { return closing.append((id.slot, .kicked)) }
        if word == "give up" { return closing.append((id.slot, .unresponsive)) }
        let start = buffer.count
        if word.hasPrefix("flood "), let size = Int(word.dropFirst(6)) {
            write([UInt8](repeating: 0x78, count: size))
        } else {
            write(bytes)
        }
        runs.append((id.slot, start, buffer.count))
    }

    private func write(_ bytes: [UInt8]) {
        let start = buffer.begin()
        bytes.withUnsafeBytes { if let base = $0.baseAddress { buffer.room($0.count).copyMemory(from: base, byteCount: $0.count) } }
        buffer.advance(bytes.count)
        buffer.end(start)
    }

    func congested(_ id: LinkID) { board.change { $0.congested += 1 } }
    func drained(_ id: LinkID, at now: Instant) { board.change { $0.drained += 1 } }

    func closed(_ id: LinkID, _ reason: CloseReason, at now: Instant) {
        links[Int(id.slot)] = nil
        board.change { $0.closes.append(reason) }
    }

    func turnEnded(at now: Instant) {
        if let limit = textsThisTurn.values.max() {
            board.change { $0.maxTextsPerTurn = max($0.maxTextsPerTurn, limit) }
            textsThisTurn = [:]
        }
        for slot in Set(runs.map(\.slot)) {
            let pieces = runs.filter { $0.slot == slot }.map { buffer.run($0.start, $0.end) }
            pieces.withUnsafeBufferPointer { links[Int(slot)]?.send($0) }
        }
        runs = []
        buffer.reset()
        for (slot, reason) in closing {
            links[Int(slot)]?.close(reason)
            links[Int(slot)] = nil
        }
        closing = []
        onTurn?(now)
    }

    func deadlinePassed(at now: Instant) { onDeadline?(now) }
}

/// A running host. `stop` ends it and checks that nothing stays open.
final class World: @unchecked Sendable {
    let board = Board(Seen())
    private var thread = pthread_t()
    private var host: UVHost?
    private var owner: TestOwner?
    private var listener: UVListener?
    private let limits: Limits
    private let address: String
    private let hosts: [String]
    private let options: (inout ListenerOptions) -> Void
    private let prepare: (UVHost, TestOwner, any Alarm) -> Void

    /// - Parameters:
    ///   - options: Changes the listener's options, on the host's thread.
    ///   - prepare: Called on the host's thread before it runs.
    init(
        _ limits: Limits = Limits(), on address: String = "ws://127.0.0.1:0", hosts: [String] = [],
        options: @escaping (inout ListenerOptions) -> Void = { _ in },
        prepare: @escaping (UVHost, TestOwner, any Alarm) -> Void = { _, _, _ in }
    ) throws {
        self.limits = limits
        self.address = address
        self.hosts = hosts
        self.options = options
        self.prepare = prepare
        pthread_create(
            &thread, nil,
            { world in
                Unmanaged<World>.fromOpaque(world!).takeRetainedValue().live()
                return nil
            }, Unmanaged.passRetained(self).toOpaque())
        try #require(board.wait { $0.port != 0 || !$0.address.isEmpty || $0.hasEnded })
    }

    private func live() {
        do {
            let host = try UVHost(limits: limits)
            let owner = TestOwner(board)
            let alarm = host.attach(owner)
            prepare(host, owner, alarm)
            let board = self.board
            var options = ListenerOptions(hosts: hosts) { address, why, _ in board.change { $0.refusals.append("\(address): \(why)") } }
            self.options(&options)
            let listener = try host.listen(on: address, options: options, owner: owner)
            self.host = host
            self.owner = owner
            self.listener = listener
            board.change {
                $0.port = listener.port
                $0.address = listener.address
            }
            host.run()
        } catch {
            board.change { $0.failure = "\(error)" }
        }
        board.change { $0.hasEnded = true }
    }

    /// Runs `body` on the host's thread.
    func post(_ body: @escaping (UVHost, TestOwner) -> Void) {
        let call = Board(body)
        host?.loop.post { [self] in
            guard let host, let owner else { return }
            call.change { $0(host, owner) }
        }
    }

    /// Changes the allow-lists, and waits for that.
    func allow(hosts: [String], origins: [String]) {
        post { [self] _, _ in listener?.allow(hosts: hosts, origins: origins) }
        _ = look()
    }

    /// Changes what the listener demands, and waits for that.
    func demand(_ need: TokenNeed, trusting proxies: [String]) {
        post { [self] _, _ in listener?.demand(need, trusting: proxies) }
        _ = look()
    }

    /// Shows another certificate, and waits for that.
    func renew(_ context: TLSContext) {
        post { [self] _, _ in listener?.renew(context) }
        _ = look()
    }

    /// Copies the host's own figures to the board.
    func look() -> Seen {
        let token = UInt64.random(in: 1...UInt64.max)
        let name = "look \(token)"
        post { [board] host, _ in
            board.change {
                $0.links = host.linkCount
                $0.handles = host.loop.liveHandles
                $0.counters = host.counters
                $0.events.append(name)
            }
        }
        _ = board.wait { $0.events.contains(name) || $0.hasEnded }
        return board.change { seen in
            seen.events.removeAll { $0 == name }
            return seen
        }
    }

    /// Ends the host when every connection is gone, or after `patience`, and waits for its thread.
    func stop(within patience: Interval = .seconds(10), sourceLocation: SourceLocation = #_sourceLocation) {
        post { host, _ in host.stop(within: patience) }
        #expect(board.wait { $0.hasEnded }, "the host did not end", sourceLocation: sourceLocation)
        pthread_join(thread, nil)
        let failure = board.change { $0.failure }
        #expect(failure == "", sourceLocation: sourceLocation)
    }
}
