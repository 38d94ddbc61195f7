// A Bluetooth core and a simulated BlueZ in virtual time, with wires that are calls. Must not know what a test checks.

import Buttplug
import DBus
import Host
import SimHost

@testable import Hardware

/// One core on one simulated bus.
struct BluetoothRig: ~Copyable {
    var core: BluetoothCore
    let bluez: SimBluez
    var now = Instant(nanoseconds: 1_000_000_000)
    /// What the core has reported, in short; `took` returns it.
    private var told: [String] = []
    private(set) var troubles: [String] = []
    private(set) var failures: [String] = []
    /// How often the core was woken by its deadline.
    var wakes = 0
    /// There is a bus to connect to.
    var hasBus = true
    /// Wires take nothing while this is set.
    var isBlocked = false
    private var refused: [WireID] = []
    private var bus: WireID?
    /// The second connection, which is for the watchdog, and what is at its other end.
    private(set) var letterBus: WireID?
    private let letterEnd = SimBluez([])
    private var descriptors: [(wire: WireID, number: Int32)] = []
    private var out = TransportEffects()

    static let lovense = facts("lovense", ["50300002-0023-4bd4-bbd5-a6920e4c5653", "50300003-0023-4bd4-bbd5-a6920e4c5653"])

    /// A protocol with one service that has these characteristics as tx and rx.
    static func facts(_ name: String, _ characteristics: [String]) -> ProtocolFacts {
        let endpoints = zip([DeviceEndpoint.tx, .rx], characteristics).map { EndpointFacts(endpoint: $0, characteristic: UUID128($1)!) }
        return ProtocolFacts(
            name: name, services: [ServiceFacts(service: UUID128("50300001-0023-4bd4-bbd5-a6920e4c5653")!, endpoints: endpoints)])
    }

    init(
        _ bluez: SimBluez, adapter: String? = nil, facts: @escaping @Sendable (Candidate) -> [ProtocolFacts] = { _ in [lovense] }
    ) {
        self.bluez = bluez
        core = BluetoothCore(.init(bus: "/bus", adapter: adapter, facts: facts))
    }

    static func address(_ number: Int) -> String { "C0:00:00:00:00:0\(String(number, radix: 16).uppercased())" }

    /// A rig with so many devices, found by a scan.
    static func found(_ count: Int = 1, change: (inout SimPeripheral) -> Void = { _ in }) -> BluetoothRig {
        let peripherals = (1...count).map { number in
            var one = SimPeripheral.asking(address(number), name: "LVS-Z\(number)")
            change(&one)
            return one
        }
        var rig = BluetoothRig(SimBluez(peripherals))
        rig.run(for: .milliseconds(100))
        rig.scan()
        rig.run(for: .milliseconds(200))
        _ = rig.took()
        _ = rig.bluez.takeJournal()
        return rig
    }

    /// What was reported since.
    mutating func took() -> [String] {
        defer { told = [] }
        return told
    }

    // MARK: Verbs

    mutating func scan(_ isOn: Bool = true) {
        core.scan(isOn, at: now, into: &out)
        settle()
    }

    mutating func connect(_ number: Int, goesFirst: Bool = false) {
        if goesFirst { core.goesFirst(UInt32(number)) }
        core.connect(Candidate(address: Self.address(number), name: "LVS-Z\(number)"), as: UInt32(number), at: now, into: &out)
        settle()
    }

    mutating func leave(_ number: Int) {
        core.leave(UInt32(number), at: now, into: &out)
        settle()
    }

    mutating func write(_ text: String, to number: Int, _ delivery: Delivery = .plain, _ endpoint: DeviceEndpoint = .tx) -> Sent {
        let bytes = Array(text.utf8)
        let packet = Packet(start: 0, end: UInt32(bytes.count), endpoint: endpoint, delivery: delivery)
        let sent = core.write(packet, bytes.span.bytes, to: UInt32(number), at: now, into: &out)
        settle()
        return sent
    }

    mutating func subscribe(_ number: Int) {
        core.subscribe(.rx, of: UInt32(number), true, at: now, into: &out)
        settle()
    }

    mutating func read(_ endpoint: DeviceEndpoint, of number: Int) {
        core.read(endpoint, of: UInt32(number), at: now, into: &out)
        settle()
    }

    /// How the watchdog brings a device this packet: "wire" by a descriptor, else the call that is on the second connection.
    func letter(_ text: String, to number: Int, _ delivery: Delivery = .confirmed) -> (way: String, call: DBusMessage?, flags: UInt8) {
        let bytes = Array(text.utf8)
        let packet = Packet(start: 0, end: UInt32(bytes.count), endpoint: .tx, delivery: delivery)
        switch core.letter(packet, bytes, to: UInt32(number)) {
        case .none: return ("none", nil, 0)
        case .later: return ("later", nil, 0)
        case .write(let bytes, let wire, let isPaced) where wire == letterBus:
            return (isPaced ? "paced call" : "call", (try? DBusMessage.read(bytes[...]))?.message, bytes[2])
        case .write: return ("wire", nil, 0)
        }
    }

    mutating func watch() { core.prepareLetters() }

    /// The second connection ends.
    mutating func endLetterBus() {
        guard let wire = letterBus else { return }
        letterBus = nil
        letterEnd.closed(at: now)
        core.wireClosed(wire, .ended, at: now, into: &out)
        settle()
    }

    mutating func unblock() {
        isBlocked = false
        for wire in refused { core.wireDrained(wire, at: now, into: &out) }
        refused = []
        settle()
    }

    /// The bus goes away, as when its daemon ends.
    mutating func endBus() {
        hasBus = false
        guard let wire = bus else { return }
        bus = nil
        bluez.closed(at: now)
        core.wireClosed(wire, .ended, at: now, into: &out)
        settle()
    }

    // MARK: Time

    mutating func run(for span: Interval) {
        let end = now + span
        settle()
        while true {
            let next = min(core.deadline, bluez.deadline)
            guard next <= end else { break }
            now = max(now, next)
            if bluez.deadline <= now { bluez.deadlinePassed(at: now) }
            if core.deadline <= now {
                wakes += 1
                core.deadlinePassed(at: now, into: &out)
            }
            settle()
        }
        now = end
    }

    /// Carries out everything that can be done at once.
    mutating func settle() {
        for _ in 0..<1_000 {
            collect()
            var isIdle = out.isFlushed
            flush()
            for message in bluez.takeOutput() {
                guard let wire = bus else { continue }
                isIdle = false
                for descriptor in message.descriptors where !core.passed(descriptor, from: wire) { bluez.released(descriptor, at: now) }
                // In two pieces.
                let half = message.bytes.count / 2
                let (first, second) = (Array(message.bytes[..<half]), Array(message.bytes[half...]))
                core.received(first.span.bytes, from: wire, at: now, into: &out)
                core.received(second.span.bytes, from: wire, at: now, into: &out)
                collect()
            }
            for message in letterEnd.takeOutput() {
                guard let wire = letterBus else { continue }
                isIdle = false
                core.received(message.bytes.span.bytes, from: wire, at: now, into: &out)
            }
            for number in bluez.takeEnded() {
                isIdle = false
                guard let place = descriptors.firstIndex(where: { $0.number == number }) else { continue }
                let wire = descriptors.remove(at: place).wire
                bluez.released(number, at: now)
                core.wireClosed(wire, .ended, at: now, into: &out)
            }
            if isIdle { return }
        }
        failures.append("the core and the bus never come to rest")
    }

    private mutating func flush() {
        let opens = out.opens
        for open in opens where open.address != .socket(path: "/bus") {
            if case .passed(let number) = open.address { descriptors.append((open.wire, number)) }
        }
        send()
        let closes = out.closes
        let hasSocket = opens.last { $0.address == .socket(path: "/bus") }?.wire
        out.putAway()
        for wire in closes {
            if wire == bus {
                bus = nil
                bluez.closed(at: now)
            }
            if wire == letterBus { letterBus = nil }
            for place in descriptors.indices.reversed() where descriptors[place].wire == wire {
                bluez.released(descriptors.remove(at: place).number, at: now)
            }
        }
        for open in opens where !closes.contains(open.wire) && open.wire != hasSocket {
            core.wireOpened(open.wire, at: now, into: &out)
        }
        guard let hasSocket else { return }
        if bus != nil {
            letterBus = hasSocket
            letterEnd.opened(at: now)
            return core.wireOpened(hasSocket, at: now, into: &out)
        }
        guard hasBus else { return core.wireClosed(hasSocket, .absent, at: now, into: &out) }
        bus = hasSocket
        bluez.opened(at: now)
        core.wireOpened(hasSocket, at: now, into: &out)
    }

    private mutating func send() {
        var blocked: [WireID] = []
        let (isBlocked, bluez, now, bus, descriptors) = (isBlocked, bluez, now, bus, descriptors)
        let (letterBus, letterEnd) = (letterBus, letterEnd)
        out.sendRuns { wire, bytes in
            if isBlocked {
                blocked.append(wire)
                return false
            }
            if wire == bus { bluez.receive(Array(bytes), at: now) }
            if wire == letterBus { letterEnd.receive(Array(bytes), at: now) }
            for one in descriptors where one.wire == wire { bluez.written(one.number, Array(bytes), at: now) }
            return true
        }
        for wire in blocked {
            core.wireBlocked(wire)
            if !refused.contains(wire) { refused.append(wire) }
        }
    }

    private mutating func collect() {
        for event in out.events {
            switch event {
            case .found(let candidate): told.append("found \(candidate.address)")
            case .forgotten(let address): told.append("forgotten \(address)")
            case .identified(let device, let name): told.append("\(device) is \(name)")
            case .ready(let device, _): told.append("ready \(device)")
            case .wrote(let device, let ok): told.append("\(ok ? "wrote" : "did not write") \(device)")
            case .drained(let device): told.append("drained \(device)")
            case .received(let device, let endpoint, let range):
                told.append("from \(device) \(endpoint) \(String(decoding: out.receivedBytes(range), as: UTF8.self))")
            case .silent(let device, let endpoint): told.append("silent \(device) \(endpoint)")
            case .lost(let device, .failed(let why)), .lost(let device, .unsuitable(let why)):
                told.append("lost \(device)")
                failures.append(why)
            case .lost(let device, _): told.append("lost \(device)")
            case .scanEnded: told.append("scan ended")
            case .lettersChanged: told.append("other letters")
            case .notice(let one): troubles.append(one.problem ?? "well")
            }
        }
        out.forgetEvents()
    }
}
