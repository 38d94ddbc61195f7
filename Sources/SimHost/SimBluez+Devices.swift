// The objects of the simulated BlueZ: connections, services, characteristics, and their calls.
// Must not know the connection to the client.

import DBus
import Host

extension SimBluez {
    static let device = "org.bluez.Device1"

    // MARK: Objects

    func facts(_ one: SimPeripheral) -> DBusValue {
        var facts: [DBusEntry] = [
            DBusEntry("Address", "s", .string(one.address)), DBusEntry("Adapter", "o", .path(one.adapterPath)),
            DBusEntry("Connected", "b", .boolean(one.isConnected)), DBusEntry("ServicesResolved", "b", .boolean(one.isResolved)),
            DBusEntry("UUIDs", "as", .list(one.advertised.map { .string($0) })),
        ]
        if let name = one.name { facts.append(DBusEntry("Name", "s", .string(name))) }
        if !one.makers.isEmpty {
            let makers = one.makers.map { DBusEntry(.uint16($0.company), .variant("ay", .bytes($0.data))) }
            facts.append(DBusEntry("ManufacturerData", "a{qv}", .entries(makers)))
        }
        if hasEar(one), !one.isConnected { facts.append(DBusEntry("RSSI", "n", .int16(-60))) }
        return .entries([DBusEntry(.string(Self.device), .entries(facts))])
    }

    private var objects: DBusValue {
        var found = adapters.filter(\.isThere).map { DBusEntry(.path($0.path), $0.facts) }
        for one in peripherals where one.isKnown && adapter(of: one) != nil {
            found.append(DBusEntry(.path(one.path), facts(one)))
            if one.isResolved { found += one.objects.map { DBusEntry(.path($0.path), $0.interfaces) } }
        }
        return .entries(found)
    }

    func added(_ path: String, _ interfaces: DBusValue) {
        emit("/", DBusNames.objects, "InterfacesAdded", "oa{sa{sv}}", [.path(path), interfaces])
    }

    func removed(_ path: String, _ interface: String) {
        emit("/", DBusNames.objects, "InterfacesRemoved", "oas", [.path(path), .list([.string(interface)])])
    }

    // MARK: Calls

    func called(_ call: DBusMessage) {
        guard isRunning else { return fail(call, "org.freedesktop.DBus.Error.ServiceUnknown", "nobody has that name", from: DBusNames.bus) }
        if call.member == "GetManagedObjects" {
            if let refusal { return fail(call, refusal, "rejected") }
            return answer(call, "a{oa{sa{sv}}}", [objects])
        }
        if let place = adapters.firstIndex(where: { $0.isThere && $0.path == call.path }) { return adapterCalled(place, call) }
        for index in peripherals.indices where peripherals[index].isKnown && adapter(of: peripherals[index]) != nil {
            if call.path == peripherals[index].path { return deviceCalled(index, call) }
            if peripherals[index].isResolved, let found = peripherals[index].attributes.first(where: { $0.path == call.path }) {
                return characteristicCalled(index, found.path, found.characteristic, call)
            }
        }
        fail(call, "org.freedesktop.DBus.Error.UnknownObject", "no such object")
    }

    private func deviceCalled(_ index: Int, _ call: DBusMessage) {
        let address = peripherals[index].address
        switch call.member {
        case "Connect":
            guard let adapter = adapter(of: peripherals[index]), adapter.isPowered else {
                return refuse(call, "NotReady", "Resource Not Ready")
            }
            let plan = peripherals[index].faults.connects
            let outcome = peripherals[index].connects < plan.count ? plan[peripherals[index].connects] : .ok
            peripherals[index].connects += 1
            note("connect \(address)\(adapter.isScanning ? " scanning" : "")")
            guard outcome != .silent else { return }
            later(peripherals[index].connectTime) { [self] in connected(index, outcome, call) }
        case "Disconnect":
            note("disconnect \(address)")
            // BlueZ leaves the connection some time: what it has got by then is still passed on.
            let left = peripherals[index].attributes.map { descriptors.unreadCount(peripherals[index].acquired[$0.path]) }.max() ?? 0
            if left == 0 { release(index, call) } else { later(readTime * Int64(left + 1)) { [self] in release(index, call) } }
        default: fail(call, "org.freedesktop.DBus.Error.UnknownMethod")
        }
    }

    private func release(_ index: Int, _ call: DBusMessage) {
        if peripherals[index].isConnected { tell(index, .released) }
        lose(index)
        answer(call)
    }

    private func connected(_ index: Int, _ outcome: SimPeripheral.Outcome, _ call: DBusMessage) {
        let path = peripherals[index].path
        let canConnect = peripherals[index].isOn && !isConnectedElsewhere(index) && adapter(of: peripherals[index])?.isPowered == true
        switch canConnect || outcome != .ok ? outcome : .aborted {
        case .ok where peripherals[index].isConnected: answer(call)
        case .ok:
            peripherals[index].isConnected = true
            peripherals[index].life += 1
            peripherals[index].writes = 0
            changed(path, "Device1", [DBusEntry("Connected", "b", .boolean(true))])
            answer(call)
            tell(index, .connected)
            guard !peripherals[index].faults.neverResolves else { return }
            let life = peripherals[index].life
            later(peripherals[index].resolveTime) { [self] in
                guard peripherals[index].isConnected, peripherals[index].life == life else { return }
                for object in peripherals[index].objects { added(object.path, object.interfaces) }
                peripherals[index].isResolved = true
                changed(path, "Device1", [DBusEntry("ServicesResolved", "b", .boolean(true))])
            }
        case .aborted:
            changed(path, "Device1", [DBusEntry("Connected", "b", .boolean(true))])
            later(.milliseconds(5)) { [self] in changed(path, "Device1", [DBusEntry("Connected", "b", .boolean(false))]) }
            refuse(call, "Failed", "le-connection-abort-by-local")
        case .silent: break
        case .error(let name, let text): refuse(call, name, text)
        }
    }

    /// The connection is gone.
    func lose(_ index: Int) {
        guard peripherals[index].isConnected else { return }
        note("down \(peripherals[index].address)")
        tell(index, .lost)
        for (_, path, _) in peripherals[index].attributes {
            if let descriptor = peripherals[index].acquired.removeValue(forKey: path) { end(descriptor) }
        }
        let wasResolved = peripherals[index].isResolved
        (peripherals[index].isConnected, peripherals[index].isResolved) = (false, false)
        peripherals[index].notifying = []
        peripherals[index].endWrites()
        let facts =
            [DBusEntry("Connected", "b", .boolean(false))] + (wasResolved ? [DBusEntry("ServicesResolved", "b", .boolean(false))] : [])
        changed(peripherals[index].path, "Device1", facts)
        if wasResolved { for object in peripherals[index].objects { removed(object.path, object.interface) } }
        // It advertises again.
        later(peripherals[index].appears) { [self] in advertised(index) }
    }

    /// It goes out of reach; `isVanished`: BlueZ forgets it too.
    public func drop(_ address: String, isVanished: Bool = false, at now: Instant) {
        deadlinePassed(at: now)
        for index in peripherals.indices where peripherals[index].address == address {
            peripherals[index].isOn = false
            lose(index)
            guard isVanished, peripherals[index].isKnown else { continue }
            peripherals[index].isKnown = false
            removed(peripherals[index].path, Self.device)
        }
    }

    /// It is back.
    public func appear(_ address: String, at now: Instant) {
        deadlinePassed(at: now)
        for index in peripherals.indices where peripherals[index].address == address {
            peripherals[index].isOn = true
            advertised(index)
        }
    }

    // MARK: Characteristics

    private func characteristicCalled(_ index: Int, _ path: String, _ one: SimPeripheral.Characteristic, _ call: DBusMessage) {
        switch call.member {
        case "AcquireWrite":
            guard !peripherals[index].faults.hasNoAcquire, one.flags.contains("write-without-response") else {
                return refuse(call, "NotSupported")
            }
            guard !peripherals[index].faults.isHeld, peripherals[index].acquired[path] == nil else {
                return refuse(call, "NotPermitted", "Write acquired")
            }
            let descriptor = descriptors.make(for: path)
            peripherals[index].acquired[path] = descriptor
            note("acquired \(peripherals[index].address)")
            answer(call, "hq", [.descriptor(0), .uint16(517)], [descriptor])
        case "StartNotify":
            peripherals[index].notifying.insert(path)
            answer(call)
        case "StopNotify":
            peripherals[index].notifying.remove(path)
            answer(call)
        case "ReadValue" where peripherals[index].faults.isMute: break
        case "ReadValue": answer(call, "ay", [.bytes(one.value)])
        case "WriteValue": writeCalled(index, path, call)
        default: fail(call, "org.freedesktop.DBus.Error.UnknownMethod")
        }
    }
}

extension SimPeripheral {
    /// Its services and characteristics as BlueZ shows them.
    var objects: [(path: String, interfaces: DBusValue, interface: String)] {
        var found: [(String, DBusValue, String)] = []
        for (place, service) in services.enumerated() {
            let facts = [DBusEntry("UUID", "s", .string(service.uuid)), DBusEntry("Device", "o", .path(path))]
            found.append(
                (
                    "\(path)/service\(place)", .entries([DBusEntry(.string("org.bluez.GattService1"), .entries(facts))]),
                    "org.bluez.GattService1"
                ))
        }
        for (service, path, characteristic) in attributes {
            let facts = [
                DBusEntry("UUID", "s", .string(characteristic.uuid)), DBusEntry("Service", "o", .path(service)),
                DBusEntry("Flags", "as", .list(characteristic.flags.map { .string($0) })),
            ]
            found.append(
                (path, .entries([DBusEntry(.string("org.bluez.GattCharacteristic1"), .entries(facts))]), "org.bluez.GattCharacteristic1"))
        }
        return found
    }
}
