// One end of the link between two members of a cell: numbers, nonces and freshness over a bus that may lose, delay, double, reorder and
// repeat messages. A value without bytes: what is sent and received is its owner's; `now` in, effects out.
// Must not know the bus, nor what records mean.

import Host

/// What a link tells its owner.
public enum LinkEffect: Hashable, Sendable {
    /// This greeting is to be sent.
    case hello(LinkHello)
    /// Records can be queued, and those of the peer come. Nothing of an earlier time is left.
    case up(version: UInt8, capabilities: UInt32)
    /// What was queued is gone; what the peer has told does not count any more.
    case lost(LinkLoss)
    /// The peer has no version of the protocol in common with this member; told once for each start of the peer.
    case incompatible(lowest: UInt8, highest: UInt8)
}

/// Why a link was lost.
public enum LinkLoss: String, Hashable, Sendable, CaseIterable {
    /// Nothing that was sent within `lostAfter` has been acknowledged.
    case stale
    /// A message is missing.
    case gap
    /// The peer has begun again.
    case renewed
    /// The bus says that the peer does not listen.
    case missed
    /// The own connection to the bus is lost.
    case busLost = "bus_lost"
    /// The machine was suspended.
    case suspended
    /// The peer acknowledges too little of what it is sent.
    case slowMember = "slow_member"
    /// The peer sends more orders than it may.
    case flooding
    /// A record that this member does not know and must not skip.
    case unsupported
    /// A record or a number that no honest peer sends.
    case malformed
    /// The peer has said that it leaves.
    case peerLeft = "peer_left"
    /// This member leaves.
    case left

    /// The peer would only do it again: the next greeting waits.
    var isOffence: Bool { [.flooding, .unsupported, .malformed].contains(self) }
}

public struct ClusterLink: Sendable {
    public struct Settings: Hashable, Sendable {
        /// The link is lost this long after the last proof that the peer receives and sends. By this end's clock alone.
        public var lostAfter = Interval.seconds(1)
        /// How often something is sent, at least.
        public var beat = Interval.milliseconds(250)
        /// Records wait this long for others after the last message.
        public var gather = Interval.milliseconds(1)
        /// Bytes without an acknowledgement; more loses the link.
        public var windowBytes = 4 << 20
        /// Drawn when this member started.
        public var incarnation: UInt64
        public var versions: ClosedRange<UInt8> = 1...1
        public var capabilities: UInt32 = 0

        public init(incarnation: UInt64) { self.incarnation = incarnation }
    }

    public enum State: Hashable, Sendable {
        /// Greets and is greeted. Can turn into: up, left.
        case greeting
        /// Can turn into: greeting, left.
        case up
        /// This member or the peer has left. Can turn into: greeting, by `greet`.
        case left
    }

    /// A peer's start and try.
    struct Peer: Hashable, Sendable {
        var hello: LinkHello
        func isSame(_ other: LinkHello) -> Bool { hello.incarnation == other.incarnation && hello.nonce == other.nonce }
    }

    public let settings: Settings
    public internal(set) var state = State.left
    public private(set) var effects: [LinkEffect] = []
    /// Messages that did not count: of an earlier try, doubled, old.
    public internal(set) var ignoredCount: UInt64 = 0
    var random: SplitMix
    var peer: Peer?
    /// What the peer must stamp its messages with, and when it was drawn.
    var nonce: UInt64 = 0
    var nonceAt = Instant.zero
    var sent: SentTable
    /// The highest number that has been received.
    var taken: UInt32 = 0
    var freshUntil = Instant.zero
    /// When a greeting or a message must be sent.
    var beatAt = Instant.never
    var sentAt = Instant.zero
    /// Bytes of records that wait to be sent, and what had been received when the oldest of them was queued.
    public internal(set) var queuedBytes = 0
    var vouched: UInt32 = 0
    var version: UInt8 = 0
    /// No greeting before, after an offence of the peer.
    var quietUntil = Instant.zero
    /// The start of a peer with other versions that has been told of.
    var incompatible: UInt64?

    /// - Parameter seed: For the nonces: another one for each link and each start of the program.
    public init(_ settings: Settings, seed: UInt64) {
        self.settings = settings
        random = SplitMix(seed: seed)
        sent = SentTable(start: .zero)
    }

    // MARK: Out

    public mutating func forgetEffects() { effects.removeAll(keepingCapacity: true) }

    /// When `deadlinePassed` and then `message` are to be called.
    public var deadline: Instant {
        switch state {
        case .left: .never
        case .greeting: max(min(nonceAt + settings.lostAfter, beatAt), quietUntil)
        case .up: min(freshUntil + Interval(nanoseconds: 1), queuedBytes > 0 ? min(beatAt, sentAt + settings.gather) : beatAt)
        }
    }

    /// How much of what was sent has no acknowledgement.
    public var openBytes: Int { Int(sent.openBytes) }

    /// The head of the message that is due, if one is; all that is queued goes with it. To be asked at the end of each turn, and after
    /// `deadlinePassed`.
    public mutating func message(at now: Instant) -> LinkHeader? {
        guard state == .up, now >= beatAt || queuedBytes > 0 && now >= sentAt + settings.gather else { return nil }
        return flush(at: now)
    }

    /// The head of a message with all that is queued, due or not: when the next record does not fit. nil when the link is not up.
    public mutating func flush(at now: Instant) -> LinkHeader? {
        guard state == .up else { return nil }
        // Numbers do not begin again: after weeks, the link does.
        guard sent.last < UInt32.max - 1 else {
            lose(.renewed, at: now)
            return nil
        }
        let ack = queuedBytes > 0 ? vouched : taken
        sent.append(at: now, bytes: LinkHeader.byteCount + queuedBytes)
        queuedBytes = 0
        guard sent.openBytes <= UInt64(settings.windowBytes) else {
            lose(.slowMember, at: now)
            return nil
        }
        sentAt = now
        beatAt = now + beat
        return LinkHeader(version: version, nonce: peer?.hello.nonce ?? 0, sequence: sent.last, ack: ack)
    }

    /// Own beat, or a quarter of what the peer waits for a sign of life; never less than 10 ms.
    private var beat: Interval {
        guard let peer else { return settings.beat }
        return max(min(settings.beat, .milliseconds(Int64(peer.hello.lostAfterMilliseconds / 4))), .milliseconds(10))
    }

    // MARK: In

    /// The peer is there: begins to greet. Nothing when it has begun already.
    public mutating func greet(at now: Instant) {
        if state == .left { restart(at: now) }
    }

    /// A record is queued: it goes with the next message.
    /// - Parameter bytes: Its length; at least 1.
    /// - Returns: false when the link is not up: the record is for nobody.
    public mutating func queue(bytes: Int) -> Bool {
        guard state == .up else { return false }
        // A message is as fresh as its oldest record.
        if queuedBytes == 0 { vouched = taken }
        queuedBytes += bytes
        return true
    }

    public mutating func deadlinePassed(at now: Instant) {
        if state == .up, now > freshUntil { lose(.stale, at: now) }
        guard state == .greeting, now >= quietUntil else { return }
        if now - nonceAt >= settings.lostAfter { restart(at: now) }
        if now >= beatAt {
            hello()
            beatAt = now + settings.beat
        }
    }

    /// Loses the link, if it is up, and greets again; after an offence only in five seconds.
    public mutating func lose(_ loss: LinkLoss, at now: Instant) {
        guard state == .up else { return }
        effects.append(.lost(loss))
        restart(at: now)
        if loss.isOffence { quietUntil = now + Self.quiet }
    }

    static var quiet: Interval { .seconds(5) }

    /// The bus says that the peer does not listen (503).
    public mutating func missed(at now: Instant) { lose(.missed, at: now) }

    /// This member leaves, or the peer has said that it does: no greeting follows, and none is answered, until `greet`.
    public mutating func leave(_ loss: LinkLoss = .left) {
        if state == .up { effects.append(.lost(loss)) }
        (state, queuedBytes, peer) = (.left, 0, nil)
    }

    // MARK: Changes

    /// A new try: with a new nonce, and nothing known of the peer.
    mutating func restart(at now: Instant) {
        (state, peer, queuedBytes, taken, vouched) = (.greeting, nil, 0, 0, 0)
        repeat { nonce = random.next() } while nonce == 0
        (nonceAt, beatAt) = (now, now)
        sent.restart(at: now)
        freshUntil = now + settings.lostAfter
    }

    mutating func hello(echo: UInt64? = nil) {
        effects.append(
            .hello(
                LinkHello(
                    incarnation: settings.incarnation, nonce: nonce, echo: echo ?? peer?.hello.nonce ?? 0, versions: settings.versions,
                    capabilities: settings.capabilities, lostAfter: UInt32(clamping: settings.lostAfter.milliseconds))))
    }

    mutating func connect(_ version: UInt8, _ capabilities: UInt32, at now: Instant) {
        state = .up
        self.version = version
        (taken, vouched, queuedBytes) = (0, 0, 0)
        sent.restart(at: nonceAt)
        // Until something is acknowledged, all that is known is that the peer has received the nonce.
        freshUntil = nonceAt + settings.lostAfter
        (beatAt, sentAt) = (now, .zero)
        effects.append(.up(version: version, capabilities: capabilities))
    }

    mutating func tellIncompatible(_ hello: LinkHello) {
        guard incompatible != hello.incarnation else { return }
        incompatible = hello.incarnation
        effects.append(.incompatible(lowest: hello.lowest, highest: hello.highest))
    }
}
