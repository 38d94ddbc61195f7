// How devices are recognized when a server gives them new numbers: by name, then by display name, then by number.
// Must not know hosts; time is a number here.

import Buttplug
import Host
import Testing

@testable import Router

@Suite struct UpstreamIdentityTests {
    private func connected(_ names: [Int: String], _ settings: UpstreamSettings = UpstreamSettings()) -> [String] {
        var talk = Conversation(settings)
        talk.connect()
        talk.push(named: names)
        return talk.came
    }

    @Test("A name that appears once is that device, with any number, over connections and within one.")
    func names() {
        var talk = Conversation()
        talk.connect()
        talk.push(named: [0: "Hush", 1: "Nora"])
        #expect(talk.came == ["0 0:Hush", "1 1:Nora"])
        #expect(talk.reconnect(named: [0: "Nora", 1: "Hush"]) == ["1 1:Nora", "0 0:Hush"])
        #expect(talk.core.devices.index(of: 0) == 1)
        talk.forget()
        talk.push(named: [4: "Hush", 5: "Nora"])
        #expect(talk.came == ["0 0:Hush", "1 1:Nora"])
        #expect(talk.reconnect(named: [0: "Edge", 3: "Nora"]) == ["2 0:Edge", "1 1:Nora"])
    }

    @Test("Among equal names the display name decides, then the number; a further one is a new device.")
    func equals() {
        var talk = Conversation()
        talk.connect()
        talk.push(named: [0: "Hush", 1: "Hush", 2: "Nora|Left", 3: "Nora|Right"])
        #expect(talk.came.count == 4)
        let back = talk.reconnect(named: [0: "Nora|Right", 1: "Hush", 2: "Nora|Left", 4: "Hush"])
        #expect(back.map { $0.prefix(1) } == ["3", "1", "2", "0"])
        talk.forget()
        talk.push(named: [0: "Nora|Right", 1: "Hush", 2: "Nora|Left", 4: "Hush", 5: "Hush"])
        #expect(talk.came == ["4 5:Hush"])
        // Renamed: only one device has the name, so it is that one.
        var one = Conversation()
        one.connect()
        one.push(named: [0: "Hush|Mine"])
        #expect(one.reconnect(named: [3: "Hush|Yours"]) == ["0 0:Hush\u{1F}Mine"])
        #expect(one.reconnect(named: [7: "Hush"]) == ["0 0:Hush\u{1F}Mine"])
    }

    @Test("A new device with the number and name of an absent one gets an identity of its own.")
    func taken() {
        var talk = Conversation()
        talk.connect()
        talk.push(named: [1: "Hush"])
        #expect(talk.reconnect(named: [7: "Hush"]) == ["0 1:Hush"])
        talk.forget()
        talk.push(named: [1: "Hush", 7: "Hush"])
        #expect(talk.came == ["1 2:Hush"])
    }

    @Test("Devices that earlier runs knew are recognized: by name, display name and number.")
    func remembered() {
        var settings = UpstreamSettings()
        for (index, identity) in ["3:Hush", "1:Nora\u{1F}Left", "2:Nora\u{1F}Right"].enumerated() {
            _ = settings.indices.restore(.init(index: UInt32(index), identity: "upstream:ws://there:1:\(identity)"))
        }
        #expect(
            connected([0: "Nora|Right", 1: "Nora|Left", 2: "Hush"], settings)
                == ["0 2:Nora\u{1F}Right", "1 1:Nora\u{1F}Left", "2 3:Hush"])
    }

    @Test("Thousands of devices with one name are distinguished by number, without delay.")
    func burst() {
        var talk = Conversation()
        talk.connect()
        let names = Dictionary(uniqueKeysWithValues: (0..<2_000).map { ($0, "Hush") })
        talk.push(named: names)
        #expect(talk.came.count == 2_000)
        let back = talk.reconnect(named: names)
        #expect(back.first == "0 0:Hush" && back.last == "1999 1999:Hush")
    }

    @Test("The gap that a server states is passed on and does not pace writes; the operator's gap does.")
    func gap() {
        func described(_ settings: UpstreamSettings) -> DeviceDescription? {
            var talk = Conversation(settings)
            talk.connect()
            talk.push(named: [4: "Toy"])
            return talk.events.lazy.compactMap { if case .appeared(_, let what) = $0 { what } else { nil } }.first
        }
        let plain = described(UpstreamSettings())
        #expect(plain?.messageGapMilliseconds == 100)
        #expect(plain?.writeGapMilliseconds == 0)
        #expect(plain?.preferredIndex == nil)
        var settings = UpstreamSettings()
        settings.gapMilliseconds = 50
        settings.keepsNumbers = true
        let set = described(settings)
        #expect(set?.messageGapMilliseconds == 100)
        #expect(set?.writeGapMilliseconds == 50)
        #expect(set?.preferredIndex == 4)
    }

    @Test("A device gets the index that it asks for when no device ever had it; otherwise the lowest free one.")
    func wishes() {
        var table = IndexTable()
        #expect(table.assign("a", preferring: 3)?.index == 3)
        #expect(table.assign("b", preferring: 3)?.index == 0)
        #expect(table.assign("c")?.index == 1)
        #expect(table.assign("a", preferring: 7)?.index == 3)
        #expect(table.assign("d", preferring: 2)?.index == 2)
        #expect(table.assign("e")?.index == 4)
        #expect(table.assign("f", preferring: 70_000)?.index == 5)
    }
}
