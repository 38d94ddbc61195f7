// Packets to and from the simulated BlueZ's peripherals: writes by call and by descriptor, notifications.
// Must not know connections, but that what was planned in an earlier one does not happen.

import DBus
import Host

extension SimBluez {
    func writeCalled(_ index: Int, _ path: String, _ call: DBusMessage) {
        guard let values = call.values("aya{sv}"), let bytes = values[0].octets else { return refuse(call, "InvalidArguments") }
        guard peripherals[index].acquired[path] == nil else { return refuse(call, "NotPermitted", "Write acquired") }
        let isLetter = call.sender == Self.letters
        if !isLetter {
            let underWay = peripherals[index].writing.subtracting(peripherals[index].lettered).count
            tell(index, .called(underWay: underWay))
        }
        // BlueZ passes a command on at once, unless a request is open; the client may still have but one under way.
        let isCommand = values[1]["type"]?.text == "command"
        let isFree = isLetter && isCommand && (!peripherals[index].writing.contains(path) || peripherals[index].commanding.contains(path))
        guard isFree || !peripherals[index].writing.contains(path) else { return refuse(call, "InProgress", "In Progress") }
        guard !peripherals[index].faults.isMute else { return }
        if peripherals[index].faults.busyWrites > 0 {
            peripherals[index].faults.busyWrites -= 1
            return refuse(call, "InProgress", "In Progress")
        }
        if !isFree {
            peripherals[index].writing.insert(path)
            if isLetter { peripherals[index].lettered.insert(path) }
            if isCommand { peripherals[index].commanding.insert(path) }
        }
        let life = peripherals[index].life
        later(peripherals[index].faults.writeTime) { [self] in
            guard peripherals[index].isConnected, peripherals[index].life == life else { return refuse(call, "Failed", "Not connected") }
            if !isFree { peripherals[index].wrote(to: path) }
            if let error = peripherals[index].faults.writeError { return refuse(call, error) }
            answer(call)
            written(path, bytes, how: values[1]["type"]?.text ?? "")
        }
    }

    /// Calls that come by another connection than the client's: they are carried out, and answered to nobody.
    func receiveLetter(_ bytes: [UInt8], at now: Instant) {
        deadlinePassed(at: now)
        var rest = bytes[...]
        while let (message, count) = try? DBusMessage.read(rest) {
            rest = rest.dropFirst(count)
            var call = message
            call.sender = Self.letters
            // Another owner of the name has another address.
            if isRunning, call.destination == owner { called(call) }
        }
    }

    /// A device has got a packet.
    func written(_ path: String, _ bytes: [UInt8], how: String = "descriptor") {
        for index in peripherals.indices {
            guard peripherals[index].isConnected, let found = peripherals[index].attributes.first(where: { $0.path == path }) else {
                continue
            }
            note("write \(peripherals[index].address) \(bytes.shown) by \(how)")
            peripherals[index].written[found.characteristic.uuid] = bytes
            peripherals[index].writes += 1
            tell(index, .got(bytes, uuid: found.characteristic.uuid))
            let life = peripherals[index].life
            if let reply = peripherals[index].replies.first(where: { bytes.starts(with: $0.to) }) {
                later(.milliseconds(20)) { [self] in if peripherals[index].life == life { notify(index, reply.answer) } }
            }
            guard peripherals[index].writes == peripherals[index].faults.dropsAfterWrites else { continue }
            later(.milliseconds(1)) { [self] in
                peripherals[index].isOn = false
                lose(index)
            }
        }
    }

    private func notify(_ index: Int, _ bytes: [UInt8]) {
        for (_, path, _) in peripherals[index].attributes where peripherals[index].notifying.contains(path) {
            changed(path, "GattCharacteristic1", [DBusEntry("Value", "ay", .bytes(bytes))])
        }
    }

    /// A device says something by itself.
    public func notify(_ address: String, _ bytes: [UInt8], at now: Instant) {
        deadlinePassed(at: now)
        for index in peripherals.indices where peripherals[index].address == address && peripherals[index].isConnected {
            notify(index, bytes)
        }
    }
}

extension [UInt8] {
    /// As text, if it is one.
    fileprivate var shown: String { allSatisfy { (32..<127).contains($0) } ? String(decoding: self, as: UTF8.self) : "\(self)" }
}
