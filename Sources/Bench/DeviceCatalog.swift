// What a server's devices can be told and asked, read from its device list in the words of any spec version.
// Must not know profiles; it says what there is.

import JSON

/// The versions of the Buttplug specification, by number.
public enum BenchSpec: Int, CaseIterable, Hashable, Sendable { case v0, v1, v2, v3, v4 }

/// Something that can be driven.
public struct DriveTarget: Hashable, Sendable {
    /// The message that drives it.
    public enum Form: Hashable, Sendable {
        /// `OutputCmd` (v4) of this type.
        case output(String)
        /// `ScalarCmd` (v3) of this type.
        case scalar(String)
        /// `VibrateCmd` (v1, v2).
        case vibrate
        /// `RotateCmd` (v1–v3).
        case rotate
        /// `LinearCmd` (v1–v3).
        case linear
        /// `SingleMotorVibrateCmd` (v0).
        case singleMotor
    }

    public var device: UInt32
    /// The feature (v4), or the index in its message's list (v1–v3).
    public var index: UInt32
    public var form: Form
    /// Steps above zero.
    public var steps: Int32
    public var isSigned: Bool

    /// A move goes somewhere once; everything else is held until it is told otherwise.
    public var isMove: Bool {
        switch form {
        case .linear, .output("Position"), .output("HwPositionWithDuration"): true
        default: false
        }
    }
}

/// A sensor.
public struct SensorTarget: Hashable, Sendable {
    public var device: UInt32
    /// The feature (v4), or the index in its message's list (v3).
    public var index: UInt32
    public var type: String
    public var canRead: Bool
    public var canSubscribe: Bool
}

/// Everything a profile may choose from.
public struct DeviceCatalog: Hashable, Sendable {
    public var devices: [UInt32] = []
    public var targets: [DriveTarget] = []
    public var sensors: [SensorTarget] = []

    public init() {}

    public var held: [DriveTarget] { targets.filter { !$0.isMove } }
    /// One per axis: the kind of move that apps stream.
    public var moves: [DriveTarget] {
        targets.filter { target in
            guard target.isMove else { return false }
            guard case .output("Position") = target.form else { return true }
            return !targets.contains {
                $0.device == target.device && $0.index == target.index && $0.form == .output("HwPositionWithDuration")
            }
        }
    }

    /// Reads the value of a `DeviceList`. What is not understood is left out.
    public init(list: JSONTree, spec: BenchSpec) {
        guard let devices = list["Devices"] else { return }
        for device in spec == .v4 ? devices.members.map(\.value) : devices.elements {
            guard let index = device["DeviceIndex"]?.integer(UInt32.self) else { continue }
            self.devices.append(index)
            switch spec {
            case .v4: addFeatures(device["DeviceFeatures"], of: index)
            case .v3: addV3(device["DeviceMessages"], of: index)
            case .v1, .v2: addCounts(device["DeviceMessages"], of: index)
            case .v0:
                if device["DeviceMessages"]?.elements.contains(.string("SingleMotorVibrateCmd")) ?? false {
                    targets.append(DriveTarget(device: index, index: 0, form: .singleMotor, steps: 100, isSigned: false))
                }
            }
        }
    }

    private mutating func addFeatures(_ features: JSONTree?, of device: UInt32) {
        for member in features?.members ?? [] {
            guard let feature = member.value["FeatureIndex"]?.integer(UInt32.self) ?? UInt32(member.key) else { continue }
            for output in member.value["Output"]?.members ?? [] {
                // Every spray command sprays again: it must not be repeated.
                guard output.key != "Spray", let range = output.value["Value"]?.elements, range.count == 2,
                    let low = range[0].integer(Int32.self), let high = range[1].integer(Int32.self), high > 0
                else { continue }
                targets.append(
                    DriveTarget(device: device, index: feature, form: .output(output.key), steps: high, isSigned: low < 0 && -low >= high))
            }
            for input in member.value["Input"]?.members ?? [] {
                let commands = input.value["Command"]?.elements ?? []
                sensors.append(
                    SensorTarget(
                        device: device, index: feature, type: input.key, canRead: commands.contains(.string("Read")),
                        canSubscribe: commands.contains(.string("Subscribe"))))
            }
        }
    }

    private mutating func addV3(_ messages: JSONTree?, of device: UInt32) {
        let forms: [(String, (String) -> DriveTarget.Form)] = [
            ("ScalarCmd", { .scalar($0) }), ("RotateCmd", { _ in .rotate }), ("LinearCmd", { _ in .linear }),
        ]
        for (name, form) in forms {
            for (index, entry) in (messages?[name]?.elements ?? []).enumerated() {
                let steps = entry["StepCount"]?.integer(Int32.self) ?? 20
                let type = entry["ActuatorType"]?.string ?? "Vibrate"
                targets.append(
                    DriveTarget(device: device, index: UInt32(index), form: form(type), steps: max(1, steps), isSigned: name == "RotateCmd")
                )
            }
        }
        let subscribable = messages?["SensorSubscribeCmd"]?.elements.compactMap { $0["SensorType"]?.string } ?? []
        let readable = messages?["SensorReadCmd"]?.elements.compactMap { $0["SensorType"]?.string } ?? []
        for (index, type) in readable.enumerated() {
            sensors.append(SensorTarget(device: device, index: UInt32(index), type: type, canRead: true, canSubscribe: false))
        }
        for (index, type) in subscribable.enumerated() {
            sensors.append(SensorTarget(device: device, index: UInt32(index), type: type, canRead: false, canSubscribe: true))
        }
    }

    /// v1 and v2: how many features a message drives.
    private mutating func addCounts(_ messages: JSONTree?, of device: UInt32) {
        let forms: [(String, DriveTarget.Form)] = [("VibrateCmd", .vibrate), ("RotateCmd", .rotate), ("LinearCmd", .linear)]
        for (name, form) in forms {
            guard let count = messages?[name]?["FeatureCount"]?.integer(Int.self) else { continue }
            let steps = messages?[name]?["StepCount"]?.elements ?? []
            for index in 0..<min(count, 256) {
                let known = index < steps.count ? steps[index].integer(Int32.self) : nil
                targets.append(
                    DriveTarget(device: device, index: UInt32(index), form: form, steps: max(1, known ?? 20), isSigned: form == .rotate))
            }
        }
        if messages?["BatteryLevelCmd"] != nil {
            sensors.append(SensorTarget(device: device, index: 0, type: "Battery", canRead: true, canSubscribe: false))
        }
    }
}
