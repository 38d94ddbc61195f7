// Sensors: shared reads, counted subscriptions, what devices that fail or leave do to them, and slow readers.
// Must not know the form of a reading in any version.

import Buttplug
import Host
import Testing

@testable import Router

@Suite struct SensorTests {
    private func router(_ change: (inout RouterSettings) -> Void = { _ in }) -> TestRouter {
        var settings = RouterSettings()
        change(&settings)
        let router = TestRouter(settings)
        router.appear(0, .twoMotors())
        router.open("A")
        router.open("B")
        router.forget()
        return router
    }

    private func reading(_ value: Int32) -> BackendEvent { .reading(0, feature: 0, type: .battery, values: [value]) }

    // MARK: Reads

    @Test("identical reads at the same time are one read of the device, and each is answered with its own Id") func shared() {
        let router = router()
        router.input("A", 2, 0, 0, "Battery", "Read")
        let number = router.lastRequest()
        router.input("B", 7, 0, 0, "Battery", "Read")
        #expect(router.takenRequests() == ["read 0.0 Battery"])
        #expect(router.received.isEmpty)
        router.happen(.readAnswered(request: number, values: [85]))
        #expect(router.received.allSatisfy { $0.raw.contains("85") })
        #expect(router.taken("A") == ["InputReading 2"])
        #expect(router.taken("B") == ["InputReading 7"])
        router.input("A", 3, 0, 0, "Battery", "Read")
        #expect(router.takenRequests() == ["read 0.0 Battery"])
    }

    @Test("a read that fails, or is not answered within five seconds, is Error 4; a late answer is ignored") func failures() {
        let router = router()
        router.input("A", 2, 0, 0, "Battery", "Read")
        router.happen(.requestFailed(request: router.lastRequest(), "no \"battery\""))
        #expect(router.lastError("A") == #"{"ButtplugDeviceError":{"DeviceCommunicationError":"no battery"}}"#)
        #expect(router.taken("A") == ["Error 4 2"])
        router.input("A", 3, 0, 0, "Battery", "Read")
        let number = router.lastRequest()
        router.advance(4_999)
        #expect(router.taken("A").isEmpty)
        router.advance(1)
        #expect(router.taken("A") == ["Error 4 3"])
        router.happen(.readAnswered(request: number, values: [1]))
        #expect(router.taken("A").isEmpty)
    }

    @Test("a request to a sensor that does not exist, or cannot do it, is Error 4") func invalid() {
        let router = router()
        router.input("A", 2, 0, 1, "Battery", "Read")
        router.input("A", 3, 0, 0, "Pressure", "Read")
        router.input("A", 4, 9, 0, "Battery", "Subscribe")
        router.input("A", 5, 0, 8, "Battery", "Unsubscribe")
        #expect(router.taken("A") == ["Error 4 2", "Error 4 3", "Error 4 4", "Error 4 5"])
        #expect(router.takenRequests().isEmpty)
    }

    @Test("requests that wait for devices are limited per session") func pendingLimit() {
        let router = router { $0.limits.pendingRequests = 2 }
        for id in 2...4 { router.input("A", id, 0, 0, "Battery", "Read") }
        #expect(router.taken("A") == ["Error 3 4"])
        router.input("B", 5, 0, 0, "Battery", "Read")
        router.happen(.readAnswered(request: router.lastRequest(), values: [1]))
        #expect(router.taken("A") == ["InputReading 2", "InputReading 3"])
        #expect(router.taken("B") == ["InputReading 5"])
        router.input("A", 6, 0, 0, "Battery", "Read")
        #expect(router.taken("A").isEmpty)
    }

    // MARK: Subscriptions

    @Test("a session that subscribes while the device is being asked waits with the first; a refusal is for all of them") func joining() {
        let router = router()
        router.backend.answersSubscriptions = false
        router.input("A", 2, 0, 0, "Battery", "Subscribe")
        router.input("B", 3, 0, 0, "Battery", "Subscribe")
        #expect(router.received.isEmpty)
        router.happen(.requestFailed(request: router.lastRequest(), "busy"))
        #expect(router.taken("A") == ["Error 4 2"])
        #expect(router.taken("B") == ["Error 4 3"])
        router.happen(reading(1))
        #expect(router.received.isEmpty)
        router.forget()
        router.input("A", 4, 0, 0, "Battery", "Subscribe")
        let number = router.lastRequest()
        #expect(router.takenRequests() == ["subscribe 0.0 Battery"])
        router.happen(.subscriptionAnswered(request: number))
        #expect(router.taken("A") == ["Ok 4"])
        router.happen(reading(2))
        #expect(router.taken("A") == ["InputReading 0"])
    }

    @Test("a session that unsubscribes before the device has answered gets both replies, and the device is unsubscribed") func impatient() {
        let router = router()
        router.backend.answersSubscriptions = false
        router.input("A", 2, 0, 0, "Battery", "Subscribe")
        router.input("A", 3, 0, 0, "Battery", "Unsubscribe")
        #expect(router.taken("A") == ["Ok 2", "Ok 3"])
        #expect(router.takenRequests() == ["subscribe 0.0 Battery", "unsubscribe 0.0 Battery"])
        router.input("A", 4, 0, 0, "Battery", "Unsubscribe")
        #expect(router.taken("A") == ["Ok 4"])
        #expect(router.takenRequests().isEmpty)
    }

    @Test("a session without a subscription may unsubscribe, and others keep theirs, also one that is not complete yet") func stranger() {
        let router = router()
        router.backend.answersSubscriptions = false
        router.input("A", 2, 0, 0, "Battery", "Subscribe")
        let number = router.lastRequest()
        router.input("B", 3, 0, 0, "Battery", "Unsubscribe")
        #expect(router.taken("B") == ["Ok 3"])
        #expect(router.takenRequests() == ["subscribe 0.0 Battery"])
        router.happen(.subscriptionAnswered(request: number))
        router.happen(reading(1))
        #expect(router.taken("A") == ["Ok 2", "InputReading 0"])
        #expect(router.taken("B").isEmpty)
    }

    @Test("while one read hangs, each of many others is answered once, and the one that hangs is answered in time") func hanging() {
        let router = router()
        router.appear(1, .twoMotors("second"))
        router.forget()
        router.input("A", 2, 1, 0, "Battery", "Read")
        for id in 3..<503 {
            router.input("B", id, 0, 0, "Battery", "Read")
            router.happen(.readAnswered(request: router.lastRequest(), values: [7]))
        }
        #expect(router.taken("B") == (3..<503).map { "InputReading \($0)" })
        router.advance(5_000)
        #expect(router.taken("A") == ["Error 4 2"])
    }

    @Test("a stop of inputs, a vanished client and a denied device end a subscription; others keep theirs", arguments: [0, 1, 2])
    func endings(_ way: Int) {
        let router = router()
        router.input("A", 2, 0, 0, "Battery", "Subscribe")
        router.input("B", 3, 0, 0, "Battery", "Subscribe")
        router.forget()
        switch way {
        case 0: router.send("A", #"[{"StopCmd":{"Id":4,"DeviceIndex":0,"FeatureIndex":0,"Outputs":false}}]"#)
        case 1: router.close("A", .peerVanished)
        default:
            var settings = RouterSettings()
            settings.rules.rules = [Rule(match: RuleMatch(client: Glob("A")), devices: DeviceAccess(deny: [Glob("Two*")]))]
            router.runner.settingsChanged(settings)
            router.host.turn()
        }
        #expect(router.takenRequests().isEmpty)
        _ = router.taken("A")
        router.happen(reading(1))
        #expect(router.taken("A").isEmpty)
        #expect(router.taken("B") == ["InputReading 0"])
        router.close("B")
        #expect(router.takenRequests() == ["unsubscribe 0.0 Battery"])
    }

    @Test("the subscription of a device that is away is made again on its return, unless it ended meanwhile") func sleeping() {
        let router = router()
        router.input("A", 2, 0, 0, "Battery", "Subscribe")
        router.vanish(0)
        router.forget()
        router.appear(0, .twoMotors())
        #expect(router.takenRequests() == ["subscribe 0.0 Battery"])
        router.vanish(0)
        router.close("A")
        router.appear(0, .twoMotors())
        #expect(router.takenRequests().isEmpty)
    }

    @Test("a session that waits for a subscription when the device leaves gets Error 4 and is not subscribed on its return") func leaving()
    {
        let router = router()
        router.backend.answersSubscriptions = false
        router.input("A", 2, 0, 0, "Battery", "Subscribe")
        router.forget()
        router.vanish(0)
        #expect(router.taken("A") == ["Error 4 2", "DeviceList 0"])
        router.appear(0, .twoMotors())
        #expect(router.takenRequests().isEmpty)
    }

    // MARK: Slow readers

    @Test("a congested session gets only the newest reading and one list, when its link takes data again") func congested() {
        let router = router()
        router.input("A", 2, 0, 0, "Battery", "Subscribe")
        router.input("B", 3, 0, 0, "Battery", "Subscribe")
        router.forget()
        router.runner.congested(router.id("A"))
        for value in 1...5 { router.happen(reading(Int32(value))) }
        router.appear(1, .rotator())
        router.vanish(1)
        #expect(router.taken("A").isEmpty)
        #expect(router.taken("B").filter { $0 == "InputReading 0" }.count == 5)
        router.send("A", #"[{"Ping":{"Id":4}}]"#)
        #expect(router.taken("A") == ["Ok 4"])
        router.runner.drained(router.id("A"), at: router.host.now)
        router.host.turn()
        #expect(router.received.last?.raw.contains(":[5]") == true || router.received.last?.raw.contains(":5") == true)
        #expect(router.taken("A") == ["DeviceList 0", "InputReading 0"])
        router.happen(reading(6))
        #expect(router.taken("A") == ["InputReading 0"])
    }

    @Test("a session that asks for more lists than its link can hold in one turn gets them all, in order") func manyLists() {
        let router = router { $0.limits.queuedBytes = 4_096 }
        let asked = (2...500).map { #"{"RequestDeviceList":{"Id":\#($0)}}"# }
        router.send("A", "[" + asked.joined(separator: ",") + "]")
        let taken = router.taken("A")
        #expect(taken == (2...500).map { "DeviceList \($0)" })
        #expect(router.closes.isEmpty)
    }

    @Test("lists wait for a link that takes nothing; only a session that asks again and again without reading is cut off") func listFlood()
    {
        let router = router { $0.limits.pendingRequests = 20 }
        let one = { (id: Int) in #"[{"RequestDeviceList":{"Id":\#(id)}}]"# }
        router.runner.congested(router.id("A"))
        router.send("A", one(2))
        router.send("A", #"[{"Ping":{"Id":3}},{"RequestDeviceList":{"Id":4}}]"#)
        #expect(router.taken("A") == ["Ok 3"])
        router.appear(1, .rotator())
        #expect(router.taken("A").isEmpty)
        router.runner.drained(router.id("A"), at: router.host.now)
        router.host.turn()
        #expect(router.taken("A") == ["DeviceList 0", "DeviceList 2", "DeviceList 4"])
        router.runner.congested(router.id("A"))
        for id in 10..<30 { router.send("A", one(id)) }
        #expect(router.closes.isEmpty)
        router.send("A", one(30))
        #expect(router.closes.map(\.reason) == [.slowConsumer])
        router.send("B", one(2))
        #expect(router.taken("B") == ["DeviceList 0", "DeviceList 2"])
    }
}
