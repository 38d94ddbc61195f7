// What the watchdog gets of Bluetooth devices, on a simulated bus.
import DBus
import Host
import SimHost
import Testing

@testable import Hardware

@Suite("Letters of Bluetooth devices")
struct BluetoothLetterTests {
    /// One device that is connected; `flags` are those of its characteristic.
    private func connected(_ flags: [String], isWatched: Bool = true) -> BluetoothRig {
        var rig = BluetoothRig.found { $0.services[0].characteristics[0].flags = flags }
        if isWatched { rig.watch() }
        rig.connect(1)
        rig.run(for: .seconds(2))
        return rig
    }

    @Test(
        "A device that only calls can write has a finished call as its letter, on a connection of its own, to which the bus keeps no answer."
    )
    func call() throws {
        var rig = connected(["write"])
        #expect(rig.took().contains("other letters"))
        let (way, call, flags) = rig.letter("Vibrate:0;", to: 1)
        #expect(way == "paced call")
        #expect(flags & 1 == 1)
        let message = try #require(call)
        #expect(message.member == "WriteValue" && message.serial != 0)
        #expect(message.destination == ":2.1")
        let values = try #require(message.values)
        #expect(values[0].octets == Array("Vibrate:0;".utf8))
        #expect(values[1]["type"]?.text == "request")
    }

    @Test("A device that has a descriptor has that as its letter's way; if calls cannot write it, no second connection is made.")
    func descriptor() {
        for flags in [["write-without-response"], ["write", "write-without-response"]] {
            let rig = connected(flags)
            #expect(rig.letter("Vibrate:0;", to: 1, .plain).way == "wire")
            #expect((rig.letterBus == nil) == (flags.count == 1))
        }
    }

    @Test("When a descriptor is given back for calls, the second connection is there already, and the letter is a call in the same moment.")
    func fromDescriptorToCalls() {
        var rig = connected(["write", "write-without-response"])
        _ = rig.write("Vibrate:0;", to: 1, .confirmed)
        #expect(rig.letter("Vibrate:0;", to: 1).way == "paced call")
        rig.run(for: .seconds(1))
        #expect(rig.letter("Vibrate:0;", to: 1).way == "paced call")
    }

    @Test("Without a watchdog there is no second connection.")
    func unwatched() {
        #expect(connected(["write"], isWatched: false).letterBus == nil)
    }

    @Test("When the second connection ends it is said, there is no letter, and ten seconds later there is again.")
    func ends() {
        var rig = connected(["write"])
        _ = rig.took()
        rig.endLetterBus()
        #expect(rig.took() == ["other letters"])
        #expect(rig.letter("Vibrate:0;", to: 1).way == "none")
        rig.run(for: .seconds(11))
        #expect(rig.took() == ["other letters"])
        #expect(rig.letter("Vibrate:0;", to: 1).way == "paced call")
    }

    @Test("With the bus the second connection goes, and it comes back with the device.")
    func busEnds() {
        var rig = connected(["write"])
        rig.endBus()
        #expect(rig.letterBus == nil)
        rig.hasBus = true
        rig.run(for: .seconds(2))
        rig.connect(1)
        rig.run(for: .seconds(5))
        #expect(rig.letter("Vibrate:0;", to: 1).way == "paced call")
    }
}
