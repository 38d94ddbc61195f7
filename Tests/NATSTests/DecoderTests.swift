// What a server says is read the same in any pieces, and what no server says is refused.
import Testing

@testable import NATS

@Suite struct NATSDecoderTests {
    private static let talk: [(bytes: String, means: [Read])] = [
        ("PING\r\n", [.ping]), ("PONG\r\n", [.pong]), ("+OK\r\n", [.ok]), ("ping\r\npOnG\r\n", [.ping, .pong]),
        ("INFO {\"a\":1} \r\n", [.info("{\"a\":1}")]), ("INFO\t{}\r\n", [.info("{}")]),
        ("-ERR 'Stale Connection'\r\n", [.error("Stale Connection")]), ("-ERR odd\r\n", [.error("odd")]),
        ("MSG a.b 7 5\r\nhello\r\n", [.message("a.b", 7, reply: "", payload: "hello", status: 0)]),
        ("MSG a.b 7 back 0\r\n\r\n", [.message("a.b", 7, reply: "back", payload: "", status: 0)]),
        ("msg  a\t9   2 \r\n\r\n\r\nPING\r\n", [.message("a", 9, reply: "", payload: "\r\n", status: 0), .ping]),
        (
            "HMSG a 1 16 16\r\nNATS/1.0 503\r\n\r\n\r\n",
            [.message("a", 1, reply: "", payload: "", status: NATSMessage.noResponders)]
        ),
        (
            "HMSG a 1 b 20 23\r\nNATS/1.0\r\nKey: 4\r\n\r\nxyz\r\n", [.message("a", 1, reply: "b", payload: "xyz", status: 0)]
        ),
        (
            "HMSG a 1 26 28\r\nNATS/1.0 100 Idle\r\na: b\r\n\r\n!\r\n", [.violation(.badHeaders)]
        ),
        (
            "HMSG a 1 28 29\r\nNATS/1.0 100 Idle\r\nab: c\r\n\r\n!\r\n", [.message("a", 1, reply: "", payload: "!", status: 100)]
        ),
    ]

    @Test("Each message is read as what it is.", arguments: talk.indices)
    func whole(index: Int) {
        let one = Self.talk[index]
        #expect(read(one.bytes) == one.means)
    }

    @Test("Any two pieces, and single bytes, are read as the whole.")
    func pieces() {
        let good = Self.talk.filter { one in !one.means.contains { if case .violation = $0 { true } else { false } } }
        let bytes = Array(good.map(\.bytes).joined().utf8)
        let means = good.flatMap(\.means)
        #expect(read([bytes]) == means)
        #expect(read(bytes.map { [$0] }) == means)
        for place in bytes.indices { #expect(read([Array(bytes[..<place]), Array(bytes[place...])]) == means) }
    }

    @Test(
        "What no server says ends the reading, whole and in single bytes.",
        arguments: [
            ("HELLO\r\n", NATSViolation.unknownOperation), ("\r\n", .unknownOperation), ("PING\n", .malformed), ("PI\rNG\r\n", .malformed),
            ("PINGS\r\n", .malformed), ("+OK 1\r\n", .malformed), ("INFO{}\r\n", .malformed), ("-ERR\r\n", .malformed),
            ("MSG\r\n", .malformed), ("MSG a 1\r\n", .malformed), ("MSG a 1 b 2 3\r\n", .malformed), ("MSG a 1 b c 2 3\r\n", .malformed),
            ("MSG a 1 -1\r\n", .malformed), ("MSG a 1 1x\r\n", .malformed), ("MSG a x 1\r\n", .malformed),
            ("MSG a 1 1000000000\r\n", .malformed), ("MSG a 1 1048577\r\n", .payloadTooLong), ("MSG a 1 2\nab\r\n", .malformed),
            ("MSG a\u{7} 1 2\r\n", .malformed), ("MSG a 1 2\r\nabc\r\n", .malformed), ("MSG a 1 4\r\nab\r\nPING\r\n", .malformed),
            ("MSG a 1 2\rx", .malformed), ("MSG \u{0}", .malformed), ("HMSG a 1 2\r\n", .malformed),
            ("HMSG a 1 13 12\r\nNATS/1.0\r\n\r\n\r\n", .badHeaders), ("HMSG a 1 4 4\r\n\r\n\r\n\r\n", .badHeaders),
            ("HMSG a 1 12 12\r\nNATS/2.0\r\n\r\n\r\n", .badHeaders), ("HMSG a 1 15 15\r\nNATS/1.0 50\r\n\r\n\r\n", .badHeaders),
            ("HMSG a 1 17 17\r\nNATS/1.0 5033\r\n\r\n\r\n", .badHeaders), ("HMSG a 1 12 12\r\nNATS/1.0x\r\n\r\r\n", .badHeaders),
        ])
    func refused(bytes: String, violation: NATSViolation) {
        #expect(read(bytes + "PING\r\n") == [.violation(violation)])
        #expect(read((bytes + "PING\r\n").utf8.map { [$0] }) == [.violation(violation)])
    }

    @Test("A line is refused at its limit, before its end is there, and INFO has a limit of its own.")
    func limits() {
        let limits = NATSLimits(lineBytes: 64, infoBytes: 128, payloadBytes: 10)
        let long = String(repeating: "x", count: 100)
        #expect(read("MSG " + long.prefix(59), limits) == [])
        #expect(read("MSG " + long.prefix(60), limits) == [.violation(.lineTooLong)])
        #expect(read("PING" + long.prefix(59), limits) == [])
        #expect(read("PING" + long.prefix(60), limits) == [.violation(.lineTooLong)])
        #expect(read("INFO {\(long)}\r\n", limits) == [.info("{\(long)}")])
        #expect(read("INFO {\(long)\(long)", limits) == [.violation(.lineTooLong)])
        #expect(read("MSG a 1 10\r\n0123456789\r\n", limits).count == 1)
        #expect(read("MSG a 1 11\r\n", limits) == [.violation(.payloadTooLong)])
        #expect(read(("INFO {\(long)\(long)").utf8.map { [$0] }, limits) == [.violation(.lineTooLong)])
        // The limits themselves have limits.
        let least = NATSLimits(lineBytes: 0, infoBytes: -1, payloadBytes: .max)
        #expect(least.lineBytes == 64 && least.infoBytes == 64 && least.payloadBytes == 999_999_999)
    }

    @Test("A large message in pieces does not leave its memory held.")
    func memory() {
        var decoder = NATSDecoder()
        let payload = [UInt8](repeating: 1, count: 200_000)
        let bytes = Array("MSG a 1 200000\r\n".utf8) + payload + Array("\r\nPING\r\n".utf8)
        var found: [Read] = []
        for start in stride(from: 0, to: bytes.count, by: 65_536) {
            Array(bytes[start..<min(start + 65_536, bytes.count)]).withUnsafeBytes { buffer in
                var at = 0
                while let one = Read(decoder.next(in: buffer, at: &at)) { found.append(one) }
            }
        }
        #expect(found.count == 2 && found.last == .ping)
        let isBetween = decoder.isBetweenMessages
        #expect(isBetween)
    }
}

@Suite struct NATSWriterTests {
    private func written(_ body: (inout NATSWriter) -> Void) -> String {
        var writer = NATSWriter(capacity: 0)
        body(&writer)
        return text(writer.bytes)
    }

    @Test("Every message of a client is written as the protocol says.")
    func messages() throws {
        let (subject, reply) = (try #require(NATSSubject("plug.home.to.b.a")), try #require(NATSSubject("plug.home.miss.a")))
        #expect(written { $0.ping() } == "PING\r\n")
        #expect(written { $0.pong() } == "PONG\r\n")
        #expect(written { $0.subscribe(subject, as: 12) } == "SUB plug.home.to.b.a 12\r\n")
        for count in [0, 1, 9, 10, 99, 100, 1_000, 65_536] {
            let payload = [UInt8](repeating: 0x61, count: count)
            let body = String(repeating: "a", count: count)
            #expect(
                written { writer in payload.withUnsafeBytes { writer.publish(subject, reply: nil, $0) } }
                    == "PUB plug.home.to.b.a \(count)\r\n\(body)\r\n")
            #expect(
                written { writer in payload.withUnsafeBytes { writer.publish(subject, reply: reply, $0) } }
                    == "PUB plug.home.to.b.a plug.home.miss.a \(count)\r\n\(body)\r\n")
        }
    }

    @Test("CONNECT is JSON in which no text ends its quotes.")
    func connect() {
        let object = NATSConnect([("a", .flag(true)), ("b", .flag(false)), ("c", .number(1)), ("d", .text("\"\\\r\n\u{1}é"))])
        #expect(
            written { $0.connect(object) }
                == "CONNECT {\"a\":true,\"b\":false,\"c\":1,\"d\":\"\\\"\\\\\\u000d\\u000a\\u0001é\"}\r\n")
    }

    @Test("A buffer that has grown is used again, and given back when it is far too large.")
    func reuse() throws {
        let subject = try #require(NATSSubject("a"))
        var writer = NATSWriter()
        let payload = [UInt8](repeating: 0, count: 100_000)
        payload.withUnsafeBytes { writer.publish(subject, reply: nil, $0) }
        writer.reset()
        let left = writer.count
        #expect(left == 0)
        writer.ping()
        writer.reset(keeping: 100)
        writer.pong()
        #expect(text(writer.bytes) == "PONG\r\n")
    }

    @Test("A subject has words with dots between them, and nothing that ends a line.")
    func subjects() {
        for good in ["a", "plug.home.here.*", "plug.>", "ä.b"] { #expect(NATSSubject(good)?.description == good) }
        for bad in ["", ".", "a.", ".a", "a..b", "a b", "a\tb", "a\r\nPUB b 0\r\n", "a\u{7F}", String(repeating: "a", count: 256)] {
            #expect(NATSSubject(bad) == nil)
        }
    }
}
