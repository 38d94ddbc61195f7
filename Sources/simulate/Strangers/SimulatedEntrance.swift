// The listener's end of every connection of a simulated world until it is let in, with the product's own cores: its index, its deadline,
// its end. Must not decide who is let in; the cores do, and the model checks them.

import Entrance
import Host
import SimHost
import WebSocket

/// What is asked before a connection becomes a session.
protocol Entry: AnyObject {
    /// The peer as its session knows it; nil when it is not let in.
    func admit(_ peer: Peer) -> Peer?
    /// Its session has begun.
    func opened(_ peer: Peer)
}

/// The connections of a simulated listener, as `UVHost` keeps those of a real one.
final class SimulatedEntrance: SimActor, Entry {
    private struct Arrival {
        var core: HeadCore
        /// When it is closed if nothing happens; `.never` once it is let in.
        var deadline: Instant
        /// It was answered, and only its end is awaited.
        var isLeaving = false
        /// The listener has closed it.
        var closed: () -> Void
    }

    /// A client that is connecting.
    private struct Connecting {
        var index: Int32
        var head: SimulatedHead
        var admitted: Peer?
    }

    static let strangersMax = 16
    static let addressesMax = 48

    private let host: SimHost
    private let monitor: Monitor
    private let model: EntranceModel
    private let tokens: SimulatedTokens
    private let limits: Limits
    private let gate: Gate
    private var random: SimRandom
    private var attachment: SimActorID?
    private var arrivals = Arrivals(strangersMax: strangersMax, addressesMax: addressesMax)
    private var connections: [Arrival?] = []
    private var freeIndices: [Int32] = []
    /// By the origin that names the client's connection.
    private var connecting: [String: Connecting] = [:]
    /// Connections so far, those that were turned away, by status, and those that were closed for others.
    private(set) var connected = 0
    private(set) var refused: [Int: Int] = [:]
    private(set) var displaced = 0

    init(_ host: SimHost, _ monitor: Monitor, _ model: EntranceModel, _ tokens: SimulatedTokens, seed: UInt64) {
        self.host = host
        self.monitor = monitor
        self.model = model
        self.tokens = tokens
        limits = monitor.settings.limits
        random = SimRandom(seed: seed)
        gate = Gate(need: .remote, trusted: TrustedProxies([SimulatedAddress.proxy.text]), tokens: tokens.gate)
        attachment = host.enlist(self)
        model.sessionIsOver = { [unowned self] in remove($0) }
    }

    // MARK: Connections

    /// A connection begins.
    /// - Parameter closed: Is called when the listener closes it.
    func connect(from address: SimulatedAddress, closed: @escaping () -> Void) -> Int32 {
        connected += 1
        monitor.now = host.now
        let core = HeadCore(address.text, at: gate, limits)
        let arrival = Arrival(core: core, deadline: host.now + limits.headTimeout, closed: closed)
        let index: Int32
        if let free = freeIndices.popLast() {
            index = free
            connections[Int(index)] = arrival
        } else {
            index = Int32(connections.count)
            connections.append(arrival)
        }
        host.wake(attachment!, at: arrival.deadline)
        model.arrived(index, from: address, isStranger: core.isStranger)
        if core.isStranger, let oldest = arrivals.began(index) {
            displaced += 1
            model.gaveWay(oldest)
            close(oldest)
        }
        model.checkBound()
        return index
    }

    /// Bytes of a head come.
    /// - Parameter isWhole: Nothing is missing now.
    func read(_ bytes: [UInt8], of head: SimulatedHead, isWhole: Bool, at index: Int32) -> EntranceVerdict {
        guard var arrival = connections[Int(index)], !arrival.isLeaving else { return .waits }
        monitor.now = host.now
        let step = bytes.withUnsafeBytes { arrival.core.read($0, gate, at: "127.0.0.1", &arrivals, at: host.now) }
        let verdict = EntranceVerdict(step)
        connections[Int(index)] = arrival
        model.decided(index, head, isWhole: isWhole, verdict)
        switch verdict {
        case .waits: break
        case .admitted:
            arrivals.ended(index)
            connections[Int(index)]?.deadline = .never
        case .page: leave(index)
        case .refused(let status):
            refused[status, default: 0] += 1
            leave(index)
        }
        return verdict
    }

    /// The answer is out: the peer's end is awaited for a while.
    private func leave(_ index: Int32) {
        let deadline = host.now + limits.closeTimeout
        connections[Int(index)]?.isLeaving = true
        connections[Int(index)]?.deadline = deadline
        host.wake(attachment!, at: deadline)
    }

    /// The peer is gone, or its session is over.
    func remove(_ index: Int32) {
        guard connections[Int(index)] != nil else { return }
        monitor.now = host.now
        connections[Int(index)] = nil
        arrivals.ended(index)
        freeIndices.append(index)
        model.gone(index)
    }

    private func close(_ index: Int32) {
        let closed = connections[Int(index)]?.closed
        remove(index)
        closed?()
    }

    func woken(_ code: UInt32, at now: Instant) {
        monitor.now = now
        for (index, arrival) in connections.enumerated() {
            if let arrival, arrival.deadline <= now { close(Int32(index)) }
        }
    }

    /// The turn has ended: nothing is kept that nobody needs.
    func turnEnded() {
        model.endOfTurn()
        model.checkMemory(
            connections: connections.count - freeIndices.count, strangers: arrivals.strangerCount, addresses: arrivals.addressCount)
    }

    var remarks: [String] {
        let statuses = refused.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
        return [
            "connections \(connected), refused \(statuses.joined(separator: ", ")), closed for others \(displaced)",
            "places for connections at once \(connections.count), addresses remembered \(arrivals.addressCount)",
        ]
    }

    // MARK: Clients

    /// A client is about to connect.
    func connects(_ origin: String) -> Peer {
        let address = random.happens(1, of: 3) ? .own : SimulatedStrangers.clientAddress(&random)
        let peer = Peer(address: address.text, listener: "ws://127.0.0.1:12345", origin: origin, isLocal: address.isOwn)
        tokens.connects(peer, asks: !address.isOwn)
        let head = SimulatedHead(address: address, secret: tokens.shows(peer), carrier: random.within(0...3))
        // Closed before it is let in, it finds nobody when its head arrives.
        let index = connect(from: address) { [unowned self] in connecting[origin] = nil }
        connecting[origin] = Connecting(index: index, head: head)
        return peer
    }

    func admit(_ peer: Peer) -> Peer? {
        guard let origin = peer.origin, let one = connecting[origin] else { return nil }
        if let admitted = one.admitted { return admitted }
        tokens.opened(peer)
        let pieces = one.head.pieces(random.within(1...3), &random)
        for (number, piece) in pieces.enumerated() {
            let verdict = read(piece, of: one.head, isWhole: number == pieces.count - 1, at: one.index)
            guard case .admitted(let entrant) = verdict else { continue }
            var admitted = peer
            (admitted.token, admitted.tokenIdentity, admitted.tokenExpires) = (entrant.token, entrant.tokenIdentity, entrant.tokenExpires)
            (admitted.address, admitted.isLocal) = (entrant.place.address, entrant.place.isLocal)
            connecting[origin]?.admitted = admitted
            return admitted
        }
        connecting[origin] = nil
        remove(one.index)
        return nil
    }

    func opened(_ peer: Peer) {
        guard let origin = peer.origin, let one = connecting.removeValue(forKey: origin) else { return }
        model.opened(one.index)
    }
}
