// A serial port in a simulated world, with a backend and a recording owner: what the tests of serial devices begin with.

import Buttplug
import Host
import SimHost

@testable import Hardware

/// A stroker at a simulated port: answers D2, and remembers lines.
final class SimStroker: SimWireDevice {
    var axes = ["L0", "V0", "V1"]
    var isSilent = false
    var lines: [(at: Instant, text: String)] = []
    weak var plug: SimPlug?
    private var partial: [UInt8] = []
    private(set) var openings = 0
    private(set) var isOpen = false

    func opened(at now: Instant) {
        openings += 1
        isOpen = true
        partial = []
    }

    func closed(at now: Instant) { isOpen = false }

    func received(_ bytes: [UInt8], at now: Instant) {
        for byte in bytes {
            if byte != 10 {
                partial.append(byte)
                continue
            }
            let line = String(decoding: partial, as: UTF8.self)
            partial = []
            lines.append((now, line))
            if line == "D0", !isSilent { plug?.say(Array("Simulated OSR\r\n".utf8)) }
            if line == "D2", !isSilent { plug?.say(Array(axes.map { "\($0) 0 9999 Axis\r\n" }.joined().utf8)) }
        }
    }

    var texts: [String] { lines.map(\.text) }
}

/// Records what a backend says, and calls it as the router does.
final class RecordingOwner: BackendOwner, TurnOwner {
    var answers: [UInt32: [WriteOutcome]] = [:]
    var events: [BackendEvent] = []
    var devices: [BackendDevice: DeviceDescription] = [:]
    let backend: any Backend
    private var alarm: (any Alarm)?
    private var isDue = false

    init(_ backend: any Backend, on host: any Host) {
        self.backend = backend
        alarm = host.attach(self)
        backend.start(for: self, as: 3, at: host.now)
        alarm?.set(host.now)
    }

    func answered(ticket: UInt32, _ outcome: WriteOutcome, at now: Instant) { answers[ticket, default: []].append(outcome) }
    func reportIsDue(from backend: BackendNumber) { isDue = true }
    func happened(_ event: BackendEvent, from backend: BackendNumber, at now: Instant) {
        events.append(event)
        switch event {
        case .appeared(let device, let description): devices[device] = description
        case .disappeared(let device): devices[device] = nil
        default: break
        }
    }

    func deadlinePassed(at now: Instant) {}
    func turnEnded(at now: Instant) {
        if isDue || backend.deadline <= now {
            isDue = false
            backend.report(at: now)
        }
        backend.turnEnded(at: now)
        alarm?.set(isDue ? now : backend.deadline)
    }
}

/// One stroker at one port.
struct SerialStory {
    let host = SimHost()
    let stroker = SimStroker()
    let plug: SimPlug
    let owner: RecordingOwner
    let notices: Notices

    final class Notices { var said: [String] = [] }

    init(baud: Int = 115_200, isPlugged: Bool = true) {
        plug = host.plug(stroker, at: "/dev/stroker")
        stroker.plug = plug
        plug.byteTime = Interval(nanoseconds: 10_000_000_000 / Int64(baud))
        if !isPlugged { plug.unplug() }
        var configuration = HardwareConfiguration()
        var port = SerialPort("/dev/stroker")
        port.baud = baud
        configuration.serial = [port]
        let notices = Notices()
        self.notices = notices
        let made = configuration.backends(on: host) { subject, problem, _ in notices.said.append("\(subject): \(problem ?? "over")") }
        owner = RecordingOwner(made.backends[0], on: host)
    }

    /// What was called from outside belongs to a turn.
    func run(for interval: Interval) {
        host.at(host.now) {}
        host.run(for: interval)
    }

    /// Writes in one call, as a turn of the router does.
    func write(_ writes: [(ticket: UInt32, feature: UInt32, type: OutputType, value: Int32)], to device: BackendDevice = 0) {
        let plain = writes.map {
            DeviceWrite(
                to: DeviceTarget(backend: 3, device: device, deviceIndex: 0, feature: $0.feature), type: $0.type, value: $0.value,
                ticket: $0.ticket)
        }
        plain.withUnsafeBufferPointer { owner.backend.perform($0, at: host.now) }
    }
}
