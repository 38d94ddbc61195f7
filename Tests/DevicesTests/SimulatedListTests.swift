// The list of simulated devices as people write it: its meaning, and the messages for mistakes.

import Testing

@testable import Devices

@Suite struct SimulatedListTests {
    private func read(_ text: String) throws -> [String] {
        try SimulatedDeviceSpec.list(text).map { "\($0.archetype.key)*\($0.count)" }
    }

    private func complaint(_ text: String) -> SimulatedListError? {
        do {
            _ = try SimulatedDeviceSpec.list(text)
            return nil
        } catch { return error }
    }

    @Test("A list is read in order, with counts, with spaces, and when it is empty")
    func good() throws {
        #expect(try read("rabbit,stroker*3,plug") == ["rabbit*1", "simulated-stroker*3", "plug*1"])
        #expect(try read(" rabbit , stroker * 3 ") == ["rabbit*1", "simulated-stroker*3"])
        #expect(try read("WAND-Button*07") == ["wand-button*7"])
        #expect(try read("plug*4096") == ["plug*4096"])
        #expect(try read("") == [])
        #expect(try read("  ") == [])
    }

    @Test("An unknown archetype is named, with a similar known one if there is one")
    func unknown() {
        #expect(complaint("plug,rabit*2") == .unknownArchetype("rabit", nearest: "rabbit"))
        #expect(complaint("Strocker") == .unknownArchetype("Strocker", nearest: "stroker"))
        #expect(complaint("multiaxis") == .unknownArchetype("multiaxis", nearest: "multi-axis"))
        #expect(complaint("simulated-strker") == .unknownArchetype("simulated-strker", nearest: "simulated-stroker"))
        #expect(complaint("toaster") == .unknownArchetype("toaster", nearest: nil))
        #expect(complaint("*3") == .unknownArchetype("", nearest: nil))
        let text = complaint("rabit").map { "\($0)" } ?? ""
        #expect(text.hasPrefix("no simulated device is called \"rabit\": did you mean \"rabbit\"? There are simulated-1vibe, "))
    }

    @Test("An empty entry and a bad count are errors that say where and what to write")
    func bad() {
        #expect(complaint("rabbit,,plug") == .emptyEntry(position: 2, in: "rabbit,,plug"))
        #expect(complaint("rabbit,") == .emptyEntry(position: 2, in: "rabbit,"))
        for count in ["0", "-1", "two", "", "1.5", "+2", "３"] {
            #expect(complaint("rabbit*\(count)") == .badCount(count, archetype: "rabbit"))
        }
        #expect(
            complaint("rabbit*two")?.description
                == "\"two\" is no count of devices in \"rabbit*two\": write a whole number of at least 1, like rabbit*3")
    }

    @Test("More devices than the limit are refused, in every way of writing them")
    func tooMany() {
        #expect(complaint("plug*4097") == .tooManyDevices(limit: 4096))
        #expect(complaint("plug*4000,rabbit*97") == .tooManyDevices(limit: 4096))
        #expect(complaint("plug*99999999999999999999999999") == .tooManyDevices(limit: 4096))
    }
}
