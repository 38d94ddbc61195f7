// Every way in which a connection ends: by either side, in good order or not, by silence and by a broken rule.
// Must not know Buttplug.

import Glibc
import Host
import Testing
import UVHost

@Suite struct EndTests {
    @Test("The peer's close is answered with its status, after the answers to its earlier messages; later ones are ignored.")
    func answersAClose() throws {
        let world = try World()
        let client = try WebClient(port: world.look().port)
        client.send(WebClient.text("last") + WebClient.closeFrame(1000) + WebClient.text("too late"))
        #expect(client.readFrame()?.text == "last")
        #expect(client.readFrame()?.status == 1000)
        #expect(client.readEnd())
        #expect(world.board.wait { $0.closes == [.peerClosed] })
        #expect(world.look().texts == 1)
        client.close()
        world.stop()
    }

    @Test("The owner's close sends status and reason; the peer's answer ends the connection without an event for the owner.")
    func closesInGoodOrder() throws {
        let world = try World()
        let client = try WebClient(port: world.look().port)
        client.send(WebClient.text("before") + WebClient.text("close"))
        #expect(client.readFrame()?.text == "before")
        let close = try #require(client.readFrame())
        #expect(close.status == 1008)
        #expect(close.reason == "kicked")
        client.send(WebClient.text("ignored") + WebClient.closeFrame(1008))
        #expect(client.readEnd())
        let seen = world.look()
        #expect(seen.links == 0)
        #expect(seen.texts == 2)
        #expect(seen.closes == [])
        client.close()
        world.stop()
    }

    @Test("A peer that is given up because it does not answer is reset: what waits for it never reaches it.")
    func resetsAPeerThatIsGivenUp() throws {
        let world = try World()
        let client = try WebClient(port: world.look().port, readBuffer: 8_192)
        client.send(WebClient.text("flood 900000") + WebClient.text("give up"))
        #expect(world.board.wait { $0.texts == 2 })
        // The board knows of the text before the turn that gives the peer up has ended. A peer that read now could take everything.
        #expect(waitForNoLinks(world))
        var (count, bytes) = (1, [UInt8](repeating: 0, count: 1 << 16))
        var all = 0
        while count > 0 {
            count = recv(client.descriptor, &bytes, bytes.count, 0)
            all += max(count, 0)
        }
        #expect(count < 0 && errno == ECONNRESET && all < 900_000, "\(all) bytes came, then \(count)")
        client.close()
        world.stop()
    }

    @Test("A peer that never answers our close is cut after the close deadline.")
    func cutsWhoNeverAnswersAClose() throws {
        var limits = Limits()
        limits.closeTimeout = .milliseconds(50)
        let world = try World(limits)
        let client = try WebClient(port: world.look().port)
        client.send(WebClient.text("close"))
        #expect(client.readFrame()?.status == 1008)
        #expect(client.readEndOrReset())
        #expect(world.look().links == 0)
        client.close()
        world.stop()
    }

    @Test("A peer that answers our close and then keeps its side open is cut after the close deadline too.")
    func cutsWhoNeverEnds() throws {
        var limits = Limits()
        limits.closeTimeout = .milliseconds(50)
        let world = try World(limits)
        let client = try WebClient(port: world.look().port)
        client.send(WebClient.closeFrame(1000))
        #expect(client.readFrame()?.status == 1000)
        #expect(client.readEnd())
        #expect(waitForNoLinks(world))
        client.close()
        world.stop()
    }

    @Test("After a half-close earlier messages are answered, then the connection ends; the owner is told once.")
    func answersBeforeAHalfCloseEnds() throws {
        let world = try World()
        let client = try WebClient(port: world.look().port)
        client.send(WebClient.text("one") + WebClient.text("two"))
        client.shutDown()
        #expect(client.readFrame()?.text == "one")
        #expect(client.readFrame()?.text == "two")
        #expect(client.readEnd())
        #expect(world.board.wait { $0.closes == [.peerVanished] })
        client.close()
        world.stop()
    }

    @Test("A reset in the middle of a frame ends the session at once.")
    func noticesAReset() throws {
        let world = try World()
        let client = try WebClient(port: world.look().port)
        client.send(Array(WebClient.text("half").dropLast(2)))
        client.reset()
        #expect(world.board.wait { $0.closes == [.peerVanished] })
        #expect(world.look().links == 0)
        world.stop()
    }

    @Test("A peer that vanishes while bytes wait for it ends like any other peer.")
    func noticesAResetUnderABacklog() throws {
        let world = try World()
        let client = try WebClient(port: world.look().port, readBuffer: 4_096)
        client.send(WebClient.text("flood \(8 << 20)"))
        #expect(world.board.wait { $0.congested == 1 })
        client.reset()
        #expect(world.board.wait { $0.closes == [.peerVanished] })
        #expect(world.look().links == 0)
        world.stop()
    }

    @Test(
        "Breaking RFC 6455 or a limit gets the right close status, after the answers to the right messages.",
        arguments: [
            (WebClient.frame(1, [0x78], isMasked: false), 1002, CloseReason.protocolError),
            ([0xC1, 0x80, 0, 0, 0, 0], 1002, .protocolError),
            (WebClient.frame(1, [0xC0, 0x80]), 1007, .invalidText), ([0x81, 0xFF, 0, 0, 1, 0, 0, 0, 0, 0], 1009, .messageTooBig),
            (
                WebClient.frame(1, [], isFinal: false) + (0..<20).flatMap { _ in WebClient.frame(0, [], isFinal: false) }, 1008,
                .policyViolation
            ),
        ])
    func failsWhoBreaksTheRules(bytes: [UInt8], status: Int, reason: CloseReason) throws {
        var limits = Limits()
        limits.fragments = 16
        let world = try World(limits)
        let client = try WebClient(port: world.look().port)
        client.send(WebClient.text("right") + bytes)
        #expect(client.readFrame()?.text == "right")
        #expect(client.readFrame()?.status == status)
        #expect(client.readEnd())
        #expect(world.board.wait { $0.closes == [reason] })
        client.close()
        world.stop()
    }

    @Test("Pings of one read are answered in order; a flood of control frames ends the connection.")
    func answersPingsUpToABudget() throws {
        var limits = Limits()
        limits.controlFramesPerSecond = 20
        let world = try World(limits)
        let client = try WebClient(port: world.look().port)
        client.send((0..<10).flatMap { WebClient.frame(9, [UInt8($0)]) })
        for number in 0..<10 { #expect(client.readFrame() == Frame(opcode: 10, payload: [UInt8(number)])) }
        client.send((0..<1_000).flatMap { _ in WebClient.frame(9, [7]) })
        var last: Frame?
        while let frame = client.readFrame() { last = frame }
        #expect(last?.status == 1008)
        #expect(world.board.wait { $0.closes == [.policyViolation] })
        client.close()
        world.stop()
    }

    @Test("A silent peer gets a ping; a peer that answers stays for any time, and one that does not is closed as unresponsive.")
    func pingsTheSilent() throws {
        var limits = Limits()
        limits.pingInterval = .milliseconds(40)
        let world = try World(limits)
        let port = world.look().port
        let deaf = try WebClient(port: port)
        let alive = try WebClient(port: port)
        for _ in 0..<5 {
            #expect(alive.readFrame()?.opcode == 9)
            alive.send(WebClient.frame(10, []))
        }
        #expect(deaf.readFrame()?.opcode == 9)
        #expect(deaf.readFrame()?.status == 1008)
        #expect(world.board.wait { $0.closes == [.unresponsive] })
        deaf.close()
        alive.close()
        world.stop()
    }

    @Test("After many clients have come and gone nothing is left open.")
    func leavesNothing() throws {
        let world = try World()
        let port = world.look().port
        let handles = world.look().handles
        for round in 0..<300 {
            let client = try WebClient(port: port)
            switch round % 4 {
            case 0: client.close()
            case 1: client.reset()
            case 2:
                client.send(WebClient.closeFrame(1000))
                #expect(client.readFrame()?.status == 1000)
                client.close()
            default:
                client.send(WebClient.text("x"))
                client.close()
            }
        }
        #expect(waitForNoLinks(world))
        let seen = world.look()
        #expect(seen.handles == handles)
        #expect(seen.closes.count == 300)
        world.stop()
    }

    @Test("Stopping with a time limit waits for connections that are leaving, and cuts the rest.")
    func stopsWithinItsTime() throws {
        let world = try World()
        let stays = try WebClient(port: world.look().port)
        world.post { host, _ in host.stop(within: .milliseconds(30)) }
        #expect(world.board.wait { $0.hasEnded })
        #expect(stays.readEndOrReset())
        stays.close()
        world.stop()
    }
}

/// Checks until no connection is left; each check is a turn of the host.
func waitForNoLinks(_ world: World) -> Bool {
    for _ in 0..<100_000 {
        if world.look().links == 0 { return true }
    }
    return false
}
