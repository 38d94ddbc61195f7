// What comes from the bus, and what it means for the way to BlueZ: who has the name, what its objects are.
// Must not know what the core above does about it.

import DBus
import Host

extension BluezBus {
    /// The next event; nil when that was all.
    mutating func next(at now: Instant, into out: inout TransportEffects) -> Event? {
        while true {
            if !events.isEmpty { return events.removeFirst() }
            takeNextOwner(at: now)
            do throws(DBusMessage.Malformed) {
                guard let event = try connection.next(passed: &passed) else { break }
                if let one = take(event, at: now, into: &out) { return one }
            } catch { lostToGarbage(at: now, into: &out) }
        }
        discard(passed, into: &out)
        passed = []
        guard backlog.waiting.count > BusBacklog.bytesMax else { return nil }
        lost("D-Bus at \(path) reads nothing", at: now, into: &out)
        return events.isEmpty ? nil : events.removeFirst()
    }

    private mutating func take(
        _ event: DBusConnection<BluetoothCall>.Event, at now: Instant, into out: inout TransportEffects
    ) -> Event? {
        switch event {
        case .ready: return nil
        case .signal(let message):
            discard(message.descriptors, into: &out)
            return signalled(message)
        case .answer(.owner, let message):
            discard(message.descriptors, into: &out)
            guard state == .greeting, let name = message.values?.first?.text else { return nil }
            pause = Self.pauseMin
            ownerChanged(to: name)
            return nil
        case .answer(.objects, let message):
            discard(message.descriptors, into: &out)
            return objectsRead(message.values?.first?.dictionary ?? [])
        case .answer(let call, let message): return .answer(call, message.values ?? [], message.descriptors)
        case .failure(.owner, _):
            pause = Self.pauseMin
            state = .ownerless
            return nil
        case .failure(.objects, let failure):
            objectsRefused(BluezTrouble(failure), failure, at: now)
            return nil
        case .failure(let call, let failure): return .failure(call, failure)
        }
    }

    private mutating func ownerChanged(to name: String) {
        bluezLost(withBus: false)
        nextOwner = name
    }

    /// Nothing of BlueZ is there any more. What is wanted of it is wanted of the next one.
    mutating func bluezLost(withBus: Bool) {
        connection.forget { ![.match, .owner].contains($0) }
        objects = BluezObjects()
        owner = ""
        events.append(.gone(withBus: withBus))
    }

    /// When the end of the last one has been told, the next one is asked.
    private mutating func takeNextOwner(at now: Instant) {
        guard let name = nextOwner else { return }
        nextOwner = nil
        owner = name
        if name.isEmpty { state = .ownerless } else { readObjects(at: now) }
    }

    mutating func readObjects(at now: Instant) {
        state = .reading
        call(.objects, (DBusNames.objects, "GetManagedObjects"), on: "/", at: now)
    }

    private mutating func objectsRead(_ found: [DBusEntry]) -> Event? {
        guard state == .reading else { return nil }
        objects = BluezObjects()
        for object in found {
            guard let path = object.key.text, let interfaces = object.value.dictionary else { continue }
            _ = objects.add(path, interfaces)
        }
        state = .known
        return .known
    }

    private mutating func objectsRefused(_ kind: BluezTrouble, _ failure: DBusFailure, at now: Instant) {
        if kind == .gone { return state = .ownerless }
        state = .refused(until: now + Self.pauseMax)
        trouble =
            kind == .denied
            ? "this user may not use BlueZ: add the user to the group bluetooth, or see BlueZ's rules in /etc/dbus-1"
            : "BlueZ does not say what it has: \(failure.name) \(failure.text)"
    }

    private mutating func signalled(_ message: DBusMessage) -> Event? {
        if message.sender == DBusNames.bus {
            guard message.member == "NameOwnerChanged", state != .greeting, let values = message.values("sss"), values[0].text == Bluez.name
            else { return nil }
            ownerChanged(to: values[2].text ?? "")
            return nil
        }
        // Others may send signals of the same name.
        guard state == .known, message.sender == owner else { return nil }
        return objects.take(message).map(Event.changed)
    }
}
