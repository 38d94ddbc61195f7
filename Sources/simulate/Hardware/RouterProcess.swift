// A process that a router lives in: it can be stopped for a while, as by SIGSTOP, and killed without a word, as by SIGKILL.
// Must not know what lives in it. Everything that the world says to it passes here.

import Host
import SimHost

/// The world as one process sees it.
final class RouterProcess: Dialer, WireOpener {
    private enum State { case runs, isStopped, isDead }

    private let host: SimHost
    let canary: HardwareCanary?
    private var state = State.runs
    /// What was said while it was stopped.
    private var waiting: [() -> Void] = []
    private var gates: [TurnGate] = []
    fileprivate var wires: [ProcessWire] = []

    init(on host: SimHost, canary: HardwareCanary? = nil) { (self.host, self.canary) = (host, canary) }

    // MARK: Its life

    var isAlive: Bool { state != .isDead }
    var isRunning: Bool { state == .runs }

    /// SIGSTOP.
    func halt() { if state == .runs { state = .isStopped } }

    /// SIGCONT: what has come meanwhile is read now.
    func resume() {
        guard state == .isStopped else { return }
        state = .runs
        let calls = waiting
        waiting = []
        for call in calls { call() }
        for gate in gates { gate.resume(at: now) }
    }

    /// SIGKILL: the kernel closes what it had.
    func kill() {
        state = .isDead
        waiting = []
        for wire in wires { wire.closeByKernel() }
        wires = []
        for gate in gates { host.detach(gate) }
        gates = []
    }

    /// Says something to the process.
    func say(_ call: @escaping () -> Void) {
        switch state {
        case .runs: call()
        case .isStopped: waiting.append(call)
        case .isDead: break
        }
    }

    // MARK: Host

    var now: Instant { host.now }

    func attach(_ owner: any TurnOwner) -> any Alarm {
        let gate = TurnGate(owner, in: self)
        gates.append(gate)
        gate.alarm = host.attach(gate)
        return gate
    }

    func detach(_ owner: any TurnOwner) {
        for gate in gates where gate.owner === owner { host.detach(gate) }
        gates.removeAll { $0.owner === owner }
    }

    func open(_ address: WireAddress, as id: WireID, for owner: any WireOwner) -> any Wire {
        let wire = ProcessWire(id, for: owner, in: self)
        wires.append(wire)
        wire.real = host.open(address, as: id, for: wire)
        return wire
    }

    func dial(_ endpoint: Endpoint, timeout: Interval, for owner: any DialOwner) { preconditionFailure("nothing is dialled here") }
    func cancelDial(for owner: any DialOwner) {}
    func drawSeed() -> UInt64 { host.drawSeed() }
}

/// One owner's turns.
private final class TurnGate: TurnOwner, Alarm {
    let owner: any TurnOwner
    unowned let process: RouterProcess
    var alarm: (any Alarm)?
    private var isDue = false

    init(_ owner: any TurnOwner, in process: RouterProcess) { (self.owner, self.process) = (owner, process) }

    func set(_ deadline: Instant) {
        isDue = false
        alarm?.set(deadline)
    }

    func deadlinePassed(at now: Instant) { if process.isRunning { owner.deadlinePassed(at: now) } else { isDue = true } }
    func turnEnded(at now: Instant) { if process.isRunning { owner.turnEnded(at: now) } }

    func resume(at now: Instant) {
        if isDue { alarm?.set(now) }
        isDue = false
    }
}

/// One of its wires.
private final class ProcessWire: Wire, WireOwner {
    private let id: WireID
    private let owner: any WireOwner
    private unowned let process: RouterProcess
    var real: (any Wire)?
    /// The process has let go of it.
    private var isClosed = false
    /// The other end is gone, though a process that is stopped does not know yet.
    private var isOver = false

    init(_ id: WireID, for owner: any WireOwner, in process: RouterProcess) { (self.id, self.owner, self.process) = (id, owner, process) }

    var descriptor: Int32 { isClosed ? -1 : real?.descriptor ?? -1 }
    func send(_ bytes: UnsafeRawBufferPointer) -> Bool {
        if !isClosed, process.canary == .writesTwice, String(decoding: bytes, as: UTF8.self).contains("WriteValue") {
            _ = real?.send(bytes)
        }
        return !isClosed && real?.send(bytes) == true
    }

    func close() {
        closeByKernel()
        process.wires.removeAll { $0 === self }
    }

    func closeByKernel() {
        guard !isClosed else { return }
        isClosed = true
        if !isOver { real?.close() }
        if process.canary == .closesTwice { real?.close() }
    }

    private func say(_ call: @escaping (ProcessWire) -> Void) { process.say { [self] in if !isClosed { call(self) } } }

    func opened(_ id: WireID, at now: Instant) { say { $0.owner.opened(id, at: $0.process.now) } }
    func drained(_ id: WireID, at now: Instant) { say { $0.owner.drained(id, at: $0.process.now) } }

    func received(_ bytes: RawSpan, from id: WireID, at now: Instant) {
        let copy = bytes.withUnsafeBytes { Array($0) }
        say { $0.owner.received(copy.span.bytes, from: id, at: $0.process.now) }
    }

    func passed(_ descriptor: Int32, from id: WireID) -> Bool {
        guard !process.isRunning else { return !isClosed && owner.passed(descriptor, from: id) }
        say { _ = $0.owner.passed(descriptor, from: id) }
        return process.isAlive && !isClosed
    }

    func closed(_ id: WireID, _ end: WireEnd, at now: Instant) {
        isOver = true
        say { one in
            one.close()
            one.owner.closed(id, end, at: one.process.now)
        }
    }
}

/// Who gets connections that come to the process.
final class LinkGate: LinkOwner {
    private let owner: any LinkOwner
    private let process: RouterProcess
    /// The owner's numbers by ours, which are counted; nil until it has been told, and when it is over.
    private var ids: [UInt32: LinkID] = [:]
    private var last: UInt32 = 0
    /// Messages so far.
    private var count = 0

    init(_ owner: any LinkOwner, in process: RouterProcess) { (self.owner, self.process) = (owner, process) }

    var messageBytesMax: Int { owner.messageBytesMax }
    func refusal(of peer: Peer) -> CloseReason? { process.isRunning ? owner.refusal(of: peer) : nil }

    func opened(_ link: any Link, from peer: Peer, at now: Instant) -> LinkID {
        last += 1
        let number = last
        process.say { [self] in ids[number] = owner.opened(link, from: peer, at: process.now) }
        return LinkID(slot: number, generation: 0)
    }

    func received(_ text: RawSpan, from id: LinkID, at now: Instant) {
        count += 1
        if process.canary == .losesRequests, count % 100 == 0 { return }
        let copy = text.withUnsafeBytes { Array($0) }
        process.say { [self] in if let known = ids[id.slot] { owner.received(copy.span.bytes, from: known, at: process.now) } }
    }

    func congested(_ id: LinkID) { process.say { [self] in if let known = ids[id.slot] { owner.congested(known) } } }
    func drained(_ id: LinkID, at now: Instant) {
        process.say { [self] in if let known = ids[id.slot] { owner.drained(known, at: process.now) } }
    }

    func closed(_ id: LinkID, _ reason: CloseReason, at now: Instant) {
        process.say { [self] in if let known = ids.removeValue(forKey: id.slot) { owner.closed(known, reason, at: process.now) } }
    }
}
