// A program that dials in as a device, and again when it was closed.
// Must not know the router, but where to dial.

import Host
import SimHost

final class SimulatedProgram: SimulatedHardware {
    let identity: String
    private var memory = TCodeMemory()
    fileprivate unowned let host: SimHost
    /// nil: nobody listens.
    fileprivate var owner: (any LinkOwner)?
    private let monitor: HardwareMonitor
    private let address: String
    private let note: (String) -> Void
    private var connection: ProgramConnection?

    init(_ address: String, on host: SimHost, _ monitor: HardwareMonitor, note: @escaping (String) -> Void) {
        identity = "websocket:Stroker:" + address
        (self.address, self.host, self.monitor, self.note) = (address, host, monitor, note)
        monitor.add(identity, memory.values) { .milliseconds(100) }
    }

    fileprivate var greeting: String { "{\"identifier\":\"Stroker\",\"address\":\"\(address)\",\"version\":0}" }

    func routerChanged(to owner: (any LinkOwner)?) {
        self.owner = owner
        drop()
        dial()
    }

    private func dial() {
        guard connection == nil, let owner else { return }
        connection = ProgramConnection(self, to: owner)
    }

    private func drop() {
        connection?.link?.drop()
        ended()
    }

    private func ended() {
        connection = nil
        monitor.lost(identity)
    }

    fileprivate func opened(_ one: ProgramConnection) { if one === connection { monitor.connected(identity) } }

    fileprivate func received(_ bytes: [UInt8], from one: ProgramConnection, at now: Instant) {
        guard one === connection else { return }
        memory.take(bytes) { line, set in
            note(line)
            if !set.isEmpty { monitor.got(identity, set, at: now) }
        }
    }

    fileprivate func closed(_ one: ProgramConnection, _ reason: CloseReason) {
        note("closed \(reason.rawValue)")
        guard one === connection else { return }
        ended()
        host.at(host.now + .milliseconds(500)) { [weak self] in self?.dial() }
    }

    func mend() { dial() }

    func suffer(_ random: inout SimRandom) {
        switch random.below(5) {
        case 0: drop()
        case 1:
            connection?.link?.finish()
            ended()
        case 2: connection?.link?.transmit((0..<random.below(2_000)).map { _ in UInt8(32 + random.below(90)) })
        // The same again, while the first is still there.
        case 3:
            guard let owner else { break }
            let older = connection
            ended()
            connection = ProgramConnection(self, to: owner)
            host.at(host.now + .seconds(2)) { older?.link?.drop() }
        default: dial()
        }
    }
}

/// One of its connections.
private final class ProgramConnection: SimPeer {
    private unowned let program: SimulatedProgram
    private(set) var link: SimLink?

    init(_ program: SimulatedProgram, to owner: any LinkOwner) {
        self.program = program
        link = program.host.connect(self, to: owner)
    }

    func opened(at now: Instant) {
        link?.transmit(Array(program.greeting.utf8))
        program.opened(self)
    }
    func received(_ message: RawSpan, at now: Instant) { program.received(message.withUnsafeBytes { Array($0) }, from: self, at: now) }
    func closed(_ reason: CloseReason, at now: Instant) {
        link = nil
        program.closed(self, reason)
    }
}
