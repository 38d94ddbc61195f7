// Two links over a bus that loses, delays, doubles, reorders and repeats, between processes that crash and freeze: what must hold for any
// seed, and that each rule of the link is needed for it.
import Foundation
import Host
import Testing

@testable import Cluster

/// A rule that is taken away, to see that the model finds that.
enum MissingRule: CaseIterable {
    case nonce, sequence, freshness
    /// `ack` is what was received when the message was sent, not when its oldest record was queued.
    case vouching
}

struct Broken: Error, CustomStringConvertible {
    var description: String
}

/// What a link of the model sends. The records are the model's own.
private enum Parcel {
    case hello(LinkHello)
    case numbered(LinkHeader, [Given])
}

/// An order of a session, or its end.
private struct Given {
    var session: Int
    var number: Int
    var isEnd: Bool
}

/// One direction of the bus. Milliseconds.
private struct Way {
    private var queue: [(at: Int, order: Int, parcel: Parcel)] = []
    private var past: [Parcel] = []
    private var freeAt = 0
    private var order = 0
    var cutUntil = 0

    mutating func stall(until end: Int) {
        freeAt = max(freeAt, end)
        for place in queue.indices { queue[place].at = max(queue[place].at, end) }
    }

    private mutating func add(_ at: Int, _ parcel: Parcel) {
        order += 1
        queue.append((at, order, parcel))
    }

    mutating func send(_ parcel: Parcel, at now: Int, isFaulty: Bool, _ random: inout SplitMix) {
        if past.count < 400 || random.isOne(in: 10) { past.append(parcel) }
        if now < cutUntil || isFaulty && random.isOne(in: 1_000) { return }
        // A subject of one publisher keeps its order …
        freeAt = max(now + Int.random(in: 0...3, using: &random) * 5, freeAt)
        let at = freeAt
        let isLate = isFaulty && random.isOne(in: 1_000)
        // … unless something is wrong.
        add(isLate ? at + Int.random(in: 5...300, using: &random) : at, parcel)
        guard isFaulty else { return }
        if random.isOne(in: 500) { add(at + Int.random(in: 0...400, using: &random), parcel) }
        if random.isOne(in: 500), let old = past.randomElement(using: &random) { add(at, old) }
    }

    mutating func arrived(at now: Int) -> [Parcel] {
        guard queue.contains(where: { $0.at <= now }) else { return [] }
        let due = queue.filter { $0.at <= now }.sorted { ($0.at, $0.order) < ($1.at, $1.order) }
        queue.removeAll { $0.at <= now }
        return due.map(\.parcel)
    }
}

extension SplitMix {
    fileprivate mutating func isOne(in count: UInt64) -> Bool { next() % count == 0 }
}

/// One member's end, with the records that wait.
private struct End {
    var link: ClusterLink
    var waiting: [Given] = []
    var losses = 0
    private let missing: MissingRule?

    init(_ random: inout SplitMix, at now: Int, without missing: MissingRule?) {
        link = ClusterLink(ClusterLink.Settings(incarnation: random.next()), seed: random.next())
        self.missing = missing
        link.greet(at: instant(now))
    }

    private func instant(_ now: Int) -> Instant { Instant(nanoseconds: UInt64(now + 10_000) * 1_000_000) }

    mutating func give(_ given: Given) { if link.queue(bytes: 28) { waiting.append(given) } }

    /// What is received and counts.
    mutating func receive(_ parcel: Parcel, at now: Int) -> [Given] {
        var found: [Given] = []
        switch parcel {
        case .hello(let hello): link.received(hello, at: instant(now))
        case .numbered(var header, let given):
            weaken(&header)
            if link.received(header, at: instant(now)) { found = given }
        }
        return found
    }

    /// Takes a rule away without any help of the link.
    private mutating func weaken(_ header: inout LinkHeader) {
        switch missing {
        case .nonce: header.nonce = link.nonce
        case .sequence: if header.nonce == link.nonce { header.sequence = link.taken + 1 }
        default: break
        }
        // Without these rules an acknowledgement can be one of an earlier try.
        if missing != nil { header.ack = min(header.ack, link.sent.last) }
    }

    /// Time passes, and the turn ends.
    mutating func turn(at now: Int, _ random: inout SplitMix) -> [Parcel] {
        var parcels: [Parcel] = []
        if missing == .freshness { link.freshUntil = .never }
        link.deadlinePassed(at: instant(now))
        parcels += takeEffects()
        if missing == .vouching { link.vouched = link.taken }
        // Records may wait for others.
        if now >= Int(link.beatAt.nanoseconds / 1_000_000) - 10_000 || random.isOne(in: 3), let header = link.message(at: instant(now)) {
            parcels.append(.numbered(header, waiting))
            waiting = []
        }
        return parcels + takeEffects()
    }

    mutating func takeEffects() -> [Parcel] {
        var parcels: [Parcel] = []
        for effect in link.effects {
            switch effect {
            case .hello(let hello): parcels.append(.hello(hello))
            case .lost:
                losses += 1
                waiting = []
            default: break
            }
        }
        link.forgetEffects()
        return parcels
    }
}

/// Member 0 is an entry with sessions that give orders and end; member 1 is the home that holds what they want.
struct LinkModel {
    private static let lost = 1_000
    private static let step = 5

    private var random: SplitMix
    private let missing: MissingRule?
    private let seconds: Int
    private var ends: [End] = []
    private var ways = [Way(), Way()]
    private var frozen = [0, 0]
    /// A freeze of the home that begins after another fault.
    private var later: (from: Int, until: Int)?
    private var open: [Int] = []
    /// When each session was last known to be open.
    private var alive: [Int] = []
    private var issued: [Int] = [0]
    private var held: [Int: Int] = [:]
    private var applied: [Int: Int] = [:]
    private var lossesSeen = 0
    private(set) var orders = 0
    private(set) var losses = 0
    private(set) var latest = 0
    private(set) var effective = 0

    init(seed: UInt64, seconds: Int, without missing: MissingRule? = nil) {
        random = SplitMix(seed: seed)
        self.missing = missing
        self.seconds = seconds
        for _ in 0..<2 { ends.append(End(&random, at: 0, without: missing)) }
    }

    mutating func run() throws {
        let end = seconds * 1_000
        for now in stride(from: 0, to: end, by: Self.step) {
            let isFaulty = now < end - 6_000
            if isFaulty, random.next() % 1_000 < 3 { fail(at: now) }
            if let freeze = later, freeze.from <= now {
                frozen[1] = freeze.until
                later = nil
            }
            for member in 0...1 where now >= frozen[member] { try turn(of: member, at: now, isFaulty: isFaulty) }
        }
        guard ends.allSatisfy({ $0.link.state == .up }) else { throw Broken(description: "not up six seconds after the last fault") }
        losses += ends[0].losses + ends[1].losses
    }

    private mutating func fail(at now: Int) {
        let member = Int(random.next() % 2)
        let span = [50, 300, 700, 950, 1_500, 4_000][Int(random.next() % 6)]
        switch random.next() % 6 {
        case 0, 1: ways[member].stall(until: now + span)
        case 2: ways[member].cutUntil = now + span
        case 3: frozen[member] = now + span
        // The entry, and soon after it the home for longer: an order that waited in the one arrives late in the other.
        case 4:
            frozen[0] = now + span
            later = (now + Int.random(in: 5...400, using: &random), now + Int.random(in: 900...1_300, using: &random))
        default:
            losses += ends[member].losses
            if member == 0 {
                open = []
            } else {
                (held, applied, lossesSeen) = ([:], [:], 0)
            }
            ends[member] = End(&random, at: now, without: missing)
        }
    }

    private mutating func turn(of member: Int, at now: Int, isFaulty: Bool) throws {
        var out: [Parcel] = []
        for parcel in ways[member].arrived(at: now) {
            let given = ends[member].receive(parcel, at: now)
            out += ends[member].takeEffects()
            if member == 1 { try apply(given, at: now) }
        }
        if member == 0 { useSessions(at: now) }
        out += ends[member].turn(at: now, &random)
        if member == 1 {
            try apply([], at: now)
            for (session, _) in held where now - alive[session] > Self.lost + Self.step {
                throw Broken(description: "session \(session) drives \(now - alive[session]) ms after its end")
            }
        }
        for parcel in out { ways[1 - member].send(parcel, at: now, isFaulty: isFaulty, &random) }
    }

    private mutating func apply(_ given: [Given], at now: Int) throws {
        if ends[1].losses != lossesSeen {
            held = [:]
            lossesSeen = ends[1].losses
        }
        for one in given {
            if one.number <= applied[one.session, default: 0] {
                throw Broken(description: "order \(one.number) of session \(one.session) applied after \(applied[one.session] ?? 0)")
            }
            applied[one.session] = one.number
            let age = now - issued[one.number]
            latest = max(latest, age)
            if age > Self.lost { throw Broken(description: "order \(one.number) took effect after \(age) ms") }
            effective += 1
            held[one.session] = one.isEnd ? nil : one.number
        }
    }

    private mutating func useSessions(at now: Int) {
        if random.isOne(in: 50), open.count < 6 {
            open.append(alive.count)
            alive.append(now)
        }
        for session in open {
            alive[session] = now
            let isUp = ends[0].link.state == .up
            let gives = isUp && random.next() % 100 < 8
            let ends = gives ? random.isOne(in: 10) : random.isOne(in: 500)
            if ends { open.removeAll { $0 == session } }
            guard gives || ends else { continue }
            issued.append(now)
            orders += 1
            self.ends[0].give(Given(session: session, number: issued.count - 1, isEnd: ends))
        }
    }
}

@Suite struct LinkModelTests {
    private func broken(_ seed: UInt64, seconds: Int = 60, without missing: MissingRule? = nil) -> String? {
        var model = LinkModel(seed: seed, seconds: seconds, without: missing)
        do { try model.run() } catch { return "seed \(seed): \(error)" }
        return nil
    }

    @Test("For any seed no order is applied twice, out of order or late, nothing outlives its session, and the link heals.")
    func holds() {
        // `PLUGBOARD_LINK_SEEDS=1000 swift test --filter LinkModelTests` tries more.
        let seeds = ProcessInfo.processInfo.environment["PLUGBOARD_LINK_SEEDS"].flatMap(UInt64.init) ?? 12
        var (orders, losses, effective, latest) = (0, 0, 0, 0)
        for seed in 0..<seeds {
            var model = LinkModel(seed: seed, seconds: 60)
            #expect(throws: Never.self, "seed \(seed)") { try model.run() }
            orders += model.orders
            losses += model.losses
            effective += model.effective
            latest = max(latest, model.latest)
        }
        // The faults have happened, and most orders have arrived.
        #expect(losses >= Int(seeds) * 3 && effective > orders / 2 && latest > 500)
        if seeds > 12 {
            print("\(seeds) seeds: \(orders) orders, \(effective) took effect, \(losses) lost links, the latest after \(latest) ms")
        }
    }

    @Test(
        "Each rule is needed: without it the model breaks within so many seeds.",
        arguments: MissingRule.allCases)
    func canaries(missing: MissingRule) {
        let seeds: UInt64 = missing == .vouching ? 500 : 50
        let found = (0..<seeds).first { broken($0, without: missing) != nil }
        #expect(found != nil)
        if let found { print("without \(missing): seed \(found)") }
    }

    @Test("The same seed gives the same run.")
    func repeats() throws {
        var (first, second) = (LinkModel(seed: 5, seconds: 20), LinkModel(seed: 5, seconds: 20))
        try first.run()
        try second.run()
        #expect(first.orders == second.orders && first.losses == second.losses && first.latest == second.latest && first.orders > 0)
    }
}
