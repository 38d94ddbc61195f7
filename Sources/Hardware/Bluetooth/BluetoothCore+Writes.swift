// Packets to devices: by descriptor where there is one, else by WriteValue, of which one at a time is open for each characteristic.
// Must not know what the packets say, nor keep one that could not leave: the newest state is encoded again.

import DBus
import Host

extension BluetoothCore {
    func wire(for packet: Packet, to device: UInt32) -> WireID? {
        guard let link = links.first(where: { $0.device == device && $0.stage == .ready }), let place = link.place(of: packet.endpoint),
            packet.delivery == .plain, case .wire(let wire) = link.endpoints[place].way,
            packet.range.count <= link.endpoints[place].bytesMax
        else { return nil }
        return wire
    }

    mutating func write(_ packet: Packet, _ bytes: RawSpan, to device: UInt32, at now: Instant, into out: inout TransportEffects) -> Sent {
        guard let index = links.firstIndex(where: { $0.device == device && $0.stage == .ready }),
            let place = links[index].place(of: packet.endpoint)
        else { return .gone }
        if let wire = wire(for: packet, to: device) {
            guard !links[index].endpoints[place].isBlocked else {
                links[index].endpoints[place].owesDrained = true
                return .blocked
            }
            out.send(bytes, to: wire, of: device)
            return .done
        }
        return writeByCall(packet, bytes, index, place, at: now, into: &out)
    }

    private mutating func writeByCall(
        _ packet: Packet, _ bytes: RawSpan, _ index: Int, _ place: Int, at now: Instant, into out: inout TransportEffects
    ) -> Sent {
        var endpoint = links[index].endpoints[place]
        guard !endpoint.isWriting else {
            links[index].endpoints[place].owesDrained = true
            return .blocked
        }
        // Nobody may call while somebody has the descriptor: from here on this characteristic is written by calls.
        if case .wire(let wire) = endpoint.way {
            out.closes.append(wire)
            endpoint.way = .calls
            endpoint.isBlocked = false
            endpoint.repeatsLeft = Self.repeatsMax
        }
        let isRequest = endpoint.flags.contains(.write) && (packet.delivery == .confirmed || !endpoint.flags.contains(.plain))
        var message = endpoint.message ?? BluezWrite(path: endpoint.path, to: owner)
        message.set(bytes, isRequest: isRequest)
        endpoint.isWriting = true
        var whole = message.bytes
        connection.call(prepared: &whole, for: .write(links[index].device, packet.endpoint), until: now + Self.writeTime)
        if endpoint.repeatsLeft > 0 { endpoint.repeated = whole }
        endpoint.message = message
        links[index].endpoints[place] = endpoint
        deadline = min(deadline, now + Self.writeTime)
        flushBus(into: &out)
        return .pending
    }

    /// BlueZ learns of the descriptor's end by another way than of the call: the call may be the first.
    private static var repeatsMax: Int { 10 }
    private static let repeatPause = Interval.milliseconds(20)
    private static let failedWritesMax = 3

    /// A WriteValue has been answered; nil: it went well.
    mutating func wrote(
        _ device: UInt32, _ endpoint: DeviceEndpoint, _ trouble: BluezTrouble?, at now: Instant, into out: inout TransportEffects
    ) {
        guard let index = links.firstIndex(where: { $0.device == device }), let place = links[index].place(of: endpoint) else { return }
        if trouble == .held, links[index].endpoints[place].repeatsLeft > 0 {
            links[index].endpoints[place].repeatsLeft -= 1
            links[index].endpoints[place].retryAt = now + Self.repeatPause
            return
        }
        links[index].endpoints[place].isWriting = false
        links[index].endpoints[place].repeatsLeft = 0
        links[index].endpoints[place].repeated = []
        out.events.append(.wrote(device, ok: trouble == nil))
        links[index].failedWrites = trouble == nil ? 0 : links[index].failedWrites + 1
        switch trouble {
        case .gone: return lose(index, .gone, at: now, into: &out)
        case .unpaired: return lose(index, .failed(pairing(index)), at: now, into: &out)
        case .silent where links[index].failedWrites >= Self.failedWritesMax: return lose(index, .gone, at: now, into: &out)
        default: tellDrained(index, place, into: &out)
        }
    }

    mutating func tellDrained(_ index: Int, _ place: Int, into out: inout TransportEffects) {
        guard links[index].endpoints[place].owesDrained else { return }
        links[index].endpoints[place].owesDrained = false
        out.events.append(.drained(links[index].device))
    }

    mutating func repeatWrites(_ index: Int, at now: Instant) {
        for place in links[index].endpoints.indices where links[index].endpoints[place].retryAt <= now {
            links[index].endpoints[place].retryAt = .never
            let tag = BluetoothCall.write(links[index].device, links[index].endpoints[place].endpoint)
            connection.call(prepared: &links[index].endpoints[place].repeated, for: tag, until: now + Self.writeTime)
        }
    }
}
