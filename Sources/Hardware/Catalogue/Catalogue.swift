// What is known of devices: how each protocol's devices are recognised, what they have, and which models there are.
// Must not know how they are driven, nor who has found one.

import Buttplug

/// A name as configurations write it: whole, or its beginning with "*" at the end. Compared byte by byte.
struct NamePattern: Hashable, Sendable {
    var text: String

    func matches(_ name: String) -> Bool {
        text.utf8.last == UInt8(ascii: "*")
            ? name.utf8.starts(with: text.utf8.dropLast()) : name.utf8.elementsEqual(text.utf8)
    }
}

/// Manufacturer data that a protocol's devices advertise; without data, any of the company.
struct MakerPattern: Hashable, Sendable {
    var company: UInt16
    var data: [UInt8] = []

    func matches(_ maker: MakerData) -> Bool {
        maker.company == company && (Self.holds(maker.data, data) || Self.holds(data, maker.data))
    }

    /// Whether the second stands in the first, in one piece.
    private static func holds(_ whole: [UInt8], _ part: [UInt8]) -> Bool {
        guard part.count <= whole.count else { return false }
        return (0...(whole.count - part.count)).contains { whole[$0...].starts(with: part) }
    }
}

/// A service of a device, with its characteristics by the names of endpoints.
struct ServiceFacts: Hashable, Sendable {
    var service: UUID128
    var endpoints: [EndpointFacts] = []
}

struct EndpointFacts: Hashable, Sendable {
    var endpoint: DeviceEndpoint
    var characteristic: UUID128
}

/// What is known of one protocol's devices.
struct ProtocolFacts: Hashable, Sendable {
    var name: String
    var names: [NamePattern] = []
    var makers: [MakerPattern] = []
    var advertised: [UUID128] = []
    var services: [ServiceFacts] = []
    /// Bits per second on a serial line; nil: no serial device.
    var baud: Int?
    /// Serial ports that a file names for it. They are not opened for that: the configuration says which are.
    var ports: [String] = []
    /// The names by which programs that dial in say that they are one.
    var dialNames: [String] = []
    /// For a device that is none of the models.
    var defaults: Model?
    private(set) var models: [Model] = []
    /// The identifiers of each model.
    private(set) var identifiers: [[String]] = []
    /// Where in `models` each identifier is.
    private var places: [String: Int] = [:]

    init(name: String, services: [ServiceFacts] = []) {
        self.name = name
        self.services = services
    }

    /// Adds a model. Of two with one identifier the first counts, or with `isPreferred` this one.
    mutating func add(_ model: Model, _ identifiers: [String], isPreferred: Bool = false) {
        for identifier in identifiers where isPreferred || places[identifier] == nil { places[identifier] = models.count }
        models.append(model)
        self.identifiers.append(identifiers)
    }

    /// The model of an identifier.
    func model(_ identifier: String) -> Model? { places[identifier].map { models[$0] } }

    /// Whether an advertisement is one of such a device.
    func matches(_ candidate: Candidate) -> Bool {
        if let name = candidate.name, names.contains(where: { $0.matches(name) }) { return true }
        if makers.contains(where: { pattern in candidate.makers.contains { pattern.matches($0) } }) { return true }
        return advertised.contains { candidate.services.contains($0) }
    }
}

/// All protocols that are known, in the order in which they are tried.
struct Catalogue: Sendable {
    private(set) var protocols: [ProtocolFacts]
    private var places: [String: Int] = [:]

    init(_ protocols: [ProtocolFacts] = []) {
        self.protocols = []
        for facts in protocols { add(facts) }
    }

    /// Adds a protocol, or replaces the one of its name.
    mutating func add(_ facts: ProtocolFacts) {
        if let place = places[facts.name] {
            protocols[place] = facts
        } else {
            places[facts.name] = protocols.count
            protocols.append(facts)
        }
    }

    subscript(name: String) -> ProtocolFacts? { places[name].map { protocols[$0] } }

    /// The protocols that an advertised device may have, in the order in which they are tried: the first whose services are all there
    /// is its protocol.
    func matches(_ candidate: Candidate) -> [ProtocolFacts] { protocols.filter { $0.matches(candidate) } }

    /// The model of a protocol: the one of the identifier, or of the advertised name where the protocol has found no identifier; else the
    /// protocol's defaults. Nil when it has none: such a device cannot be driven.
    func model(of name: String, identifier: String?, advertised: String) -> Model? {
        guard let facts = self[name] else { return nil }
        let wanted = identifier ?? advertised
        guard var model = facts.model(wanted) else { return facts.defaults }
        model.identifier = wanted
        return model
    }
}
