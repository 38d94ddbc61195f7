// When messages are due: evenly, after a ramp, without a gap between the two; counting and times agree.

import Testing

@testable import Bench

struct SendScheduleTests {
    @Test("Without a ramp the messages of a second are evenly spaced from the start.")
    func even() {
        let schedule = SendSchedule(start: 1_000, rate: 1_000)
        #expect((0..<4).map { schedule.due($0) } == [1_000, 1_001_000, 2_001_000, 3_001_000])
        #expect(schedule.count(at: 999) == 0)
        #expect(schedule.count(at: 1_000) == 1)
        #expect(schedule.count(at: 1_000 + 1_000_000_000) == 1_001)
    }

    @Test("On a ramp half as many messages are due as without it, and the time from each to the next becomes shorter.")
    func ramp() {
        let schedule = SendSchedule(start: 0, rate: 1_000, ramp: 1_000_000_000)
        #expect(schedule.count(at: 1_000_000_000) == 501)
        #expect(schedule.count(at: 2_000_000_000) == 1_501)
        var gap = UInt64.max
        for n in UInt64(1)..<500 {
            let next = schedule.due(n) - schedule.due(n - 1)
            #expect(next > 0 && next <= gap, "\(n)")
            gap = next
        }
    }

    @Test("The number of messages and their times agree to the nanosecond, at any rate, ramp and phase.")
    func agree() {
        for rate in [0.3, 7, 999, 1_001, 33_333.3, 2_000_000] {
            for ramp: UInt64 in [0, 1, 777_777_777] {
                let schedule = SendSchedule(start: 5_000_000_000_000, rate: rate, ramp: ramp, phase: 0.25)
                for number: UInt64 in [0, 1, 2, 3, 100, 101, 12_345] {
                    let due = schedule.due(number)
                    #expect(schedule.count(at: due) > number, "\(rate) \(ramp) \(number)")
                    #expect(schedule.count(at: due - 1) <= number, "\(rate) \(ramp) \(number)")
                }
            }
        }
    }
}
