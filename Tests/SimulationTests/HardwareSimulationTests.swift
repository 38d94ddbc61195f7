// Simulated hardware for some minutes: every device ends at what is wanted of it, and one seed gives one history.

import Host
import Testing

@testable import simulate

@Suite struct HardwareSimulationTests {
    private static func run(_ seed: UInt64, minutes: Int64, toys: Int = 0) -> (hash: UInt64, broken: String?) {
        let simulation = HardwareSimulation(seed: seed, ports: 2, programs: 2, toys: toys)
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

    @Test(
        "With Bluetooth devices, and faults of BlueZ and its adapters, too, each device does what a live app wants",
        arguments: 1...4 as ClosedRange<UInt64>)
    func bluetooth(_ seed: UInt64) {
        let simulation = HardwareSimulation(seed: seed, ports: 2, programs: 3, toys: 5)
        #expect(throws: Never.self) { try simulation.run(for: .seconds(360)) }
    }

    @Test(
        "The seeds find a fault in the router's process by its promise: two writes at once, and a line that is closed twice",
        arguments: [HardwareCanary.writesTwice, .closesTwice])
    func canaries(_ canary: HardwareCanary) {
        let found = (1...8 as ClosedRange<UInt64>).lazy.compactMap { seed -> HardwarePromise? in
            let simulation = HardwareSimulation(seed: seed, ports: 1, programs: 1, toys: 3, canary: canary)
            do throws(HardwareViolation) { try simulation.run(for: .seconds(240)) } catch { return error.promise }
            return nil
        }
        #expect(found.first == canary.promise)
    }

    @Test("One seed gives one history, and another seed another")
    func oneHistory() {
        let first = Self.run(3, minutes: 4)
        #expect(first == Self.run(3, minutes: 4))
        #expect(first.hash != Self.run(4, minutes: 4).hash)
    }
}
