// What protocols write for a value: one line each, as device notes say it. No wire and no clock.

import Buttplug
import Testing

@testable import Hardware

/// A device by its protocol and advertised name; what it says while it is opened; values for slots; what it must get.
struct Sample: CustomTestStringConvertible, Sendable {
    var of: String
    var name: String
    var says: [String] = []
    var slots: [Int32]
    var writes: [String]
    var testDescription: String { "\(of) \(name) \(slots)" }

    init(_ of: String, _ name: String, says: [String] = [], _ slots: [Int32], _ writes: String...) {
        self.of = of
        self.name = name
        self.says = says
        self.slots = slots
        self.writes = writes
    }

    static let all = [
        Sample("wevibe", "Ditto", [8], "0f03008800030000 to tx confirmed"),
        Sample("wevibe", "Nova", [15, 1], "0f0300f100030000 to tx confirmed"),
        Sample("wevibe-8bit", "Moxie", [0], "0f00000000000000 to tx confirmed"),
        Sample("wevibe-chorus", "Chorus", [0, 30], "0f0300001e020000 to tx confirmed"),
        Sample("kiiroo-v2-vibrator", "Pearl2", [7], "070000 to tx"),
        Sample("joyhub", "J-TrueForm", [255], "a003ff000000aa to tx"),
        Sample("galaku", "GX85", [100], "2381bbabd2ec5723bba33b44 to tx"),
        Sample("magic-motion-1", "Magic Cell", [1], "0bff040a3232000408016400 to tx"),
        Sample("magic-motion-3", "Krush", [77], "0bff040a46460004084d6400 to tx"),
        Sample("magic-motion-4", "nyx", [3], "10ff040a32320004080364000408036401 to tx confirmed"),
        Sample("foreo", "LUNA fofo", [10], "01010a to tx confirmed"),
        Sample("vorze-sa", "CycSA", [0], "010180 to tx confirmed"),
        Sample("vorze-sa", "CycSA", [-99], "010163 to tx confirmed"),
        Sample("vorze-sa", "UFO-TW", [99, -1], "05e301 to tx confirmed"),
        Sample("vorze-sa", "Bach smart", [100], "060364 to tx confirmed"),
        Sample("vorze-sa", "ROCKET", [1], "070301 to tx confirmed"),
        Sample("vorze-sa", "OMORFI", [1, 2], "090102 to tx confirmed"),
        Sample("svakom-v1", "Aogu SCB", [19], "550403000113 to tx"),
        Sample("svakom-pulse", "SWK-SX013A", [0], "550303000001 to tx"),
        Sample("svakom-alex", "Alex NEO", [0], "12010300ff00 to tx"),
        Sample("svakom-suitcase", "VX357A-BLE-V1.0", [10], "55030000010a to tx"),
        Sample("svakom-suitcase", "VX357A-BLE-V1.0", [11], "550300000201 to tx"),
        Sample("svakom-suitcase", "VX357A-BLE-V1.0", [0, 1], "550900000100 to tx"),
        Sample("lovehoney-desire", "PROSTATE VIBE", [3, 3], "f30003 to tx confirmed"),
        Sample("zalo", "ZALO-Jeanne", [0], "020101 to tx confirmed"),
        Sample("adrienlastic", "Adrienlastic", [7], "4d6f746f7256616c75653a30373b to tx confirmed"),
        Sample("youcups", "Youcups", [8], "245359532c383f to tx"),
        Sample("mannuo", "Sex toys", [2], "aa550601010102fa00 to tx confirmed"),
    ]
}

@Suite("Protocols")
struct ProtocolTests {
    @Test("A protocol writes what its device expects.", arguments: Sample.all)
    func samples(sample: Sample) throws {
        var device = try DeviceUnderTest.make(sample.of, named: sample.name)
        device.open()
        for _ in 0..<8 where !device.isReady { device.timePasses() }
        let (isReady, slots) = (device.isReady, device.model?.outputs.count ?? 0)
        try #require(isReady && slots >= sample.slots.count)
        device.deeds = []
        device.wants(sample.slots.enumerated().map { ($0.offset, $0.element, 0) })
        if device.deeds.isEmpty { device.stops(all: true) }
        let written = Set(device.deeds.map(\.description))
        #expect(written == Set(sample.writes))
    }

    @Test("Every protocol, told to stop, writes the same bytes each time, after anything.")
    func zeros() throws {
        for facts in Builtin.catalogue.protocols {
            for model in facts.models + [facts.defaults].compactMap({ $0 }) where !model.outputs.isEmpty {
                guard var driver = ProtocolTable.make(facts.name, DeviceSetup(name: model.identifier ?? "", endpoints: [.tx])) else {
                    continue
                }
                var out = DeviceOutput()
                _ = driver.adopt(model, into: &out)
                out.removeAll()
                var state = OutputState()
                var letters: [[UInt8]] = []
                for value in [Int32(0), 1, 0] {
                    for (slot, output) in model.outputs.enumerated() where !output.type.isMove {
                        state.values[slot] = value
                        state.dirty |= 1 << UInt32(slot)
                    }
                    driver.encode(state, into: &out)
                    state.dirty = 0
                    if value == 0 { letters.append(out.bytes) }
                    out.removeAll()
                }
                let held = model.outputs.contains { $0.type.isHeld }
                #expect(!held || !letters[0].isEmpty, "\(facts.name) has no stop")
                // Some packets have a number in them.
                let isNumbered = facts.name.hasPrefix("tryfun-") || ["honeyplaybox", "thehandy-v3", "youou"].contains(facts.name)
                #expect(isNumbered || letters[0] == letters[1], "\(facts.name), \(model.name)")
            }
        }
    }

    @Test("What is written at a stop, or for a zero, does not depend on where a stroker was to go: no stop moves it.")
    func stopsMoveNothing() throws {
        var strokers = 0
        for facts in Builtin.catalogue.protocols where facts.name != TCode.name {
            for model in facts.models + [facts.defaults].compactMap({ $0 }) where model.outputs.contains(where: { $0.type.isMove }) {
                let setup = DeviceSetup(endpoints: [.tx], model: model.identifier)
                guard let driver = ProtocolTable.make(facts.name, setup) else { continue }
                #expect(Self.packetsOfStops(driver, model) == 1, "\(facts.name), \(model.name)")
                strokers += 1
            }
        }
        #expect(strokers > 10)
        var lines = TCode(DeviceSetup(endpoints: [.tx], model: "L0,R0,V0"))
        var out = DeviceOutput()
        let opening = lines.begin(into: &out)
        guard case .described(let model) = opening else {
            Issue.record("it has the axes of the setup")
            return
        }
        #expect(Self.packetsOfStops(lines, model) == 1)
    }

    /// How many different things a protocol writes for a zero, or at most at a stop, when only the goal of a move differs.
    private static func packetsOfStops(_ driver: any DeviceProtocol, _ model: Model) -> Int {
        var driver = driver
        var out = DeviceOutput()
        _ = driver.adopt(model, into: &out)
        var state = OutputState()
        var held: UInt32 = 0
        for (slot, output) in model.outputs.enumerated() {
            (state.values[slot], state.durations[slot]) = (output.type.isMove ? 9 : 1, 300)
            state.dirty |= 1 << UInt32(slot)
            if !output.type.isMove { held |= 1 << UInt32(slot) }
        }
        driver.encode(state, into: &out)
        var most = 0
        for isStop in [false, true] {
            var said: Set<[UInt8]> = []
            for goal in [Int32(0), 7, 12] {
                for (slot, output) in model.outputs.enumerated() { state.values[slot] = output.type.isMove ? goal : 0 }
                (state.dirty, state.isStop) = (held, isStop)
                var copy = driver
                out.removeAll()
                copy.encode(state, into: &out)
                said.insert(out.bytes)
            }
            most = max(most, said.count)
        }
        return most
    }

    @Test("Lovense's rotation changes its direction when the sign changes, and at no other time.")
    func direction() throws {
        var device = try DeviceUnderTest.make("lovense", named: "LVS-A011")
        device.open()
        device.says(Array("A:11:0082059AD3BD;".utf8), from: .rx)
        let isReady = device.isReady
        try #require(isReady)
        var written: [String] = []
        for value in [Int32(-5), -6, 0, -7, 8] {
            device.deeds = []
            device.wants([(1, value, 0)])
            written.append("\(device.deeds.count)")
        }
        #expect(written == ["2", "1", "1", "1", "2"])
    }

    @Test("A battery that is told in parts, or is no number, is no reading; one while it moves is.")
    func batteries() throws {
        var device = try DeviceUnderTest.make("lovense", named: "LVS-Z001")
        device.open()
        device.says(Array("Z:11:0082059AD3BD;".utf8), from: .rx)
        for (answers, reading) in [(["85;"], 85), (["s85;"], 85), (["8", "5;"], nil), (["85"], nil)] as [([String], Int32?)] {
            device.readings = []
            let can = device.asks(.battery)
            #expect(can)
            for answer in answers { device.says(Array(answer.utf8), from: .rx) }
            let readings = device.readings
            #expect(readings == [DeviceReading(type: .battery, value: reading)])
        }
    }

    @Test("Lovense is asked six times, and then its name decides.")
    func silence() throws {
        var device = try DeviceUnderTest.make("lovense", named: "LVS-P36")
        device.open()
        for _ in 0..<5 { device.timePasses() }
        let (asked, wasReady) = (device.deeds.count, device.isReady)
        #expect(asked == 7 && !wasReady)
        device.timePasses()
        let name = device.model?.name
        #expect(name == "Lovense Edge")
    }

    @Test("A Handy of the first generation is told time and place in a protocol buffer.")
    func handy() throws {
        var device = try DeviceUnderTest.make("thehandy", named: "The Handy")
        device.open()
        device.wants([(0, 100, 200)])
        let deeds = device.deeds
        #expect(deeds == [.write("tx", "0a139a19100802" + "1a0c10c80119000000000000f03f", confirmed: true)])
    }

    @Test("The speeds of strokers are those that their makers' users have measured, and never beyond what the device takes.")
    func strokes() {
        #expect(StrokeSpeed.kiiroo(distance: 99, milliseconds: 500) == 40)
        #expect(StrokeSpeed.kiiroo(distance: 50, milliseconds: 500) == 19)
        #expect(StrokeSpeed.kiiroo(distance: 0, milliseconds: 500) == 0)
        #expect(StrokeSpeed.kiiroo(distance: 99, milliseconds: 0) == 99)
        #expect(StrokeSpeed.kiiroo(distance: -99, milliseconds: 1) == 99)
        #expect(StrokeSpeed.piston(distance: 0, milliseconds: 100) == 100)
        #expect(abs(StrokeSpeed.power(2, 0.5) - 2.0.squareRoot()) < 1e-12)
        #expect(abs(StrokeSpeed.power(10, -3) - 0.001) < 1e-15)
    }

    @Test("A stroker of Lovense that is told to stop goes to no further way point.")
    func wayPoints() throws {
        var device = try DeviceUnderTest.make("lovense", named: "LVS-BA01")
        device.open()
        device.says(Array("BA:11:0082059AD3BD;".utf8), from: .rx)
        let isReady = device.isReady
        try #require(isReady)
        let outputs = device.model?.outputs ?? []
        let place = try #require(outputs.firstIndex { $0.type == .hwPositionWithDuration })
        device.deeds = []
        device.wants([(place, 100, 500)])
        let (first, goesOn) = (device.deeds, device.keepAlive)
        #expect(first == [.write("tx", hex("FSetSite:20;"), confirmed: false)])
        #expect(goesOn == .ask(.milliseconds(100)))
        device.timePasses()
        device.deeds = []
        device.stops(all: true)
        device.timePasses()
        let (last, isDone) = (device.deeds, device.keepAlive == .none)
        #expect(isDone)
        #expect(last == [.write("tx", hex("Mply:0:20;"), confirmed: false)])
    }

    @Test("The ciphers and digests are those of their standards.")
    func ciphers() {
        func digits(_ bytes: [UInt8]) -> String { bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() }
        #expect(digits(MD5.digest(Array("abc".utf8))) == "900150983cd24fb0d6963f7d28e17f72")
        #expect(digits(MD5.digest(Array(repeating: 0x61, count: 64))) == "014842d480b571495a4a0363793f7367")
        #expect(digits(SHA256.digest(Array("abc".utf8))).hasPrefix("ba7816bf8f01cfea414140de5dae2223"))
        // FIPS 197, appendix C.1; the second block is the padding of sixteen bytes.
        let cipher = AES(key: Array(0..<16))
        let plain = (0..<16).map { UInt8($0 * 17) }
        #expect(digits(Array(cipher.encrypted(plain).prefix(16))) == "69c4e0d86a7b0430d8cdb78070b4c55a")
        #expect(cipher.decrypted(cipher.encrypted([1, 2, 3])) == [1, 2, 3])
        #expect(cipher.decrypted([1, 2, 3]) == nil)
        #expect(CheckSum.modbus("123456789".utf8) == 0x4B37)
    }

    private func hex(_ text: String) -> String {
        text.utf8.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
