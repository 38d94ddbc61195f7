// Simulated connections: order, backlog, every fault, and the events at both ends.
// Must not know Buttplug or the router.

import Host
import SimHost
import Testing

/// Records a client's events.
final class RecordingPeer: SimPeer {
    var log: [String] = []
    func opened(at now: Instant) { log.append("opened") }
    func received(_ message: RawSpan, at now: Instant) { log.append("got \(message.byteCount)") }
    func closed(_ reason: CloseReason, at now: Instant) { log.append("closed \(reason.rawValue)") }
}

@Suite struct SimLinkTests {
    let host = SimHost(start: .zero)
    let owner = RecordingOwner()
    let peer = RecordingPeer()

    func connect(_ conditions: SimConditions = SimConditions(), limits: Limits = Limits()) -> SimLink {
        _ = host.attach(owner)
        let link = host.connect(peer, to: owner, conditions: conditions, limits: limits)
        host.run(for: .milliseconds(10))
        return link
    }

    /// Lets the owner send messages of these sizes at the end of the next turn.
    func send(_ sizes: [Int]) {
        var buffer = MessageBuffer()
        for size in sizes {
            let start = buffer.begin()
            _ = buffer.room(size)
            buffer.advance(size)
            buffer.end(start)
        }
        let end = buffer.count
        let run = buffer.run(0, end)
        let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: end, alignment: 16)
        bytes.copyMemory(from: UnsafeRawBufferPointer(run.bytes))
        owner.onTurnEnd = { [owner] _ in
            owner.onTurnEnd = nil
            withUnsafePointer(to: MessageRun(bytes: bytes)) {
                owner.links.last?.send(UnsafeBufferPointer(start: $0, count: 1))
            }
            bytes.deallocate()
        }
        host.at(host.now) {}
        host.turn()
    }

    @Test("Messages arrive whole and in order, then the close that was sent after them")
    func orderly() {
        let link = connect()
        link.transmit(Array("a".utf8))
        link.transmit(Array("b".utf8))
        link.finish()
        host.run(for: .seconds(1))
        #expect(owner.events == ["opened", "received a", "received b", "closed peer_closed"])
        #expect(link.isOver)
        #expect(peer.log == ["opened"])
    }

    @Test("A refused peer is told and never opened")
    func refused() {
        owner.refuses = .tooManySessions
        let link = connect()
        #expect(peer.log == ["closed too_many_sessions"])
        #expect(owner.events.isEmpty)
        #expect(link.isOver)
    }

    @Test("Short and long messages of one run arrive one by one")
    func sizes() {
        _ = connect()
        send([0, 1, 125, 126, 65_535, 65_536])
        host.run(for: .seconds(1))
        #expect(peer.log == ["opened", "got 0", "got 1", "got 125", "got 126", "got 65535", "got 65536"])
        #expect(host.complaints.isEmpty)
    }

    @Test("A reset loses the messages on their way, and the owner is told in the next turn")
    func dropped() {
        let link = connect()
        link.transmit(Array("lost".utf8))
        link.drop()
        host.turn()
        #expect(owner.events == ["opened", "closed peer_vanished"])
        #expect(host.now == .zero + .milliseconds(10))
    }

    @Test("A peer that vanishes is unresponsive after ten to twenty seconds")
    func vanished() {
        let link = connect()
        host.run(for: .seconds(27))
        link.vanish()
        let left = host.now
        host.turn()
        #expect(owner.events == ["opened", "closed unresponsive"])
        #expect(host.now - left >= .seconds(10))
        #expect(host.now - left <= .seconds(20))
    }

    @Test("A stall shorter than the time limit of pings only delays messages")
    func shortStall() {
        let link = connect()
        link.stall(up: true, down: true, until: host.now + .seconds(9))
        link.transmit(Array("late".utf8))
        host.run(for: .seconds(8))
        #expect(owner.events == ["opened"])
        host.run(for: .seconds(30))
        #expect(owner.events == ["opened", "received late"])
    }

    @Test("A stall longer than the time limit of pings ends the connection, and both ends are told")
    func longStall() {
        let link = connect()
        link.stall(up: true, down: false, until: host.now + .seconds(60))
        host.run(for: .seconds(21))
        #expect(owner.events == ["opened", "closed unresponsive"])
        #expect(peer.log == ["opened", "closed unresponsive"])
    }

    @Test("A reader that stops is congested, is drained when it reads again, and gets everything")
    func congestion() {
        var conditions = SimConditions()
        conditions.window = 1_000
        let link = connect(conditions)
        link.stall(up: false, down: true, until: host.now + .seconds(5))
        send([600])
        #expect(owner.events == ["opened"])
        send([600, 600])
        #expect(owner.events == ["opened", "congested"])
        #expect(link.queuedBytes == 1_208)
        host.run(for: .seconds(6))
        #expect(owner.events == ["opened", "congested", "drained"])
        #expect(peer.log == ["opened", "got 600", "got 600", "got 600"])
    }

    @Test("A backlog above the limit cuts the reader off in the next turn")
    func backlogBytes() {
        var limits = Limits()
        limits.queuedBytes = 5_000
        var conditions = SimConditions()
        conditions.window = 1_000
        let link = connect(conditions, limits: limits)
        link.stall(up: false, down: true, until: host.now + .seconds(5))
        send([900, 6_000])
        #expect(owner.events == ["opened", "congested"])
        host.turn()
        #expect(owner.events == ["opened", "congested", "closed slow_consumer"])
        #expect(link.isOver)
    }

    @Test("A backlog that does not move cuts the reader off after the stall limit")
    func backlogTime() {
        var conditions = SimConditions()
        conditions.window = 1_000
        let link = connect(conditions)
        link.stall(up: false, down: true, until: host.now + .seconds(60))
        let start = host.now
        send([900, 600])
        host.run(for: .seconds(11))
        #expect(owner.events == ["opened", "congested", "closed slow_consumer"])
        #expect(start + .seconds(10) <= host.now)
    }

    @Test("Messages that were held together arrive in one turn, and messages in single bytes arrive with their last byte")
    func gatherAndDribble() {
        let link = connect()
        var gathering = SimConditions()
        gathering.gathering = .milliseconds(100)
        link.worsen(gathering, until: host.now + .seconds(1))
        link.transmit(Array("a".utf8))
        host.run(for: .milliseconds(50))
        link.transmit(Array("b".utf8))
        host.run(for: .milliseconds(100))
        #expect(owner.log.suffix(3) == ["received a", "received b", "turn 100"])
        var dribble = SimConditions()
        dribble.byteTime = .milliseconds(1)
        link.worsen(dribble, until: host.now + .seconds(1))
        let sent = host.now
        link.transmit([UInt8](repeating: 0x61, count: 98))
        host.turn()
        #expect(host.now == sent + .milliseconds(101))
    }

    @Test("Messages sent before a close by the server leave first, and the owner gets no more events")
    func serverCloses() {
        let link = connect()
        send([5])
        owner.onTurnEnd = { [owner] _ in
            owner.onTurnEnd = nil
            owner.links.last?.close(.kicked)
        }
        host.at(host.now) {}
        host.turn()
        link.transmit(Array("too late".utf8))
        host.run(for: .seconds(5))
        #expect(peer.log == ["opened", "got 5", "closed kicked"])
        #expect(owner.events == ["opened"])
        #expect(host.complaints.isEmpty)
    }

    @Test("A message to a server that has closed is lost, and the world goes on")
    func lateClient() {
        let link = connect()
        link.stall(up: false, down: true, until: host.now + .seconds(5))
        link.transmit(Array("late".utf8))
        owner.onTurnEnd = { [owner] _ in
            owner.onTurnEnd = nil
            owner.links.last?.close(.kicked)
        }
        host.at(host.now) {}
        host.turn()
        host.run(for: .seconds(5))
        #expect(owner.events == ["opened"])
        #expect(link.isOver)
        #expect(host.complaints.isEmpty)
    }

    @Test("An owner that uses a link after its end is reported")
    func complaint() {
        let link = connect()
        link.drop()
        host.turn()
        send([5])
        #expect(host.complaints.count == 1)
        #expect(host.complaints.first?.contains("over") == true)
    }

    @Test("Random faults are the same for the same seed")
    func drawnFaults() {
        func events(_ seed: UInt64) -> [String] {
            let host = SimHost(seed: seed)
            let owner = RecordingOwner()
            _ = host.attach(owner)
            var faults = SimLinkFaults()
            faults.every = .seconds(3)
            for _ in 0..<20 { host.connect(RecordingPeer(), to: owner, faults: faults) }
            host.run(for: .seconds(120))
            return owner.log
        }
        #expect(events(4) == events(4))
        #expect(events(4) != events(5))
        #expect(events(4).contains("closed peer_vanished"))
        #expect(events(4).contains("closed unresponsive"))
    }
}
