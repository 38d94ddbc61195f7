// Simulated hardware for some minutes: every device ends at what is wanted of it, and one seed gives one history.

import Host
import Testing

@testable import simulate

@Suite struct HardwareSimulationTests {
    private static func run(_ seed: UInt64, minutes: Int64) -> (hash: UInt64, broken: String?) {
        let simulation = HardwareSimulation(seed: seed, ports: 2, programs: 2, toys: 0)
        do throws(HardwareViolation) { try simulation.run(for: .seconds(minutes * 60)) } catch {
            return (simulation.hash, error.text)
        }
        return (simulation.hash, nil)
    }

    @Test(
        "After faults of every kind each device does what a live app wants, and nothing when there is none",
        arguments: 1...6 as ClosedRange<UInt64>)
    func seeds(_ seed: UInt64) {
        #expect(Self.run(seed, minutes: 8).broken == nil)
    }

    @Test("One seed gives one history, and another seed another")
    func oneHistory() {
        let first = Self.run(3, minutes: 4)
        #expect(first == Self.run(3, minutes: 4))
        #expect(first.hash != Self.run(4, minutes: 4).hash)
    }
}
