// Tokens that are made, end and are revoked at random, a calendar that is set now and then, and clients that show tokens.
// Must not end a session: the router does, and the monitor checks when.

import Guard
import Host
import Router
import SimHost

/// The tokens of a simulated world, with the product's own table and gate.
final class SimulatedTokens: SimActor, Entry {
    enum Wake: UInt32 { case look, change, setClock }

    private let host: SimHost
    private let monitor: Monitor
    private let runner: RouterRunner
    private var random: SimRandom
    private var attachment: SimActorID?
    private(set) var gate: TokenGate!
    /// How far the calendar is from where it began, apart from the time that has passed.
    private var shift = Interval.zero
    /// Secrets that somebody has: also of tokens that are over.
    private var secrets: [(name: String, secret: TokenSecret)] = []
    private var made = 0
    /// What a connection that is under way will show.
    private var shown: [String: TokenSecret] = [:]
    /// Connections that were refused for their token.
    private(set) var refused = 0
    var isClosing = false

    private static let look = Interval.seconds(1)
    private static let changeEvery = Interval.seconds(60)
    private static let setClockEvery = Interval.seconds(1_200)
    private static let tokensMax = 8

    init(_ host: SimHost, _ monitor: Monitor, _ runner: RouterRunner, seed: UInt64) {
        self.host = host
        self.monitor = monitor
        self.runner = runner
        random = SimRandom(seed: seed)
        gate = TokenGate(TokenTable(), wall: { [unowned self] in wall }) { [unowned runner] in runner.sessionCount(ofToken: $0) }
        attachment = host.enlist(self)
        monitor.entrance?.wall = { [unowned self] in wall }
        for _ in 0..<Self.tokensMax / 2 { make() }
        ask(.look, in: Self.look)
        ask(.change, in: random.around(Self.changeEvery))
        ask(.setClock, in: random.around(Self.setClockEvery))
    }

    /// Far from 1970, so that the calendar can be set back.
    private var wall: WallTime {
        WallTime(milliseconds: 1_800_000_000_000 + Int64(host.now.nanoseconds / 1_000_000) + shift.milliseconds)
    }

    private func ask(_ wake: Wake, in span: Interval) { host.wake(attachment!, at: host.now + span, code: wake.rawValue) }

    func woken(_ code: UInt32, at now: Instant) {
        monitor.now = now
        if isClosing { return }
        switch Wake(rawValue: code)! {
        case .look:
            follow(gate.look(at: now))
            ask(.look, in: Self.look)
        case .change:
            change()
            ask(.change, in: random.around(Self.changeEvery))
        case .setClock:
            let distance = random.within(.zero ... .seconds(1_200))
            shift = random.happens(1, of: 2) ? shift + distance : shift - distance
            monitor.note("the calendar is set by \(shift.milliseconds) ms in all")
            ask(.setClock, in: random.around(Self.setClockEvery))
        }
    }

    // MARK: Tokens

    private func change() {
        let valid = gate.table.tokens.filter { !$0.isOver(at: wall) }
        guard valid.count >= Self.tokensMax || !valid.isEmpty && random.happens(1, of: 4) else { return make() }
        let token = random.pick(valid)
        monitor.note("token \(token.name) is revoked")
        do throws(TokenRefusal) { follow(try gate.revoke(token.name, at: host.now)) } catch {
            monitor.check(.tokens, false, "\(token.name): \(error)")
        }
    }

    private func make() {
        made += 1
        var token = Token("guest-\(made)", TokenDigest(of: ""), created: wall)
        if random.happens(3, of: 4) { token.expires = wall + random.within(.seconds(1) ... .seconds(1_800)) }
        token.sessionsMax = random.within(1...8)
        let secret = TokenSecret((0..<TokenSecret.byteCount).map { _ in UInt8(random.below(256)) })
        token.digest = secret.digest
        secrets.append((token.name, secret))
        if secrets.count > 4 * Self.tokensMax { secrets.removeFirst() }
        monitor.note("token \(token.name) is made, until \(token.expires?.description ?? "revoked")")
        let limit = 4 * Self.tokensMax
        guard gate.table.refusal(ofName: token.name, limit: limit, at: wall) == nil else { return }
        monitor.entrance?.tokenMade(secret.text, TokenFact(name: token.name, expires: token.expires, sessionsMax: token.sessionsMax))
        follow(gate.setMade(gate.table.made(with: token, limit: limit, at: wall), at: host.now))
    }

    private func follow(_ effects: [TokenEffect]) {
        for effect in effects {
            switch effect {
            case .revoked(let name):
                monitor.tokenRevoked(name)
                runner.revoke(token: name)
            case .ends(let name, let instant):
                monitor.tokenEnds(name, at: instant)
                runner.tokenEnds(name, at: instant)
            }
        }
    }

    // MARK: Connections

    /// A client is about to connect: two of three show a token, sometimes one that is over.
    /// - Parameter asks: A token is needed where it connects, and nearly all have one.
    func connects(_ peer: Peer, asks: Bool = false) {
        guard asks ? random.happens(15, of: 16) : random.happens(2, of: 3), !secrets.isEmpty, let origin = peer.origin else { return }
        let valid = secrets.filter { one in gate.table[one.name].map { !$0.isOver(at: wall) } ?? false }
        shown[origin] = random.pick(valid.isEmpty || random.happens(1, of: 5) ? secrets : valid).secret
    }

    /// What the connection will show.
    func shows(_ peer: Peer) -> String? { peer.origin.flatMap { shown[$0]?.text } }

    /// A secret whose token is over, if there is one.
    func overSecret(_ random: inout SimRandom) -> String? {
        let over = secrets.filter { one in gate.table[one.name].map { $0.isOver(at: wall) } ?? true }
        return over.isEmpty ? nil : random.pick(over).secret.text
    }

    /// What a listener makes of a connection; nil when it does not let it in.
    func admit(_ peer: Peer) -> Peer? {
        guard let origin = peer.origin, let secret = shown[origin] else { return peer }
        guard case .valid(let name, let identity, let expires) = gate.answer(to: secret.text, at: host.now) else {
            refused += 1
            shown[origin] = nil
            return nil
        }
        var peer = peer
        (peer.token, peer.tokenIdentity, peer.tokenExpires) = (name, identity, expires)
        return peer
    }

    /// The connection is open.
    func opened(_ peer: Peer) { if let origin = peer.origin { shown[origin] = nil } }
}
