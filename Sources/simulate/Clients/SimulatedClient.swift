// One slot for a simulated client: a client comes, behaves as its persona does, goes, and another takes the slot.
// Must not check the router; the monitor does.

import Buttplug
import Host
import SimHost

/// A client on its link. Its random numbers are its own: what others do does not change them.
final class SimulatedClient: SimActor, SimPeer {
    enum Wake: UInt32 { case arrive, act, ping, leave }

    unowned let world: Simulation
    private let number: Int
    private var attachment: SimActorID?
    var random: SimRandom
    var persona = Persona.all[0]
    var version = SpecVersion.v4
    private(set) var session: SessionModel?
    private var link: SimLink?
    private var isReady = false
    var lastID: UInt32 = 0
    /// Distinguishes the present visit's wakes from those of earlier ones.
    private var visit: UInt32 = 0
    private var actsLeft = 0
    /// What it drives: the device of the present burst, and the last command.
    var focus: UInt32 = 0
    var last: SimulatedRequest.Kind?

    init(_ world: Simulation, number: Int, seed: UInt64) {
        self.world = world
        self.number = number
        random = SimRandom(seed: seed)
    }

    /// Starts the slot; the first client comes after a short time.
    func begin(at now: Instant) {
        attachment = world.host.enlist(self)
        ask(.arrive, at: now + random.within(.zero...world.plan.away))
    }

    private func ask(_ wake: Wake, at instant: Instant) {
        world.host.wake(attachment!, at: instant, code: visit << 4 | wake.rawValue)
    }

    // MARK: SimActor

    func woken(_ code: UInt32, at now: Instant) {
        guard code >> 4 == visit & 0x0fff_ffff, let wake = Wake(rawValue: code & 15) else { return }
        switch wake {
        case .arrive: arrive(at: now)
        case .act: act(at: now)
        case .ping: ping(at: now)
        case .leave: leave(at: now)
        }
    }

    private func arrive(at now: Instant) {
        if world.isClosing { return }
        persona = random.pick(Persona.all)
        version = random.pick(persona.versions)
        isReady = false
        lastID = 0
        last = nil
        let (session, peer) = world.newSession(name: "\(persona.name)-\(number)", version: version)
        self.session = session
        var conditions = SimConditions()
        conditions.latency = random.within(.zero ... .milliseconds(30))
        conditions.jitter = random.within(.zero ... .milliseconds(10))
        conditions.window = random.happens(1, of: 3) ? 8_192 : 256 * 1024
        link = world.host.connect(
            self, to: world.router, from: peer, conditions: conditions, faults: world.plan.linkFaults, limits: world.limits)
        ask(.leave, at: now + random.within(persona.stay))
    }

    // MARK: SimPeer

    func opened(at now: Instant) {
        guard !persona.isMute else { return }
        if random.happens(1, of: 40) { send([make(.deviceList)]) }
        if random.happens(1, of: 60) { sendNonsense() }
        send([make(.handshake(name: session!.name))])
        if random.happens(1, of: 4) { send([make(.deviceList)]) }
        // Some drive without having been let in.
        if world.plan.asksConsent, random.happens(1, of: 2) {
            focus = chooseDevice()
            for _ in 0..<3 {
                let requests = choose(random.pick(persona.acts))
                if !requests.isEmpty { send(requests) }
            }
        }
    }

    func received(_ message: RawSpan, at now: Instant) {
        if isReady { return }
        let isWelcome = message.withUnsafeBytes { ReplyReader($0)?.name == .serverInfo }
        guard isWelcome else { return }
        isReady = true
        send([make(.deviceList)])
        if random.happens(1, of: 3) { send([make(.startScanning)]) }
        if let every = persona.pingEvery { ask(.ping, at: now + every) }
        actsLeft = random.within(persona.burst)
        focus = chooseDevice()
        ask(.act, at: now + random.within(persona.pace))
    }

    func closed(_ reason: CloseReason, at now: Instant) { away(at: now) }

    private func away(at now: Instant) {
        link = nil
        session = nil
        isReady = false
        visit &+= 1
        visit &= 0x0fff_ffff
        ask(.arrive, at: now + random.around(world.plan.away))
    }

    // MARK: Behaviour

    private func act(at now: Instant) {
        guard session != nil, isReady else { return }
        let requests = choose(random.pick(persona.acts))
        if !requests.isEmpty { send(requests) }
        actsLeft -= 1
        if actsLeft > 0 { return ask(.act, at: now + random.within(persona.pace)) }
        actsLeft = random.within(persona.burst)
        focus = chooseDevice()
        ask(.act, at: now + random.within(persona.pause))
    }

    private func ping(at now: Instant) {
        guard session != nil, let every = persona.pingEvery else { return }
        send([make(.ping)])
        ask(.ping, at: now + every)
    }

    private func leave(at now: Instant) {
        guard session != nil, let link else { return }
        switch random.pick(persona.leaving) {
        case .finish: link.finish()
        case .stopAndFinish:
            if isReady { send([make(.stop(device: nil, feature: nil, inputs: true, outputs: true))]) }
            link.finish()
        case .disconnect:
            if isReady, version == .v4 { send([make(.disconnect)]) }
            link.finish()
        case .drop: link.drop()
        case .vanish: link.vanish()
        }
        away(at: now)
    }

    /// The run ends: a client that is there goes in good order, and no other comes.
    func dismiss(at now: Instant) {
        guard session != nil, let link else { return }
        link.finish()
        away(at: now)
    }

    // MARK: Sending

    func make(_ kind: SimulatedRequest.Kind) -> SimulatedRequest {
        lastID += 1
        return SimulatedRequest(id: lastID, kind: kind)
    }

    func send(_ requests: [SimulatedRequest]) {
        guard let session, let link else { return }
        var writer = RequestWriter(version)
        for request in requests { writer.write(request) }
        session.willSend(requests)
        link.transmit(writer.finished())
    }

    /// A frame no version takes: nothing of it may run, and it gets one `Error`.
    func sendNonsense() {
        let id = lastID + 1
        lastID = id
        let texts = [
            "{\"NoSuchThing\":{\"Id\":\(id)}}", "{\"Ok\":{\"Id\":\(id)}}", "{\"Ping\":{\"Id\":\(id),\"Extra\":1}}",
            "{\"StopAllDevices\":{\"Id\":\(id)},\"Ping\":{\"Id\":\(id)}}",
        ]
        // Before the handshake the version is unknown, and so is what may come: then it is Error 1 or 3.
        guard isReady else { return }
        send([SimulatedRequest(id: id, kind: .nonsense(random.pick(texts), code: .message))])
    }
}
