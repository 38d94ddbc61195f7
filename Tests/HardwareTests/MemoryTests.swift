// What a protocol remembers of packets that did not go out: nothing.

import Buttplug
import Host
import Testing

@testable import Hardware

/// A transport whose one device takes each packet as the test has said beforehand; those that it said nothing of are done.
private struct ScriptedTransport: TransportCore, ~Copyable {
    var script: [Sent] = []
    var written: [[UInt8]] = []
    var deadline: Instant { .never }

    mutating func deadlinePassed(at now: Instant, into out: inout TransportEffects) {}
    mutating func connect(_ candidate: Candidate, as device: UInt32, at now: Instant, into out: inout TransportEffects) {
        out.events.append(.ready(device, [.tx, .rx]))
    }
    mutating func leave(_ device: UInt32, at now: Instant, into out: inout TransportEffects) {}
    mutating func write(
        _ packet: Packet, _ bytes: RawSpan, to device: UInt32, at now: Instant, into out: inout TransportEffects
    ) -> Sent {
        let sent = script.isEmpty ? .done : script.removeFirst()
        if sent != .blocked { written.append(bytes.withUnsafeBytes { Array($0) }) }
        if sent == .done { out.send(bytes, to: WireID(1), of: device) }
        return sent
    }
}

/// A core with one device of a protocol.
private struct MemoryStory: ~Copyable {
    var core: HardwareCore<ScriptedTransport>
    var taken: [Bool] = []

    init(_ protocolName: String, model identifier: String? = nil, said: String? = nil) {
        var book = DeviceBook()
        book.catalogue = Builtin.catalogue
        book.rows["device"] = DeviceMatch(protocolName, model: identifier)
        core = HardwareCore("paper", ScriptedTransport(), book: book, gapMilliseconds: 0)
        core.effects.events.append(.found(Candidate(address: "device")))
        core.digest(at: .zero)
        if let said { says(Array(said.utf8)) }
        flush()
        core.transport.written = []
    }

    var isReady: Bool { core.devices[0].phase == .ready }

    mutating func says(_ bytes: [UInt8]) {
        core.effects.receive(bytes.span.bytes, from: .rx, of: 0)
        core.digest(at: .zero)
    }

    /// Carries out the runs: as `taken` says, then all.
    mutating func flush() {
        var taken = taken
        core.effects.sendRuns { _, _ in taken.isEmpty ? true : taken.removeFirst() }
        self.taken = []
        core.flushed(at: .zero)
        core.settle(at: .zero)
    }

    mutating func write(_ feature: UInt32, _ type: OutputType, _ value: Int32, in milliseconds: UInt32 = 0) {
        let write = DeviceWrite(
            to: DeviceTarget(backend: 0, device: 0, deviceIndex: 0, feature: feature), type: type, value: value, duration: milliseconds,
            ticket: 1)
        withUnsafePointer(to: write) { core.perform(UnsafeBufferPointer(start: $0, count: 1), at: .zero) }
        flush()
    }

    mutating func happens(_ event: TransportEvent) {
        core.effects.events.append(event)
        core.digest(at: .zero)
        flush()
    }

    /// What was handed to the way since the last call.
    mutating func packets() -> [[UInt8]] {
        defer { core.transport.written = [] }
        return core.transport.written
    }

    mutating func written() -> [String] { packets().map { String(decoding: $0, as: UTF8.self) } }
}

@Suite struct MemoryTests {
    @Test("Every protocol that takes a packet back makes the same one again, of every model and for every kind of change.")
    func again() {
        for facts in Builtin.catalogue.protocols {
            for model in facts.models + [facts.defaults].compactMap({ $0 }) where !model.outputs.isEmpty {
                guard var driver = ProtocolTable.make(facts.name, DeviceSetup(name: model.identifier ?? "", endpoints: [.tx])) else {
                    continue
                }
                var out = DeviceOutput()
                _ = driver.adopt(model, into: &out)
                var state = OutputState()
                for share in [1.0, 0.25, 0, -0.5, 0.75, 0] {
                    for (slot, output) in model.outputs.enumerated() {
                        let value = Int32((Double(output.range.upperBound) * share).rounded())
                        state.values[slot] = max(value, output.range.lowerBound)
                        state.durations[slot] = 250
                        state.dirty |= 1 << UInt32(slot)
                    }
                    var packets: [[UInt8]] = []
                    let before = driver.memory
                    for _ in 0..<2 {
                        out.removeAll()
                        driver.memory = before
                        driver.encode(state, into: &out)
                        packets.append(out.bytes)
                    }
                    #expect(packets[0] == packets[1], "\(facts.name), \(model.name), \(share)")
                }
            }
        }
    }

    private static func nora() -> MemoryStory { MemoryStory("lovense", said: "A:11:0082059AD3BD;") }

    @Test("A rotation whose change of direction was blocked changes it when the way is free.")
    func changeBlocked() {
        var story = Self.nora()
        let isReady = story.isReady
        #expect(isReady)
        story.core.transport.script = [.blocked]
        story.write(1, .rotate, -5)
        #expect(story.written() == [])
        story.happens(.drained(0))
        #expect(story.written() == ["RotateChange;", "Rotate:5;"])
    }

    @Test("A rotation whose speed was blocked after its change of direction is not turned around a second time.")
    func speedBlocked() {
        var story = Self.nora()
        story.core.transport.script = [.done, .blocked]
        story.write(1, .rotate, -5)
        #expect(story.written() == ["RotateChange;"])
        story.happens(.drained(0))
        #expect(story.written() == ["Rotate:5;"])
    }

    @Test("Of packets that the wire did not take, the first says what is made again.")
    func notTaken() {
        for (taken, again) in [([false, false], ["RotateChange;", "Rotate:7;"]), ([true, false], ["Rotate:7;"])] {
            var story = Self.nora()
            story.taken = taken
            story.write(1, .rotate, -7)
            _ = story.written()
            story.happens(.drained(0))
            #expect(story.written() == again)
        }
    }

    @Test("A change of direction that waits for a packet is made again when a zero takes its place.")
    func dropped() {
        var story = Self.nora()
        story.core.transport.script = [.pending, .pending]
        story.write(0, .vibrate, 3)
        // Waits for the answer, and is encoded after it: the change is under way, the speed after it.
        story.write(1, .rotate, -4)
        story.happens(.wrote(0, ok: true))
        #expect(story.written() == ["Vibrate:3;", "RotateChange;"])
        story.write(1, .rotate, 0)
        story.happens(.wrote(0, ok: false))
        #expect(story.written() == ["Rotate:0;"])
        story.write(1, .rotate, -4)
        #expect(story.written() == ["RotateChange;", "Rotate:4;"])
    }

    @Test("A move that the device refused has not moved it: the next speed is for the whole way.")
    func refusedMove() {
        // Half the way takes less speed than all of it.
        for (isTaken, speeds) in [(true, [40, 20] as [UInt8]), (false, [40, 40])] {
            var story = MemoryStory("kiiroo-v2")
            story.core.transport.script = [.pending]
            story.write(0, .hwPositionWithDuration, 99, in: 500)
            story.happens(.wrote(0, ok: isTaken))
            story.write(0, .hwPositionWithDuration, isTaken ? 48 : 99, in: 500)
            #expect(story.packets().compactMap(\.last) == speeds)
        }
    }

    @Test("A way point that was blocked is said when the way is free, and the stroker arrives.")
    func wayPoints() {
        var story = MemoryStory("lovense", said: "BA:11:0082059AD3BD;")
        guard let slot = story.core.devices[0].model?.outputs.first(where: { $0.type == .hwPositionWithDuration }) else {
            Issue.record("no stroker")
            return
        }
        story.write(slot.feature, .hwPositionWithDuration, 100, in: 200)
        story.core.transport.script = [.blocked]
        story.core.deadlinePassed(at: .zero + .milliseconds(100))
        story.flush()
        story.happens(.drained(0))
        story.core.deadlinePassed(at: .zero + .milliseconds(300))
        story.flush()
        #expect(story.written() == ["FSetSite:50;", "FSetSite:100;"])
    }

    @Test("A packet with a number that was blocked has the same number when it goes.")
    func numbers() {
        var story = MemoryStory("tryfun-meta2")
        story.write(0, .oscillate, 10)
        let first = story.packets().compactMap(\.first)
        story.core.transport.script = [.blocked]
        story.write(0, .oscillate, 20)
        story.happens(.drained(0))
        #expect(story.packets().compactMap(\.first) == first.map { $0 + 1 })
    }
}
