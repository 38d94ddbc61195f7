// What the device lists of spec versions 0 to 3 have in common: DeviceList, DeviceAdded, DeviceRemoved, ServerInfo.
// Must not know which attributes a version gives its messages; the version's dialect writes those.

import Host

enum LegacyLists {
    /// `ServerInfo` of v0 to v3. The server's own version is three zeros, which mean nothing.
    static func appendServerInfo(
        _ id: UInt32, version: UInt32, serverName: String, maxPingTime: UInt32, tellsServerVersion: Bool,
        into buffer: inout MessageBuffer
    ) {
        let start = buffer.begin()
        buffer.append("[{\"ServerInfo\":{\"Id\":")
        buffer.append(id)
        buffer.append(",\"ServerName\":")
        buffer.append(string: serverName)
        buffer.append(",\"MessageVersion\":")
        buffer.append(version)
        buffer.append(",\"MaxPingTime\":")
        buffer.append(maxPingTime)
        if tellsServerVersion { buffer.append(",\"MajorVersion\":0,\"MinorVersion\":0,\"BuildVersion\":0") }
        buffer.append("}}]")
        buffer.end(start)
    }

    /// `DeviceList`: an array of devices.
    static func appendDeviceList<D: Dialect>(
        _ dialect: D.Type, _ id: UInt32, _ view: DeviceView, into buffer: inout MessageBuffer
    ) {
        let start = buffer.begin()
        buffer.append("[{\"DeviceList\":{\"Id\":")
        buffer.append(id)
        buffer.append(",\"Devices\":[")
        var isFirst = true
        view.forEach { info, legacy in
            buffer.append(isFirst ? "{" : ",{")
            isFirst = false
            D.appendDevice(info, legacy, into: &buffer)
            buffer.append("}")
        }
        buffer.append("]}}]")
        buffer.end(start)
    }

    /// `DeviceAdded`: one device.
    static func appendAdded(
        _ dialect: any Dialect.Type, _ device: DeviceInfo, _ legacy: LegacyDevice, into buffer: inout MessageBuffer
    ) {
        let start = buffer.begin()
        buffer.append("[{\"DeviceAdded\":{\"Id\":0,")
        dialect.appendDevice(device, legacy, into: &buffer)
        buffer.append("}}]")
        buffer.end(start)
    }

    /// `DeviceRemoved`.
    static func appendRemoved(_ index: UInt32, into buffer: inout MessageBuffer) {
        let start = buffer.begin()
        buffer.append("[{\"DeviceRemoved\":{\"Id\":0,\"DeviceIndex\":")
        buffer.append(index)
        buffer.append("}}]")
        buffer.end(start)
    }

    /// Index and name, with which every version begins.
    static func appendNames(_ device: DeviceInfo, into buffer: inout MessageBuffer) {
        buffer.append("\"DeviceIndex\":")
        buffer.append(device.index)
        buffer.append(",\"DeviceName\":")
        buffer.append(string: device.description.name)
    }

    /// `"VibrateCmd":{"FeatureCount":2,"StepCount":[20,20]},` of v1 and v2; nothing for an empty list.
    static func appendCounts(
        _ name: StaticString, _ outputs: ContiguousArray<LegacyOutput>, withSteps: Bool, into buffer: inout MessageBuffer
    ) {
        if outputs.isEmpty { return }
        buffer.append("\"")
        buffer.append(name)
        buffer.append("\":{\"FeatureCount\":")
        buffer.append(UInt32(outputs.count))
        if withSteps {
            buffer.append(",\"StepCount\":[")
            for (i, output) in outputs.enumerated() {
                if i > 0 { buffer.append(",") }
                buffer.append(output.steps)
            }
            buffer.append("]")
        }
        buffer.append("},")
    }
}

extension MessageBuffer {
    /// Appends `[low,high]`.
    mutating func append(range: ClosedRange<Int32>) {
        append("[")
        append(range.lowerBound)
        append(",")
        append(range.upperBound)
        append("]")
    }

    /// Appends `[[low,high],…]`.
    mutating func append(ranges: [ClosedRange<Int32>]) {
        append("[")
        for (i, range) in ranges.enumerated() {
            if i > 0 { append(",") }
            append(range: range)
        }
        append("]")
    }
}
