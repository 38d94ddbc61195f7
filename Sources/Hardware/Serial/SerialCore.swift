// Serial ports: opened as soon as they are there, looked for again each second while they are not.
// Only ports of the configuration are opened: to try others would reset printers and boards of other programs.

import Host

/// The serial ports of one configuration.
struct SerialCore: TransportCore, ~Copyable {
    enum Phase: Hashable {
        /// It is not there, or cannot be opened. Tried again at that time. Can turn into: opening.
        case absent(Instant)
        /// The system opens it. Can turn into: found, booting, absent.
        case opening
        /// It is open, and nobody has wanted it yet. Can turn into: booting, absent, left.
        case found
        /// Boards reset when they are opened, and are deaf until then. Can turn into: ready, absent, left.
        case booting(Instant)
        /// Can turn into: absent, left.
        case ready
        /// It was given up and is known: `connect` opens it again. Can turn into: opening.
        case left
    }

    private struct Port {
        let path: String
        let baud: Int
        var phase = Phase.absent(.zero)
        var wire = WireID(0)
        var device: UInt32?
        /// The line is sending until then.
        var busyUntil = Instant.zero
        /// The wire takes nothing.
        var isBlocked = false
        /// Somebody was refused.
        var owesDrained = false
        /// What the operator was told last.
        var told: WireEnd?
    }

    /// How long a board is deaf after its port was opened.
    static let boot = Interval.seconds(2)
    /// After a port was closed, before it is opened again.
    static let release = Interval.milliseconds(200)
    /// Between two looks for a port that is not there.
    static let look = Interval.seconds(1)

    private var ports: [Port]
    private var wires: UInt32 = 0
    private var isScanning = false

    init(_ ports: [SerialPort]) { self.ports = ports.map { Port(path: $0.path, baud: $0.baud) } }

    // MARK: The watchdog

    func letter(_ packet: Packet, _ bytes: [UInt8], to device: UInt32) -> LetterWay {
        guard let wire = ports.first(where: { $0.device == device })?.wire else { return .none }
        // Half a line of the router that died is a line of its own then, and not the beginning of a stop.
        return .write([UInt8(ascii: "\n")] + bytes, to: wire, isPaced: false)
    }

    // MARK: Time

    var deadline: Instant {
        var earliest = Instant.never
        for port in ports {
            switch port.phase {
            case .absent(let time), .booting(let time): earliest = min(earliest, time)
            case .ready: if port.owesDrained, !port.isBlocked { earliest = min(earliest, port.busyUntil) }
            case .opening, .found, .left: break
            }
        }
        return earliest
    }

    mutating func deadlinePassed(at now: Instant, into out: inout TransportEffects) {
        for port in ports.indices {
            switch ports[port].phase {
            case .absent(let time) where time <= now: open(port, into: &out)
            case .booting(let time) where time <= now:
                ports[port].phase = .ready
                if let device = ports[port].device { out.events.append(.ready(device, [.tx, .rx])) }
            case .ready where ports[port].owesDrained && !ports[port].isBlocked && ports[port].busyUntil <= now: drained(port, into: &out)
            default: break
            }
        }
        endScan(into: &out)
    }

    private mutating func open(_ port: Int, into out: inout TransportEffects) {
        wires += 1
        ports[port].wire = WireID(wires)
        ports[port].phase = .opening
        (ports[port].isBlocked, ports[port].owesDrained, ports[port].busyUntil) = (false, false, .zero)
        out.opens.append((.serial(path: ports[port].path, baud: ports[port].baud), ports[port].wire))
    }

    private mutating func drained(_ port: Int, into out: inout TransportEffects) {
        ports[port].owesDrained = false
        if let device = ports[port].device { out.events.append(.drained(device)) }
    }

    // MARK: What is asked of it

    mutating func scan(_ isOn: Bool, at now: Instant, into out: inout TransportEffects) {
        isScanning = isOn
        if isOn {
            for port in ports.indices { if case .absent = ports[port].phase { open(port, into: &out) } }
        }
        endScan(into: &out)
    }

    /// A scan ends when each port has been looked at.
    private mutating func endScan(into out: inout TransportEffects) {
        guard isScanning, !ports.contains(where: { $0.phase == .opening }) else { return }
        isScanning = false
        out.events.append(.scanEnded)
    }

    mutating func connect(_ candidate: Candidate, as device: UInt32, at now: Instant, into out: inout TransportEffects) {
        guard let port = ports.firstIndex(where: { $0.path == candidate.address }) else { return out.events.append(.lost(device, .gone)) }
        ports[port].device = device
        switch ports[port].phase {
        case .found: ports[port].phase = .booting(now + Self.boot)
        // What was just closed is free a moment later.
        case .left: ports[port].phase = .absent(now + Self.release)
        case .absent: open(port, into: &out)
        case .opening, .booting, .ready: break
        }
    }

    mutating func leave(_ device: UInt32, at now: Instant, into out: inout TransportEffects) {
        guard let port = ports.firstIndex(where: { $0.device == device }) else { return }
        switch ports[port].phase {
        case .opening, .found, .booting, .ready: out.closes.append(ports[port].wire)
        case .absent, .left: break
        }
        ports[port].device = nil
        ports[port].phase = .left
        endScan(into: &out)
    }

    /// A line that is still sending takes no more: else a slow one would be late, and a zero with it.
    mutating func write(
        _ packet: Packet, _ bytes: RawSpan, to device: UInt32, at now: Instant, into out: inout TransportEffects
    ) -> Sent {
        guard let port = ports.firstIndex(where: { $0.device == device }), ports[port].phase == .ready else { return .gone }
        guard !ports[port].isBlocked, ports[port].busyUntil <= now else {
            ports[port].owesDrained = true
            return .blocked
        }
        out.send(bytes, to: ports[port].wire, of: device)
        // Eight bits, one to begin and one to end.
        ports[port].busyUntil = now + Interval(nanoseconds: Int64(bytes.byteCount) * 10_000_000_000 / Int64(ports[port].baud))
        return .done
    }

    mutating func hurry(_ device: UInt32) {
        for port in ports.indices where ports[port].device == device { ports[port].busyUntil = .zero }
    }

    // MARK: What the wires say

    private func port(of wire: WireID) -> Int? { ports.firstIndex { $0.wire == wire } }

    mutating func wireOpened(_ wire: WireID, at now: Instant, into out: inout TransportEffects) {
        guard let port = port(of: wire), ports[port].phase == .opening else { return }
        if ports[port].told != nil {
            ports[port].told = nil
            out.events.append(.notice(HardwareNotice(subject: "serial:\(ports[port].path)", problem: nil)))
        }
        if ports[port].device == nil {
            ports[port].phase = .found
            out.events.append(.found(Candidate(address: ports[port].path)))
        } else {
            ports[port].phase = .booting(now + Self.boot)
        }
        endScan(into: &out)
    }

    mutating func received(_ bytes: RawSpan, from wire: WireID, at now: Instant, into out: inout TransportEffects) {
        guard let port = port(of: wire), let device = ports[port].device, ports[port].phase == .ready else { return }
        out.receive(bytes, from: .rx, of: device)
    }

    mutating func wireBlocked(_ wire: WireID) {
        guard let port = port(of: wire) else { return }
        (ports[port].isBlocked, ports[port].owesDrained) = (true, true)
    }

    mutating func wireDrained(_ wire: WireID, at now: Instant, into out: inout TransportEffects) {
        guard let port = port(of: wire), ports[port].isBlocked else { return }
        ports[port].isBlocked = false
        if ports[port].owesDrained, ports[port].busyUntil <= now { drained(port, into: &out) }
    }

    mutating func wireClosed(_ wire: WireID, _ end: WireEnd, at now: Instant, into out: inout TransportEffects) {
        guard let port = port(of: wire), ports[port].phase != .left else { return }
        let wasOpening = ports[port].phase == .opening
        let device = ports[port].device
        ports[port].device = nil
        ports[port].phase = .absent(now + Self.look)
        if let device { out.events.append(.lost(device, .gone)) }
        out.events.append(.forgotten(address: ports[port].path))
        if wasOpening, ports[port].told != end {
            ports[port].told = end
            out.events.append(.notice(HardwareNotice(subject: "serial:\(ports[port].path)", problem: Self.words(end))))
        }
        endScan(into: &out)
    }

    private static func words(_ end: WireEnd) -> String {
        switch end {
        case .ended, .absent: "it is not there; it is looked for each second"
        case .denied: "this user may not open it: add the user to the group that owns the file, \"dialout\" as a rule, and start again"
        case .busy: "another program has it; end that program"
        case .unsuitable: "it is no serial line, or does not know this speed; correct \"port\" or \"baud\""
        case .failed(let number): "it cannot be opened: error \(number) of the system"
        }
    }
}
