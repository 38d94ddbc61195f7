// The core of hardware with a transport on paper: packets that are answered, or not, and devices that cannot be opened.

import Buttplug
import Host
import Testing

@testable import Hardware

/// A transport whose one device is there, and takes packets as the test says.
struct PaperTransport: TransportCore, ~Copyable {
    var written: [[UInt8]] = []
    var connects = 0
    var leaves = 0
    var isSilent = false
    /// Its way takes nothing.
    var isBlocked = false
    /// What is written to these endpoints is answered, as is what is confirmed.
    var calls: Set<DeviceEndpoint> = []
    /// The device does not have these endpoints.
    var lacks: Set<DeviceEndpoint> = []
    /// What is not answered goes through a wire.
    var hasWire = false
    var deadline: Instant { .never }

    mutating func deadlinePassed(at now: Instant, into out: inout TransportEffects) {}
    mutating func scan(_ isOn: Bool, at now: Instant, into out: inout TransportEffects) {}
    mutating func connect(_ candidate: Candidate, as device: UInt32, at now: Instant, into out: inout TransportEffects) {
        connects += 1
        if !isSilent { out.events.append(.ready(device, [.tx, .rx])) }
    }
    mutating func leave(_ device: UInt32, at now: Instant, into out: inout TransportEffects) { leaves += 1 }
    mutating func write(
        _ packet: Packet, _ bytes: RawSpan, to device: UInt32, at now: Instant, into out: inout TransportEffects
    ) -> Sent {
        if lacks.contains(packet.endpoint) { return .lacking }
        if isBlocked { return .blocked }
        written.append(bytes.withUnsafeBytes { Array($0) })
        if packet.delivery == .confirmed || calls.contains(packet.endpoint) { return .pending }
        if hasWire { out.send(bytes, to: WireID(1), of: device) }
        return .done
    }
}

/// A core with one device of two motors, whose protocol has a confirmed packet for each.
struct PaperStory: ~Copyable {
    var core: HardwareCore<PaperTransport>
    var milliseconds: Int64 = 0

    init(
        _ protocolName: String = "foreo", outputs: [ModelOutput] = (0...1).map { ModelOutput(feature: $0, type: .vibrate, range: 0...100) },
        identifier: String? = nil, isSilent: Bool = false, rules: DeviceRules = DeviceRules(), isWatched: Bool = false,
        change: (inout PaperTransport) -> Void = { _ in }
    ) {
        var model = Model(name: "Two Motors", protocolName: protocolName)
        model.outputs = outputs
        model.identifier = identifier
        var facts = ProtocolFacts(name: protocolName)
        facts.defaults = model
        var book = DeviceBook()
        book.catalogue = Catalogue([facts])
        for address in ["device", "late"] + (1...64).map({ "other \($0)" }) {
            book.rows[address] = DeviceMatch(protocolName)
        }
        var transport = PaperTransport()
        transport.isSilent = isSilent
        change(&transport)
        book.rules = rules
        core = HardwareCore("paper", transport, book: book, gapMilliseconds: 75)
        core.recognition.isWatched = isWatched
        core.effects.events.append(.found(Candidate(address: "device")))
        core.digest(at: now)
    }

    var now: Instant { .zero + .milliseconds(milliseconds) }

    mutating func find(_ address: String) {
        core.effects.events.append(.found(Candidate(address: address)))
        core.digest(at: now)
    }

    mutating func write(_ ticket: UInt32, _ feature: UInt32, _ value: Int32, _ type: OutputType = .vibrate, in duration: UInt32 = 0) {
        let write = DeviceWrite(
            to: DeviceTarget(backend: 0, device: 0, deviceIndex: 0, feature: feature), type: type, value: value, duration: duration,
            ticket: ticket)
        withUnsafePointer(to: write) { core.perform(UnsafeBufferPointer(start: $0, count: 1), at: now) }
    }

    /// Several outputs in one call.
    mutating func write(_ writes: [(ticket: UInt32, feature: UInt32, value: Int32, type: OutputType)]) {
        let writes = writes.map {
            DeviceWrite(
                to: DeviceTarget(backend: 0, device: 0, deviceIndex: 0, feature: $0.feature), type: $0.type, value: $0.value, duration: 300,
                ticket: $0.ticket)
        }
        writes.withUnsafeBufferPointer { core.perform($0, at: now) }
    }

    /// The wire has taken what there was for it, or has not.
    mutating func flush(isTaken: Bool) {
        core.effects.sendRuns { _, _ in isTaken }
        core.flushed(at: now)
        core.digest(at: now)
    }

    /// The way takes packets again.
    mutating func drained() {
        core.transport.isBlocked = false
        core.effects.events.append(.drained(0))
        core.digest(at: now)
    }

    mutating func wrote(_ ok: Bool) {
        core.effects.events.append(.wrote(0, ok: ok))
        core.digest(at: now)
    }

    /// The strengths that were written since the last call.
    mutating func strengths() -> [UInt8] {
        let strengths = core.transport.written.compactMap(\.last)
        core.transport.written = []
        return strengths
    }

    mutating func answers() -> [UInt32] {
        let tickets = core.reports.answers.map(\.ticket)
        core.reports.answers = []
        return tickets
    }

    mutating func pass(_ span: Int64) {
        let end = milliseconds + span
        while core.deadline <= .zero + .milliseconds(end) {
            milliseconds = max(milliseconds, (core.deadline - .zero).milliseconds)
            core.deadlinePassed(at: now)
        }
        milliseconds = end
    }
}

@Suite struct HardwareCoreTests {
    @Test("A device is shown when it has answered its zeros")
    func appears() {
        var story = PaperStory()
        #expect(story.strengths() == [0])
        story.wrote(true)
        #expect(story.core.reports.events.isEmpty)
        #expect(story.strengths() == [0])
        story.wrote(true)
        #expect(story.core.reports.events.count == 1)
    }

    static func ready() -> PaperStory {
        var story = PaperStory()
        story.wrote(true)
        story.wrote(true)
        _ = story.strengths()
        story.core.reports.events = []
        return story
    }

    @Test("One packet is under way, and the newest value follows it")
    func newest() {
        var story = Self.ready()
        story.write(1, 0, 10)
        for value in 11...20 as ClosedRange<Int32> { story.write(UInt32(value), 0, value) }
        #expect(story.strengths() == [10])
        #expect(story.answers().isEmpty)
        story.wrote(true)
        #expect(story.strengths() == [20])
        #expect(story.answers() == [1])
        story.wrote(true)
        #expect(story.answers() == Array(11...20))
        #expect(story.strengths().isEmpty)
    }

    @Test("What waits for a packet does not start anything after a zero")
    func zeroBeforeRest() {
        var story = Self.ready()
        let writes = [(1, 0, 50), (2, 1, 60)].map { (ticket: Int, feature: Int, value: Int) in
            DeviceWrite(
                to: DeviceTarget(backend: 0, device: 0, deviceIndex: 0, feature: UInt32(feature)), type: .vibrate, value: Int32(value),
                ticket: UInt32(ticket))
        }
        writes.withUnsafeBufferPointer { story.core.perform($0, at: story.now) }
        #expect(story.strengths() == [50])
        story.write(3, 1, 0)
        story.wrote(true)
        story.wrote(true)
        story.wrote(true)
        let strengths = story.strengths()
        #expect(!strengths.contains(60))
        #expect(story.answers().sorted() == [1, 2, 3])
    }

    @Test("A zero that waits for another motor's packet is not put off by being asked for again")
    func zeroAskedAgain() {
        var story = Self.ready()
        story.write(1, 0, 50)
        story.wrote(true)
        story.write(2, 1, 60)
        story.wrote(true)
        _ = story.strengths()
        story.core.handle(.stopOutputs, at: story.now)
        #expect(story.strengths() == [0])
        for ticket in 3...5 as ClosedRange<UInt32> {
            story.write(ticket, 1, 0)
            #expect(story.core.devices[0].rest.count == 1)
        }
        story.wrote(true)
        #expect(story.strengths() == [0])
        #expect(story.core.devices[0].rest.isEmpty)
    }

    @Test("A stop waits for the one packet under way, and for nothing else")
    func stop() {
        var story = Self.ready()
        story.write(1, 0, 50)
        story.write(2, 1, 60)
        story.core.handle(.stopOutputs, at: story.now)
        #expect(story.strengths() == [50])
        story.wrote(true)
        story.wrote(true)
        story.wrote(true)
        #expect(story.strengths() == [0, 0])
        #expect(story.answers().sorted() == [1, 2])
    }

    @Test("A device that refuses three packets in a row is let go and tried again")
    func refusals() {
        var story = Self.ready()
        for ticket in 1...3 as ClosedRange<UInt32> {
            story.write(ticket, 0, Int32(ticket))
            story.wrote(false)
        }
        #expect(story.core.reports.answers.allSatisfy { $0.outcome == .refused })
        #expect(story.answers() == [1, 2, 3])
        #expect(story.core.reports.events == [.disappeared(0)])
        #expect(story.core.transport.leaves == 1)
        story.pass(600)
        #expect(story.core.transport.connects == 2)
    }

    @Test("A device that was lost while it ran is tried without end, until it has been told zero; one that was at zero is given up")
    func lostWhileRunning() {
        for (value, isTried) in [(Int32(50), true), (0, false)] {
            var story = Self.ready()
            story.write(1, 0, value)
            story.wrote(true)
            story.core.transport.isSilent = true
            story.core.effects.events.append(.lost(0, .gone))
            story.core.digest(at: story.now)
            story.pass(3_600_000)
            let connects = story.core.transport.connects
            story.pass(600_000)
            #expect((story.core.transport.connects > connects) == isTried)
            story.core.transport.isSilent = false
            _ = story.strengths()
            story.pass(60_000)
            #expect((story.strengths().last == 0) == isTried)
        }
    }

    @Test("A zero that a device refuses is written again")
    func refusedZero() {
        var story = Self.ready()
        story.write(1, 0, 50)
        story.wrote(true)
        story.write(2, 0, 0)
        #expect(story.strengths() == [50, 0])
        story.wrote(false)
        #expect(story.answers() == [1, 2])
        #expect(story.strengths() == [0])
        story.wrote(true)
        #expect(story.strengths() == [])
    }

    @Test("What follows an answered packet is done when its wire has taken it, and owed again when it has not")
    func wireAfterCall() {
        var story = PaperStory("vibratissimo", outputs: [ModelOutput(feature: 0, type: .vibrate, range: 0...255)]) {
            ($0.calls, $0.hasWire) = ([.txmode], true)
        }
        story.wrote(true)
        #expect(story.core.transport.written == [[0x03, 0xFF], [0, 0]])
        #expect(story.core.reports.events.isEmpty, "its zero has not left")
        story.flush(isTaken: false)
        #expect(story.core.reports.events.isEmpty)
        story.drained()
        story.wrote(true)
        #expect(story.core.transport.written.suffix(2) == [[0x03, 0xFF], [0, 0]])
        story.flush(isTaken: true)
        #expect(story.core.reports.events.count == 1)
        story.write(1, 0, 70)
        story.wrote(true)
        #expect(story.answers() == [])
        story.flush(isTaken: true)
        #expect(story.answers() == [1])
    }

    @Test("A device whose zero has nowhere to go is not shown, and the operator is told why")
    func zeroWithoutEndpoint() {
        var story = PaperStory { $0.lacks = [.tx] }
        story.pass(3_600_000)
        #expect(story.core.reports.events.isEmpty)
        #expect(story.core.transport.connects == 10 && story.core.transport.leaves == 10)
        #expect(story.core.reports.notices.first?.problem?.contains("lacks") == true)
    }

    @Test("A write that has nowhere to go is refused, a stop too; what has somewhere to go goes there")
    func writeWithoutEndpoint() {
        var story = PaperStory("vibratissimo", outputs: [ModelOutput(feature: 0, type: .vibrate, range: 0...255)])
        #expect(story.core.reports.events.count == 1)
        for lacking in [DeviceEndpoint.txmode, .txvibrate] {
            story.core.transport.lacks = [lacking]
            story.core.transport.written = []
            for value in [70, 0] as [Int32] {
                story.write(1, 0, value)
                #expect(story.core.reports.answers.map(\.outcome) == [.refused])
                #expect(story.answers() == [1])
            }
            #expect(story.core.transport.written.count == 2)
        }
        story.core.transport.lacks = []
        story.write(2, 0, 70)
        #expect(story.core.reports.answers.map(\.outcome) == [.done])
    }

    @Test("A question that has nowhere to go refuses no write")
    func questionWithoutEndpoint() {
        var story = PaperStory("lovense", outputs: [ModelOutput(feature: 0, type: .vibrate, range: 0...20)], identifier: "S")
        story.pass(5_000)
        story.core.transport.lacks = [.tx]
        story.core.advance(0, at: story.now) {
            _ = $0.ask(.battery, into: &$1)
            return nil
        }
        story.core.transport.lacks = []
        story.write(1, 0, 7)
        #expect(story.core.reports.answers.map(\.outcome) == [.done])
    }

    @Test("A device that is cut off is told zero although it has not answered what it was told before")
    func cutOffWhilePending() {
        var story = Self.ready()
        story.write(1, 0, 50)
        story.core.handle(.cutOff(device: 0), at: story.now)
        #expect(story.strengths() == [50, 0])
        #expect(story.core.transport.leaves == 1)
    }

    @Test("The place of a device that the transport has forgotten is used again when all are taken")
    func places() {
        var story = PaperStory(isSilent: true)
        for number in 1..<HardwareCore<PaperTransport>.devicesMax { story.find("other \(number)") }
        #expect(story.core.devices.count == 64)
        story.find("late")
        #expect(story.core.devices.allSatisfy { $0.candidate.address != "late" })
        story.pass(3_600_000)
        story.core.effects.events.append(.forgotten(address: "other 7"))
        story.core.digest(at: story.now)
        story.find("late")
        #expect(story.core.devices.count == 64 && story.core.devices.contains { $0.candidate.address == "late" })
    }
}
