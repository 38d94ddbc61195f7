// Drives one protocol without wire or clock: opens it, says what devices say, wants what clients want, and keeps what it writes.
// Time passes when the test says so.

import Buttplug
import Host

@testable import Hardware

/// What a protocol did, as vectors write it.
enum Deed: Hashable, CustomStringConvertible {
    case write(String, String, confirmed: Bool)
    case subscribe(String)
    case unsubscribe(String)

    var description: String {
        switch self {
        case .write(let endpoint, let bytes, let confirmed): "\(bytes) to \(endpoint)\(confirmed ? " confirmed" : "")"
        case .subscribe(let endpoint): "subscribe \(endpoint)"
        case .unsubscribe(let endpoint): "unsubscribe \(endpoint)"
        }
    }
}

struct DeviceUnderTest: ~Copyable {
    private(set) var facts: ProtocolFacts
    private(set) var model: Model?
    private(set) var isReady = false
    private(set) var refusal: String?
    /// What was done and not yet looked at.
    var deeds: [Deed] = []
    /// What was done to bring the outputs to zero when the device became ready.
    var atReady: [Deed] = []
    var readings: [DeviceReading] = []
    private(set) var state = OutputState()
    private(set) var isWaiting = false
    private var driver: any DeviceProtocol
    private var out = DeviceOutput()
    private let name: String
    private let setup: DeviceSetup
    private let catalogue: Catalogue

    init?(_ facts: ProtocolFacts, name: String, makers: [MakerData] = [], in catalogue: Catalogue = Builtin.catalogue) {
        var endpoints = EndpointSet()
        for service in facts.services { for endpoint in service.endpoints { endpoints.insert(endpoint.endpoint) } }
        if facts.baud != nil { endpoints.insert(.tx) }
        setup = DeviceSetup(name: name, endpoints: endpoints, makers: makers)
        guard let driver = ProtocolTable.make(facts.name, setup) else { return nil }
        self.driver = driver
        self.facts = facts
        self.name = name
        self.catalogue = catalogue
    }

    /// A device of a protocol of the built-in catalogue.
    static func make(_ protocolName: String, named name: String) throws -> DeviceUnderTest {
        guard let facts = Builtin.catalogue[protocolName], let device = DeviceUnderTest(facts, name: name) else { throw Missing() }
        return device
    }

    /// There is no such protocol.
    struct Missing: Error {}

    mutating func open() { settle(driver.begin(into: &out)) }

    /// What a notification, or the answer to a read, brings.
    mutating func says(_ bytes: [UInt8], from endpoint: DeviceEndpoint) {
        if let opening = driver.received(bytes.span.bytes, from: endpoint, into: &out), !isReady { settle(opening) } else { collect() }
    }

    /// The time is over that it wanted to wait.
    mutating func timePasses() {
        let opening = driver.waited(into: &out)
        if isReady { collect() } else { settle(opening) }
    }

    mutating func asks(_ input: InputType) -> Bool {
        let can = driver.ask(input, into: &out)
        collect()
        return can
    }

    /// Gives slots new values, all in one turn. An output that has its value already is left alone; a move is made again.
    mutating func wants(_ wishes: [(slot: Int, value: Int32, milliseconds: UInt32)]) {
        guard let model else { return }
        for wish in wishes where model.outputs.indices.contains(wish.slot) {
            guard model.outputs[wish.slot].type.isMove || state.values[wish.slot] != wish.value else { continue }
            state.values[wish.slot] = wish.value
            state.durations[wish.slot] = wish.milliseconds
            state.dirty |= 1 << UInt32(wish.slot)
        }
        encode()
    }

    /// All outputs that are held, to zero; the slots that are told of it are those that were not, or all.
    mutating func stops(all: Bool = false) {
        guard let model else { return }
        for slot in model.outputs.indices where !model.outputs[slot].type.isMove && (all || state.values[slot] != 0) {
            state.values[slot] = 0
            state.dirty |= 1 << UInt32(slot)
        }
        encode()
    }

    var keepAlive: KeepAlive { driver.keepAlive }

    private mutating func encode() {
        guard state.dirty != 0 else { return }
        driver.encode(state, into: &out)
        state.dirty = 0
        collect()
    }

    private mutating func settle(_ opening: Opening) {
        collect()
        isWaiting = false
        switch opening {
        case .wait: isWaiting = true
        case .model(let identifier): adopt(catalogue.model(of: facts.name, identifier: identifier, advertised: name))
        case .described(let model): adopt(model)
        case .another(let other, let identifier):
            guard let found = catalogue[other], let driver = ProtocolTable.make(other, setup) else {
                refusal = "there is no protocol \(other)"
                return
            }
            facts = found
            self.driver = driver
            adopt(catalogue.model(of: other, identifier: identifier, advertised: name))
        case .refused(let reason): refusal = "\(reason)"
        case .ready:
            isReady = true
            // The zero of a device that has just become ready is ours: packets with a number count on without it.
            let (before, driverBefore) = (deeds, driver)
            deeds = []
            stops(all: true)
            atReady = deeds
            deeds = before
            driver = driverBefore
        }
    }

    private mutating func adopt(_ found: Model?) {
        guard let found else {
            refusal = "the catalogue has no such model"
            return
        }
        model = found
        settle(driver.adopt(found, into: &out))
    }

    private mutating func collect() {
        for step in out.steps {
            switch step {
            case .write(let packet):
                let bytes = out.bytes[packet.range].map { byte in
                    let digits = String(byte, radix: 16)
                    return digits.utf8.count == 1 ? "0" + digits : digits
                }
                deeds.append(.write("\(packet.endpoint)", bytes.joined(), confirmed: packet.delivery == .confirmed))
            case .subscribe(let endpoint): deeds.append(.subscribe("\(endpoint)"))
            case .unsubscribe(let endpoint): deeds.append(.unsubscribe("\(endpoint)"))
            case .read: break
            }
        }
        readings += out.readings
        out.removeAll()
    }
}
