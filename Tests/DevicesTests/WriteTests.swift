// Outcomes of writes: at once, late, refused, or lost with their device.

import Buttplug
import Devices
import Host
import Testing

@Suite struct WriteTests {
    @Test("A plain device takes a write at once and remembers the value")
    func plain() {
        let stage = Stage.present([spec("rabbit"), spec("stroker")])
        stage.write(0, 12)
        stage.write(0, feature: 1, .rotate, -20)
        stage.write(1, .hwPositionWithDuration, 700, duration: 250)
        #expect(stage.owner.take() == [.answered(0, 1), .answered(0, 2), .answered(0, 3)])
        #expect(stage.backend.value(0, feature: 0, type: .vibrate) == 12)
        #expect(stage.backend.value(0, feature: 1, type: .rotate) == -20)
        #expect(stage.backend.value(1, feature: 0, type: .hwPositionWithDuration) == 700)
        #expect(stage.backend.value(1, feature: 0, type: .position) == 0)
        #expect(stage.backend.value(0, feature: 1, type: .vibrate) == nil)
        #expect(stage.backend.deadline == .never)
    }

    @Test("A write to an output, a feature or a device that does not exist is refused")
    func nowhere() {
        let stage = Stage.present([spec("rabbit"), spec("rabbit")])
        stage.write(0, .oscillate, 1)
        stage.write(0, feature: 2, .vibrate, 1)
        stage.write(0, feature: 3, .vibrate, 1)
        stage.write(0, feature: .max, .vibrate, 1)
        stage.write(2, 1)
        #expect(stage.owner.take() == (1...5).map { .answered(0, $0, .refused) })
        #expect(stage.backend.value(1, feature: 0, type: .vibrate) == 0)
    }

    @Test("With a fixed latency every answer is later by that time, while the device already has the value")
    func fixedLatency() {
        let stage = Stage.present([spec("plug") { $0.latency = .fixed(.milliseconds(40)) }])
        stage.write(0, 5)
        #expect(stage.backend.value(0, feature: 0, type: .vibrate) == 5)
        stage.advance(to: 10)
        stage.write(0, 6)
        #expect(stage.backend.deadline == Stage.instant(40))
        stage.advance(to: 100)
        #expect(stage.owner.take() == [.answered(40, 1), .answered(50, 2)])
    }

    @Test("With a normal latency answers vary around the mean, never before the write, in the order of the writes")
    func normalLatency() {
        let stage = Stage.present([
            spec("plug") { $0.latency = .normal(mean: .milliseconds(50), deviation: .milliseconds(20)) }
        ])
        for round in 0..<400 as Range<UInt64> {
            stage.advance(to: round * 1000)
            stage.write(0, Int32(round % 21))
        }
        stage.advance(to: 1_000_000)
        let delays = stage.owner.take().enumerated().map { Int64($1.milliseconds) - Int64($0) * 1000 }
        #expect(delays.count == 400)
        #expect(delays.allSatisfy { (0...170).contains($0) })
        #expect((46...54).contains(delays.reduce(0, +) / 400))
        #expect(delays.filter { (30...70).contains($0) }.count > 240)
        #expect(delays.filter { !(30...70).contains($0) }.count > 60)

        for ticket in 0..<50 as Range<Int32> { stage.write(0, ticket % 20) }
        stage.advance(to: 2_000_000)
        let tickets = stage.owner.take().map(\.what)
        #expect(tickets == (401...450).map { .answered($0, .done) })
    }

    @Test("A rate cap lets the first write through and queues the others; idle time does not count later")
    func rateCap() {
        let stage = Stage.present([spec("plug") { $0.writesPerSecond = 10 }])
        for value in 1...4 as ClosedRange<Int32> { stage.write(0, value) }
        stage.advance(to: 1000)
        stage.write(0, 5)
        stage.write(0, 6)
        stage.advance(to: 2000)
        #expect(
            stage.owner.take() == [
                .answered(0, 1), .answered(100, 2), .answered(200, 3), .answered(300, 4), .answered(1000, 5), .answered(1100, 6),
            ])
    }

    @Test("The failure rate refuses about its share of the writes, and these change nothing")
    func failures() {
        let stage = Stage.present([spec("plug") { $0.failureRate = 0.25 }, spec("rabbit") { $0.failureRate = 1 }])
        for _ in 0..<4000 { stage.write(0, 3) }
        let refused = stage.owner.take().filter { if case .answered(_, .refused) = $0.what { true } else { false } }.count
        #expect((900...1100).contains(refused))
        stage.write(1, 3)
        #expect(stage.owner.take() == [.answered(0, 4001, .refused)])
        #expect(stage.backend.value(1, feature: 0, type: .vibrate) == 0)
    }

    @Test("failNext refuses exactly that number of writes; with a latency the refusal is late too")
    func failNext() {
        let stage = Stage.present([spec("plug")])
        stage.backend.failNext(2, on: 0)
        for value in 1...3 as ClosedRange<Int32> { stage.write(0, value) }
        #expect(stage.owner.take() == [.answered(0, 1, .refused), .answered(0, 2, .refused), .answered(0, 3)])
        stage.backend.failNext(1, on: 0)
        stage.backend.setLatency(.fixed(.milliseconds(7)), on: 0)
        stage.write(0, 4)
        stage.advance(to: 50)
        #expect(stage.owner.take() == [.answered(7, 4, .refused)])
        #expect(stage.backend.value(0, feature: 0, type: .vibrate) == 3)
    }

    @Test("Latency set to none works from the next write on, and the write in progress keeps its time")
    func setLatency() {
        let stage = Stage.present([spec("plug")])
        stage.backend.setLatency(.fixed(.forever), on: 0)
        stage.write(0, 1)
        stage.backend.setLatency(.fixed(.seconds(1)), on: 0)
        stage.write(0, 2)
        stage.backend.setLatency(.none, on: 0)
        stage.write(0, 3)
        stage.advance(to: 60_000)
        #expect(stage.owner.take() == [.answered(0, 3), .answered(1000, 2)])
    }

    @Test("A device that is gone gives no more answers, also after its return, and its outputs are at rest")
    func lost() {
        let stage = Stage.present([spec("plug") { $0.latency = .fixed(.milliseconds(100)) }])
        stage.write(0, 9)
        stage.backend.disconnect(0, at: Stage.instant(50))
        stage.write(0, 8)
        #expect(stage.backend.value(0, feature: 0, type: .vibrate) == 0)
        stage.backend.reconnect(0, at: Stage.instant(60))
        stage.advance(to: 1000)
        #expect(stage.owner.take() == [.event(50, .disappeared(0)), .appeared(60, 0, "Simulated Plug")])
        stage.write(0, 7)
        stage.advance(to: 2000)
        #expect(stage.owner.take() == [.answered(1100, 3)])
    }

    @Test("stopOutputs puts every output of every device to zero")
    func stopOutputs() {
        let stage = Stage.present([spec("rabbit"), spec("max")])
        stage.write(0, 9)
        stage.write(0, feature: 1, .rotate, -3)
        stage.write(1, feature: 1, .constrict, 3)
        stage.handle(.stopOutputs)
        #expect(stage.backend.value(0, feature: 0, type: .vibrate) == 0)
        #expect(stage.backend.value(0, feature: 1, type: .rotate) == 0)
        #expect(stage.backend.value(1, feature: 1, type: .constrict) == 0)
    }

    @Test("An owner may call the backend during one of its events, and nothing is lost or reported twice")
    func callingBack() {
        /// Reads the battery of every device that appears, and writes to it.
        final class Curious: BackendOwner {
            var recorded: [String] = []
            let backend: EmbeddedBackend
            init(_ backend: EmbeddedBackend) { self.backend = backend }
            func reportIsDue(from backend: BackendNumber) {}
            func answered(ticket: UInt32, _ outcome: WriteOutcome, at now: Instant) { recorded.append("answered \(ticket)") }
            func happened(_ event: BackendEvent, from number: BackendNumber, at now: Instant) {
                switch event {
                case .appeared(let device, _):
                    recorded.append("appeared \(device)")
                    backend.handle(.read(device: device, feature: 1, type: .battery, request: device), at: now)
                    let write = DeviceWrite(
                        to: DeviceTarget(backend: 0, device: device, deviceIndex: device, feature: 0), type: .vibrate, value: 1,
                        duration: 0,
                        ticket: device, session: 0)
                    withUnsafePointer(to: write) { backend.perform(.init(start: $0, count: 1), at: now) }
                case .readAnswered(let request, let values): recorded.append("read \(request) \(values)")
                default: recorded.append("\(event)")
                }
            }
        }
        let backend = EmbeddedBackend([spec("plug", count: 2)])
        let owner = Curious(backend)
        backend.start(for: owner, as: 0, at: .zero)
        backend.handle(.startScanning, at: .zero)
        backend.report(at: Stage.instant(50))
        #expect(
            owner.recorded == [
                "appeared 0", "read 0 [100]", "answered 0", "appeared 1", "read 1 [100]", "answered 1", "scanningFinished",
            ])
    }

    @Test("The same seed gives the same events; another seed gives others; more devices do not change a device's random numbers")
    func seeds() {
        func run(seed: UInt64, _ extra: [SimulatedDeviceSpec] = []) -> [Recorded] {
            let noisy = spec("plug") {
                $0.latency = .normal(mean: .milliseconds(20), deviation: .milliseconds(8))
                $0.failureRate = 0.3
            }
            let stage = Stage.present([noisy] + extra, seed: seed)
            for round in 0..<100 as Range<UInt64> {
                stage.advance(to: round * 10)
                stage.write(0, Int32(round % 20))
            }
            stage.advance(to: 5000)
            return stage.owner.take()
        }
        #expect(run(seed: 1) == run(seed: 1))
        #expect(run(seed: 1) != run(seed: 2))
        #expect(run(seed: 1) == run(seed: 1, [spec("rabbit", count: 3)]))
    }
}
