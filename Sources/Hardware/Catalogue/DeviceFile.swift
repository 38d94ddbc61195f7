// Reads the device configurations of Buttplug's applications, versions 4 and 5: what is known of devices, and what a user has set.
// They are read and never written. What cannot be used is left out and told, with its place in the file.

import Buttplug
import JSON

/// Why a file cannot be read at all.
public enum DeviceFileRefusal: Error, Hashable, CustomStringConvertible {
    /// Both count from 1.
    case notJSON(line: Int, column: Int)
    case noVersion
    case version(Int)
    case tooLong

    public var description: String {
        switch self {
        case .notJSON(let line, let column): "line \(line), column \(column): this is not JSON"
        case .noVersion: "there is no version.major; is this a device configuration of Buttplug?"
        case .version(let major):
            "version \(major) cannot be read, only 4 and 5; let a present Intiface Central open it, and it writes the present version"
        case .tooLong: "more than \(DeviceFile.bytesMax >> 20) MiB"
        }
    }
}

/// What was left out.
public struct DeviceFileProblem: Hashable, Sendable, CustomStringConvertible {
    /// "user_configs.devices[3].config".
    public var path: String
    public var what: String
    public var description: String { "\(path): \(what)" }
}

/// A device that a user has set something for.
struct UserDevice: Hashable, Sendable {
    var protocolName: String
    /// The model within the protocol; nil for its defaults.
    var identifier: String?
    /// As the other program wrote it.
    var address: String
    /// Denied beats allowed. When any device is allowed, those that nobody has named are not connected.
    var isDenied = false
    var isAllowed = false
    /// Without its outputs.
    var settings = DeviceSettings()
    /// In order of the features of its model.
    var features: [[OutputType: OutputSetting]] = []
    /// Where it stands: "user_configs.devices[3]".
    var path = ""

    /// The address without what some systems write around it: "C0:11:22:33:44:55" for "PeripheralId(… dev_C0_11_22_33_44_55\0 …)".
    var plainAddress: String {
        guard let range = address.firstRange(of: "dev_") else { return address }
        let digits = address[range.upperBound...].prefix { $0.isHexDigit || $0 == "_" }
        return digits.utf8.count == 17 ? digits.replacing("_", with: ":").uppercased() : address
    }
}

/// A simulated device of a user's file.
public struct SimulatedEntry: Hashable, Sendable {
    /// "simulated-2vibe".
    public var archetype: String
    public var displayName: String?
    /// "user_configs.simulated_devices[0]".
    public var path: String
}

/// A device configuration of Buttplug's applications, major version 4 or 5: what is known of devices, and what a user has set.
public struct DeviceFile: Hashable, Sendable {
    /// Longer ones are refused.
    public static let bytesMax = 8 << 20
    private static let problemsMax = 64

    /// The catalogue of a base file; empty for a file of a user.
    private(set) var protocols: [ProtocolFacts] = []
    /// What a user's file adds to protocols.
    private(set) var additions: [ProtocolFacts] = []
    private(set) var devices: [UserDevice] = []
    /// The simulated devices that a user wants.
    public private(set) var simulated: [SimulatedEntry] = []
    /// What could not be used, and is left out; at most 64 of them.
    public private(set) var problems: [DeviceFileProblem] = []

    /// Reads a whole file. Only what is no such file at all is refused.
    public init(_ bytes: some Collection<UInt8>) throws(DeviceFileRefusal) {
        guard bytes.count <= Self.bytesMax else { throw .tooLong }
        let tree: JSONTree
        do throws(JSONTreeProblem) { tree = try JSONTree(reading: bytes) } catch {
            throw .notJSON(line: error.line, column: error.column)
        }
        guard let major = tree["version"]?["major"]?.integer(Int.self) else { throw .noVersion }
        guard major == 4 || major == 5 else { throw .version(major) }
        var reader = DeviceFileReader()
        for member in tree["protocols"]?.members ?? [] {
            protocols.append(reader.facts(member.key, member.value, "protocols.\(member.key)"))
        }
        let user = tree["user_configs"]
        for member in user?["protocols"]?.members ?? [] {
            additions.append(reader.facts(member.key, member.value, "user_configs.protocols.\(member.key)"))
        }
        for (place, entry) in (user?["devices"]?.elements ?? []).enumerated() {
            if let device = reader.device(entry, "user_configs.devices[\(place)]") { devices.append(device) }
        }
        for (place, entry) in (user?["simulated_devices"]?.elements ?? []).enumerated() {
            if let one = reader.simulated(entry, "user_configs.simulated_devices[\(place)]") { simulated.append(one) }
        }
        problems = Array(reader.problems.prefix(Self.problemsMax))
    }

    /// The built-in catalogue, or the one of a base file, with what users' files add. A protocol that is not in it is taken as it is.
    func catalogue(over base: Catalogue) -> Catalogue {
        var catalogue = protocols.isEmpty ? base : Catalogue(protocols)
        for addition in additions {
            var facts = catalogue[addition.name] ?? ProtocolFacts(name: addition.name)
            // A user's own rows are tried before the others.
            facts.names = addition.names + facts.names
            facts.makers = addition.makers + facts.makers
            facts.advertised = addition.advertised + facts.advertised
            facts.services += addition.services.filter { !facts.services.contains($0) }
            facts.dialNames = addition.dialNames + facts.dialNames
            facts.baud = facts.baud ?? addition.baud
            facts.ports = addition.ports + facts.ports
            facts.defaults = facts.defaults ?? addition.defaults
            for (model, identifiers) in zip(addition.models, addition.identifiers) { facts.add(model, identifiers, isPreferred: true) }
            catalogue.add(facts)
        }
        return catalogue
    }

    /// The entries about a device.
    func settings(address: String) -> [UserDevice] {
        let wanted = address.uppercased()
        return devices.filter { $0.plainAddress.uppercased() == wanted || $0.address == address }
    }

    /// Whether some devices are allowed, and the others not.
    var allowsOnlySome: Bool { devices.contains(where: \.isAllowed) }

    /// What is set for a device, where one of the entries is about it, and what of it cannot be.
    func settings(of model: Model, address: String) -> (DeviceSettings, problem: String?)? {
        let entry = settings(address: address).first {
            $0.protocolName == model.protocolName && ($0.identifier == nil || $0.identifier == model.identifier)
        }
        guard let entry else { return nil }
        var settings = entry.settings
        var order: [UInt32] = []
        for index in (model.outputs.map(\.feature) + model.inputs.map(\.feature)).sorted() where order.last != index { order.append(index) }
        guard entry.features.count == order.count else {
            guard !entry.features.isEmpty else { return (settings, nil) }
            return (
                settings,
                "\(entry.path): it is for \(entry.features.count) features, and this model has \(order.count): its outputs are as the model has them"
            )
        }
        var problem: String?
        for (index, feature) in zip(order, entry.features) {
            for output in model.outputs where output.feature == index {
                guard var setting = feature[output.type] else { continue }
                if let limits = setting.limits, limits.upperBound > output.range.upperBound {
                    problem =
                        problem ?? "\(entry.path): feature \(index) goes up to \(output.range.upperBound), not to \(limits.upperBound)"
                    setting.limits = limits.lowerBound < output.range.upperBound ? limits.lowerBound...output.range.upperBound : nil
                }
                settings.perOutput[OutputPlace(feature: index, type: output.type)] = setting
            }
        }
        return (settings, problem)
    }

    /// The programs that may dial in, by their names, with their protocols.
    var socketDevices: [SocketDevice] {
        (protocols + additions).flatMap { facts in facts.dialNames.map { SocketDevice($0, protocolName: facts.name) } }
    }
}
