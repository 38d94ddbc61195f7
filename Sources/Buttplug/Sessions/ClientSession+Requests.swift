// What a client says: each function writes one complete message, alone in its frame, and returns the id it carries.
// Must not know layouts; where versions differ, the dialect is asked.

import Host

extension ClientSession {
    /// Opens the conversation in version 3 or 4 (spec v4, RequestServerInfo). May be sent again, in the other version, while no answer has
    /// been understood.
    @discardableResult
    public mutating func greet(_ version: SpecVersion = .v4, into buffer: inout MessageBuffer) -> UInt32 {
        precondition(version >= .v3, "the client side supports versions 3 and 4")
        switch state {
        case .idle, .greeting: break
        case .ready, .ended: preconditionFailure("a conversation opens once")
        }
        state = .greeting(version)
        let id = takeID()
        let start = buffer.begin()
        buffer.append("[{\"RequestServerInfo\":{\"Id\":")
        buffer.append(id)
        buffer.append(",\"ClientName\":")
        buffer.append(string: clientName)
        buffer.append(version == .v4 ? ",\"ProtocolVersionMajor\":4,\"ProtocolVersionMinor\":0}}]" : ",\"MessageVersion\":3}}]")
        buffer.end(start)
        return id
    }

    // The requests return nil when nothing was written: the session is not ready, or the server's version has no such message.

    /// Asks for all devices; answered with a device list.
    public mutating func requestDeviceList(into buffer: inout MessageBuffer) -> UInt32? {
        say("[{\"RequestDeviceList\":{\"Id\":", into: &buffer)
    }

    /// Asks for a scan; answered with `Ok` at once. Devices come as device lists.
    public mutating func startScanning(into buffer: inout MessageBuffer) -> UInt32? { say("[{\"StartScanning\":{\"Id\":", into: &buffer) }

    /// Ends the scan; answered with `Ok`.
    public mutating func stopScanning(into buffer: inout MessageBuffer) -> UInt32? { say("[{\"StopScanning\":{\"Id\":", into: &buffer) }

    /// Says that the client is alive; answered with `Ok`.
    public mutating func ping(into buffer: inout MessageBuffer) -> UInt32? { say("[{\"Ping\":{\"Id\":", into: &buffer) }

    /// Ends the session: version 4 only, and older servers of it do not answer.
    public mutating func disconnect(into buffer: inout MessageBuffer) -> UInt32? {
        version == .v4 ? say("[{\"Disconnect\":{\"Id\":", into: &buffer) : nil
    }

    /// Drives one output; answered with `Ok`. `value` in steps of the advertised range, which is not checked here as far as the message can
    /// carry it; `duration` in milliseconds, only for `hwPositionWithDuration`. nil in version 3 too when the device is not in the last list,
    /// or the value out of range. Allocates nothing.
    public mutating func output(
        device: UInt32, feature: UInt32, type: OutputType, value: Int32, duration: UInt32 = 0, into buffer: inout MessageBuffer
    ) -> UInt32? {
        if state == .ready(.v4) {
            // The one type whose value the schema binds (§1.6).
            guard value >= 0 || type != .hwPositionWithDuration else { return nil }
            let id = takeID()
            let command = OutputCommand(id: id, device: device, feature: feature, type: type, value: value, duration: duration)
            ClientV4Dialect.appendOutput(command, into: &buffer)
            return id
        }
        guard let index = address(device), let address = addresses[index][feature: feature],
            let command = ClientV3Output(address, type: type, value: value, duration: duration)
        else { return nil }
        let id = takeID()
        ClientV3Dialect.append(command, id, device: device, into: &buffer)
        return id
    }

    /// Asks a sensor once; answered with a reading.
    public mutating func read(device: UInt32, feature: UInt32, type: InputType, into buffer: inout MessageBuffer) -> UInt32? {
        input(.read, device: device, feature: feature, type: type, into: &buffer)
    }

    /// Asks a sensor for all its readings; answered with `Ok`, then readings with Id 0.
    public mutating func subscribe(device: UInt32, feature: UInt32, type: InputType, into buffer: inout MessageBuffer) -> UInt32? {
        input(.subscribe, device: device, feature: feature, type: type, into: &buffer)
    }

    /// Ends a subscription; answered with `Ok`.
    public mutating func unsubscribe(device: UInt32, feature: UInt32, type: InputType, into buffer: inout MessageBuffer) -> UInt32? {
        input(.unsubscribe, device: device, feature: feature, type: type, into: &buffer)
    }

    /// Stops everything, one device, or one feature of it: its outputs, its subscriptions, or both (spec v4, StopCmd). A feature without a
    /// device means nothing and is left out.
    ///
    /// In version 3 a stop of one feature is a zero for its output; where there is none that could be set to zero, the whole device stops.
    /// Outputs and subscriptions cannot be stopped separately there: a stop without `outputs` is nil, any other stops both.
    public mutating func stop(
        device: UInt32? = nil, feature: UInt32? = nil, inputs: Bool = true, outputs: Bool = true, into buffer: inout MessageBuffer
    ) -> UInt32? {
        guard let version else { return nil }
        if version == .v4 {
            let id = takeID()
            ClientV4Dialect.appendStop(
                id, device: device, feature: device == nil ? nil : feature, inputs: inputs, outputs: outputs, into: &buffer)
            return id
        }
        guard outputs else { return nil }
        let id = takeID()
        guard let device else {
            ClientV3Dialect.appendStopAll(id, into: &buffer)
            return id
        }
        if let feature, let index = address(device), let command = addresses[index][feature: feature].flatMap(ClientV3Output.init(zeroOf:))
        {
            ClientV3Dialect.append(command, id, device: device, into: &buffer)
        } else {
            ClientV3Dialect.appendStop(id, device: device, into: &buffer)
        }
        return id
    }

    private mutating func input(
        _ command: InputCommand, device: UInt32, feature: UInt32, type: InputType, into buffer: inout MessageBuffer
    ) -> UInt32? {
        guard let version else { return nil }
        let name = type == .rssi && wantsUpperRSSI ? "RSSI" : type.name
        if version == .v4 {
            let id = takeID()
            ClientV4Dialect.appendInput(id, command, device: device, feature: feature, name: name, into: &buffer)
            return id
        }
        guard let index = address(device), let address = addresses[index][feature: feature], address.input == type,
            let sensor = command == .read ? address.readable : address.subscribable
        else { return nil }
        let id = takeID()
        ClientV3Dialect.appendSensor(id, command, device: device, sensor: sensor, name: name, into: &buffer)
        return id
    }

    /// A message that has only its id.
    private mutating func say(_ head: StaticString, into buffer: inout MessageBuffer) -> UInt32? {
        guard version != nil else { return nil }
        let id = takeID()
        let start = buffer.begin()
        buffer.append(head)
        buffer.append(id)
        buffer.append("}}]")
        buffer.end(start)
        return id
    }

    /// Where a device of a version 3 server is in `addresses`.
    func address(_ device: UInt32) -> Int? {
        guard state == .ready(.v3) else { return nil }
        var low = 0
        var high = addresses.count
        while low < high {
            let middle = (low + high) / 2
            if addresses[middle].index < device { low = middle + 1 } else { high = middle }
        }
        return low < addresses.count && addresses[low].index == device ? low : nil
    }
}
