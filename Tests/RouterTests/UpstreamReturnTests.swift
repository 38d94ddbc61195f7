// How the link to an upstream returns after it went away, hung, closed or changed its version: when, in which version, with which reports.
// Must not know hosts; time is a number here.

import Buttplug
import Host
import Testing

@testable import Router

@Suite struct UpstreamReturnTests {
    @Test("A server that is not there is tried twice a second without end; a name that is not found, less often after half a minute.")
    func away() {
        var pace = UpstreamPace(seed: 1)
        let waits = (0..<1_000).map { _ in pace.afterFailedDial(isAway: true, wasListed: true).nanoseconds }
        #expect(waits.allSatisfy { $0 >= 375_000_000 && $0 <= 625_000_000 })
        #expect(Set(waits).count > 500)
        var far = UpstreamPace(seed: 1)
        let tries = (0..<70).map { _ in far.afterFailedDial(isAway: false, wasListed: false).nanoseconds }
        #expect(tries[..<60].allSatisfy { $0 <= 625_000_000 })
        #expect(tries[66...].allSatisfy { $0 >= 7_500_000_000 && $0 <= 10_000_000_000 })
    }

    @Test("A server that was restarted twenty times, and killed as soon as its devices were back, is tried at once each time.")
    func restarts() {
        var talk = Conversation()
        talk.connect(0)
        for _ in 0..<20 {
            talk.core.lost(.peerVanished, at: talk.now)
            #expect((talk.untilDial() ?? .seconds(99)) < .milliseconds(130))
            for _ in 0..<3 {
                talk.core.dialFailed(.refused, at: talk.now)
                #expect((talk.untilDial() ?? .seconds(99)) < .milliseconds(630))
            }
            talk.core.opened(at: talk.now)
            talk.receive(Conversation.serverInfo)
            _ = talk.said()
            talk.receive("[{\"DeviceList\":{\"Id\":2,\"Devices\":{\(Conversation.devices([0]))}}}]")
        }
        #expect(talk.transitions.count <= 40, "\(talk.transitions)")
    }

    @Test(
        "A server that closes again and again is tried less and less often and logged a few times; when it works, that is logged.",
        arguments: [false, true])
    func flaps(_ lists: Bool) {
        var talk = Conversation()
        var waits: [Interval] = []
        for _ in 0..<40 {
            waits.append(talk.untilDial() ?? .seconds(99))
            talk.core.opened(at: talk.now)
            talk.receive(Conversation.serverInfo)
            if lists { talk.push(named: [0: "Toy"], id: 2) }
            talk.core.lost(.peerClosed, at: talk.now)
        }
        #expect(waits.prefix(6).reduce(.zero, +) < .seconds(14))
        #expect(waits.suffix(20).allSatisfy { $0 >= .milliseconds(7_500) && $0 <= .seconds(10) })
        talk.collect()
        #expect(talk.transitions.count <= 16, "\(talk.transitions)")
        #expect(talk.transitions.last == .unsteady)
        talk.forget()
        _ = talk.untilDial()
        talk.core.opened(at: talk.now)
        talk.receive(Conversation.serverInfo)
        talk.push(named: [0: "Toy"], id: 2)
        #expect(talk.transitions == [])
        talk.advance(.seconds(4))
        #expect(talk.transitions == [.up(name: "There", .v4)])
        talk.core.lost(.peerVanished, at: talk.now)
        #expect((talk.untilDial() ?? .seconds(99)) < .milliseconds(130), "a server that worked is tried at once")
    }

    @Test("After a return the devices that were lost are scanned for, without a vote, for half a minute at most.")
    func search() {
        var talk = Conversation()
        talk.connect(0, 1)
        talk.core.lost(.peerVanished, at: talk.now)
        _ = talk.untilDial()
        talk.connect(0)
        #expect(talk.said() == ["[{\"StartScanning\":{\"Id\":3}}]"])
        talk.receive("[{\"Ok\":{\"Id\":3}}]")
        talk.push(0, 1)
        #expect(talk.said() == ["[{\"StopScanning\":{\"Id\":4}}]"])
        talk.receive("[{\"Ok\":{\"Id\":4}}]")
        talk.core.lost(.peerVanished, at: talk.now)
        _ = talk.untilDial()
        talk.connect(1)
        #expect(talk.said() == ["[{\"StartScanning\":{\"Id\":3}}]"])
        talk.receive("[{\"Ok\":{\"Id\":3}}]")
        talk.advance(.seconds(31))
        #expect(talk.said().contains("[{\"StopScanning\":{\"Id\":4}}]"))
        // Devices that did not come back are not scanned for again.
        talk.core.lost(.peerVanished, at: talk.now)
        _ = talk.untilDial()
        talk.connect(1)
        #expect(talk.said() == [])
    }

    @Test("Links that last some seconds each, again and again, are not logged each time.")
    func shortLives() {
        var talk = Conversation()
        talk.connect(0)
        for _ in 0..<200 {
            talk.advance(.seconds(4))
            talk.core.lost(.peerClosed, at: talk.now)
            _ = talk.untilDial()
            talk.core.opened(at: talk.now)
            talk.receive(Conversation.serverInfo)
            talk.push(named: [0: "Toy"], id: 2)
        }
        #expect(talk.transitions.count < 130, "\(talk.transitions.count)")
    }

    @Test("The version that worked is tried first: a server of version 3 costs one short wait, and one of version 4 keeps its version.")
    func versions() {
        var talk = Conversation()
        talk.advance(.zero)
        talk.core.out.wantsDial = false
        talk.core.opened(at: talk.now)
        #expect(talk.said().last?.contains("ProtocolVersionMajor") == true)
        talk.advance(.seconds(2))
        #expect(talk.core.out.close == .handshakeTimeout)
        for round in 0..<3 {
            _ = talk.untilDial()
            talk.core.opened(at: talk.now)
            #expect(talk.said().last?.contains("\"MessageVersion\":3") == true, "\(round)")
            talk.receive("[{\"ServerInfo\":{\"Id\":1,\"ServerName\":\"There\",\"MessageVersion\":3,\"MaxPingTime\":0}}]")
            #expect(talk.core.phase == .listing)
            _ = talk.said()
            talk.receive("[{\"DeviceList\":{\"Id\":2,\"Devices\":[]}}]")
            #expect(talk.core.phase == .ready)
            talk.advance(.seconds(5))
            talk.core.lost(.peerVanished, at: talk.now)
        }
        var four = Conversation()
        four.connect(0)
        four.advance(.seconds(5))
        four.core.lost(.peerVanished, at: four.now)
        for _ in 0..<5 {
            _ = four.untilDial()
            four.core.opened(at: four.now)
            #expect(four.said().last?.contains("ProtocolVersionMajor") == true)
            four.core.lost(.peerVanished, at: four.now)
        }
    }

    @Test("A server with a slow handshake gets ten seconds after both versions had no answer.")
    func slow() {
        var talk = Conversation()
        var patience: [Interval] = []
        for _ in 0..<4 {
            _ = talk.untilDial()
            talk.core.opened(at: talk.now)
            let start = talk.now
            while talk.core.out.close == nil {
                talk.now = talk.core.deadline
                talk.core.deadlinePassed(at: talk.now)
            }
            patience.append(talk.now - start)
        }
        #expect(patience == [.seconds(2), .seconds(2), .seconds(10), .seconds(10)])
    }

    @Test(
        "An Error 2, with Id 0 or as any answer, and a refused ping end the link; another error does not.", arguments: [0, 3, 4])
    func pingedOut(_ id: Int) {
        var talk = Conversation()
        talk.connect(0, maxPingTime: 1000)
        talk.write(5, ticket: 1)
        talk.advance(.milliseconds(500))
        #expect(talk.said().count == 2)
        talk.receive("[{\"Error\":{\"Id\":\(id),\"ErrorCode\":\(id == 4 ? 3 : 2),\"ErrorMessage\":\"PingedOut\"}}]")
        #expect(talk.core.out.close == .pingMissed)
        #expect(talk.transitions == [.down(.pingMissed)])
        #expect(talk.events == [.disappeared(0)])
        #expect((talk.untilDial() ?? .seconds(99)) < .milliseconds(630))
        var other = Conversation()
        other.connect(0)
        other.write(5, ticket: 1)
        other.receive("[{\"Error\":{\"Id\":3,\"ErrorCode\":4,\"ErrorMessage\":\"no\"}}]")
        #expect(other.core.phase == .ready)
    }

    @Test("A server that stops answering gets a ping, and the link ends when the ping is not answered.", arguments: [false, true])
    func hangs(_ answers: Bool) {
        var talk = Conversation()
        talk.connect(0)
        talk.write(5, ticket: 1)
        _ = talk.said()
        talk.advance(.seconds(10))
        #expect(talk.said() == ["[{\"Ping\":{\"Id\":4}}]"])
        if answers { talk.receive("[{\"Error\":{\"Id\":4,\"ErrorCode\":3,\"ErrorMessage\":\"what is a ping?\"}}]") }
        talk.advance(.seconds(6))
        #expect(talk.core.phase == .ready || !answers)
        if !answers { #expect(talk.transitions == [.down(.unresponsive)]) }
        var pinged = Conversation()
        pinged.connect(0, maxPingTime: 1000)
        pinged.advance(.seconds(6))
        #expect(pinged.transitions == [.down(.unresponsive)])
    }

    @Test("A scan that is requested without a connection is not reported as over, and the server is asked once per connection.")
    func scans() {
        var talk = Conversation()
        talk.core.handle(.startScanning, at: talk.now)
        talk.collect()
        #expect(talk.events == [])
        talk.connect(0)
        talk.core.handle(.startScanning, at: talk.now)
        talk.core.handle(.startScanning, at: talk.now)
        #expect(talk.said().filter { $0.contains("StartScanning") }.count == 1)
        talk.receive("[{\"ScanningFinished\":{\"Id\":0}}]")
        #expect(talk.events == [.scanningFinished])
        talk.core.handle(.startScanning, at: talk.now)
        #expect(talk.said().count == 1)
        talk.core.lost(.peerVanished, at: talk.now)
        _ = talk.untilDial()
        talk.core.opened(at: talk.now)
        talk.receive(Conversation.serverInfo)
        _ = talk.said()
        talk.core.handle(.startScanning, at: talk.now)
        #expect(talk.said().count == 1)
    }
}
