// A connected device's characteristics: which protocol they fit, descriptors to write them by, notifications and reads.
// Must not know what the bytes mean.

import DBus
import Host

extension BluetoothCore {
    /// The battery service, which every protocol has.
    private static let battery = ProtocolFacts(
        name: "battery",
        services: [
            ServiceFacts(
                service: UUID128(assigned: 0x180F),
                endpoints: [EndpointFacts(endpoint: .rxblebattery, characteristic: UUID128(assigned: 0x2A19))])
        ])

    /// BlueZ knows the device's services.
    mutating func resolved(_ index: Int, at now: Instant, into out: inout TransportEffects) {
        let link = links[index]
        let (services, characteristics) = objects.attributes(of: link.path)
        // Paths of the characteristics by service and UUID.
        func find(_ service: UUID128, _ uuid: UUID128) -> BluezCharacteristic? {
            for one in services where one.uuid == service {
                if let found = characteristics.first(where: { $0.service == one.path && $0.uuid == uuid }) { return found }
            }
            return nil
        }
        func has(_ service: UUID128, _ characteristic: UUID128?) -> Bool {
            guard let characteristic else { return services.contains { $0.uuid == service } }
            return find(service, characteristic) != nil
        }
        // The advertisement that is known now may say more than the one that it was connected for.
        let candidate = objects.device(at: link.path)?.candidate ?? link.candidate
        var missing: UUID128?
        for facts in settings.facts(link.candidate) + (candidate == link.candidate ? [] : settings.facts(candidate)) {
            var endpoints: [EndpointFacts]
            switch facts.fit(has) {
            case .fits(let found): endpoints = found
            case .lacks(let uuid):
                missing = missing ?? uuid
                continue
            }
            if !endpoints.contains(where: { $0.endpoint == .rxblebattery }) {
                for service in Self.battery.services { endpoints += service.endpoints.filter { has(service.service, $0.characteristic) } }
            }
            links[index].endpoints = endpoints.compactMap { one in
                for service in facts.services + Self.battery.services {
                    if service.endpoints.contains(one), let found = find(service.service, one.characteristic) {
                        return GattEndpoint(one.endpoint, found)
                    }
                }
                return nil
            }
            out.events.append(.identified(link.device, protocolName: facts.name))
            return acquire(index, at: now, into: &out)
        }
        let reason = missing.map { "none of its protocols fits: it has no \($0)" } ?? "no protocol is known for it"
        lose(index, .failed(reason), at: now, into: &out)
    }

    // MARK: Descriptors

    private mutating func acquire(_ index: Int, at now: Instant, into out: inout TransportEffects) {
        links[index].stage = .acquiring
        links[index].deadline = now + Self.resolveTime
        for endpoint in links[index].endpoints where endpoint.way == .acquiring { askForDescriptor(links[index].device, endpoint, at: now) }
        readyIfComplete(index, into: &out)
    }

    private mutating func askForDescriptor(_ device: UInt32, _ endpoint: GattEndpoint, at now: Instant) {
        call(
            .acquire(device, endpoint.endpoint), (Bluez.characteristic, "AcquireWrite"), on: endpoint.path, ("a{sv}", [.entries([])]),
            at: now)
    }

    mutating func acquireAgain(_ index: Int, at now: Instant) {
        for endpoint in links[index].endpoints where endpoint.way == .none && endpoint.flags.contains(.plain) {
            if let place = links[index].place(of: endpoint.endpoint) { links[index].endpoints[place].way = .acquiring }
            askForDescriptor(links[index].device, endpoint, at: now)
        }
    }

    private mutating func readyIfComplete(_ index: Int, into out: inout TransportEffects) {
        guard links[index].stage == .acquiring, links[index].retryAt == .never else { return }
        let isWaiting = links[index].endpoints.contains { endpoint in
            switch endpoint.way {
            case .acquiring: true
            // The wire is open when it has a length.
            case .wire: endpoint.bytesMax == 0 || endpoint.isBlocked
            case .calls, .none: false
            }
        }
        guard !isWaiting else { return }
        links[index].stage = .ready
        links[index].deadline = .never
        out.events.append(.ready(links[index].device, links[index].set))
    }

    /// The answer to AcquireWrite: a descriptor and the MTU.
    mutating func acquired(
        _ device: UInt32, _ endpoint: DeviceEndpoint, _ values: [DBusValue], _ descriptors: [Int32], at now: Instant,
        into out: inout TransportEffects
    ) {
        guard let index = links.firstIndex(where: { $0.device == device }), let place = links[index].place(of: endpoint),
            links[index].endpoints[place].way == .acquiring
        else { return discard(descriptors, into: &out) }
        guard case .descriptor(let number)? = values.first, descriptors.indices.contains(number), values.count == 2,
            let mtu = values[1].integer, (0...Int(UInt16.max)).contains(mtu)
        else {
            discard(descriptors, into: &out)
            links[index].endpoints[place].way = .calls
            return readyIfComplete(index, into: &out)
        }
        let wire = newWire()
        out.opens.append((.passed(descriptors[number]), wire))
        var others = descriptors
        others.remove(at: number)
        discard(others, into: &out)
        links[index].endpoints[place].way = .wire(wire)
        links[index].endpoints[place].isBlocked = true
        // The opcode and the handle take three bytes; a value has at most 512.
        links[index].endpoints[place].bytesMax = max(1, min(mtu - 3, 512))
    }

    /// A descriptor's wire can be written.
    mutating func acquired(_ wire: WireID, at now: Instant, into out: inout TransportEffects) {
        for index in links.indices {
            for place in links[index].endpoints.indices where links[index].endpoints[place].way == .wire(wire) {
                links[index].endpoints[place].isBlocked = false
                readyIfComplete(index, into: &out)
            }
        }
    }

    mutating func acquireFailed(
        _ device: UInt32, _ endpoint: DeviceEndpoint, _ trouble: BluezTrouble, at now: Instant, into out: inout TransportEffects
    ) {
        guard let index = links.firstIndex(where: { $0.device == device }), let place = links[index].place(of: endpoint) else { return }
        switch trouble {
        case .held:
            if links[index].heldUntil == .never { links[index].heldUntil = now + .seconds(5) }
            guard now < links[index].heldUntil else {
                return lose(index, .failed("another program writes to it: end that program's connection"), at: now, into: &out)
            }
            links[index].endpoints[place].way = .none
            links[index].retryAt = now + Self.second
        case .gone, .silent, .off: lose(index, .gone, at: now, into: &out)
        case .unpaired: lose(index, .failed(pairing(index)), at: now, into: &out)
        case .aborted, .busy, .full, .unsupported, .denied, .other:
            links[index].endpoints[place].way = .calls
            readyIfComplete(index, into: &out)
        }
    }

    // MARK: What the device says

    mutating func subscribe(
        _ endpoint: DeviceEndpoint, of device: UInt32, _ isOn: Bool, at now: Instant, into out: inout TransportEffects
    ) {
        guard let index = links.firstIndex(where: { $0.device == device }), let place = links[index].place(of: endpoint),
            links[index].endpoints[place].flags.contains(.notify), links[index].endpoints[place].isNotifying != isOn
        else { return }
        links[index].endpoints[place].isNotifying = isOn
        let path = links[index].endpoints[place].path
        call(.notify(device, endpoint), (Bluez.characteristic, isOn ? "StartNotify" : "StopNotify"), on: path, at: now)
        settle(at: now, into: &out)
    }

    mutating func read(_ endpoint: DeviceEndpoint, of device: UInt32, at now: Instant, into out: inout TransportEffects) {
        guard let link = links.first(where: { $0.device == device }), let place = link.place(of: endpoint), link.stage == .ready else {
            return out.events.append(.silent(device, endpoint))
        }
        call(
            .read(device, endpoint), (Bluez.characteristic, "ReadValue"), on: link.endpoints[place].path, ("a{sv}", [.entries([])]), at: now
        )
        settle(at: now, into: &out)
    }

    mutating func wasRead(_ device: UInt32, _ endpoint: DeviceEndpoint, _ bytes: [UInt8]?, into out: inout TransportEffects) {
        guard let bytes else { return out.events.append(.silent(device, endpoint)) }
        out.receive(bytes.span.bytes, from: endpoint, of: device)
    }

    /// A characteristic has a new value: of a notification, or of a read, which its answer tells.
    mutating func notified(_ path: String, _ bytes: [UInt8], into out: inout TransportEffects) {
        for link in links where link.stage == .ready && path.hasPrefix(link.path) {
            for endpoint in link.endpoints where endpoint.isNotifying && endpoint.path == path {
                out.receive(bytes.span.bytes, from: endpoint.endpoint, of: link.device)
            }
        }
    }
}
