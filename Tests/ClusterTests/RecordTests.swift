// Every record is read as it was written, and nothing else is taken for one.
import Testing

@testable import Cluster

@Suite struct RecordTests {
    private static let head = LinkHeader(version: 1, nonce: 0x0102_0304_0506_0708, sequence: 3, ack: 2)

    /// All kinds, with the texts and sets of each as text.
    private static func all(_ writer: inout RecordWriter) -> [Int] {
        var session = SessionRecord(session: 1, age: 5_000, priority: 150, role: 1, stopScope: 2, version: 3)
        (session.isMuted, session.gain, session.cap) = (true, 5_000, 9_999)
        var order = OrderRecord(session: 1, request: 2, device: 3, feature: 4, type: 5, value: -6)
        order.duration = 7
        let sensor = SensorRecord(request: 9, device: 8, feature: 7, type: 6)
        return [
            writer.beat(latchDigest: .max, guests: 7), writer.session(session, name: "App é"), writer.order(order),
            writer.outcome(request: 2, .leased), writer.stop(session: 1, device: .max, feature: .max), writer.sessionEnd(session: 1),
            writer.device(index: 3_072, claim: 2, identity: "attic/x", description: Array("{}".utf8)), writer.gone(index: 3_072),
            writer.told(), writer.read(sensor), writer.subscribe(sensor), writer.unsubscribe(sensor), writer.values(sensor, [-1, 2]),
            writer.scan(isOn: true), writer.scanFinished(), writer.fact(index: 1, identity: "x"),
            writer.latch(raised: [1, 2], cleared: [.max]),
            writer.masks([
                MaskRecord(level: 100, releasesOnLoss: true, holder: "page"), MaskRecord(level: 0, releasesOnLoss: false, holder: ""),
            ]),
            writer.grant(GrantRecord(priorityMax: 100, stopScope: 1, cap: 5_000, ordersPerSecond: 50_000)), writer.bye(reason: 4),
        ]
    }

    private static func message(_ body: (inout RecordWriter) -> Void) -> [UInt8] {
        var writer = RecordWriter()
        body(&writer)
        return Array(writer.sealed(head))
    }

    private static func records(_ bytes: [UInt8]) throws(RecordProblem) -> [ClusterRecord] {
        try read(bytes).get()
    }

    private static func read(_ bytes: [UInt8]) -> Result<[ClusterRecord], RecordProblem> {
        let span = bytes.span.bytes
        var reader = RecordReader(span)
        var found: [ClusterRecord] = []
        do throws(RecordProblem) {
            while let one = try reader.next() { found.append(one) }
        } catch { return .failure(error) }
        return .success(found)
    }

    private static func header(_ bytes: [UInt8]) -> LinkHeader? { LinkHeader(bytes.span.bytes) }
    private static func hello(_ bytes: [UInt8]) -> LinkHello? { LinkHello(bytes.span.bytes) }

    @Test("Every kind is read as it was written.")
    func kinds() throws {
        var sizes: [Int] = []
        let bytes = Self.message { sizes = Self.all(&$0) }
        #expect(sizes.reduce(LinkHeader.byteCount, +) == bytes.count && sizes.allSatisfy { $0 > 0 && $0 % 4 == 0 })
        #expect(sizes[2] == 28 && sizes[3] == 12)
        #expect(Self.header(bytes) == Self.head)
        let span = bytes.span.bytes
        let reader = RecordReader(span)
        var count = 0
        for record in try Self.records(bytes) {
            count += 1
            switch record {
            case .beat(let digest, let guests): #expect(digest == .max && guests == 7)
            case .session(let one, let name):
                let text = reader.text(name)
                #expect(text == "App é" && one.session == 1 && one.age == 5_000 && one.priority == 150 && one.role == 1)
                #expect(one.stopScope == 2 && one.isMuted && one.gain == 5_000 && one.cap == 9_999 && one.version == 3)
            case .order(let one):
                #expect(one.session == 1 && one.request == 2 && one.device == 3 && one.feature == 4 && one.type == 5)
                #expect(one.value == -6 && one.duration == 7)
            case .outcome(let request, let code): #expect(request == 2 && code == .leased)
            case .stop(let session, let device, let feature): #expect(session == 1 && device == .max && feature == .max)
            case .sessionEnd(let session): #expect(session == 1)
            case .device(let index, let claim, let identity, let description):
                let texts = [reader.text(identity), reader.text(description)]
                #expect(index == 3_072 && claim == 2 && texts == ["attic/x", "{}"])
            case .gone(let index): #expect(index == 3_072)
            case .read(let one), .subscribe(let one), .unsubscribe(let one):
                #expect(one == SensorRecord(request: 9, device: 8, feature: 7, type: 6))
            case .values(let one, let part):
                let values = (0..<reader.valueCount(part)).map { reader.value($0, in: part) }
                #expect(one.request == 9 && values == [-1, 2])
            case .scan(let isOn): #expect(isOn)
            case .fact(let index, let identity):
                let text = reader.text(identity)
                #expect(index == 1 && text == "x")
            case .latch(let raised, let cleared):
                let ids = [reader.id(0, in: raised), reader.id(1, in: raised), reader.id(0, in: cleared)]
                #expect(reader.idCount(raised) == 2 && reader.idCount(cleared) == 1 && ids == [1, 2, .max])
            case .masks(let part):
                let masks = try reader.masks(part)
                #expect(
                    masks.map(\.holder) == ["page", ""] && masks.map(\.level) == [100, 0] && masks.map(\.releasesOnLoss) == [true, false])
            case .grant(let one): #expect(one == GrantRecord(priorityMax: 100, stopScope: 1, cap: 5_000, ordersPerSecond: 50_000))
            case .bye(let reason): #expect(reason == 4)
            case .told, .scanFinished: break
            }
        }
        #expect(count == sizes.count)
    }

    @Test("Cut off anywhere, a message is refused or has fewer records; no byte of it is read past its end.")
    func cut() {
        let bytes = Self.message { _ = Self.all(&$0) }
        for count in LinkHeader.byteCount..<bytes.count {
            let part = Array(bytes[..<count])
            let whole = (try? Self.records(part)) != nil
            #expect(!whole || part.count % 4 == 0)
        }
        for count in 0..<LinkHeader.byteCount { #expect(Self.header(Array(bytes[..<count])) == nil) }
    }

    @Test("An unknown kind that may be skipped is skipped; any other is unsupported.")
    func unknown() throws {
        let start = [UInt8](repeating: 0, count: LinkHeader.byteCount)
        let end: [UInt8] = [14, 0, 1, 0, 1, 0, 0, 0]
        #expect(try Self.records(start + [200, 1, 5, 0, 1, 2, 3, 4, 5, 0, 0, 0] + end) == [.scan(isOn: true)])
        #expect(throws: RecordProblem.unsupported(200)) { try Self.records(start + [200, 0, 0, 0] + end) }
        #expect(RecordProblem.unsupported(200).loss == .unsupported && RecordProblem.malformed.loss == .malformed)
    }

    @Test(
        "A body of the wrong length or with an impossible value is refused.",
        arguments: [
            [1, 0, 11, 0] + [UInt8](repeating: 0, count: 12), [3, 0, 23, 0] + [UInt8](repeating: 0, count: 24),
            [3, 0, 24, 0] + [UInt8](repeating: 0, count: 15) + [1] + [UInt8](repeating: 0, count: 8), [4, 0, 5, 0, 0, 0, 0, 0, 9, 0, 0, 0],
            [14, 0, 1, 0, 2, 0, 0, 0], [9, 0, 4, 0, 0, 0, 0, 0], [16, 0, 4, 0, 0, 0, 0, 0], [17, 0, 4, 0, 1, 0, 0, 0],
            [17, 0, 0, 0], [18, 0, 3, 0, 1, 0, 1, 0], [18, 0, 3, 0, 1, 2, 0, 0], [18, 0, 2, 0, 1, 0, 0, 0],
            [13, 0, 13, 0] + [UInt8](repeating: 0, count: 16),
            [7, 0, 14, 0] + [UInt8](repeating: 0, count: 16), [7, 0, 14, 0] + [UInt8](repeating: 1, count: 16), [0xFF, 0xFF],
            [1, 0, 0xFF, 0xFF],
            [2, 0, 24, 0] + [UInt8](repeating: 0xFF, count: 24),
        ] as [[UInt8]])
    func malformed(record: [UInt8]) {
        #expect(throws: RecordProblem.malformed) {
            try Self.records([UInt8](repeating: 0, count: LinkHeader.byteCount) + record)
        }
    }

    @Test("A message takes records up to 64 KiB, and the next does not fit.")
    func full() {
        var writer = RecordWriter()
        let order = OrderRecord(session: 1, request: 2, device: 3, feature: 4, type: 5, value: 6)
        var count = 0
        while writer.order(order) > 0 { count += 1 }
        let bytes = writer.recordBytes
        #expect(count == (65_536 - 24) / 28 && bytes == 28 * count)
        let size = writer.sealed(Self.head).count
        #expect(size <= LinkHeader.messageBytesMax)
        writer.reset()
        let (isEmpty, long) = (
            writer.isEmpty, writer.device(index: 1, claim: 1, identity: "x", description: [UInt8](repeating: 1, count: 70_000))
        )
        #expect(isEmpty && long == 0)
    }

    @Test("A greeting is read as it was written, and one with impossible values is none.")
    func hellos() {
        let hello = LinkHello(incarnation: 1, nonce: 2, echo: 3, versions: 1...4, capabilities: 5, lostAfter: 1_000)
        func bytes(_ hello: LinkHello) -> [UInt8] {
            var room = [UInt8](repeating: 0xAA, count: LinkHello.byteCount)
            room.withUnsafeMutableBytes { hello.write(to: $0) }
            return room
        }
        #expect(Self.hello(bytes(hello)) == hello)
        #expect(Self.hello(bytes(hello) + [1, 2]) == hello)
        #expect(Self.hello(Array(bytes(hello).dropLast())) == nil)
        for change in [
            { $0.nonce = 0 }, { $0.lowest = 5 }, { $0.lostAfterMilliseconds = 99 }, { $0.lostAfterMilliseconds = 600_001 },
        ] as [(inout LinkHello) -> Void] {
            var wrong = hello
            change(&wrong)
            #expect(Self.hello(bytes(wrong)) == nil)
        }
        // A numbered message is no greeting, and reserved bytes are zero.
        #expect(Self.hello(Self.message { _ = Self.all(&$0) }) == nil)
        for place in [1, 2, 3, 20, 23] {
            var wrong = bytes(hello)
            wrong[place] = 1
            #expect(Self.header(wrong) == nil)
        }
    }
}
