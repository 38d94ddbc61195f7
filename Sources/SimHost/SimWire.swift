// Wires in a simulated world: each leads to a simulated device, with time on the way, a window that fills, and a plug that can be pulled.
// Must not know what the bytes say.

import Host

/// The other end of simulated wires: a device that gets bytes and may say some.
public protocol SimWireDevice: AnyObject {
    /// Somebody has opened the line. `say` sends bytes back.
    func opened(at now: Instant)
    func received(_ bytes: [UInt8], at now: Instant)
    /// The line was closed, or the plug was pulled.
    func closed(at now: Instant)
}

/// A socket that a device is plugged into, or not.
public final class SimPlug: SimActor {
    public let path: String
    public let device: any SimWireDevice
    /// Nobody finds the device while it is false.
    public private(set) var isPlugged = true
    /// What the system says instead of opening it; nil: it opens it.
    public var refusal: WireEnd?
    /// The time that bytes take on the way.
    public var latency = Interval.milliseconds(1)
    /// What a byte takes on the line to the device: 1 s / (baud / 10).
    public var byteTime = Interval.zero
    /// Bytes that the line holds before it takes no more.
    public var window = 4_096

    private unowned let host: SimHost
    private var attachment: SimActorID?
    fileprivate private(set) weak var wire: SimWire?
    /// On their way to the device: when they are there, and what they are.
    private var down: [(at: Instant, bytes: [UInt8])] = []
    private var up: [(at: Instant, bytes: [UInt8])] = []
    private var lineFree = Instant.zero
    fileprivate var owesDrained = false
    /// Other processes that have the line open.
    var duplicates = 0

    /// How long what is on the line needs until it is at the device.
    public var backlog: Interval { down.last.map { max($0.at, host.now) - host.now } ?? .zero }

    private enum Wake: UInt32 { case outcome, down, up, ended }

    init(_ path: String, _ device: any SimWireDevice, on host: SimHost) {
        self.path = path
        self.device = device
        self.host = host
        attachment = host.enlist(self)
    }

    private func wake(_ code: Wake, at time: Instant) { if let attachment { host.wake(attachment, at: time, code: code.rawValue) } }

    /// Bytes from the device.
    public func say(_ bytes: [UInt8]) {
        guard wire != nil else { return }
        up.append((host.now + latency, bytes))
        wake(.up, at: host.now + latency)
    }

    /// Pulls the plug: what is on its way is lost.
    public func unplug() {
        guard isPlugged else { return }
        isPlugged = false
        loseLine()
        if wire != nil { wake(.ended, at: host.now) }
        device.closed(at: host.now)
    }

    public func plug() { isPlugged = true }

    private func loseLine() {
        down.removeAll()
        up.removeAll()
    }

    fileprivate func attach(_ wire: SimWire) {
        self.wire = wire
        up.removeAll()
        (owesDrained, lineFree) = (false, max(lineFree, host.now))
        wake(.outcome, at: host.now)
    }

    fileprivate func detach() {
        wire = nil
        // What was sent still arrives.
        up.removeAll()
        device.closed(at: host.now)
    }

    func take(_ bytes: [UInt8]) -> Bool {
        guard isPlugged else { return false }
        guard down.reduce(0, { $0 + $1.bytes.count }) < window else {
            owesDrained = true
            return false
        }
        lineFree = max(lineFree, host.now) + byteTime * Int64(bytes.count)
        down.append((lineFree + latency, bytes))
        wake(.down, at: lineFree + latency)
        return true
    }

    public func woken(_ code: UInt32, at now: Instant) {
        switch Wake(rawValue: code) {
        case .outcome: tellOutcome(at: now)
        case .down:
            while let first = down.first, first.at <= now {
                down.removeFirst()
                device.received(first.bytes, at: now)
            }
            if owesDrained, down.isEmpty, let wire, isPlugged {
                owesDrained = false
                wire.owner.drained(wire.id, at: now)
            }
        case .up:
            while let first = up.first, first.at <= now, let wire {
                up.removeFirst()
                first.bytes.withUnsafeBytes { wire.owner.received($0.bytes, from: wire.id, at: now) }
            }
        case .ended:
            guard !isPlugged, let wire else { return }
            self.wire = nil
            wire.end(.ended, at: now)
        case nil: break
        }
    }

    private func tellOutcome(at now: Instant) {
        guard let wire, !wire.isOpen else { return }
        if isPlugged, refusal == nil {
            wire.isOpen = true
            device.opened(at: now)
            wire.owner.opened(wire.id, at: now)
        } else {
            self.wire = nil
            wire.end(refusal ?? .absent, at: now)
        }
    }
}

/// One simulated wire.
final class SimWire: Wire {
    let id: WireID
    let owner: any WireOwner
    let plug: SimPlug?
    fileprivate(set) var isOpen = false
    private var isOver = false
    private unowned let host: SimHost

    fileprivate init(_ plug: SimPlug?, as id: WireID, for owner: any WireOwner, on host: SimHost) {
        self.plug = plug
        self.id = id
        self.owner = owner
        self.host = host
    }

    /// Stands for one, so that what is done with descriptors can be tested.
    var descriptor: Int32 { isOpen && !isOver ? Int32(clamping: id.number) : -1 }

    func send(_ bytes: UnsafeRawBufferPointer) -> Bool { isOpen && !isOver && plug?.take([UInt8](bytes)) == true }

    func close() {
        guard !isOver else { return host.complain("close of a wire that is over") }
        isOver = true
        if isOpen { plug?.detach() }
        host.network.wires.removeAll { $0 === self }
    }

    fileprivate func end(_ end: WireEnd, at now: Instant) {
        guard !isOver else { return }
        isOver = true
        host.network.wires.removeAll { $0 === self }
        owner.closed(id, end, at: now)
    }
}

extension SimHost: WireOpener {
    /// Lets a device be reached at a path.
    public func plug(_ device: any SimWireDevice, at path: String) -> SimPlug {
        let plug = SimPlug(path, device, on: self)
        network.plugs.append(plug)
        return plug
    }

    public func open(_ address: WireAddress, as id: WireID, for owner: any WireOwner) -> any Wire {
        if let wire = openBus(address, as: id, for: owner) { return wire }
        var found: SimPlug?
        if case .serial(let path, _) = address { found = network.plugs.first { $0.path == path } }
        let isTaken = found.map { $0.wire != nil || $0.duplicates > 0 } ?? false
        let wire = SimWire(isTaken ? nil : found, as: id, for: owner, on: self)
        network.wires.append(wire)
        if let found, !isTaken {
            found.attach(wire)
        } else {
            at(now) { [now] in wire.end(isTaken ? .busy : .absent, at: now) }
        }
        return wire
    }
}
