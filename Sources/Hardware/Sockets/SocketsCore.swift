// Devices that dial us by WebSocket: programs that say who they are, and then get what a device of their kind would get.
// Must not know listeners or frames; each connection is a wire of whole messages.

import Host
import JSON

/// A program that may dial in as a device.
public struct SocketDevice: Hashable, Sendable {
    /// The `identifier` of its first message.
    public var identifier: String
    /// The protocol that it understands.
    public var protocolName: String
    /// What the protocol would ask it otherwise; nil: it is asked.
    public var model: String?

    public init(_ identifier: String, protocolName: String, model: String? = nil) {
        self.identifier = identifier
        self.protocolName = protocolName
        self.model = model
    }
}

/// The connections of one listener.
struct SocketsCore: TransportCore, ~Copyable {
    /// Their connection ends.
    static var devicesSeeTheEnd: Bool { true }

    enum Phase: Hashable {
        /// Its first message is awaited until then. Can turn into: found, gone.
        case greeting(Instant)
        /// It has said who it is. Can turn into: ready, gone.
        case found
        /// Can turn into: gone.
        case ready
    }

    private struct Connection {
        let wire: WireID
        var phase: Phase
        /// "IDENTIFIER:ADDRESS".
        var address = ""
        var device: UInt32?
        var isBlocked = false
    }

    /// How long the first message may take, and how long it may be.
    static let greeting = Interval.seconds(5)
    static let greetingBytes = 4_096
    static let wordBytes = 256
    /// Connections at once; devices, and as many that have not said who they are.
    static let connectionsMax = 128
    /// Unknown names that are told.
    private static let toldMax = 64

    private let identifiers: Set<String>
    private var connections: [Connection] = []
    private var told: [String] = []

    init(_ devices: [SocketDevice]) { identifiers = Set(devices.map(\.identifier)) }

    /// Whether another connection is taken.
    var hasRoom: Bool { connections.count < Self.connectionsMax }

    // MARK: Time

    var deadline: Instant {
        var earliest = Instant.never
        for connection in connections { if case .greeting(let end) = connection.phase { earliest = min(earliest, end) } }
        return earliest
    }

    mutating func deadlinePassed(at now: Instant, into out: inout TransportEffects) {
        for index in connections.indices.reversed() {
            guard case .greeting(let end) = connections[index].phase, end <= now else { continue }
            out.events.append(.notice(HardwareNotice(subject: "websocket", problem: "a program did not say who it is in time")))
            refuse(index, .handshakeTimeout, into: &out)
        }
    }

    // MARK: What is asked of it

    mutating func connect(_ candidate: Candidate, as device: UInt32, at now: Instant, into out: inout TransportEffects) {
        guard let index = connections.firstIndex(where: { $0.phase == .found && $0.address == candidate.address }) else {
            out.events.append(.lost(device, .gone))
            out.events.append(.forgotten(address: candidate.address))
            return
        }
        connections[index].device = device
        connections[index].phase = .ready
        out.events.append(.ready(device, [.tx, .rx]))
    }

    mutating func leave(_ device: UInt32, at now: Instant, into out: inout TransportEffects) {
        guard let index = connections.firstIndex(where: { $0.device == device }) else { return }
        out.closes.append(connections[index].wire)
        out.events.append(.forgotten(address: connections[index].address))
        connections.remove(at: index)
    }

    mutating func write(
        _ packet: Packet, _ bytes: RawSpan, to device: UInt32, at now: Instant, into out: inout TransportEffects
    ) -> Sent {
        guard let connection = connections.first(where: { $0.device == device }) else { return .gone }
        if connection.isBlocked { return .blocked }
        out.send(bytes, to: connection.wire, of: device)
        return .done
    }

    func letter(_ packet: Packet, _ bytes: [UInt8], to device: UInt32) -> LetterWay {
        guard let connection = connections.first(where: { $0.device == device }) else { return .none }
        return .write(bytes, to: connection.wire, isPaced: false)
    }

    // MARK: What the connections say

    private func index(of wire: WireID) -> Int? { connections.firstIndex { $0.wire == wire } }

    mutating func wireOpened(_ wire: WireID, at now: Instant, into out: inout TransportEffects) {
        connections.append(Connection(wire: wire, phase: .greeting(now + Self.greeting)))
    }

    /// A message that was a text. The first one says who it is.
    mutating func receivedText(_ text: RawSpan, from wire: WireID, at now: Instant, into out: inout TransportEffects) {
        guard let index = index(of: wire) else { return }
        guard case .greeting = connections[index].phase else { return received(text, from: wire, at: now, into: &out) }
        guard let (identifier, address) = Self.greeting(text) else { return refuseGreeting(index, into: &out) }
        guard identifiers.contains(identifier) else {
            if !told.contains(identifier), told.count < Self.toldMax {
                told.append(identifier)
                let problem = "nobody knows a device of this name: add a row [[hardware.websocket]] with it as identifier"
                out.events.append(.notice(HardwareNotice(subject: "websocket:\(ShownName.clean(identifier))", problem: problem)))
            }
            return refuse(index, .notAdmitted, into: &out)
        }
        let whole = "\(identifier):\(address)"
        connections[index].address = whole
        connections[index].phase = .found
        if let older = connections.firstIndex(where: { $0.address == whole && $0.wire != wire }) {
            if let device = connections[older].device { out.events.append(.lost(device, .replaced)) }
            out.events.append(.forgotten(address: whole))
            refuse(older, .taken, into: &out)
        }
        out.events.append(.found(Candidate(address: whole, name: identifier)))
    }

    /// What a first message says; nil when it is none.
    private static func greeting(_ text: RawSpan) -> (identifier: String, address: String)? {
        guard text.byteCount <= greetingBytes, let tree = text.withUnsafeBytes({ JSONTree($0) }), case .object = tree,
            let identifier = tree["identifier"]?.string, let address = tree["address"]?.string, isWord(identifier), isWord(address)
        else { return nil }
        return (identifier, address)
    }

    private static func isWord(_ text: String) -> Bool {
        (1...wordBytes).contains(text.utf8.count) && text == ShownName.clean(text, upTo: wordBytes)
    }

    private mutating func refuseGreeting(_ index: Int, into out: inout TransportEffects) {
        let problem = "the first message of a program was no text that says its identifier and its address"
        out.events.append(.notice(HardwareNotice(subject: "websocket", problem: problem)))
        refuse(index, .policyViolation, into: &out)
    }

    private mutating func refuse(_ index: Int, _ reason: CloseReason, into out: inout TransportEffects) {
        out.refusals.append((connections[index].wire, reason))
        connections.remove(at: index)
    }

    mutating func received(_ bytes: RawSpan, from wire: WireID, at now: Instant, into out: inout TransportEffects) {
        guard let index = index(of: wire) else { return }
        if case .greeting = connections[index].phase { return refuseGreeting(index, into: &out) }
        // A first message that was sent twice comes before anybody listens.
        if let device = connections[index].device { out.receive(bytes, from: .rx, of: device) }
    }

    mutating func wireBlocked(_ wire: WireID) { if let index = index(of: wire) { connections[index].isBlocked = true } }

    mutating func wireDrained(_ wire: WireID, at now: Instant, into out: inout TransportEffects) {
        guard let index = index(of: wire), connections[index].isBlocked else { return }
        connections[index].isBlocked = false
        if let device = connections[index].device { out.events.append(.drained(device)) }
    }

    mutating func wireClosed(_ wire: WireID, _ end: WireEnd, at now: Instant, into out: inout TransportEffects) {
        guard let index = index(of: wire) else { return }
        let connection = connections.remove(at: index)
        if let device = connection.device { out.events.append(.lost(device, .gone)) }
        if !connection.address.isEmpty { out.events.append(.forgotten(address: connection.address)) }
    }
}
