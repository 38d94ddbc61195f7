// The model of the entrance must find every fault: each test breaks one of its promises, and the monitor must report it.
// Must not use the product's cores; the test says what they decided.

import Guard
import Host
import Router
import SimHost
import Testing

@testable import simulate

@Suite struct EntranceModelTests {
    /// A monitor with an entrance for three strangers that remembers four addresses, and a token.
    private final class Stage {
        let monitor = Monitor(RouterSettings())
        let model: EntranceModel
        var time = WallTime(milliseconds: 1_000_000)
        private var sessions: UInt32 = 0

        init() {
            monitor.now = Instant(nanoseconds: 1_000_000_000)
            model = EntranceModel(monitor, strangersMax: 3, addressesMax: 4)
            monitor.entrance = model
            model.wall = { [unowned self] in time }
            model.sessionIsOver = { [unowned self] in model.gone($0) }
            model.tokenMade("pb_good", TokenFact(name: "guest", expires: WallTime(milliseconds: 2_000_000), sessionsMax: 2))
        }

        var broken: Invariant? { monitor.violation?.invariant }

        static let far = SimulatedAddress.v4(18, 1)

        /// Somebody connects, and his head is decided.
        func decide(
            _ index: Int32, _ outcome: EntranceModel.Outcome, secret: String? = nil, from address: SimulatedAddress = far,
            kind: SimulatedHead.Kind = .upgrade
        ) {
            model.arrived(index, from: address, isStranger: !address.isOwn)
            model.decided(index, SimulatedHead(kind: kind, address: address, secret: secret), isWhole: true, outcome)
        }

        /// A session begins on a connection.
        @discardableResult
        func open(_ index: Int32?, token: String? = "guest", isLocal: Bool = false) -> SessionModel {
            sessions += 1
            var peer = Peer(
                address: isLocal ? "127.0.0.1" : Self.far.text, listener: "sim", isLocal: isLocal, token: token)
            peer.tokenExpires = token == nil ? .never : monitor.now + .seconds(1_000)
            let session = SessionModel(number: sessions, version: .v4, name: "guest", peer: peer)
            if let index { model.opened(index) }
            monitor.opened(session, LinkID(slot: sessions, generation: 0))
            return session
        }

        func endTurn() {
            monitor.endOfTurn()
            model.endOfTurn()
            monitor.now = monitor.now + .milliseconds(10)
        }
    }

    @Test("Those that are let in, refused, and closed in their order break no promise")
    func orderly() {
        let stage = Stage()
        stage.decide(0, .admitted("guest"), secret: "pb_good")
        let session = stage.open(0)
        stage.decide(1, .admitted(nil), from: .own)
        stage.open(1, token: nil, isLocal: true)
        stage.decide(2, .refused(401))
        stage.decide(3, .refused(403), kind: .foreignHost)
        stage.model.arrived(4, from: Stage.far, isStranger: true)
        stage.model.arrived(5, from: Stage.far, isStranger: true)
        stage.model.gaveWay(2)
        stage.model.gone(2)
        stage.model.checkBound()
        stage.endTurn()
        stage.monitor.ended(session, .peerClosed, byRouter: false)
        stage.endTurn()
        stage.model.checkMemory(connections: 4, strangers: 3, addresses: 1)
        #expect(stage.monitor.violation == nil, "\(stage.monitor.violation?.text ?? "")")
    }

    @Test(
        "Somebody who is let in without the right to it, or refused with it, is found",
        arguments: [
            (nil, EntranceModel.Outcome.admitted(nil)), ("pb_wrong", .admitted(nil)), ("pb_wrong", .admitted("guest")),
            ("pb_good", .refused(401)), ("pb_good", .refused(503)), ("pb_good", .admitted("other")), ("pb_good", .waits),
        ] as [(String?, EntranceModel.Outcome)])
    func rights(secret: String?, outcome: EntranceModel.Outcome) {
        let stage = Stage()
        stage.decide(0, outcome, secret: secret)
        #expect(stage.broken == .entrance)
    }

    @Test("A token that is over or was taken back admits nobody, and a third session for two is found", arguments: [0, 1, 2])
    func oldTokens(_ fault: Int) {
        let stage = Stage()
        switch fault {
        case 0: stage.time = WallTime(milliseconds: 2_000_000)
        case 1: stage.monitor.tokenRevoked("guest")
        default:
            for index: Int32 in 1...2 {
                stage.decide(index, .admitted("guest"), secret: "pb_good")
                stage.open(index)
            }
            #expect(stage.broken == nil)
        }
        stage.decide(0, .admitted("guest"), secret: "pb_good")
        #expect(stage.broken == .entrance)
    }

    @Test("What a proxy forwards is never local, and a page of another origin is not let in", arguments: [false, true])
    func places(_ isForwarded: Bool) {
        let stage = Stage()
        stage.model.arrived(0, from: .own, isStranger: false)
        var head = SimulatedHead(kind: isForwarded ? .upgrade : .foreignOrigin, address: .own)
        if isForwarded { head.forwardedFor = Stage.far }
        stage.model.decided(0, head, isWhole: true, .admitted(nil))
        #expect(stage.broken == .entrance)
    }

    @Test("A session on a connection that was never let in, or that is gone, is found", arguments: [0, 1, 2])
    func sessions(_ fault: Int) {
        let stage = Stage()
        switch fault {
        case 0: stage.open(nil)
        case 1:
            stage.model.arrived(0, from: Stage.far, isStranger: true)
            stage.open(0)
        default:
            stage.decide(0, .admitted("guest"), secret: "pb_good")
            stage.open(0)
            stage.model.gone(0)
            stage.endTurn()
        }
        #expect(stage.broken == .entrance)
    }

    @Test("A session from elsewhere without a token is found, and one that outlives its token by a turn")
    func outlives() {
        let stage = Stage()
        stage.decide(0, .admitted("guest"), secret: "pb_good")
        let session = stage.open(0)
        stage.endTurn()
        #expect(stage.broken == nil)
        session.peer.tokenExpires = Instant(nanoseconds: stage.monitor.now.nanoseconds - 5_000_000)
        stage.endTurn()
        #expect(stage.broken == .tokens)
        let other = Stage()
        other.decide(0, .admitted("guest"), secret: "pb_good")
        other.open(0, token: nil)
        other.endTurn()
        #expect(other.broken == .entrance)
    }

    @Test("One stranger too many is found")
    func bound() {
        let stage = Stage()
        for index: Int32 in 0..<4 { stage.model.arrived(index, from: Stage.far, isStranger: true) }
        stage.model.checkBound()
        #expect(stage.broken == .strangers)
    }

    @Test(
        "Who gives way is the oldest stranger: a session, an app of this computer, a younger one, or anybody while there is room is found",
        arguments: [Int32(0), 1, 3, -1])
    func givesWay(_ index: Int32) {
        let stage = Stage()
        stage.decide(0, .admitted("guest"), secret: "pb_good")
        stage.open(0)
        stage.model.arrived(1, from: .own, isStranger: false)
        for number: Int32 in 2...(index < 0 ? 4 : 5) { stage.model.arrived(number, from: Stage.far, isStranger: true) }
        stage.model.gaveWay(index < 0 ? 2 : index)
        #expect(stage.broken == .strangers)
    }

    @Test("A program of this computer that counts as a stranger, and a stranger that does not, are found", arguments: [false, true])
    func kinds(_ isOwn: Bool) {
        let stage = Stage()
        stage.model.arrived(0, from: isOwn ? .own : Stage.far, isStranger: isOwn)
        #expect(stage.broken == .strangers)
    }

    @Test("A head that goes on beyond its deadline, and an answered one that stays, are found", arguments: [false, true])
    func deadlines(_ isAnswered: Bool) {
        let stage = Stage()
        if isAnswered { stage.decide(0, .refused(401)) } else { stage.model.arrived(0, from: Stage.far, isStranger: true) }
        stage.monitor.now = stage.monitor.now + (isAnswered ? .milliseconds(990) : .milliseconds(4_990))
        stage.endTurn()
        #expect(stage.broken == nil)
        stage.endTurn()
        #expect(stage.broken == nil)
        stage.endTurn()
        #expect(stage.broken == .strangers)
    }

    @Test("Ten failures within a minute, and no fewer, are followed by a minute of refusals, from one address or one network of 64 bits")
    func guesses() {
        var random = SimRandom(seed: 1)
        for isNetwork in [false, true] {
            func guess(_ stage: Stage, _ outcome: EntranceModel.Outcome, _ secret: String? = "pb_wrong") {
                stage.decide(0, outcome, secret: secret, from: isNetwork ? .v6(1, &random) : Stage.far)
                stage.model.gone(0)
            }
            func failed(_ times: Int) -> Stage {
                let stage = Stage()
                for _ in 0..<times { guess(stage, .refused(401)) }
                #expect(stage.broken == nil)
                return stage
            }
            let early = failed(9)
            guess(early, .refused(429))
            #expect(early.broken == .guessing)
            let late = failed(10)
            guess(late, .refused(401))
            #expect(late.broken == .guessing)
            // A token that counts is not looked at either.
            let valid = failed(10)
            guess(valid, .admitted("guest"), "pb_good")
            #expect(valid.broken == .guessing)
            let over = failed(10)
            guess(over, .refused(429))
            over.monitor.now = over.monitor.now + .seconds(60)
            guess(over, .refused(401))
            #expect(over.broken == nil)
            guess(over, .refused(429))
            #expect(over.broken == .guessing)
        }
    }

    @Test("The pause of one address makes no other wait, and a program of this computer never", arguments: [false, true])
    func others(_ isOwn: Bool) {
        let stage = Stage()
        for _ in 0..<10 {
            stage.decide(0, .refused(401), secret: "pb_wrong", from: isOwn ? .own : Stage.far)
            stage.model.gone(0)
        }
        #expect(stage.broken == nil)
        stage.decide(0, .refused(429), from: isOwn ? .own : .v4(18, 2))
        #expect(stage.broken == .guessing)
    }

    @Test("Memory that grows is found: connections, strangers, addresses", arguments: [0, 1, 2])
    func memory(_ fault: Int) {
        let stage = Stage()
        for number in 0..<6 {
            stage.decide(Int32(number), .refused(401), from: .v4(18, number))
            stage.model.gone(Int32(number))
        }
        stage.model.checkMemory(connections: 0, strangers: 0, addresses: 4)
        #expect(stage.broken == nil)
        stage.model.checkMemory(connections: fault == 0 ? 1 : 0, strangers: fault == 1 ? 1 : 0, addresses: fault == 2 ? 6 : 4)
        #expect(stage.broken == .queues)
    }

    @Test("A connection that is left at the end of a run is found")
    func end() {
        let stage = Stage()
        stage.model.arrived(0, from: Stage.far, isStranger: true)
        stage.model.checkEnd()
        #expect(stage.broken == .queues)
    }
}
