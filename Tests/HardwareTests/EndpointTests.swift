// The names of endpoints and the writing of UUIDs.

import Testing

@testable import Hardware

@Suite("Endpoints and UUIDs")
struct EndpointTests {
    @Test(
        "An endpoint is found by its name and prints it.",
        arguments: ["tx", "rx", "rxblemodel", "whitelist", "txvendorcontrol", "generic0", "generic31"])
    func names(name: String) throws {
        #expect(try #require(DeviceEndpoint(named: name)).description == name)
    }

    @Test("Names that nobody has are no endpoints.", arguments: ["", "TX", "generic", "generic32", "generic-1", "generic01", "generic+1"])
    func strangeNames(name: String) { #expect(DeviceEndpoint(named: name) == nil) }

    @Test("A set has what was put in.")
    func set() {
        var set: EndpointSet = [.tx, .generic(31)]
        #expect(set.contains(.tx) && set.contains(.generic(31)) && !set.contains(.rx))
        set.insert(.rx)
        #expect(set.contains(.rx))
    }

    @Test("A UUID is read in either case and printed in lower case; four digits are an assigned number.")
    func uuids() {
        #expect(UUID128("6E400001-b5a3-f393-e0a9-e50e24dcca9e")?.description == "6e400001-b5a3-f393-e0a9-e50e24dcca9e")
        #expect(UUID128("180f")?.description == "0000180f-0000-1000-8000-00805f9b34fb")
        #expect(UUID128("180f") == UUID128(assigned: 0x180F))
    }

    @Test(
        "What is no UUID is none.",
        arguments: ["", "xyzw", "+80f", "6e400001-b5a3-f393-e0a9-e50e24dcca9", "6e400001xb5a3-f393-e0a9-e50e24dcca9e"])
    func strangeUUIDs(text: String) { #expect(UUID128(text) == nil) }
}
