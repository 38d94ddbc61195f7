// Reads the device lists of a version 4 server.
// Must not know sessions or version 3. What this client does not know of is left out: it could not be driven.

/// A whole device list; `id` is nil when it had none.
struct ClientDeviceList {
    var id: UInt32?
    var devices: [DeviceInfo] = []
}

/// Features of one device, entries of one of its lists; real ones have up to a dozen.
let clientFeaturesMax = 256

extension ServerTextReader {
    /// The body of a `DeviceList`: devices by their index, as the keys of an object.
    @_lifetime(self: copy self)
    mutating func clientDeviceListV4(devicesMax: Int) throws(JSONProblem) -> ClientDeviceList {
        var list = ClientDeviceList()
        try json.expect(.objectStart)
        if try json.take(.objectEnd) { throw .missingField }
        var hasDevices = false
        repeat {
            let key = try json.key()
            if key.is("Id") {
                list.id = try json.unsigned()
            } else if key.is("Devices") {
                hasDevices = true
                try json.expect(.objectStart)
                if try json.take(.objectEnd) { continue }
                repeat {
                    let name = try json.string()
                    try json.expect(.colon)
                    list.devices.insert(sorted: try clientDeviceV4(decimal(name)))
                    guard list.devices.count <= devicesMax else { throw .tooManyEntries }
                } while try json.more(until: .objectEnd)
            } else {
                try skipUnknown()
            }
        } while try json.more(until: .objectEnd)
        guard hasDevices else { throw .missingField }
        return list
    }

    @_lifetime(self: copy self)
    mutating func clientDeviceV4(_ key: UInt32?) throws(JSONProblem) -> DeviceInfo {
        var index = key
        var device = DeviceDescription(identity: "", name: "", features: [])
        try json.expect(.objectStart)
        if try !json.take(.objectEnd) {
            repeat {
                let key = try json.key()
                switch true {
                case key.is("DeviceIndex"): index = try json.unsigned()
                case key.is("DeviceName"): device.name = try optionalString() ?? ""
                case key.is("DeviceDisplayName"): device.displayName = try optionalString()
                case key.is("DeviceMessageTimingGap"): device.messageGapMilliseconds = UInt32(clamping: try optionalNumber() ?? 0)
                case key.is("DeviceFeatures"): try clientFeatures(into: &device.features)
                default: try skipUnknown()
                }
            } while try json.more(until: .objectEnd)
        }
        guard let index else { throw .missingField }
        device.identity = String(index)
        return DeviceInfo(index: index, description: device)
    }

    @_lifetime(self: copy self)
    private mutating func clientFeatures(into features: inout [Feature]) throws(JSONProblem) {
        guard try opens(0x7B), try !json.take(.objectEnd) else { return }
        repeat {
            let name = try json.string()
            try json.expect(.colon)
            let feature = try clientFeature(decimal(name))
            if feature.outputs.isEmpty && feature.inputs.isEmpty { continue }
            let index = features.firstIndex { $0.index >= feature.index } ?? features.count
            if index < features.count, features[index].index == feature.index {
                features[index] = feature
            } else {
                features.insert(feature, at: index)
            }
            guard features.count <= clientFeaturesMax else { throw .tooManyEntries }
        } while try json.more(until: .objectEnd)
    }

    @_lifetime(self: copy self)
    private mutating func clientFeature(_ key: UInt32?) throws(JSONProblem) -> Feature {
        var index = key
        var feature = Feature(index: 0)
        try json.expect(.objectStart)
        if try !json.take(.objectEnd) {
            repeat {
                let key = try json.key()
                switch true {
                case key.is("FeatureIndex"): index = try json.unsigned()
                case key.is("FeatureDescription"): feature.description = try optionalString() ?? ""
                case key.is("Output"): try clientOutputs(into: &feature.outputs)
                case key.is("Input"): try clientInputs(into: &feature.inputs)
                default: try skipUnknown()
                }
            } while try json.more(until: .objectEnd)
        }
        guard let index else { throw .missingField }
        feature.index = index
        return feature
    }

    @_lifetime(self: copy self)
    private mutating func clientOutputs(into outputs: inout [OutputRange]) throws(JSONProblem) {
        guard try opens(0x7B), try !json.take(.objectEnd) else { return }
        repeat {
            let type = OutputType(caseless: try json.key())
            let start = json.at
            do throws(JSONProblem) {
                guard let type else { throw .unknownType }
                let output = try clientOutput(type)
                // At most one per type, in the order of `OutputType`.
                outputs.removeAll { $0.type == type }
                outputs.insert(output, at: outputs.firstIndex { $0.type.rawValue > type.rawValue } ?? outputs.count)
            } catch {
                json.at = start
                notes.ignored.types += 1
                try json.skipValue(depth: Self.skippedDepth)
            }
        } while try json.more(until: .objectEnd)
    }

    @_lifetime(self: copy self)
    private mutating func clientOutput(_ type: OutputType) throws(JSONProblem) -> OutputRange {
        var value: ClosedRange<Int32>?
        var duration: ClosedRange<Int32>?
        try json.expect(.objectStart)
        if try json.take(.objectEnd) { throw .missingField }
        repeat {
            let key = try json.key()
            if key.is("Value") {
                value = try range()
            } else if key.is("Duration") {
                duration = try range()
            } else {
                try skipUnknown()
            }
        } while try json.more(until: .objectEnd)
        guard let value else { throw .missingField }
        guard value.upperBound > 0 else { throw .outOfRange }
        // Both directions are offered when both have all steps.
        let isSigned = value.lowerBound < 0 && -Int64(value.lowerBound) >= Int64(value.upperBound)
        if let low = duration?.lowerBound, low < 0 { duration = nil }
        return OutputRange(
            type, steps: value.upperBound, isSigned: isSigned, duration: type == .hwPositionWithDuration ? duration : nil)
    }

    @_lifetime(self: copy self)
    private mutating func clientInputs(into inputs: inout [InputRange]) throws(JSONProblem) {
        guard try opens(0x7B), try !json.take(.objectEnd) else { return }
        repeat {
            let name = try json.key()
            let type = InputType(caseless: name)
            let start = json.at
            do throws(JSONProblem) {
                guard let type else { throw .unknownType }
                let input = try clientInput(type)
                notes.note(type, spelled: name)
                // One sensor may be listed under both names.
                if let index = inputs.firstIndex(where: { $0.type == type }) {
                    inputs[index].canRead = inputs[index].canRead || input.canRead
                    inputs[index].canSubscribe = inputs[index].canSubscribe || input.canSubscribe
                } else {
                    inputs.append(input)
                }
            } catch {
                json.at = start
                notes.ignored.types += 1
                try json.skipValue(depth: Self.skippedDepth)
            }
        } while try json.more(until: .objectEnd)
    }

    @_lifetime(self: copy self)
    private mutating func clientInput(_ type: InputType) throws(JSONProblem) -> InputRange {
        var input = InputRange(type, ranges: [])
        try json.expect(.objectStart)
        if try json.take(.objectEnd) { return input }
        repeat {
            let key = try json.key()
            if key.is("Value") {
                input.ranges = try ranges()
            } else if key.is("Command") {
                guard try opens(0x5B), try !json.take(.arrayEnd) else { continue }
                repeat {
                    let command = InputCommand(caseless: try json.name())
                    if command == .read { input.canRead = true }
                    if command == .subscribe { input.canSubscribe = true }
                } while try json.more(until: .arrayEnd)
            } else {
                try skipUnknown()
            }
        } while try json.more(until: .objectEnd)
        return input
    }
}

extension [DeviceInfo] {
    /// Puts a device where its index belongs, in place of one that has it.
    mutating func insert(sorted device: DeviceInfo) {
        let index = self.index(of: device.index)
        if index < count, self[index].index == device.index {
            self[index] = device
        } else {
            insert(device, at: index)
        }
    }

    /// The position of the first device whose index is not below `index`.
    func index(of index: UInt32) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if self[middle].index < index { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
