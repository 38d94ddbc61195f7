// Packets to a device: by descriptor where there is one, else by WriteValue, of which one at a time is open for each characteristic.
// Must not know what the packets say, nor keep one that could not leave: the newest state is encoded again.

import DBus
import Host

extension BluetoothLink {
    private static let writeTime = Interval.seconds(5)
    /// BlueZ learns of a descriptor's end by another way than of a call: the call may be the first.
    private static let repeatsMax = 10
    private static let repeatPause = Interval.milliseconds(20)
    private static let failedWritesMax = 3

    /// The wire that takes this packet as it is; nil when it goes another way.
    func wire(for packet: Packet) -> WireID? {
        guard let place = place(of: packet.endpoint), packet.delivery == .plain, case .wire(let wire) = endpoints[place].way,
            packet.range.count <= endpoints[place].bytesMax
        else { return nil }
        return wire
    }

    mutating func write(
        _ packet: Packet, _ bytes: RawSpan, by bus: inout BluezBus, at now: Instant, into out: inout TransportEffects
    ) -> Sent {
        guard let place = place(of: packet.endpoint) else { return .lacking }
        if let wire = wire(for: packet) {
            guard !endpoints[place].isBlocked else {
                endpoints[place].owesDrained = true
                return .blocked
            }
            out.send(bytes, to: wire, of: device)
            return .done
        }
        guard !endpoints[place].isWriting else {
            endpoints[place].owesDrained = true
            return .blocked
        }
        // Nobody may call while somebody has the descriptor: from here on this characteristic is written by calls.
        if case .wire(let wire) = endpoints[place].way {
            out.closes.append(wire)
            endpoints[place].way = .calls
            endpoints[place].isBlocked = false
            endpoints[place].repeatsLeft = Self.repeatsMax
        }
        var message = endpoints[place].message.take() ?? BluezWrite(path: endpoints[place].path, to: bus.owner)
        message.set(bytes, isRequest: endpoints[place].isRequest(packet.delivery))
        var whole = message.bytes
        endpoints[place].message = message
        endpoints[place].isWriting = true
        bus.call(prepared: &whole, for: .write(device, packet.endpoint), until: now + Self.writeTime)
        if endpoints[place].repeatsLeft > 0 { endpoints[place].repeated = whole }
        return .pending
    }

    /// A WriteValue has been answered; no trouble: it went well.
    /// - Returns: Why the device is lost; nil: it is not.
    mutating func wrote(
        _ endpoint: DeviceEndpoint, _ trouble: BluezTrouble?, at now: Instant, into out: inout TransportEffects
    ) -> LossReason? {
        guard let place = place(of: endpoint) else { return nil }
        if trouble == .held, endpoints[place].repeatsLeft > 0 {
            endpoints[place].repeatsLeft -= 1
            endpoints[place].retryAt = now + Self.repeatPause
            return nil
        }
        endpoints[place].isWriting = false
        endpoints[place].repeatsLeft = 0
        endpoints[place].repeated = []
        out.events.append(.wrote(device, ok: trouble == nil))
        failedWrites = trouble == nil ? 0 : failedWrites + 1
        switch trouble {
        case .gone: return .gone
        case .unpaired: return unpaired
        case .silent where failedWrites >= Self.failedWritesMax: return .gone
        default:
            tellDrained(place, into: &out)
            return nil
        }
    }

    mutating func repeatWrites(by bus: inout BluezBus, at now: Instant) {
        for place in endpoints.indices where endpoints[place].retryAt <= now {
            endpoints[place].retryAt = .never
            let tag = BluetoothCall.write(device, endpoints[place].endpoint)
            bus.call(prepared: &endpoints[place].repeated, for: tag, until: now + Self.writeTime)
        }
    }

    // MARK: The watchdog

    /// Whether it has a characteristic that only calls can write.
    var needsCalls: Bool { (stage == .acquiring || stage == .ready) && endpoints.contains { $0.way == .calls } }

    /// How the watchdog brings it a packet.
    /// - Parameter owner: BlueZ's own address on the bus.
    func letter(_ packet: Packet, _ bytes: [UInt8], to owner: String, by letters: LetterBus) -> LetterWay {
        if let wire = wire(for: packet) { return .write(bytes, to: wire, isPaced: false) }
        guard let place = place(of: packet.endpoint), endpoints[place].way == .calls else { return .none }
        switch letters.state {
        case .off, .opening, .greeting: return .later
        case .failed: return .none
        case .ready(let wire):
            var message = BluezWrite(path: endpoints[place].path, to: owner)
            let isRequest = endpoints[place].isRequest(packet.delivery)
            return .write(message.letter(bytes.span.bytes, isRequest: isRequest), to: wire, isPaced: isRequest)
        }
    }

    // MARK: Descriptors that take nothing

    mutating func blocked(_ wire: WireID) {
        for place in endpoints.indices where endpoints[place].way == .wire(wire) {
            endpoints[place].isBlocked = true
            endpoints[place].owesDrained = true
        }
    }

    mutating func drained(_ wire: WireID, into out: inout TransportEffects) {
        for place in endpoints.indices where endpoints[place].way == .wire(wire) {
            endpoints[place].isBlocked = false
            tellDrained(place, into: &out)
        }
    }

    private mutating func tellDrained(_ place: Int, into out: inout TransportEffects) {
        guard endpoints[place].owesDrained else { return }
        endpoints[place].owesDrained = false
        out.events.append(.drained(device))
    }
}
