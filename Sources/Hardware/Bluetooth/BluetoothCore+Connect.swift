// From a candidate to a connected device with its services: one Connect at a time, and what each error means (BlueZ 5.55 to 5.86).
// Must not know characteristics' bytes.

import DBus
import Host

extension BluetoothCore {
    // MARK: Discovery

    /// Discovery runs for a scan, for a device that is sought, and for a third Connect; it rests during the others: kernels from 6.15 on may
    /// need it for a connection, older ones do better without.
    private var wantsDiscovery: Bool {
        guard isUsable else { return false }
        if let next = links.first(where: { $0.stage == .connecting }) ?? nextToConnect { return next.aborts >= 2 }
        return isScanWanted || links.contains { $0.stage == .sought }
    }

    private var nextToConnect: BluetoothLink? { links.first { $0.stage == .waiting && $0.retryAt == .never } }

    mutating func steerDiscovery(at now: Instant) {
        guard isUsable, let path = adapter?.path else { return }
        switch discovery {
        case .off where wantsDiscovery && discoveryRetryAt == .never:
            let filter = DBusValue.entries([DBusEntry("Transport", "s", .string("le")), DBusEntry("DuplicateData", "b", .boolean(false))])
            call(.filter, (Bluez.adapter, "SetDiscoveryFilter"), on: path, ("a{sv}", [filter]), at: now)
            call(.startDiscovery, (Bluez.adapter, "StartDiscovery"), on: path, at: now)
            discovery = .starting
        case .on where !wantsDiscovery:
            call(.stopDiscovery, (Bluez.adapter, "StopDiscovery"), on: path, at: now)
            discovery = .stopping
        case .off, .on, .starting, .stopping: break
        }
    }

    mutating func discoveryFailed(_ trouble: BluezTrouble, at now: Instant) {
        // Ours runs already: the answer to the last one was lost.
        if trouble == .busy { return discovery = .on }
        discovery = .off
        discoveryRetryAt = now + Self.second
    }

    // MARK: Steps

    /// Moves every link as far as it can go now.
    mutating func steerLinks(at now: Instant, into out: inout TransportEffects) {
        guard isUsable, let adapter else { return }
        for index in links.indices where links[index].stage == .sought || links[index].stage == .waiting {
            guard let device = objects.device(withAddress: links[index].candidate.address, of: adapter.path) else {
                links[index].stage = .sought
                continue
            }
            links[index].path = device.path
            if device.isConnected {
                resolve(index, at: now)
            } else if links[index].stage == .sought, device.isAdvertising {
                links[index].stage = .waiting
            }
        }
        connectNext(at: now)
        for index in links.indices.reversed() where links[index].stage == .resolving {
            if objects.device(at: links[index].path)?.isResolved == true { resolved(index, at: now, into: &out) }
        }
    }

    private mutating func connectNext(at now: Instant) {
        guard !links.contains(where: { $0.stage == .connecting || $0.stage == .falling }),
            let index = links.firstIndex(where: { $0.stage == .waiting && $0.retryAt == .never })
        else { return }
        // Discovery has to be as this Connect wants it; when it cannot be, the Connect does not wait for it.
        guard discovery == (links[index].aborts >= 2 ? .on : .off) || discovery == .off && discoveryRetryAt != .never else { return }
        links[index].stage = .connecting
        links[index].retryAt = now + Self.patience
        call(.connect(links[index].device), (Bluez.device, "Connect"), on: links[index].path, at: now)
    }

    private mutating func resolve(_ index: Int, at now: Instant) {
        links[index].stage = .resolving
        links[index].retryAt = .never
        links[index].deadline = now + Self.resolveTime
    }

    mutating func connected(_ device: UInt32, at now: Instant, into out: inout TransportEffects) {
        guard let index = links.firstIndex(where: { $0.device == device }), links[index].stage == .connecting else { return }
        resolve(index, at: now)
    }

    mutating func connectFailed(
        _ device: UInt32, _ trouble: BluezTrouble, _ failure: DBusFailure, at now: Instant, into out: inout TransportEffects
    ) {
        guard let index = links.firstIndex(where: { $0.device == device }), links[index].stage == .connecting else { return }
        links[index].retryAt = .never
        switch trouble {
        case .aborted:
            links[index].aborts += 1
            guard links[index].aborts < 3 else { return lose(index, .gone, at: now, into: &out) }
            links[index].stage = .falling
            links[index].retryAt = now + Self.fallTime
        case .busy, .full:
            links[index].busies += 1
            guard links[index].busies < 2 else {
                return lose(index, trouble == .full ? .failed("the adapter takes no more devices") : .gone, at: now, into: &out)
            }
            links[index].stage = .waiting
            links[index].retryAt = now + Self.second
        case .off:
            links[index].stage = .waiting
            links[index].retryAt = now + Self.second
        case .unpaired: lose(index, .failed(pairing(index)), at: now, into: &out)
        case .denied: lose(index, .failed("this user may not connect devices: add the user to the group bluetooth"), at: now, into: &out)
        case .gone, .silent, .held, .unsupported, .other: lose(index, .gone, at: now, into: &out)
        }
    }

    func pairing(_ index: Int) -> String { "the device wants to be paired: bluetoothctl pair \(links[index].candidate.address)" }

    /// BlueZ says something new of a device.
    mutating func deviceChanged(_ device: BluezDevice, at now: Instant, into out: inout TransportEffects) {
        guard let index = links.firstIndex(where: { $0.path == device.path }), !device.isConnected else { return }
        switch links[index].stage {
        case .falling: again(index)
        case .resolving, .acquiring, .ready: lose(index, .gone, at: now, into: &out)
        // A Connect ends by its own answer.
        case .sought, .waiting, .connecting: break
        }
    }

    private mutating func again(_ index: Int) {
        links[index].stage = .waiting
        links[index].retryAt = .never
    }

    // MARK: Time

    mutating func linksDeadline(at now: Instant, into out: inout TransportEffects) {
        for index in links.indices.reversed() {
            if links[index].deadline <= now {
                lose(index, .gone, at: now, into: &out)
                continue
            }
            repeatWrites(index, at: now)
            guard links[index].retryAt <= now else { continue }
            links[index].retryAt = .never
            switch links[index].stage {
            case .falling, .waiting: again(index)
            case .acquiring: acquireAgain(index, at: now)
            case .connecting: letOthersPass(index, at: now)
            case .sought, .resolving, .ready: break
            }
        }
    }

    /// A device that does not answer must not keep the others from being connected.
    private mutating func letOthersPass(_ index: Int, at now: Instant) {
        guard nextToConnect != nil else { return links[index].retryAt = now + Self.second }
        let device = links[index].device
        connection.forget { $0 == .connect(device) }
        disconnect(links[index].path, at: now)
        var link = links.remove(at: index)
        link.stage = .waiting
        links.append(link)
    }

    // MARK: Ends

    mutating func disconnect(_ path: String, at now: Instant) {
        guard !owner.isEmpty, !path.isEmpty else { return }
        call(.disconnect, (Bluez.device, "Disconnect"), on: path, at: now)
    }

    mutating func lose(_ device: UInt32, at now: Instant, into out: inout TransportEffects) {
        if let index = links.firstIndex(where: { $0.device == device }) { lose(index, .gone, at: now, into: &out) }
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
            if link.stage == .ready { closing.append((wire, now + Self.second)) } else { out.closes.append(wire) }
        }
        connection.forget { $0.device == link.device }
        if link.isUp, link.stage == .connecting || objects.device(at: link.path)?.isConnected == true { disconnect(link.path, at: now) }
    }
}
