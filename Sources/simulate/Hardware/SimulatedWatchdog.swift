// The watchdog in virtual time: the router's side, which lives and dies with its process, and the keeper, which is a process of its own.
// Must not decide anything: `WillBook` and `WillKeeper` do, as in the product.

import Hardware
import Host
import SimHost

/// The router's side.
final class SimulatedWatchdog: Wills, TurnOwner {
    private let process: RouterProcess
    private let makeKeeper: (SimulatedWatchdog) -> SimulatedKeeper
    private let host: SimHost
    private var book = WillBook()
    private var alarm: (any Alarm)?
    private(set) var keeper: SimulatedKeeper?
    /// The devices that have a letter.
    private(set) var keys: [WillKey] = []
    private var isRetired = false
    private var postedCalls: [(Instant) -> Void] = []

    init(_ process: RouterProcess, on host: SimHost, _ makeKeeper: @escaping (SimulatedWatchdog) -> SimulatedKeeper) {
        (self.process, self.host, self.makeKeeper) = (process, host, makeKeeper)
        alarm = process.attach(self)
        act(at: host.now)
    }

    func set(_ device: WillKey, _ packets: [[UInt8]], isPaced: Bool, _ descriptor: Int32) -> Bool {
        defer { act(at: host.now) }
        keys.removeAll { $0 == device }
        guard book.set(device, packets, isPaced: isPaced, descriptor) else { return false }
        keys.append(device)
        return true
    }

    func clear(_ device: WillKey) {
        keys.removeAll { $0 == device }
        book.clear(device)
        act(at: host.now)
    }

    func anythingRuns(_ runs: Bool, in transport: UInt8) {
        guard book.runs(in: transport) != runs else { return }
        book.anythingRuns(runs, in: transport)
        act(at: host.now)
    }

    func onPosted(_ body: @escaping (Instant) -> Void) { postedCalls.append(body) }

    func deadlinePassed(at now: Instant) { act(at: now) }

    /// There is none from now on.
    func retire() {
        isRetired = true
        keeper?.kill()
        keeper = nil
    }

    /// The router's process is over: the last word, if everything is at zero.
    func finish() {
        if let farewell = book.farewell { keeper?.receive(farewell, nil) } else { keeper?.routerEnded() }
    }

    private func act(at now: Instant) {
        while !isRetired {
            switch book.next(at: now) {
            case .start:
                keeper = makeKeeper(self)
                book.started(at: now)
            case .send(let bytes, let descriptor):
                let duplicate = descriptor.flatMap { host.duplicate($0) }
                if descriptor != nil, duplicate == nil {
                    book.refused()
                } else {
                    keeper?.receive(bytes, duplicate)
                    book.sent(at: now)
                }
            case .wait(let until): return alarm?.set(until) ?? ()
            }
        }
    }

    /// The keeper says that it has posted its letters.
    func posted() {
        process.say { [self] in for call in postedCalls { call(process.now) } }
    }

    /// The keeper's process was killed.
    func loseKeeper() {
        keeper?.kill()
        keeper = nil
        process.say { [self] in
            book.lost(at: process.now)
            act(at: process.now)
        }
    }
}

/// The keeper's process.
final class SimulatedKeeper: SimActor {
    private let host: SimHost
    private var keeper = WillKeeper()
    private var attachment: SimActorID?
    private var descriptors: [Int32: SimDuplicate] = [:]
    private var last: Int32 = 0
    /// A canary: it closes nothing.
    private let keepsAll: Bool
    private let onPosted: () -> Void
    /// Gets each letter's descriptor and whether it took the packet.
    private let onWrite: (_ bytes: [UInt8], _ isTaken: Bool) -> Void

    init(on host: SimHost, keepsAll: Bool, onPosted: @escaping () -> Void, onWrite: @escaping ([UInt8], Bool) -> Void) {
        (self.host, self.keepsAll, self.onPosted, self.onWrite) = (host, keepsAll, onPosted, onWrite)
        attachment = host.enlist(self)
    }

    var letterCount: Int { keeper.letterCount }

    func receive(_ bytes: [UInt8], _ duplicate: SimDuplicate?) {
        var number: Int32?
        if let duplicate {
            last += 1
            descriptors[last] = duplicate
            number = last
        }
        let surplus = bytes.withUnsafeBytes { keeper.received($0.bytes, number, at: host.now) }
        if let surplus { close(surplus) }
        act()
    }

    /// The router's end of the socket is gone.
    func routerEnded() {
        keeper.ended(at: host.now)
        act()
    }

    func kill() { end() }

    func woken(_ code: UInt32, at now: Instant) { act() }

    private func act() {
        while let attachment {
            switch keeper.next(at: host.now) {
            case .write(let range, let descriptor):
                let bytes = Array(UnsafeRawBufferPointer(rebasing: keeper.letters[range]))
                let isTaken = descriptors[descriptor]?.send(bytes) == true
                onWrite(bytes, isTaken)
                if isTaken { keeper.wrote(bytes.count) } else { keeper.blocked() }
            case .answer: onPosted()
            case .wait(let until): return host.wake(attachment, at: until)
            case .exit: end()
            }
        }
    }

    private func close(_ number: Int32) { if !keepsAll { descriptors.removeValue(forKey: number)?.close() } }

    private func end() {
        for number in descriptors.keys.sorted() { close(number) }
        if let attachment { host.dismiss(attachment) }
        attachment = nil
    }
}
