// A transport's backend as the router and the wires call it. Both know what they call by a protocol, and of a generic class that is one code
// for all transports, which asks at each step what its transport is. Here each call goes to the class of one transport, whose code is made
// for it. Must not decide anything.

import Buttplug
import Host

final class TransportBackend {
    private enum Way {
        case serial(HardwareBackend<SerialCore>)
        case bluetooth(HardwareBackend<BluetoothCore>)
        case sockets(HardwareBackend<SocketsCore>)
    }

    private let way: Way

    /// Serial lines; the rim opens them in this world.
    init(_ backend: HardwareBackend<SerialCore>, on host: any WireOpener) {
        way = .serial(backend)
        backend.rim = WireRim(host, owner: self)
    }

    /// Bluetooth; the rim opens its wires in this world.
    init(_ backend: HardwareBackend<BluetoothCore>, on host: any WireOpener) {
        way = .bluetooth(backend)
        backend.rim = WireRim(host, owner: self)
    }

    /// Devices that dial in; their rim has their links.
    init(_ backend: HardwareBackend<SocketsCore>) { way = .sockets(backend) }
}

extension TransportBackend: KeepingBackend {
    func start(for owner: any BackendOwner, as number: BackendNumber, at now: Instant) {
        switch way {
        case .serial(let backend): backend.start(for: owner, as: number, at: now)
        case .bluetooth(let backend): backend.start(for: owner, as: number, at: now)
        case .sockets(let backend): backend.start(for: owner, as: number, at: now)
        }
    }

    func perform(_ writes: UnsafeBufferPointer<DeviceWrite>, at now: Instant) {
        switch way {
        case .serial(let backend): backend.perform(writes, at: now)
        case .bluetooth(let backend): backend.perform(writes, at: now)
        case .sockets(let backend): backend.perform(writes, at: now)
        }
    }

    func handle(_ request: BackendRequest, at now: Instant) {
        switch way {
        case .serial(let backend): backend.handle(request, at: now)
        case .bluetooth(let backend): backend.handle(request, at: now)
        case .sockets(let backend): backend.handle(request, at: now)
        }
    }

    var deadline: Instant {
        switch way {
        case .serial(let backend): backend.deadline
        case .bluetooth(let backend): backend.deadline
        case .sockets(let backend): backend.deadline
        }
    }

    var keepsUntil: Instant {
        switch way {
        case .serial(let backend): backend.keepsUntil
        case .bluetooth(let backend): backend.keepsUntil
        case .sockets(let backend): backend.keepsUntil
        }
    }

    func report(at now: Instant) {
        switch way {
        case .serial(let backend): backend.report(at: now)
        case .bluetooth(let backend): backend.report(at: now)
        case .sockets(let backend): backend.report(at: now)
        }
    }

    func turnEnded(at now: Instant) {
        switch way {
        case .serial(let backend): backend.turnEnded(at: now)
        case .bluetooth(let backend): backend.turnEnded(at: now)
        case .sockets(let backend): backend.turnEnded(at: now)
        }
    }

    func stop(at now: Instant) {
        switch way {
        case .serial(let backend): backend.stop(at: now)
        case .bluetooth(let backend): backend.stop(at: now)
        case .sockets(let backend): backend.stop(at: now)
        }
    }
}

extension TransportBackend: WireOwner {
    func opened(_ id: WireID, at now: Instant) {
        switch way {
        case .serial(let backend): backend.opened(id, at: now)
        case .bluetooth(let backend): backend.opened(id, at: now)
        case .sockets(let backend): backend.opened(id, at: now)
        }
    }

    func received(_ bytes: RawSpan, from id: WireID, at now: Instant) {
        switch way {
        case .serial(let backend): backend.received(bytes, from: id, at: now)
        case .bluetooth(let backend): backend.received(bytes, from: id, at: now)
        case .sockets(let backend): backend.received(bytes, from: id, at: now)
        }
    }

    func passed(_ descriptor: Int32, from id: WireID) -> Bool {
        switch way {
        case .serial(let backend): backend.passed(descriptor, from: id)
        case .bluetooth(let backend): backend.passed(descriptor, from: id)
        case .sockets(let backend): backend.passed(descriptor, from: id)
        }
    }

    func drained(_ id: WireID, at now: Instant) {
        switch way {
        case .serial(let backend): backend.drained(id, at: now)
        case .bluetooth(let backend): backend.drained(id, at: now)
        case .sockets(let backend): backend.drained(id, at: now)
        }
    }

    func closed(_ id: WireID, _ end: WireEnd, at now: Instant) {
        switch way {
        case .serial(let backend): backend.closed(id, end, at: now)
        case .bluetooth(let backend): backend.closed(id, end, at: now)
        case .sockets(let backend): backend.closed(id, end, at: now)
        }
    }
}

extension TransportBackend: RuledBackend, WillsOwner {
    func use(_ rules: DeviceRules) {
        switch way {
        case .serial(let backend): backend.use(rules)
        case .bluetooth(let backend): backend.use(rules)
        case .sockets(let backend): backend.use(rules)
        }
    }

    func watch(_ onSighting: @escaping (HardwareSighting, Instant) -> Void) {
        switch way {
        case .serial(let backend): backend.watch(onSighting)
        case .bluetooth(let backend): backend.watch(onSighting)
        case .sockets(let backend): backend.watch(onSighting)
        }
    }

    package func use(_ wills: any Wills, as transport: UInt8) {
        switch way {
        case .serial(let backend): backend.use(wills, as: transport)
        case .bluetooth(let backend): backend.use(wills, as: transport)
        case .sockets(let backend): backend.use(wills, as: transport)
        }
    }
}
