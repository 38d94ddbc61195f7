// What monitoring asks of a router: latencies of device writes, results, requests, votes and subscriptions.
// Must not know how it is shown.

import Host
import Testing

@testable import Router

@Suite struct FigureTests {
    private func router() -> TestRouter {
        let router = TestRouter()
        router.appear(0, .twoMotors())
        router.open("A")
        router.advance(1_000)
        router.forget()
        return router
    }

    @Test("The latency of a device is that of the writes of the last minute, and none when there were none") func latency() {
        let router = router()
        router.backend.faults[[0, 0]] = ScriptedBackend.Fault(latency: .milliseconds(20))
        router.advance(120_000)
        #expect(router.runner.snapshot.devices[0].latency == nil)
        router.output("A", 2, 0, 0, "Vibrate", 50)
        #expect(router.runner.snapshot.devices[0].latency == nil)
        router.advance(20)
        let latency = router.runner.snapshot.devices[0].latency
        #expect(latency?.median == .milliseconds(20) && latency?.longest == .milliseconds(20))
        let before = router.runner.figures.writeLatencies.count
        router.advance(61_000)
        #expect(router.runner.snapshot.devices[0].latency == nil)
        router.output("A", 3, 0, 0, "Vibrate", 60)
        router.advance(20)
        #expect(router.runner.figures.writeLatencies.count == before + 1)
    }

    @Test("Writes are done, refused or not answered; what comes too late changes nothing of it") func results() {
        let router = router()
        router.backend.faults[[0, 0]] = ScriptedBackend.Fault(refusals: 1)
        router.output("A", 2, 0, 0, "Vibrate", 50)
        #expect(router.runner.figures.writesRefused == 1)
        router.backend.faults[[0, 1]] = ScriptedBackend.Fault(latency: .seconds(30), isOnce: true)
        router.output("A", 3, 0, 1, "Vibrate", 50)
        router.advance(29_000)
        #expect(router.runner.figures.writesUnanswered == 1)
        router.advance(5_000)
        #expect(router.runner.figures.writesUnanswered == 1 && router.runner.figures.writesRefused == 1)
        #expect(router.runner.snapshot.devices[0].traffic.failures == 2)
    }

    @Test("Requests are counted by type, the usual command like the others") func requests() {
        let router = router()
        router.output("A", 2, 0, 0, "Vibrate", 50)
        router.send("A", #"[{"OutputCmd":{"Id":3,"DeviceIndex":0,"FeatureIndex":0,"Command":{"Vibrate":{"Value":1}}}},{"Ping":{"Id":4}}]"#)
        router.send("A", #"[{"StopCmd":{"Id":5}}]"#)
        router.send("A", "[{]")
        let requests = router.runner.figures.requestsByKind
        #expect(requests[.output] == 2 && requests[.ping] == 1 && requests[.stop] == 1 && requests[.handshake] == 1)
        #expect(requests[.scan] == 0 && requests[.failed] == 0)
        #expect(router.runner.totals.malformed == 1 && router.runner.totals.handshakesRefused == 0)
        router.connect("B")
        router.send("B", #"[{"Ping":{"Id":1}}]"#)
        #expect(router.runner.totals.handshakesRefused == 1)
    }

    @Test("Votes, subscriptions and readings are counted") func sensors() {
        let router = TestRouter()
        router.appear(0, .twoMotors())
        for name in ["A", "B"] {
            router.open(name)
            router.input(name, 2, 0, 0, "Battery", "Subscribe")
            router.send(name, #"[{"StartScanning":{"Id":3}}]"#)
        }
        router.happen(.reading(0, feature: 0, type: .battery, values: [50]))
        #expect(router.runner.figures.subscriptions == 2 && router.runner.figures.scanVotes == 2)
        #expect(router.runner.totals.readings == 1)
        router.close("A")
        #expect(router.runner.figures.subscriptions == 1 && router.runner.figures.scanVotes == 1)
    }
}
