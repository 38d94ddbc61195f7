// A sensor's reading, and the forms in which versions write it.
// Must not know who subscribed, nor how often a reading comes.

import Host

/// The values of one sensor of a device.
public struct SensorReading: Hashable, Sendable {
    public var device: UInt32
    public var feature: UInt32
    public var type: InputType
    /// One per axis. Version 4 carries one value only: the first.
    public var values: [Int32]

    public init(device: UInt32, feature: UInt32, type: InputType, values: [Int32]) {
        self.device = device
        self.feature = feature
        self.type = type
        self.values = values
    }
}

/// In which form a client wants its readings: kept with the pending read or the subscription, given back with the reading.
public enum ReadingForm: Hashable, Sendable {
    /// v4 `InputReading`; signal strength is written `RSSI` or `Rssi`, as it was asked for.
    case input(upperRSSI: Bool)
    /// v3 `SensorReading` with the sensor's index as it was asked for.
    case sensor(index: UInt32, upperRSSI: Bool)
    /// v2 `BatteryLevelReading`.
    case batteryLevel
    /// v2 `RSSILevelReading`.
    case rssiLevel
}

extension ServerSession {
    /// A reading, in the form that was asked for. Id 0 for a subscription's.
    public static func reading(_ id: UInt32, _ reading: SensorReading, form: ReadingForm, into buffer: inout MessageBuffer) {
        let (device, feature, type, values) = (reading.device, reading.feature, reading.type, reading.values)
        let start = buffer.begin()
        switch form {
        case .input(let upperRSSI):
            buffer.appendHead("[{\"InputReading\":{\"Id\":", id, device)
            buffer.append(",\"FeatureIndex\":")
            buffer.append(feature)
            buffer.append(",\"Reading\":{\"")
            buffer.append(type.name(upperRSSI: upperRSSI))
            buffer.append("\":{\"Value\":")
            buffer.append(values.first ?? 0)
            buffer.append("}}}}]")
        case .sensor(let index, let upperRSSI):
            buffer.appendHead("[{\"SensorReading\":{\"Id\":", id, device)
            buffer.append(",\"SensorIndex\":")
            buffer.append(index)
            buffer.append(",\"SensorType\":\"")
            buffer.append(type.name(upperRSSI: upperRSSI))
            buffer.append("\",\"Data\":[")
            for (i, value) in values.enumerated() {
                if i > 0 { buffer.append(",") }
                buffer.append(value)
            }
            buffer.append("]}}]")
        case .batteryLevel:
            buffer.appendHead("[{\"BatteryLevelReading\":{\"Id\":", id, device)
            buffer.append(",\"BatteryLevel\":")
            buffer.append(hundredths: UInt32(min(max(values.first ?? 0, 0), 100)))
            buffer.append("}}]")
        case .rssiLevel:
            buffer.appendHead("[{\"RSSILevelReading\":{\"Id\":", id, device)
            buffer.append(",\"RSSILevel\":")
            buffer.append(values.first ?? 0)
            buffer.append("}}]")
        }
        buffer.end(start)
    }
}

extension InputType {
    /// The name as the client wrote it when it asked.
    fileprivate func name(upperRSSI: Bool) -> StaticString { self == .rssi && upperRSSI ? "RSSI" : name }
}

extension MessageBuffer {
    fileprivate mutating func appendHead(_ head: StaticString, _ id: UInt32, _ device: UInt32) {
        append(head)
        append(id)
        append(",\"DeviceIndex\":")
        append(device)
    }
}
