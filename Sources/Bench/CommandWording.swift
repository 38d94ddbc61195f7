// The requests of every spec version as texts.
// Must not know when or how often they are sent.

extension BenchSpec {
    /// The client's first message. Its Id is 1.
    func greeting(clientName: String) -> String {
        let head = "[{\"RequestServerInfo\":{\"Id\":1,\"ClientName\":\"\(clientName)\""
        switch self {
        case .v0: return head + "}}]"
        case .v1, .v2, .v3: return head + ",\"MessageVersion\":\(rawValue)}}]"
        case .v4: return head + ",\"ProtocolVersionMajor\":4,\"ProtocolVersionMinor\":0}}]"
        }
    }

    /// Ends what this client does on an output; before v4 on its whole device.
    func stop(_ target: DriveTarget) -> Wording {
        self == .v4
            ? Wording("[{\"StopCmd\":{\(Wording.idMark),\"DeviceIndex\":\(target.device),\"FeatureIndex\":\(target.index)}}]")
            : Wording("[{\"StopDeviceCmd\":{\(Wording.idMark),\"DeviceIndex\":\(target.device)}}]")
    }

    /// Asks a sensor once; nil when the version has no message for it.
    func read(_ sensor: SensorTarget) -> Wording? {
        guard sensor.canRead else { return nil }
        switch self {
        case .v4: return Wording(input(sensor, "Read"), answer: .reading)
        case .v3: return Wording(legacySensor("SensorReadCmd", sensor), answer: .reading)
        case .v2: return Wording("[{\"BatteryLevelCmd\":{\(Wording.idMark),\"DeviceIndex\":\(sensor.device)}}]", answer: .reading)
        case .v0, .v1: return nil
        }
    }

    /// Asks a sensor for all its readings; nil when the version has no message for it.
    func subscribe(_ sensor: SensorTarget) -> Wording? {
        guard sensor.canSubscribe else { return nil }
        switch self {
        case .v4: return Wording(input(sensor, "Subscribe"))
        case .v3: return Wording(legacySensor("SensorSubscribeCmd", sensor))
        case .v0, .v1, .v2: return nil
        }
    }

    private func input(_ sensor: SensorTarget, _ command: String) -> String {
        "[{\"InputCmd\":{\(Wording.idMark),\"DeviceIndex\":\(sensor.device),\"FeatureIndex\":\(sensor.index),"
            + "\"Type\":\"\(sensor.type)\",\"Command\":\"\(command)\"}}]"
    }

    private func legacySensor(_ name: String, _ sensor: SensorTarget) -> String {
        "[{\"\(name)\":{\(Wording.idMark),\"DeviceIndex\":\(sensor.device),\"SensorIndex\":\(sensor.index),"
            + "\"SensorType\":\"\(sensor.type)\"}}]"
    }
}

extension Wording {
    static let ping = Wording("[{\"Ping\":{\(idMark)}}]")
    static let startScanning = Wording("[{\"StartScanning\":{\(idMark)}}]")
    static let stopScanning = Wording("[{\"StopScanning\":{\(idMark)}}]")
    static let requestDeviceList = Wording("[{\"RequestDeviceList\":{\(idMark)}}]", answer: .deviceList)

    /// Drives an output to `step` of its steps, below zero where it has a direction. A move takes `milliseconds`.
    init(driving target: DriveTarget, step: Int32, milliseconds: Int = 100) {
        let step = min(max(step, target.isSigned ? -target.steps : 0), target.steps)
        let share = Double(step.magnitude) / Double(target.steps)
        let device = "\(Wording.idMark),\"DeviceIndex\":\(target.device)"
        switch target.form {
        case .output("HwPositionWithDuration"):
            text =
                "[{\"OutputCmd\":{\(device),\"FeatureIndex\":\(target.index),"
                + "\"Command\":{\"HwPositionWithDuration\":{\"Value\":\(step),\"Duration\":\(milliseconds)}}}}]"
        case .output(let type):
            text = "[{\"OutputCmd\":{\(device),\"FeatureIndex\":\(target.index),\"Command\":{\"\(type)\":{\"Value\":\(step)}}}}]"
        case .scalar(let type):
            text =
                "[{\"ScalarCmd\":{\(device),\"Scalars\":[{\"Index\":\(target.index),\"Scalar\":\(share),\"ActuatorType\":\"\(type)\"}]}}]"
        case .vibrate: text = "[{\"VibrateCmd\":{\(device),\"Speeds\":[{\"Index\":\(target.index),\"Speed\":\(share)}]}}]"
        case .rotate:
            text =
                "[{\"RotateCmd\":{\(device),\"Rotations\":[{\"Index\":\(target.index),\"Speed\":\(share),\"Clockwise\":\(step >= 0)}]}}]"
        case .linear:
            text =
                "[{\"LinearCmd\":{\(device),\"Vectors\":[{\"Index\":\(target.index),\"Duration\":\(milliseconds),\"Position\":\(share)}]}}]"
        case .singleMotor: text = "[{\"SingleMotorVibrateCmd\":{\(device),\"Speed\":\(share)}}]"
        }
        answer = .ok
    }
}
