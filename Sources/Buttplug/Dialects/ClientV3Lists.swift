// Reads the device lists of a version 3 server: devices in an array, each with one list per kind of command.
// Must not know sessions or version 4, or what becomes of the lists.

/// One device of a version 3 server. `id` is that of the message when the device is one by itself (`DeviceAdded`).
struct ClientDeviceV3 {
    var id: UInt32?
    var info: DeviceInfo
    var address: ClientLegacyDevice
}

extension ServerTextReader {
    /// The body of a `DeviceList`. The devices come in the text's order, an index perhaps twice.
    @_lifetime(self: copy self)
    mutating func clientDeviceListV3(devicesMax: Int) throws(JSONProblem) -> (id: UInt32?, devices: [ClientDeviceV3]) {
        var id: UInt32?
        var devices: [ClientDeviceV3] = []
        var hasDevices = false
        try json.expect(.objectStart)
        if try json.take(.objectEnd) { throw .missingField }
        repeat {
            let key = try json.key()
            if key.is("Id") {
                id = try json.unsigned()
            } else if key.is("Devices") {
                hasDevices = true
                try json.expect(.arrayStart)
                if try json.take(.arrayEnd) { continue }
                repeat {
                    guard devices.count < devicesMax else { throw .tooManyEntries }
                    devices.append(try clientDeviceV3())
                } while try json.more(until: .arrayEnd)
            } else {
                try skipUnknown()
            }
        } while try json.more(until: .objectEnd)
        guard hasDevices else { throw .missingField }
        return (id, devices)
    }

    /// One device, or the body of a `DeviceAdded`.
    @_lifetime(self: copy self)
    mutating func clientDeviceV3() throws(JSONProblem) -> ClientDeviceV3 {
        var id: UInt32?
        var index: UInt32?
        var device = DeviceDescription(identity: "", name: "", features: [])
        var lists = ClientLegacyLists()
        try json.expect(.objectStart)
        if try !json.take(.objectEnd) {
            repeat {
                let key = try json.key()
                switch true {
                case key.is("Id"): id = try json.unsigned()
                case key.is("DeviceIndex"): index = try json.unsigned()
                case key.is("DeviceName"): device.name = try optionalString() ?? ""
                case key.is("DeviceDisplayName"): device.displayName = try optionalString()
                case key.is("DeviceMessageTimingGap"): device.messageGapMilliseconds = UInt32(clamping: try optionalNumber() ?? 0)
                case key.is("DeviceMessages"): try clientLists(into: &lists)
                default: try skipUnknown()
                }
            } while try json.more(until: .objectEnd)
        }
        guard let index else { throw .missingField }
        let address = ClientLegacyDevice(index: index, lists: lists)
        device.identity = String(index)
        device.features = address.described
        return ClientDeviceV3(id: id, info: DeviceInfo(index: index, description: device), address: address)
    }

    @_lifetime(self: copy self)
    private mutating func clientLists(into lists: inout ClientLegacyLists) throws(JSONProblem) {
        guard try opens(0x7B), try !json.take(.objectEnd) else { return }
        repeat {
            let key = try json.key()
            switch true {
            case key.is("ScalarCmd"): lists.scalars = try clientOutputs(areTyped: true)
            case key.is("RotateCmd"): lists.rotators = try clientOutputs(areTyped: false)
            case key.is("LinearCmd"): lists.linears = try clientOutputs(areTyped: false)
            case key.is("SensorReadCmd"): lists.readable = try clientSensors()
            case key.is("SensorSubscribeCmd"): lists.subscribable = try clientSensors()
            case key.is("StopDeviceCmd"): try json.skipValue(depth: Self.skippedDepth)
            default: try skipUnknown()
            }
        } while try json.more(until: .objectEnd)
    }

    /// A list of outputs. The list says what its entries are, apart from that of scalars (`areTyped`).
    @_lifetime(self: copy self)
    private mutating func clientOutputs(areTyped: Bool) throws(JSONProblem) -> [ClientLegacyOutput] {
        var list: [ClientLegacyOutput] = []
        guard try opens(0x5B), try !json.take(.arrayEnd) else { return list }
        repeat {
            guard list.count < clientFeaturesMax else { throw .tooManyEntries }
            var entry = ClientLegacyOutput()
            try json.expect(.objectStart)
            if try !json.take(.objectEnd) {
                repeat {
                    let key = try json.key()
                    if key.is("FeatureDescriptor") {
                        entry.description = try optionalString() ?? ""
                    } else if key.is("StepCount") {
                        let steps = try optionalNumber() ?? 0
                        entry.steps = steps > 0 ? Int32(clamping: steps) : nil
                    } else if key.is("ActuatorType") {
                        entry.type = OutputType(caseless: try json.name())
                    } else {
                        try skipUnknown()
                    }
                } while try json.more(until: .objectEnd)
            }
            if entry.steps == nil || areTyped && entry.type == nil { notes.ignored.types += 1 }
            list.append(entry)
        } while try json.more(until: .arrayEnd)
        return list
    }

    @_lifetime(self: copy self)
    private mutating func clientSensors() throws(JSONProblem) -> [ClientLegacySensor] {
        var list: [ClientLegacySensor] = []
        guard try opens(0x5B), try !json.take(.arrayEnd) else { return list }
        repeat {
            guard list.count < clientFeaturesMax else { throw .tooManyEntries }
            var entry = ClientLegacySensor()
            try json.expect(.objectStart)
            if try !json.take(.objectEnd) {
                repeat {
                    let key = try json.key()
                    if key.is("FeatureDescriptor") {
                        entry.description = try optionalString() ?? ""
                    } else if key.is("SensorRange") {
                        entry.ranges = try ranges()
                    } else if key.is("SensorType") {
                        let name = try json.name()
                        entry.type = InputType(caseless: name)
                        if let type = entry.type { notes.note(type, spelled: name) }
                    } else {
                        try skipUnknown()
                    }
                } while try json.more(until: .objectEnd)
            }
            if entry.type == nil { notes.ignored.types += 1 }
            list.append(entry)
        } while try json.more(until: .arrayEnd)
        return list
    }
}
