// Devices that another router arbitrates, and guests that drive devices here.

import Buttplug
import Host
import Router
import Testing

@Suite("Devices and sessions of other members of a cell")
struct ForeignTests {
    /// Backend 0 is arbitrated here, 1 is not. Device 0 is there, 1 is here.
    private func router(_ settings: RouterSettings = RouterSettings()) -> TestRouter {
        let router = TestRouter(settings, backends: 2, foreign: 1)
        router.appear(7, .twoMotors("attic/two"), backend: 1)
        router.appear(0, .twoMotors("test:here"), backend: 0)
        router.forget()
        return router
    }

    private func answer(_ router: TestRouter, _ request: UInt32, _ outcome: ForeignOutcome) {
        router.runner.orderAnswered(request, outcome, at: router.host.now)
        router.host.turn()
    }

    @Test("A command for a foreign device is passed on, and answered when its home has answered.")
    func passedOn() {
        let router = router()
        router.open("a")
        router.output("a", 5, 0, 1, "Vibrate", 40)
        #expect(router.taken("a") == [])
        let orders = router.orders(backend: 1)
        #expect(router.takenRequests(backend: 1) == ["order 0: 7.1 Vibrate 40"])
        #expect(orders.count == 1)
        answer(router, orders[0], .ok)
        #expect(router.taken("a") == ["Ok 5"])
        #expect(router.takenWrites(backend: 1) == [])
    }

    @Test("Each outcome has its error, and an answer counts once.", arguments: zip(ForeignOutcome.allCases, [0, 4, 4, 4, 3, 3, 4, 4, 3]))
    func outcomes(_ outcome: ForeignOutcome, _ code: Int) {
        let router = router()
        router.open("a")
        router.output("a", 5, 0, 1, "Vibrate", 40)
        let request = router.orders(backend: 1)[0]
        answer(router, request, outcome)
        answer(router, request, outcome)
        #expect(router.taken("a") == [code == 0 ? "Ok 5" : "Error \(code) 5"])
    }

    @Test("A wrong feature, type or value is refused at the entry, as for a device that is here.")
    func invalid() {
        let router = router()
        router.open("a")
        router.output("a", 5, 0, 9, "Vibrate", 40)
        router.output("a", 6, 0, 1, "Rotate", 40)
        router.output("a", 7, 0, 1, "Vibrate", 400)
        #expect(router.taken("a") == ["Error 4 5", "Error 4 6", "Error 4 7"])
        #expect(router.takenRequests(backend: 1) == [])
    }

    @Test("The parts of an old command that are for foreign devices share its one reply.")
    func parts() {
        let router = router()
        router.open("a", version: 3)
        let scalars = [0, 1].map { #"{"Index":\#($0),"Scalar":0.1,"ActuatorType":"Vibrate"}"# }.joined(separator: ",")
        router.send("a", #"[{"ScalarCmd":{"Id":5,"DeviceIndex":0,"Scalars":[\#(scalars)]}}]"#)
        let orders = router.orders(backend: 1)
        #expect(orders.count == 2)
        answer(router, orders[0], .ok)
        #expect(router.taken("a") == [])
        answer(router, orders[1], .ok)
        #expect(router.taken("a") == ["Ok 5"])
    }

    @Test("A session's stop and its end reach the homes it has driven, and no others.")
    func ends() {
        let router = router()
        router.open("a")
        router.open("b")
        router.output("a", 5, 0, 1, "Vibrate", 40)
        _ = router.takenRequests(backend: 1)
        router.send("b", #"[{"StopCmd":{"Id":6}}]"#)
        router.send("a", #"[{"StopCmd":{"Id":6,"DeviceIndex":1}}]"#)
        #expect(router.takenRequests(backend: 1) == [])
        router.send("a", #"[{"StopCmd":{"Id":7,"DeviceIndex":0}}]"#)
        router.send("a", #"[{"StopCmd":{"Id":8}}]"#)
        #expect(router.taken("a") == ["Ok 6", "Ok 7", "Ok 8"])
        #expect(router.takenRequests(backend: 1) == ["stop 0: 7.all", "stop 0: all.all"])
        router.close("b")
        router.close("a")
        #expect(router.takenRequests(backend: 1) == ["ended 0"])
    }

    @Test("An answer for a session that has ended goes to nobody, also when another session has its slot.")
    func lateAnswer() {
        let router = router()
        router.open("a")
        router.output("a", 5, 0, 1, "Vibrate", 40)
        let request = router.orders(backend: 1)[0]
        router.close("a")
        router.open("b")
        answer(router, request, .ok)
        #expect(router.taken("b") == [])
    }

    @Test("Under the emergency stop no order leaves; a zero does.")
    func stopped() {
        let router = router()
        router.open("a")
        router.runner.raiseEmergencyStop()
        router.host.turn()
        router.forget()
        router.output("a", 5, 0, 1, "Vibrate", 40)
        #expect(router.taken("a") == ["Ok 5"])
        #expect(router.takenRequests(backend: 1) == [])
        router.output("a", 6, 0, 1, "Vibrate", 0)
        #expect(router.takenRequests(backend: 1) == ["order 0: 7.1 Vibrate 0"])
    }

    @Test("A mask ends what a session below it has elsewhere, and a changed priority is told.")
    func masked() {
        let router = router()
        router.open("a")
        router.output("a", 5, 0, 1, "Vibrate", 40)
        router.forget()
        router.runner.raiseMask(holder: "x", level: 150)
        router.host.turn()
        #expect(router.takenRequests(backend: 1) == ["stop 0: all.all"])
        router.output("a", 6, 0, 1, "Vibrate", 40)
        #expect(router.takenRequests(backend: 1) == [])
        var patch = SessionPatch()
        patch.priority = 20
        _ = router.runner.patch(router.id("a"), patch)
        router.host.turn()
        #expect(router.takenRequests(backend: 1) == ["rights 0"])
    }

    // MARK: Guests

    private func guest(_ router: TestRouter, _ priority: UInt8 = 100) -> LinkID {
        var rights = Rights()
        rights.priority = priority
        return router.runner.openGuest(Guest(member: "attic", client: "far", rights: rights), at: router.host.now)
    }

    private func order(_ router: TestRouter, _ guest: LinkID, _ request: UInt32, _ value: Int32, device: UInt32 = 1) {
        let command = OutputCommand(id: request, device: device, feature: 0, type: .vibrate, value: value)
        router.runner.order(command, from: guest, at: router.host.now)
        router.host.turn()
    }

    private func outcomes(_ router: TestRouter) -> [String] {
        var words: [String] = []
        router.runner.takeGuestOutcomes { words.append("\($0.request) \($0.outcome)") }
        return words
    }

    @Test("A guest drives a device here in the same arbitration as local apps, and is answered by the device.")
    func guestDrives() {
        let router = router()
        router.open("a")
        router.output("a", 1, 1, 0, "Vibrate", 30)
        let guest = guest(router, 120)
        order(router, guest, 11, 70)
        #expect(router.takenWrites() == ["1.0 Vibrate 30", "1.0 Vibrate 70"])
        order(router, guest, 12, 700)
        order(router, guest, 13, 50, device: 0)
        order(router, guest, 14, 50, device: 40)
        order(router, guest, 15, 0)
        #expect(router.takenWrites() == ["1.0 Vibrate 30"])
        #expect(outcomes(router) == ["11 ok", "12 valueOutOfRange", "13 deviceGone", "14 deviceGone", "15 ok"])
    }

    @Test("Guests that are lost together leave in one pass: what they had falls, others' values stay.")
    func guestsLost() {
        let router = router()
        router.open("a")
        router.output("a", 1, 1, 0, "Vibrate", 30)
        let guests = (0..<50).map { _ in guest(router, 120) }
        for (place, guest) in guests.enumerated() { order(router, guest, UInt32(place) + 1, 50 + Int32(place)) }
        router.forget()
        router.runner.endGuests(guests, .peerVanished, at: router.host.now)
        router.host.turn()
        #expect(router.takenWrites() == ["1.0 Vibrate 30"])
        router.close("a")
        #expect(router.takenWrites() == ["1.0 Vibrate 0"])
        #expect(router.runner.sessionCount == 0)
    }

    @Test("A guest that the operator kicks, and one that is there when the router ends, leaves a zero.", arguments: [true, false])
    func guestKicked(_ isKick: Bool) {
        let router = router()
        let guest = guest(router)
        order(router, guest, 1, 50)
        router.forget()
        if isKick { router.runner.kick(guest) } else { router.runner.shutDown() }
        router.host.turn()
        #expect(router.takenWrites().first == "1.0 Vibrate 0")
        #expect(router.runner.sessionCount == 0)
        order(router, guest, 2, 50)
        #expect(router.takenWrites() == [])
    }

    @Test("A guest gets no device list, no ping deadline and no handshake deadline.")
    func guestIsQuiet() {
        let router = router()
        let guest = guest(router)
        router.appear(3, .rotator(), backend: 0)
        router.advance(600_000)
        order(router, guest, 1, 50)
        #expect(outcomes(router) == ["1 ok"])
    }

    @Test("A guest with lower rights than it had loses what they do not allow.")
    func guestChanges() {
        let router = router()
        let guest = guest(router)
        order(router, guest, 1, 50)
        router.forget()
        var rights = Rights()
        rights.mute = true
        router.runner.guestChanged(guest, to: rights, at: router.host.now)
        router.host.turn()
        #expect(router.takenWrites() == ["1.0 Vibrate 0"])
    }
}
