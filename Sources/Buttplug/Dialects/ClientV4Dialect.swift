// How a client names devices and their features in spec version 4.
// Must not know sessions or version 3; fields without a value are left out, never null.

import Host

enum ClientV4Dialect {
    /// `OutputCmd`. Allocates nothing.
    static func appendOutput(
        _ command: OutputCommand, into buffer: inout MessageBuffer
    ) {
        let start = buffer.begin()
        buffer.append("[{\"OutputCmd\":{\"Id\":")
        buffer.append(command.id)
        buffer.append(",\"DeviceIndex\":")
        buffer.append(command.device)
        buffer.append(",\"FeatureIndex\":")
        buffer.append(command.feature)
        buffer.append(",\"Command\":{\"")
        buffer.append(command.type.name)
        buffer.append("\":{\"Value\":")
        buffer.append(command.value)
        if command.type == .hwPositionWithDuration {
            buffer.append(",\"Duration\":")
            buffer.append(command.duration)
        }
        buffer.append("}}}}]")
        buffer.end(start)
    }

    /// `InputCmd`; `name` is the sensor's as the server writes it.
    static func appendInput(
        _ id: UInt32, _ command: InputCommand, device: UInt32, feature: UInt32, name: StaticString, into buffer: inout MessageBuffer
    ) {
        let start = buffer.begin()
        buffer.append("[{\"InputCmd\":{\"Id\":")
        buffer.append(id)
        buffer.append(",\"DeviceIndex\":")
        buffer.append(device)
        buffer.append(",\"FeatureIndex\":")
        buffer.append(feature)
        buffer.append(",\"Type\":\"")
        buffer.append(name)
        switch command {
        case .read: buffer.append("\",\"Command\":\"Read\"}}]")
        case .subscribe: buffer.append("\",\"Command\":\"Subscribe\"}}]")
        case .unsubscribe: buffer.append("\",\"Command\":\"Unsubscribe\"}}]")
        }
        buffer.end(start)
    }

    /// `StopCmd`. What is stopped is written only where it is not both.
    static func appendStop(
        _ id: UInt32, device: UInt32?, feature: UInt32?, inputs: Bool, outputs: Bool, into buffer: inout MessageBuffer
    ) {
        let start = buffer.begin()
        buffer.append("[{\"StopCmd\":{\"Id\":")
        buffer.append(id)
        if let device {
            buffer.append(",\"DeviceIndex\":")
            buffer.append(device)
        }
        if let feature {
            buffer.append(",\"FeatureIndex\":")
            buffer.append(feature)
        }
        if !inputs { buffer.append(",\"Inputs\":false") }
        if !outputs { buffer.append(",\"Outputs\":false") }
        buffer.append("}}]")
        buffer.end(start)
    }
}
