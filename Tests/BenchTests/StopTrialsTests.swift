// The stop profile without sockets: what is sent and when, which journal lines count, and how long a zero took.

import Testing

@testable import Bench

struct StopTrialsTests {
    private let ms: UInt64 = 1_000_000
    private func trials() -> StopTrialsCore {
        StopTrialsCore(device: 3, feature: 1, steps: 20, start: 0, interval: 10 * ms, patience: 100 * ms)
    }
    private func write(_ value: Int32, device: UInt32 = 3, feature: UInt32 = 1) -> JournalWrite {
        JournalWrite(device: device, feature: feature, value: value)
    }

    @Test("A trial drives, waits until the device has the value, stops when the stop is due, and measures from then to the zero.")
    func oneTrial() {
        var core = trials()
        #expect(core.due(at: 0) == .drive(step: 2))
        #expect(core.deadline == 5 * ms)
        #expect(core.saw(write(2), at: 1 * ms) == nil)
        #expect(core.due(at: 4 * ms) == nil)
        #expect(core.due(at: 6 * ms) == .stop)
        #expect(core.saw(write(0), at: 7 * ms) == 2 * ms)
        #expect(core.deadline == 10 * ms)
        #expect(core.due(at: 10 * ms) == .drive(step: 3))
        #expect(core.missed == 0)
    }

    @Test("Lines of other devices and features, and zeros before the stop, do not belong to a trial.")
    func others() {
        var core = trials()
        _ = core.due(at: 0)
        #expect(core.saw(write(0), at: 1) == nil)
        #expect(core.saw(write(5, device: 4), at: 1) == nil)
        #expect(
            !{
                var other = trials(); _ = other.saw(write(5, feature: 0), at: 1); return other.hasSeenAny
            }())
        _ = core.saw(write(2), at: 2)
        #expect(core.due(at: 5 * ms) == .stop)
        #expect(core.saw(write(0, feature: 0), at: 6 * ms) == nil)
        #expect(core.saw(write(7), at: 6 * ms) == nil)
        #expect(core.saw(write(0), at: 6 * ms) == 1 * ms)
    }

    @Test("A stop waits until the device was driven, and a zero that never comes is a missed stop.")
    func late() {
        var core = trials()
        _ = core.due(at: 0)
        #expect(core.due(at: 5 * ms) == nil)
        #expect(core.deadline == 15 * ms)
        _ = core.saw(write(2), at: 14 * ms)
        #expect(core.due(at: 15 * ms) == .stop)
        #expect(core.due(at: 114 * ms) == nil)
        #expect(core.missed == 0)
        #expect(core.due(at: 115 * ms) == nil)
        #expect(core.missed == 1)
        #expect(core.saw(write(0), at: 116 * ms) == nil)
        #expect(core.deadline > 114 * ms)
        if case .drive = core.due(at: 130 * ms) {} else { Issue.record("the next trial does not begin") }
    }

    @Test("Journal lines are understood when the file ends within a line, and a name is never taken for a key.")
    func journal() {
        let text = """
            {"t":1.250000,"device":3,"name":"A \\",\\"value\\":9,\\"feature\\":7","feature":1,"output":"Rotate","value":-12,"duration":null,"session":3}
            {"t":1.251000,"device":12,"name":"B","feature":0,"output":"Vibrate","value":0,"duration":null,"session":null}
            nonsense

            """
        let bytes = Array(text.utf8)
        for cut in 1...bytes.count {
            var reader = JournalReader()
            var writes: [JournalWrite] = []
            for piece in [bytes[..<cut], bytes[cut...]] { Array(piece).withUnsafeBytes { reader.read($0) { writes.append($0) } } }
            #expect(writes == [write(-12), write(0, device: 12, feature: 0)], "\(cut)")
        }
    }
}
