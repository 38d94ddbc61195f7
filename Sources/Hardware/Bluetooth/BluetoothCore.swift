// Bluetooth LE over BlueZ: who advertises, who is connected, and how bytes get there. The way to BlueZ is `BluezBus`, one device's
// connection is `BluetoothLink`. Must not know what the bytes mean. BlueZ keeps a device connected when we end: `leave` disconnects.

import DBus
import Host

struct BluetoothCore: TransportCore, ~Copyable {
    struct Settings: Sendable {
        /// The socket of the system's bus.
        var bus: String
        /// "hci0"; nil: the first that is powered.
        var adapter: String?
        /// How long one scan looks: it costs connected devices time on the air.
        var scanTime = Interval.seconds(30)
        /// The protocols that match a candidate, in the order in which they are tried.
        var facts: @Sendable (Candidate) -> [ProtocolFacts]
    }

    let settings: Settings
    private(set) var deadline = Instant.zero
    var bus: BluezBus
    var discovery = BluetoothDiscovery()
    var letters = LetterBus()
    private var hasWatchdog = false
    var links: [BluetoothLink] = []
    /// Descriptors that are not needed any more, and when each is closed: BlueZ drops what it has not read when one is.
    var closing: [(wire: WireID, at: Instant)] = []
    /// A scan was asked for when it was not known yet whether there is anything to scan with.
    private var isScanUndecided = false
    /// Devices that go first when they are connected.
    private var urgent: Set<UInt32> = []
    /// One that went first did not answer: until then others have their turn.
    var othersTurnEnds = Instant.zero
    /// The trouble that was told last.
    private var told: String?

    init(_ settings: Settings) {
        self.settings = settings
        bus = BluezBus(settings.bus)
    }

    /// The adapter in use: the named one, or the first that is powered, or the first.
    var adapter: BluezAdapter? {
        if let name = settings.adapter { return bus.objects.adapters.first { $0.name == name } }
        return bus.objects.adapters.first(where: \.isPowered) ?? bus.objects.adapters.first
    }

    /// Whether devices can be found and connected now.
    var isUsable: Bool { bus.state == .known && adapter?.isPowered == true }

    func index(of device: UInt32) -> Int? { links.firstIndex { $0.device == device } }

    // MARK: Verbs

    mutating func scan(_ isOn: Bool, at now: Instant, into out: inout TransportEffects) {
        discovery.scan(until: isOn ? now + settings.scanTime : nil)
        guard isOn else { return settle(at: now, into: &out) }
        // Nothing to scan with, or not known yet: the wish is kept, and what comes is found.
        isScanUndecided = true
        decideScan(into: &out)
        for index in bus.objects.devices.indices { bus.objects.tell(nil, at: index) }
        tellCandidates(into: &out)
        settle(at: now, into: &out)
    }

    /// Ends a scan as soon as it is known that there is nothing to scan with.
    private mutating func decideScan(into out: inout TransportEffects) {
        guard isScanUndecided, !bus.isUndecided else { return }
        isScanUndecided = false
        if !isUsable, discovery.isScanWanted { out.events.append(.scanEnded) }
    }

    mutating func connect(_ candidate: Candidate, as device: UInt32, at now: Instant, into out: inout TransportEffects) {
        if let index = index(of: device) { drop(index, at: now, into: &out) }
        links.append(BluetoothLink(device, candidate, goesFirst: urgent.remove(device) != nil, at: now))
        settle(at: now, into: &out)
    }

    mutating func goesFirst(_ device: UInt32) { urgent.insert(device) }

    mutating func leave(_ device: UInt32, at now: Instant, into out: inout TransportEffects) {
        guard let index = index(of: device) else { return }
        drop(index, at: now, into: &out)
        settle(at: now, into: &out)
    }

    mutating func write(_ packet: Packet, _ bytes: RawSpan, to device: UInt32, at now: Instant, into out: inout TransportEffects) -> Sent {
        guard let index = links.firstIndex(where: { $0.device == device && $0.stage == .ready }) else { return .gone }
        let sent = links[index].write(packet, bytes, by: &bus, at: now, into: &out)
        if let wire = links[index].givenBack.take() { closing.append((wire, now + BluetoothLink.readTime)) }
        if sent == .pending {
            deadline = min(deadline, min(bus.deadline, links[index].next))
            for row in closing { deadline = min(deadline, row.at) }
            bus.flush(into: &out)
        }
        return sent
    }

    mutating func subscribe(
        _ endpoint: DeviceEndpoint, of device: UInt32, _ isOn: Bool, at now: Instant, into out: inout TransportEffects
    ) {
        guard let index = index(of: device) else { return }
        links[index].subscribe(endpoint, isOn, by: &bus, at: now)
        settle(at: now, into: &out)
    }

    mutating func read(_ endpoint: DeviceEndpoint, of device: UInt32, at now: Instant, into out: inout TransportEffects) {
        guard let index = index(of: device), links[index].read(endpoint, by: &bus, at: now) else {
            return out.events.append(.silent(device, endpoint))
        }
        settle(at: now, into: &out)
    }

    mutating func prepareLetters() { hasWatchdog = true }

    func letter(_ packet: Packet, _ bytes: [UInt8], to device: UInt32) -> LetterWay {
        guard let link = links.first(where: { $0.device == device && $0.stage == .ready }) else { return .none }
        return link.letter(packet, bytes, to: bus.owner, by: letters)
    }

    // MARK: Time

    mutating func deadlinePassed(at now: Instant, into out: inout TransportEffects) {
        bus.deadlinePassed(at: now, into: &out)
        letters.deadlinePassed(at: now, into: &out)
        digest(at: now, into: &out)
        discovery.deadlinePassed(at: now, into: &out)
        for row in closing where row.at <= now { out.closes.append(row.wire) }
        closing.removeAll { $0.at <= now }
        linksDeadline(at: now, into: &out)
        settle(at: now, into: &out)
    }

    /// Looks at everything that follows from the present state, sends what there is to say, and notes when to look again.
    private mutating func settle(at now: Instant, into out: inout TransportEffects) {
        tellTrouble(into: &out)
        decideScan(into: &out)
        steer(at: now, into: &out)
        digest(at: now, into: &out)
        if hasWatchdog, links.contains(where: \.needsCalls) {
            letters.open(settings.bus, as: { bus.newWire() }, at: now, into: &out)
        }
        bus.flush(into: &out)
        deadline = min(bus.deadline, min(discovery.deadline, letters.deadline))
        for link in links { deadline = min(deadline, link.next) }
        for row in closing { deadline = min(deadline, row.at) }
    }

    // MARK: Wires

    mutating func passed(_ descriptor: Int32, from wire: WireID) -> Bool { bus.passed(descriptor, from: wire) }

    mutating func wireOpened(_ wire: WireID, at now: Instant, into out: inout TransportEffects) {
        if bus.isOwn(wire) {
            bus.opened(at: now)
        } else if letters.isOwn(wire) {
            letters.opened(into: &out)
        } else {
            for index in links.indices { links[index].acquired(wire, into: &out) }
        }
        settle(at: now, into: &out)
    }

    mutating func received(_ bytes: RawSpan, from wire: WireID, at now: Instant, into out: inout TransportEffects) {
        if letters.isOwn(wire) {
            letters.received(bytes, at: now, into: &out)
        } else {
            // Nothing comes from a descriptor that is written.
            guard bus.isOwn(wire) else { return }
            bus.received(bytes, at: now, into: &out)
            if digest(at: now, into: &out) { return }
        }
        settle(at: now, into: &out)
    }

    mutating func wireBlocked(_ wire: WireID) {
        if bus.isOwn(wire) { return bus.blocked() }
        for index in links.indices { links[index].blocked(wire) }
    }

    mutating func wireDrained(_ wire: WireID, at now: Instant, into out: inout TransportEffects) {
        if bus.isOwn(wire) {
            bus.drained()
            return settle(at: now, into: &out)
        }
        for index in links.indices { links[index].drained(wire, into: &out) }
    }

    mutating func wireClosed(_ wire: WireID, _ end: WireEnd, at now: Instant, into out: inout TransportEffects) {
        closing.removeAll { $0.wire == wire }
        if bus.isOwn(wire) {
            bus.closed(end, at: now, into: &out)
            digest(at: now, into: &out)
        } else if letters.isOwn(wire) {
            letters.closed(at: now, into: &out)
        } else if let index = links.firstIndex(where: { $0.endpoints.contains { $0.way == .wire(wire) } }) {
            lose(index, .gone, at: now, into: &out)
        }
        settle(at: now, into: &out)
    }

    // MARK: What is told

    /// What stands in the way, in words that say what to do; nil when nothing does, or when it is not known yet.
    private var trouble: String?? {
        switch bus.state {
        case .waiting(until: .zero), .opening, .greeting, .reading: return .none
        case .waiting, .refused: return .some(bus.trouble)
        case .ownerless: return .some("BlueZ does not run: systemctl start bluetooth")
        case .known:
            guard let adapter else {
                return .some(settings.adapter.map { "there is no Bluetooth adapter \($0)" } ?? "there is no Bluetooth adapter")
            }
            return .some(adapter.isPowered ? nil : "the Bluetooth adapter \(adapter.name) is off: bluetoothctl power on")
        }
    }

    private mutating func tellTrouble(into out: inout TransportEffects) {
        guard let trouble, trouble != told else { return }
        told = trouble
        out.events.append(.notice(HardwareNotice(subject: "bluetooth", problem: trouble)))
    }

    /// Tells of everybody who can be connected and was not told as they are now.
    mutating func tellCandidates(into out: inout TransportEffects) {
        for index in bus.objects.devices.indices { tellCandidate(at: index, into: &out) }
    }

    /// A device that neither advertises nor is connected is only remembered by BlueZ. One that is connected may run, so it is told of
    /// with any adapter: an earlier life of ours may have used another one.
    mutating func tellCandidate(at index: Int, into out: inout TransportEffects) {
        let device = bus.objects.devices[index]
        guard bus.state == .known else { return }
        let isConnected = device.isConnected && bus.objects.isReachable(device.path)
        guard isConnected || isUsable && device.adapter == adapter?.path && device.isAdvertising else { return }
        let candidate = device.candidate
        // Without a scan nobody new is looked for: what a search for a lost device finds besides is not wanted.
        guard device.told != candidate, discovery.isScanWanted || isConnected || device.told != nil else { return }
        bus.objects.tell(candidate, at: index)
        out.events.append(.found(candidate))
    }
}
