// The devices there are, by the index clients know them by, and what one session may see of them.
// Must not know who drives what; lanes are the arbiter's.

/// Index → device. Indices are small: the table is an array.
public struct DeviceTable: Sendable {
    private struct Entry: Sendable {
        var info: DeviceInfo
        var legacy: LegacyDevice
    }

    private var entries: ContiguousArray<Entry?> = []
    public private(set) var count = 0
    /// Changes with every change of the table.
    public private(set) var generation: UInt64 = 0

    public init() {}

    /// Every index in the table is below this.
    public var indexLimit: UInt32 { UInt32(entries.count) }

    /// The device at `index`, if there is one.
    public subscript(index: UInt32) -> DeviceInfo? { index < entries.count ? entries[Int(index)]?.info : nil }

    public func contains(_ index: UInt32) -> Bool { index < entries.count && entries[Int(index)] != nil }

    /// Adds a device, or replaces the one with its index.
    public mutating func insert(_ info: DeviceInfo) {
        while entries.count <= Int(info.index) { entries.append(nil) }
        if entries[Int(info.index)] == nil { count += 1 }
        entries[Int(info.index)] = Entry(info: info, legacy: LegacyDevice(info.description))
        generation &+= 1
    }

    /// Removes the device at `index`, if there is one.
    public mutating func remove(_ index: UInt32) {
        guard contains(index) else { return }
        entries[Int(index)] = nil
        count -= 1
        generation &+= 1
    }

    /// Calls `body` with every device, in ascending order of index.
    public func forEach(_ body: (DeviceInfo) -> Void) {
        for index in entries.indices {
            if let entry = entries[index] { body(entry.info) }
        }
    }

    /// The same, with what versions before 4 see of each device.
    func forEach(_ body: (DeviceInfo, LegacyDevice) -> Void) {
        for index in entries.indices {
            if let entry = entries[index] { body(entry.info, entry.legacy) }
        }
    }

    /// What versions before 4 see of the device at `index`.
    func legacy(_ index: UInt32) -> LegacyDevice? { index < entries.count ? entries[Int(index)]?.legacy : nil }

    /// Why an output command is refused, when it names a device, feature, type or value that is not there; nil when all is well.
    public func failure(of command: OutputCommand) -> Failure? {
        guard let info = self[command.device] else { return .deviceNotAvailable(command.device) }
        let features = info.description.features
        guard let feature = features.first(where: { $0.index == command.feature }) else {
            return .featureIndex(count: UInt32(features.count), index: command.feature)
        }
        guard let range = feature.outputs.first(where: { $0.type == command.type }) else { return .messageNotSupported("OutputCmd") }
        let lowest = range.isSigned ? -range.steps : 0
        return command.value < lowest || command.value > range.steps ? .stepRange(command.value) : nil
    }

    /// Why a sensor command is refused; nil when the sensor exists and can do this.
    public func failure(ofInput type: InputType, _ command: InputCommand, device: UInt32, feature: UInt32) -> Failure? {
        guard let info = self[device] else { return .deviceNotAvailable(device) }
        let features = info.description.features
        guard let there = features.first(where: { $0.index == feature }) else {
            return .featureIndex(count: UInt32(features.count), index: feature)
        }
        guard let input = there.inputs.first(where: { $0.type == type }) else { return .messageNotSupported("InputCmd") }
        let isPossible = command == .read ? input.canRead : input.canSubscribe
        return isPossible ? nil : .messageNotSupported("InputCmd")
    }
}

/// What one session may see: the table without the devices its rule denies.
public struct DeviceView: Sendable {
    public var table: DeviceTable
    public var denied: DeviceSet

    public init(_ table: DeviceTable, denied: DeviceSet = DeviceSet()) {
        self.table = table
        self.denied = denied
    }

    /// Whether the session is shown the device at `index`.
    public func shows(_ index: UInt32) -> Bool { table.contains(index) && !denied.contains(index) }

    /// Calls `body` with every device the session is shown, in ascending order of index.
    func forEach(_ body: (DeviceInfo, LegacyDevice) -> Void) {
        table.forEach { info, legacy in
            if !denied.contains(info.index) { body(info, legacy) }
        }
    }
}
