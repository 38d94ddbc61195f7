// A stroker at a serial port.
// Must not know the router.

import Host
import SimHost

final class SimulatedStroker: SimWireDevice, SimulatedHardware {
    let identity: String
    private var memory = TCodeMemory()
    private unowned let host: SimHost
    private let monitor: HardwareMonitor
    private var plug: SimPlug?
    private let note: (String) -> Void
    /// The time on the way was other a moment ago.
    private var slowUntil = Instant.zero

    init(at path: String, on host: SimHost, _ monitor: HardwareMonitor, note: @escaping (String) -> Void) {
        identity = "serial:" + path
        (self.host, self.monitor, self.note) = (host, monitor, note)
        plug = host.plug(self, at: path)
        monitor.add(identity, memory.values) { [unowned self] in slack }
    }

    /// The gap, what is on the line, and two lines: one is being sent, the other is the one that counts.
    private var slack: Interval {
        guard let plug else { return .zero }
        let line = max(plug.byteTime, .milliseconds(host.now < slowUntil ? 2 : 0)) * 60
        return .milliseconds(20 + 100) + plug.backlog + line * 2 + (host.now < slowUntil ? .milliseconds(300) : plug.latency) * 2
    }

    func opened(at now: Instant) {
        memory.forgetPart()
        monitor.connected(identity)
    }

    func closed(at now: Instant) {
        note("closed")
        if plug?.isPlugged == false { monitor.lost(identity) }
    }

    func received(_ bytes: [UInt8], at now: Instant) {
        memory.take(bytes) { line, set in
            note(line)
            if !set.isEmpty { monitor.got(identity, set, at: now) }
            if line == "D2" { plug?.say(Array("L0 0 9999 Up\r\nV0 0 9999 A\r\nV1 0 9999 B\r\n".utf8)) }
        }
    }

    func mend() {
        slowUntil = host.now + .seconds(10)
        plug?.refusal = nil
        plug?.byteTime = .zero
        plug?.latency = .milliseconds(1)
        plug?.window = 4_096
        plug?.plug()
    }

    func suffer(_ random: inout SimRandom) {
        switch random.below(8) {
        case 0: plug?.unplug()
        case 1, 2: plug?.plug()
        case 3: plug?.refusal = random.below(2) == 0 ? [WireEnd.denied, .busy, .unsuitable][Int(random.below(3))] : nil
        case 4:
            slowUntil = host.now + .seconds(10)
            plug?.byteTime = Interval(nanoseconds: Int64(random.below(2_000_000)))
        case 5:
            slowUntil = host.now + .seconds(10)
            plug?.latency = .milliseconds(Int64(random.below(300)))
        case 6: plug?.window = 1 + Int(random.below(64))
        default: plug?.say((0..<random.below(2_000)).map { _ in UInt8(truncatingIfNeeded: random.next()) })
        }
    }
}
