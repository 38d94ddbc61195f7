// The cost of one message as the number of sessions, devices and subscribers grows.
// Must not know which costs are constant.

import Buttplug
import Host
import Router

enum ScalingSteps {
    static let all =
        [10, 100, 1_000, 10_000].map { count in
            Step("sessions-\(count)", perRound: 10) { sessions(count) }
        }
        + [1, 10, 100, 1_000].map { count in
            Step("devices-\(count)", perRound: 10) { devices(count) }
        }
        + [1, 10, 100, 1_000].map { count in
            Step("subscribers-\(count)", perRound: count) { subscribers(count) }
        }

    /// A number of sessions, each with a motor of its own up to a thousand devices; in each turn the next ten send one command each.
    private static func sessions(_ count: Int) -> (Range<Int>) -> Void {
        let bench = RouterBench(sessions: count, devices: "dual*1000")
        let lanes = min(count, 2_000)
        let inbox = FrameInbox(
            (0..<(lanes == count ? lanes * 7 : lanes * 5 + count)).map { number in
                let lane = number % count % lanes
                return [Texts.output(10_000 + number, device: lane >> 1, feature: lane & 1, value: 10 + number % 83)]
            })
        // Every session has driven an output, and its table entry exists, before counting begins.
        for number in 0..<2 * count {
            inbox.decode(number) { bench.runner.received($0, from: bench.ids[number % count], at: bench.host.now) }
            if number % 1_000 == 999 { bench.endTurn() }
        }
        bench.endTurn()
        return { rounds in
            for round in rounds {
                for index in 0..<10 {
                    let number = round * 10 + index
                    inbox.decode(number) { bench.runner.received($0, from: bench.ids[number % count], at: bench.host.now) }
                }
                bench.endTurn()
            }
        }
    }

    /// Ten sessions that drive a number of devices one after the other.
    private static func devices(_ count: Int) -> (Range<Int>) -> Void {
        let bench = RouterBench(sessions: 10, devices: "dual*\(count)")
        let inbox = FrameInbox(
            (0..<max(count, 8)).map { [Texts.output(10_000 + $0, device: $0 % count, feature: $0 & 1, value: 10 + $0 % 80)] })
        return { rounds in
            for round in rounds {
                for index in 0..<10 {
                    inbox.decode(round * 10 + index) { bench.runner.received($0, from: bench.ids[index], at: bench.host.now) }
                }
                bench.endTurn()
            }
        }
    }

    /// One reading a turn, delivered to every subscriber.
    private static func subscribers(_ count: Int) -> (Range<Int>) -> Void {
        let bench = RouterBench(sessions: count, devices: "kegel")
        for session in 0..<count {
            bench.say(
                #"[{"InputCmd":{"Id":3,"DeviceIndex":0,"FeatureIndex":0,"Type":"Pressure","Command":"Subscribe"}}]"#, session)
        }
        bench.endTurn()
        return { rounds in
            let before = bench.sent
            for round in rounds {
                let value = [Int32(10 + round % 80)]
                bench.runner.happened(.reading(0, feature: 0, type: .pressure, values: value), from: 0, at: bench.host.now)
                bench.endTurn()
            }
            precondition(bench.sent >= before + rounds.count * count, "every subscriber gets every reading")
        }
    }
}
