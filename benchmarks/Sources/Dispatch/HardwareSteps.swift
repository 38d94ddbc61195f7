// Packets to hardware: made by a protocol alone, and the whole way from a decided lane to the bytes that a wire takes.
// Must not measure a world: the one that opens the devices hands out wires that only count from then on.

import Buttplug
import Hardware
import Host
import SimHost

enum HardwareSteps {
    static let all = [
        Step("hardware-encode-lovense") { encode("lovense", "S", highest: 20) },
        Step("hardware-encode-row") { encode("magic-motion-1", "Magic Cell", highest: 100) },
        Step("hardware-encode-tcode") { encode("tcode-v03", "L0,R0,V0", slot: 1, highest: 9_999, milliseconds: 250) },
        Step("hardware-write-lovense") { writes(.lovense) },
        Step("hardware-write-row") { writes(.magicMotion) },
        Step("hardware-write-tcode") { writes(.stroker) },
    ]

    private static func encode(
        _ name: String, _ model: String, slot: Int = 0, highest: Int, milliseconds: UInt32 = 0
    ) -> (Range<Int>) -> Void {
        let bench = EncodeBench(name, model)
        return { rounds in
            let before = bench.bytes
            for round in rounds { bench.encode(slot, Int32(1 + round % highest), in: milliseconds) }
            precondition(bench.bytes > before, "every round writes something")
        }
    }

    private static func writes(_ kind: HardwareBench.Kind) -> (Range<Int>) -> Void {
        let bench = HardwareBench(kind)
        return { rounds in
            let before = bench.packets
            for round in rounds { bench.write(Int32(1 + round % 20)) }
            precondition(bench.packets == before + rounds.count, "every write leaves at once")
        }
    }
}

private final class EncodeBench {
    @exclusivity(unchecked) private var measured: MeasuredProtocol
    @exclusivity(unchecked) private(set) var bytes = 0

    init(_ name: String, _ model: String) {
        guard let measured = MeasuredProtocol(name, model: model) else { preconditionFailure("no \(name), \(model)") }
        self.measured = measured
    }

    func encode(_ slot: Int, _ value: Int32, in milliseconds: UInt32) { bytes += measured.encode(slot, value, in: milliseconds) }
}

/// One device behind a backend, opened in a simulated world; then its wire counts.
private final class HardwareBench {
    enum Kind { case lovense, magicMotion, stroker }

    private let host = SimHost()
    private let opener: CountingOpener
    private let backend: any Backend
    private let owner = HardwareOwner()
    private let kind: Kind
    @exclusivity(unchecked) private var now: Instant
    @exclusivity(unchecked) private var milliseconds: UInt32 = 100
    @exclusivity(unchecked) private var ticket: UInt32 = 0

    init(_ kind: Kind) {
        self.kind = kind
        opener = CountingOpener(host)
        var configuration = HardwareConfiguration()
        switch kind {
        case .lovense: Self.plug(.asking("C0:00:00:00:00:01", name: "LVS-S01", kind: "S"), on: host, &configuration)
        case .magicMotion:
            let one = SimPeripheral.Characteristic("78667579-a914-49a4-8333-aa3c0cd8fedc", ["write", "write-without-response"])
            Self.plug(
                SimPeripheral(
                    "C0:00:00:00:00:01", name: "Magic Cell", services: [.init("78667579-7b48-43db-b8c5-7928a6b0a335", [one])]),
                on: host, &configuration)
        case .stroker:
            var port = SerialPort("/line")
            port.axes = "L0,R0,V0"
            configuration.serial = [port]
            _ = host.plug(SilentLine(), at: "/line")
        }
        backend = configuration.backends(on: opener) { _, _, _ in }.backends[0]
        now = host.now
        backend.start(for: owner, as: 0, at: now)
        backend.handle(.startScanning, at: now)
        for _ in 0..<60_000 where !owner.hasDevice {
            host.run(for: .milliseconds(1))
            backend.report(at: host.now)
            backend.turnEnded(at: host.now)
        }
        precondition(owner.hasDevice, "the device has not appeared")
        now = host.now
        opener.isCounting = true
    }

    private static func plug(_ one: SimPeripheral, on host: SimHost, _ configuration: inout HardwareConfiguration) {
        _ = host.plug(SimBluez([one]), at: "/bus")
        configuration.bluetooth = .automatic
        configuration.bus = "/bus"
    }

    var packets: Int { opener.packets }

    func write(_ value: Int32) {
        // A packet later than the one before is on its way, also on a line that takes its time.
        now = now + .milliseconds(50)
        ticket &+= 1
        let type: OutputType = kind == .stroker ? .hwPositionWithDuration : .vibrate
        let write = DeviceWrite(
            to: DeviceTarget(backend: 0, device: 0, deviceIndex: 0, feature: 0), type: type, value: value, duration: milliseconds,
            ticket: ticket)
        withUnsafePointer(to: write) { backend.perform(UnsafeBufferPointer(start: $0, count: 1), at: now) }
    }
}

private final class HardwareOwner: BackendOwner {
    @exclusivity(unchecked) private(set) var hasDevice = false
    func answered(ticket: UInt32, _ outcome: WriteOutcome, at now: Instant) {
        precondition(outcome == .done, "a write was not carried out")
    }
    func happened(_ event: BackendEvent, from backend: BackendNumber, at now: Instant) {
        if case .appeared = event { hasDevice = true }
    }
    func reportIsDue(from backend: BackendNumber) {}
}

private final class SilentLine: SimWireDevice {
    func opened(at now: Instant) {}
    func received(_ bytes: [UInt8], at now: Instant) {}
    func closed(at now: Instant) {}
}

/// Opens a world's wires, and lets them only count when the devices are there.
private final class CountingOpener: WireOpener {
    private let host: SimHost
    @exclusivity(unchecked) var isCounting = false
    @exclusivity(unchecked) var packets = 0

    init(_ host: SimHost) { self.host = host }

    var now: Instant { host.now }
    func attach(_ owner: any TurnOwner) -> any Alarm { host.attach(owner) }
    func detach(_ owner: any TurnOwner) { host.detach(owner) }
    func open(_ address: WireAddress, as id: WireID, for owner: any WireOwner) -> any Wire {
        CountingWire(host.open(address, as: id, for: owner), self)
    }
}

private final class CountingWire: Wire {
    private let wire: any Wire
    private unowned let opener: CountingOpener

    init(_ wire: any Wire, _ opener: CountingOpener) {
        self.wire = wire
        self.opener = opener
    }

    var descriptor: Int32 { wire.descriptor }
    func close() { wire.close() }
    func send(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard opener.isCounting else { return wire.send(bytes) }
        opener.packets += 1
        return true
    }
}
