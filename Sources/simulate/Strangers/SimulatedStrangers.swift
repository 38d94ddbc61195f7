// Who comes to a simulated listener and does not belong: now and then one, at times a flood, from one address, one network or many.
// Must not know what becomes of them.

import Guard
import Host
import SimHost

/// Sends strangers.
final class SimulatedStrangers: SimActor {
    enum Wake: UInt32 { case visit, flood }

    private let host: SimHost
    private let monitor: Monitor
    private let entrance: SimulatedEntrance
    private let tokens: SimulatedTokens
    private var random: SimRandom
    private var attachment: SimActorID?
    private(set) var floods = 0
    var isClosing = false

    private static let visitEvery = Interval.seconds(20)
    private static let floodEvery = Interval.seconds(600)

    init(_ host: SimHost, _ monitor: Monitor, _ entrance: SimulatedEntrance, _ tokens: SimulatedTokens, seed: UInt64) {
        self.host = host
        self.monitor = monitor
        self.entrance = entrance
        self.tokens = tokens
        random = SimRandom(seed: seed)
        attachment = host.enlist(self)
        ask(.visit, in: random.around(Self.visitEvery))
        ask(.flood, in: random.around(Self.floodEvery))
    }

    private func ask(_ wake: Wake, in span: Interval) { host.wake(attachment!, at: host.now + span, code: wake.rawValue) }

    func woken(_ code: UInt32, at now: Instant) {
        monitor.now = now
        if isClosing { return }
        switch Wake(rawValue: code)! {
        case .visit:
            begin(anything(from: anybody()))
            ask(.visit, in: random.around(Self.visitEvery))
        case .flood:
            flood()
            ask(.flood, in: random.around(Self.floodEvery))
        }
    }

    private func begin(_ manner: SimulatedStranger.Manner) {
        if !isClosing { SimulatedStranger(host, entrance, manner).begin() }
    }

    // MARK: Where from

    /// One of those from where clients come: addresses, and networks in which every connection has another address.
    static func clientAddress(_ random: inout SimRandom) -> SimulatedAddress {
        let number = random.within(1...8)
        return number <= 5 ? .v4(18, number) : .v6(number, &random)
    }

    private func anybody() -> SimulatedAddress {
        switch random.below(8) {
        case 0: .own
        case 1: .proxy
        case 2: Self.clientAddress(&random)
        case 3: .v6(0x66, &random)
        case 4, 5: .v4(19, random.within(1...4))
        default: .v4(51, random.within(0...65_535))
        }
    }

    // MARK: What they do

    private func anything(from address: SimulatedAddress) -> SimulatedStranger.Manner {
        switch random.below(8) {
        case 0: silent(from: address)
        case 1: half(from: address)
        case 2: whole(.nonsense(from: address, &random), pieces: 1)
        case 3: whole(SimulatedHead(kind: .page, address: address))
        case 4: whole(SimulatedHead(kind: random.happens(1, of: 2) ? .foreignHost : .foreignOrigin, address: address))
        case 5: forwarded(from: address)
        default: guess(from: address)
        }
    }

    private func silent(from address: SimulatedAddress) -> SimulatedStranger.Manner {
        // Some outstay the deadline of the head.
        SimulatedStranger.Manner(
            head: SimulatedHead(address: address), pieces: [], isWhole: false, pace: .zero, patience: random.within(.zero ... .seconds(8)))
    }

    private func half(from address: SimulatedAddress) -> SimulatedStranger.Manner {
        let head = SimulatedHead(address: address, secret: secret(), carrier: random.within(0...3))
        let pieces = head.pieces(random.within(2...60), &random).dropLast()
        return SimulatedStranger.Manner(
            head: head, pieces: Array(pieces), isWhole: false, pace: random.within(.zero ... .milliseconds(400)), patience: .seconds(8))
    }

    private func whole(_ head: SimulatedHead, pieces: Int = 4) -> SimulatedStranger.Manner {
        SimulatedStranger.Manner(
            head: head, pieces: head.pieces(pieces == 1 ? 1 : random.within(1...pieces), &random), isWhole: true,
            pace: random.within(.zero ... .milliseconds(40)), patience: random.within(.zero ... .seconds(2)))
    }

    /// A token that nobody was given, or one that is over; some show none.
    private func secret() -> String? {
        if random.happens(1, of: 6) { return nil }
        if random.happens(1, of: 3), let old = tokens.overSecret(&random) { return old }
        return TokenSecret((0..<TokenSecret.byteCount).map { _ in UInt8(random.below(256)) }).text
    }

    private func guess(from address: SimulatedAddress) -> SimulatedStranger.Manner {
        whole(SimulatedHead(address: address, secret: secret(), carrier: random.within(0...3)))
    }

    /// Through a proxy that is trusted, or one that is not.
    private func forwarded(from address: SimulatedAddress) -> SimulatedStranger.Manner {
        let client = random.happens(1, of: 4) ? SimulatedAddress.v6(0x77, &random) : .v4(20, random.within(1...3))
        return whole(SimulatedHead(address: address, forwardedFor: client, secret: secret(), carrier: random.within(0...3)))
    }

    // MARK: Floods

    private func flood() {
        floods += 1
        let kind = random.below(5)
        let count: Int
        let gap: Interval
        switch kind {
        case 0:
            // Connections of one address that say nothing, or half a head.
            (count, gap) = (random.within(10...SimulatedEntrance.strangersMax * 4), random.within(.zero ... .milliseconds(50)))
        case 1:
            // Guesses from all over one network.
            (count, gap) = (random.within(8...40), random.within(.zero ... .seconds(1)))
        case 2:
            // Guesses from many addresses: more than are remembered.
            (count, gap) = (random.within(20...SimulatedEntrance.addressesMax * 2), random.within(.zero ... .milliseconds(100)))
        case 3:
            // Guesses of one address, some of them too slow for a pause.
            (count, gap) = (random.within(10...40), random.within(.zero ... .seconds(8)))
        default: (count, gap) = (random.within(10...80), random.within(.zero ... .milliseconds(300)))
        }
        monitor.note("a flood of kind \(kind): \(count) connections")
        let address = kind == 1 ? SimulatedAddress.v6(0x66, &random) : anybody()
        for number in 0..<count {
            host.at(host.now + gap * Int64(number)) { [unowned self] in
                monitor.now = host.now
                begin(manner(of: kind, from: address))
            }
        }
    }

    private func manner(of kind: UInt64, from address: SimulatedAddress) -> SimulatedStranger.Manner {
        switch kind {
        case 0: random.happens(1, of: 2) ? silent(from: address) : half(from: address)
        case 1: guess(from: .v6(0x66, &random))
        case 2: guess(from: .v4(51, random.within(0...65_535)))
        case 3: guess(from: address)
        default: anything(from: anybody())
        }
    }
}
