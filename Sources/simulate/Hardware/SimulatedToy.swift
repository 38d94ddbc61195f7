// A Bluetooth device by what its motors do: each kind reads the bytes of its protocol, as its firmware would.
// Must not know the router, nor the bus; `SimBluez` has the peripheral.

import Hardware
import Host
import SimHost

/// The kinds of Bluetooth devices: commands in text, one packet for each motor, one for all, with answers and without.
enum ToyKind: Int, CaseIterable {
    case lovense, lovenseByCalls, weVibe, aneros, meese, magicMotion

    private static let base = "-0000-1000-8000-00805f9b34fb"
    private static let lovenseBase = "-0023-4bd4-bbd5-a6920e4c5653"
    private static let weVibeBase = "-0451-4000-b000-000000000000"

    var name: String {
        switch self {
        case .lovense, .lovenseByCalls: "LVS-P011"
        case .weVibe: "Gala"
        case .aneros: "Massage Demo"
        case .meese: "Meese-V389"
        case .magicMotion: "Eidolon"
        }
    }

    /// Whether writes go by calls, which the device answers.
    var isCalled: Bool { self == .lovenseByCalls || self == .weVibe || self == .meese }

    func peripheral(_ address: String) -> SimPeripheral {
        var one: SimPeripheral
        switch self {
        case .lovense, .lovenseByCalls:
            one = .asking(address, name: name, kind: "P")
            one.faults.hasNoAcquire = self == .lovenseByCalls
        case .weVibe:
            one = Self.with(
                address, "f000bb03" + Self.weVibeBase,
                [("f000c000" + Self.weVibeBase, ["write"]), ("f000b000" + Self.weVibeBase, ["notify"])])
        case .aneros: one = Self.with(address, "0000ff00" + Self.base, [("0000ff01" + Self.base, ["write-without-response"])])
        case .meese: one = Self.with(address, "0000ffe0" + Self.base, [("0000ffe1" + Self.base, ["write"])])
        case .magicMotion:
            one = Self.with(
                address, "78667579-7b48-43db-b8c5-7928a6b0a335",
                [("78667579-a914-49a4-8333-aa3c0cd8fedc", ["write", "write-without-response"])])
            one.services.append(
                .init("0000180f" + Self.base, [.init("00002a19" + Self.base, ["read"], value: [60])]))
        }
        one.name = name
        return one
    }

    private static func with(_ address: String, _ service: String, _ characteristics: [(String, [String])]) -> SimPeripheral {
        var one = SimPeripheral(address, name: nil, services: [.init(service, characteristics.map { .init($0.0, $0.1) })])
        one.advertised = [service]
        return one
    }

    /// The motors that a packet sets.
    func motors(_ bytes: [UInt8]) -> [(place: Int, value: Int)] {
        switch self {
        case .lovense, .lovenseByCalls:
            let text = String(decoding: bytes, as: UTF8.self)
            guard text.hasPrefix("Vibrate"), text.hasSuffix(";"), let colon = text.firstIndex(of: ":"),
                let value = Int(text[text.index(after: colon)...].dropLast())
            else { return [] }
            let motor = text[..<colon].dropFirst("Vibrate".count)
            return motor.isEmpty ? [(0, value), (1, value)] : [((Int(motor) ?? 1) - 1, value)]
        case .weVibe:
            guard bytes.count == 8, bytes[0] == 0x0F else { return [] }
            return bytes[1] == 0 ? [(0, 0), (1, 0)] : [(0, Int(bytes[3] >> 4)), (1, Int(bytes[3] & 15))]
        case .aneros: return bytes.count == 2 && bytes[0] >= 0xF1 ? [(Int(bytes[0]) - 0xF1, Int(bytes[1]))] : []
        case .meese: return bytes.count == 4 && bytes[0] == 1 ? [(Int(bytes[2]) - 1, Int(bytes[3]))] : []
        case .magicMotion: return bytes.count == 17 ? [(0, Int(bytes[9])), (1, Int(bytes[14]))] : []
        }
    }
}

/// A Bluetooth device.
final class SimulatedToy: SimulatedHardware {
    let kind: ToyKind
    let address: String
    let identity: String
    private let world: SimulatedBluetooth
    private let monitor: HardwareMonitor
    private unowned let host: SimHost
    private let note: (String) -> Void
    /// The longest that a write has lately taken.
    private var slowest = Interval.milliseconds(10)
    private var slowUntil = Instant.zero

    init(_ kind: ToyKind, _ address: String, in world: SimulatedBluetooth, on host: SimHost, _ monitor: HardwareMonitor) {
        (self.kind, self.address, self.world, self.host, self.monitor) = (kind, address, world, host, monitor)
        identity = "bluetooth:" + address
        note = { [unowned world] in world.note("\(address): \($0)") }
        monitor.add(identity, [3, 3], slack: { [unowned self] in slack }, letterSlack: { [unowned self] in letterSlack })
    }

    /// The gap; by calls the one that is under way and those that count: each takes its time.
    private var slack: Interval {
        let write = host.now < slowUntil ? max(slowest, writeTime) : writeTime
        return .milliseconds(75 + 100) + (kind.isCalled ? write * (kind == .weVibe ? 2 : 3) : .zero)
    }

    /// Letters by calls go out one by one, a tenth of a second apart: a device that takes longer for one may miss others.
    private var letterSlack: Interval? {
        guard kind.isCalled else { return slack }
        let write = host.now < slowUntil ? max(slowest, writeTime) : writeTime
        return write < WillRules.roundPace ? WillRules.roundPace * Int64(WillRules.rounds) + write * 2 : nil
    }

    private var writeTime: Interval { peripheral?.faults.writeTime ?? .zero }
    private var peripheral: SimPeripheral? { world.bluez.peripherals.first { $0.address == address } }

    func happened(_ event: SimBluez.Event, at now: Instant) {
        switch event {
        case .connected:
            note("connected")
            monitor.connected(identity)
        case .released: monitor.released(identity, at: now)
        case .lost:
            note("lost")
            monitor.lost(identity)
        case .called(let underWay):
            monitor.expect(.oneWrite, underWay == 0, "\(identity) was written while \(underWay) writes were under way")
        case .got(let bytes, _):
            let set = kind.motors(bytes)
            note("\(set.map { "\($0.place)=\($0.value)" })")
            if !set.isEmpty { monitor.got(identity, set, at: now) }
        }
    }

    // MARK: Faults

    private func change(_ change: (inout SimPeripheral) -> Void) { world.bluez.change(address, change) }

    func mend() {
        slow(writeTime)
        change { one in
            let hasNoAcquire = one.faults.hasNoAcquire
            one.faults = .init()
            one.faults.hasNoAcquire = hasNoAcquire
            one.planConnects([])
            (one.appears, one.connectTime, one.resolveTime) = (.milliseconds(50), .milliseconds(80), .milliseconds(60))
            one.isOn = true
        }
        monitor.trouble(identity, until: host.now + .seconds(6))
        world.appear(address)
    }

    private func slow(_ time: Interval) {
        slowest = host.now < slowUntil ? max(slowest, time) : time
        slowUntil = host.now + .seconds(10)
    }

    func suffer(_ random: inout SimRandom) {
        switch random.below(18) {
        case 0: world.drop(address, isVanished: random.below(3) == 0)
        case 1, 2, 3: world.appear(address)
        case 4:
            let outcomes: [SimPeripheral.Outcome] = (0..<1 + random.below(11)).map { _ in
                switch random.below(6) {
                case 0, 1: .aborted
                case 2: .silent
                case 3: .error("InProgress", "")
                case 4: .error("Failed", "le-connection-concurrent-connection-limit")
                default: .error("Failed", "Connection refused")
                }
            }
            change { $0.planConnects(outcomes) }
        case 5:
            let time = Interval.milliseconds(Int64(random.below(12_000)))
            change { $0.resolveTime = time }
        case 6: change { $0.faults.neverResolves.toggle() }
        case 7: change { $0.faults.isHeld.toggle() }
        case 8:
            slow(writeTime)
            let time = Interval.milliseconds(5 + Int64(random.below(400)))
            change { $0.faults.writeTime = time }
        case 9:
            monitor.trouble(identity)
            change { $0.faults.writeError = random.below(2) == 0 ? "Failed" : nil }
            if peripheral?.faults.writeError == nil { monitor.trouble(identity, until: host.now + .seconds(6)) }
        case 10:
            monitor.trouble(identity, until: host.now + .seconds(6))
            change { $0.faults.busyWrites = 1 + Int(random.below(4)) }
        case 11:
            let drops = Int(random.below(30))
            change { $0.faults.dropsAfterWrites = drops }
        case 12:
            change { $0.faults.isMute.toggle() }
            monitor.trouble(identity, until: peripheral?.faults.isMute == true ? .never : host.now + .seconds(6))
        case 13:
            let appears = Interval.milliseconds(Int64(random.below(5_000)))
            change { $0.appears = appears }
        case 14:
            change {
                $0.replies = $0.replies.map {
                    .init(to: $0.to, $0.to == Array("Battery;".utf8) ? Array(random.below(2) == 0 ? "255;".utf8 : "s85;".utf8) : $0.answer)
                }
            }
        case 15:
            let percent = UInt8(random.below(2) == 0 ? 255 : random.below(101))
            change { one in
                for service in one.services.indices where one.services[service].uuid.hasPrefix("0000180f") {
                    one.services[service].characteristics[0].value = [percent]
                }
            }
        default:
            let noise = (0..<random.below(65)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
            world.say(address, noise)
        }
    }
}
