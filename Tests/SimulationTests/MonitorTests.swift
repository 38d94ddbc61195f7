// The monitor must find every fault: each test breaks one promise, and the monitor must report it.
// Must not use a router; the test gives the monitor the router's actions.

import Buttplug
import Host
import Router
import Testing

@testable import simulate

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

    @Test("A session that drives, gets its answers and leaves breaks no promise")
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

    @Test("An output that still runs when its session is gone is found in that turn")
    func runsOn() {
        let stage = Stage()
        stage.drive(stage.first, 2, 40)
        stage.write(0, .vibrate, 40)
        stage.endTurn()
        stage.monitor.ended(stage.first, .unresponsive, byRouter: false)
        stage.endTurn()
        #expect(stage.broken == .zero)
    }

    @Test("A value above the highest contribution is found, also when two contributions were added")
    func tooStrong() {
        let stage = Stage()
        stage.drive(stage.first, 2, 40)
        stage.drive(stage.second, 2, 50)
        stage.write(0, .vibrate, 90)
        #expect(stage.broken == .allowed)
    }

    @Test("A value above the lane's ceiling is found")
    func overCeiling() {
        var rule = LaneRule()
        rule.ceiling = Fraction(0.5)
        let stage = Stage(lanes: [rule])
        stage.drive(stage.first, 2, 90)
        stage.write(0, .vibrate, 51)
        #expect(stage.broken == .allowed)
    }

    @Test("A cap and a gain limit a session's contribution", arguments: [(0.5, 1.0), (1.0, 0.5)])
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

    @Test("A move without a command, and a move that is passed on twice, are found", arguments: [false, true])
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

    @Test("A second answer, an answer without a request, and a wrong error are found", arguments: [0, 1, 2])
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

    @Test("A message to a session that is over is found")
    func silence() {
        let stage = Stage()
        stage.monitor.ended(stage.first, .peerClosed, byRouter: false)
        stage.say(stage.first, #"[{"ScanningFinished":{"Id":0}}]"#)
        #expect(stage.broken == .silence)
    }

    @Test("A write within the gap, and a write during another one, are found", arguments: [false, true])
    func pace(_ isInFlight: Bool) {
        let stage = Stage()
        stage.drive(stage.first, 2, 40)
        stage.write(0, .vibrate, 40, answer: isInFlight ? nil : true)
        stage.drive(stage.first, 3, 41)
        stage.pass(isInFlight ? .milliseconds(60) : .milliseconds(49))
        stage.write(0, .vibrate, 41)
        #expect(stage.broken == .pacing)
    }

    @Test("A scan without a vote, and a vote without a scan, are found", arguments: [false, true])
    func scans(_ isWanted: Bool) {
        let stage = Stage()
        if isWanted { stage.ask(stage.first, 2, .startScanning) } else { stage.monitor.requested(.startScanning) }
        if isWanted { stage.ok(stage.first, 2) }
        stage.endTurn()
        #expect(stage.broken == .scans)
    }

    @Test("A reading for a session without a subscription is found")
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

    @Test("A device that leaves while the sessions are not told is found")
    func lists() {
        let stage = Stage()
        stage.monitor.disappeared(0)
        stage.endTurn()
        #expect(stage.broken == .lists)
    }

    @Test("A session that is closed for a ping that was not required is found")
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

    @Test("A lane that does not reach the value of the fold is found")
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

    @Test("A device that appears and is not set to zero is found")
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
