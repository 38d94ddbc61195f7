// A connected device's characteristics: which protocol they fit, descriptors to write them by, notifications and reads.
// Must not know what the bytes mean, nor other devices. What it returns is why the device is lost; nil: it is not.

import DBus
import Host

extension BluetoothLink {
    /// The battery service, which every protocol has.
    private static let battery = ProtocolFacts(
        name: "battery",
        services: [
            ServiceFacts(
                service: UUID128(assigned: 0x180F),
                endpoints: [EndpointFacts(endpoint: .rxblebattery, characteristic: UUID128(assigned: 0x2A19))])
        ])

    /// BlueZ knows the device's services: takes the first protocol that they fit.
    /// - Parameter facts: The protocols that match a candidate, in order.
    mutating func identify(
        by facts: (Candidate) -> [ProtocolFacts], in objects: BluezObjects, into out: inout TransportEffects
    ) -> LossReason? {
        let (services, characteristics) = objects.attributes(of: path)
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
        let newest = objects.device(at: path)?.candidate ?? candidate
        var missing: UUID128?
        for facts in facts(candidate) + (newest == candidate ? [] : facts(newest)) {
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
            self.endpoints = endpoints.compactMap { one in
                for service in facts.services + Self.battery.services {
                    if service.endpoints.contains(one), let found = find(service.service, one.characteristic) {
                        return GattEndpoint(one.endpoint, found)
                    }
                }
                return nil
            }
            out.events.append(.identified(device, protocolName: facts.name))
            return nil
        }
        return .unsuitable(missing.map { "none of its protocols fits: it has no \($0)" } ?? "no protocol is known for it")
    }

    // MARK: Descriptors

    /// Asks for a descriptor of each characteristic that can have one.
    mutating func acquire(by bus: inout BluezBus, at now: Instant, into out: inout TransportEffects) {
        stage = .acquiring
        deadline = now + Self.resolveTime
        for endpoint in endpoints where endpoint.way == .acquiring { askForDescriptor(endpoint, by: &bus, at: now) }
        becomeReady(into: &out)
    }

    private func askForDescriptor(_ endpoint: GattEndpoint, by bus: inout BluezBus, at now: Instant) {
        bus.call(
            .acquire(device, endpoint.endpoint), (Bluez.characteristic, "AcquireWrite"), on: endpoint.path, ("a{sv}", [.entries([])]),
            at: now)
    }

    /// Asks again for those that another program held.
    mutating func acquireAgain(by bus: inout BluezBus, at now: Instant) {
        for place in endpoints.indices where endpoints[place].way == .none && endpoints[place].flags.contains(.plain) {
            endpoints[place].way = .acquiring
            askForDescriptor(endpoints[place], by: &bus, at: now)
        }
    }

    /// It is ready when no descriptor is awaited any more.
    private mutating func becomeReady(into out: inout TransportEffects) {
        guard stage == .acquiring, retryAt == .never else { return }
        let isWaiting = endpoints.contains { endpoint in
            switch endpoint.way {
            case .acquiring: true
            // The wire is open when it has a length.
            case .wire: endpoint.bytesMax == 0 || endpoint.isBlocked
            case .calls, .none: false
            }
        }
        guard !isWaiting else { return }
        stage = .ready
        deadline = .never
        out.events.append(.ready(device, set))
    }

    /// The answer to AcquireWrite: a descriptor and the MTU.
    mutating func acquired(
        _ endpoint: DeviceEndpoint, _ values: [DBusValue], _ descriptors: [Int32], by bus: inout BluezBus, into out: inout TransportEffects
    ) {
        guard let place = place(of: endpoint), endpoints[place].way == .acquiring else { return bus.discard(descriptors, into: &out) }
        guard case .descriptor(let number)? = values.first, descriptors.indices.contains(number), values.count == 2,
            let mtu = values[1].integer, (0...Int(UInt16.max)).contains(mtu)
        else {
            bus.discard(descriptors, into: &out)
            endpoints[place].way = .calls
            return becomeReady(into: &out)
        }
        let wire = bus.newWire()
        out.opens.append((.passed(descriptors[number]), wire))
        var others = descriptors
        others.remove(at: number)
        bus.discard(others, into: &out)
        endpoints[place].way = .wire(wire)
        endpoints[place].isBlocked = true
        // The opcode and the handle take three bytes; a value has at most 512.
        endpoints[place].bytesMax = max(1, min(mtu - 3, 512))
    }

    /// A descriptor's wire can be written.
    mutating func acquired(_ wire: WireID, into out: inout TransportEffects) {
        for place in endpoints.indices where endpoints[place].way == .wire(wire) {
            endpoints[place].isBlocked = false
            becomeReady(into: &out)
        }
    }

    mutating func acquireFailed(
        _ endpoint: DeviceEndpoint, _ trouble: BluezTrouble, at now: Instant, into out: inout TransportEffects
    ) -> LossReason? {
        guard let place = place(of: endpoint) else { return nil }
        switch trouble {
        case .held:
            if heldUntil == .never { heldUntil = now + Self.heldTime }
            guard now < heldUntil else { return .failed("another program writes to it: end that program's connection") }
            endpoints[place].way = .none
            retryAt = now + Self.pause
        case .gone, .silent, .off: return .gone
        case .unpaired: return unpaired
        case .aborted, .busy, .full, .unsupported, .denied, .other:
            endpoints[place].way = .calls
            becomeReady(into: &out)
        }
        return nil
    }

    // MARK: What the device says

    mutating func subscribe(_ endpoint: DeviceEndpoint, _ isOn: Bool, by bus: inout BluezBus, at now: Instant) {
        guard let place = place(of: endpoint), endpoints[place].flags.contains(.notify), endpoints[place].isNotifying != isOn
        else { return }
        endpoints[place].isNotifying = isOn
        bus.call(.notify(device, endpoint), (Bluez.characteristic, isOn ? "StartNotify" : "StopNotify"), on: endpoints[place].path, at: now)
    }

    /// False: there is nothing to be read.
    func read(_ endpoint: DeviceEndpoint, by bus: inout BluezBus, at now: Instant) -> Bool {
        guard let place = place(of: endpoint), stage == .ready else { return false }
        bus.call(
            .read(device, endpoint), (Bluez.characteristic, "ReadValue"), on: endpoints[place].path, ("a{sv}", [.entries([])]), at: now)
        return true
    }

    /// A characteristic of it has a new value: of a notification, or of a read, which its answer tells.
    func notified(_ path: String, _ bytes: [UInt8], into out: inout TransportEffects) {
        for endpoint in endpoints where endpoint.isNotifying && endpoint.path == path {
            out.receive(bytes.span.bytes, from: endpoint.endpoint, of: device)
        }
    }
}
