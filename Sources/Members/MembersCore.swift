// One member of a cell as a value: bus messages, the router's orders and `now` go in; messages and what the router is to do come out.
// Must not know a bus, a router or a clock. Records are in `MembersCore+Records`, the entry's side in `MembersCore+Entry`.

import Buttplug
import Cluster
import Host
import Router

struct MembersCore: ~Copyable {
    let settings: MembersSettings
    let subjects: MembersSubjects
    var effects: [MembersEffect] = []
    var peers: [MemberPeer] = []
    private var numbers: [String: MemberNumber] = [:]
    private var random: SplitMix
    var isOpen = false
    /// This member leaves: what is queued is the last.
    private var isLeaving = false
    /// It has left: nothing is said any more.
    private(set) var isOver = false
    private var hereAt = Instant.never

    /// The emergency stop of the cell, and whether a raise is to be told to everybody.
    var latch = LatchSet()
    var owesRaise = false

    /// The devices that are attached here, as they are told.
    var deviceEntries: [UInt32: OwnDevice] = [:]
    /// Orders that wait for their home, and the first of them that is given up.
    var waiting: [UInt32: WaitingOrder] = [:]
    var deadlines: [(request: UInt32, at: Instant)] = []
    var firstDeadline = 0
    /// Where each foreign device is, by its handle.
    var places: [DevicePlace] = []

    struct OwnDevice {
        var identity: String
        var entry: [UInt8]
    }

    struct WaitingOrder {
        var peer: MemberNumber
        var session: UInt32
    }

    struct DevicePlace {
        var peer: MemberNumber
        var index: UInt32
        var identity: String
    }

    /// - Parameter seed: For the nonces: another one for each start of the program.
    init(_ settings: MembersSettings, seed: UInt64) {
        self.settings = settings
        subjects = MembersSubjects(settings)
        random = SplitMix(seed: seed)
    }

    /// A number that no other raise has.
    mutating func drawID() -> UInt64 { random.next() ^ settings.incarnation }

    // MARK: The bus

    mutating func busOpened(at now: Instant) {
        guard !isOver else { return }
        (isOpen, hereAt) = (true, now)
        for peer in peers { peer.link.greet(at: now) }
        effects.append(.event(.busOpened))
    }

    mutating func busLost(at now: Instant) {
        guard isOpen else { return }
        (isOpen, hereAt) = (false, .never)
        effects.append(.event(.busLost))
        for peer in peers {
            peer.link.lose(.busLost, at: now)
            digest(peer, at: now)
        }
    }

    mutating func received(_ payload: RawSpan, on subject: String, at now: Instant) {
        guard isOpen, !isLeaving, let meaning = subjects.meaning(of: subject) else { return }
        switch meaning {
        case .here(let member): hereCame(from: member, payload, at: now)
        case .link(let sender): receive(payload, from: sender, at: now)
        case .stop: raiseCame(payload, at: now)
        case .missed: break
        }
    }

    mutating func missed(_ reply: String, at now: Instant) {
        guard case .missed(let name)? = subjects.meaning(of: reply), let number = numbers[name] else { return }
        peers[number].link.missed(at: now)
        digest(peers[number], at: now)
    }

    private mutating func hereCame(from member: String, _ payload: RawSpan, at now: Instant) {
        guard let notice = HereNotice(payload) else { return }
        if member == settings.member {
            // The lower number leaves, so that one of the two stays.
            if notice.incarnation > settings.incarnation {
                effects.append(.event(.sameName))
                leave(at: now)
            }
            return
        }
        guard let peer = peer(member) else { return }
        let isNew = peer.incarnation != notice.incarnation
        peer.incarnation = notice.incarnation
        // It does not know of this member yet.
        if isNew { hereAt = now }
        if notice.block != settings.block { return peer.link.greet(at: now) }
        if isNew { effects.append(.event(.sameBlock(member: member, block: notice.block))) }
    }

    /// The member of this name; a new one when it was not known. nil: there are too many.
    private mutating func peer(_ name: String) -> MemberPeer? {
        if let number = numbers[name] { return peers[number] }
        guard peers.count < MembersSettings.peersMax else { return nil }
        let peer = MemberPeer(name, number: peers.count, settings.linkSettings, seed: random.next())
        numbers[name] = peer.number
        peers.append(peer)
        return peer
    }

    private mutating func receive(_ payload: RawSpan, from sender: String, at now: Instant) {
        // Only `here` makes a member known: a greeting is repeated until then.
        guard let number = numbers[sender], sender != settings.member else { return }
        let peer = peers[number]
        guard let header = LinkHeader(payload) else { return }
        if header.sequence == 0 {
            guard let hello = LinkHello(payload) else { return }
            peer.link.received(hello, at: now)
            return digest(peer, at: now)
        }
        let counts = peer.link.received(header, at: now)
        digest(peer, at: now)
        if counts { readRecords(payload, from: peer, at: now) }
    }

    // MARK: Links

    /// Follows what a link says.
    mutating func digest(_ peer: MemberPeer, at now: Instant) {
        let said = peer.link.effects
        if said.isEmpty { return }
        peer.link.forgetEffects()
        for effect in said {
            switch effect {
            case .hello(let hello):
                var bytes = [UInt8](repeating: 0, count: LinkHello.byteCount)
                bytes.withUnsafeMutableBytes { hello.write(to: $0) }
                peer.sealed.append(bytes)
            case .up:
                effects.append(.event(.linkUp(member: peer.name)))
                tellLatch(to: peer, at: now)
                tellDevices(to: peer, at: now)
            case .lost(let loss):
                peer.drop()
                effects.append(.guestsLost(peer.number))
                effects.append(.event(.linkLost(member: peer.name, loss)))
                entryLost(peer, at: now)
            case .incompatible(let lowest, let highest):
                effects.append(.event(.incompatible(member: peer.name, lowest: lowest, highest: highest)))
            }
        }
    }

    // MARK: Own devices

    mutating func ownDeviceAppeared(_ info: DeviceInfo, at now: Instant) {
        let device = OwnDevice(identity: "\(settings.member)/\(info.description.identity)", entry: info.listEntry)
        deviceEntries[info.index] = device
        for peer in peers { tell(device, info.index, to: peer, at: now) }
    }

    mutating func ownDeviceGone(_ index: UInt32, at now: Instant) {
        deviceEntries[index] = nil
        for peer in peers { peer.put(at: now) { $0.gone(index: index) } }
    }

    private mutating func tellDevices(to peer: MemberPeer, at now: Instant) {
        for (index, device) in deviceEntries.sorted(by: { $0.key < $1.key }) { tell(device, index, to: peer, at: now) }
        peer.put(at: now) { $0.told() }
    }

    private mutating func tell(_ device: OwnDevice, _ index: UInt32, to peer: MemberPeer, at now: Instant) {
        guard device.entry.count <= 32_768 else { return }
        peer.put(at: now) { $0.device(index: index, claim: 1, identity: device.identity, description: device.entry) }
    }

    // MARK: Time

    var deadline: Instant {
        if isOver { return .never }
        var earliest = isOpen ? hereAt : .never
        if firstDeadline < deadlines.count { earliest = min(earliest, deadlines[firstDeadline].at) }
        for peer in peers {
            earliest = min(earliest, peer.devicesEnd)
            if isOpen { earliest = min(earliest, peer.link.deadline) }
        }
        return earliest
    }

    mutating func deadlinePassed(at now: Instant) {
        for peer in peers where isOpen && peer.link.deadline <= now {
            peer.link.deadlinePassed(at: now)
            digest(peer, at: now)
        }
        entryDeadlinePassed(at: now)
    }

    /// Publishes what is due. To be called when a turn ends.
    /// - Parameter publish: Subject, reply subject, bytes.
    mutating func flush(at now: Instant, _ publish: (String, String?, UnsafeRawBufferPointer) -> Void) {
        guard isOpen, !isOver else { return }
        if hereAt <= now, !isLeaving {
            let notice = HereNotice(incarnation: settings.incarnation, block: settings.block).bytes
            notice.withUnsafeBytes { publish(subjects.here, nil, $0) }
            hereAt = now + MembersSettings.hereEvery
        }
        if let raise = takeRaise(), !raise.isEmpty { raise.withUnsafeBytes { publish(subjects.stop, nil, $0) } }
        for peer in peers {
            flush(peer, at: now, publish)
            digest(peer, at: now)
        }
        if isLeaving { (isOver, isOpen) = (true, false) }
    }

    private func flush(_ peer: MemberPeer, at now: Instant, _ publish: (String, String?, UnsafeRawBufferPointer) -> Void) {
        let header = peer.link.message(at: now)
        if peer.sealed.isEmpty, header == nil { return }
        let subject = subjects.link(to: peer.name)
        for message in peer.sealed { message.withUnsafeBytes { publish(subject, nil, $0) } }
        peer.sealed.removeAll(keepingCapacity: true)
        guard let header else { return }
        if peer.writer.isEmpty { _ = peer.writer.beat(latchDigest: latch.digest, guests: UInt32(peer.guests.count)) }
        // Beats ask whether the peer listens, and so does a message that takes a beat's place.
        let asks = now - peer.askedAt >= settings.beat
        if asks { peer.askedAt = now }
        publish(subject, asks ? subjects.miss(of: peer.name) : nil, peer.writer.sealed(header))
        peer.writer.reset()
    }

    /// Says farewell to every peer; `flush` sends it. Nothing is said after that.
    mutating func leave(at now: Instant) {
        guard !isOver, !isLeaving else { return }
        isLeaving = true
        for peer in peers {
            if peer.put(at: now, { $0.bye(reason: 0) }), let header = peer.link.flush(at: now) {
                peer.sealed.append(Array(peer.writer.sealed(header)))
            }
            // What the link's loss drops is said all the same.
            let farewell = peer.sealed
            peer.link.leave()
            digest(peer, at: now)
            peer.sealed = farewell
        }
    }
}
