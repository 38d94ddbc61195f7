// The host itself: time, alarms, turns, signals, addresses.
// Must not use WebSocket.

import Glibc
import Host
import Testing

@testable import UVHost

/// An owner without links that remembers the order of things.
private final class Clockwatcher: TurnOwner {
    var events: [String] = []
    var alarm: (any Alarm)?
    var atDeadline: ((Instant) -> Void)?
    var atTurn: ((Instant) -> Void)?

    func turnEnded(at now: Instant) {
        events.append("turn")
        atTurn?(now)
    }
    func deadlinePassed(at now: Instant) {
        events.append("deadline")
        atDeadline?(now)
    }
}

@Suite struct TurnTests {
    @Test("An owner that leaves while turns are ended, or deadlines pass, costs none of the others its own, nor does one that comes.")
    func anOwnerMayLeaveInItsTurn() throws {
        let host = try UVHost()
        let owners = (0..<4).map { _ in Clockwatcher() }
        for owner in owners { owner.alarm = host.attach(owner) }
        owners[1].atTurn = { [unowned host] _ in host.detach(owners[1]) }
        owners[3].atTurn = { [unowned host] _ in host.stop() }
        host.run()
        #expect(owners.map(\.events) == [["turn"], ["turn"], ["turn"], ["turn"]])
    }

    @Test("An owner that leaves while deadlines pass in one turn costs none of the others its own.")
    func anOwnerMayLeaveAtItsDeadline() throws {
        let host = try UVHost()
        let owners = (0..<3).map { _ in Clockwatcher() }
        for owner in owners {
            owner.alarm = host.attach(owner)
            owner.alarm?.set(host.now)
        }
        owners[0].atDeadline = { [unowned host] _ in
            host.detach(owners[0])
            host.detach(owners[1])
        }
        owners[2].atTurn = { [unowned host] _ in host.stop() }
        host.run()
        #expect(owners[0].events == ["deadline"])
        #expect(owners[1].events == [])
        #expect(owners[2].events == ["deadline", "turn"])
    }

    @Test("A deadline passes once, not before its time, and the turn ends after it.")
    func aDeadlinePasses() throws {
        let host = try UVHost()
        let owner = Clockwatcher()
        let alarm = host.attach(owner)
        let deadline = host.now + .milliseconds(20)
        var passed: [Instant] = []
        owner.atDeadline = { passed.append($0) }
        owner.atTurn = { _ in if !passed.isEmpty { host.stop() } }
        alarm.set(deadline)
        host.run()
        #expect(passed.count == 1)
        #expect(passed[0] >= deadline)
        #expect(Array(owner.events.suffix(2)) == ["deadline", "turn"])
    }

    @Test("A deadline that is moved later passes at the later time only; one that is moved earlier, at the earlier.")
    func aDeadlineMoves() throws {
        let host = try UVHost()
        let owner = Clockwatcher()
        let alarm = host.attach(owner)
        var passed: [Instant] = []
        let first = host.now + .milliseconds(30)
        var second = Instant.never
        owner.atDeadline = { now in
            passed.append(now)
            if passed.count == 1 {
                alarm.set(now + .milliseconds(10_000))
                second = now + .milliseconds(5)
                alarm.set(second)
            } else {
                host.stop()
            }
        }
        alarm.set(host.now + .milliseconds(5))
        alarm.set(first)
        host.run()
        #expect(passed.count == 2)
        #expect(passed[0] >= first)
        #expect(passed[1] >= second)
        #expect(passed[1] < first + .milliseconds(5_000))
    }

    @Test("A deadline taken back never passes; one in the past passes in the next turn.")
    func aDeadlineIsTakenBack() throws {
        let host = try UVHost()
        let quiet = Clockwatcher()
        let loud = Clockwatcher()
        let quietAlarm = host.attach(quiet)
        let loudAlarm = host.attach(loud)
        quietAlarm.set(host.now + .milliseconds(5))
        quietAlarm.set(.never)
        loudAlarm.set(.zero)
        var passed = 0
        loud.atDeadline = { now in
            passed += 1
            if passed == 1 { loudAlarm.set(now + .milliseconds(15)) } else { host.stop() }
        }
        host.run()
        #expect(passed == 2)
        #expect(!quiet.events.contains("deadline"))
    }

    @Test("An attached owner gets a turn though nothing happens, and posted work is followed by one; a detached owner gets none.")
    func turnsEndWithoutInput() throws {
        let host = try UVHost()
        let owner = Clockwatcher()
        let other = Clockwatcher()
        _ = host.attach(owner)
        _ = host.attach(other)
        host.detach(other)
        var turns = 0
        owner.atTurn = { _ in
            turns += 1
            if turns == 1 { host.loop.post {} }
            if turns == 2 { host.stop() }
        }
        host.run()
        #expect(turns >= 2)
        #expect(other.events == [])
        #expect(host.loop.liveHandles == 0)
    }

    @Test("A signal arrives on the loop and is followed by the end of a turn.")
    func hearsSignals() throws {
        let host = try UVHost()
        let owner = Clockwatcher()
        _ = host.attach(owner)
        var arrived = false
        host.onSignal(SIGWINCH) { arrived = true }
        owner.atTurn = { _ in if arrived { host.stop() } }
        kill(getpid(), SIGWINCH)
        host.run()
        #expect(arrived)
    }

    @Test("A busy address is the error that says so, names the address, and leaves nothing open.")
    func reportsABusyAddress() throws {
        let host = try UVHost()
        let owner = TestOwner(Board(Seen()))
        let first = try host.listen(on: ListenAddress("ws://127.0.0.1:0"), owner: owner)
        let busy = try ListenAddress(first.address)
        let handles = host.loop.liveHandles
        let error = #expect(throws: ListenError.self) { try host.listen(on: busy, owner: owner) }
        #expect(error == .addressInUse(busy))
        #expect("\(try #require(error))".contains(first.address))
        #expect(host.loop.liveHandles == handles)
        first.close()
        host.finish()
    }
}

@Suite struct ListenAddressTests {
    @Test(
        "Addresses are read as they are written, and written as they are read.",
        arguments: [
            ("ws://127.0.0.1:12345", ListenAddress.tcp(host: "127.0.0.1", port: 12_345), true),
            ("ws://[::1]:0", .tcp(host: "::1", port: 0), true), ("ws://localhost:80", .tcp(host: "localhost", port: 80), true),
            ("ws://0.0.0.0:65535", .tcp(host: "0.0.0.0", port: 65_535), false), ("ws://[::]:1", .tcp(host: "::", port: 1), false),
            ("unix:///run/plugboard.sock", .unix(path: "/run/plugboard.sock"), true), ("unix://p.sock", .unix(path: "p.sock"), true),
        ])
    func reads(text: String, address: ListenAddress, isLocal: Bool) throws {
        let read = try ListenAddress(text)
        #expect(read == address)
        #expect(read.description == text)
        #expect(read.isLocal == isLocal)
    }

    @Test("A closing slash is allowed.")
    func allowsASlash() throws {
        #expect(try ListenAddress("ws://127.0.0.1:12345/") == .tcp(host: "127.0.0.1", port: 12_345))
    }

    @Test(
        "Other spellings become the usual one.",
        arguments: [
            ("WS://LocalHost.:80", "ws://localhost:80", true),
            ("ws://localhost:1/", "ws://localhost:1", true),
            ("ws://[FE80::1%25eth0]:1", "ws://[fe80::1%eth0]:1", false), ("ws://[0:0::1]:1", "ws://[0:0::1]:1", true),
            ("ws://[::ffff:127.0.0.1]:1", "ws://[::ffff:127.0.0.1]:1", true), ("UNIX:///Run/P.sock", "unix:///Run/P.sock", true),
            ("ws://Router.LAN:1", "ws://router.lan:1", false),
        ])
    func otherSpellings(text: String, usual: String, isLocal: Bool) throws {
        let read = try ListenAddress(text)
        #expect(read.description == usual)
        #expect(read.isLocal == isLocal)
    }

    @Test("Two addresses of which only one can be had are one named twice, however they are spelt.")
    func collides() throws {
        let rows: [(String, String, Bool)] = [
            ("ws://127.0.0.1:1", "ws://127.0.0.1:1", true), ("ws://127.0.0.1:1", "ws://127.0.0.1:2", false),
            ("ws://localhost:1", "ws://127.0.0.1:1", true),
            ("ws://localhost:1", "ws://[::1]:1", true), ("ws://[0::1]:1", "ws://[::1]:1", true),
            ("ws://127.0.0.1:1", "ws://[::1]:1", false),
            ("ws://0.0.0.0:1", "ws://127.0.0.1:1", true), ("ws://0.0.0.0:1", "ws://localhost:1", true),
            ("ws://0.0.0.0:1", "ws://192.168.1.5:1", true),
            ("ws://0.0.0.0:1", "ws://[::1]:1", false), ("ws://[::]:1", "ws://0.0.0.0:1", true), ("ws://[::]:1", "ws://127.0.0.1:1", true),
            ("ws://127.0.0.1:1", "ws://127.0.0.2:1", false), ("ws://127.0.0.1:0", "ws://127.0.0.1:0", false),
            ("ws://a.lan:1", "ws://A.lan.:1", true),
            ("ws://a.lan:1", "ws://b.lan:1", false), ("ws://a.lan:1", "ws://0.0.0.0:1", true),
            ("ws://[::ffff:127.0.0.1]:1", "ws://127.0.0.1:1", true),
            ("unix:///a/b", "unix:///a/./b/", true), ("unix:///a/b", "unix:///a/c", false), ("unix:///a", "ws://127.0.0.1:1", false),
        ]
        for (a, b, expected) in rows {
            #expect(try ListenAddress(a).collides(with: ListenAddress(b)) == expected, "\(a) \(b)")
            #expect(try ListenAddress(b).collides(with: ListenAddress(a)) == expected, "\(b) \(a)")
        }
    }

    @Test(
        "What is not an address is refused with a hint that quotes it.",
        arguments: [
            "", "127.0.0.1:12345", "http://127.0.0.1:1", "wss://127.0.0.1:1", "ws://127.0.0.1", "ws://[::1]", "ws://:1", "ws://127.0.0.1:",
            "ws://127.0.0.1:x",
            "ws://127.0.0.1:65536", "ws://127.0.0.1:-1", "ws://127.0.0.1:+1", "ws://::1:12345", "ws://[::1", "ws://a/b:1",
            "ws://127.0.0.1:1/buttplug", "ws://127.1:1", "ws://*:1", "ws://me@127.0.0.1:1", "ws://127.0.0.1?x", "unix://",
            "ws://a b:1",
        ])
    func refuses(text: String) throws {
        let error = #expect(throws: ListenError.self) { try ListenAddress(text) }
        #expect("\(try #require(error))".hasPrefix("\"\(text)\""))
    }
}

@Suite struct DeadlineWheelTests {
    private func milliseconds(_ n: UInt64) -> Instant { Instant(nanoseconds: n * 1_000_000) }

    private func due(_ wheel: inout DeadlineWheel, at now: Instant) -> [Int] {
        var all: [Int] = []
        while let index = wheel.takeDue(at: now) { all.append(index) }
        return all.sorted()
    }

    @Test("Nothing comes due before its deadline, and everything within a tick after it.")
    func comesDueInTime() {
        var wheel = DeadlineWheel(tick: .milliseconds(10), buckets: 64)
        for index in 0..<50 { wheel.set(index, milliseconds(UInt64(index) * 7), at: .zero) }
        var seen: Set<Int> = []
        for now in stride(from: UInt64(0), through: 400, by: 3) {
            for index in due(&wheel, at: milliseconds(now)) {
                #expect(UInt64(index) * 7 <= now)
                #expect(now < UInt64(index) * 7 + 10 + 3)
                #expect(seen.insert(index).inserted)
            }
        }
        #expect(seen.count == 50)
        #expect(wheel.count == 0)
        #expect(wheel.next == .never)
    }

    @Test("A deadline can be moved and taken back; the others keep their order.")
    func moves() {
        var wheel = DeadlineWheel(tick: .milliseconds(10), buckets: 64)
        for index in 0..<4 { wheel.set(index, milliseconds(100), at: .zero) }
        wheel.set(1, milliseconds(300), at: .zero)
        wheel.set(2, .never, at: .zero)
        wheel.remove(2)
        wheel.remove(99)
        #expect(wheel.count == 3)
        #expect(wheel.next == milliseconds(100))
        #expect(due(&wheel, at: milliseconds(100)) == [0, 3])
        #expect(wheel.next == milliseconds(300))
        wheel.set(1, milliseconds(150), at: milliseconds(100))
        #expect(due(&wheel, at: milliseconds(149)) == [])
        #expect(due(&wheel, at: milliseconds(150)) == [1])
    }

    @Test("A deadline beyond the horizon comes up at the horizon, to be set again; after a long pause everything is due once.")
    func reachesBeyondTheHorizon() {
        var wheel = DeadlineWheel(tick: .milliseconds(10), buckets: 8)
        wheel.set(0, milliseconds(1_000), at: .zero)
        #expect(due(&wheel, at: milliseconds(60)) == [])
        #expect(due(&wheel, at: milliseconds(70)) == [0])
        wheel.set(0, milliseconds(1_000), at: milliseconds(70))
        wheel.set(1, milliseconds(80), at: milliseconds(70))
        #expect(due(&wheel, at: milliseconds(1_000_000)) == [0, 1])
        wheel.set(0, milliseconds(1_000_050), at: milliseconds(1_000_000))
        #expect(due(&wheel, at: milliseconds(1_000_040)) == [])
        #expect(due(&wheel, at: milliseconds(1_000_050)) == [0])
    }

    @Test("An empty wheel that stood still for long is set as if it were new.")
    func wakesFromStandstill() {
        var wheel = DeadlineWheel(tick: .milliseconds(10), buckets: 8)
        wheel.set(5, milliseconds(90_050), at: milliseconds(90_000))
        #expect(wheel.next == milliseconds(90_050))
        #expect(due(&wheel, at: milliseconds(90_049)) == [])
        #expect(due(&wheel, at: milliseconds(90_050)) == [5])
    }
}
