// What BlueZ says, handed on to the part that it is about: the discovery, or one device's connection.
// Must not know the connection to the bus.

import DBus
import Host

extension BluetoothCore {
    /// Reads everything that has come.
    /// - Returns: Whether that was values of characteristics alone: nothing else follows from them.
    @discardableResult
    mutating func digest(at now: Instant, into out: inout TransportEffects) -> Bool {
        var isValuesAlone = bus.state == .known
        while let event = bus.next(at: now, into: &out) {
            if case .changed(.value) = event {} else { isValuesAlone = false }
            switch event {
            case .gone(let withBus): bluezLost(withBus: withBus, at: now, into: &out)
            case .known: tellCandidates(into: &out)
            case .changed(let change): changed(change, at: now, into: &out)
            case .answer(.acquire(let device, let endpoint), let values, let descriptors):
                guard let index = index(of: device) else {
                    bus.discard(descriptors, into: &out)
                    continue
                }
                links[index].acquired(endpoint, values, descriptors, by: &bus, into: &out)
            case .answer(let call, let values, let descriptors):
                bus.discard(descriptors, into: &out)
                answered(call, values, at: now, into: &out)
            case .failure(let call, let failure): failed(call, BluezTrouble(failure), at: now, into: &out)
            }
        }
        return isValuesAlone && bus.state == .known
    }

    /// BlueZ has ended: those that wait for their first connection go on waiting.
    private mutating func bluezLost(withBus: Bool, at now: Instant, into out: inout TransportEffects) {
        discovery.lost()
        for index in links.indices.reversed() {
            if links[index].isUp { lose(index, .gone, at: now, into: &out) } else { links[index].stage = .sought }
        }
        guard withBus else { return }
        letters.close(into: &out)
        // Nothing has just been written to them.
        out.closes += closing.map(\.wire)
        closing = []
    }

    private mutating func answered(_ call: BluetoothCall, _ values: [DBusValue], at now: Instant, into out: inout TransportEffects) {
        switch call {
        case .startDiscovery: discovery.started()
        case .stopDiscovery: discovery.stopped()
        case .match, .owner, .objects, .filter, .disconnect, .acquire, .notify: break
        case .connect(let device):
            if let index = index(of: device), links[index].stage == .connecting { links[index].resolve(at: now) }
        case .write(let device, let endpoint): wrote(device, endpoint, nil, at: now, into: &out)
        case .read(let device, let endpoint):
            guard let bytes = values.first?.octets else { return out.events.append(.silent(device, endpoint)) }
            out.receive(bytes.span.bytes, from: endpoint, of: device)
        }
    }

    private mutating func failed(_ call: BluetoothCall, _ trouble: BluezTrouble, at now: Instant, into out: inout TransportEffects) {
        switch call {
        case .match, .owner, .objects, .filter, .disconnect: break
        case .startDiscovery: discovery.startFailed(trouble, at: now)
        case .stopDiscovery: discovery.stopped()
        case .connect(let device):
            guard let index = index(of: device), links[index].stage == .connecting else { break }
            if let reason = links[index].connectFailed(trouble, at: now) { lose(index, reason, at: now, into: &out) }
        case .acquire(let device, let endpoint):
            guard let index = index(of: device) else { break }
            if let reason = links[index].acquireFailed(endpoint, trouble, at: now, into: &out) { lose(index, reason, at: now, into: &out) }
        case .write(let device, let endpoint): wrote(device, endpoint, trouble, at: now, into: &out)
        case .read(let device, let endpoint):
            out.events.append(.silent(device, endpoint))
            loseIfGone(device, trouble, at: now, into: &out)
        case .notify(let device, _): loseIfGone(device, trouble, at: now, into: &out)
        }
    }

    private mutating func loseIfGone(_ device: UInt32, _ trouble: BluezTrouble, at now: Instant, into out: inout TransportEffects) {
        guard trouble == .gone, let index = index(of: device) else { return }
        lose(index, .gone, at: now, into: &out)
    }

    private mutating func wrote(
        _ device: UInt32, _ endpoint: DeviceEndpoint, _ trouble: BluezTrouble?, at now: Instant, into out: inout TransportEffects
    ) {
        guard let index = index(of: device) else { return }
        if let reason = links[index].wrote(endpoint, trouble, at: now, into: &out) { lose(index, reason, at: now, into: &out) }
    }

    private mutating func changed(_ change: BluezObjects.Change, at now: Instant, into out: inout TransportEffects) {
        switch change {
        case .nothing: break
        case .adapters: adaptersChanged(at: now, into: &out)
        case .device(let path):
            guard let index = bus.objects.index(of: path) else { return }
            tellCandidate(at: index, into: &out)
            deviceChanged(bus.objects.devices[index], at: now, into: &out)
        case .removed(let device):
            // It is not said to be forgotten: who had it may look for it, and BlueZ forgets everybody in half a minute.
            guard let index = links.firstIndex(where: { $0.path == device.path && $0.stage != .sought }) else { return }
            if links[index].isUp { lose(index, .gone, at: now, into: &out) } else { links[index].stage = .sought }
        case .value(let path, let bytes):
            for index in links.indices where links[index].stage == .ready && path.hasPrefix(links[index].path) {
                links[index].notified(path, bytes, into: &out)
            }
        }
    }

    /// An adapter came, went, or was switched.
    private mutating func adaptersChanged(at now: Instant, into out: inout TransportEffects) {
        if !isUsable {
            discovery.lost()
            bus.forget { [.startDiscovery, .stopDiscovery].contains($0) }
        }
        for index in links.indices.reversed() where links[index].isUp && !bus.objects.isReachable(links[index].path) {
            lose(index, .gone, at: now, into: &out)
        }
        tellCandidates(into: &out)
    }

    /// BlueZ says something new of a device.
    private mutating func deviceChanged(_ device: BluezDevice, at now: Instant, into out: inout TransportEffects) {
        guard let index = links.firstIndex(where: { $0.path == device.path }), !device.isConnected else { return }
        switch links[index].stage {
        case .falling: links[index].waitAgain()
        case .resolving, .acquiring, .ready: lose(index, .gone, at: now, into: &out)
        // A Connect ends by its own answer.
        case .sought, .waiting, .connecting: break
        }
    }
}
