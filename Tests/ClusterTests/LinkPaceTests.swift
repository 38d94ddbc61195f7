// When a link sends, how much it may have on the way, and when the next greeting comes: figures that the model does not ask for.
import Host
import Testing

@testable import Cluster

@Suite struct LinkPaceTests {
    private static func instant(_ microseconds: Int64) -> Instant { Instant(nanoseconds: UInt64(10_000_000 + microseconds) * 1_000) }

    private static func settings(_ incarnation: UInt64, _ change: (inout ClusterLink.Settings) -> Void = { _ in }) -> ClusterLink.Settings {
        var settings = ClusterLink.Settings(incarnation: incarnation)
        change(&settings)
        return settings
    }

    /// Two links that are up, with nothing on the way; what the first sent to that end is acknowledged.
    private static func pair(_ change: (inout ClusterLink.Settings) -> Void = { _ in }) throws -> (ClusterLink, ClusterLink) {
        var (one, two) = (ClusterLink(settings(1, change), seed: 1), ClusterLink(settings(2), seed: 2))
        let now = instant(0)
        one.greet(at: now)
        two.greet(at: now)
        one.deadlinePassed(at: now)
        two.deadlinePassed(at: now)
        for _ in 0..<4 {
            let (said, answered) = (hellos(&one), hellos(&two))
            for hello in said { two.received(hello, at: now) }
            for hello in answered { one.received(hello, at: now) }
        }
        try #require(one.state == .up && two.state == .up)
        let messages = (one.message(at: now), two.message(at: now))
        let (first, second) = (try #require(messages.0), try #require(messages.1))
        let areTaken = (two.received(first, at: now), one.received(second, at: now))
        try #require(areTaken.0 && areTaken.1)
        one.forgetEffects()
        two.forgetEffects()
        return (one, two)
    }

    private static func hellos(_ link: inout ClusterLink) -> [LinkHello] {
        defer { link.forgetEffects() }
        return link.effects.compactMap { if case .hello(let hello) = $0 { hello } else { nil } }
    }

    @Test("A record leaves at once when nothing was sent for a millisecond; after that, records gather until the millisecond is over.")
    func gathers() throws {
        var (one, _) = try Self.pair()
        let isQueued = one.queue(bytes: 28)
        let early = one.message(at: Self.instant(999))
        #expect(isQueued && early == nil && one.deadline == Self.instant(1_000))
        _ = one.queue(bytes: 28)
        #expect(one.queuedBytes == 56)
        let header = one.message(at: Self.instant(1_000))
        #expect(header?.sequence == 2 && one.queuedBytes == 0)
        // Nothing is queued: the next to leave is the beat.
        let idle = one.message(at: Self.instant(2_000))
        #expect(idle == nil && one.deadline == Self.instant(251_000))
        // The last one left at 1,000.
        _ = one.queue(bytes: 28)
        let (soon, later) = (one.message(at: Self.instant(1_500)), one.message(at: Self.instant(9_000)))
        #expect(soon == nil && later?.sequence == 3)
        _ = one.queue(bytes: 28)
        let forced = one.flush(at: Self.instant(9_001))
        #expect(forced?.sequence == 4)
    }

    @Test("A beat leaves every quarter of a second, or every quarter of what the peer waits for if that is less, and not in between.")
    func beats() throws {
        var (one, two) = try Self.pair { $0.lostAfter = .milliseconds(400) }
        // The peer of the first waits for a second, that of the second for 400 ms.
        let slow = (one.message(at: Self.instant(249_999)), one.message(at: Self.instant(250_000)))
        #expect(slow.0 == nil && slow.1 != nil)
        let quick = (two.message(at: Self.instant(99_999)), two.message(at: Self.instant(100_000)))
        #expect(quick.0 == nil && quick.1 != nil)
    }

    @Test("A peer that acknowledges too little loses the link when the window is full, and with each acknowledgement it has room again.")
    func window() throws {
        let size = LinkHeader.byteCount + 1_000
        var (one, two) = try Self.pair { $0.windowBytes = 4 * size }
        let now = Self.instant(10_000)
        for _ in 0..<20 {
            _ = one.queue(bytes: 1_000)
            let sent = one.flush(at: now)
            let isTaken = two.received(try #require(sent), at: now)
            _ = two.queue(bytes: 8)
            let answer = two.flush(at: now)
            let isAnswered = one.received(try #require(answer), at: now)
            #expect(isTaken && isAnswered && one.openBytes == 0)
        }
        #expect(one.state == .up)
        for number in 1...4 {
            _ = one.queue(bytes: 1_000)
            let sent = one.flush(at: now)
            #expect(sent != nil && one.openBytes == number * size)
        }
        _ = one.queue(bytes: 1_000)
        let tooMuch = one.flush(at: now)
        #expect(tooMuch == nil && one.effects == [.lost(.slowMember)] && one.state == .greeting && one.openBytes == 0)
        let isQueued = one.queue(bytes: 1)
        let none = one.flush(at: now)
        #expect(!isQueued && none == nil)
    }

    @Test("After an offence the next greeting comes in five seconds and none is answered before; after anything else it comes at once.")
    func quiet() throws {
        for loss in LinkLoss.allCases {
            var (one, _) = try Self.pair()
            let now = Self.instant(10_000)
            one.lose(loss, at: now)
            #expect(one.effects == [.lost(loss)])
            one.forgetEffects()
            let isOffence = [.flooding, .unsupported, .malformed].contains(loss)
            #expect(one.deadline == (isOffence ? now + .seconds(5) : now))
            one.deadlinePassed(at: now)
            one.received(LinkHello(incarnation: 3, nonce: 4, echo: 0, versions: 1...1, capabilities: 0, lostAfter: 1_000), at: now)
            let soon = Self.hellos(&one)
            one.deadlinePassed(at: now + .seconds(5))
            let later = Self.hellos(&one)
            #expect(soon.isEmpty == isOffence && !later.isEmpty)
        }
    }

    @Test("Peers without a version in common are told of once for each start of the peer, and never come up.")
    func versions() {
        var link = ClusterLink(Self.settings(1), seed: 1)
        link.greet(at: Self.instant(0))
        func hello(_ incarnation: UInt64) -> LinkHello {
            LinkHello(incarnation: incarnation, nonce: 9, echo: link.nonce, versions: 2...3, capabilities: 0, lostAfter: 1_000)
        }
        for incarnation: UInt64 in [5, 5, 6] { link.received(hello(incarnation), at: Self.instant(1)) }
        #expect(link.effects == [.incompatible(lowest: 2, highest: 3), .incompatible(lowest: 2, highest: 3)])
        #expect(link.state == .greeting)
    }
}
