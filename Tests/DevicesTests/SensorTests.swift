// Readings of sensors: within their ranges, from a seed, and only for sessions that asked.

import Buttplug
import Devices
import Host
import Testing

@Suite struct SensorTests {
    private func read(_ stage: Stage, device: UInt32 = 0, _ feature: UInt32, _ type: InputType) -> [Int32] {
        stage.handle(.read(device: device, feature: feature, type: type, request: 77))
        guard case .other(.readAnswered(request: 77, let values))? = stage.owner.take().last?.what else { return [] }
        return values
    }

    @Test("A battery drains by its idle rate at rest, by its active rate while an output is on, and stops at zero")
    func battery() {
        let stage = Stage.present([
            spec("plug") {
                $0.batteryPercent = 80
                $0.batteryDrainIdle = 1
                $0.batteryDrainActive = 4
            }
        ])
        #expect(read(stage, 1, .battery) == [80])
        stage.advance(to: 5 * 60_000)
        #expect(read(stage, 1, .battery) == [75])
        stage.write(0, 1)
        stage.advance(to: 6 * 60_000)
        stage.write(0, 20)
        stage.advance(to: 10 * 60_000)
        stage.write(0, 0)
        #expect(read(stage, 1, .battery) == [55])
        stage.advance(to: 12 * 60_000)
        #expect(read(stage, 1, .battery) == [53])
        stage.advance(to: 1000 * 60_000)
        #expect(read(stage, 1, .battery) == [0])
    }

    @Test("A battery does not drain while the device is gone, and a move costs as much as its duration")
    func batteryOfAStroker() {
        let stage = Stage.present([
            spec("stroker-batt") {
                $0.batteryDrainIdle = 0
                $0.batteryDrainActive = 60
            }
        ])
        stage.write(0, .hwPositionWithDuration, 100, duration: 10_000)
        stage.advance(to: 60_000)
        #expect(read(stage, 1, .battery) == [90])
        stage.write(0, .hwPositionWithDuration, 0, duration: 10_000)
        stage.advance(to: 65_000)
        stage.backend.disconnect(0, at: Stage.instant(65_000))
        stage.backend.reconnect(0, at: Stage.instant(600_000))
        stage.advance(to: 700_000)
        #expect(read(stage, 1, .battery) == [85])
    }

    @Test("The position sensor follows a timed move over its duration and an untimed one at full speed")
    func position() {
        let stage = Stage.present([spec("stroker-batt")])
        #expect(read(stage, 2, .position) == [0])
        stage.write(0, .hwPositionWithDuration, 100, duration: 1000)
        stage.advance(to: 250)
        #expect(read(stage, 2, .position) == [25])
        stage.advance(to: 5000)
        #expect(read(stage, 2, .position) == [100])
        stage.write(0, .position, 0)
        stage.advance(to: 5150)
        #expect(read(stage, 2, .position) == [50])
        stage.write(0, .hwPositionWithDuration, 100, duration: 1)
        stage.advance(to: 5210)
        #expect(read(stage, 2, .position) == [70])
        stage.handle(.stopOutputs)
        stage.advance(to: 9000)
        #expect(read(stage, 2, .position) == [70])
    }

    @Test("Subscribed position readings come ten times a second until the subscription ends")
    func positionReadings() {
        let stage = Stage.present([spec("stroker-batt")])
        stage.handle(.subscribe(device: 0, feature: 2, type: .position, request: 1))
        stage.handle(.subscribe(device: 0, feature: 2, type: .position, request: 2))
        stage.write(0, .hwPositionWithDuration, 100, duration: 400)
        #expect(
            stage.owner.take() == [
                .event(0, .subscriptionAnswered(request: 1)), .event(0, .subscriptionAnswered(request: 2)), .answered(0, 1),
            ])
        stage.advance(to: 550)
        #expect(
            stage.owner.take()
                == [25, 50, 75, 100, 100].enumerated().map { step, value in
                    .event(UInt64(step + 1) * 100, .reading(0, feature: 2, type: .position, values: [value]))
                })
        stage.handle(.unsubscribe(device: 0, feature: 2, type: .position, request: 3))
        stage.advance(to: 5000)
        #expect(stage.owner.take() == [.event(550, .subscriptionAnswered(request: 3))])
        #expect(stage.backend.deadline == .never)
    }

    @Test("Readings come at the device's own interval")
    func interval() {
        let stage = Stage.present([spec("kegel") { $0.readingInterval = .milliseconds(25) }])
        stage.handle(.subscribe(device: 0, feature: 0, type: .pressure, request: 1))
        stage.advance(to: 1000)
        #expect(stage.owner.takeReadings().count == 40)
    }

    @Test("A button reports only its changes, first when it is pressed, and again and again")
    func button() {
        let stage = Stage.present([spec("wand-button")])
        stage.handle(.subscribe(device: 0, feature: 1, type: .button, request: 1))
        stage.advance(to: 120_000)
        let readings = stage.owner.takeReadings()
        #expect(readings.count > 50)
        #expect(readings == readings.indices.map { [$0 % 2 == 0 ? 1 : 0] })
    }

    @Test("Pressure has four different channels within range, with times of rest and of pressure")
    func pressure() {
        let stage = Stage.present([spec("kegel")])
        stage.handle(.subscribe(device: 0, feature: 0, type: .pressure, request: 1))
        stage.advance(to: 60_000)
        let readings = stage.owner.takeReadings()
        #expect(readings.count == 600)
        #expect(readings.allSatisfy { $0.count == 4 && $0.allSatisfy { (0...2000).contains($0) } })
        #expect(readings.contains { $0[0] > 1200 })
        #expect(readings.contains { $0[0] < 200 })
        #expect(readings.contains { $0[0] != $0[1] })
    }

    @Test("Signal strength changes by small steps within -90…-40")
    func signal() {
        let stage = Stage.present([spec("wand-button")])
        var levels: [Int32] = []
        for second in 1...600 as ClosedRange<UInt64> {
            stage.advance(to: second * 1000)
            levels += read(stage, 3, .rssi)
        }
        #expect(levels.count == 600)
        #expect(levels.allSatisfy { (-90 ... -40).contains($0) })
        #expect(zip(levels, levels.dropFirst()).allSatisfy { abs($0 - $1) <= 2 })
        #expect(Set(levels).count > 5)
    }

    @Test("A read or subscription that is not possible fails with its reason, also on a device that is gone")
    func failures() {
        let stage = Stage.present([spec("wand-button")])
        stage.handle(.read(device: 0, feature: 1, type: .button, request: 1))
        stage.handle(.read(device: 0, feature: 0, type: .battery, request: 2))
        stage.handle(.subscribe(device: 0, feature: 9, type: .rssi, request: 3))
        stage.backend.disconnect(0, at: .zero)
        stage.handle(.read(device: 0, feature: 2, type: .battery, request: 4))
        stage.handle(.read(device: 5, feature: 2, type: .battery, request: 5))
        #expect(
            stage.owner.take() == [
                .event(0, .requestFailed(request: 1, "feature 1 has no Button that can be read")),
                .event(0, .requestFailed(request: 2, "feature 0 has no Battery that can be read")),
                .event(0, .requestFailed(request: 3, "feature 9 has no Rssi that can be subscribed to")),
                .event(0, .disappeared(0)),
                .event(0, .requestFailed(request: 4, "the device is not connected")),
                .event(0, .requestFailed(request: 5, "the device is not connected")),
            ])
    }

    @Test("A subscription ends with its device and does not come back with it")
    func disconnect() {
        let stage = Stage.present([spec("kegel")])
        stage.handle(.subscribe(device: 0, feature: 0, type: .pressure, request: 1))
        stage.advance(to: 500)
        #expect(stage.owner.takeReadings().count == 5)
        stage.backend.disconnect(0, at: Stage.instant(500))
        stage.backend.reconnect(0, at: Stage.instant(510))
        stage.advance(to: 5000)
        #expect(stage.owner.takeReadings() == [])
        stage.handle(.subscribe(device: 0, feature: 0, type: .pressure, request: 2))
        stage.advance(to: 5500)
        #expect(stage.owner.takeReadings().count == 5)
    }

    @Test("The same seed gives the same readings, another seed gives others, and two devices of a kind have different readings")
    func seeds() {
        func run(seed: UInt64, device: UInt32 = 0) -> [[Int32]] {
            let stage = Stage.present([spec("kegel", count: 2)], seed: seed)
            stage.handle(.subscribe(device: device, feature: 0, type: .pressure, request: 1))
            stage.advance(to: 20_000)
            return stage.owner.takeReadings()
        }
        #expect(run(seed: 4) == run(seed: 4))
        #expect(run(seed: 4) != run(seed: 5))
        #expect(run(seed: 4) != run(seed: 4, device: 1))
    }
}
