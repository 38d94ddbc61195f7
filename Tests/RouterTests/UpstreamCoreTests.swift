// The link to a scripted upstream: late, out of order, wrong, silent, and with lists that change meanwhile.
// Must not know hosts; time is a number here.

import Buttplug
import Host
import Testing

@testable import Router

@Suite struct UpstreamCoreTests {
    @Test("The link connects, does the handshake in version 4, asks for the list, and reports devices with identities.")
    func connects() {
        var talk = Conversation()
        talk.advance(.zero)
        #expect(talk.core.out.wantsDial == true)
        talk.core.opened(at: talk.now)
        #expect(
            talk.said() == [
                "[{\"RequestServerInfo\":{\"Id\":1,\"ClientName\":\"Plugboard\",\"ProtocolVersionMajor\":4,\"ProtocolVersionMinor\":0}}]"
            ])
        talk.receive(
            "[{\"ServerInfo\":{\"Id\":1,\"ServerName\":\"There\",\"ProtocolVersionMajor\":4,\"ProtocolVersionMinor\":0,\"MaxPingTime\":0}}]"
        )
        #expect(talk.said() == ["[{\"RequestDeviceList\":{\"Id\":2}}]"])
        #expect(talk.transitions == [.up(name: "There", .v4)])
        talk.receive("[{\"DeviceList\":{\"Id\":2,\"Devices\":{\(Conversation.devices([3, 7]))}}}]")
        let names = talk.events.compactMap { if case .appeared(let handle, let what) = $0 { "\(handle) \(what.identity)" } else { nil } }
        #expect(names == ["0 upstream:ws://there:1:3:Plug 3", "1 upstream:ws://there:1:7:Plug 7"])
        #expect(talk.core.phase == .ready)
    }

    @Test("A server that dials out gets the handshake when it comes, is never dialled, and is awaited again as soon as it has gone.")
    func expects() {
        var talk = Conversation(dialsOut: true)
        #expect(talk.core.phase == .expecting)
        #expect(talk.core.deadline == .never)
        talk.connect(3)
        #expect(talk.core.phase == .ready)
        talk.core.lost(.peerVanished, at: talk.now)
        talk.collect()
        #expect(talk.core.phase == .expecting)
        #expect(talk.core.deadline == .never)
        #expect(talk.events == [.disappeared(0)])
        #expect(talk.transitions == [.down(.peerVanished)])
        talk.connect(3)
        #expect(talk.core.devices.index(of: 0) == 3)
        #expect(talk.core.out.wantsDial == false)
    }

    @Test("A server that refuses version 4 gets version 3 over the same connection; one that refuses both is tried again later.")
    func fallsBack() {
        var talk = Conversation()
        talk.advance(.zero)
        talk.core.opened(at: talk.now)
        _ = talk.said()
        talk.receive("[{\"Error\":{\"Id\":1,\"ErrorCode\":1,\"ErrorMessage\":\"?\"}}]")
        #expect(talk.said() == ["[{\"RequestServerInfo\":{\"Id\":2,\"ClientName\":\"Plugboard\",\"MessageVersion\":3}}]"])
        talk.receive("[{\"Error\":{\"Id\":2,\"ErrorCode\":1,\"ErrorMessage\":\"go away\"}}]")
        #expect(talk.core.out.close == .versionRefused)
        #expect(talk.transitions == [.refused("go away")])
        talk.core.out.wantsDial = false
        talk.core.out.close = nil
        talk.advance(.seconds(1))
        #expect(talk.core.out.wantsDial == true)
    }

    @Test("A server that has owed answers for a second and says nothing gets no move or spray; zeros and held values still go to it.")
    func silentForMoves() {
        var talk = Conversation()
        talk.connect(0)
        talk.write(10, .position, ticket: 1)
        talk.advance(.milliseconds(1_000))
        talk.write(20, .position, ticket: 2)
        #expect(talk.answers.isEmpty)
        talk.advance(.milliseconds(1))
        _ = talk.said()
        talk.write(30, .position, ticket: 3)
        talk.write(1, .spray, ticket: 4)
        #expect(talk.answers == ["3 unreachable", "4 unreachable"])
        #expect(talk.said().isEmpty)
        talk.write(0, ticket: 5)
        talk.write(9, ticket: 6)
        #expect(talk.said().count == 2)
        talk.receive("[{\"Ok\":{\"Id\":3}}]")
        talk.write(40, .position, ticket: 7)
        #expect(talk.said().count == 1)
        #expect(talk.answers == ["3 unreachable", "4 unreachable", "1 done"])
    }

    @Test("Among answers out of order, repeated, unknown and of the wrong kind each request gets exactly its own.")
    func answersInAnyOrder() {
        var talk = Conversation()
        talk.connect(0, 1)
        for ticket in UInt32(10)...14 { talk.write(Int32(ticket), device: ticket % 2, ticket: ticket) }
        #expect(talk.said().count == 5)
        talk.receive("[{\"Ok\":{\"Id\":6}}]")
        talk.receive("[{\"Ok\":{\"Id\":6}}]")
        talk.receive("[{\"Error\":{\"Id\":4,\"ErrorCode\":4,\"ErrorMessage\":\"no\"}},{\"Ok\":{\"Id\":99}},{\"Ok\":{\"Id\":3}}]")
        talk.receive("[{\"InputReading\":{\"Id\":5,\"DeviceIndex\":0,\"FeatureIndex\":0,\"Reading\":{\"Battery\":{\"Value\":5}}}}]")
        talk.receive("[{\"Ok\":{\"Id\":7}}]")
        #expect(talk.answers == ["13 done", "11 refused", "10 done", "12 refused", "14 done"])
        #expect(talk.events.isEmpty)
        #expect(talk.core.ignored == 2)
    }

    @Test("Random texts do no harm; a broken message with an id fails only that request.")
    func garbage() {
        var talk = Conversation()
        talk.connect(0)
        talk.write(1, ticket: 1)
        talk.write(2, ticket: 2)
        for text in ["", "{}", "nonsense", "[[[[", "[{\"Ok\":{\"Id\":\"3\"}}]", "[{\"DeviceList\":{}}]", "[{\"Wonder\":{\"Id\":3}}]"] {
            talk.receive(text)
        }
        #expect(talk.answers == [])
        talk.receive("[{\"Ok\":{\"Id\":4}}]")
        talk.receive("[{\"Ok\":{\"Id\":3}}]")
        #expect(talk.answers == ["2 done", "1 done"])
        #expect(talk.core.phase == .ready)
    }

    @Test("A request without an answer fails after ten seconds, and its late answer is ignored.")
    func deadlines() {
        var talk = Conversation()
        talk.connect(0)
        talk.write(1, ticket: 1)
        talk.core.handle(.read(device: 0, feature: 0, type: .battery, request: 8), at: talk.now)
        talk.core.handle(.subscribe(device: 0, feature: 0, type: .battery, request: 9), at: talk.now)
        talk.advance(.milliseconds(9_999))
        #expect(talk.answers == [])
        #expect(talk.events == [])
        talk.advance(.milliseconds(1))
        let silence = "The server that has the device did not answer in time."
        #expect(talk.answers == ["1 refused"])
        #expect(talk.events == [.requestFailed(request: 8, silence), .requestFailed(request: 9, silence)])
        talk.forget()
        talk.receive("[{\"Ok\":{\"Id\":3}},{\"Ok\":{\"Id\":5}}]")
        #expect(talk.answers == [])
        #expect(talk.events == [])
    }

    @Test("Commands that wait for a device that leaves fail; the device keeps its handle on its return, and another device has its own.")
    func listsChange() {
        var talk = Conversation()
        talk.connect(0, 1)
        talk.write(5, device: 0, ticket: 1)
        talk.write(6, device: 1, ticket: 2)
        talk.push(1)
        #expect(talk.events == [.disappeared(0)])
        talk.receive("[{\"Ok\":{\"Id\":3}}]")
        #expect(talk.answers == [])
        talk.write(5, device: 0, ticket: 3)
        #expect(talk.answers == ["3 unreachable"])
        talk.receive("[{\"Ok\":{\"Id\":4}}]")
        #expect(talk.answers == ["3 unreachable", "2 done"])
        talk.forget()
        talk.push(1, 2)
        talk.push(0, 1)
        let seen = talk.events.map { event in
            switch event {
            case .appeared(let handle, let what): "+\(handle) \(what.name)"
            case .disappeared(let handle): "-\(handle)"
            default: "\(event)"
            }
        }
        #expect(seen == ["+2 Plug 2", "-2", "+0 Plug 0"])
    }

    @Test("With a lost connection every device goes and every request fails; new requests fail at once.")
    func lost() {
        var talk = Conversation()
        talk.connect(0)
        talk.write(5, ticket: 1)
        talk.core.handle(.startScanning, at: talk.now)
        talk.core.lost(.peerVanished, at: talk.now)
        talk.collect()
        #expect(talk.events == [.disappeared(0)])
        #expect(talk.transitions == [.down(.peerVanished)])
        talk.forget()
        talk.write(6, ticket: 2)
        talk.core.handle(.read(device: 0, feature: 0, type: .battery, request: 3), at: talk.now)
        talk.core.handle(.startScanning, at: talk.now)
        talk.core.handle(.stopOutputs, at: talk.now)
        talk.collect()
        #expect(talk.answers == ["2 unreachable"])
        // The scan is not over while there is no connection: the router asks again when it is told of the return.
        #expect(talk.events.count == 1)
        #expect(talk.said() == [])
    }

    @Test("A return is reported as a return, with the same handles and without earlier messages.")
    func returns() {
        var talk = Conversation()
        talk.connect(0)
        talk.write(5, ticket: 1)
        talk.core.lost(.peerVanished, at: talk.now)
        talk.collect()
        talk.forget()
        talk.advance(.seconds(1))
        #expect(talk.core.out.wantsDial == true)
        talk.core.opened(at: talk.now)
        #expect(talk.said().count == 1)
        talk.receive(
            "[{\"ServerInfo\":{\"Id\":1,\"ServerName\":\"There\",\"ProtocolVersionMajor\":4,\"ProtocolVersionMinor\":0,\"MaxPingTime\":0}}]"
        )
        #expect(talk.events == [.returned])
        #expect(talk.said() == ["[{\"RequestDeviceList\":{\"Id\":2}}]"])
        talk.receive("[{\"DeviceList\":{\"Id\":2,\"Devices\":{\(Conversation.devices([0]))}}}]")
        #expect(talk.events.count == 2)
        #expect(talk.answers == [])
        talk.core.handle(.stopOutputs, at: talk.now)
        #expect(talk.said() == ["[{\"StopCmd\":{\"Id\":3,\"Inputs\":false}}]"])
    }

    @Test("Pings come after every half of the server's time, and stop with the connection.")
    func pings() {
        var talk = Conversation()
        talk.connect(0, maxPingTime: 1000)
        talk.advance(.milliseconds(499))
        #expect(talk.said() == [])
        talk.advance(.milliseconds(1001))
        #expect(talk.said().count == 3)
        let listed = talk.core.roundTrips.count
        talk.receive("[{\"Ok\":{\"Id\":3}}]")
        #expect(talk.core.roundTrips.count == listed + 1 && talk.core.roundTrips.longest >= .milliseconds(500))
        talk.core.lost(.peerVanished, at: talk.now)
        talk.advance(.milliseconds(300))
        #expect(talk.said() == [])
    }

    @Test("A server that never sends its devices is given up after ten seconds and tried again.")
    func noList() {
        var talk = Conversation()
        talk.advance(.zero)
        talk.core.opened(at: talk.now)
        talk.receive(
            "[{\"ServerInfo\":{\"Id\":1,\"ServerName\":\"There\",\"ProtocolVersionMajor\":4,\"ProtocolVersionMinor\":0,\"MaxPingTime\":0}}]"
        )
        talk.advance(.seconds(10))
        #expect(talk.core.out.close == .protocolError)
        talk.core.out.close = nil
        talk.core.out.wantsDial = false
        talk.advance(.seconds(1))
        #expect(talk.core.out.wantsDial == true)
    }

    @Test("Answers are matched after ids have begun again at 1.")
    func idsWrap() {
        var table = AskedTable()
        let ids: [UInt32] = [.max - 1, .max, 1, 2, 3]
        for id in ids { table.add(AskedRequest(id, .write, number: id, until: .never)) }
        #expect(table.close(2)?.number == 2)
        #expect(table.close(0) == nil)
        #expect(table.close(4) == nil)
        #expect(table.close(.max)?.number == .max)
        #expect(table.close(.max - 1)?.number == UInt32.max - 1)
        #expect(table.close(.max) == nil)
        #expect(table.close(3)?.number == 3)
        #expect(table.close(1)?.number == 1)
        #expect(table.isEmpty)
    }
}
