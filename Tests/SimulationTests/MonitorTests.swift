// The monitor must find what it is there to find: each test breaks one promise and expects to be caught.
// Must not use a router; the monitor is told what one would have done.

import Buttplug
import Host
import Router
import Testing

@testable import simulate

/// A monitor with one device (a vibrator, a rotator, a stroker's axis and a battery) and two sessions.
final class Stage {
    let monitor: Monitor
    let first: SessionModel
    let second: SessionModel
    private var ticket: UInt32 = 0

    init(rules: RuleTable = RuleTable(), lanes: [LaneRule] = []) {
        var settings = RouterSettings()
        settings.rules = rules
        settings.arbitration.lanes = lanes
        monitor = Monitor(settings)
        let features = [
            Feature(index: 0, outputs: [OutputRange(.vibrate, steps: 100)]),
            Feature(index: 1, outputs: [OutputRange(.rotate, steps: 100, isSigned: true)]),
            Feature(index: 2, outputs: [OutputRange(.hwPositionWithDuration, steps: 1000, duration: 0...100_000)]),
            Feature(index: 3, inputs: [InputRange(.battery, ranges: [0...100], canRead: true, canSubscribe: true)]),
        ]
        monitor.appeared(0, DeviceDescription(identity: "a", name: "Device", messageGapMilliseconds: 50, features: features))
        let peer = Peer(address: "127.0.0.1", listener: "sim")
        first = SessionModel(number: 1, version: .v4, name: "first", peer: peer)
        second = SessionModel(number: 2, version: .v4, name: "second", peer: peer)
        write(0, .vibrate, 0)
        write(1, .rotate, 0)
        for (slot, session) in [first, second].enumerated() {
            monitor.opened(session, LinkID(slot: UInt32(slot), generation: 0))
            ask(session, 1, .handshake(name: session.name))
            say(session, #"[{"ServerInfo":{"Id":1}}]"#)
        }
        endTurn()
    }

    func pass(_ span: Interval) { monitor.now = monitor.now + span }

    func ask(_ session: SessionModel, _ id: UInt32, _ kind: SimulatedRequest.Kind) {
        monitor.arrived([SimulatedRequest(id: id, kind: kind)], from: session)
    }

    func drive(_ session: SessionModel, _ id: UInt32, _ value: Int32, feature: UInt32 = 0, type: OutputType = .vibrate) {
        let part = RequestPart(feature: feature, type: type, value: value, duration: type == .hwPositionWithDuration ? 100 : 0)
        ask(session, id, .outputs(device: 0, [part], legacyForm: .single))
    }

    func say(_ session: SessionModel, _ text: String) {
        Array(text.utf8).withUnsafeBytes { monitor.replied($0, to: session) }
    }

    func ok(_ session: SessionModel, _ id: UInt32) { say(session, "[{\"Ok\":{\"Id\":\(id)}}]") }

    /// A write that is answered at once.
    func write(_ feature: UInt32, _ type: OutputType, _ value: Int32, duration: UInt32 = 0, answer: Bool? = true) {
        ticket += 1
        monitor.wrote(
            DeviceWrite(
                to: DeviceTarget(backend: 0, device: 0, deviceIndex: 0, feature: feature), type: type, value: value, duration: duration,
                ticket: ticket,
                session: DeviceWrite.noSession))
        if let answer { monitor.answered(ticket, answer) }
    }

    /// Every turn takes a second, so that no gap matters.
    func endTurn() {
        monitor.endOfTurn()
        pass(.seconds(1))
    }

    var broken: Invariant? { monitor.violation?.invariant }
}

@Suite struct MonitorTests {
    @Test("A session that is kicked in the turn of its request may be answered before it is closed, and only once")
    func answeredAndKicked() {
        let stage = Stage()
        stage.ask(stage.first, 2, .ping)
        stage.monitor.kicked(stage.first)
        stage.ok(stage.first, 2)
        stage.monitor.ended(stage.first, .kicked, byRouter: true)
        stage.endTurn()
        #expect(stage.broken == nil)
        stage.monitor.kicked(stage.second)
        stage.ok(stage.second, 2)
        #expect(stage.broken == .replies)
    }

    @Test("A session that drives, is answered and leaves breaks nothing")
    func orderly() {
        let stage = Stage()
        stage.drive(stage.first, 2, 40)
        stage.write(0, .vibrate, 40)
        stage.ok(stage.first, 2)
        stage.endTurn()
        stage.drive(stage.second, 2, 70)
        stage.write(0, .vibrate, 70)
        stage.ok(stage.second, 2)
        stage.endTurn()
        stage.monitor.ended(stage.second, .peerVanished, byRouter: false)
        stage.write(0, .vibrate, 40)
        stage.endTurn()
        stage.monitor.ended(stage.first, .peerVanished, byRouter: false)
        stage.write(0, .vibrate, 0)
        stage.endTurn()
        #expect(stage.monitor.violation == nil, "\(stage.monitor.violation?.text ?? "")")
    }

    @Test("An output that keeps running when its holder is gone is found in that turn")
    func runsOn() {
        let stage = Stage()
        stage.drive(stage.first, 2, 40)
        stage.write(0, .vibrate, 40)
        stage.endTurn()
        stage.monitor.ended(stage.first, .unresponsive, byRouter: false)
        stage.endTurn()
        #expect(stage.broken == .zero)
    }

    @Test("A value over the strongest wish is found, also when two wishes were added up")
    func tooStrong() {
        let stage = Stage()
        stage.drive(stage.first, 2, 40)
        stage.drive(stage.second, 2, 50)
        stage.write(0, .vibrate, 90)
        #expect(stage.broken == .allowed)
    }

    @Test("A value over the lane's ceiling is found")
    func overCeiling() {
        var rule = LaneRule()
        rule.ceiling = Fraction(0.5)
        let stage = Stage(lanes: [rule])
        stage.drive(stage.first, 2, 90)
        stage.write(0, .vibrate, 51)
        #expect(stage.broken == .allowed)
    }

    @Test("A cap and a gain are part of what a session may want", arguments: [(0.5, 1.0), (1.0, 0.5)])
    func rights(_ cap: Double, _ gain: Double) {
        var rule = Rule()
        rule.rights.cap = Fraction(cap)
        rule.rights.gain = Fraction(gain)
        let stage = Stage(rules: RuleTable([], fallback: rule))
        stage.drive(stage.first, 2, 80)
        stage.write(0, .vibrate, cap < 1 ? 50 : 40)
        #expect(stage.broken == nil)
        stage.endTurn()
        stage.drive(stage.first, 3, 81)
        stage.write(0, .vibrate, cap < 1 ? 51 : 42)
        #expect(stage.broken == .allowed)
    }

    @Test("The wrong direction is found")
    func direction() {
        let stage = Stage()
        stage.drive(stage.first, 2, 40, feature: 1, type: .rotate)
        stage.write(1, .rotate, -40)
        #expect(stage.broken == .allowed)
    }

    @Test("A lower priority that wins over a higher one is found")
    func priority() {
        var high = Rule(match: RuleMatch(client: Glob("first")))
        high.rights.priority = 150
        let stage = Stage(rules: RuleTable([high]))
        stage.drive(stage.first, 2, 20)
        stage.drive(stage.second, 2, 90)
        stage.write(0, .vibrate, 90)
        #expect(stage.broken == .allowed)
    }

    @Test("A move that nobody commanded, and a move that is passed on twice, are found", arguments: [false, true])
    func move(_ isRepeated: Bool) {
        let stage = Stage()
        if isRepeated {
            stage.drive(stage.first, 2, 500, feature: 2, type: .hwPositionWithDuration)
            stage.write(2, .hwPositionWithDuration, 500, duration: 100)
            stage.endTurn()
            #expect(stage.broken == nil)
        }
        stage.write(2, .hwPositionWithDuration, 500, duration: 100)
        #expect(stage.broken == .allowed)
    }

    @Test("A shortened move is found")
    func shortened() {
        let stage = Stage()
        stage.drive(stage.first, 2, 500, feature: 2, type: .hwPositionWithDuration)
        stage.write(2, .hwPositionWithDuration, 500, duration: 50)
        #expect(stage.broken == .allowed)
    }

    @Test("A lane that starts by itself after it has been at rest is found")
    func rest() {
        let stage = Stage()
        stage.drive(stage.first, 2, 40, feature: 0)
        stage.ok(stage.first, 2)
        stage.monitor.devices[0].lanes[0].holdings[0].isSure = false
        stage.endTurn()
        stage.pass(.seconds(60))
        stage.monitor.audit()
        stage.write(0, .vibrate, 40)
        #expect(stage.broken == .rest)
    }

    @Test("A second answer, an answer to nobody, and a wrong error are found", arguments: [0, 1, 2])
    func replies(_ mistake: Int) {
        let stage = Stage()
        stage.ask(stage.first, 2, .ping)
        switch mistake {
        case 0:
            stage.ok(stage.first, 2)
            stage.ok(stage.first, 2)
        case 1: stage.ok(stage.second, 2)
        default: stage.say(stage.first, #"[{"Error":{"Id":2,"ErrorCode":4,"ErrorMessage":""}}]"#)
        }
        #expect(stage.broken == .replies)
    }

    @Test("A request that is never answered is found")
    func unanswered() {
        let stage = Stage()
        stage.drive(stage.first, 2, 40)
        stage.write(0, .vibrate, 40)
        stage.endTurn()
        stage.pass(.seconds(60))
        stage.monitor.audit()
        #expect(stage.broken == .replies)
    }

    @Test("Answers out of order, and one that is late, are found", arguments: [false, true])
    func order(_ isLate: Bool) {
        let stage = Stage()
        stage.ask(stage.first, 2, .ping)
        stage.ask(stage.first, 3, .ping)
        if isLate { stage.endTurn() } else { stage.ok(stage.first, 3) }
        #expect(stage.broken == .order)
    }

    @Test("A word to a session that is over is found")
    func silence() {
        let stage = Stage()
        stage.monitor.ended(stage.first, .peerClosed, byRouter: false)
        stage.say(stage.first, #"[{"ScanningFinished":{"Id":0}}]"#)
        #expect(stage.broken == .silence)
    }

    @Test("A write within the gap, and one on top of another, are found", arguments: [false, true])
    func pace(_ isInFlight: Bool) {
        let stage = Stage()
        stage.drive(stage.first, 2, 40)
        stage.write(0, .vibrate, 40, answer: isInFlight ? nil : true)
        stage.drive(stage.first, 3, 41)
        stage.pass(isInFlight ? .milliseconds(60) : .milliseconds(49))
        stage.write(0, .vibrate, 41)
        #expect(stage.broken == .pacing)
    }

    @Test("A scan that nobody wants, and a wish for one that is not met, are found", arguments: [false, true])
    func scans(_ isWanted: Bool) {
        let stage = Stage()
        if isWanted { stage.ask(stage.first, 2, .startScanning) } else { stage.monitor.requested(.startScanning) }
        if isWanted { stage.ok(stage.first, 2) }
        stage.endTurn()
        #expect(stage.broken == .scans)
    }

    @Test("A reading for somebody who did not subscribe is found")
    func readings() {
        let stage = Stage()
        stage.say(stage.first, #"[{"InputReading":{"Id":0,"DeviceIndex":0,"FeatureIndex":3,"Reading":{"Battery":{"Value":5}}}}]"#)
        #expect(stage.broken == .subscriptions)
    }

    @Test("A subscription that outlives its last subscriber is found")
    func subscription() {
        let stage = Stage()
        stage.ask(stage.first, 2, .subscribe(device: 0, feature: 3, .battery))
        stage.monitor.requested(.subscribe(device: 0, feature: 3, type: .battery, request: 1))
        stage.monitor.requestAnswered(1, ok: true)
        stage.ok(stage.first, 2)
        stage.endTurn()
        #expect(stage.broken == nil)
        stage.monitor.ended(stage.first, .peerClosed, byRouter: false)
        stage.endTurn()
        #expect(stage.broken == .subscriptions)
    }

    @Test("A device that left without a word to the sessions is found")
    func lists() {
        let stage = Stage()
        stage.monitor.disappeared(0)
        stage.endTurn()
        #expect(stage.broken == .lists)
    }

    @Test("A session closed for a ping that nobody asked for is found")
    func closes() {
        let stage = Stage()
        stage.monitor.ended(stage.first, .pingMissed, byRouter: true)
        #expect(stage.broken == .closes)
    }

    @Test("A refused zero that is not repeated is found")
    func settled() {
        let stage = Stage()
        stage.drive(stage.first, 2, 40)
        stage.write(0, .vibrate, 40)
        stage.ok(stage.first, 2)
        stage.endTurn()
        stage.monitor.ended(stage.first, .peerVanished, byRouter: false)
        stage.write(0, .vibrate, 0, answer: false)
        stage.endTurn()
        stage.pass(.seconds(20))
        stage.monitor.audit()
        #expect(stage.broken == .settled)
    }

    @Test("A lane that does not come to what the fold wants is found")
    func lost() {
        let stage = Stage()
        stage.drive(stage.first, 2, 40)
        stage.write(0, .vibrate, 39)
        stage.ok(stage.first, 2)
        stage.endTurn()
        stage.pass(.seconds(20))
        stage.monitor.audit()
        #expect(stage.broken == .settled)
    }

    @Test("A write under the emergency stop is found")
    func stopped() {
        let stage = Stage()
        stage.monitor.stopRaised()
        stage.drive(stage.first, 2, 40)
        stage.write(0, .vibrate, 40)
        #expect(stage.broken == .zero)
    }

    @Test("A device that appears and is not zeroed is found")
    func appears() {
        let stage = Stage()
        stage.monitor.appeared(
            1,
            DeviceDescription(
                identity: "b", name: "Other", features: [Feature(index: 0, outputs: [OutputRange(.vibrate, steps: 5)])]))
        stage.endTurn()
        #expect(stage.broken == .zero)
    }
}
