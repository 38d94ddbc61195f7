// What clients before v4 get when devices come and go.

import Testing

@testable import Buttplug

@Suite struct DeviceListChangesTests {
    /// Kind and index of every message, as "+4" and "-4".
    private func changes(_ client: inout Conversation) -> [String] {
        client.say { $0.deviceListChanged($1, into: &$2) }.map { frame in
            let index = frame.split(separator: "\"DeviceIndex\":")[1].prefix { $0.isNumber }
            return (frame.hasPrefix(#"[{"DeviceAdded":{"Id":0,"#) ? "+" : "-") + index
        }
    }

    @Test(
        "Devices that were there at the handshake are not announced; later ones are announced once",
        arguments: [SpecVersion.v0, .v1, .v2, .v3])
    func announcements(version: SpecVersion) {
        var client = Conversation(version, devices: [Fixtures.rabbit])
        #expect(changes(&client) == [])
        client.table.insert(Fixtures.stroker)
        client.table.insert(Fixtures.wand)
        #expect(changes(&client) == ["+4", "+70"])
        #expect(changes(&client) == [])
    }

    @Test("Only devices that the client knows are removed")
    func removals() {
        var client = Conversation(.v3, devices: [Fixtures.rabbit, Fixtures.stroker])
        client.table.insert(Fixtures.wand)
        #expect(changes(&client) == ["+70"])
        client.table.remove(0)
        client.table.remove(70)
        #expect(changes(&client) == ["-70"])
        client.table.insert(Fixtures.rabbit)
        #expect(changes(&client) == ["+0"])
        client.table.remove(4)
        #expect(changes(&client) == [])
    }

    @Test("A list announces exactly the devices in it")
    func lists() {
        var client = Conversation(.v2, devices: [Fixtures.rabbit, Fixtures.stroker])
        client.table.remove(4)
        _ = client.say { $0.deviceList(5, devices: $1, into: &$2) }
        #expect(changes(&client) == [])
        client.table.insert(Fixtures.stroker)
        #expect(changes(&client) == ["+4"])
        client.table.remove(0)
        client.table.insert(Fixtures.wand)
        #expect(changes(&client) == ["-0", "+70"])
    }

    @Test("A device that is denied later leaves the list, and comes back when it is allowed again")
    func denial() {
        var client = Conversation(.v1, devices: [])
        client.denied.insert(70)
        client.table.insert(Fixtures.rabbit)
        client.table.insert(Fixtures.wand)
        #expect(changes(&client) == ["+0"])
        client.denied.remove(70)
        client.denied.insert(0)
        #expect(changes(&client) == ["-0", "+70"])
    }

    @Test("A removal has the form of every version before 4")
    func form() {
        var client = Conversation(.v0, devices: [])
        client.table.insert(Fixtures.empty)
        _ = changes(&client)
        client.table.remove(7)
        #expect(client.say { $0.deviceListChanged($1, into: &$2) } == [#"[{"DeviceRemoved":{"Id":0,"DeviceIndex":7}}]"#])
    }
}
