// What a backend tells the watchdog, in virtual time.

import Buttplug
import Host
import SimHost
import Testing

@testable import Hardware

/// Notes what the watchdog is told.
final class RecordingWills: Wills {
    var said: [String] = []
    var calls: [(Instant) -> Void] = []
    private var runs = false

    func set(_ device: WillKey, _ packets: [[UInt8]], isPaced: Bool, _ descriptor: Int32) -> Bool {
        said.append("set \(device.transport) \(device.device) \(packets.map { String(decoding: $0, as: UTF8.self) }) \(descriptor)")
        return true
    }

    func clear(_ device: WillKey) { said.append("clear \(device.transport) \(device.device)") }

    func anythingRuns(_ runs: Bool, in transport: UInt8) {
        if runs != self.runs { said.append("runs \(runs)") }
        self.runs = runs
    }

    func onPosted(_ body: @escaping (Instant) -> Void) { calls.append(body) }

    func takeSaid() -> [String] {
        defer { said = [] }
        return said
    }
}

@Suite("What the watchdog is told")
struct WillBackendTests {
    private let story = SerialStory()
    private let wills = RecordingWills()

    init() throws {
        try #require(story.owner.backend as? any WillsOwner).use(wills, as: 5)
        story.run(for: .seconds(4))
    }

    @Test("A device's letter is its zeros and its descriptor, told when it is shown and taken back when it is gone.")
    func letter() {
        #expect(wills.takeSaid() == [#"set 5 0 ["\nDSTOP\nV00000 V10000\n"] 1"#])
        story.plug.unplug()
        story.run(for: .milliseconds(100))
        #expect(wills.takeSaid() == ["clear 5 0"])
        story.plug.plug()
        story.run(for: .seconds(6))
        #expect(wills.takeSaid().first?.hasPrefix("set 5 0 ") == true)
    }

    @Test("The letter is the same regardless of what the device does, and does not change what it does.")
    func letterWhileRunning() {
        _ = wills.takeSaid()
        story.write([(1, 1, .vibrate, 500)])
        story.run(for: .milliseconds(50))
        story.write([(2, 2, .vibrate, 600)])
        story.run(for: .milliseconds(50))
        #expect(story.stroker.texts.suffix(2) == ["V00500", "V10600"])
    }

    @Test("A rise is told before its bytes leave, a zero after; moves end by themselves and are not told.")
    func runs() {
        _ = wills.takeSaid()
        story.write([(1, 0, .position, 5_000)])
        story.run(for: .milliseconds(50))
        #expect(wills.takeSaid() == [])
        story.write([(2, 1, .vibrate, 500)])
        #expect(wills.takeSaid() == ["runs true"])
        story.write([(3, 1, .vibrate, 700)])
        story.run(for: .milliseconds(50))
        #expect(wills.takeSaid() == [])
        story.write([(4, 1, .vibrate, 0)])
        story.run(for: .milliseconds(50))
        #expect(wills.takeSaid() == ["runs false"])
    }

    @Test("A device that has been told its zero does not run, also when it is told again and the line is busy.")
    func zeroAgain() {
        story.write([(1, 1, .vibrate, 500)])
        story.run(for: .milliseconds(50))
        _ = wills.takeSaid()
        story.write([(2, 1, .vibrate, 0)])
        #expect(wills.takeSaid() == ["runs false"])
        story.write([(3, 1, .vibrate, 0)])
        #expect(wills.takeSaid() == [])
        story.owner.backend.stop(at: story.host.now)
        #expect(wills.takeSaid() == [])
    }

    @Test("After the letters were posted each device is gone and comes again at zero, under its number; what ran before does not start.")
    func posted() {
        story.write([(1, 1, .vibrate, 500)])
        story.run(for: .milliseconds(50))
        _ = wills.takeSaid()
        let before = story.stroker.lines.count
        let now = story.host.now
        for call in wills.calls { call(now) }
        story.run(for: .milliseconds(100))
        #expect(story.owner.devices.isEmpty)
        #expect(wills.takeSaid() == ["clear 5 0", "runs false"])
        story.run(for: .seconds(6))
        #expect(story.owner.devices[0] != nil && story.owner.devices.count == 1)
        // The router tells zero, too: it may have written after the letter.
        #expect(story.stroker.texts[before...].filter { $0.hasPrefix("V") } == ["V00000 V10000", "V00000 V10000"])
    }

    @Test("A router that ends says that nothing runs only of devices that have been told their zero.")
    func end() {
        story.write([(1, 1, .vibrate, 500)])
        _ = wills.takeSaid()
        story.owner.backend.stop(at: story.host.now)
        #expect(!wills.takeSaid().contains("runs false"))
    }
}
