// The whole path: an `OutputCmd` as frames in, `Ok` out, by number in flight, layout and version.
// Must not know what a step costs or may cost.

import Host
import Router

enum RouterSteps {
    static let all = [
        Step("router-16", perRound: 4 * 16) { v4(perTurn: 16, .compact) },
        Step("router-1", perRound: 4) { v4(perTurn: 1, .compact) },
        Step("router-16-spaced", perRound: 4 * 16) { v4(perTurn: 16, .spaced) },
        Step("router-16-reordered", perRound: 4 * 16) { v4(perTurn: 16, .reordered) },
        Step("router-16-v3", perRound: 4 * 16) {
            commands(perTurn: 16, version: 3) { id, feature, value in
                #"[{"ScalarCmd":{"Id":\#(id),"DeviceIndex":0,"Scalars":[{"Index":\#(feature),"Scalar":0.\#(value),"ActuatorType":"Vibrate"}]}}]"#
            }
        },
        Step("router-16-v1", perRound: 4 * 16) {
            commands(perTurn: 16, version: 1) { id, feature, value in
                #"[{"VibrateCmd":{"Id":\#(id),"DeviceIndex":0,"Speeds":[{"Index":\#(feature),"Speed":0.\#(value)}]}}]"#
            }
        },
    ]

    private static func v4(perTurn: Int, _ layout: Texts.Layout) -> (Range<Int>) -> Void {
        commands(perTurn: perTurn, version: 4) { Texts.output($0, feature: $1, value: $2, layout) }
    }

    /// Four sessions that drive both motors of one device, with a number of commands each per turn.
    private static func commands(perTurn: Int, version: Int, _ text: (Int, Int, Int) -> String) -> (Range<Int>) -> Void {
        let bench = RouterBench(sessions: 4, version: version)
        let inbox = FrameInbox(
            (0..<8).map { round in
                (0..<perTurn).map { text(10_000 + round * perTurn + $0, $0 & 1, 10 + (round * 7 + $0 * 3) % 90) }
            })
        return { rounds in
            let before = bench.sent
            for round in rounds {
                for session in 0..<4 {
                    inbox.decode(round + session) { bench.runner.received($0, from: bench.ids[session], at: bench.host.now) }
                }
                bench.endTurn()
            }
            precondition(bench.sent == before + rounds.count * 4 * perTurn, "every command is answered")
        }
    }
}
