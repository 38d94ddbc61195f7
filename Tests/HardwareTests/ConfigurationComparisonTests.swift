// Compares the built-in catalogue with a device configuration of Buttplug: PLUGBOARD_DEVICE_CONFIG=PATH swift test --filter ConfigurationComparison.

import Buttplug
import Foundation
import Testing

@testable import Hardware

@Suite("Comparison with a device configuration")
struct ConfigurationComparisonTests {
    @Test("For the protocols that are written, names, UUIDs, models and ranges are those of the file that PLUGBOARD_DEVICE_CONFIG names.")
    func file() throws {
        guard let path = ProcessInfo.processInfo.environment["PLUGBOARD_DEVICE_CONFIG"] else { return }
        let bytes = try #require(FileManager.default.contents(atPath: path), "\(path) cannot be read")
        let file = try DeviceFile(bytes)
        #expect(file.problems == [])
        let theirs = Catalogue(file.protocols)
        var models = 0
        for own in Builtin.catalogue.protocols {
            let other = try #require(theirs[own.name], "\(own.name) is not in the file")
            #expect(own.names == other.names, "\(own.name)")
            #expect(own.makers == other.makers, "\(own.name)")
            #expect(own.advertised == other.advertised, "\(own.name)")
            #expect(own.baud == other.baud, "\(own.name)")
            func flat(_ facts: ProtocolFacts) -> Set<String> {
                Set(
                    facts.services.flatMap { service in service.endpoints.map { "\(service.service) \($0.endpoint) \($0.characteristic)" } }
                )
            }
            #expect(flat(own) == flat(other), "\(own.name)")
            if let defaults = other.defaults, !defaults.outputs.isEmpty || !defaults.inputs.isEmpty {
                let ownDefaults = try #require(own.defaults, "\(own.name)")
                compare(ownDefaults, defaults)
            }
            #expect(own.identifiers == other.identifiers, "\(own.name)")
            for (model, wanted) in zip(own.models, other.models) {
                compare(model, wanted)
                models += 1
            }
        }
        print("\(Builtin.catalogue.protocols.count) of \(theirs.protocols.count) protocols, \(models) models compared")
    }

    private func compare(_ own: Model, _ other: Model) {
        #expect(own.name == other.name)
        #expect(own.outputs == other.outputs, "\(own.protocolName), \(own.name)")
        #expect(own.inputs == other.inputs, "\(own.protocolName), \(own.name)")
        #expect(own.variant == other.variant, "\(own.name)")
        #expect(own.gapMilliseconds == other.gapMilliseconds, "\(own.name)")
    }
}
