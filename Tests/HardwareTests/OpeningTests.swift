// What devices are told before a client wants anything: nothing that moves them.

import Buttplug
import Testing

@testable import Hardware

@Suite struct OpeningTests {
    private struct Said: Hashable {
        var endpoint: DeviceEndpoint
        var bytes: [UInt8]
    }

    @Test("While a device is opened it is told nothing that a client's value would tell it: nothing starts by surprise.")
    func nothingStarts() {
        var opened = 0
        for facts in Builtin.catalogue.protocols {
            for model in facts.models + [facts.defaults].compactMap({ $0 }) where model.outputs.contains(where: { !$0.type.isMove }) {
                let name = model.identifier ?? facts.names.first?.text ?? ""
                guard let driver = ProtocolTable.make(facts.name, DeviceSetup(name: name, endpoints: [.tx, .rx])) else { continue }
                let (saysAnything, starts) = Self.starts(driver, model)
                #expect(!starts, "\(facts.name), \(model.name)")
                if saysAnything { opened += 1 }
            }
        }
        #expect(opened > 10)
    }

    @Test("A row whose first packet moves the device is found: both motors of a WeVibe at nine of fifteen.")
    func findsAStart() throws {
        let row = "wevibe all confirmed 0f 03 00 s0<<4|(one?s0:s1) 00 03 00 00 / rest 0f 00 00 00 00 00 00 00"
        let model = try #require(Builtin.catalogue["wevibe"]?.models.first { $0.outputs.count == 2 })
        for (first, moves) in [("", false), (" / first 0f 00 00 00 00 00 00 00", false), (" / first 0f 03 00 99 00 03 00 00", true)] {
            let program = try #require(TemplateText.read(row + first).programs["wevibe"])
            #expect(Self.starts(Template(program, DeviceSetup(endpoints: [.tx])), model).starts == moves)
        }
    }

    /// Opens a device, and looks whether anything that it is told is what a value of all its held outputs, or of one, would tell it.
    private static func starts(_ driver: any DeviceProtocol, _ model: Model) -> (saysAnything: Bool, starts: Bool) {
        var driver = driver
        var out = DeviceOutput()
        _ = driver.begin(into: &out)
        _ = driver.adopt(model, into: &out)
        let said = packets(out)
        guard !said.isEmpty else { return (false, false) }
        let zero = values(driver, model, 0, of: nil)
        for value in Array(1...32) + [50, 64, 77, 99, 100, 128, 200, 255] as [Int32] {
            for slot in [nil] + model.outputs.indices.map({ $0 as Int? })
            where !said.isDisjoint(with: values(driver, model, value, of: slot).subtracting(zero)) {
                return (true, true)
            }
        }
        return (true, false)
    }

    private static func values(_ driver: any DeviceProtocol, _ model: Model, _ value: Int32, of one: Int?) -> Set<Said> {
        var driver = driver
        var out = DeviceOutput()
        var state = OutputState()
        for (slot, output) in model.outputs.enumerated() where !output.type.isMove {
            state.values[slot] = one == nil || one == slot ? min(value, output.range.upperBound) : 0
            state.dirty |= 1 << UInt32(slot)
        }
        driver.encode(state, into: &out)
        return packets(out)
    }

    private static func packets(_ out: borrowing DeviceOutput) -> Set<Said> {
        var packets: Set<Said> = []
        for step in out.steps {
            if case .write(let packet) = step { packets.insert(Said(endpoint: packet.endpoint, bytes: Array(out.bytes[packet.range]))) }
        }
        return packets
    }
}
