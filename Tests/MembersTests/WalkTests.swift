// One order from an app at one member to a device at another, its answer back, and every way in which it ends.

import Host
import Testing

@Suite("Two members of a cell on a simulated bus")
struct WalkTests {
    let cell = Cell()
    let a: Member
    let b: Member

    /// Member b has a device, index 1,024; all that comes before has happened.
    init() {
        a = cell.member("a", block: 0, priorities: ["low": 50])
        b = cell.member("b", block: 1, priorities: ["high": 150])
        cell.run(100)
        b.appear(0, "test:two")
        cell.run(100)
        _ = b.writes()
    }

    private func drive(_ app: String = "app", _ value: Int = 40) {
        a.open(app)
        a.vibrate(app, 2, 1_024, value)
        cell.run(10)
        _ = a.taken(app)
    }

    @Test("An app at one member is shown the device at another, drives it, and gets Ok when the device has answered.")
    func walk() {
        a.open("app")
        a.send("app", #"[{"RequestDeviceList":{"Id":2}}]"#)
        cell.run(1)
        #expect(a.taken("app") == ["ServerInfo 1", "DeviceList 2 [1024]"])
        a.vibrate("app", 3, 1_024, 40)
        cell.run(10)
        #expect(b.writes() == ["1024.0 Vibrate 40"])
        #expect(a.taken("app") == ["Ok 3"])
        #expect(a.writes() == [])
    }

    @Test("An order takes two ways over the bus and no more: the answer is there within half a millisecond.")
    func isQuick() {
        drive()
        cell.run(10)
        a.vibrate("app", 3, 1_024, 50)
        cell.host.run(for: Interval(nanoseconds: 500_000))
        #expect(a.taken("app") == ["Ok 3"])
    }

    @Test("A local app with a higher priority wins, and the app of the other member has the device again when it leaves.")
    func priorities() {
        drive()
        b.open("high")
        b.vibrate("high", 2, 1_024, 10)
        cell.run(10)
        a.vibrate("app", 3, 1_024, 60)
        cell.run(10)
        #expect(b.writes() == ["1024.0 Vibrate 40", "1024.0 Vibrate 10"])
        #expect(a.taken("app") == ["Ok 3"])
        b.close("high")
        cell.run(10)
        #expect(b.writes() == ["1024.0 Vibrate 60"])
    }

    @Test("The priority that the entry's rule gives counts at the home.")
    func entryPriority() {
        b.open("local")
        b.vibrate("local", 2, 1_024, 10)
        cell.run(10)
        drive("low", 90)
        #expect(b.writes() == ["1024.0 Vibrate 10"])
    }

    @Test("An app that leaves, stops, or sends a zero leaves a zero at the other member at once.", arguments: ["leaves", "stops", "zero"])
    func ends(_ way: String) {
        drive()
        #expect(b.writes() == ["1024.0 Vibrate 40"])
        switch way {
        case "leaves": a.close("app")
        case "stops": a.send("app", #"[{"StopCmd":{"Id":3}}]"#)
        default: a.vibrate("app", 3, 1_024, 0)
        }
        cell.run(10)
        #expect(b.writes().first == "1024.0 Vibrate 0")
    }

    @Test("The emergency stop at one member ends what its apps have at another.")
    func emergency() {
        drive()
        _ = b.writes()
        a.runner.raiseEmergencyStop()
        cell.run(10)
        #expect(b.writes().first == "1024.0 Vibrate 0")
        a.vibrate("app", 3, 1_024, 50)
        cell.run(10)
        #expect(b.writes() == [])
        #expect(a.taken("app") == ["Ok 3"])
        a.runner.clearEmergencyStop()
        cell.run(1_000)
        #expect(b.writes() == [])
        a.vibrate("app", 4, 1_024, 50)
        cell.run(10)
        #expect(b.writes() == ["1024.0 Vibrate 50"])
    }

    @Test("The emergency stop raised at one member stops the others' own apps within a hop, and the clear at any of them clears all.")
    func wholeCell() {
        b.open("local")
        b.vibrate("local", 2, 1_024, 40)
        cell.run(10)
        _ = b.writes()
        a.runner.raiseEmergencyStop()
        cell.run(1)
        #expect(b.runner.isStopped && b.writes().first == "1024.0 Vibrate 0")
        b.runner.clearEmergencyStop()
        cell.run(10)
        #expect(!a.runner.isStopped && !b.runner.isStopped)
        cell.run(2_000)
        #expect(!a.runner.isStopped && b.writes() == [])
    }

    @Test("A stop raised while members are apart stops the other when they meet, also when an older one was cleared there meanwhile.")
    func stopMeetsClear() {
        b.runner.raiseEmergencyStop()
        cell.run(10)
        #expect(a.runner.isStopped)
        cell.bus.deafen("a", to: "b")
        cell.bus.deafen("b", to: "a")
        cell.run(2_000)
        b.runner.clearEmergencyStop()
        a.runner.clearEmergencyStop()
        a.runner.raiseEmergencyStop()
        cell.run(1_000)
        #expect(!b.runner.isStopped && a.runner.isStopped)
        cell.bus.heal()
        cell.run(3_000)
        #expect(b.runner.isStopped && a.runner.isStopped)
        a.runner.clearEmergencyStop()
        cell.run(500)
        #expect(!b.runner.isStopped && !a.runner.isStopped)
    }

    @Test("A clear on one side of a split does not undo the raise that the other side has made since.")
    func clearSeesOnlyItsOwn() {
        cell.bus.deafen("a", to: "b")
        cell.bus.deafen("b", to: "a")
        cell.run(2_000)
        a.runner.raiseEmergencyStop()
        b.runner.raiseEmergencyStop()
        cell.run(100)
        b.runner.clearEmergencyStop()
        cell.run(100)
        cell.bus.heal()
        cell.run(3_000)
        #expect(a.runner.isStopped && b.runner.isStopped)
    }

    @Test("A member that ends in good order leaves a zero at the other in the next turn, and its devices leave the list.")
    func farewell() {
        drive()
        _ = b.writes()
        a.runner.shutDown()
        cell.run(10)
        #expect(b.writes() == ["1024.0 Vibrate 0"])
    }

    @Test("The devices of a member that is gone leave the list a second after its link.")
    func devicesLeave() {
        drive()
        b.kill()
        cell.run(900)
        #expect(a.taken("app") == [])
        a.vibrate("app", 3, 1_024, 50)
        cell.run(2_500)
        #expect(a.taken("app") == ["Error 4 3", "DeviceList 0 []"])
    }

    // MARK: Faults

    @Test("The bus tells that a killed member does not listen: its apps' outputs are zero within 0.3 s.")
    func killed() {
        drive()
        _ = b.writes()
        a.kill()
        cell.run(300)
        #expect(b.writes() == ["1024.0 Vibrate 0"])
    }

    @Test("A way over the bus that is dead, either one, ends what the app has within a second.", arguments: [true, false])
    func deaf(_ isEntry: Bool) {
        drive()
        _ = b.writes()
        if isEntry { cell.bus.deafen("a", to: "b") } else { cell.bus.deafen("b", to: "a") }
        cell.run(1_300)
        #expect(b.writes() == ["1024.0 Vibrate 0"])
        cell.bus.heal()
        cell.run(2_500)
        #expect(b.writes() == [])
        a.vibrate("app", 9, 1_024, 30)
        cell.run(10)
        #expect(b.writes() == ["1024.0 Vibrate 30"])
    }

    @Test("A bus that freezes for three seconds delivers everything late, and nothing old takes effect.")
    func frozen() {
        drive()
        _ = b.writes()
        cell.bus.stall(for: .seconds(3))
        a.vibrate("app", 3, 1_024, 90)
        cell.run(1_100)
        #expect(b.writes() == ["1024.0 Vibrate 0"])
        #expect(a.taken("app").contains("Error 4 3"))
        cell.run(4_000)
        #expect(b.writes() == [])
    }

    @Test("A connection that is cut for a moment ends what the app has; the list stays the same, and the app drives again.")
    func cut() {
        drive()
        _ = b.writes()
        a.connection.cut(for: .milliseconds(50))
        cell.run(600)
        #expect(b.writes() == ["1024.0 Vibrate 0"])
        #expect(a.taken("app") == [])
        a.vibrate("app", 3, 1_024, 50)
        cell.run(10)
        #expect(b.writes() == ["1024.0 Vibrate 50"])
        #expect(a.taken("app") == ["Ok 3"])
    }

    @Test("A device that does not answer is an Error 4 at the entry, once, and the app lives on.")
    func unanswered() {
        a.open("app")
        b.backend.answers = false
        a.vibrate("app", 2, 1_024, 40)
        cell.run(4_000)
        #expect(a.taken("app").filter { $0.hasSuffix(" 2") } == ["Error 4 2"])
    }

    @Test("A device that is unplugged leaves both lists, and comes back to both under its index.")
    func unplugged() {
        a.open("app")
        b.open("local")
        cell.run(10)
        _ = (a.taken("app"), b.taken("local"))
        b.vanish(0)
        cell.run(10)
        #expect(a.taken("app") == ["DeviceList 0 []"] && b.taken("local") == ["DeviceList 0 []"])
        b.appear(1, "test:two")
        cell.run(10)
        #expect(a.taken("app") == ["DeviceList 0 [1024]"] && b.taken("local") == ["DeviceList 0 [1024]"])
    }

    @Test("Two members with one block do not greet each other, and two of one name part.")
    func refusals() {
        let c = cell.member("c", block: 1)
        let again = cell.member("a", block: 7, incarnation: 99)
        cell.run(3_000)
        #expect(c.members.membersUp.sorted() == ["a"])
        #expect(b.members.membersUp == ["a"])
        #expect(a.events.contains(.sameName))
        #expect(!again.events.contains(.sameName))
    }
}
