// A simulated system bus with BlueZ on it: one client, in virtual time, byte for byte. Does what BlueZ 5.66 to 5.86 does where it matters.
// Must not know who the client is, nor how its bytes get here: it is asked for its deadline and for its output.

import DBus
import Host

/// What a peripheral went through.
public enum SimBluezEvent: Hashable, Sendable {
    /// It has a connection.
    case connected
    case lost
    /// Its connection is about to be taken down because the client asked for that: what BlueZ had got for it was passed on, or dropped.
    case released
    /// A write to it was called for, while so many are under way.
    case called(underWay: Int)
    /// It has got a packet, at the characteristic of this UUID.
    case got([UInt8], uuid: String)
}

/// D-Bus and BlueZ for one client at a time.
public final class SimBluez {
    public typealias Event = SimBluezEvent

    /// What happened, for tests: "connect C0:…", "write C0:… 30" and so on.
    public private(set) var journal: [String] = []
    /// A long run needs no journal.
    public var keepsJournal = true
    /// Gets what peripherals go through, by their address.
    public var onEvent: ((_ address: String, Event, Instant) -> Void)?
    public internal(set) var peripherals: [SimPeripheral]
    public internal(set) var adapters: [SimAdapter]
    /// BlueZ has its name on the bus.
    public private(set) var isRunning: Bool
    /// Another error for GetManagedObjects: "org.freedesktop.DBus.Error.AccessDenied".
    public var refusal: String?
    /// Descriptors that the client has.
    public var openDescriptors: [Int32] { descriptors.open }

    private static let bluez = "org.bluez"
    /// Who asks by another connection than the client's.
    static let letters = ":1.8"

    var now = Instant.zero
    private var timers: [(at: Instant, sequence: Int, action: () -> Void)] = []
    private var sequence = 0
    private var isConnected = false
    private var isGreeted = false
    private var input: [UInt8] = []
    private var output: [(bytes: [UInt8], descriptors: [Int32])] = []
    private var ended: [Int32] = []
    private var serial: UInt32 = 0
    private var owners = 1
    var descriptors = SimDescriptors()
    /// How long it takes to read a packet from a descriptor, as on a machine that is busy. Of what is left when the client closes the
    /// descriptor one packet is read, and the rest is dropped.
    public var readTime = Interval.zero

    /// With the adapter hci0.
    public convenience init(_ peripherals: [SimPeripheral], hasAdapter: Bool = true, isPowered: Bool = true, isRunning: Bool = true) {
        self.init(peripherals, [SimAdapter("hci0", isThere: hasAdapter, isPowered: isPowered)], isRunning: isRunning)
    }

    public init(_ peripherals: [SimPeripheral], _ adapters: [SimAdapter], isRunning: Bool = true) {
        (self.peripherals, self.adapters, self.isRunning) = (peripherals, adapters, isRunning)
    }

    var owner: String { ":2.\(owners)" }

    func note(_ text: @autoclosure () -> String) { if keepsJournal { journal.append(text()) } }
    func tell(_ index: Int, _ event: Event) { onEvent?(peripherals[index].address, event, now) }

    /// Forgets what has happened so far, and returns it.
    public func takeJournal() -> [String] {
        defer { journal = [] }
        return journal
    }

    // MARK: Time

    public var deadline: Instant { timers.reduce(.never) { min($0, $1.at) } }

    public func deadlinePassed(at now: Instant) {
        self.now = now
        while let next = timers.indices.filter({ timers[$0].at <= now }).min(by: {
            (timers[$0].at, timers[$0].sequence) < (timers[$1].at, timers[$1].sequence)
        }) { timers.remove(at: next).action() }
    }

    func later(_ time: Interval, _ action: @escaping () -> Void) {
        sequence += 1
        timers.append((now + time, sequence, action))
    }

    // MARK: The client's connection

    public func opened(at now: Instant) {
        self.now = now
        (isConnected, isGreeted, input, output) = (true, false, [], [])
    }

    /// The client has gone: its scan and its notifications end; its connections to devices do not.
    public func closed(at now: Instant) {
        self.now = now
        isConnected = false
        endScans()
        output = []
        for index in peripherals.indices { peripherals[index].notifying = [] }
    }

    public func takeOutput() -> [(bytes: [UInt8], descriptors: [Int32])] {
        defer { output = [] }
        return output
    }

    /// Descriptors whose other end has been closed here since.
    public func takeEnded() -> [Int32] {
        defer { ended = [] }
        return ended
    }

    /// Bytes that are no D-Bus.
    public func sendGarbage(_ bytes: [UInt8]) { output.append((bytes, [])) }

    /// A signal that nobody asked for, with a descriptor.
    public func sendStrayDescriptor() {
        var message = DBusMessage(kind: .signal)
        (message.path, message.interface, message.member, message.sender) = ("/x", "x.y", "Z", ":9.9")
        message.set("h", [.descriptor(0)])
        send(message, [descriptors.make(for: nil)])
    }

    public func receive(_ bytes: [UInt8], at now: Instant) {
        self.now = now
        input += bytes
        while !isGreeted {
            guard let end = input.firstIndex(of: 0x0A) else { return }
            let line = String(decoding: input[..<end].drop { $0 == 0 }, as: UTF8.self)
            input.removeSubrange(...end)
            if line.hasPrefix("AUTH") { output.append((Array("DATA\r\n".utf8), [])) }
            if line.hasPrefix("DATA") { output.append((Array("OK 0123\r\n".utf8), [])) }
            if line.hasPrefix("NEGOTIATE") { output.append((Array("AGREE_UNIX_FD\r\n".utf8), [])) }
            if line.hasPrefix("BEGIN") { isGreeted = true }
        }
        while let (call, count) = try? DBusMessage.read(input[...]) {
            input.removeFirst(count)
            if call.destination == DBusNames.bus { busCalled(call) } else { called(call) }
        }
    }

    private func busCalled(_ call: DBusMessage) {
        switch call.member {
        case "Hello": answer(call, "s", [.string(":1.7")], from: DBusNames.bus)
        case "GetNameOwner" where isRunning: answer(call, "s", [.string(owner)], from: DBusNames.bus)
        case "GetNameOwner": fail(call, "org.freedesktop.DBus.Error.NameHasNoOwner", "no such name", from: DBusNames.bus)
        default: answer(call, from: DBusNames.bus)
        }
    }

    func send(_ message: DBusMessage, _ descriptors: [Int32] = []) {
        guard isConnected, isGreeted else { return }
        var message = message
        serial += 1
        message.serial = serial
        message.descriptorCount = UInt32(descriptors.count)
        output.append((message.bytes, descriptors))
    }

    func answer(
        _ call: DBusMessage, _ signature: String = "", _ values: [DBusValue] = [], _ descriptors: [Int32] = [], from sender: String? = nil
    ) {
        guard call.sender != Self.letters else { return }
        var message = DBusMessage(kind: .answer)
        (message.answers, message.sender) = (call.serial, sender ?? owner)
        message.set(signature, values)
        send(message, descriptors)
    }

    func fail(_ call: DBusMessage, _ name: String, _ text: String = "", from sender: String? = nil) {
        guard call.sender != Self.letters else { return }
        var message = DBusMessage(kind: .error)
        (message.answers, message.sender, message.errorName) = (call.serial, sender ?? owner, name)
        message.set("s", [.string(text)])
        send(message)
    }

    func refuse(_ call: DBusMessage, _ error: String, _ text: String = "") { fail(call, "org.bluez.Error." + error, text) }

    func emit(_ path: String, _ interface: String, _ member: String, _ signature: String, _ values: [DBusValue]) {
        guard isRunning else { return }
        var message = DBusMessage(kind: .signal)
        (message.path, message.interface, message.member, message.sender) = (path, interface, member, owner)
        message.set(signature, values)
        send(message)
    }

    func changed(_ path: String, _ interface: String, _ facts: [DBusEntry], gone: [String] = []) {
        emit(
            path, DBusNames.properties, "PropertiesChanged", "sa{sv}as",
            [.string("org.bluez." + interface), .entries(facts), .list(gone.map { .string($0) })])
    }

    // MARK: Descriptors

    /// The client has written a packet to a descriptor.
    public func written(_ descriptor: Int32, _ bytes: [UInt8], at now: Instant) {
        self.now = now
        guard let path = descriptors.path(of: descriptor) else { return }
        guard readTime > .zero else { return written(path, bytes) }
        if descriptors.add(bytes, to: descriptor) == 1 { later(readTime) { [self] in read(descriptor) } }
    }

    private func read(_ descriptor: Int32) {
        guard let path = descriptors.path(of: descriptor), let packet = descriptors.read(descriptor) else { return }
        written(path, packet)
        if descriptors.unreadCount(descriptor) > 0 { later(readTime) { [self] in read(descriptor) } }
    }

    /// The client has closed a descriptor.
    public func released(_ descriptor: Int32, at now: Instant) {
        self.now = now
        let path = descriptors.path(of: descriptor)
        let left = descriptors.released(descriptor)
        guard let path else { return }
        if let packet = left.first { written(path, packet) }
        for packet in left.dropFirst() { note("dropped \(path) \(packet)") }
        for index in peripherals.indices where peripherals[index].acquired[path] == descriptor { peripherals[index].acquired[path] = nil }
    }

    func end(_ descriptor: Int32) {
        descriptors.end(descriptor)
        ended.append(descriptor)
    }

    // MARK: What tests do to it

    public func change(_ address: String, _ change: (inout SimPeripheral) -> Void) {
        for index in peripherals.indices where peripherals[index].address == address { change(&peripherals[index]) }
    }

    /// bluetoothd ends: connections and descriptors with it.
    public func stop(at now: Instant) {
        self.now = now
        guard isRunning else { return }
        isRunning = false
        for index in peripherals.indices {
            lose(index)
            peripherals[index].isKnown = false
        }
        endScans()
        ownerChanged(from: owner, to: "")
    }

    /// bluetoothd begins again.
    public func start(at now: Instant) {
        self.now = now
        guard !isRunning else { return }
        owners += 1
        isRunning = true
        ownerChanged(from: "", to: owner)
    }

    private func ownerChanged(from old: String, to new: String) {
        var message = DBusMessage(kind: .signal)
        (message.path, message.interface, message.member, message.sender) = (
            DBusNames.path, DBusNames.bus, "NameOwnerChanged", DBusNames.bus
        )
        message.set("sss", [.string(Self.bluez), .string(old), .string(new)])
        send(message)
    }
}
