// A bus of subjects in virtual time, with the faults that a bus has: connections cut, servers that stall, members that do not receive from each other.
// Must not know what is published.

import Host

/// A bus with any number of connections. Messages of one connection to another arrive in order.
public final class SimMessageBus {
    let host: SimHost
    /// The time that a message takes.
    public var latency = Interval(nanoseconds: 100_000)
    /// Messages published, and those of them that reached nobody.
    public private(set) var published: UInt64 = 0
    public private(set) var unreceived: UInt64 = 0
    private var connections: [SimBusConnection] = []
    /// Nothing arrives before this.
    private var stalledUntil = Instant.zero
    /// Receiver and sender between which everything is lost.
    private var deafness: Set<[String]> = []

    public init(on host: SimHost) { self.host = host }

    /// A new connection; `name` is what the faults call it.
    public func connection(_ name: String) -> SimBusConnection {
        let connection = SimBusConnection(name, of: self)
        connections.append(connection)
        return connection
    }

    // MARK: Faults

    /// The server is frozen: what is published arrives late, in order, and nobody is told.
    public func stall(for span: Interval) { stalledUntil = max(stalledUntil, host.now + span) }

    /// From now on the one receives nothing from the other.
    public func deafen(_ name: String, to other: String) { deafness.insert([name, other]) }

    /// Everybody receives from everybody again.
    public func heal() { deafness = [] }

    // MARK: Carrying

    func publish(_ subject: String, reply: String?, _ payload: [UInt8], from sender: SimBusConnection) {
        published += 1
        let words = subject.split(separator: ".")
        var isReceived = false
        for connection in connections where connection !== sender && connection.isOpen && connection.receives(words) {
            isReceived = true
            guard !deafness.contains([connection.name, sender.name]) else { continue }
            let generation = connection.generation
            later { if connection.generation == generation { connection.take(payload, on: subject) } }
        }
        guard !isReceived else { return }
        unreceived += 1
        if let reply { later { sender.takeMiss(reply) } }
    }

    /// Like everything on the bus: after the same time, in order.
    func later(_ body: @escaping () -> Void) { host.at(max(host.now, stalledUntil) + latency, body) }

    func forget(_ connection: SimBusConnection) { connections.removeAll { $0 === connection } }
}

/// One member's connection.
public final class SimBusConnection: MessageBus {
    public let name: String
    private let bus: SimMessageBus
    private var owner: (any BusOwner)?
    private var subscriptions: [[Substring]] = []
    /// Which connection it is: what is on the way to an earlier one is lost.
    private(set) var generation = 0
    private(set) var isOpen = false

    init(_ name: String, of bus: SimMessageBus) {
        self.name = name
        self.bus = bus
    }

    public func open(_ subscriptions: [String], for owner: any BusOwner) {
        self.owner = owner
        self.subscriptions = subscriptions.map { $0.split(separator: ".") }
        connect()
    }

    public func publish(_ subject: String, reply: String?, _ payload: UnsafeRawBufferPointer) {
        if isOpen { bus.publish(subject, reply: reply, Array(payload), from: self) }
    }

    /// It has left already.
    public func flush() {}

    public func leave() {
        (owner, isOpen) = (nil, false)
        bus.forget(self)
    }

    // MARK: Faults

    /// The connection is cut; it is there again after `span`. nil: it does not come back.
    public func cut(for span: Interval?) {
        guard isOpen else { return }
        isOpen = false
        generation += 1
        let lost = generation
        bus.host.at(bus.host.now) { [self] in
            if lost == generation { owner?.busLost(at: bus.host.now) }
        }
        if let span { bus.host.at(bus.host.now + span) { [self] in connect() } }
    }

    /// The member's process is gone: it is told nothing any more, and the bus knows that nobody listens there.
    public func kill() { leave() }

    private func connect() {
        generation += 1
        let opened = generation
        bus.later { [self] in
            guard opened == generation, let owner else { return }
            isOpen = true
            owner.busOpened(at: bus.host.now)
        }
    }

    // MARK: Taking

    func receives(_ words: [Substring]) -> Bool {
        subscriptions.contains { subscription in
            subscription.count == words.count && zip(subscription, words).allSatisfy { $0 == "*" || $0 == $1 }
        }
    }

    func take(_ payload: [UInt8], on subject: String) {
        guard isOpen, let owner else { return }
        payload.withUnsafeBytes { owner.received($0.bytes, on: subject, at: bus.host.now) }
    }

    func takeMiss(_ reply: String) { if isOpen { owner?.missed(reply, at: bus.host.now) } }
}
