// The arbiter alone: it accepts a command, folds the lanes at the end of the turn, and takes the device's answer.
// Must not use texts. One command per turn, so that commands share nothing.

import Buttplug
import Host
import Router

enum ArbitrationSteps {
    static let all = mixes + contributors

    private static let mixes = Mix.allCases.flatMap { mix in
        [1, 4].map { sessions in
            Step("arbitration-\(mix.rawValue)-\(sessions)") { commands(mix, sessions: sessions) }
        }
    }

    private static let contributors = [1, 10, 100, 1_000].map { sessions in
        Step("contributors-\(sessions)") { commands(.highest, sessions: sessions) }
    }

    private static func commands(_ mix: Mix, sessions: Int) -> (Range<Int>) -> Void {
        let bench = LaneBench(mix, sessions: sessions)
        return { rounds in bench.run(rounds.count) }
    }
}

/// One lane, and sessions that drive it in turns.
private final class LaneBench {
    @exclusivity(unchecked) private var arbiter: Arbiter
    @exclusivity(unchecked) private var effects = ArbiterEffects()
    private let sessions: Int
    @exclusivity(unchecked) private var round = 0
    private let lane: LaneIndex
    @exclusivity(unchecked) private var now = Instant.zero + .seconds(100)

    init(_ mix: Mix, sessions: Int) {
        var settings = ArbitrationSettings()
        var rule = LaneRule()
        rule.mix = mix
        settings.lanes = [rule]
        arbiter = Arbiter(settings)
        self.sessions = sessions
        let features = [Feature(index: 0, outputs: [OutputRange(.vibrate, steps: 1_000_000)])]
        let info = DeviceInfo(index: 0, description: DeviceDescription(identity: "d", name: "D", features: features))
        arbiter.deviceAppeared(info, backend: 0, handle: 0, at: now)
        for slot in 0..<sessions { arbiter.sessionOpened(LinkID(slot: UInt32(slot), generation: 0), rights: Rights()) }
        lane = arbiter.lane(device: 0, feature: 0)!
        finish()
        // Every session has contributed, and its table entry exists, before counting begins.
        run(2 * sessions)
    }

    func run(_ rounds: Int) { for _ in 0..<rounds { command() } }

    private func command() {
        round += 1
        let slot = UInt32(round % sessions)
        let reply = ReplyTo(session: slot, generation: 0, id: UInt32(truncatingIfNeeded: round + 1))
        // Values that go up and down, so that contributions become stronger and weaker.
        let value = Int32(1 + (round &* 7_919) % 999_983)
        _ = arbiter.command(Order(.vibrate, value, from: reply), on: lane, at: now, into: &effects)
        finish()
    }

    private func finish() {
        now = now + .milliseconds(1)
        arbiter.appendDueWrites(at: now, into: &effects)
        while !effects.writes.isEmpty {
            let ticket = effects.writes[effects.writes.count - 1].ticket
            effects.writes.removeAll()
            arbiter.answered(ticket: ticket, .done, at: now, into: &effects)
            arbiter.appendDueWrites(at: now, into: &effects)
        }
        effects.replies.removeAll()
    }
}
