// Bluetooth LE over BlueZ: who advertises, who is connected, and how bytes get there. What BlueZ says is in `BluezObjects`, how far a
// device is in `BluetoothLink`. Must not know what the bytes mean. BlueZ keeps a device connected when we end: `leave` disconnects.

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

    /// The way to BlueZ. What is missing comes back by itself.
    enum Bus: Hashable {
        /// Can turn into: opening.
        case waiting(until: Instant)
        /// Can turn into: greeting, waiting.
        case opening
        /// Can turn into: ownerless, reading, waiting.
        case greeting
        /// Nobody has the name org.bluez. Can turn into: reading, waiting.
        case ownerless
        /// Its objects are asked for. Can turn into: known, ownerless, refused, waiting.
        case reading
        /// Can turn into: ownerless, reading, waiting.
        case known
        /// This user may not. Can turn into: reading, ownerless, waiting.
        case refused(until: Instant)
    }

    enum Discovery: Hashable { case off, starting, on, stopping }

    let settings: Settings
    var deadline = Instant.zero

    // The bus.
    var bus = Bus.waiting(until: .zero)
    var busPause = Self.pauseMin
    var busWire = WireID(0)
    var lastWire: UInt32 = 0
    var connection = DBusConnection<BluetoothCall>(takesDescriptors: true)
    var backlog = BusBacklog()
    /// Descriptors that came with the bytes that come next.
    var passed: [Int32] = []
    /// BlueZ's own address on the bus; "" without one.
    var owner = ""
    var objects = BluezObjects()
    /// What was in the way of the bus last, in words.
    var busTrouble = ""
    /// The trouble that was told last.
    var told: String?

    // Scanning.
    var isScanWanted = false
    var scanUntil = Instant.never
    var discovery = Discovery.off
    var discoveryRetryAt = Instant.never

    var links: [BluetoothLink] = []
    /// Descriptors of devices that were let go, and when each is closed: BlueZ drops what it has not read when one is.
    var closing: [(wire: WireID, at: Instant)] = []

    static let pauseMin = Interval.milliseconds(500)
    static let pauseMax = Interval.seconds(10)
    static let greetingTime = Interval.seconds(5)
    static let callTime = Interval.seconds(20)
    static let writeTime = Interval.seconds(5)
    static let connectTime = Interval.seconds(20)
    static let resolveTime = Interval.seconds(10)
    static let fallTime = Interval.seconds(1)
    static let second = Interval.seconds(1)
    /// A Connect that takes longer lets others go first.
    static let patience = Interval.seconds(4)

    init(_ settings: Settings) { self.settings = settings }

    /// The adapter in use: the named one, or the first that is powered, or the first.
    var adapter: BluezAdapter? {
        if let name = settings.adapter { return objects.adapters.first { $0.name == name } }
        return objects.adapters.first(where: \.isPowered) ?? objects.adapters.first
    }

    /// Whether devices can be found and connected now.
    var isUsable: Bool { bus == .known && adapter?.isPowered == true }

    /// Whether there is a connection to the bus.
    private var hasBus: Bool {
        switch bus {
        case .waiting, .opening: false
        case .greeting, .ownerless, .reading, .known, .refused: true
        }
    }

    // MARK: Verbs

    mutating func scan(_ isOn: Bool, at now: Instant, into out: inout TransportEffects) {
        guard isOn else {
            isScanWanted = false
            scanUntil = .never
            return settle(at: now, into: &out)
        }
        // Nothing to scan with, or not known yet: the wish is kept, and what comes is found.
        isScanWanted = true
        scanUntil = now + settings.scanTime
        let isUndecided = [.opening, .greeting, .reading].contains(bus) || bus == .waiting(until: .zero)
        if !isUsable, !isUndecided { out.events.append(.scanEnded) }
        for index in objects.devices.indices { objects.tell(nil, at: index) }
        tellCandidates(into: &out)
        settle(at: now, into: &out)
    }

    mutating func connect(_ candidate: Candidate, as device: UInt32, at now: Instant, into out: inout TransportEffects) {
        if let index = links.firstIndex(where: { $0.device == device }) { drop(index, at: now, into: &out) }
        links.append(BluetoothLink(device, candidate, path: "", deadline: now + Self.connectTime))
        links[links.count - 1].stage = .sought
        settle(at: now, into: &out)
    }

    mutating func leave(_ device: UInt32, at now: Instant, into out: inout TransportEffects) {
        guard let index = links.firstIndex(where: { $0.device == device }) else { return }
        drop(index, at: now, into: &out)
        settle(at: now, into: &out)
    }

    mutating func deadlinePassed(at now: Instant, into out: inout TransportEffects) {
        connection.deadlinePassed(at: now)
        busDeadline(at: now, into: &out)
        digest(at: now, into: &out)
        if scanUntil <= now {
            (isScanWanted, scanUntil) = (false, .never)
            out.events.append(.scanEnded)
        }
        if discoveryRetryAt <= now { discoveryRetryAt = .never }
        for row in closing where row.at <= now { out.closes.append(row.wire) }
        closing.removeAll { $0.at <= now }
        linksDeadline(at: now, into: &out)
        settle(at: now, into: &out)
    }

    /// Looks at everything that follows from the present state, sends what there is to say, and notes when to look again.
    mutating func settle(at now: Instant, into out: inout TransportEffects) {
        tellTrouble(into: &out)
        steerLinks(at: now, into: &out)
        steerDiscovery(at: now)
        digest(at: now, into: &out)
        flushBus(into: &out)
        deadline = min(connection.deadline, min(scanUntil, discoveryRetryAt))
        switch bus {
        case .waiting(let until), .refused(let until): deadline = min(deadline, until)
        case .opening, .greeting: deadline = min(deadline, busUntil)
        case .ownerless, .reading, .known: break
        }
        for link in links { deadline = min(deadline, link.next) }
        for row in closing { deadline = min(deadline, row.at) }
    }

    /// When a bus that is silent in its greeting is given up.
    var busUntil = Instant.never

    mutating func newWire() -> WireID {
        lastWire &+= 1
        return WireID(lastWire)
    }

    /// Lets go of descriptors that nobody asked for.
    mutating func discard(_ descriptors: [Int32], into out: inout TransportEffects) {
        for descriptor in descriptors {
            let wire = newWire()
            out.opens.append((.passed(descriptor), wire))
            out.closes.append(wire)
        }
    }

    // MARK: Wires

    mutating func passed(_ descriptor: Int32, from wire: WireID) -> Bool {
        guard wire == busWire, hasBus else { return false }
        passed.append(descriptor)
        return true
    }

    mutating func wireOpened(_ wire: WireID, at now: Instant, into out: inout TransportEffects) {
        if wire == busWire { busOpened(at: now) } else { acquired(wire, at: now, into: &out) }
        settle(at: now, into: &out)
    }

    mutating func received(_ bytes: RawSpan, from wire: WireID, at now: Instant, into out: inout TransportEffects) {
        // Nothing comes from a descriptor that is written.
        guard wire == busWire, hasBus else { return }
        do throws(DBusMessage.Malformed) { try connection.receive(bytes, passed: &passed) } catch {
            busLost("what came from \(settings.bus) is not D-Bus", at: now, into: &out)
        }
        digest(at: now, into: &out)
        settle(at: now, into: &out)
    }

    mutating func wireBlocked(_ wire: WireID) {
        if wire == busWire { return backlog.refused() }
        for link in links.indices {
            for place in links[link].endpoints.indices where links[link].endpoints[place].way == .wire(wire) {
                links[link].endpoints[place].isBlocked = true
                links[link].endpoints[place].owesDrained = true
            }
        }
    }

    mutating func wireDrained(_ wire: WireID, at now: Instant, into out: inout TransportEffects) {
        if wire == busWire {
            backlog.drained()
            return settle(at: now, into: &out)
        }
        for link in links.indices {
            for place in links[link].endpoints.indices where links[link].endpoints[place].way == .wire(wire) {
                links[link].endpoints[place].isBlocked = false
                tellDrained(link, place, into: &out)
            }
        }
    }

    mutating func wireClosed(_ wire: WireID, _ end: WireEnd, at now: Instant, into out: inout TransportEffects) {
        closing.removeAll { $0.wire == wire }
        if wire == busWire {
            let reason =
                switch end {
                case .denied: "this user may not open \(settings.bus)"
                case .absent: "there is no D-Bus at \(settings.bus)"
                case .ended, .busy, .unsuitable, .failed: "D-Bus at \(settings.bus) has ended the connection"
                }
            busLost(reason, at: now, into: &out)
        } else if let index = links.firstIndex(where: { $0.endpoints.contains { $0.way == .wire(wire) } }) {
            lose(index, .gone, at: now, into: &out)
        }
        settle(at: now, into: &out)
    }
}

/// Bytes for the bus that its wire has not taken: they leave when it takes bytes again, in order.
struct BusBacklog {
    /// What was handed to the wire in the present flush, and how long each run was.
    private var handed: [UInt8] = []
    private var runs: [Int] = []
    private var refusals = 0
    private(set) var waiting: [UInt8] = []
    private(set) var isBlocked = false

    /// A bus that reads nothing for so long is of no use.
    static let bytesMax = 1 << 20

    mutating func reset() { self = BusBacklog() }

    /// A new flush begins: what was handed before has been taken, or refused.
    mutating func begin() {
        if refusals > 0 {
            // Refused are the last ones: after one refusal the wire takes nothing in the same flush.
            waiting += handed.suffix(runs.suffix(refusals).reduce(0, +))
            refusals = 0
        }
        handed.removeAll(keepingCapacity: true)
        runs.removeAll(keepingCapacity: true)
    }

    mutating func hand(_ bytes: [UInt8]) {
        handed += bytes
        runs.append(bytes.count)
    }

    mutating func keep(_ bytes: [UInt8]) { waiting += bytes }

    mutating func refused() {
        refusals += 1
        isBlocked = true
    }

    mutating func drained() { isBlocked = false }

    mutating func takeWaiting() -> [UInt8] {
        defer { waiting = [] }
        return waiting
    }
}
