// How simulated devices are found, and how they come and go.

import Buttplug
import Devices
import Host
import Testing

@Suite struct ScanTests {
    @Test("A scan finds each device at its delay, in the order of the list, and then finishes")
    func timeline() {
        let stage = Stage([
            spec("rabbit", count: 2), spec("plug") { $0.connectDelay = .milliseconds(20) },
            spec("kegel") { $0.connectDelay = .milliseconds(300) }, spec("rabbit"),
        ])
        stage.advance(to: 1000)
        #expect(stage.owner.take() == [])
        stage.handle(.startScanning)
        #expect(stage.owner.take() == [])
        stage.advance(to: 5000)
        #expect(
            stage.owner.take() == [
                .appeared(1020, 2, "Simulated Plug"), .appeared(1050, 0, "Simulated Rabbit"), .appeared(1050, 1, "Simulated Rabbit 2"),
                .appeared(1050, 4, "Simulated Rabbit 3"), .appeared(1300, 3, "Simulated Kegel"), .event(1300, .scanningFinished),
            ])
        #expect(
            (0..<5).map { stage.backend.description(of: $0).identity } == [
                "simulated:rabbit:1", "simulated:rabbit:2", "simulated:plug:1", "simulated:kegel:1", "simulated:rabbit:3",
            ])
        #expect(stage.backend.deadline == .never)
    }

    @Test("A scan that finds nothing new still takes its shortest time, and a second start changes nothing")
    func nothingNew() {
        let stage = Stage.present([spec("plug")])
        stage.handle(.startScanning)
        stage.advance(to: 30)
        stage.handle(.startScanning)
        stage.advance(to: 1000)
        #expect(stage.owner.take() == [.event(50, .scanningFinished)])
        stage.handle(.startScanning)
        stage.advance(to: 2000)
        #expect(stage.owner.take() == [.event(1050, .scanningFinished)])
    }

    @Test("A stopped scan finds nothing more and does not report its end; the next scan begins again")
    func stopped() {
        let stage = Stage([spec("plug"), spec("rabbit") { $0.connectDelay = .milliseconds(200) }])
        stage.handle(.startScanning)
        stage.advance(to: 100)
        stage.handle(.stopScanning)
        stage.handle(.stopScanning)
        stage.advance(to: 1000)
        #expect(stage.owner.take() == [.appeared(50, 0, "Simulated Plug")])
        stage.handle(.startScanning)
        stage.advance(to: 2000)
        #expect(stage.owner.take() == [.appeared(1200, 1, "Simulated Rabbit"), .event(1200, .scanningFinished)])
    }

    @Test("With presentAtStart all devices appear during start, and none appears twice")
    func presentAtStart() {
        var options = SimulatedSetOptions()
        options.presentAtStart = true
        let stage = Stage([spec("plug", count: 2), spec("empty") { $0.connectDelay = .seconds(5) }], options: options)
        #expect(stage.backend.deadline == .never)
        #expect(
            stage.owner.take() == [
                .appeared(0, 0, "Simulated Plug"), .appeared(0, 1, "Simulated Plug 2"), .appeared(0, 2, "Simulated Empty"),
            ])
        stage.now = 70
        stage.handle(.startScanning)
        stage.advance(to: 10_000)
        #expect(stage.owner.take() == [.event(120, .scanningFinished)])
    }

    @Test("A device with a schedule leaves and returns on time, again and again, with the same number and identity")
    func schedule() {
        let stage = Stage.present([
            spec("plug") {
                $0.disconnectAfter = .seconds(2)
                $0.reconnectAfter = .seconds(1)
            }, spec("rabbit") { $0.disconnectAfter = .seconds(4) },
        ])
        stage.advance(to: 8500)
        #expect(
            stage.owner.take() == [
                .event(2000, .disappeared(0)), .appeared(3000, 0, "Simulated Plug"), .event(4000, .disappeared(1)),
                .event(5000, .disappeared(0)), .appeared(6000, 0, "Simulated Plug"), .event(8000, .disappeared(0)),
            ])
        #expect(stage.backend.description(of: 0).identity == "simulated:plug:1")
    }

    @Test("After a leap of time a schedule runs once, not once for each time that it was due")
    func leap() {
        let stage = Stage.present([
            spec("plug") {
                $0.disconnectAfter = .seconds(2)
                $0.reconnectAfter = .zero
            }
        ])
        stage.backend.report(at: Stage.instant(3_600_000))
        #expect(stage.owner.take() == [.event(3_600_000, .disappeared(0))])
        stage.backend.report(at: Stage.instant(3_600_000))
        #expect(stage.owner.take() == [.appeared(3_600_000, 0, "Simulated Plug")])
        #expect(stage.backend.deadline == Stage.instant(3_602_000))
    }

    @Test("A device that is cut off is found by the next scan, or comes back by its schedule")
    func cutOff() {
        let stage = Stage.present([spec("plug"), spec("rabbit") { $0.reconnectAfter = .seconds(1) }])
        stage.handle(.cutOff(device: 0))
        stage.handle(.cutOff(device: 1))
        stage.handle(.cutOff(device: 1))
        stage.advance(to: 2000)
        stage.handle(.startScanning)
        stage.advance(to: 3000)
        #expect(
            stage.owner.take() == [
                .event(0, .disappeared(0)), .event(0, .disappeared(1)), .appeared(1000, 1, "Simulated Rabbit"),
                .appeared(2050, 0, "Simulated Plug"), .event(2050, .scanningFinished),
            ])
    }

    @Test("A device that was removed by hand is not found by scans until it is brought back by hand")
    func byHand() {
        let stage = Stage.present([spec("plug") { $0.reconnectAfter = .seconds(1) }])
        stage.backend.disconnect(0, at: .zero)
        stage.backend.disconnect(0, at: .zero)
        stage.handle(.startScanning)
        stage.advance(to: 3000)
        #expect(stage.owner.take() == [.event(0, .disappeared(0)), .event(50, .scanningFinished)])
        #expect(!stage.backend.isPresent(0))
        stage.backend.reconnect(0, at: Stage.instant(3000))
        stage.backend.reconnect(0, at: Stage.instant(3000))
        #expect(stage.owner.take() == [.appeared(3000, 0, "Simulated Plug")])
    }
}
