// One session of the generator: connects, greets, sets up, then sends from its deck when it is told and matches every answer.
// Must not know when it is time to send, or what is measured; the runner does.

import Host
import JSON
import UV

/// A client of the load.
final class LoadClient: BenchLinkOwner {
    enum Phase {
        /// Can turn into: connecting.
        case fresh
        /// Can turn into: settingUp, fresh (refused), ended.
        case connecting
        /// Greeting and setup requests, one at a time. Can turn into: ready, ended.
        case settingUp(step: Int)
        /// Can turn into: ended, leaving.
        case ready
        /// The profile `storm`: the server is to end the connection. Can turn into: fresh.
        case leaving
        /// Can turn into: nothing.
        case ended
    }

    let number: Int
    private unowned(unsafe) let runner: LoadRunner
    private let deck: FrameDeck
    @exclusivity(unchecked) private var cursor: Int
    @exclusivity(unchecked) private(set) var phase = Phase.fresh
    @exclusivity(unchecked) private var link: BenchLink?
    @exclusivity(unchecked) private var ledger = ReplyLedger()
    /// Frames of this turn.
    @exclusivity(unchecked) private var room = UnsafeMutableRawBufferPointer(start: nil, count: 0)
    @exclusivity(unchecked) private var used = 0
    /// Messages that are due and not sent.
    @exclusivity(unchecked) var owed = 0
    /// Messages sent; which of the schedule's is next follows from it.
    @exclusivity(unchecked) var turn: UInt64 = 0
    @exclusivity(unchecked) var isDirty = false
    /// The profile `storm`: when the present session was due.
    private var sessionDue: UInt64 = 0
    /// The profile `slow`: never reads what it is sent, and is not counted.
    let isDeaf: Bool
    /// When the server must have received a `Ping`; `.max` when it wants none.
    private var pingAt = UInt64.max
    private var pingInterval: UInt64 = 0
    /// The Id of the request outside the measurement that is in flight; 0 for none.
    private var controlID: UInt32 = 0
    private var controlCount: UInt32 = 1
    private var controlAnswer = ReplyKind.ok

    /// With more bytes than this in the kernel, a client waits for the server to read.
    private static let queuedMax = 1 << 20

    init(_ number: Int, of runner: LoadRunner, deck: FrameDeck) {
        self.number = number
        self.runner = runner
        self.deck = deck
        isDeaf = runner.plan.isDeaf(number)
        cursor = deck.start(ofClient: number, burst: runner.plan.burst)
    }

    deinit { room.deallocate() }

    var isReady: Bool { if case .ready = phase { true } else { false } }
    var hasEnded: Bool { if case .ended = phase { true } else { false } }
    var inFlight: Int { ledger.inFlight }

    func connect(nonce: [UInt8]) {
        phase = .connecting
        let link = BenchLink(by: runner.route, nonce: nonce, owner: self)
        self.link = link
        link.start()
    }

    func close() {
        link?.close()
        link = nil
        phase = .ended
    }

    // MARK: Setting up

    func linkOpened() {
        phase = .settingUp(step: -1)
        controlID = 1
        controlAnswer = .serverInfo
        link?.say(runner.plan.spec.greeting(clientName: "plugboard bench \(number)"))
    }

    /// Says the next request of the setup, or is ready.
    private func setUp(_ step: Int) {
        guard step < runner.plan.setup.count else {
            phase = .ready
            if runner.plan.conduct == .visiting { return leave() }
            link?.isDeaf = isDeaf
            runner.clientReady()
            return
        }
        phase = .settingUp(step: step)
        ask(runner.plan.setup[step])
    }

    /// Sends a request outside the measurement.
    private func ask(_ wording: Wording) {
        controlCount += 1
        controlID = controlCount
        controlAnswer = wording.answer
        link?.say(wording.text.replacingID(with: controlID))
    }

    private func control(_ reply: Reply, _ text: UnsafeRawBufferPointer) {
        guard reply.id == controlID, controlID != 0 else {
            return reply.id > controlCount ? runner.wrong(text) : runner.duplicated(text)
        }
        controlID = 0
        guard reply.kind == controlAnswer else {
            if isReady { return runner.refused(reply.kind, text) }
            close()
            if runner.plan.conduct == .visiting { phase = .fresh }
            return runner.clientFailed(self, "the server answered the setup with \(Self.excerpt(text))", isRefusal: false)
        }
        if reply.kind == .serverInfo { readServerInfo(reply, text) }
        if case .settingUp(let step) = phase { setUp(step + 1) }
    }

    private func readServerInfo(_ reply: Reply, _ text: UnsafeRawBufferPointer) {
        guard let info = JSONTree(text[reply.body]), let milliseconds = info["MaxPingTime"]?.integer(UInt64.self), milliseconds > 0 else {
            return
        }
        pingInterval = milliseconds * 1_000_000 / 2
        pingAt = MonotonicClock.nanoseconds + pingInterval
    }

    /// Sends the `Ping` that a server may want. The answer is matched like any other, but not measured.
    func keepAlive(at now: UInt64) {
        guard now >= pingAt, isReady, controlID == 0 else { return }
        pingAt = now + pingInterval
        ask(.ping)
    }

    // MARK: The profile `storm`

    /// Begins a session that was due then. False when the one before it is not over.
    func visit(due: UInt64, nonce: [UInt8]) -> Bool {
        guard case .fresh = phase else { return false }
        sessionDue = due
        turn &+= 1
        controlID = 0
        controlCount = 1
        pingAt = .max
        connect(nonce: nonce)
        return true
    }

    /// The list has come: the session is complete.
    private func leave() {
        phase = .leaving
        runner.answered(self, due: sessionDue & ~7, at: MonotonicClock.nanoseconds)
        link?.leave()
    }

    var isVisiting: Bool {
        switch phase {
        case .connecting, .settingUp, .leaving: true
        case .fresh, .ready, .ended: false
        }
    }

    // MARK: Sending

    /// Adds the next message to this turn's write. False when it cannot be sent now.
    @inline(__always)
    func stage(due: UInt64) -> Bool {
        guard case .ready = phase, ledger.hasRoom else { return false }
        if used &+ deck.frameBytesMax > room.count { makeRoom() }
        let frame = cursor
        cursor = frame &+ 1 == deck.count ? 0 : frame &+ 1
        // Of a client that does not read nothing is expected, so any Id will do.
        let id = isDeaf ? ReplyLedger.firstText : ledger.issue(due: due, expecting: deck.answer(frame))
        used &+= deck.write(frame, id: id, to: room.baseAddress.unsafelyUnwrapped + used)
        turn &+= 1
        return true
    }

    /// Whether the server reads what it gets.
    @inline(__always)
    var isFlowing: Bool { (link?.queuedBytes ?? 0) < Self.queuedMax }

    /// Sends what was staged.
    @inline(__always)
    func flush() {
        isDirty = false
        guard used > 0 else { return }
        link?.write(UnsafeRawBufferPointer(start: room.baseAddress, count: used))
        used = 0
    }

    /// More room for frames; a full one is sent before it grows beyond what one write should carry.
    @inline(never)
    private func makeRoom() {
        if room.count >= 64 * 1024 {
            link?.write(UnsafeRawBufferPointer(start: room.baseAddress, count: used))
            used = 0
            return
        }
        let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: max(512, room.count * 2, deck.frameBytesMax * 2), alignment: 16)
        if let base = room.baseAddress { larger.baseAddress?.copyMemory(from: base, byteCount: used) }
        room.deallocate()
        room = larger
    }

    // MARK: Answers

    @inline(__always)
    func linkAnswered(_ id: UInt32, at now: UInt64) {
        switch ledger.settle(id, .ok) {
        case .answered(let due): runner.answered(self, due: due, at: now)
        case let other: runner.misanswered(self, other, "Ok with Id \(id)", at: now)
        }
    }

    func linkReceived(_ text: UnsafeRawBufferPointer, at now: UInt64) {
        let isRead = ReplyReader.forEach(text) { reply in
            guard reply.id != 0 else {
                return reply.kind == .error ? runner.refused(.error, text) : runner.event(self, reply, text, at: now)
            }
            guard reply.id >= ReplyLedger.firstID else { return control(reply, text) }
            switch ledger.settle(reply.id, reply.kind) {
            case .answered(let due):
                if reply.kind == .error { runner.refused(.error, text) }
                runner.answered(self, due: due, at: now)
            case let other: runner.misanswered(self, other, Self.excerpt(text), at: now)
            }
        }
        if !isRead { runner.wrong(text) }
    }

    func linkDrained() { if owed > 0 { runner.markDirty(self) } }

    func linkEnded(_ why: String, isRefusal: Bool) {
        link = nil
        if case .leaving = phase {
            phase = .fresh
            return runner.visitEnded(self)
        }
        let wasReady = isReady
        phase = (isRefusal || runner.plan.conduct == .visiting) && !wasReady ? .fresh : .ended
        if wasReady { runner.clientLost(self, why) } else { runner.clientFailed(self, why, isRefusal: isRefusal) }
    }

    static func excerpt(_ text: UnsafeRawBufferPointer) -> String {
        text.count <= 300 ? String(decoding: text, as: UTF8.self) : String(decoding: text[..<300], as: UTF8.self) + "…"
    }
}

extension String {
    /// A wording with its Id in place.
    func replacingID(with id: UInt32) -> String {
        let mark = Array(Wording.idMark.utf8)
        let bytes = Array(utf8)
        for start in 0...max(0, bytes.count - mark.count) where bytes[start...].starts(with: mark) {
            let tail = bytes[(start + mark.count)...]
            return String(decoding: bytes[..<(start + 5)], as: UTF8.self) + "\(id)" + String(decoding: tail, as: UTF8.self)
        }
        return self
    }
}
