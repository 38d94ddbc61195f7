// The frame decoder against RFC 6455 §5, section by section, as tables of bytes and events.
// Must not know how the decoder holds partial frames.

import Testing
import WebSocket

@Suite struct FrameDecoderTests {
    @Test("The examples of RFC 6455 §5.7 decode as the RFC says")
    func examples() {
        let hello = Array("Hello".utf8)
        #expect(decode([0x81, 0x85, 0x37, 0xFA, 0x21, 0x3D, 0x7F, 0x9F, 0x4D, 0x51, 0x58]) == [.text(hello)])
        #expect(decode([0x81, 0x05, 0x48, 0x65, 0x6C, 0x6C, 0x6F], .client) == [.text(hello)])
        #expect(decode([0x01, 0x03, 0x48, 0x65, 0x6C, 0x80, 0x02, 0x6C, 0x6F], .client) == [.text(hello)])
        #expect(decode([0x89, 0x05, 0x48, 0x65, 0x6C, 0x6C, 0x6F], .client) == [.ping(hello)])
        #expect(decode([0x8A, 0x85, 0x37, 0xFA, 0x21, 0x3D, 0x7F, 0x9F, 0x4D, 0x51, 0x58]) == [.pong(hello)])
        #expect(
            decode([0x82, 0x7E, 0x01, 0x00] + [UInt8](repeating: 7, count: 256), .client) == [.binary([UInt8](repeating: 7, count: 256))])
        let long = [UInt8](repeating: 9, count: 65_536)
        #expect(decode([0x82, 0x7F, 0, 0, 0, 0, 0, 1, 0, 0] + long, .client) == [.binary(long)])
    }

    @Test("Texts of every length class come out unchanged, whole and byte by byte, on both ends")
    func lengths() {
        for length in Array(0...70) + [95, 96, 97, 124, 125, 126, 127, 128, 1_000, 65_535, 65_536, 70_000] {
            let payload = (0..<length).map { UInt8($0 % 95 + 32) }
            for (role, key) in [(Role.server, testKey), (.server, [0, 0, 0, 0]), (.client, nil)] {
                let bytes = frame(0x81, payload, key: key)
                #expect(decode(bytes, role) == [.text(payload)], "length \(length)")
                if length < 2_000 { #expect(decode(bytes.map { [$0] }, role) == [.text(payload)], "length \(length) in bytes") }
            }
        }
    }

    @Test("Many frames in one piece come out in order")
    func many() {
        let bytes = (0..<1_000).flatMap { text("message \($0)") }
        #expect(decode(bytes) == (0..<1_000).map { .text(Array("message \($0)".utf8)) })
    }

    @Test("A message with characters outside ASCII is delivered, also when a fragment ends inside a character")
    func characters() {
        let word = Array("κόσμε 🌍 漢字".utf8)
        #expect(decode(frame(0x81, word)) == [.text(word)])
        for cut in 0...word.count {
            let bytes = frame(0x01, Array(word[..<cut])) + frame(0x80, Array(word[cut...]))
            #expect(decode(bytes) == [.text(word)], "cut at \(cut)")
            #expect(decode(bytes.map { [$0] }) == [.text(word)], "cut at \(cut), in bytes")
        }
    }

    @Test("Control frames between fragments are reported at once, and the message is not disturbed (§5.4)")
    func interleaved() {
        let bytes = frame(0x01, [0x61]) + frame(0x89, [1, 2]) + frame(0x00, [0x62]) + frame(0x8A) + frame(0x80, [0x63])
        let expected: [Seen] = [.ping([1, 2]), .pong([]), .text([0x61, 0x62, 0x63])]
        #expect(decode(bytes) == expected)
        #expect(decode(bytes.map { [$0] }) == expected)
    }

    struct Wrong: CustomTestStringConvertible, Sendable {
        var testDescription: String
        var bytes: [UInt8]
        var violation: FrameViolation
        var role = Role.server

        init(_ name: String, _ bytes: [UInt8], _ violation: FrameViolation, _ role: Role = .server) {
            testDescription = name
            self.bytes = bytes
            self.violation = violation
            self.role = role
        }
    }

    static let wrong: [Wrong] = [
        Wrong("RSV1", frame(0xC1), .reservedBits), Wrong("RSV2", frame(0xA1), .reservedBits), Wrong("RSV3", frame(0x91), .reservedBits),
        Wrong("RSV1 on a ping", frame(0xC9), .reservedBits),
        Wrong("RSV1 on a continuation", frame(0x01, [0x61]) + frame(0xC0), .reservedBits),
        Wrong("opcode 3", frame(0x83), .reservedOpcode), Wrong("opcode 7", frame(0x87), .reservedOpcode),
        Wrong("opcode B", frame(0x8B), .reservedOpcode), Wrong("opcode F", frame(0x8F), .reservedOpcode),
        Wrong("unmasked text to a server", text("a", key: nil), .unmaskedFrame),
        Wrong("unmasked ping to a server", frame(0x89, key: nil), .unmaskedFrame),
        Wrong("masked text to a client", text("a"), .maskedFrame, .client),
        Wrong("masked close to a client", frame(0x88), .maskedFrame, .client),
        Wrong("125 in 16 bits", frame(0x81, [UInt8](repeating: 97, count: 125), lengthBytes: 2), .lengthNotMinimal),
        Wrong("0 in 16 bits", frame(0x81, lengthBytes: 2), .lengthNotMinimal),
        Wrong("65535 in 64 bits", frame(0x81, [UInt8](repeating: 97, count: 65_535), lengthBytes: 8), .lengthNotMinimal),
        Wrong("64-bit length with the top bit", [0x81, 0xFF, 0x80, 0, 0, 0, 0, 0, 0, 0], .lengthTopBit),
        Wrong("1 TiB, from ten bytes", [0x81, 0xFF, 0, 0, 1, 0, 0, 0, 0, 0], .messageTooBig),
        Wrong("2^63 - 1", [0x82, 0xFF, 0x7F, 255, 255, 255, 255, 255, 255, 255], .messageTooBig),
        Wrong("ping with a 16-bit length", [0x89, 0xFE], .controlTooLong),
        Wrong("close with a 64-bit length", [0x88, 0xFF], .controlTooLong),
        Wrong("fragmented ping", [0x09], .controlFragmented), Wrong("fragmented close", frame(0x08), .controlFragmented),
        Wrong("continuation first", [0x80], .unexpectedContinuation), Wrong("open continuation first", [0x00], .unexpectedContinuation),
        Wrong("text inside a text", frame(0x01, [0x61]) + frame(0x81), .interruptedMessage),
        Wrong("binary inside a text", frame(0x01, [0x61]) + frame(0x82), .interruptedMessage),
        Wrong("text inside a binary", frame(0x02, [0x61]) + frame(0x01), .interruptedMessage),
        Wrong("close payload of one byte", frame(0x88, [3]), .closePayload),
        Wrong("close reason with a lone continuation byte", frame(0x88, [3, 0xE8, 0x80]), .closeReason),
        Wrong("close reason with half a character", frame(0x88, [3, 0xE8, 0xC3]), .closeReason),
        Wrong("overlong slash", frame(0x81, [0xC0, 0xAF]), .invalidText),
        Wrong("surrogate", frame(0x81, [0xED, 0xA0, 0x80]), .invalidText),
        Wrong("over U+10FFFF", frame(0x81, [0xF4, 0x90, 0x80, 0x80]), .invalidText),
        Wrong("text ends inside a character", frame(0x81, [0x61, 0xE2, 0x82]), .invalidText),
        Wrong("fragments end inside a character", frame(0x01, [0xE2]) + frame(0x80, [0x82]), .invalidText),
        Wrong("wrong byte in the second fragment", frame(0x01, [0xE2]) + frame(0x00, [0x28]), .invalidText),
    ]

    @Test("A broken rule is reported by its name, whole and byte by byte, and nothing after it counts", arguments: wrong)
    func broken(_ row: Wrong) {
        let expected: [Seen] = [.violation(row.violation)]
        #expect(decode(row.bytes, row.role) == expected)
        #expect(decode(row.bytes.map { [$0] }, row.role) == expected)
        #expect(decode(row.bytes + text("after"), row.role) == expected)
        let before = text("before", key: row.role == .server ? testKey : nil)
        #expect(decode(before + row.bytes, row.role) == [.text(Array("before".utf8))] + expected)
    }

    @Test("Each violation has its status of RFC 6455 §7.4.1")
    func statuses() {
        for violation in FrameViolation.allCases {
            let expected: UInt16 =
                switch violation {
                case .invalidText, .closeReason: 1007
                case .tooManyFragments: 1008
                case .messageTooBig: 1009
                default: 1002
                }
            #expect(violation.status == expected)
            #expect(violation.text.utf8CodeUnitCount <= CloseFrame.reasonMax)
        }
    }

    @Test("Close statuses that may be sent are accepted, all others refused (§7.4)")
    func closeStatuses() {
        for status in Array(0...5_100) + [9_999, 65_535] {
            let payload = [UInt8(status >> 8), UInt8(status & 255)] + Array("bye".utf8)
            let allowed = (1000...1003).contains(status) || (1007...1014).contains(status) || (3000...4999).contains(status)
            let expected: Seen = allowed ? .close(UInt16(status), Array("bye".utf8)) : .violation(.closeStatus)
            #expect(decode(frame(0x88, payload)) == [expected], "status \(status)")
        }
    }

    @Test("A close without a payload is reported as 1005, and bytes after any close are ignored (§5.5.1)")
    func close() {
        #expect(decode(frame(0x88)) == [.close(1005, [])])
        let reason = Array("schön".utf8)
        let bytes = frame(0x88, [0x03, 0xE8] + reason) + text("late") + [0xFF, 0xFF, 0xFF]
        #expect(decode(bytes) == [.close(1000, reason)])
        #expect(decode(bytes.map { [$0] }) == [.close(1000, reason)])
    }

    @Test("Empty messages, fragments and control frames count (§5.4)")
    func empties() {
        #expect(decode(frame(0x81)) == [.text([])])
        #expect(decode(frame(0x01) + frame(0x00) + frame(0x80)) == [.text([])])
        #expect(decode(frame(0x02) + frame(0x80)) == [.binary([])])
        #expect(decode(frame(0x89) + frame(0x8A)) == [.ping([]), .pong([])])
    }
}
