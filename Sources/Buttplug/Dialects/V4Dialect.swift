// Spec version 4: the vocabulary the router itself uses.
// Must not know earlier versions.

import Host

enum V4Dialect: Dialect {
    static var facts: DialectFacts { [.outputCommands, .wholeLists, .namedByMajor] }

    static func has(_ kind: MessageKind) -> Bool {
        switch kind {
        case .outputCmd, .inputCmd, .stopCmd, .ping, .requestServerInfo, .requestDeviceList, .startScanning, .stopScanning, .disconnect:
            true
        default: false
        }
    }

    static func body(
        _ kind: MessageKind, _ fields: MessageFields, _ devices: DeviceTable, _ batch: inout RequestBatch
    ) -> Request.Body {
        switch kind {
        case .inputCmd:
            .input(
                device: fields.device, feature: fields.feature, type: fields.input, command: fields.command,
                form: .input(upperRSSI: fields.isUpperRSSI))
        case .stopCmd:
            .stop(
                device: fields.seen.contains(.deviceIndex) ? fields.device : nil,
                feature: fields.seen.contains(.featureIndex) ? fields.feature : nil, inputs: fields.inputs, outputs: fields.outputs)
        case .disconnect: .disconnect
        default: commonBody(kind)
        }
    }

    static func appendServerInfo(_ id: UInt32, serverName: String, maxPingTime: UInt32, into buffer: inout MessageBuffer) {
        let start = buffer.begin()
        buffer.append("[{\"ServerInfo\":{\"Id\":")
        buffer.append(id)
        buffer.append(",\"ServerName\":")
        buffer.append(string: serverName)
        buffer.append(",\"MaxPingTime\":")
        buffer.append(maxPingTime)
        buffer.append(",\"ProtocolVersionMajor\":4,\"ProtocolVersionMinor\":0}}]")
        buffer.end(start)
    }

    static func appendDeviceList(_ id: UInt32, _ view: DeviceView, into buffer: inout MessageBuffer) {
        let start = buffer.begin()
        buffer.append("[{\"DeviceList\":{\"Id\":")
        buffer.append(id)
        buffer.append(",\"Devices\":{")
        var isFirst = true
        view.forEach { info, legacy in
            if !isFirst { buffer.append(",") }
            isFirst = false
            buffer.appendKey(info.index)
            buffer.append("{")
            appendDevice(info, legacy, into: &buffer)
            buffer.append("}")
        }
        buffer.append("}}}]")
        buffer.end(start)
    }

    static func appendDevice(_ device: DeviceInfo, _ legacy: LegacyDevice, into buffer: inout MessageBuffer) {
        buffer.append("\"DeviceIndex\":")
        buffer.append(device.index)
        buffer.append(",\"DeviceName\":")
        buffer.append(string: device.description.name)
        if let name = device.description.displayName {
            buffer.append(",\"DeviceDisplayName\":")
            buffer.append(string: name)
        }
        buffer.append(",\"DeviceMessageTimingGap\":")
        buffer.append(device.description.messageGapMilliseconds)
        buffer.append(",\"DeviceFeatures\":{")
        var isFirst = true
        for feature in device.description.features where !feature.outputs.isEmpty || !feature.inputs.isEmpty {
            if !isFirst { buffer.append(",") }
            isFirst = false
            append(feature, into: &buffer)
        }
        buffer.append("}")
    }

    private static func append(_ feature: Feature, into buffer: inout MessageBuffer) {
        buffer.appendKey(feature.index)
        buffer.append("{\"FeatureIndex\":")
        buffer.append(feature.index)
        buffer.append(",\"FeatureDescription\":")
        buffer.append(string: feature.description)
        if !feature.outputs.isEmpty {
            buffer.append(",\"Output\":{")
            for (i, output) in feature.outputs.enumerated() {
                if i > 0 { buffer.append(",") }
                append(output, into: &buffer)
            }
            buffer.append("}")
        }
        if !feature.inputs.isEmpty {
            buffer.append(",\"Input\":{")
            for (i, input) in feature.inputs.enumerated() {
                if i > 0 { buffer.append(",") }
                append(input, as: input.type.name, into: &buffer)
                if input.type == .rssi {
                    // The specification and the client libraries write RSSI, the reference server Rssi: each finds its own.
                    buffer.append(",")
                    append(input, as: "RSSI", into: &buffer)
                }
            }
            buffer.append("}")
        }
        buffer.append("}")
    }

    private static func append(_ output: OutputRange, into buffer: inout MessageBuffer) {
        buffer.append("\"")
        buffer.append(output.type.name)
        buffer.append("\":{\"Value\":")
        buffer.append(range: (output.isSigned ? -output.steps : 0)...output.steps)
        if output.type == .hwPositionWithDuration {
            buffer.append(",\"Duration\":")
            buffer.append(range: output.duration ?? 0...Int32.max)
        }
        buffer.append("}")
    }

    private static func append(_ input: InputRange, as name: StaticString, into buffer: inout MessageBuffer) {
        buffer.append("\"")
        buffer.append(name)
        buffer.append("\":{\"Value\":")
        buffer.append(ranges: input.ranges)
        buffer.append(",\"Command\":[")
        if input.canRead { buffer.append("\"Read\"") }
        if input.canRead && input.canSubscribe { buffer.append(",") }
        if input.canSubscribe { buffer.append("\"Subscribe\"") }
        buffer.append("]}")
    }
}

extension MessageBuffer {
    /// Appends a number as the key of a member.
    fileprivate mutating func appendKey(_ number: UInt32) {
        append("\"")
        append(number)
        append("\":")
    }
}
