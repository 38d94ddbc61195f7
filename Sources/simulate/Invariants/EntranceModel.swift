// What the simulation itself believes of those who are not let in yet: who may come in, who has to wait, who gives way.
// Must not ask the product's cores: what they decide is checked against this.

import Entrance
import Guard
import Host

/// What became of a head.
enum EntranceVerdict {
    case waits
    case admitted(HeadCore.Entrant)
    case page
    case refused(status: Int)

    init(_ step: HeadCore.Step) {
        switch step {
        case .needMore: self = .waits
        case .admitted(let entrant, _): self = .admitted(entrant)
        case .page: self = .page
        case .refused(let refusal, _): self = .refused(status: refusal.status)
        }
    }

    /// For people, and to compare.
    var outcome: EntranceModel.Outcome {
        switch self {
        case .waits: .waits
        case .admitted(let entrant): .admitted(entrant.token)
        case .page: .page
        case .refused(let status): .refused(status)
        }
    }
}

/// The connections that are there, and the addresses that have failed.
final class EntranceModel {
    enum Outcome: Hashable {
        case waits
        case admitted(String?)
        case page
        case refused(Int)

        /// For the hash of a run.
        var number: UInt64 {
            switch self {
            case .waits: 1
            case .admitted(let token): token == nil ? 2 : 3
            case .page: 4
            case .refused(let status): UInt64(status) + 5
            }
        }
    }

    private struct Waiting {
        var index: Int32
        var isStranger: Bool
        var began: Instant
        /// When it was answered; nil while its head goes on.
        var answeredAt: Instant?
    }

    unowned let world: WorldModel
    private let strangersMax: Int
    private let addressesMax: Int
    /// In the order in which they came.
    private var waiting: [Waiting] = []
    /// Let in, and not gone.
    private var greeted: Set<Int32> = []
    /// The slots of the sessions among them.
    private(set) var sessions: Set<Int32> = []
    private(set) var failures: [FailedAddress] = []
    /// By secret.
    var tokens: [String: TokenFact] = [:]
    /// What the calendar says.
    var wall: () -> WallTime = { WallTime(milliseconds: 0) }
    /// A session has ended, and so its connection has.
    var sessionIsOver: (Int32) -> Void = { _ in }
    /// The connection that becomes a session next.
    private var opening: Int32?

    init(_ world: WorldModel, strangersMax: Int, addressesMax: Int) {
        self.world = world
        self.strangersMax = strangersMax
        self.addressesMax = addressesMax
    }

    // MARK: Connections

    func arrived(_ index: Int32, from address: SimulatedAddress, isStranger: Bool) {
        world.note("connection \(index) from \(address.text)")
        world.check(.strangers, isStranger == !address.isOwn, "\(address.text) counts as \(isStranger ? "a stranger" : "this computer")")
        let isFree = !greeted.contains(index) && !waiting.contains { $0.index == index }
        world.check(.strangers, isFree, "connection \(index) was given to two")
        waiting.append(Waiting(index: index, isStranger: !address.isOwn, began: world.now))
    }

    /// It is closed because there are too many.
    func gaveWay(_ index: Int32) {
        world.note("connection \(index) gives way")
        world.check(.strangers, !greeted.contains(index), "connection \(index) was let in, and is closed for a stranger")
        world.check(.strangers, strangerCount > strangersMax, "connection \(index) gives way, and there was room")
        let oldest = waiting.first { $0.isStranger }
        world.check(.strangers, oldest?.index == index, "connection \(index) gives way, and \(oldest?.index ?? -1) is the oldest stranger")
    }

    /// It is gone.
    func gone(_ index: Int32) {
        world.note("connection \(index) is gone")
        waiting.removeAll { $0.index == index }
        greeted.remove(index)
        sessions.remove(index)
    }

    private var strangerCount: Int { waiting.count { $0.isStranger } }

    func checkBound() {
        world.check(.strangers, strangerCount <= strangersMax, "\(strangerCount) strangers, and \(strangersMax) may be there")
    }

    // MARK: Heads

    /// Bytes of a head were read.
    func decided(_ index: Int32, _ head: SimulatedHead, isWhole: Bool, _ verdict: EntranceVerdict) {
        decided(index, head, isWhole: isWhole, verdict.outcome)
    }

    func decided(_ index: Int32, _ head: SimulatedHead, isWhole: Bool, _ outcome: Outcome) {
        world.hash.add(UInt64(index) << 16 | outcome.number)
        guard isWhole else {
            return world.check(.entrance, outcome == .waits, "connection \(index) has sent half a head: \(outcome)")
        }
        world.note("connection \(index): \(head.kind) for \(head.group): \(outcome)")
        let possible = possibleOutcomes(of: head)
        let isPace = outcome == .refused(429) || possible == [.refused(429)]
        world.check(isPace ? .guessing : .entrance, possible.contains(outcome), "\(head) was \(outcome), expected \(possible)")
        if outcome == .refused(401) { fail(head.group) }
        guard let place = waiting.firstIndex(where: { $0.index == index }) else {
            return world.check(.entrance, false, "connection \(index) is not there, and was \(outcome)")
        }
        if case .admitted = outcome {
            waiting.remove(at: place)
            greeted.insert(index)
        } else {
            waiting[place].answeredAt = world.now
        }
    }

    /// What may become of a whole head; several where the model cannot know.
    private func possibleOutcomes(of head: SimulatedHead) -> Set<Outcome> {
        switch head.kind {
        case .nonsense(let status): return [.refused(status)]
        case .foreignHost: return [.refused(403)]
        case .page: return [.page]
        case .upgrade, .foreignOrigin: break
        }
        if !head.isLocal, isRefused(head.group) { return [.refused(429)] }
        let wrong = Outcome.refused(isRefused(head.group) ? 429 : 401)
        guard let secret = head.secret else {
            guard head.isLocal else { return [wrong] }
            return [head.kind == .foreignOrigin ? .refused(403) : .admitted(nil)]
        }
        guard let fact = tokens[secret], !fact.isRevoked, !fact.isOver(at: wall()) else { return [wrong] }
        let all = world.live.filter { $0.peer.token == fact.name }
        var possible: Set<Outcome> = fact.mayBeForgotten ? [wrong] : []
        // Whether one that is about to end still counts depends on the moment within the turn.
        if all.count >= fact.sessionsMax { possible.insert(.refused(503)) }
        if all.count(where: { !$0.isLeaving && !world.isExpired($0) }) < fact.sessionsMax { possible.insert(.admitted(fact.name)) }
        return possible
    }

    // MARK: Failures

    /// An address that has shown no token that counts.
    struct FailedAddress {
        var group: String
        var times: [Instant] = []
        var refusedUntil = Instant.zero
    }

    private func isRefused(_ group: String) -> Bool { failures.contains { $0.group == group && $0.refusedUntil > world.now } }

    private func fail(_ group: String) {
        var one = FailedAddress(group: group)
        if let place = failures.firstIndex(where: { $0.group == group }) { one = failures.remove(at: place) }
        one.times = one.times.filter { world.now - $0 < .seconds(60) } + [world.now]
        if one.times.count == 10 {
            one.times = []
            one.refusedUntil = world.now + .seconds(60)
            world.note("\(group) is refused for a minute")
        }
        // The one that was quiet for longest is the first.
        failures.append(one)
        if failures.count > addressesMax { failures.removeFirst() }
    }

    // MARK: Sessions

    /// A connection that was let in becomes a session; the monitor is told of it next.
    func opened(_ index: Int32) { opening = index }

    /// A session has begun.
    func began(_ session: SessionModel) {
        session.connection = opening
        opening = nil
        world.check(.entrance, session.connection.map(greeted.contains) ?? false, "#\(session.number) was never let in")
        if let connection = session.connection { sessions.insert(connection) }
        let isOwn = session.peer.address == SimulatedAddress.own.text
        world.check(.entrance, session.peer.isLocal == isOwn, "#\(session.number) from \(session.peer.address) counts as the wrong place")
    }

    func ended(_ session: SessionModel) {
        if let connection = session.connection { sessionIsOver(connection) }
    }

    // MARK: The end of a turn

    func endOfTurn() {
        for session in world.live {
            let isThere = session.connection.map(greeted.contains) ?? false
            world.check(.entrance, isThere, "#\(session.number) has no connection that was let in")
            let hasRight = session.peer.isLocal || session.peer.token != nil
            world.check(.entrance, hasRight, "#\(session.number) is from elsewhere, without a token")
        }
        let limits = world.settings.limits
        for one in waiting {
            let end = one.answeredAt.map { $0 + limits.closeTimeout } ?? one.began + limits.headTimeout
            world.check(.strangers, world.now < max(end, world.leapEnd) + Monitor.tick, "connection \(one.index) waits too long")
        }
    }

    /// - Parameters: How much the product keeps.
    func checkMemory(connections: Int, strangers: Int, addresses: Int) {
        let known = waiting.count + greeted.count
        world.check(.queues, connections == known, "\(connections) connections are kept, and \(known) are there")
        world.check(.queues, strangers == strangerCount, "\(strangers) strangers are kept, and \(strangerCount) are there")
        world.check(
            .queues, addresses == failures.count && addresses <= addressesMax, "\(addresses) addresses are kept, of \(failures.count)")
    }

    /// Everybody has left.
    func checkEnd() {
        world.check(.queues, waiting.isEmpty && greeted.isEmpty, "\(waiting.count) wait and \(greeted.count) are there at the end")
    }
}
