// How a session begins: which version it is in, and what is refused before and after.

import Testing

@testable import Buttplug

@Suite struct HandshakeTests {
    @Test(
        "The version is that of the handshake, and ServerInfo has that version's form",
        arguments: [
            (
                .v0,
                #"[{"ServerInfo":{"Id":1,"ServerName":"S","MessageVersion":0,"MaxPingTime":500,"MajorVersion":0,"MinorVersion":0,"#
                    + #""BuildVersion":0}}]"#
            ),
            (
                .v1,
                #"[{"ServerInfo":{"Id":1,"ServerName":"S","MessageVersion":1,"MaxPingTime":500,"MajorVersion":0,"MinorVersion":0,"#
                    + #""BuildVersion":0}}]"#
            ),
            (.v2, #"[{"ServerInfo":{"Id":1,"ServerName":"S","MessageVersion":2,"MaxPingTime":500}}]"#),
            (.v3, #"[{"ServerInfo":{"Id":1,"ServerName":"S","MessageVersion":3,"MaxPingTime":500}}]"#),
            (.v4, #"[{"ServerInfo":{"Id":1,"ServerName":"S","MaxPingTime":500,"ProtocolVersionMajor":4,"ProtocolVersionMinor":0}}]"#),
        ] as [(SpecVersion, String)])
    func versions(version: SpecVersion, serverInfo: String) {
        var client = Conversation()
        #expect(client.session.state == .awaitingHandshake)
        #expect(client.receive(Conversation.handshake(version)) == ["1 handshake"])
        #expect(client.session.state == .ready(version))
        #expect(client.session.clientName == "App")
        #expect(client.say { $0.serverInfo(1, serverName: "S", maxPingTime: 500, devices: $1, into: &$2) } == [serverInfo])
    }

    private static let expected = #""ErrorCode":1,"ErrorMessage":"{\"ButtplugHandshakeError\":\"RequestServerInfoExpected\"}"}}]"#
    private static let unsupported = #"is not supported; this server supports versions 0 to 4"}}]"#
    private static func invalid(_ id: Int, _ text: String) -> String {
        #"[{"Error":{"Id":\#(id),"ErrorCode":3,"ErrorMessage":"{\"ButtplugMessageError\":{\"InvalidMessageContents\":\"\#(text)\"}}"}}]"#
    }

    @Test(
        "A refused handshake decides nothing, and the next one can succeed",
        arguments: [
            (#"[{"Ping":{"Id":5}}]"#, #"[{"Error":{"Id":5,"# + expected),
            (#"[{"Nonsense":{"Id":5}}]"#, #"[{"Error":{"Id":5,"# + expected),
            (#"[{"OutputCmd":{"Id":4294967295}}]"#, #"[{"Error":{"Id":4294967295,"# + expected),
            (#"[{"Ping":{"Id":5}},{"RequestServerInfo":{"Id":1,"ClientName":"App"}}]"#, #"[{"Error":{"Id":5,"# + expected),
            (#"[{"RequestServerInfo":{"Id":1,"ClientName":"App","Extra":1}}]"#, invalid(1, "this message has no such field (byte 57)")),
            (#"[{"RequestServerInfo":{"Id":1}}]"#, invalid(1, "a required field is missing (byte 30)")),
            (
                #"[{"RequestServerInfo":{"Id":1,"ClientName":"App","ProtocolVersionMajor":4}}]"#,
                invalid(1, "a required field is missing (byte 74)")
            ),
            (#"[{"RequestServerInfo":{"Id":0,"ClientName":"App"}}]"#, invalid(0, "Id 0 is reserved for the server (byte 29)")),
            (#"[{"RequestServerInfo":{"Id":2,"ClientName":7}}]"#, invalid(2, "this is not JSON of the expected shape (byte 43)")),
            (
                #"[{"RequestServerInfo":{"Id":1,"ClientName":"App","MessageVersion":4}}]"#,
                #"[{"Error":{"Id":1,"ErrorCode":1,"#
                    + #""ErrorMessage":"version 4 is asked for by ProtocolVersionMajor and ProtocolVersionMinor"}}]"#
            ),
            (
                #"[{"RequestServerInfo":{"Id":1,"ClientName":"App","ProtocolVersionMajor":3,"ProtocolVersionMinor":0}}]"#,
                #"[{"Error":{"Id":1,"ErrorCode":1,"ErrorMessage":"versions before 4 are asked for by MessageVersion"}}]"#
            ),
            (
                #"[{"RequestServerInfo":{"Id":1,"ClientName":"App","MessageVersion":3,"ProtocolVersionMajor":4,"#
                    + #""ProtocolVersionMinor":0}}]"#,
                #"[{"Error":{"Id":1,"ErrorCode":1,"ErrorMessage":"send MessageVersion or ProtocolVersionMajor, not both"}}]"#
            ),
            ("garbage", invalid(0, "this is not JSON of the expected shape (byte 0)")),
        ] as [(String, String)])
    func refused(text: String, error: String) {
        var client = Conversation()
        #expect(client.receive(text) == [error])
        #expect(client.session.state == .awaitingHandshake)
        #expect(client.batch.requests.count == 0)
        #expect(client.receive(Conversation.handshake(.v2)) == ["1 handshake"])
        #expect(client.session.version == .v2)
    }

    @Test(
        "A version that this server does not have ends the session",
        arguments: [("MessageVersion", 5), ("MessageVersion", 4_294_967_295), ("ProtocolVersionMajor", 5), ("ProtocolVersionMajor", 99)])
    func unspoken(field: String, number: Int) {
        var client = Conversation()
        let text = #"[{"RequestServerInfo":{"Id":3,"ClientName":"App","\#(field)":\#(number)}}]"#
        let error = #"[{"Error":{"Id":3,"ErrorCode":1,"ErrorMessage":"version \#(number) "# + Self.unsupported
        #expect(client.receive(text) == [error, "closed"])
        #expect(client.session.state == .ended)
    }

    @Test("A second handshake of any shape is an error of its own, and the session goes on", arguments: SpecVersion.allCases)
    func second(version: SpecVersion) {
        let error = #"[{"Error":{"Id":1,"ErrorCode":1,"ErrorMessage":"{\"ButtplugHandshakeError\":\"HandshakeAlreadyHappened\"}"}}]"#
        for other in SpecVersion.allCases {
            var client = Conversation(version)
            #expect(client.receive(Conversation.handshake(other)) == [error])
            #expect(client.receive(#"[{"Ping":{"Id":2}}]"#) == ["2 ping"])
            #expect(client.session.version == version)
        }
    }

    @Test("Messages after the handshake in the same text are read in its version")
    func sameText() {
        var client = Conversation()
        let text =
            #"[{"RequestServerInfo":{"Id":1,"ClientName":"App","MessageVersion":1}},{"Test":{"Id":2,"TestString":"x"}}][{"Ping":{"Id":3}}]"#
        #expect(client.receive(text) == ["1 handshake", "2 test x", "3 ping"])
        var other = Conversation()
        let bad = #"[{"RequestServerInfo":{"Id":1,"ClientName":"App"}},{"ScalarCmd":{"Id":2}}]"#
        #expect(other.receive(bad) == [Self.invalid(2, "no such message in the version of this session (byte 64)")])
        #expect(other.session.state == .awaitingHandshake)
    }

    @Test("A name may have any characters, up to the limit")
    func names() {
        var client = Conversation()
        let limit = client.limits.clientNameBytes
        let long = String(repeating: "x", count: limit + 1)
        let refusal = client.receive(#"[{"RequestServerInfo":{"Id":1,"ClientName":"\#(long)"}}]"#)
        #expect(refusal == [Self.invalid(1, "the client's name is too long (byte \(44 + limit + 3))")])
        #expect(client.receive(#"[{"RequestServerInfo":{"Id":1,"ClientName":"\u0000\u001b[31m\ud800\u202e"}}]"#) == ["1 handshake"])
        #expect(client.session.clientName == "\u{0}\u{1B}[31m\u{FFFD}\u{202E}")
        var nameless = Conversation()
        #expect(nameless.receive(#"[{"RequestServerInfo":{"Id":1,"ClientName":""}}]"#) == ["1 handshake"])
    }

    @Test("Before the handshake and after the end no message about devices is sent")
    func silence() {
        var client = Conversation()
        #expect(client.say { $0.deviceListChanged($1, into: &$2) } == [])
        var over = Conversation(.v4)
        over.session.end()
        #expect(over.say { $0.deviceListChanged($1, into: &$2) } == [])
        #expect(over.receive(#"[{"Ping":{"Id":2}}]"#).count == 1)
        #expect(over.batch.requests.count == 0)
    }
}
