// Reads the device configurations of Buttplug's applications, versions 4 and 5: what is known of devices, and what a user has set.
// They are read and never written. What cannot be used is left out and told, with its place in the file.

import Buttplug
import JSON

/// Why a file cannot be read at all.
enum DeviceFileRefusal: Error, Hashable, CustomStringConvertible {
    case notJSON(line: Int, column: Int)
    case noVersion
    case version(Int)
    case tooLong

    var description: String {
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
struct DeviceFileProblem: Hashable, Sendable, CustomStringConvertible {
    /// "user_configs.devices[3].config".
    var path: String
    var what: String
    var description: String { "\(path): \(what)" }
}

/// A device that a user has set something for.
struct UserDevice: Hashable, Sendable {
    var protocolName: String
    /// The model within the protocol; nil for its defaults.
    var identifier: String?
    /// As the other program wrote it.
    var address: String
    var settings = DeviceSettings()
    /// In order of the features of its model.
    var features: [[OutputType: OutputSetting]] = []

    /// The address without what some systems write around it: "C0:11:22:33:44:55" for "PeripheralId(… dev_C0_11_22_33_44_55\0 …)".
    var plainAddress: String {
        guard let range = address.firstRange(of: "dev_") else { return address }
        let digits = address[range.upperBound...].prefix { $0.isHexDigit || $0 == "_" }
        return digits.utf8.count == 17 ? digits.replacing("_", with: ":").uppercased() : address
    }
}

struct DeviceFile: Sendable {
    static let bytesMax = 8 << 20
    private static let problemsMax = 64

    /// The catalogue of a base file; empty for a file of a user.
    private(set) var protocols: [ProtocolFacts] = []
    /// What a user's file adds to protocols.
    private(set) var additions: [ProtocolFacts] = []
    private(set) var devices: [UserDevice] = []
    /// At most 64 of them.
    private(set) var problems: [DeviceFileProblem] = []

    init(_ bytes: some Collection<UInt8>) throws(DeviceFileRefusal) {
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

    /// What is set for a device, where one of the entries is about it. Limits that its model does not have drop the entry's outputs.
    func settings(of model: Model, address: String) -> DeviceSettings? {
        let wanted = address.uppercased()
        guard
            let entry = devices.first(where: {
                $0.protocolName == model.protocolName && ($0.plainAddress.uppercased() == wanted || $0.address == address)
                    && ($0.identifier == nil || $0.identifier == model.identifier)
            })
        else { return nil }
        var settings = entry.settings
        var order: [UInt32] = []
        for index in (model.outputs.map(\.feature) + model.inputs.map(\.feature)).sorted() where order.last != index { order.append(index) }
        guard entry.features.count == order.count else { return settings }
        for (index, feature) in zip(order, entry.features) {
            for output in model.outputs where output.feature == index {
                guard let setting = feature[output.type] else { continue }
                if let limits = setting.limits, limits.lowerBound < 0 || limits.upperBound > output.range.upperBound {
                    settings.perOutput = [:]
                    return settings
                }
                settings.perOutput[OutputPlace(feature: index, type: output.type)] = setting
            }
        }
        return settings
    }

    /// Whether a device may be connected at all.
    func allows(address: String) -> Bool {
        let wanted = address.uppercased()
        let own = devices.filter { $0.plainAddress.uppercased() == wanted || $0.address == address }
        if own.contains(where: \.settings.isDenied) { return false }
        return own.contains(where: \.settings.isAllowed) || !devices.contains(where: \.settings.isAllowed)
    }
}
