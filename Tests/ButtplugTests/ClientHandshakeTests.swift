// How a client's conversation begins, and which version it uses in the end.

import Host
import Testing

@testable import Buttplug

@Suite struct ClientHandshakeTests {
    @Test("The handshake request is that of its version, with the name as JSON")
    func greetings() {
        var buffer: [String] = []
        var session = ClientSession(clientName: "A\"pp\n")
        buffer = Frames.written {
            session.greet(into: &$0)
            session.greet(.v3, into: &$0)
        }
        #expect(
            buffer == [
                #"[{"RequestServerInfo":{"Id":1,"ClientName":"A\"pp\n","ProtocolVersionMajor":4,"ProtocolVersionMinor":0}}]"#,
                #"[{"RequestServerInfo":{"Id":2,"ClientName":"A\"pp\n","MessageVersion":3}}]"#,
            ])
        #expect(session.state == .greeting(.v3))
    }

    @Test(
        "The answer decides the version, for either handshake request; with a version below 3 the handshake is still open",
        arguments: [
            (.v4, #""ProtocolVersionMajor":4,"ProtocolVersionMinor":7"#, 4, .ready(.v4)),
            (.v4, #""ProtocolVersionMajor":5,"ProtocolVersionMinor":0"#, 5, .ready(.v4)),
            (.v4, #""ProtocolVersionMajor":4"#, 4, .ready(.v4)),
            (.v4, #""MessageVersion":3"#, 3, .ready(.v3)),
            (.v4, #""MessageVersion":2"#, 2, .greeting(.v4)),
            (.v4, #""MessageVersion":1,"MajorVersion":0,"MinorVersion":5,"BuildVersion":1"#, 1, .greeting(.v4)),
            (.v4, #""Nothing":null"#, 0, .greeting(.v4)),
            (.v3, #""MessageVersion":3"#, 3, .ready(.v3)),
            (.v3, #""MessageVersion":4"#, 4, .ready(.v3)),
            (.v3, #""ProtocolVersionMajor":4,"ProtocolVersionMinor":0"#, 4, .ready(.v4)),
            (.v3, #""MessageVersion":0"#, 0, .greeting(.v3)),
        ] as [(SpecVersion, String, UInt32, ClientSession.State)])
    func answers(asked: SpecVersion, fields: String, number: UInt32, state: ClientSession.State) {
        var client = ClientConversation()
        _ = client.say { $0.greet(asked, into: &$1) }
        let received = client.receive(#"[{"ServerInfo":{"Id":1,"ServerName":"S\u00e9","MaxPingTime":1001,\#(fields)}}]"#)
        #expect(received == [.serverInfo(id: 1, name: "Sé", version: number, maxPingTime: 1001)])
        #expect(client.session.state == state)
        let isReady = client.session.version != nil
        #expect(client.session.serverName == (isReady ? "Sé" : ""))
        #expect(client.session.pingInterval == (isReady ? Interval(nanoseconds: 500_500_000) : nil))
    }

    @Test("A server without a ping time is not pinged")
    func withoutPing() {
        let client = ClientConversation(.v4)
        #expect(client.session.pingInterval == nil)
    }

    @Test("Before the answer only the answer and errors are understood; other messages are skipped and counted")
    func early() {
        var client = ClientConversation()
        _ = client.say { $0.greet(into: &$1) }
        #expect(client.receive(#"[{"Ok":{"Id":1}}]"#) == [])
        #expect(client.receive(#"[{"DeviceList":{"Id":0,"Devices":{}}},{"ScanningFinished":{"Id":0}}]"#) == [])
        #expect(client.session.ignored.messages == 3)
        #expect(
            client.receive(#"[{"Error":{"Id":1,"ErrorCode":1,"ErrorMessage":"no"}}]"#) == [.error(1, code: 1, text: "no")])
        #expect(client.session.state == .greeting(.v4))
    }

    @Test("Messages after the answer in the same text are understood")
    func sameText() {
        var client = ClientConversation()
        _ = client.say { $0.greet(into: &$1) }
        #expect(client.receive(ClientConversation.infoV4 + #"[{"DeviceList":{"Id":0,"Devices":{}}}]"#).last == .deviceList(0, []))
    }

    @Test("A second answer changes nothing")
    func again() {
        var client = ClientConversation(.v4)
        #expect(client.receive(ClientConversation.infoV3) == [])
        #expect(client.session.state == .ready(.v4))
        #expect(client.session.ignored.messages == 1)
    }

    @Test("Before the handshake request and after the end nothing is understood")
    func outside() {
        var client = ClientConversation()
        #expect(client.receive(ClientConversation.infoV4) == [])
        _ = client.say { $0.greet(into: &$1) }
        client.session.end()
        #expect(client.receive(ClientConversation.infoV4) == [])
        #expect(client.receive(#"[{"Ok":{"Id":1}}]"#) == [])
        #expect(client.session.state == .ended)
    }
}
