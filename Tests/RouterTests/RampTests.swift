// The rise of a lane under `slew`, without a lane: which values may be written at which times.
// Must not use an arbiter; a ramp gets the time as an argument.

import Host
import Testing

@testable import Router

@Suite struct RampTests {
    /// A range of 100 and a tenth of it per second: a step each 100 ms.
    static let slew = Fraction(0.1)
    static func at(_ milliseconds: Int64) -> Instant { .zero + .milliseconds(milliseconds) }

    private func begin(_ ramp: inout Ramp, from reached: Int32, at time: Int64) -> Int32 {
        ramp.begin(from: reached, steps: 100, slew: Self.slew, at: Self.at(time))
    }

    private func step(_ ramp: inout Ramp, towards target: Int32, at time: Int64) -> Int32 {
        ramp.step(towards: target, steps: 100, slew: Self.slew, at: Self.at(time))
    }

    @Test("the first step is one, and its time begins with its write") func firstStep() {
        var ramp = Ramp()
        #expect(begin(&ramp, from: 0, at: 1_000) == 1)
        #expect(ramp.nextStep(every: .milliseconds(50)) == .never)
        ramp.written(reachesTarget: false, at: Self.at(9_000))
        #expect(ramp.nextStep(every: .milliseconds(50)) == Self.at(9_050))
        #expect(step(&ramp, towards: 80, at: 9_050) == 1)
        #expect(step(&ramp, towards: 80, at: 9_100) == 2)
        #expect(step(&ramp, towards: 80, at: 10_000) == 11)
        #expect(step(&ramp, towards: 80, at: 500_000_000_000) == 80)
    }

    @Test("a rise right after another one that reached its target continues the time of that one") func climbing() {
        var ramp = Ramp()
        var level = begin(&ramp, from: 0, at: 0)
        ramp.written(reachesTarget: true, at: Self.at(0))
        #expect(!ramp.isActive)
        // A new target every ten milliseconds, always one higher than the reached value.
        for time in stride(from: Int64(10), through: 1_000, by: 10) {
            if !ramp.isActive {
                let first = begin(&ramp, from: level, at: time)
                if first > level { ramp.written(reachesTarget: true, at: Self.at(time)) }
                level = first
            } else {
                let next = step(&ramp, towards: level + 1, at: time)
                if next > level { ramp.written(reachesTarget: true, at: Self.at(time)) }
                level = next
            }
        }
        #expect(level == 11)
    }

    @Test("after a pause the first step is one again, and after rest or another type earlier steps do not count") func pause() {
        var ramp = Ramp()
        _ = begin(&ramp, from: 0, at: 0)
        ramp.written(reachesTarget: true, at: Self.at(0))
        #expect(begin(&ramp, from: 1, at: 30_000) == 2)
        ramp.written(reachesTarget: true, at: Self.at(30_000))
        #expect(begin(&ramp, from: 2, at: 30_010) == 2)
        ramp.forget()
        #expect(begin(&ramp, from: 2, at: 30_020) == 3)
    }

    @Test("a rise without any step carried out begins again; a rise in progress continues") func failures() {
        var ramp = Ramp()
        #expect(ramp.failed(writing: 1) == nil)
        _ = begin(&ramp, from: 40, at: 0)
        #expect(ramp.failed(writing: 41) == nil)
        ramp.written(reachesTarget: false, at: Self.at(0))
        _ = step(&ramp, towards: 100, at: 2_000)
        #expect(ramp.failed(writing: 41) == 41)
        #expect(ramp.nextStep(every: .milliseconds(50)) == .never)
        ramp.written(reachesTarget: false, at: Self.at(3_000))
        #expect(step(&ramp, towards: 100, at: 4_000) == 51)
        #expect(ramp.failed(writing: 51) == nil)
        #expect(step(&ramp, towards: 100, at: 5_000) == 61)
    }
}
