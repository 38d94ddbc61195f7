// The parts of a device configuration: protocols, models, features, users' devices.
// Must not give up on a file because of one entry.

import Buttplug
import JSON

struct DeviceFileReader {
    private(set) var problems: [DeviceFileProblem] = []

    private static let problemsMax = 1_000

    private mutating func refuse(_ path: String, _ what: String) {
        if problems.count < Self.problemsMax { problems.append(DeviceFileProblem(path: path, what: what)) }
    }

    // MARK: Protocols

    mutating func facts(_ name: String, _ tree: JSONTree, _ path: String) -> ProtocolFacts {
        var facts = ProtocolFacts(name: name)
        for (place, entry) in (tree["communication"]?.elements ?? []).enumerated() {
            guard let member = entry.members.first else { continue }
            connector(member.key, member.value, "\(path).communication[\(place)]", into: &facts)
        }
        if let defaults = tree["defaults"] { facts.defaults = model(defaults, of: facts, "\(path).defaults") }
        for (place, entry) in (tree["configurations"]?.elements ?? []).enumerated() {
            let own = "\(path).configurations[\(place)]"
            guard let found = model(entry, of: facts, own) else { continue }
            let identifiers = (entry["identifier"]?.elements ?? []).compactMap(\.string)
            if identifiers.isEmpty { refuse(own, "it has no identifier, so no device is of this model") }
            facts.add(found, identifiers)
        }
        return facts
    }

    private mutating func connector(_ kind: String, _ tree: JSONTree, _ path: String, into facts: inout ProtocolFacts) {
        switch kind {
        case "btle":
            facts.names += (tree["names"]?.elements ?? []).compactMap { $0.string.map { NamePattern(text: $0) } }
            facts.advertised += (tree["advertised_services"]?.elements ?? []).compactMap { $0.string.flatMap { UUID128($0) } }
            for entry in tree["manufacturer_data"]?.elements ?? [] {
                guard let company = entry["company"]?.integer(UInt16.self) else { continue }
                facts.makers.append(
                    MakerPattern(company: company, data: (entry["data"]?.elements ?? []).compactMap { $0.integer(UInt8.self) }))
            }
            for member in tree["services"]?.members ?? [] { service(member, path, into: &facts) }
        case "websocket":
            if let name = tree["name"]?.string { facts.dialNames.append(name) }
        case "serial":
            if let baud = tree["baud_rate"]?.integer(Int.self), 300...4_000_000 ~= baud { facts.baud = baud }
            if let port = tree["port"]?.string, port != "default" { facts.ports.append(port) }
        case "hid", "usb", "xinput", "sdl-gamepad", "simulated", "lovense_connect_service": break
        default: refuse(path, "\(kind) is no way to a device that is known here")
        }
    }

    private mutating func service(_ member: JSONTree.Member, _ path: String, into facts: inout ProtocolFacts) {
        guard let uuid = UUID128(member.key) else { return refuse("\(path).services", "\(member.key) is no UUID") }
        var service = ServiceFacts(service: uuid)
        for endpoint in member.value.members {
            guard let known = DeviceEndpoint(named: endpoint.key), let characteristic = endpoint.value.string.flatMap({ UUID128($0) })
            else {
                refuse("\(path).services.\(member.key)", "\(endpoint.key) is no endpoint with a UUID")
                continue
            }
            service.endpoints.append(EndpointFacts(endpoint: known, characteristic: characteristic))
        }
        facts.services.append(service)
    }

    private mutating func model(_ tree: JSONTree, of facts: ProtocolFacts, _ path: String) -> Model? {
        guard let name = tree["name"]?.string else {
            refuse(path, "it has no name")
            return nil
        }
        let defaults = facts.defaults
        var model = Model(name: name, protocolName: facts.name)
        model.variant = tree["protocol_variant"]?.string ?? defaults?.variant
        model.gapMilliseconds = tree["message_gap_ms"]?.integer() ?? defaults?.gapMilliseconds
        guard let features = tree["features"]?.elements else {
            model.outputs = defaults?.outputs ?? []
            model.inputs = defaults?.inputs ?? []
            model.descriptions = defaults?.descriptions ?? [:]
            return model
        }
        for (place, entry) in features.enumerated() { feature(entry, place, "\(path).features[\(place)]", into: &model) }
        guard model.outputs.count <= OutputState.slotsMax else {
            refuse(path, "more than \(OutputState.slotsMax) outputs")
            return nil
        }
        model.outputs.sort { ($0.feature, $0.type.rawValue) < ($1.feature, $1.type.rawValue) }
        return model
    }

    private mutating func feature(_ tree: JSONTree, _ place: Int, _ path: String, into model: inout Model) {
        let index = tree["index"]?.integer(UInt32.self) ?? UInt32(place)
        if let text = tree["description"]?.string { model.descriptions[index] = text }
        for member in tree["output"]?.members ?? [] {
            guard let type = OutputType.named(member.key), let range = Self.range(member.value["value"]), range.upperBound > 0 else {
                refuse("\(path).output.\(member.key)", "it is no output with a range")
                continue
            }
            let lower = range.lowerBound < 0 ? -range.upperBound : 0
            let duration = type == .hwPositionWithDuration ? Self.range(member.value["duration"]) ?? 0...100_000 : nil
            model.outputs.append(ModelOutput(feature: index, type: type, range: lower...range.upperBound, duration: duration))
        }
        for member in tree["input"]?.members ?? [] {
            let ranges = (member.value["value"]?.elements ?? []).compactMap { Self.range($0) }
            guard let type = InputType.named(member.key), !ranges.isEmpty else {
                refuse("\(path).input.\(member.key)", "it is no input with a range")
                continue
            }
            let commands = (member.value["command"]?.elements ?? []).compactMap(\.string)
            let input = InputRange(
                type, ranges: ranges, canRead: commands.contains("Read"), canSubscribe: commands.contains("Subscribe"))
            model.inputs.append(ModelInput(feature: index, range: input))
        }
    }

    /// Two numbers, the lower one first.
    private static func range(_ tree: JSONTree?) -> ClosedRange<Int32>? {
        guard let ends = tree?.elements, ends.count == 2, let low = ends[0].integer(Int32.self), let high = ends[1].integer(Int32.self),
            low <= high, low > Int32.min
        else { return nil }
        return low...high
    }

    // MARK: Users' devices

    mutating func device(_ tree: JSONTree, _ path: String) -> UserDevice? {
        guard let name = tree["identifier"]?["protocol"]?.string, let address = tree["identifier"]?["address"]?.string else {
            refuse("\(path).identifier", "it names no protocol and address")
            return nil
        }
        var device = UserDevice(protocolName: name, identifier: tree["identifier"]?["identifier"]?.string, address: address)
        device.path = path
        let user = tree["config"]?["user_config"]
        device.settings.index = user?["index"]?.integer()
        device.settings.displayName = user?["display_name"]?.string
        device.isDenied = user?["deny"] == .bool(true)
        device.isAllowed = user?["allow"] == .bool(true)
        // An entry stands for all that is known of a gap.
        device.settings.gap = gap(user?["message_gap_ms"], "\(path).config.user_config.message_gap_ms")
        for (place, entry) in (tree["config"]?["features"]?.elements ?? []).enumerated() {
            device.features.append(outputs(entry, "\(path).config.features[\(place)]"))
        }
        return device
    }

    private mutating func outputs(_ tree: JSONTree, _ path: String) -> [OutputType: OutputSetting] {
        var settings: [OutputType: OutputSetting] = [:]
        for member in tree["output"]?.members ?? [] {
            guard let type = OutputType.named(member.key) else {
                refuse("\(path).output.\(member.key)", "it is no output")
                continue
            }
            var setting = OutputSetting()
            setting.isDisabled = member.value["disabled"] == .bool(true)
            setting.isReversed = (member.value["reverse"] ?? member.value["reverse_position"]) == .bool(true)
            if let value = member.value["value"], value != .null {
                setting.limits = Self.range(value).flatMap { $0.lowerBound >= 0 && $0.upperBound > $0.lowerBound ? $0 : nil }
                if setting.limits == nil { refuse("\(path).output.\(member.key).value", "it is no range that grows from zero or more") }
            }
            settings[type] = setting
        }
        return settings
    }

    private mutating func gap(_ tree: JSONTree?, _ path: String) -> DeviceSettings.Gap {
        guard let tree, tree != .null else { return .transports }
        if let gap = tree.integer(UInt32.self), gap <= 10_000 { return .milliseconds(gap) }
        refuse(path, "it is no number of milliseconds up to 10000")
        return .transports
    }

    mutating func simulated(_ tree: JSONTree, _ path: String) -> SimulatedEntry? {
        guard let archetype = tree["identifier"]?.string else {
            refuse("\(path).identifier", "it names no kind of device")
            return nil
        }
        return SimulatedEntry(archetype: archetype, displayName: tree["display_name"]?.string, path: path)
    }
}
