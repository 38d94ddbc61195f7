// The real host: owners of links on a libuv loop, with its clock, alarms, listeners and signals.
// Must not know what the owners do with their links.

import Entrance
import Host
import UV

/// A `Host` on libuv. Everything happens on the thread that calls `run`.
///
/// A turn: what has arrived is read and delivered; then connections and owners whose deadline has come are told; then every owner
/// ends its turn, which sends what the turn produced; then owners are told of the connections that ended.
public final class UVHost: Host, LoopTurnOwner {
    private struct Attachment {
        let owner: any TurnOwner
        let alarm: UVAlarm
    }

    /// The version of libuv that is loaded ("1.44.2").
    public static var libuvVersion: String { LibraryVersion.text }

    /// The loop. `loop.post` is the way in from other threads.
    public let loop: Loop
    public let limits: Limits
    public internal(set) var counters = Counters()

    private let origin: UInt64
    @exclusivity(unchecked) private var attachments: [Attachment] = []
    /// The next attachment to be called.
    @exclusivity(unchecked) private var nextAttachment = 0
    private var listeners: [UVListener] = []
    private var signals: [SignalWatcher] = []
    /// Every connection, by index; indices are used again.
    private(set) var links: [UVLink?] = []
    /// What is known of those who are not, or not yet, let in.
    var arrivals: Arrivals
    private var freeIndices: [Int32] = []
    /// Connections there are, those on their way out among them.
    public private(set) var linkCount = 0

    private var wheel: DeadlineWheel
    @exclusivity(unchecked) private var wheelAlarm: UVAlarm?
    @exclusivity(unchecked) private var stopAlarm: UVAlarm?
    /// The maximum of connections since memory was last given back, and when it will be.
    private var linkPeak = 0
    @exclusivity(unchecked) private var memoryAlarm: UVAlarm?
    private(set) var isStopping = false
    private(set) var isFinished = false

    /// Which turn it is; wraps.
    @exclusivity(unchecked) private(set) var turn: UInt32 = 0
    /// nil until somebody wants to know how long turns take.
    @exclusivity(unchecked) var meter: TurnMeter?
    /// Connections that used up their share of this turn.
    @exclusivity(unchecked) private var paused: [UVLink] = []
    /// Those of the turn before: they have their share again.
    @exclusivity(unchecked) private var resumable: [UVLink] = []
    /// Connections that have something to tell their owner when the turn is over.
    @exclusivity(unchecked) private var reporting: [UVLink] = []
    /// Control frames of one read, written back to back.
    @exclusivity(unchecked) var pongs = PongBuffer()
    /// Connections being opened.
    @exclusivity(unchecked) var dials: [UVDial] = []
    @exclusivity(unchecked) var wires: [UVWire] = []
    /// What encrypted connections need.
    var secure = Secure()
    /// For masks and nonces.
    @exclusivity(unchecked) var entropy = Entropy()

    public init(limits: Limits = Limits()) throws(UVError) {
        self.limits = limits
        arrivals = Arrivals(strangersMax: limits.strangers)
        loop = try Loop()
        origin = loop.now
        let shortest = min(limits.headTimeout, limits.closeTimeout, limits.pingInterval, limits.stallTimeout)
        let tick = Interval(nanoseconds: min(max(shortest.nanoseconds / 16, 1_000_000), 250_000_000))
        wheel = DeadlineWheel(tick: tick)
        wheelAlarm = UVAlarm(self)
        loop.endTurns(with: self)
    }

    // MARK: Host

    /// The turn's time, in whole milliseconds since the host was made.
    public var now: Instant { Instant(nanoseconds: (loop.now &- origin) &* 1_000_000) }

    public func attach(_ owner: any TurnOwner) -> any Alarm {
        let alarm = UVAlarm(self)
        attachments.append(Attachment(owner: owner, alarm: alarm))
        // What the owner prepared before leaves with a turn of its own.
        loop.keepAwake()
        return alarm
    }

    public func detach(_ owner: any TurnOwner) {
        guard let index = attachments.firstIndex(where: { $0.owner === owner }) else { return }
        attachments.remove(at: index).alarm.close()
        // An owner may leave while the owners are called; those after it have moved up.
        if index < nextAttachment { nextAttachment -= 1 }
    }

    // MARK: Listeners

    /// Listens on `address`; every session's owner is `owner`. The host keeps the listener until it ends.
    public func listen(
        on address: Endpoint, options: ListenerOptions = ListenerOptions(), owner: any LinkOwner
    ) throws(ListenError) -> UVListener {
        let listener = try UVListener(self, address, options, owner)
        listeners.append(listener)
        return listener
    }

    /// The same on a socket that was passed to this process.
    public func listen(on socket: PassedSocket, options: ListenerOptions, owner: any LinkOwner) throws(ListenError) -> UVListener {
        let listener = try UVListener(self, socket, options, owner)
        listeners.append(listener)
        return listener
    }

    /// Calls `body` on the loop each time the process gets signal `number`. A signal that cannot be watched is a programmer's error.
    public func onSignal(_ number: Int32, _ body: @escaping () -> Void) {
        do {
            signals.append(try SignalWatcher(on: loop, number: number, body))
        } catch {
            preconditionFailure("signal \(number) cannot be watched: \(error)")
        }
    }

    // MARK: Life

    /// Runs turns until `stop`, then closes everything that is left. Blocks the calling thread; can be called once.
    public func run() {
        precondition(!isFinished, "a host runs once")
        loop.run()
        finish()
    }

    /// Accepts no more and lets `run` return when every connection is gone and every wire is closed, or after `interval`.
    public func stop(within interval: Interval = .zero) {
        for listener in listeners { listener.close() }
        isStopping = true
        endDials()
        guard interval > .zero, linkCount > 0 || !wires.isEmpty else { return loop.stop() }
        let alarm = stopAlarm ?? UVAlarm(self)
        stopAlarm = alarm
        alarm.set(now + interval)
    }

    /// Ends a host that will not run, or has run.
    public func finish() {
        guard !isFinished else { return }
        isFinished = true
        for listener in listeners { listener.close() }
        for signal in signals { signal.close() }
        endDials()
        endWires()
        for link in links { link?.cut() }
        for attachment in attachments { attachment.alarm.close() }
        wheelAlarm?.close()
        stopAlarm?.close()
        memoryAlarm?.close()
        (listeners, signals, attachments) = ([], [], [])
        (paused, resumable, reporting) = ([], [], [])
        secure.room?.end()
        loop.close()
    }

    // MARK: Links

    func add(_ link: UVLink) {
        counters.accepted += 1
        adopt(link)
        limitStrangers(link)
    }

    /// Takes in a connection that this side opened.
    func adopt(_ link: UVLink) {
        linkCount += 1
        linkPeak = max(linkPeak, linkCount)
        if let index = freeIndices.popLast() {
            link.index = index
            links[Int(index)] = link
        } else {
            link.index = Int32(links.count)
            links.append(link)
        }
        link.start()
    }

    func remove(_ link: UVLink) {
        let index = Int(link.index)
        guard links[index] === link else { return }
        links[index] = nil
        arrivals.ended(link.index)
        freeIndices.append(link.index)
        wheel.remove(index)
        linkCount -= 1
        if linkPeak >= 1_024, linkCount <= linkPeak / 4 { returnMemorySoon() }
        if isStopping, linkCount == 0, wires.isEmpty { loop.stop() }
    }

    /// Most connections have gone: when their handles are freed too, the kernel gets the memory back.
    private func returnMemorySoon() {
        let alarm = memoryAlarm ?? UVAlarm(self)
        memoryAlarm = alarm
        if alarm.deadline == .never { alarm.set(now + .seconds(1)) }
    }

    private func returnMemory() {
        linkPeak = linkCount
        if linkCount == 0 {
            links = []
            freeIndices = []
            wheel.forgetAll()
        }
        Loop.returnMemory()
    }

    /// Asks for `UVLink.checkDeadlines` at `deadline` or up to a tick later.
    func watch(_ link: UVLink, until deadline: Instant) {
        wheel.set(Int(link.index), deadline, at: now)
        guard let wheelAlarm, deadline < wheelAlarm.deadline else { return }
        wheelAlarm.set(wheel.next)
    }

    /// The connection has used its share of this turn and holds more.
    func addPaused(_ link: UVLink) {
        paused.append(link)
        loop.keepAwake()
    }

    /// The connection has something to tell its owner when the turn is over.
    func addReporting(_ link: UVLink) {
        reporting.append(link)
        loop.keepAwake()
    }

    // MARK: The turn

    public func loopTurnEnded() {
        let now = self.now
        if !resumable.isEmpty { resumePaused() }
        if let wheelAlarm, wheelAlarm.takeDue(at: now) { checkLinks(at: now) }
        if !dials.isEmpty { checkDials(at: now) }
        if !wires.isEmpty { checkWires(at: now) }
        if let memoryAlarm, memoryAlarm.takeDue(at: now) { returnMemory() }
        if let stopAlarm, stopAlarm.takeDue(at: now) { loop.stop() }
        callOwners {
            let deadline = $0.alarm.deadline
            guard $0.alarm.takeDue(at: now) else { return }
            meter?.passed(deadline, at: now)
            $0.owner.deadlinePassed(at: now)
        }
        endOwnersTurns(at: now)
        if !reporting.isEmpty { tellOwners(at: now) }
        turn &+= 1
        if !paused.isEmpty { swap(&paused, &resumable) }
        if meter != nil { measureTurn() }
    }

    private func endOwnersTurns(at now: Instant) { callOwners { $0.owner.turnEnded(at: now) } }

    /// Calls each owner once, also when some of them leave or come meanwhile.
    @inline(__always)
    private func callOwners(_ call: (Attachment) -> Void) {
        nextAttachment = 0
        while nextAttachment < attachments.count {
            let attachment = attachments[nextAttachment]
            nextAttachment += 1
            call(attachment)
        }
    }

    private func resumePaused() {
        var round: [UVLink] = []
        swap(&round, &resumable)
        for link in round { link.resume() }
    }

    /// Looks at every connection whose tick has come; each says when it wants to be looked at again.
    private func checkLinks(at now: Instant) {
        while let index = wheel.takeDue(at: now) {
            guard let link = links[index] else { continue }
            let next = link.checkDeadlines(at: now)
            if links[index] === link { wheel.set(index, next, at: now) }
        }
        wheelAlarm?.set(wheel.next)
    }

    /// What owners do about ended connections may end more of them; a few rounds belong to this turn, the rest to the next.
    private func tellOwners(at now: Instant) {
        for _ in 0..<8 where !reporting.isEmpty {
            var round: [UVLink] = []
            swap(&round, &reporting)
            // Each of them is told, whether or not one before it wants a turn.
            if round.count(where: { $0.tellOwner(at: now) }) > 0 { endOwnersTurns(at: now) }
        }
        if !reporting.isEmpty { loop.keepAwake() }
    }
}
