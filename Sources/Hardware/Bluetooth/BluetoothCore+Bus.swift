// The way to BlueZ and what is missing on it: the bus, the name, the adapter. Each is told once and comes back by itself.
// Must not know devices' connections, but that all of them are lost with BlueZ.

import DBus
import Host

extension BluetoothCore {
    // MARK: The bus

    mutating func busDeadline(at now: Instant, into out: inout TransportEffects) {
        switch bus {
        case .waiting(let until) where until <= now: openBus(at: now, into: &out)
        case .opening where busUntil <= now, .greeting where busUntil <= now:
            out.closes.append(busWire)
            busLost("D-Bus at \(settings.bus) does not answer", at: now, into: &out)
        case .refused(let until) where until <= now: readObjects(at: now)
        default: break
        }
    }

    private mutating func openBus(at now: Instant, into out: inout TransportEffects) {
        connection = DBusConnection(takesDescriptors: true)
        backlog.reset()
        busWire = newWire()
        bus = .opening
        busUntil = now + Self.greetingTime
        out.opens.append((.socket(path: settings.bus), busWire))
    }

    mutating func busOpened(at now: Instant) {
        guard bus == .opening else { return }
        bus = .greeting
        busUntil = now + Self.greetingTime
        for rule in [
            "type='signal',sender='\(DBusNames.bus)',interface='\(DBusNames.bus)',member='NameOwnerChanged',arg0='\(Bluez.name)'",
            "type='signal',sender='\(Bluez.name)',interface='\(DBusNames.objects)'",
            "type='signal',sender='\(Bluez.name)',interface='\(DBusNames.properties)',member='PropertiesChanged',path_namespace='\(Bluez.root)'",
        ] {
            call(
                .match, DBusMessage(call: "AddMatch", of: DBusNames.bus, on: DBusNames.path, to: DBusNames.bus, "s", [.string(rule)]),
                at: now)
        }
        let question = DBusMessage(
            call: "GetNameOwner", of: DBusNames.bus, on: DBusNames.path, to: DBusNames.bus, "s", [.string(Bluez.name)])
        call(.owner, question, at: now)
    }

    /// The connection to the bus is over, or of no use.
    mutating func busLost(_ reason: String, at now: Instant, into out: inout TransportEffects) {
        if bus != .opening { out.closes.append(busWire) }
        discard(passed + connection.takeHeld(), into: &out)
        passed = []
        connection = DBusConnection(takesDescriptors: true)
        backlog.reset()
        bluezLost(at: now, into: &out)
        // Nothing has just been written to them.
        out.closes += closing.map(\.wire)
        closing = []
        bus = .waiting(until: now + busPause)
        busPause = min(busPause + busPause, Self.pauseMax)
        busTrouble = reason
    }

    private mutating func readObjects(at now: Instant) {
        bus = .reading
        call(.objects, DBusMessage(call: "GetManagedObjects", of: DBusNames.objects, on: "/", to: owner), at: now)
    }

    private mutating func ownerChanged(to name: String, at now: Instant, into out: inout TransportEffects) {
        bluezLost(at: now, into: &out)
        owner = name
        if name.isEmpty { bus = .ownerless } else { readObjects(at: now) }
    }

    /// BlueZ has ended: nothing of it is there any more. What was wanted of it is wanted of the next one.
    private mutating func bluezLost(at now: Instant, into out: inout TransportEffects) {
        connection.forget { ![.match, .owner].contains($0) }
        objects = BluezObjects()
        owner = ""
        discovery = .off
        discoveryRetryAt = .never
        // Those that wait for their first connection go on waiting.
        for index in links.indices.reversed() {
            if links[index].isUp { lose(index, .gone, at: now, into: &out) } else { links[index].stage = .sought }
        }
    }

    mutating func call(_ tag: BluetoothCall, _ message: DBusMessage, within time: Interval = Self.callTime, at now: Instant) {
        connection.call(message, for: tag, until: now + time)
    }

    /// A call to an object of BlueZ.
    mutating func call(
        _ tag: BluetoothCall, _ member: (interface: String, name: String), on path: String,
        _ arguments: (signature: String, values: [DBusValue]) = ("", []), at now: Instant
    ) {
        let message = DBusMessage(call: member.name, of: member.interface, on: path, to: owner, arguments.signature, arguments.values)
        connection.call(message, for: tag, until: now + Self.callTime)
    }

    /// What the connection has to send goes to its wire, at most once in a flush.
    mutating func flushBus(into out: inout TransportEffects) {
        if !out.runs.contains(where: { $0.wire == busWire }) { backlog.begin() }
        guard bus != .opening else { return }
        if case .waiting = bus { return }
        if !backlog.isBlocked, !backlog.waiting.isEmpty { hand(backlog.takeWaiting(), into: &out) }
        guard !connection.output.isEmpty else { return }
        if backlog.isBlocked { backlog.keep(connection.output) } else { hand(connection.output, into: &out) }
        connection.clearOutput()
    }

    private mutating func hand(_ bytes: [UInt8], into out: inout TransportEffects) {
        backlog.hand(bytes)
        out.send(bytes.span.bytes, to: busWire, of: WireRun.nobody)
    }

    // MARK: What comes

    /// Reads everything that has come.
    mutating func digest(at now: Instant, into out: inout TransportEffects) {
        do throws(DBusMessage.Malformed) {
            while let event = try connection.next(passed: &passed) { take(event, at: now, into: &out) }
        } catch { busLost("what came from \(settings.bus) is not D-Bus", at: now, into: &out) }
        discard(passed, into: &out)
        passed = []
        if backlog.waiting.count > BusBacklog.bytesMax { busLost("D-Bus at \(settings.bus) reads nothing", at: now, into: &out) }
    }

    private mutating func take(_ event: DBusConnection<BluetoothCall>.Event, at now: Instant, into out: inout TransportEffects) {
        switch event {
        case .ready: break
        case .signal(let message):
            discard(message.descriptors, into: &out)
            signalled(message, at: now, into: &out)
        case .answer(let call, let message):
            let values = message.values
            if case .acquire(let device, let endpoint) = call {
                return acquired(device, endpoint, values ?? [], message.descriptors, at: now, into: &out)
            }
            discard(message.descriptors, into: &out)
            answered(call, values ?? [], at: now, into: &out)
        case .failure(let call, let failure): failed(call, failure, at: now, into: &out)
        }
    }

    private mutating func answered(_ call: BluetoothCall, _ values: [DBusValue], at now: Instant, into out: inout TransportEffects) {
        switch call {
        case .owner:
            guard bus == .greeting, let name = values.first?.text else { return }
            busKnown()
            ownerChanged(to: name, at: now, into: &out)
        case .objects: objectsRead(values.first?.dictionary ?? [], into: &out)
        case .startDiscovery: discovery = .on
        case .stopDiscovery: discovery = .off
        case .match, .filter, .disconnect, .acquire, .notify: break
        case .connect(let device): connected(device, at: now, into: &out)
        case .write(let device, let endpoint): wrote(device, endpoint, nil, at: now, into: &out)
        case .read(let device, let endpoint): wasRead(device, endpoint, values.first?.octets, into: &out)
        }
    }

    private mutating func failed(_ call: BluetoothCall, _ failure: DBusFailure, at now: Instant, into out: inout TransportEffects) {
        let trouble = BluezTrouble(failure)
        switch call {
        case .match: break
        case .owner:
            busKnown()
            bus = .ownerless
        case .objects where trouble == .gone: bus = .ownerless
        case .objects:
            bus = .refused(until: now + Self.pauseMax)
            busTrouble =
                trouble == .denied
                ? "this user may not use BlueZ: add the user to the group bluetooth, or see BlueZ's rules in /etc/dbus-1"
                : "BlueZ does not say what it has: \(failure.name) \(failure.text)"
        case .filter, .disconnect: break
        case .startDiscovery: discoveryFailed(trouble, at: now)
        case .stopDiscovery: discovery = .off
        case .connect(let device): connectFailed(device, trouble, failure, at: now, into: &out)
        case .acquire(let device, let endpoint): acquireFailed(device, endpoint, trouble, at: now, into: &out)
        case .write(let device, let endpoint): wrote(device, endpoint, trouble, at: now, into: &out)
        case .read(let device, let endpoint):
            out.events.append(.silent(device, endpoint))
            if trouble == .gone { lose(device, at: now, into: &out) }
        case .notify(let device, _): if trouble == .gone { lose(device, at: now, into: &out) }
        }
    }

    /// The bus has answered: the next pause is a short one again.
    private mutating func busKnown() { busPause = Self.pauseMin }

    private mutating func objectsRead(_ found: [DBusEntry], into out: inout TransportEffects) {
        guard bus == .reading else { return }
        objects = BluezObjects()
        for object in found {
            guard let path = object.key.text, let interfaces = object.value.dictionary else { continue }
            _ = objects.add(path, interfaces)
        }
        bus = .known
        tellCandidates(into: &out)
    }

    private mutating func signalled(_ message: DBusMessage, at now: Instant, into out: inout TransportEffects) {
        if message.sender == DBusNames.bus {
            guard message.member == "NameOwnerChanged", bus != .greeting, let values = message.values("sss"), values[0].text == Bluez.name
            else {
                return
            }
            return ownerChanged(to: values[2].text ?? "", at: now, into: &out)
        }
        // Others may send signals of the same name.
        guard bus == .known, message.sender == owner else { return }
        switch message.member {
        case "InterfacesAdded":
            guard let values = message.values("oa{sa{sv}}"), let path = values[0].text, let interfaces = values[1].dictionary else {
                return
            }
            changed(objects.add(path, interfaces), at: now, into: &out)
        case "InterfacesRemoved":
            guard let values = message.values("oas"), let path = values[0].text, let interfaces = values[1].texts else { return }
            changed(objects.remove(path, interfaces), at: now, into: &out)
        case "PropertiesChanged":
            guard let values = message.values("sa{sv}as"), let interface = values[0].text, let facts = values[1].dictionary else { return }
            changed(objects.change(message.path, interface, facts, gone: values[2].texts ?? []), at: now, into: &out)
        default: break
        }
    }

    private mutating func changed(_ change: BluezObjects.Change, at now: Instant, into out: inout TransportEffects) {
        switch change {
        case .nothing: break
        case .adapters: adaptersChanged(at: now, into: &out)
        case .device(let path):
            guard let index = objects.index(of: path) else { return }
            tellCandidate(at: index, into: &out)
            deviceChanged(objects.devices[index], at: now, into: &out)
        case .removed(let device):
            // It is not said to be forgotten: who had it may look for it, and BlueZ forgets everybody in half a minute.
            guard let index = links.firstIndex(where: { $0.path == device.path && $0.stage != .sought }) else { return }
            if links[index].isUp { lose(index, .gone, at: now, into: &out) } else { links[index].stage = .sought }
        case .value(let path, let bytes): notified(path, bytes, into: &out)
        }
    }

    /// An adapter came, went, or was switched.
    private mutating func adaptersChanged(at now: Instant, into out: inout TransportEffects) {
        guard !isUsable else { return tellCandidates(into: &out) }
        discovery = .off
        discoveryRetryAt = .never
        connection.forget { [.startDiscovery, .stopDiscovery].contains($0) }
        for index in links.indices.reversed() where links[index].isUp { lose(index, .gone, at: now, into: &out) }
    }

    // MARK: What is told

    /// What stands in the way, in words that say what to do; nil when nothing does, or when it is not known yet.
    private var trouble: String?? {
        switch bus {
        case .waiting(until: .zero), .opening, .greeting, .reading: return .none
        case .waiting, .refused: return .some(busTrouble)
        case .ownerless: return .some("BlueZ does not run: systemctl start bluetooth")
        case .known:
            guard let adapter else {
                return .some(settings.adapter.map { "there is no Bluetooth adapter \($0)" } ?? "there is no Bluetooth adapter")
            }
            return .some(adapter.isPowered ? nil : "the Bluetooth adapter \(adapter.name) is off: bluetoothctl power on")
        }
    }

    mutating func tellTrouble(into out: inout TransportEffects) {
        guard let trouble, trouble != told else { return }
        told = trouble
        out.events.append(.notice(HardwareNotice(subject: "bluetooth", problem: trouble)))
    }

    /// Tells of everybody who can be connected and was not told as they are now.
    mutating func tellCandidates(into out: inout TransportEffects) {
        for index in objects.devices.indices { tellCandidate(at: index, into: &out) }
    }

    /// A device that neither advertises nor is connected is only remembered by BlueZ.
    mutating func tellCandidate(at index: Int, into out: inout TransportEffects) {
        let device = objects.devices[index]
        guard isUsable, device.adapter == adapter?.path, device.isAdvertising || device.isConnected else { return }
        let candidate = device.candidate
        // Without a scan nobody new is looked for: what a search for a lost device finds besides is not wanted.
        guard device.told != candidate, isScanWanted || device.isConnected || device.told != nil else { return }
        objects.tell(candidate, at: index)
        out.events.append(.found(candidate))
    }
}
