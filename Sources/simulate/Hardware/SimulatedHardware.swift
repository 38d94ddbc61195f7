// Devices of the hardware simulation: a stroker at a serial port and a program that dials in. Both keep what they were told last, as real
// firmware does, also when nobody is there any more.
// Must not know the router.

import Host
import SimHost

/// T-code as a device reads it.
struct TCodeMemory {
    private(set) var values: [String: Int] = ["V0": 77, "V1": 77]
    private var partial: [UInt8] = []

    /// Takes bytes; `line` gets every whole line.
    mutating func take(_ bytes: some Sequence<UInt8>, line: (String) -> Void) {
        for byte in bytes {
            if byte != 10 {
                partial.append(byte)
                continue
            }
            let text = String(decoding: partial, as: UTF8.self)
            partial.removeAll(keepingCapacity: true)
            for word in text.split(separator: " ") where word.hasPrefix("V") { values[String(word.prefix(2))] = Int(word.dropFirst(2)) }
            if text == "DSTOP" { for axis in values.keys { values[axis] = 0 } }
            line(text)
        }
    }

    mutating func forgetPart() { partial.removeAll() }
}

/// What both kinds have.
protocol SimulatedHardware: AnyObject {
    var memory: TCodeMemory { get }
    /// Brings it into reach without faults.
    func mend()
    /// One fault, or the end of one.
    func suffer(_ random: inout SimRandom)
    var isReachable: Bool { get }
}

/// A stroker at a port.
final class SimulatedStroker: SimWireDevice, SimulatedHardware {
    private(set) var memory = TCodeMemory()
    unowned let host: SimHost
    private(set) var plug: SimPlug?
    private let note: (String) -> Void

    init(at path: String, on host: SimHost, note: @escaping (String) -> Void) {
        self.host = host
        self.note = note
        plug = host.plug(self, at: path)
    }

    func opened(at now: Instant) { memory.forgetPart() }
    func closed(at now: Instant) { note("closed") }

    func received(_ bytes: [UInt8], at now: Instant) {
        memory.take(bytes) { line in
            note(line)
            if line == "D2" { plug?.say(Array("L0 0 9999 Up\r\nV0 0 9999 A\r\nV1 0 9999 B\r\n".utf8)) }
        }
    }

    var isReachable: Bool { plug?.isPlugged == true && plug?.refusal == nil }

    func mend() {
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
        case 4: plug?.byteTime = Interval(nanoseconds: Int64(random.below(2_000_000)))
        case 5: plug?.latency = .milliseconds(Int64(random.below(300)))
        case 6: plug?.window = 1 + Int(random.below(64))
        default: plug?.say((0..<random.below(2_000)).map { _ in UInt8(truncatingIfNeeded: random.next()) })
        }
    }
}

/// A program that dials in, and again when it was closed.
final class SimulatedProgram: SimulatedHardware {
    private(set) var memory = TCodeMemory()
    unowned let host: SimHost
    let owner: any LinkOwner
    private let address: String
    private let note: (String) -> Void
    fileprivate var connection: ProgramConnection?

    init(_ address: String, to owner: any LinkOwner, on host: SimHost, note: @escaping (String) -> Void) {
        self.host = host
        self.owner = owner
        self.address = address
        self.note = note
        dial()
    }

    var greeting: String { "{\"identifier\":\"Stroker\",\"address\":\"\(address)\",\"version\":0}" }

    private func dial() {
        if connection == nil { connection = ProgramConnection(self) }
    }

    fileprivate func received(_ bytes: [UInt8], from one: ProgramConnection) {
        guard one === connection else { return }
        memory.take(bytes) { note($0) }
    }

    fileprivate func closed(_ one: ProgramConnection, _ reason: CloseReason) {
        note("closed \(reason.rawValue)")
        guard one === connection else { return }
        connection = nil
        host.at(host.now + .milliseconds(500)) { [weak self] in self?.dial() }
    }

    var isReachable: Bool { connection != nil }

    func mend() { dial() }

    func suffer(_ random: inout SimRandom) {
        switch random.below(5) {
        case 0:
            connection?.link?.drop()
            connection = nil
        case 1:
            connection?.link?.finish()
            connection = nil
        case 2: connection?.link?.transmit((0..<random.below(2_000)).map { _ in UInt8(32 + random.below(90)) })
        // The same again, while the first is still there.
        case 3:
            let older = connection
            connection = ProgramConnection(self)
            host.at(host.now + .seconds(2)) { older?.link?.drop() }
        default: dial()
        }
    }
}

/// One of its connections.
fileprivate final class ProgramConnection: SimPeer {
    private unowned let program: SimulatedProgram
    private(set) var link: SimLink?

    init(_ program: SimulatedProgram) {
        self.program = program
        link = program.host.connect(self, to: program.owner)
    }

    func opened(at now: Instant) { link?.transmit(Array(program.greeting.utf8)) }
    func received(_ message: RawSpan, at now: Instant) { program.received(message.withUnsafeBytes { Array($0) }, from: self) }
    func closed(_ reason: CloseReason, at now: Instant) {
        link = nil
        program.closed(self, reason)
    }
}
