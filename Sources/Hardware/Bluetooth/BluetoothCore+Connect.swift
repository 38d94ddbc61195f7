// Who is connected when: one Connect at a time, discovery as each of them needs it, and the end of a device's connection.
// What each error means is in `BluetoothLink` (BlueZ 5.55 to 5.86). Must not know characteristics' bytes.

import DBus
import Host

extension BluetoothCore {
    /// Discovery runs for a scan, for a device that is sought, and for a third Connect; it rests during the others: kernels from 6.15 on may
    /// need it for a connection, older ones do better without.
    private func wantsDiscovery(at now: Instant) -> Bool {
        if let next = links.firstIndex(where: { $0.stage == .connecting }) ?? nextToConnect(at: now) { return links[next].aborts >= 2 }
        return discovery.isScanWanted || links.contains { $0.stage == .sought }
    }

    /// One that may run goes before those that only wait; when it does not answer, it takes turns with them.
    private func nextToConnect(at now: Instant) -> Int? {
        func isNext(_ link: BluetoothLink) -> Bool { link.stage == .waiting && link.retryAt == .never }
        let isOthersTurn = now < othersTurnEnds
        return links.firstIndex { isNext($0) && $0.goesFirst != isOthersTurn } ?? links.firstIndex(where: isNext)
    }

    /// Moves every device as far as it can go now.
    mutating func steer(at now: Instant, into out: inout TransportEffects) {
        guard bus.state == .known else { return }
        for index in links.indices where links[index].stage == .sought || links[index].stage == .waiting { approach(index, at: now) }
        if isUsable { connectNext(at: now) }
        for index in links.indices.reversed() where links[index].stage == .resolving {
            if bus.objects.device(at: links[index].path)?.isResolved == true { resolved(index, at: now, into: &out) }
        }
        // Those that were lost may have left it unusable, or others may wait now.
        guard isUsable, let adapter else { return }
        discovery.steer(wantsDiscovery(at: now), on: adapter.path, by: &bus, at: now)
    }

    /// Looks how a device can be had: by the connection that any adapter has already, else by the adapter in use.
    private mutating func approach(_ index: Int, at now: Instant) {
        let address = links[index].candidate.address
        if let device = bus.objects.connected(address) {
            links[index].path = device.path
            return links[index].resolve(at: now)
        }
        guard isUsable, let adapter else { return }
        guard let device = bus.objects.device(withAddress: address, of: adapter.path) else { return links[index].stage = .sought }
        links[index].path = device.path
        if links[index].stage == .sought, device.isAdvertising { links[index].stage = .waiting }
    }

    private mutating func connectNext(at now: Instant) {
        guard !links.contains(where: { $0.stage == .connecting || $0.stage == .falling }) else { return }
        guard let index = nextToConnect(at: now) else { return }
        // Discovery has to be as this Connect wants it; when it cannot be, the Connect does not wait for it.
        guard discovery.state == (links[index].aborts >= 2 ? .on : .off) || discovery.hasFailed else { return }
        links[index].connect(by: &bus, at: now)
    }

    /// BlueZ knows the device's services.
    private mutating func resolved(_ index: Int, at now: Instant, into out: inout TransportEffects) {
        if let reason = links[index].identify(by: settings.facts, in: bus.objects, into: &out) {
            return lose(index, reason, at: now, into: &out)
        }
        links[index].acquire(by: &bus, at: now, into: &out)
    }

    // MARK: Time

    mutating func linksDeadline(at now: Instant, into out: inout TransportEffects) {
        for index in links.indices.reversed() {
            if links[index].deadline <= now {
                lose(index, .gone, at: now, into: &out)
                continue
            }
            links[index].repeatWrites(by: &bus, at: now)
            guard links[index].retryAt <= now else { continue }
            links[index].retryAt = .never
            switch links[index].stage {
            case .falling, .waiting: links[index].waitAgain()
            case .acquiring: links[index].acquireAgain(by: &bus, at: now)
            case .connecting: letOthersPass(index, at: now)
            case .sought, .resolving, .ready: break
            }
        }
    }

    /// A device that does not answer must not keep the others from being connected.
    private mutating func letOthersPass(_ index: Int, at now: Instant) {
        guard nextToConnect(at: now) != nil else { return links[index].retryAt = now + BluetoothLink.pause }
        let device = links[index].device
        bus.forget { $0 == .connect(device) }
        disconnect(links[index].path, at: now)
        var link = links.remove(at: index)
        link.stage = .waiting
        if link.goesFirst { othersTurnEnds = now + BluetoothLink.patience }
        links.append(link)
    }

    // MARK: Ends

    private mutating func disconnect(_ path: String, at now: Instant) {
        guard !bus.owner.isEmpty, !path.isEmpty else { return }
        bus.call(.disconnect, (Bluez.device, "Disconnect"), on: path, at: now)
    }

    /// The device is lost, or could not be connected.
    mutating func lose(_ index: Int, _ reason: LossReason, at now: Instant, into out: inout TransportEffects) {
        let device = links[index].device
        drop(index, at: now, into: &out)
        out.events.append(.lost(device, reason))
    }

    /// Lets go of a device: its descriptors, its open calls, its connection.
    mutating func drop(_ index: Int, at now: Instant, into out: inout TransportEffects) {
        let link = links.remove(at: index)
        for endpoint in link.endpoints {
            guard case .wire(let wire) = endpoint.way else { continue }
            if link.stage == .ready { closing.append((wire, now + BluetoothLink.pause)) } else { out.closes.append(wire) }
        }
        bus.forget { $0.device == link.device }
        if link.isUp, link.stage == .connecting || bus.objects.device(at: link.path)?.isConnected == true { disconnect(link.path, at: now) }
    }
}
