// Writes a client's requests as JSON, as a client of its version would.
// Must not know the router's own writer or reader: an error of one must not hide an error of the other.

import Buttplug

/// Builds the text of one frame.
struct RequestWriter {
    let version: SpecVersion
    private(set) var bytes: [UInt8] = []
    private var isFirst = true

    init(_ version: SpecVersion) {
        self.version = version
        bytes.reserveCapacity(160)
        put("[")
    }

    /// The frame, closed.
    consuming func finished() -> [UInt8] {
        put("]")
        return bytes
    }

    mutating func write(_ request: SimulatedRequest) {
        if !isFirst { put(",") }
        isFirst = false
        switch request.kind {
        case .handshake(let name): writeHandshake(request.id, name)
        case .ping: plain("Ping", request.id)
        case .startScanning: plain("StartScanning", request.id)
        case .stopScanning: plain("StopScanning", request.id)
        case .deviceList: plain("RequestDeviceList", request.id)
        case .disconnect: plain("Disconnect", request.id)
        case .outputs(let device, let parts, let form): writeOutputs(request.id, device, parts, form)
        case .stop(let device, let feature, let inputs, let outputs): writeStop(request.id, device, feature, inputs, outputs)
        case .read(let device, let feature, let type): writeSensor("Read", request.id, device, feature, type)
        case .subscribe(let device, let feature, let type): writeSensor("Subscribe", request.id, device, feature, type)
        case .unsubscribe(let device, let feature, let type): writeSensor("Unsubscribe", request.id, device, feature, type)
        case .nonsense(let text, _): put(text)
        }
    }

    private mutating func put(_ text: String) { bytes.append(contentsOf: text.utf8) }

    private mutating func put(_ text: StaticString) {
        bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    private mutating func put<N: BinaryInteger>(_ number: N) {
        var value = number < 0 ? UInt64(-Int64(number)) : UInt64(number)
        if number < 0 { bytes.append(UInt8(ascii: "-")) }
        var divisor: UInt64 = 1
        while value / divisor >= 10 { divisor *= 10 }
        while divisor > 0 {
            bytes.append(UInt8(ascii: "0") + UInt8(value / divisor))
            value %= divisor
            divisor /= 10
        }
    }

    private mutating func put(hundredths: Int32) {
        guard hundredths > 0, hundredths < 100 else { return put(hundredths <= 0 ? "0.0" : "1.0") }
        put(hundredths < 10 ? "0.0" : "0.")
        put(hundredths)
    }

    private mutating func open(_ name: StaticString, _ id: UInt32) {
        put("{\"")
        put(name)
        put("\":{\"Id\":")
        put(id)
    }

    private mutating func plain(_ name: StaticString, _ id: UInt32) {
        open(name, id)
        put("}}")
    }

    private mutating func field(_ name: StaticString, _ number: UInt32) {
        put(",\"")
        put(name)
        put("\":")
        put(number)
    }

    private mutating func writeHandshake(_ id: UInt32, _ name: String) {
        open("RequestServerInfo", id)
        put(",\"ClientName\":\"")
        put(name)
        put("\"")
        switch version {
        case .v0: break
        case .v4: put(",\"ProtocolVersionMajor\":4,\"ProtocolVersionMinor\":0")
        default: field("MessageVersion", UInt32(version.rawValue))
        }
        put("}}")
    }

    private mutating func writeOutputs(_ id: UInt32, _ device: UInt32, _ parts: [RequestPart], _ form: SimulatedRequest.LegacyForm) {
        if version == .v4 {
            open("OutputCmd", id)
            field("DeviceIndex", device)
            field("FeatureIndex", parts[0].feature)
            put(",\"Command\":{\"")
            put(parts[0].type.name)
            put("\":{\"Value\":")
            put(parts[0].value)
            if parts[0].type == .hwPositionWithDuration { field("Duration", parts[0].duration) }
            return put("}}}}")
        }
        switch form {
        case .single:
            open("SingleMotorVibrateCmd", id)
            field("DeviceIndex", device)
            put(",\"Speed\":")
            put(hundredths: parts.first?.hundredths ?? 50)
            put("}}")
        case .vibrate: writeList("VibrateCmd", "Speeds", id, device, parts) { $0.fraction("Speed", $1) }
        case .rotate:
            writeList("RotateCmd", "Rotations", id, device, parts) {
                $0.fraction("Speed", $1)
                $0.put($1.value < 0 ? ",\"Clockwise\":false" : ",\"Clockwise\":true")
            }
        case .linear:
            writeList("LinearCmd", "Vectors", id, device, parts) {
                $0.field("Duration", $1.duration)
                $0.fraction("Position", $1)
            }
        case .scalar:
            writeList("ScalarCmd", "Scalars", id, device, parts) {
                $0.fraction("Scalar", $1)
                $0.put(",\"ActuatorType\":\"")
                $0.put($1.type.name)
                $0.put("\"")
            }
        }
    }

    private mutating func fraction(_ name: StaticString, _ part: RequestPart) {
        put(",\"")
        put(name)
        put("\":")
        put(hundredths: part.hundredths)
    }

    private mutating func writeList(
        _ name: StaticString, _ list: StaticString, _ id: UInt32, _ device: UInt32, _ parts: [RequestPart],
        _ rest: (inout RequestWriter, RequestPart) -> Void
    ) {
        open(name, id)
        field("DeviceIndex", device)
        put(",\"")
        put(list)
        put("\":[")
        for (index, part) in parts.enumerated() {
            put(index == 0 ? "{\"Index\":" : ",{\"Index\":")
            put(part.index)
            rest(&self, part)
            put("}")
        }
        put("]}}")
    }

    private mutating func writeStop(_ id: UInt32, _ device: UInt32?, _ feature: UInt32?, _ inputs: Bool, _ outputs: Bool) {
        guard version == .v4 else {
            guard let device else { return plain("StopAllDevices", id) }
            open("StopDeviceCmd", id)
            field("DeviceIndex", device)
            return put("}}")
        }
        open("StopCmd", id)
        if let device { field("DeviceIndex", device) }
        if let feature { field("FeatureIndex", feature) }
        if !inputs { put(",\"Inputs\":false") }
        if !outputs { put(",\"Outputs\":false") }
        put("}}")
    }

    /// v2 knows batteries only; v3 names a sensor by its type, regardless of its index in the list.
    private mutating func writeSensor(_ command: StaticString, _ id: UInt32, _ device: UInt32, _ feature: UInt32, _ type: InputType) {
        switch version {
        case .v4:
            open("InputCmd", id)
            field("DeviceIndex", device)
            field("FeatureIndex", feature)
            put(",\"Type\":\"")
            put(type.name)
            put("\",\"Command\":\"")
            put(command)
            put("\"}}")
        case .v3:
            put("{\"Sensor")
            put(command)
            put("Cmd\":{\"Id\":")
            put(id)
            field("DeviceIndex", device)
            put(",\"SensorIndex\":0,\"SensorType\":\"")
            put(type.name)
            put("\"}}")
        default:
            open("BatteryLevelCmd", id)
            field("DeviceIndex", device)
            put("}}")
        }
    }
}
