// A simulated BlueZ at the end of simulated wires: the bus's socket, and the descriptors that it passes.
// Must not know what is said; `SimBluez` does.

import Host

/// A simulated system bus that can be dialled at a path.
public final class SimBus: SimActor {
    public let path: String
    public let bluez: SimBluez
    /// Nobody can dial it while it is false.
    public var isThere = true
    /// What everything takes on the way.
    public var latency = Interval(nanoseconds: 100_000)

    private unowned let host: SimHost
    private var attachment: SimActorID?
    private var client: SimBusWire?
    /// Descriptors that the client has open.
    public var openCount: Int { descriptors.count }
    /// Further connections: the bus greets them, and BlueZ does what they ask for and answers nothing.
    private var guests: [SimBusWire] = []
    private var lastGuest: Int32 = 2_000_000_000
    /// Those that somebody has, be it only as a duplicate.
    private var liveGuests: Set<Int32> = []
    /// Further connections are refused while it is false.
    public var takesGuests = true
    fileprivate var descriptors: [SimBusWire] = []
    /// Descriptors that are on their way to the client, or that it has taken and not opened yet.
    private var passed: [Int32] = []
    /// Descriptors that another process has, too; as often as it has them.
    private var duplicated: [Int32] = []

    init(_ path: String, _ bluez: SimBluez, on host: SimHost) {
        self.path = path
        self.bluez = bluez
        self.host = host
        attachment = host.enlist(self)
    }

    public func woken(_ code: UInt32, at now: Instant) {
        if bluez.deadline <= now { bluez.deadlinePassed(at: now) }
        pump()
    }

    /// Delivers what BlueZ has said, and asks to be woken for what it does next. To be called after every change from outside.
    public func pump() {
        for message in bluez.takeOutput() {
            guard let client else { continue }
            passed += message.descriptors
            host.at(host.now + latency) { [self] in deliver(message.bytes, message.descriptors, to: client) }
        }
        for guest in guests {
            for message in guest.takeGreeting() { host.at(host.now + latency) { [self] in deliver(message, [], to: guest) } }
        }
        for number in bluez.takeEnded() {
            guard let wire = descriptors.first(where: { $0.number == number }) else { continue }
            host.at(host.now + latency) { [self] in ended(wire) }
        }
        if let attachment { host.wake(attachment, at: bluez.deadline) }
    }

    private func deliver(_ bytes: [UInt8], _ numbers: [Int32], to wire: SimBusWire) {
        guard wire.isOpen else {
            for number in numbers { release(number) }
            return
        }
        for number in numbers where !wire.owner.passed(number, from: wire.id) { release(number) }
        if wire.isOpen { bytes.withUnsafeBytes { wire.owner.received($0.bytes, from: wire.id, at: host.now) } }
        pump()
    }

    private func ended(_ wire: SimBusWire) {
        guard wire.isOpen, let number = wire.number else { return }
        wire.isOpen = false
        descriptors.removeAll { $0 === wire }
        release(number)
        wire.owner.closed(wire.id, .ended, at: host.now)
    }

    /// The other end of a descriptor is told of its end when nobody has it any more.
    private func release(_ number: Int32) {
        passed.removeAll { $0 == number }
        guard !duplicated.contains(number), !descriptors.contains(where: { $0.number == number }) else { return }
        guard !liveGuests.contains(number) else {
            if !guests.contains(where: { $0.guest == number }) { liveGuests.remove(number) }
            return
        }
        bluez.released(number, at: host.now)
    }

    func duplicate(_ number: Int32) -> Bool {
        guard (descriptors + guests).contains(where: { $0.descriptor == number }) else { return false }
        duplicated.append(number)
        return true
    }

    func closeDuplicate(_ number: Int32) {
        guard let place = duplicated.firstIndex(of: number) else { return }
        host.at(host.now + latency) { [self] in
            duplicated.remove(at: duplicated.firstIndex(of: number) ?? place)
            release(number)
            pump()
        }
    }

    func write(_ bytes: [UInt8], toDuplicate number: Int32) {
        host.at(host.now + latency) { [self] in
            if !liveGuests.contains(number) {
                bluez.written(number, bytes, at: host.now)
            } else if isThere {
                bluez.receiveLetter(bytes, at: host.now)
            }
            pump()
        }
    }

    fileprivate func takes(_ number: Int32) -> Bool { passed.contains(number) }

    fileprivate func open(_ wire: SimBusWire) {
        if let number = wire.number {
            passed.removeAll { $0 == number }
            descriptors.append(wire)
        }
        host.at(host.now) { [self] in
            guard !wire.isOver else { return }
            if wire.number == nil {
                guard isThere, client == nil || takesGuests else { return wire.owner.closed(wire.id, .absent, at: host.now) }
                if client == nil {
                    client = wire
                    bluez.opened(at: host.now)
                } else {
                    guests.append(wire)
                    lastGuest += 1
                    liveGuests.insert(lastGuest)
                    wire.beGuest(lastGuest, at: host.now)
                }
            }
            wire.isOpen = true
            wire.owner.opened(wire.id, at: host.now)
        }
    }

    fileprivate func sent(_ bytes: [UInt8], by wire: SimBusWire) {
        host.at(host.now + latency) { [self] in
            if let number = wire.number {
                bluez.written(number, bytes, at: host.now)
            } else if client === wire {
                bluez.receive(bytes, at: host.now)
            } else {
                wire.greet(bytes, at: host.now)
            }
            pump()
        }
    }

    /// What was sent before arrives.
    fileprivate func closed(_ wire: SimBusWire) {
        descriptors.removeAll { $0 === wire }
        host.at(host.now + latency) { [self] in
            if let number = wire.number {
                release(number)
            } else if let guest = wire.guest {
                guests.removeAll { $0 === wire }
                release(guest)
            } else {
                bluez.closed(at: host.now)
                if client === wire { client = nil }
            }
            pump()
        }
    }

    /// The bus's daemon ends.
    public func end() {
        isThere = false
        for guest in guests {
            guest.isOpen = false
            guest.owner.closed(guest.id, .ended, at: host.now)
        }
        (guests, liveGuests) = ([], [])
        guard let wire = client else { return }
        client = nil
        wire.isOpen = false
        bluez.closed(at: host.now)
        wire.owner.closed(wire.id, .ended, at: host.now)
    }
}

/// The client's connection to the bus, or a descriptor that it was given.
final class SimBusWire: Wire {
    let id: WireID
    let owner: any WireOwner
    let number: Int32?
    fileprivate(set) var isOpen = false
    fileprivate(set) var isOver = false
    private unowned let bus: SimBus

    fileprivate init(_ bus: SimBus, _ number: Int32?, as id: WireID, for owner: any WireOwner) {
        self.bus = bus
        self.number = number
        self.id = id
        self.owner = owner
    }

    var descriptor: Int32 { isOpen ? number ?? guest ?? -1 : -1 }

    /// What greets a guest: a bus without anything on it.
    private var greeter: SimBluez?
    /// A further connection has a number that no descriptor of BlueZ has.
    fileprivate private(set) var guest: Int32?

    fileprivate func beGuest(_ number: Int32, at now: Instant) {
        guest = number
        greeter = SimBluez([])
        greeter?.opened(at: now)
    }

    fileprivate func greet(_ bytes: [UInt8], at now: Instant) { greeter?.receive(bytes, at: now) }
    fileprivate func takeGreeting() -> [[UInt8]] { greeter?.takeOutput().map(\.bytes) ?? [] }

    func send(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard isOpen, !isOver else { return false }
        bus.sent([UInt8](bytes), by: self)
        return true
    }

    func close() {
        guard !isOver else { return }
        (isOver, isOpen) = (true, false)
        bus.closed(self)
    }
}

extension SimHost {
    /// Lets a simulated BlueZ be reached at the path of a bus.
    public func plug(_ bluez: SimBluez, at path: String) -> SimBus {
        let bus = SimBus(path, bluez, on: self)
        network.buses.append(bus)
        return bus
    }

    /// A wire to a bus, or to what a bus has passed.
    func openBus(_ address: WireAddress, as id: WireID, for owner: any WireOwner) -> (any Wire)? {
        for bus in network.buses {
            let wire: SimBusWire
            switch address {
            case .socket(path: bus.path): wire = SimBusWire(bus, nil, as: id, for: owner)
            case .passed(let number) where bus.takes(number): wire = SimBusWire(bus, number, as: id, for: owner)
            default: continue
            }
            bus.open(wire)
            return wire
        }
        return nil
    }
}
