// The way to BlueZ: one connection to the bus, dialled again when it ends, who has BlueZ's name on it, and the objects that BlueZ has.
// Must not know devices' connections. What is missing comes back by itself; the core above is told.

import DBus
import Host

struct BluezBus {
    enum State: Hashable {
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

    /// What the core above is told.
    enum Event {
        /// BlueZ has ended, or the bus: nothing of it is there any more. With the bus also what was just written is over.
        case gone(withBus: Bool)
        /// Its objects are known.
        case known
        case changed(BluezObjects.Change)
        /// The answer to a call; its descriptors are the reader's.
        case answer(BluetoothCall, [DBusValue], [Int32])
        case failure(BluetoothCall, DBusFailure)
    }

    /// The socket of the system's bus.
    let path: String
    var state = State.waiting(until: .zero)
    var objects = BluezObjects()
    /// BlueZ's own address on the bus; "" without one.
    var owner = ""
    /// What was in the way of the bus last, in words.
    var trouble = ""

    private var wire = WireID(0)
    private var lastWire: UInt32 = 0
    var connection = DBusConnection<BluetoothCall>(takesDescriptors: true)
    var backlog = BusBacklog()
    /// Descriptors that came with the bytes that come next.
    var passed: [Int32] = []
    /// When a bus that is silent in its greeting is given up.
    private var greetingUntil = Instant.never
    var pause = Self.pauseMin
    /// What the core was not told yet, and the owner that follows it.
    var events: [Event] = []
    var nextOwner: String?

    static let pauseMin = Interval.milliseconds(500)
    static let pauseMax = Interval.seconds(10)
    private static let greetingTime = Interval.seconds(5)
    static let callTime = Interval.seconds(20)

    init(_ path: String) { self.path = path }

    /// Whether there is a connection to the bus.
    private var isConnected: Bool {
        switch state {
        case .waiting, .opening: false
        case .greeting, .ownerless, .reading, .known, .refused: true
        }
    }

    /// Whether it may turn out soon that BlueZ is there.
    var isUndecided: Bool { [.opening, .greeting, .reading].contains(state) || state == .waiting(until: .zero) }

    /// When `deadlinePassed` is wanted.
    var deadline: Instant {
        switch state {
        case .waiting(let until), .refused(let until): min(connection.deadline, until)
        case .opening, .greeting: min(connection.deadline, greetingUntil)
        case .ownerless, .reading, .known: connection.deadline
        }
    }

    mutating func deadlinePassed(at now: Instant, into out: inout TransportEffects) {
        connection.deadlinePassed(at: now)
        switch state {
        case .waiting(let until) where until <= now: open(at: now, into: &out)
        case .opening where greetingUntil <= now, .greeting where greetingUntil <= now:
            out.closes.append(wire)
            lost("D-Bus at \(path) does not answer", at: now, into: &out)
        case .refused(let until) where until <= now: readObjects(at: now)
        default: break
        }
    }

    // MARK: Wires

    /// A number for a wire of this transport.
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

    func isOwn(_ wire: WireID) -> Bool { wire == self.wire }

    private mutating func open(at now: Instant, into out: inout TransportEffects) {
        connection = DBusConnection(takesDescriptors: true)
        backlog.reset()
        wire = newWire()
        state = .opening
        greetingUntil = now + Self.greetingTime
        out.opens.append((.socket(path: path), wire))
    }

    mutating func opened(at now: Instant) {
        guard state == .opening else { return }
        state = .greeting
        greetingUntil = now + Self.greetingTime
        for rule in [
            "type='signal',sender='\(DBusNames.bus)',interface='\(DBusNames.bus)',member='NameOwnerChanged',arg0='\(Bluez.name)'",
            "type='signal',sender='\(Bluez.name)',interface='\(DBusNames.objects)'",
            "type='signal',sender='\(Bluez.name)',interface='\(DBusNames.properties)',member='PropertiesChanged',path_namespace='\(Bluez.root)'",
        ] { callBus(.match, "AddMatch", rule, at: now) }
        callBus(.owner, "GetNameOwner", Bluez.name, at: now)
    }

    mutating func passed(_ descriptor: Int32, from wire: WireID) -> Bool {
        guard wire == self.wire, isConnected else { return false }
        passed.append(descriptor)
        return true
    }

    /// Bytes came; `next` says what they mean.
    mutating func received(_ bytes: RawSpan, at now: Instant, into out: inout TransportEffects) {
        guard isConnected else { return }
        do throws(DBusMessage.Malformed) { try connection.receive(bytes, passed: &passed) } catch { lostToGarbage(at: now, into: &out) }
    }

    mutating func blocked() { backlog.refused() }

    mutating func drained() { backlog.drained() }

    mutating func closed(_ end: WireEnd, at now: Instant, into out: inout TransportEffects) {
        switch end {
        case .denied: lost("this user may not open \(path)", at: now, into: &out)
        case .absent: lost("there is no D-Bus at \(path)", at: now, into: &out)
        case .ended, .busy, .unsuitable, .failed: lost("D-Bus at \(path) has ended the connection", at: now, into: &out)
        }
    }

    mutating func lostToGarbage(at now: Instant, into out: inout TransportEffects) {
        lost("what came from \(path) is not D-Bus", at: now, into: &out)
    }

    /// The connection to the bus is over, or of no use.
    mutating func lost(_ reason: String, at now: Instant, into out: inout TransportEffects) {
        if state != .opening { out.closes.append(wire) }
        discard(passed + connection.takeHeld(), into: &out)
        passed = []
        connection = DBusConnection(takesDescriptors: true)
        backlog.reset()
        bluezLost(withBus: true)
        nextOwner = nil
        state = .waiting(until: now + pause)
        pause = min(pause + pause, Self.pauseMax)
        trouble = reason
    }

    // MARK: Calls

    private mutating func callBus(_ tag: BluetoothCall, _ member: String, _ text: String, at now: Instant) {
        let message = DBusMessage(call: member, of: DBusNames.bus, on: DBusNames.path, to: DBusNames.bus, "s", [.string(text)])
        connection.call(message, for: tag, until: now + Self.callTime)
    }

    /// A call to an object of BlueZ. One event says what became of it.
    mutating func call(
        _ tag: BluetoothCall, _ member: (interface: String, name: String), on path: String,
        _ arguments: (signature: String, values: [DBusValue]) = ("", []), at now: Instant
    ) {
        let message = DBusMessage(call: member.name, of: member.interface, on: path, to: owner, arguments.signature, arguments.values)
        connection.call(message, for: tag, until: now + Self.callTime)
    }

    /// A call whose bytes were made before.
    mutating func call(prepared bytes: inout [UInt8], for tag: BluetoothCall, until deadline: Instant) {
        connection.call(prepared: &bytes, for: tag, until: deadline)
    }

    /// Takes back the calls that match: nothing is said of them.
    mutating func forget(where isMeant: (BluetoothCall) -> Bool) { connection.forget(where: isMeant) }

    /// What the connection has to send goes to its wire, at most once in a flush.
    mutating func flush(into out: inout TransportEffects) {
        let wire = wire
        if !out.runs.contains(where: { $0.wire == wire }) { backlog.begin() }
        guard isConnected else { return }
        if !backlog.isBlocked, !backlog.waiting.isEmpty { hand(backlog.takeWaiting(), into: &out) }
        guard !connection.output.isEmpty else { return }
        if backlog.isBlocked { backlog.keep(connection.output) } else { hand(connection.output, into: &out) }
        connection.clearOutput()
    }

    private mutating func hand(_ bytes: [UInt8], into out: inout TransportEffects) {
        backlog.hand(bytes)
        out.send(bytes.span.bytes, to: wire, of: WireRun.nobody)
    }
}
