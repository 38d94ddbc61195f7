// What an operator has set for devices: rows of the configuration, and the settings in another program's file.
// Must not know transports; it is asked with identities. Rows count before the file.

import Buttplug
import Host

/// What is set for the devices that match.
public struct DeviceRule: Hashable, Sendable {
    /// Of an identity ("bluetooth:C0:11:22:33:44:55"), of the name that a device gives itself, or of its model's name.
    public var match: Glob
    /// The name that clients see besides the device's own.
    public var displayName: String?
    /// The index that it gets if it never had one, and no other device has it.
    public var index: UInt32?
    /// It is never connected.
    public var isDenied = false
    /// Only such devices are connected, of those that are found without being named in the configuration.
    public var isAllowed = false
    /// The least time between two packets; nil: the model's.
    public var gapMilliseconds: UInt32?

    public init(_ match: Glob) { self.match = match }
}

/// What is set for outputs of the devices that match.
public struct OutputRule: Hashable, Sendable {
    /// As in `DeviceRule`.
    public var match: Glob
    /// The feature's index on the wire; nil: every feature.
    public var feature: UInt32?
    /// nil: every type.
    public var output: OutputType?
    /// The ends of what the device may be told, in its own steps. Zero stays zero.
    public var lowest: Int32?
    public var highest: Int32?
    /// A position's ends change places.
    public var isReversed = false
    /// Clients do not see it, and it stays at zero.
    public var isDisabled = false

    public init(_ match: Glob) { self.match = match }
}

/// Everything that is set for devices. It may be replaced while the router runs; a device keeps what it has until it becomes ready again.
public struct DeviceRules: Hashable, Sendable {
    /// Of several rows that match, the first that says something counts for it; one that denies always does.
    public var devices: [DeviceRule] = []
    public var outputs: [OutputRule] = []
    /// What a user has set in another program.
    public var file: DeviceFile?

    public init() {}
}

/// A device, as far as rules can tell it from others.
struct RuledDevice {
    /// "bluetooth".
    var kind: String
    /// The transport's address.
    var address: String
    /// As the device gives it itself.
    var name: String?

    var identity: String { "\(kind):\(address)" }
    /// As another program writes it.
    fileprivate var plainAddress: String {
        // A program that dials in has its name before it.
        guard kind == "websocket", let name, address.hasPrefix("\(name):") else { return address }
        return String(address.dropFirst(name.count + 1))
    }

    fileprivate func matches(_ glob: Glob, _ model: String? = nil) -> Bool {
        glob.matches(identity) || name.map(glob.matches) == true || model.map(glob.matches) == true
    }
}

extension DeviceRules {
    /// Whether a device may be connected.
    enum Leave: Hashable, Sendable {
        case allowed
        /// It is denied by name or address.
        case denied
        /// Others are allowed, and it is not among them.
        case notAllowed
    }

    /// - Parameter isNamed: The configuration names this device, its port or its program: then nobody has to allow it.
    func leave(_ device: RuledDevice, isNamed: Bool) -> Leave {
        let rows = devices.filter { device.matches($0.match) }
        let own = file?.settings(address: device.plainAddress) ?? []
        if rows.contains(where: \.isDenied) || own.contains(where: \.isDenied) { return .denied }
        let isOpen = !devices.contains(where: \.isAllowed) && file?.allowsOnlySome != true
        return isNamed || isOpen || rows.contains(where: \.isAllowed) || own.contains(where: \.isAllowed) ? .allowed : .notAllowed
    }

    /// What is set for a device, now that its model is known, and what of it cannot be.
    func settings(of model: Model, _ device: RuledDevice) -> (DeviceSettings, problem: String?) {
        var (settings, problem) = file?.settings(of: model, address: device.plainAddress) ?? (DeviceSettings(), nil)
        let rows = devices.filter { device.matches($0.match, model.name) }
        settings.displayName = rows.lazy.compactMap(\.displayName).first ?? settings.displayName
        settings.index = rows.lazy.compactMap(\.index).first ?? settings.index
        if let gap = rows.lazy.compactMap(\.gapMilliseconds).first { settings.gap = .milliseconds(gap) }
        for output in model.outputs {
            let own = outputs.filter {
                device.matches($0.match, model.name) && $0.feature ?? output.feature == output.feature
                    && $0.output ?? output.type == output.type
            }
            guard !own.isEmpty else { continue }
            let place = OutputPlace(feature: output.feature, type: output.type)
            var setting = settings.perOutput[place] ?? OutputSetting()
            setting.isReversed = setting.isReversed || own.contains(where: \.isReversed)
            setting.isDisabled = setting.isDisabled || own.contains(where: \.isDisabled)
            let lowest = own.lazy.compactMap(\.lowest).first
            let highest = own.lazy.compactMap(\.highest).first
            if lowest != nil || highest != nil {
                let (limits, trouble) = output.limits(from: lowest, to: highest)
                setting.limits = limits
                problem = problem ?? trouble
            }
            settings.perOutput[place] = setting
        }
        return (settings, problem)
    }
}

extension ModelOutput {
    /// The limits that a row sets. The upper one is kept in any case; a lower one that leaves nothing is not.
    fileprivate func limits(from lowest: Int32?, to highest: Int32?) -> (ClosedRange<Int32>, problem: String?) {
        let top = max(1, range.upperBound)
        let upper = min(max(1, highest ?? top), top)
        let lower = lowest ?? 0
        guard lower < upper else {
            return (
                0...upper, "[[hardware.output]]: min = \(lower) leaves nothing of \(type.name), which goes up to \(upper); it is 0 here"
            )
        }
        guard highest ?? 0 <= top else {
            return (lower...upper, "[[hardware.output]]: max = \(highest ?? 0) is more than \(type.name) has, which goes up to \(top)")
        }
        return (lower...upper, nil)
    }
}
