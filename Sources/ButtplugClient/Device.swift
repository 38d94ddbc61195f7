// A device and its features as an application sees them: values that can be asked to do something.
// Must not know what is said to the server; the client does.

import Buttplug

/// A device. A value: it says what the device was when it was listed. Its calls throw once the device is gone.
public struct Device: Sendable, Identifiable, CustomStringConvertible {
    /// What the server knows it by.
    public let index: UInt32
    /// What the device is ("Simulated Rabbit").
    public let name: String
    /// A name the user gave it.
    public let displayName: String?
    /// Least time between two commands that the device asks for; the server keeps to it.
    public let messageGap: Duration
    /// In ascending order of index.
    public let features: [DeviceFeature]
    let client: ButtplugClient

    init(_ info: DeviceInfo, _ client: ButtplugClient) {
        index = info.index
        name = info.description.name
        displayName = info.description.displayName
        messageGap = .milliseconds(Int64(info.description.messageGapMilliseconds))
        features = info.description.features.map { DeviceFeature($0, of: info, client) }
        self.client = client
    }

    /// The index.
    public var id: UInt32 { index }
    /// The user's name for it, or else its own.
    public var description: String { displayName ?? name }

    /// The features with this kind of output.
    public func features(_ type: OutputType) -> [DeviceFeature] { features.filter { $0.range(type) != nil } }
    /// The features with this kind of sensor.
    public func features(_ type: InputType) -> [DeviceFeature] { features.filter { $0.sensor(type) != nil } }

    /// Stops its outputs; with `subscriptions` its sensors too.
    public func stop(subscriptions: Bool = false, timeout: Duration? = nil) async throws(ClientError) {
        try await client.stop(device: index, feature: nil, subscriptions: subscriptions, timeout: timeout)
    }

    /// Reads its first sensor of this kind; one value per axis.
    public func read(_ type: InputType, timeout: Duration? = nil) async throws(ClientError) -> [Int32] {
        let able = features(type)
        guard let feature = able.first(where: { $0.sensor(type)?.canRead == true }) ?? able.first else {
            throw .unsupported("\(self) has no sensor \(type.name)")
        }
        return try await feature.read(type, timeout: timeout)
    }

    /// Its charge, 0…1.
    public func battery(timeout: Duration? = nil) async throws(ClientError) -> Double {
        Double(try await read(.battery, timeout: timeout).first ?? 0) / 100
    }

    /// Subscribes its first sensor of this kind; see `Readings`.
    public func subscribe(_ type: InputType, timeout: Duration? = nil) async throws(ClientError) -> Readings {
        let able = features(type)
        guard let feature = able.first(where: { $0.sensor(type)?.canSubscribe == true }) ?? able.first else {
            throw .unsupported("\(self) has no sensor \(type.name)")
        }
        return try await feature.subscribe(type, timeout: timeout)
    }
}

extension Device: Controllable {
    /// Every feature that has such an output does this. Throws `.unsupported`, and sends nothing, when one of `outputs` has no feature.
    public func run(_ outputs: [Output], timeout: Duration? = nil) async throws(ClientError) {
        var commands: [FeatureCommand] = []
        for output in outputs {
            let able = features(output.type)
            guard !able.isEmpty else { throw .unsupported("\(self) has no output \(output.type.name)") }
            commands += able.map { FeatureCommand($0, output) }
        }
        try await client.run(commands, timeout: timeout)
    }
}

/// One feature of a device: an actuator, a sensor, or both.
public struct DeviceFeature: Sendable, Identifiable, CustomStringConvertible {
    /// The device's index.
    public let device: UInt32
    /// The device's name.
    public let deviceName: String
    /// The feature's index on the device; holes are allowed.
    public let index: UInt32
    /// What the server calls it ("Motor 1"); may be empty.
    public let label: String
    /// At most one per type.
    public let outputs: [OutputRange]
    /// At most one per type.
    public let inputs: [InputRange]
    let client: ButtplugClient

    init(_ feature: Feature, of device: DeviceInfo, _ client: ButtplugClient) {
        self.device = device.index
        deviceName = device.description.displayName ?? device.description.name
        index = feature.index
        label = feature.description
        outputs = feature.outputs
        inputs = feature.inputs
        self.client = client
    }

    /// The index.
    public var id: UInt32 { index }
    /// The device and the feature, for people.
    public var description: String { "\(deviceName), \(label.isEmpty ? "feature \(index)" : label)" }

    /// The range of an output; nil when the feature has none of this type.
    public func range(_ type: OutputType) -> OutputRange? { outputs.first { $0.type == type } }
    /// The ranges of a sensor; nil when the feature has none of this type.
    public func sensor(_ type: InputType) -> InputRange? { inputs.first { $0.type == type } }

    /// An output for `ButtplugClient.run`, which drives several features at once.
    public func command(_ output: Output) -> FeatureCommand { FeatureCommand(self, output) }

    /// Stops its outputs; with `subscriptions` its sensors too.
    public func stop(subscriptions: Bool = false, timeout: Duration? = nil) async throws(ClientError) {
        try await client.stop(device: device, feature: index, subscriptions: subscriptions, timeout: timeout)
    }

    /// Reads a sensor once; one value per axis.
    public func read(_ type: InputType, timeout: Duration? = nil) async throws(ClientError) -> [Int32] {
        guard sensor(type)?.canRead == true else { throw .unsupported("\(self) has no sensor \(type.name) that can be read") }
        return try await client.read(SensorKey(device: device, feature: index, type: type), timeout: timeout)
    }

    /// Asks a sensor for all its readings; see `Readings`.
    public func subscribe(_ type: InputType, timeout: Duration? = nil) async throws(ClientError) -> Readings {
        guard sensor(type)?.canSubscribe == true else { throw .unsupported("\(self) has no sensor \(type.name) that can be subscribed") }
        return try await client.subscribe(SensorKey(device: device, feature: index, type: type), timeout: timeout)
    }
}

extension DeviceFeature: Controllable {
    /// The feature does all of this, one after the other.
    public func run(_ outputs: [Output], timeout: Duration? = nil) async throws(ClientError) {
        try await client.run(outputs.map { FeatureCommand(self, $0) }, timeout: timeout)
    }
}

extension DeviceFeature: Hashable {
    /// The same feature of the same device, with the same ranges.
    public static func == (a: DeviceFeature, b: DeviceFeature) -> Bool {
        a.device == b.device && a.index == b.index && a.outputs == b.outputs && a.inputs == b.inputs && a.client === b.client
    }

    /// By device and feature.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(device)
        hasher.combine(index)
    }
}
