// Device lists and scans: what each session is told about devices that come and go, and when a scan is over.
// Must not know the form of a list in any version.

import Buttplug
import Host
import Testing

@testable import Router

@Suite struct DeviceListTests {
    @Test("devices that come in one turn are one list, and each session gets it once, in one send") func oncePerTurn() {
        let router = TestRouter()
        let a = router.open("A")
        router.open("B")
        let sends = a.link.sends
        for device in 0..<3 {
            let description = DeviceDescription.twoMotors("d\(device)")
            router.runner.happened(.appeared(UInt32(device), description), from: 0, at: router.host.now)
        }
        router.host.turn()
        #expect(router.received.count == 2)
        #expect(router.received.allSatisfy { $0.name == "DeviceList" && $0.id == 0 && $0.raw.contains(#""DeviceIndex":2"#) })
        #expect(a.link.sends == sends + 1)
    }

    @Test("older versions are told each difference, also when a device leaves and returns within a turn") func older() {
        let router = TestRouter()
        router.open("Old", version: 3)
        router.appear(0, .twoMotors())
        #expect(router.taken("Old") == ["DeviceAdded 0"])
        router.runner.happened(.disappeared(0), from: 0, at: router.host.now)
        router.runner.happened(.appeared(0, .twoMotors()), from: 0, at: router.host.now)
        router.host.turn()
        #expect(router.taken("Old") == ["DeviceRemoved 0", "DeviceAdded 0"])
        router.vanish(0)
        #expect(router.taken("Old") == ["DeviceRemoved 0"])
    }

    @Test("before its handshake a session is told nothing") func silent() {
        let router = TestRouter()
        router.connect("A")
        router.appear(0, .twoMotors())
        #expect(router.received.isEmpty)
    }

    @Test("a denied device is neither in an answer nor announced, and a reload removes it from the list") func denied() {
        var settings = RouterSettings()
        settings.rules.rules = [Rule(match: RuleMatch(client: Glob("A")), devices: DeviceAccess(deny: [Glob("Rotator")]))]
        let router = TestRouter(settings)
        router.open("A")
        router.open("Old", version: 3)
        router.appear(0, .twoMotors())
        router.forget()
        router.appear(1, .rotator())
        router.send("A", #"[{"RequestDeviceList":{"Id":2}}]"#)
        #expect(router.received.filter { $0.to == "A" && $0.raw.contains("Rotator") }.isEmpty)
        #expect(router.taken("Old") == ["DeviceAdded 0"])
        _ = router.taken("A")
        settings.rules.rules = [Rule(match: RuleMatch(client: Glob("Old")), devices: DeviceAccess(allow: [Glob("Rotator")]))]
        router.runner.settingsChanged(settings)
        router.host.turn()
        #expect(router.received.contains { $0.to == "A" && $0.raw.contains("Rotator") })
        #expect(router.taken("A") == ["DeviceList 0"])
        #expect(router.taken("Old") == ["DeviceRemoved 0"])
    }

    @Test("a session is not told about a device that it may not see, in every version", arguments: [0, 1, 2, 3, 4])
    func unseen(version: Int) {
        var settings = RouterSettings()
        settings.rules.rules = [Rule(match: RuleMatch(client: Glob("A")), devices: DeviceAccess(deny: [Glob("Rotator")]))]
        let router = TestRouter(settings)
        router.open("A", version: version)
        router.open("B")
        router.appear(1, .rotator())
        router.vanish(1)
        #expect(router.taken("A").isEmpty)
        #expect(router.taken("B") == ["DeviceList 0", "DeviceList 0"])
        // Of two devices that come in one turn, the session sees one.
        router.runner.happened(.appeared(0, .twoMotors()), from: 0, at: router.host.now)
        router.runner.happened(.appeared(1, .rotator()), from: 0, at: router.host.now)
        router.host.turn()
        #expect(router.received.filter { $0.to == "A" }.count == 1)
    }

    @Test("a device keeps its index while it is away, another device never gets it, and both hold after a restart") func indices() {
        let router = TestRouter()
        router.appear(0, .twoMotors("first"))
        router.vanish(0)
        router.appear(1, .rotator("second"))
        router.appear(0, .twoMotors("first"))
        let seen: (TestRouter) -> [String] = { router in
            router.events.compactMap {
                if case .deviceAppeared(let info) = $0.event { "\(info.index) \(info.description.identity)" } else { nil }
            }
        }
        #expect(seen(router) == ["0 first", "1 second", "0 first"])
        let restarted = TestRouter(state: router.runner.state)
        restarted.appear(5, .stroker("third"))
        restarted.appear(6, .rotator("second"))
        #expect(seen(restarted) == ["2 third", "1 second"])
    }

    @Test("a new identity changes the state; a known one does not") func stateChanges() {
        let router = TestRouter()
        let changes: () -> Int = { router.events.filter { if case .stateChanged = $0.event { true } else { false } }.count }
        router.appear(0, .twoMotors())
        #expect(changes() == 1)
        router.vanish(0)
        router.appear(0, .twoMotors())
        #expect(changes() == 1)
    }

    @Test("a second device of one identity, and one above the limit, are refused and reported") func refused() {
        var settings = RouterSettings()
        settings.limits.devices = 2
        let router = TestRouter(settings, backends: 2)
        router.appear(0, .twoMotors("same"))
        router.appear(0, .twoMotors("same"), backend: 1)
        #expect(router.runner.deviceCount == 1)
        router.appear(1, .rotator("other"))
        router.appear(2, .stroker("third"))
        #expect(router.runner.deviceCount == 2)
        let refused = router.events.filter { if case .deviceRefused = $0.event { true } else { false } }
        #expect(refused.count == 2)
    }

    // MARK: Scans

    private let start = #"[{"StartScanning":{"Id":2}}]"#
    private let stop = #"[{"StopScanning":{"Id":3}}]"#

    @Test("a scan lasts as long as there is a vote: a backend that is done is asked again, and no session is told") func lasts() {
        let router = TestRouter(backends: 2)
        router.open("A")
        router.open("Old", version: 3)
        router.send("A", start)
        router.send("Old", start)
        #expect(router.takenRequests() == ["start scanning"])
        #expect(router.takenRequests(backend: 1) == ["start scanning"])
        router.forget()
        router.happen(.scanningFinished)
        router.happen(.scanningFinished)
        router.happen(.scanningFinished, backend: 1)
        router.advance(4_999)
        #expect(router.received.isEmpty)
        #expect(router.takenRequests().isEmpty)
        router.advance(1)
        #expect(router.takenRequests() == ["start scanning"])
        #expect(router.takenRequests(backend: 1) == ["start scanning"])
        router.happen(.scanningFinished)
        router.send("A", start)
        #expect(router.takenRequests() == ["start scanning"], "a new vote does not wait")
        #expect(router.takenRequests(backend: 1).isEmpty)
        router.happen(.scanningFinished)
        router.close("A")
        router.send("Old", stop)
        #expect(router.takenRequests() == ["stop scanning"])
        router.advance(10_000)
        #expect(router.takenRequests().isEmpty)
    }

    @Test("a backend that returns during a vote is asked for a scan; without a vote none is") func outlives() {
        let router = TestRouter(backends: 2)
        router.open("A")
        router.happen(.returned, backend: 1)
        #expect(router.takenRequests(backend: 1).isEmpty)
        router.send("A", start)
        #expect(router.takenRequests(backend: 1) == ["start scanning"])
        router.happen(.returned, backend: 1)
        #expect(router.takenRequests(backend: 1) == ["start scanning"])
        #expect(router.takenRequests() == ["start scanning"])
        router.send("A", stop)
        #expect(router.takenRequests(backend: 1) == ["stop scanning"])
        router.happen(.returned, backend: 1)
        #expect(router.takenRequests(backend: 1).isEmpty)
    }

    @Test("an older session is told the end of its own scan when it stops it, a v4 session is not") func stopped() {
        let router = TestRouter()
        router.open("A")
        router.open("Old", version: 2)
        router.send("A", start)
        router.send("Old", start)
        router.forget()
        router.send("Old", stop)
        #expect(router.taken("Old") == ["Ok 3", "ScanningFinished 0"])
        router.send("Old", stop)
        #expect(router.taken("Old") == ["Ok 3"])
        #expect(router.takenRequests().isEmpty)
        router.send("A", stop)
        #expect(router.taken("A") == ["Ok 3"])
        #expect(router.takenRequests() == ["stop scanning"])
        router.happen(.scanningFinished)
        #expect(router.received.isEmpty)
    }
}
