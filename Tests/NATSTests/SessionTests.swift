// A session's life: which server it goes to when, what it says, and what it makes of what a server says.
import Testing

@testable import NATS

/// What a session told its owner.
enum Told: Hashable {
    case dial(String)
    case secure(String)
    case opened
    case denied(NATSDenial)
    case complaint(String)
    case lameDuck
    case ended(NATSEnd, wasOpen: Bool)
    case message(String, String, status: UInt16)

    init(_ event: NATSEvent) {
        switch event {
        case .dial(let server): self = .dial(server.description)
        case .secure(let name): self = .secure(name)
        case .opened: self = .opened
        case .denied(let denial): self = .denied(denial)
        case .complaint(let text): self = .complaint(text)
        case .lameDuck: self = .lameDuck
        case .ended(let end, let wasOpen): self = .ended(end, wasOpen: wasOpen)
        }
    }
}

/// A session with a server that the test writes.
final class Talk {
    var session: NATSSession
    var now: UInt64 = 1_000_000_000_000
    var said = ""

    static let info = "INFO {\"headers\":true,\"max_payload\":1000,\"nonce\":\"n1\"}\r\n"
    static let subject = NATSSubject("a.b")!

    init(_ servers: [String] = ["one:1"], _ credentials: NATSCredentials = .none, _ change: (inout NATSSession.Settings) -> Void = { _ in })
    {
        var settings = NATSSession.Settings(
            servers: servers.map { NATSServer($0)! }, name: "attic", credentials: credentials,
            subscriptions: [NATSSubject("to.me.*")!, NATSSubject("stop.*")!], seed: 7)
        change(&settings)
        session = NATSSession(settings)
    }

    /// Everything that is told after a call, with these bytes of the server.
    func told(_ text: String = "") -> [Told] {
        var found: [Told] = []
        Array(text.utf8).withUnsafeBytes { buffer in
            var at = 0
            while true {
                switch session.next(in: buffer, at: &at, now: now) {
                case .needMore: return
                case .event(let event): found.append(Told(event))
                case .message(let one):
                    found.append(.message(NATSTests.text(one.subject), NATSTests.text(one.payload), status: one.status))
                }
            }
        }
        said += NATSTests.text(session.output)
        session.outputSent()
        return found
    }

    func takeSaid() -> String {
        defer { said = "" }
        return said
    }

    func started() -> [Told] {
        session.start(at: now)
        return told()
    }

    /// From the dialled stream on until it is open.
    func opened(_ info: String = Talk.info) -> [Told] {
        session.connected(at: now)
        return told(info) + told("PONG\r\n")
    }

    func closed(_ end: NATSEnd = .closed) -> [Told] {
        session.closed(end, at: now)
        return told()
    }

    /// Goes on to the session's deadline.
    func waited() -> (milliseconds: UInt64, told: [Told]) {
        let wait = session.deadline &- now
        now = session.deadline
        session.deadlinePassed(at: now)
        return (wait / 1_000_000, told())
    }
}

@Suite struct NATSSessionTests {
    @Test("A session says who it is, subscribes, and is open when the server has read all that.")
    func opens() {
        let talk = Talk()
        #expect(talk.started() == [.dial("one:1")])
        #expect(talk.session.state == .connecting)
        talk.session.connected(at: talk.now)
        #expect(talk.told(Talk.info) == [])
        #expect(
            talk.takeSaid()
                == "CONNECT {\"verbose\":false,\"pedantic\":false,\"echo\":false,\"headers\":true,\"no_responders\":true,\"protocol\":1,"
                + "\"lang\":\"swift\",\"version\":\"1\",\"name\":\"attic\",\"tls_required\":false}\r\nSUB to.me.* 1\r\nSUB stop.* 2\r\nPING\r\n"
        )
        #expect(talk.session.state == .authenticating)
        // What comes in between is told: an emergency stop may be in it.
        #expect(talk.told("MSG stop.b 2 1\r\nx\r\nPONG\r\n") == [.message("stop.b", "x", status: 0), .opened])
        #expect(talk.session.state == .open)
        #expect(talk.told("PING\r\n+OK\r\nMSG c 3 0\r\n\r\nMSG c 0 0\r\n\r\n") == [])
        #expect(talk.takeSaid() == "PONG\r\n")
        let sent = Array("hi".utf8).withUnsafeBytes { talk.session.publish(Talk.subject, reply: NATSSubject("r"), $0) }
        #expect(sent && talk.told("HMSG to.me.x 1 16 16\r\nNATS/1.0 503\r\n\r\n\r\n") == [.message("to.me.x", "", status: 503)])
        #expect(talk.takeSaid() == "PUB a.b r 2\r\nhi\r\n")
    }

    @Test("Nothing is published before a connection is open, after its end, or longer than the server takes, and nothing is kept.")
    func publishes() {
        let talk = Talk()
        func publish(_ talk: Talk, _ count: Int = 1) -> Bool {
            [UInt8](repeating: 0, count: count).withUnsafeBytes { talk.session.publish(Talk.subject, $0) }
        }
        #expect(!publish(talk))
        _ = talk.started()
        #expect(!publish(talk))
        _ = talk.opened()
        #expect(publish(talk, 1_000) && !publish(talk, 1_001))
        // It has not been sent when the stream ends.
        #expect(talk.session.output.count > 0)
        talk.said = ""
        #expect(talk.closed() == [.ended(.closed, wasOpen: true), .dial("one:1")])
        #expect(talk.said == "" && !publish(talk))
    }

    @Test("The next server is tried at once, then after 100, 250 and 500 ms, then about twice a second, later up to ten seconds.")
    func pace() {
        let talk = Talk(["one:1", "two:2"])
        _ = talk.started()
        _ = talk.opened()
        talk.now += NATSPace.proof
        #expect(talk.closed() == [.ended(.closed, wasOpen: true), .dial("two:2")])
        var waits: [UInt64] = []
        for place in 0..<80 {
            #expect(talk.closed(.unreachable) == [.ended(.unreachable, wasOpen: false)])
            let (wait, told) = talk.waited()
            #expect(told == [.dial(place % 2 == 0 ? "one:1" : "two:2")])
            waits.append(wait)
        }
        #expect(Array(waits.prefix(3)) == [100, 250, 500])
        #expect(waits[3..<57].allSatisfy { 375...625 ~= $0 } && waits.suffix(10).allSatisfy { 7_500...10_000 ~= $0 })
        // One that works for a while is forgiven everything, one that does not is not.
        _ = talk.opened()
        #expect(talk.closed() == [.ended(.closed, wasOpen: true)])
        _ = talk.waited()
        _ = talk.opened()
        talk.now += NATSPace.proof
        #expect(talk.closed().count == 2)
    }

    @Test("Servers that a server names come after the configured ones, with the same demands, and each once.")
    func learns() {
        let talk = Talk(["tls://one:1", "tls://two:2"])
        _ = talk.started()
        talk.session.connected(at: talk.now)
        let info =
            "INFO {\"headers\":true,\"tls_required\":true,\"connect_urls\":[\"10.0.0.1:3\",\"one:1\",\"bad url\",\"10.0.0.1:3\"]}\r\n"
        #expect(talk.told(info) == [.secure("one")])
        #expect(talk.session.serverCount == 3)
        _ = talk.closed()
        _ = talk.closed()
        #expect(talk.waited().told == [.dial("10.0.0.1:3")])
        #expect(talk.session.server?.requiresTLS == true && talk.session.server?.certificateName == "one")
    }

    @Test("The present server stays the present one when it is not named any more.")
    func keepsPresent() {
        var list = NATSServerList([NATSServer("one:1")!])
        list.learn(["two:2", "three:3"])
        list.advance()
        list.learn(["three:3"])
        #expect(list.current?.description == "two:2" && list.count == 3)
        list.learn(["two:2"])
        #expect(list.current?.description == "two:2" && list.count == 2)
        list.advance()
        #expect(list.current?.description == "one:1")
        var none = NATSServerList([])
        none.advance()
        none.learn(["a:1"])
        #expect(none.current == nil)
    }

    @Test("A lame duck is left for another server, and kept while there is none.")
    func lameDuck() {
        let talk = Talk()
        _ = talk.started()
        _ = talk.opened()
        #expect(talk.told("INFO {\"headers\":true,\"ldm\":true}\r\nPING\r\n") == [.lameDuck])
        #expect(talk.takeSaid().hasSuffix("PONG\r\n"))
        let more = "INFO {\"headers\":true,\"ldm\":true,\"connect_urls\":[\"two:2\"]}\r\nMSG to.me.x 1 0\r\n\r\n"
        #expect(talk.told(more) == [.ended(.lameDuck, wasOpen: true), .dial("two:2")])
    }

    @Test("A server that does not know us is not asked again for ten seconds.")
    func refused() {
        for error in ["Authorization Violation", "User Authentication Expired", "Authentication Timeout", "Account Authentication Expired"]
        {
            let talk = Talk(["one:1", "two:2"])
            _ = talk.started()
            talk.session.connected(at: talk.now)
            _ = talk.told(Talk.info)
            #expect(talk.told("-ERR '\(error)'\r\n") == [.ended(.refused(error), wasOpen: false)])
            // The stream ends too, which is nothing more.
            #expect(talk.closed() == [])
            let (wait, told) = talk.waited()
            #expect(wait >= 10_000 && told == [.dial("two:2")])
        }
    }

    @Test("What we may not do is told with its subject; other complaints are told, and the connection goes on.")
    func denied() {
        let talk = Talk()
        _ = talk.started()
        talk.session.connected(at: talk.now)
        _ = talk.told(Talk.info)
        #expect(
            talk.told(
                "-ERR 'Permissions Violation for Subscription to \"to.me.*\"'\r\nPONG\r\n"
                    + "-ERR 'Permissions Violation for Publish to \"a.b\"'\r\n-ERR 'Slow Consumer'\r\n-ERR 'Permissions Violation for Publish'\r\n"
            )
                == [
                    .denied(NATSDenial(isPublish: false, subject: "to.me.*")), .opened,
                    .denied(NATSDenial(isPublish: true, subject: "a.b")), .complaint("Slow Consumer"),
                    .denied(NATSDenial(isPublish: true, subject: "")),
                ])
        #expect(talk.session.state == .open)
    }

    @Test("A challenge is answered by the key, and without one or without an answer the try ends.")
    func keys() {
        let signs = NATSCredentials.key(publicText: "UKEY", sign: { [0xFF] + $0 })
        let talk = Talk(["one:1"], signs)
        _ = talk.started()
        #expect(talk.opened() == [.opened])
        #expect(talk.takeSaid().contains(",\"nkey\":\"UKEY\",\"sig\":\"_24x\"}\r\n"))
        for (info, credentials) in [
            ("INFO {\"headers\":true}\r\n", signs), (Talk.info, NATSCredentials.key(publicText: "UKEY", sign: { _ in nil })),
        ] {
            let talk = Talk(["one:1"], credentials)
            _ = talk.started()
            #expect(talk.opened(info) == [.ended(.cannotSign, wasOpen: false)])
            #expect(talk.said == "")
        }
        let user = Talk(["one:1"], .password(user: "u", password: "p"))
        _ = user.started()
        #expect(user.opened() == [.opened] && user.said.contains("\"user\":\"u\",\"pass\":\"p\""))
    }

    @Test("TLS begins after INFO and before anything of ours; clear text in its place ends the try.")
    func secures() {
        let info = "INFO {\"headers\":true,\"tls_required\":true}\r\n"
        let talk = Talk(["tls://one:1"])
        _ = talk.started()
        talk.session.connected(at: talk.now)
        #expect(talk.told(info) == [.secure("one")])
        #expect(talk.said == "")
        talk.session.secured(at: talk.now)
        #expect(talk.told("PONG\r\n") == [.opened] && talk.said.contains("\"tls_required\":true"))
        for text in [info + "PING\r\n", info + "P"] {
            let injected = Talk(["one:1"])
            _ = injected.started()
            #expect(injected.told(text).first == .ended(.violation(.clearAfterTLS), wasOpen: false) && injected.said == "")
        }
        let later = Talk(["one:1"])
        _ = later.started()
        _ = later.told(info)
        #expect(later.told("PONG\r\n").first == .ended(.violation(.clearAfterTLS), wasOpen: false))
        let plain = Talk(["tls://one:1"])
        _ = plain.started()
        #expect(plain.told(Talk.info).first == .ended(.noTLS, wasOpen: false) && plain.said == "")
    }

    @Test("A server without headers, or that says anything else first, is of no use.")
    func old() {
        for (text, end) in [
            ("INFO {}\r\n", NATSEnd.tooOld), ("INFO []\r\n", .violation(.badInfo)), ("HTTP/1.1 400\r\n", .violation(.unknownOperation)),
            ("MSG a 1 0\r\n\r\n", .violation(.malformed)),
        ] {
            let talk = Talk()
            _ = talk.started()
            // What follows in the same bytes is not read by the next connection.
            #expect(talk.told(text + Talk.info) == [.ended(end, wasOpen: false), .dial("one:1")])
            #expect(talk.session.state == .connecting && talk.said == "")
        }
    }

    @Test("A server that says nothing is asked, then given up; one that opens nothing is given up too.")
    func silence() {
        let talk = Talk(["one:1", "two:2"])
        _ = talk.started()
        #expect(talk.waited() == (5_000, [.ended(.tooSlow, wasOpen: false), .dial("two:2")]))
        #expect(talk.opened() == [.opened])
        _ = talk.takeSaid()
        #expect(talk.waited() == (2_000, []))
        #expect(talk.takeSaid() == "PING\r\n")
        #expect(talk.told("PONG\r\n") == [])
        #expect(talk.waited() == (2_000, []))
        #expect(talk.waited().told.first == .ended(.silent, wasOpen: true))
        talk.session.deadlinePassed(at: 0)
        #expect(talk.told() == [])
    }

    @Test(
        "What a server says or breaks after we have said that we leave is no reason to try another.",
        arguments: [
            "INFO {\"headers\":true,\"ldm\":true,\"connect_urls\":[\"two:2\"]}\r\n", "nonsense\r\n", "-ERR 'Authorization Violation'\r\n",
            "INFO {\r\n",
        ])
    func leavesInSpite(of text: String) {
        let talk = Talk(["one:1", "three:3"])
        _ = talk.started() + talk.opened()
        talk.session.leave(at: talk.now)
        #expect(talk.told(text) == [.ended(.left, wasOpen: true)])
        #expect(talk.session.state == .over && talk.session.deadline == .max)
    }

    @Test("Leaving waits until the server has read everything, at most a second; then nothing is tried any more.")
    func leaves() {
        let talk = Talk()
        _ = talk.started()
        _ = talk.opened()
        _ = talk.takeSaid()
        talk.session.leave(at: talk.now)
        #expect(talk.told("MSG to.me.x 1 1\r\ny\r\n") == [.message("to.me.x", "y", status: 0)])
        #expect(talk.takeSaid() == "PING\r\n" && talk.session.state == .leaving)
        #expect(talk.told("PONG\r\n") == [.ended(.left, wasOpen: true)])
        #expect(talk.session.state == .over && talk.session.deadline == .max && talk.closed() == [] && talk.started() == [])
        for isDeaf in [true, false] {
            let other = Talk()
            _ = other.started()
            if isDeaf { _ = other.opened() }
            other.session.leave(at: other.now)
            if isDeaf { #expect(other.waited() == (1_000, [.ended(.left, wasOpen: true)])) }
            if !isDeaf { #expect(other.told() == [.ended(.left, wasOpen: false)]) }
        }
    }
}
