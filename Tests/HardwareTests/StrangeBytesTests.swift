// Bytes that nobody should send: nothing crashes, no text is taken for more than it is. Seeded, so that a failure comes back.

import Buttplug
import Host
import Testing

@testable import Hardware

@Suite("Strange bytes")
struct StrangeBytesTests {
    private func bytes(_ random: inout SplitMix, upTo limit: Int) -> [UInt8] {
        (0..<Int(random.next() % UInt64(limit + 1))).map { _ in UInt8(truncatingIfNeeded: random.next() >> 13) }
    }

    @Test("Any notification of up to 64 bytes, at any time, leaves every protocol standing; none becomes a reading that was not asked for.")
    func notifications() throws {
        var random = SplitMix(seed: 14)
        let all = Builtin.catalogue.protocols.filter { ProtocolTable.has($0.name) }
        let endpoints: [DeviceEndpoint] = [.rx, .tx, .rxblemodel, .whitelist, .rxblebattery, .generic(0)]
        for round in 0..<100_000 / (all.count * 8) + 1 {
            for facts in all {
                guard var device = DeviceUnderTest(facts, name: round % 2 == 0 ? facts.names.first?.text ?? "" : "LVS-A1") else { continue }
                device.open()
                for _ in 0..<8 {
                    device.says(bytes(&random, upTo: 64), from: endpoints[Int(random.next() % UInt64(endpoints.count))])
                    if random.next() % 4 == 0 { device.timePasses() }
                }
                let readings = device.readings
                #expect(readings.isEmpty, "\(facts.name)")
                let upper = device.model?.outputs.first?.range.upperBound ?? 1
                device.wants([(0, Int32(random.next() % UInt64(upper + 1)), UInt32(truncatingIfNeeded: random.next()))])
                device.stops(all: true)
            }
        }
    }

    @Test("A text of the catalogue with any bytes changed is read or refused, line by line.")
    func catalogues() {
        var random = SplitMix(seed: 15)
        let lines = Builtin.text.split(separator: "\n").map { Array($0.utf8) }
        for _ in 0..<100_000 {
            var line = lines[Int(random.next() % UInt64(lines.count))].prefix(80)
            if !line.isEmpty, random.next() % 4 != 0 {
                line[Int(random.next() % UInt64(line.count))] = UInt8(truncatingIfNeeded: random.next() >> 9)
            }
            let read = CatalogueText("protocol p\n" + String(decoding: line, as: UTF8.self))
            #expect(read.protocols.count <= 2)
        }
    }

    @Test("A row with any bytes changed is read or refused, and what is read can be carried out.")
    func rows() {
        var random = SplitMix(seed: 16)
        let lines = Rows.text.split(separator: "\n").map { Array($0.utf8) }
        var model = Model(name: "", protocolName: "x")
        model.outputs = [OutputType.vibrate, .rotate].enumerated().map {
            ModelOutput(feature: UInt32($0.offset), type: $0.element, range: -100...100)
        }
        for _ in 0..<20_000 {
            var line = lines[Int(random.next() % UInt64(lines.count))]
            for _ in 0...(random.next() % 3) { line[Int(random.next() % UInt64(line.count))] = 0x20 + UInt8(random.next() % 95) }
            let read = TemplateText.read(String(decoding: line, as: UTF8.self))
            let name = String(decoding: line, as: UTF8.self).split(separator: " ").first.map(String.init) ?? ""
            guard let program = read.programs[name] else { continue }
            var device = Template(program, DeviceSetup(endpoints: [.tx]))
            var out = DeviceOutput()
            _ = device.adopt(model, into: &out)
            var state = OutputState()
            state.values[0] = Int32(truncatingIfNeeded: random.next())
            state.dirty = 3
            device.encode(state, into: &out)
        }
    }

    @Test("A device configuration with any bytes changed is read or refused.")
    func files() {
        var random = SplitMix(seed: 17)
        let text = Array(DeviceFileTests.text.utf8)
        for _ in 0..<10_000 {
            var changed = text
            for _ in 0...(random.next() % 4) {
                changed[Int(random.next() % UInt64(changed.count))] =
                    random.next() % 2 == 0 ? UInt8(truncatingIfNeeded: random.next() >> 7) : 0x30 + UInt8(random.next() % 10)
            }
            if random.next() % 8 == 0 { changed.removeLast(Int(random.next() % UInt64(changed.count))) }
            guard let file = try? DeviceFile(changed) else { continue }
            let catalogue = file.catalogue(over: Catalogue())
            for facts in catalogue.protocols { for model in facts.models { _ = model.limited(by: model.rangeMaps()) } }
        }
    }
}
