// What drives what: the configuration's rows, then what is known of devices in general.
// Must not know transports; it is asked about candidates.

import Buttplug

/// How a candidate is to be driven.
struct DeviceMatch: Hashable, Sendable {
    var protocolName: String
    /// What the configuration says that it is.
    var model: String?

    init(_ protocolName: String, model: String? = nil) {
        self.protocolName = protocolName
        self.model = model
    }
}

/// Answers what a core asks about devices.
struct DeviceBook: Sendable {
    /// The configuration's rows: by address, or by the name that a device gives itself.
    var rows: [String: DeviceMatch] = [:]
    /// What is known of devices, for transports whose devices advertise themselves or are of a known model.
    var catalogue = Catalogue()
    /// What is set for single devices.
    var rules = DeviceRules()

    static var protocolNames: [String] { (ProtocolTable.names + [TCode.name]).sorted() }

    /// How the candidate is driven; nil when nobody knows.
    func match(_ candidate: Candidate) -> DeviceMatch? {
        if let row = rows[candidate.address] { return row }
        if let row = candidate.name.flatMap({ rows[$0] }) { return row }
        return catalogue.matches(candidate).first.map { DeviceMatch($0.name) }
    }

    /// The names of the protocols that a candidate may have.
    func protocols(of candidate: Candidate) -> [String] {
        if let row = rows[candidate.address] ?? candidate.name.flatMap({ rows[$0] }) { return [row.protocolName] }
        return catalogue.matches(candidate).map(\.name)
    }

    /// Whether the candidate may be connected.
    func leave(_ candidate: Candidate, of kind: String) -> DeviceRules.Leave {
        let isNamed = rows[candidate.address] != nil || candidate.name.map { rows[$0] != nil } == true
        return rules.leave(RuledDevice(kind: kind, address: candidate.address, name: candidate.name), isNamed: isNamed)
    }

    /// What is set for a device of this model, and what of it cannot be.
    func settings(of model: Model, _ candidate: Candidate, of kind: String) -> (DeviceSettings, problem: String?) {
        rules.settings(of: model, RuledDevice(kind: kind, address: candidate.address, name: candidate.name))
    }

    /// A fresh protocol of this name; nil when there is none.
    func driver(_ name: String, _ setup: DeviceSetup) -> (any DeviceProtocol)? {
        name == TCode.name ? TCode(setup) : ProtocolTable.make(name, setup)
    }

    /// A protocol's model; nil when nobody knows it.
    func model(of name: String, identifier: String?, advertised: String) -> Model? {
        catalogue.model(of: name, identifier: identifier, advertised: advertised)
    }
}
