// The PROXY protocol: which headers are read, cut at any byte, and which end a connection.
// Must not know sockets.

import Testing
import WebSocket

@Suite struct ProxyHeaderTests {
    private static let signature: [UInt8] = [0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A]
    private static let four: [UInt8] = [203, 0, 113, 9, 10, 0, 0, 1, 0x12, 0x67, 0x30, 0x39]
    private static let six: [UInt8] = [0x20, 1, 0x0D, 0xB8] + [UInt8](repeating: 0, count: 11) + [7] + [UInt8](repeating: 1, count: 20)

    private static func binary(_ command: UInt8, _ family: UInt8, _ rest: [UInt8], length: Int? = nil) -> [UInt8] {
        let length = length ?? rest.count
        return signature + [command, family, UInt8(length >> 8), UInt8(length & 0xFF)] + rest
    }

    private func read(_ pieces: [[UInt8]]) -> (step: ProxyHeaderReader.Step, used: Int) {
        var reader = ProxyHeaderReader()
        var used = 0
        for piece in pieces {
            switch piece.withUnsafeBytes({ reader.read($0) }) {
            case .needMore: used += piece.count
            case .done(let source, let count): return (.done(source, used: 0), used + count)
            case .failed(let why): return (.failed(why), used)
            }
        }
        return (.needMore, used)
    }

    @Test("A right header names its source, cut at any byte, and what follows is left for the connection")
    func right() throws {
        let rows: [([UInt8], ProxySource)] = [
            (Array("PROXY TCP4 203.0.113.9 10.0.0.1 4711 12345\r\n".utf8), .address(try #require(HostName("203.0.113.9")))),
            (Array("PROXY TCP6 2001:db8::7 ::1 1 65535\r\n".utf8), .address(try #require(HostName("2001:db8::7")))),
            (Array("PROXY UNKNOWN\r\n".utf8), .own), (Array("PROXY UNKNOWN 127.0.0.1 ::1 a b c\r\n".utf8), .own),
            (Self.binary(0x21, 0x11, Self.four), .address(try #require(HostName("203.0.113.9")))),
            (Self.binary(0x21, 0x21, Self.six), .address(try #require(HostName("2001:db8::7")))),
            // TLVs after the addresses, and what LOCAL and UNSPEC carry, are skipped.
            (Self.binary(0x21, 0x11, Self.four + [4, 0, 2, 0, 0]), .address(try #require(HostName("203.0.113.9")))),
            (Self.binary(0x20, 0x11, Self.four), .own), (Self.binary(0x20, 0, []), .own), (Self.binary(0x20, 0xFF, [1, 2, 3]), .own),
            (Self.binary(0x21, 0, [1, 2, 3]), .own), (Self.binary(0x21, 0x31, [UInt8](repeating: 0, count: 216)), .own),
            (
                Self.binary(0x21, 0x21, [UInt8](repeating: 0, count: 10) + [0xFF, 0xFF, 1, 2, 3, 4] + [UInt8](repeating: 0, count: 20)),
                .address(try #require(HostName("1.2.3.4")))
            ),
        ]
        let after = Array("GET / HTTP/1.1\r\n".utf8)
        for (header, source) in rows {
            for cut in 0...header.count {
                let result = read([Array(header[..<cut]), header[cut...] + after])
                #expect(result.step == .done(source, used: 0))
                #expect(result.used == header.count)
            }
            #expect(read([Array(header.dropLast())]).step == .needMore)
        }
    }

    static let wrong: [(String, [UInt8])] = [
        ("an HTTP request", Array("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".utf8)), ("POST", Array("POST / HTTP/1.1\r\n".utf8)),
        ("TLS", [0x16, 3, 1]), ("lower case", Array("proxy TCP4 1.2.3.4 1.2.3.4 1 1\r\n".utf8)),
        ("no CR", Array("PROXY TCP4 1.2.3.4 1.2.3.4 1 1\n".utf8)),
        ("a port too large", Array("PROXY TCP4 1.2.3.4 1.2.3.4 1 65536\r\n".utf8)),
        ("a signed port", Array("PROXY TCP4 1.2.3.4 1.2.3.4 +1 1\r\n".utf8)),
        ("two spaces", Array("PROXY TCP4  1.2.3.4 1.2.3.4 1 1\r\n".utf8)),
        ("one address", Array("PROXY TCP4 1.2.3.4 1 1\r\n".utf8)), ("the other family", Array("PROXY TCP6 1.2.3.4 1.2.3.4 1 1\r\n".utf8)),
        ("IPv6 as TCP4", Array("PROXY TCP4 ::1 ::1 1 1\r\n".utf8)), ("a name", Array("PROXY TCP4 localhost 1.2.3.4 1 1\r\n".utf8)),
        ("UDP", Array("PROXY UDP4 1.2.3.4 1.2.3.4 1 1\r\n".utf8)), ("nothing", Array("PROXY \r\n".utf8)),
        ("a line without an end", Array(("PROXY UNKNOWN" + String(repeating: " x", count: 60)).utf8)),
        ("another signature", signature.dropLast() + [0x0B]), ("version 1 in binary", binary(0x11, 0x11, four)),
        ("a command that does not exist", binary(0x22, 0x11, four)), ("too short for IPv4", binary(0x21, 0x11, Array(four.dropLast()))),
        ("too short for IPv6", binary(0x21, 0x21, four)), ("datagrams", binary(0x21, 0x12, four)),
        ("a family that does not exist", binary(0x21, 0x41, six)),
        ("a length beyond the limit", binary(0x21, 0x11, [], length: 65_535)),
        ("a length just beyond it", binary(0x20, 0, [], length: 2_033)),
    ]

    @Test("Anything else is refused, whole and byte by byte, before the reader has taken much", arguments: wrong)
    func refused(name: String, bytes: [UInt8]) {
        guard case .failed(let why) = read([bytes]).step else {
            Issue.record("not refused")
            return
        }
        #expect(!why.isEmpty)
        let single = read(bytes.map { [$0] })
        #expect(single.step == .failed(why))
        #expect(single.used <= 128)
    }

    @Test("Headers with random changes are read, refused or waited for, and never taken for longer than the limit")
    func mutated() {
        var random = RandomSource(7)
        let right = [Self.binary(0x21, 0x11, Self.four), Array("PROXY TCP4 203.0.113.9 10.0.0.1 4711 12345\r\n".utf8)]
        for round in 0..<4_000 {
            var bytes = right[round % 2]
            for _ in 0...random.below(3) { bytes[random.below(bytes.count)] = UInt8(truncatingIfNeeded: random.next()) }
            let result = read(random.split(bytes + [UInt8](repeating: 0x20, count: 3_000), upTo: 40))
            #expect(result.step != .needMore)
            #expect(result.used <= 2_048)
        }
    }
}
