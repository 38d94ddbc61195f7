// A member that lies: it keeps its link in order and sends records that no honest one sends.

import Cluster
import Host
import SimHost
import Testing

@testable import Members

/// A member without a router: a link to one peer, and the records that a test wants.
final class Liar: BusOwner {
    let connection: SimBusConnection
    private let subjects: MembersSubjects
    private let peer: String
    private var link: ClusterLink
    private(set) var losses: [LinkLoss] = []
    private(set) var records: [String] = []

    init(_ name: String, to peer: String, block: UInt16, in cell: Cell) {
        let settings = MembersSettings(cell: "home", member: name, block: block, incarnation: 77)
        subjects = MembersSubjects(settings)
        self.peer = peer
        connection = cell.bus.connection(name)
        link = ClusterLink(settings.linkSettings, seed: 5)
        connection.open(subjects.subscriptions, for: self)
        cell.host.at(cell.host.now + .milliseconds(1)) { [self] in
            publish(HereNotice(incarnation: 77, block: block).bytes, on: subjects.here)
            link.greet(at: cell.host.now)
        }
        for beat in 1..<200 {
            cell.host.at(cell.host.now + .milliseconds(50 * Int64(beat))) { [self] in
                link.deadlinePassed(at: cell.host.now)
                say(at: cell.host.now) { _ in 0 }
            }
        }
    }

    var isUp: Bool { link.state == .up }

    /// Sends a record, or a beat.
    func say(at now: Instant, _ record: (inout RecordWriter) -> Int) {
        var writer = RecordWriter()
        let bytes = record(&writer)
        if bytes > 0 { _ = link.queue(bytes: bytes) }
        tellHellos()
        if let header = bytes > 0 ? link.flush(at: now) : link.message(at: now) {
            publish(Array(writer.sealed(header)), on: subjects.link(to: peer))
        }
    }

    func publish(_ bytes: [UInt8], on subject: String) { bytes.withUnsafeBytes { connection.publish(subject, reply: nil, $0) } }

    private func tellHellos() {
        for effect in link.effects {
            if case .lost(let loss) = effect { losses.append(loss) }
            guard case .hello(let hello) = effect else { continue }
            var bytes = [UInt8](repeating: 0, count: LinkHello.byteCount)
            bytes.withUnsafeMutableBytes { hello.write(to: $0) }
            publish(bytes, on: subjects.link(to: peer))
        }
        link.forgetEffects()
    }

    func busOpened(at now: Instant) {}
    func missed(_ reply: String, at now: Instant) {}
    func busLost(at now: Instant) {}

    func received(_ payload: RawSpan, on subject: String, at now: Instant) {
        guard subjects.meaning(of: subject) == .link(from: peer), let header = LinkHeader(payload) else { return }
        if header.sequence == 0 {
            if let hello = LinkHello(payload) { link.received(hello, at: now) }
        } else if link.received(header, at: now) {
            var reader = RecordReader(payload)
            while let record = try? reader.next() { records.append("\(record)") }
        }
        tellHellos()
    }
}

@Suite("A member that lies")
struct LiarTests {
    let cell = Cell()
    let b: Member
    let liar: Liar

    /// Member b has a device and a local app that drives it; the liar's link to it is up.
    init() {
        b = cell.member("b", block: 1)
        cell.run(100)
        b.appear(0, "test:two")
        b.open("local")
        cell.run(10)
        b.vibrate("local", 2, 1_024, 40)
        liar = Liar("liar", to: "b", block: 2, in: cell)
        cell.run(1_000)
        _ = (b.writes(), b.taken("local"))
    }

    private func lost() -> [LinkLoss] {
        b.events.compactMap { if case .linkLost("liar", let loss) = $0 { loss } else { nil } }
    }

    @Test("Its link is up, and its order counts like any guest's: the lies below are lies of a member that is let in.")
    func honest() {
        #expect(liar.isUp && b.members.membersUp == ["liar"])
        liar.say(at: cell.host.now) {
            $0.session(SessionRecord(session: 1, age: 0, priority: 150, role: 0, stopScope: 0, version: 4), name: "far")
                + $0.order(OrderRecord(session: 1, request: 1, device: 1_024, feature: 0, type: 0, value: 70))
        }
        cell.run(10)
        #expect(b.writes() == ["1024.0 Vibrate 70"])
    }

    @Test("An order of a session that was not announced, or with a type, a value or a device that there is not, is refused.")
    func orders() {
        liar.say(at: cell.host.now) {
            $0.session(SessionRecord(session: 1, age: 0, priority: 150, role: 0, stopScope: 0, version: 4), name: "far")
                + $0.order(OrderRecord(session: 2, request: 1, device: 1_024, feature: 0, type: 0, value: 70))
                + $0.order(OrderRecord(session: 1, request: 2, device: 1_024, feature: 0, type: 99, value: 70))
                + $0.order(OrderRecord(session: 1, request: 3, device: 1_024, feature: 0, type: 0, value: 7_000))
                + $0.order(OrderRecord(session: 1, request: 4, device: 9, feature: 0, type: 0, value: 70))
        }
        cell.run(10)
        #expect(b.writes() == [] && liar.isUp)
        #expect(liar.records.filter { $0.hasPrefix("outcome") }.count == 4)
    }

    @Test("Rights that nobody can have lose the link.")
    func rights() {
        liar.say(at: cell.host.now) {
            $0.session(SessionRecord(session: 1, age: 0, priority: 250, role: 0, stopScope: 0, version: 4), name: "far")
        }
        cell.run(10)
        #expect(lost() == [.malformed])
    }

    @Test("A device that it says another member has, and one that cannot be read, is not listed.")
    func devices() {
        let feature = #"{"FeatureIndex":0,"FeatureDescription":"","Output":{"Vibrate":{"Value":[0,20]}}}"#
        let info = #"{"DeviceIndex":5,"DeviceName":"X","DeviceFeatures":{"0":\#(feature)}}"#
        liar.say(at: cell.host.now) { $0.device(index: 5, claim: 1, identity: "b/test:two", description: Array(info.utf8)) }
        cell.run(10)
        #expect(b.taken("local") == [] && b.events.contains(.deviceRefused(member: "liar", identity: "b/test:two")))
        liar.say(at: cell.host.now) { $0.device(index: 5, claim: 1, identity: "liar/x", description: Array(info.utf8)) }
        cell.run(10)
        #expect(b.taken("local") == ["DeviceList 0 [1024,5]"])
        liar.say(at: cell.host.now) { $0.device(index: 6, claim: 1, identity: "liar/y", description: Array("{".utf8)) }
        cell.run(10)
        #expect(lost() == [.malformed])
    }

    @Test("More orders than a member may give in a second lose the link, and what its sessions have ends; a local app goes on.")
    func flood() {
        liar.say(at: cell.host.now) {
            $0.session(SessionRecord(session: 1, age: 0, priority: 150, role: 0, stopScope: 0, version: 4), name: "far")
                + $0.order(OrderRecord(session: 1, request: 1, device: 1_024, feature: 0, type: 0, value: 70))
        }
        cell.run(10)
        for round in 0..<60 {
            liar.say(at: cell.host.now) { writer in
                (0..<1_000).reduce(0) { sum, place in
                    sum
                        + writer.order(
                            OrderRecord(
                                session: 1, request: UInt32(2 + 1_000 * round + place), device: 1_024, feature: 1, type: 0, value: 1))
                }
            }
        }
        cell.run(10)
        #expect(lost() == [.flooding])
        #expect(b.writes().filter { $0.hasPrefix("1024.0") } == ["1024.0 Vibrate 70", "1024.0 Vibrate 40"])
    }

    @Test("Bytes that are no messages, on every subject, change nothing.")
    func noise() {
        var random = SplitMix(seed: 3)
        for length in 0..<200 {
            let bytes = (0..<length).map { _ in UInt8(truncatingIfNeeded: random.next()) }
            for subject in ["to.b.liar", "here.liar", "miss.b.liar", "here.x"] { liar.publish(bytes, on: "plug.home." + subject) }
        }
        cell.run(100)
        #expect(liar.isUp && b.writes() == [] && b.taken("local") == [])
    }
}
