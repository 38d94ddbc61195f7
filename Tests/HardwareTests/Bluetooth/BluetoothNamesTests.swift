// What devices say of themselves, as strange as it may be: names, batteries, and one device at two adapters.
import Buttplug
import DBus
import Host
import SimHost
import Testing

@testable import Hardware

@Suite struct BluetoothNamesTests {
    private let one = "C0:00:00:00:00:01"
    private let two = "C0:00:00:00:00:02"

    private func found(_ peripherals: [SimPeripheral], adapters: [SimAdapter] = [SimAdapter("hci0")]) -> BluetoothStory {
        let story = BluetoothStory(peripherals, adapters: adapters)
        story.run(for: .seconds(1))
        story.owner.backend.handle(.startScanning, at: story.host.now)
        story.run(for: .seconds(5))
        return story
    }

    private func isClean(_ text: String) -> Bool {
        text.unicodeScalars.count <= 64 && ShownName.clean(text) == text
    }

    @Test(
        "Regardless of what a device calls itself, it is driven, has its model's name, and what it calls itself is shown without controls.",
        arguments: [
            nil, "", String(repeating: "A", count: 248), "LVS-\u{1B}[2J\u{0}\r\n\u{7}", "LVS-\u{202E}P011\u{2066}", "\u{0}",
            "\u{FFFD}\u{FFFD}",
        ])
    func names(_ name: String?) throws {
        var peripheral = SimPeripheral.asking(one, name: "")
        peripheral.name = name
        let story = found([peripheral])
        let device = try #require(story.owner.devices[0])
        #expect(device.identity == "bluetooth:\(one)")
        #expect(isClean(device.name) && device.name.hasPrefix("Lovense"))
        #expect(!story.sightings().isEmpty && story.sightings().allSatisfy { isClean($0.name) })
        story.write(5)
        story.run(for: .milliseconds(50))
        #expect(story.last() == "Vibrate:5;")
        story.owner.backend.handle(.stopOutputs, at: story.host.now)
        story.run(for: .milliseconds(50))
        #expect(story.last() == "Vibrate:0;")
        #expect(story.troubles() == [])
    }

    @Test("A name that is no UTF-8 is shown with marks in its place, and the device is driven on.")
    func invalidName() throws {
        let story = found([.asking(one, name: "LVS-Z001")])
        var signal = DBusMessage(kind: .signal)
        signal.path = "/org/bluez/hci0/dev_" + one.map { $0 == ":" ? "_" : String($0) }.joined()
        (signal.interface, signal.member, signal.sender) = ("org.freedesktop.DBus.Properties", "PropertiesChanged", ":2.1")
        let facts = DBusValue.entries([DBusEntry("Name", "s", .string("LVS-QQ"))])
        signal.set("sa{sv}as", [.string("org.bluez.Device1"), facts, .list([])])
        let bytes = signal.bytes.map { $0 == UInt8(ascii: "Q") ? 0xFF : $0 }
        story.change { bluez, _ in bluez.sendGarbage(bytes) }
        story.run(for: .milliseconds(50))
        #expect(story.sightings().last?.name == "LVS-\u{FFFD}\u{FFFD}")
        story.write(5)
        story.run(for: .milliseconds(50))
        #expect(story.last() == "Vibrate:5;")
    }

    @Test("Two devices with one name are two devices, with two identities and two names.")
    func twins() {
        let story = found([.asking(one, name: "LVS-Z001"), .asking(two, name: "LVS-Z001")])
        let devices = story.owner.devices
        #expect(Set(devices.values.map(\.identity)) == ["bluetooth:\(one)", "bluetooth:\(two)"])
        #expect(Set(devices.values.map(\.name)).count == 2)
    }

    @Test("A device that two adapters receive is one device, connected once, and stays it when either of them comes and goes.")
    func twoAdapters() {
        let near = SimPeripheral.asking(one, name: "LVS-Z001")
        var far = near
        far.adapter = "hci1"
        let story = found([near, far], adapters: [SimAdapter("hci0"), SimAdapter("hci1")])
        #expect(story.owner.devices.keys.sorted() == [0])
        #expect(story.bluez.peripherals.count { $0.isConnected } == 1)
        for adapter in ["hci1", "hci0"] {
            story.change { $0.power(false, adapter, at: $1) }
            story.run(for: .seconds(5))
            story.change { $0.power(true, adapter, at: $1) }
            story.run(for: .seconds(10))
            #expect(story.owner.devices.keys.sorted() == [0])
            #expect(story.bluez.peripherals.count { $0.isConnected } == 1)
        }
    }

    @Test("A device that says nothing but noise, a hundred times a second, is opened by its name in time, is driven, and gives no reading.")
    func noise() throws {
        var random = SplitMix(seed: 14)
        func noise() -> [UInt8] { (0..<Int(random.next() % 65)).map { _ in UInt8(truncatingIfNeeded: random.next() >> 13) } }
        var peripheral = SimPeripheral.asking(one, name: "LVS-P36")
        peripheral.replies = [.init(to: [], noise())]
        let story = BluetoothStory([peripheral])
        story.run(for: .seconds(1))
        story.owner.backend.handle(.startScanning, at: story.host.now)
        for _ in 0..<1_000 {
            let bytes = noise()
            story.change { $0.notify(one, bytes, at: $1) }
            story.run(for: .milliseconds(10))
        }
        #expect(try #require(story.owner.devices[0]).name == "Lovense Edge")
        #expect(!story.owner.events.contains { if case .reading = $0 { true } else { false } })
        story.write(5)
        story.run(for: .milliseconds(50))
        #expect(story.last().hasSuffix(":5;"))
    }

    // MARK: Batteries

    /// Asks a device for its battery: its value, or nil when that failed.
    private func battery(of story: BluetoothStory, request: UInt32) throws -> [Int32]? {
        let description = try #require(story.owner.devices[0])
        let feature = try #require(description.features.first { $0.inputs.contains { $0.type == .battery } })
        story.owner.events = []
        story.owner.backend.handle(.read(device: 0, feature: feature.index, type: .battery, request: request), at: story.host.now)
        story.run(for: .seconds(3))
        for event in story.owner.events {
            switch event {
            case .readAnswered(request, let values): return values
            case .requestFailed(request, _): return nil
            default: break
            }
        }
        Issue.record("the request has no answer")
        return nil
    }

    @Test("A battery of 255 by the standard service is a failed read, and so are none and two bytes; 0 and 100 are readings.")
    func batteryService() throws {
        var peripheral = SimPeripheral(
            one, name: "Eidolon",
            services: [
                .init(
                    "78667579-7b48-43db-b8c5-7928a6b0a335",
                    [.init("78667579-a914-49a4-8333-aa3c0cd8fedc", ["write", "write-without-response"])]),
                .init("0000180f-0000-1000-8000-00805f9b34fb", [.init("00002a19-0000-1000-8000-00805f9b34fb", ["read"], value: [60])]),
            ])
        peripheral.advertised = ["78667579-7b48-43db-b8c5-7928a6b0a335"]
        let story = found([peripheral])
        let cases: [([UInt8], [Int32]?)] = [([255], nil), ([101], nil), ([], nil), ([60, 60], nil), ([0], [0]), ([100], [100])]
        for (number, (value, reading)) in cases.enumerated() {
            story.change { bluez, _ in bluez.change(one) { $0.services[1].characteristics[0].value = value } }
            #expect(try battery(of: story, request: UInt32(number)) == reading, "\(value)")
        }
    }

    @Test("A battery that is told as text: \"s85;\" is 85; 255, nothing, and a number without its end are failed reads.")
    func batteryText() throws {
        let story = found([.asking(one, name: "LVS-Z001")])
        let cases: [(String, [Int32]?)] = [
            ("85;", [85]), ("s85;", [85]), ("255;", nil), ("85", nil), (";", nil), ("-1;", nil), ("100;", [100]),
        ]
        for (number, (text, reading)) in cases.enumerated() {
            story.change { bluez, _ in
                bluez.change(one) { one in
                    for place in one.replies.indices where one.replies[place].to == Array("Battery;".utf8) {
                        one.replies[place].answer = Array(text.utf8)
                    }
                }
            }
            #expect(try battery(of: story, request: UInt32(number)) == reading, "\(text)")
        }
    }
}
