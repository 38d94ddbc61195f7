// What a bus with BlueZ says, after a good beginning: answers and signals with any contents.

import DBus
import Host

@testable import Hardware

extension FuzzTarget {
    static let hardware: [FuzzTarget] = [
        // Each piece: a byte for what it is, a byte for its length, its body. An answer's body begins with the serial of its call.
        FuzzTarget(name: "bluez") { bytes in
            var bus = FuzzBus()
            var rest = bytes[...]
            while let kind = rest.popFirst(), let length = rest.popFirst() {
                let body = Array(rest.prefix(Int(length)))
                rest = rest.dropFirst(body.count)
                bus.say(kind, body)
            }
            bus.end()
        }
    ]
}

/// A Bluetooth core on a bus that says anything.
private struct FuzzBus: ~Copyable {
    private var core = BluetoothCore(.init(bus: "/bus", adapter: nil, facts: { Builtin.catalogue.matches($0) }))
    private var out = TransportEffects()
    private var now = Instant(nanoseconds: 1_000_000_000)
    private var bus = WireID(0)
    private var serial: UInt32 = 0
    /// Descriptors that have been passed and not been closed again, by the wire that has them.
    private var held: [(wire: WireID, number: Int32)] = []
    private var last: Int32 = 100
    private var live: Set<UInt32> = []

    private static let signatures = [
        "oa{sa{sv}}", "oas", "sa{sv}as", "a{oa{sa{sv}}}", "sss", "hq", "ay", "s", "v", "a{sv}", "",
    ]
    private static let members = ["InterfacesAdded", "InterfacesRemoved", "PropertiesChanged", "NameOwnerChanged"]

    init() {
        core.deadlinePassed(at: now, into: &out)
        flush()
    }

    mutating func say(_ kind: UInt8, _ body: [UInt8]) {
        now = now + .milliseconds(Int64(body.count) * 50)
        if core.deadline <= now {
            core.deadlinePassed(at: now, into: &out)
            flush()
        }
        switch kind >> 5 {
        case 0: core.scan(kind & 1 == 1, at: now, into: &out)
        case 1:
            live.insert(UInt32(kind & 7))
            core.connect(Candidate(address: "C0:00:00:00:00:0\(kind & 7)", name: "LVS-Z001"), as: UInt32(kind & 7), at: now, into: &out)
        case 2:
            live.remove(UInt32(kind & 7))
            core.leave(UInt32(kind & 7), at: now, into: &out)
        case 3:
            let packet = Packet(start: 0, end: UInt32(body.count), endpoint: .tx, delivery: kind & 8 == 0 ? .plain : .confirmed)
            _ = core.write(packet, body.span.bytes, to: UInt32(kind & 7), at: now, into: &out)
        default: message(kind, body)
        }
        flush()
    }

    private mutating func message(_ kind: UInt8, _ body: [UInt8]) {
        serial += 1
        let isSignal = kind & 0x40 == 0
        var message = DBusMessage(kind: isSignal ? .signal : kind & 16 == 0 ? .answer : .error, serial: serial)
        let signature = Self.signatures[Int(kind & 15) % Self.signatures.count]
        (message.member, message.sender) = (Self.members[Int(kind & 3)], kind & 16 == 0 ? ":1.2" : DBusNames.bus)
        (message.signature, message.body) = (signature, isSignal ? body : Array(body.dropFirst()))
        message.path = "/org/bluez/hci0/dev_C0_00_00_00_00_01"
        message.answers = isSignal ? 0 : UInt32(body.first ?? 0)
        if signature == "hq" {
            last += 1
            message.descriptorCount = 1
            held.append((bus, last))
            if !core.passed(last, from: bus) { held.removeLast() }
        }
        core.received(message.bytes.span.bytes, from: bus, at: now, into: &out)
    }

    /// Does what the core wants done, and opens the bus as one that is there.
    private mutating func flush() {
        for _ in 0..<100 where !out.isFlushed || !out.events.isEmpty {
            for event in out.events { if case .lost(let device, _) = event { must(live.remove(device) != nil, "lost and not there") } }
            out.forgetEvents()
            let (opens, closes) = (out.opens, out.closes)
            out.sendRuns { _, _ in true }
            out.putAway()
            for open in opens {
                guard case .passed(let number) = open.address else {
                    bus = open.wire
                    serial = 0
                    core.wireOpened(bus, at: now, into: &out)
                    core.received(Array("DATA\r\nOK 1\r\nAGREE_UNIX_FD\r\n".utf8).span.bytes, from: bus, at: now, into: &out)
                    continue
                }
                guard let place = held.firstIndex(where: { $0.number == number }) else {
                    must(false, "a descriptor that nobody passed")
                    continue
                }
                held[place].wire = open.wire
            }
            for wire in closes { held.removeAll { $0.wire == wire } }
            for open in opens where !closes.contains(open.wire) {
                if case .passed = open.address { core.wireOpened(open.wire, at: now, into: &out) }
            }
        }
        must(out.isFlushed, "never comes to rest")
    }

    /// When everything is over no descriptor is left.
    mutating func end() {
        for device in live.sorted() { core.leave(device, at: now, into: &out) }
        live = []
        core.wireClosed(bus, .ended, at: now, into: &out)
        for _ in 0..<10 where !out.isFlushed {
            let (opens, closes) = (out.opens, out.closes)
            out.sendRuns { _, _ in true }
            out.putAway()
            for open in opens {
                if case .passed(let number) = open.address, let place = held.firstIndex(where: { $0.number == number }) {
                    held[place].wire = open.wire
                }
            }
            for wire in closes { held.removeAll { $0.wire == wire } }
        }
        must(held.isEmpty, "a descriptor is left")
    }
}
