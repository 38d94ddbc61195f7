// The limits of a decoder: sizes, fragments, ignored content.
// Must not know where the limits come from.

import Testing
import WebSocket

@Suite struct FrameLimitTests {
    static let limits = FrameDecoder.Limits(messageBytes: 1_000, fragments: 5, ignoresBinary: false)

    private func payload(_ n: Int) -> [UInt8] { [UInt8](repeating: 0x61, count: n) }

    @Test("A message at the limit passes, one byte more is refused from its header, before its mask")
    func oneFrame() {
        #expect(decode(frame(0x81, payload(1_000)), .server, Self.limits) == [.text(payload(1_000))])
        let header = Array(frame(0x81, payload(1_001)).prefix(4))
        #expect(decode(header, .server, Self.limits) == [.violation(.messageTooBig)])
        #expect(decode(frame(0x81, payload(1_001)), .server, Self.limits) == [.violation(.messageTooBig)])
        #expect(decode(frame(0x82, payload(1_001)), .server, Self.limits) == [.violation(.messageTooBig)])
    }

    @Test("The limit is for the sum of fragments, and the header that exceeds it is refused")
    func sum() {
        let begin = frame(0x01, payload(600)) + frame(0x89, [1]) + frame(0x00, payload(300))
        #expect(decode(begin + frame(0x80, payload(100)), .server, Self.limits) == [.ping([1]), .text(payload(1_000))])
        let header = Array(frame(0x80, payload(101)).prefix(2))
        #expect(decode(begin + header, .server, Self.limits) == [.ping([1]), .violation(.messageTooBig)])
    }

    @Test("The limits begin again with each message")
    func again() {
        let message = frame(0x01, payload(500)) + frame(0x00) + frame(0x00) + frame(0x00) + frame(0x80, payload(500))
        #expect(decode(message + message, .server, Self.limits) == [.text(payload(1_000)), .text(payload(1_000))])
    }

    @Test("One fragment more than allowed is refused from its first byte")
    func fragments() {
        let five = frame(0x01) + frame(0x00) + frame(0x00) + frame(0x00) + frame(0x00)
        #expect(decode(five, .server, Self.limits) == [])
        #expect(decode(five + [0x00], .server, Self.limits) == [.violation(.tooManyFragments)])
        #expect(decode(five + [0x80], .server, Self.limits) == [.violation(.tooManyFragments)])
    }

    @Test("200,000 empty fragments end at the limit")
    func bomb() {
        var decoder = FrameDecoder(.server, limits: .init(fragments: 1_024))
        var seen = feed(frame(0x01), to: &decoder)
        var sent = 1
        while seen.isEmpty, sent < 200_000 {
            seen = feed(frame(0x00), to: &decoder)
            sent += 1
        }
        #expect(seen == [.violation(.tooManyFragments)])
        #expect(sent == 1_025)
    }

    @Test("Ignored binary messages are reported as empty, but rules and limits hold for them")
    func ignored() {
        let ignoring = FrameDecoder.Limits(messageBytes: 1_000, fragments: 5, ignoresBinary: true)
        let whole = frame(0x82, [1, 2, 3])
        let pieces = frame(0x02, [1, 0xFF]) + frame(0x80, [3])
        #expect(decode(whole + pieces + text("a"), .server, ignoring) == [.binary([]), .binary([]), .text([0x61])])
        #expect(decode((whole + pieces).map { [$0] }, .server, ignoring) == [.binary([]), .binary([])])
        let tooBig = frame(0x02, payload(600)) + frame(0x80, payload(401))
        #expect(decode(tooBig, .server, ignoring) == [.violation(.messageTooBig)])
    }

    @Test("A message of 32 MiB passes in pieces of 64 KiB, in one frame and in many")
    func big() {
        let limits = FrameDecoder.Limits(messageBytes: 32 << 20, fragments: 1 << 20, ignoresBinary: false)
        let size = 32 << 20
        let block = [UInt8]((0..<65_536).map { UInt8($0 & 0x7F) })
        var decoder = FrameDecoder(.client, limits: limits)
        #expect(feed([0x81, 127, 0, 0, 0, 0, 2, 0, 0, 0], to: &decoder) == [])
        for _ in 1..<(size / block.count) { #expect(feed(block, to: &decoder).isEmpty) }
        #expect(textLength(feed(block, to: &decoder)) == size)

        #expect(feed([0x01, 127, 0, 0, 0, 0, 0, 1, 0, 0] + block, to: &decoder) == [])
        let next: [UInt8] = [0x00, 127, 0, 0, 0, 0, 0, 1, 0, 0] + block
        for _ in 2..<(size / block.count) { #expect(feed(next, to: &decoder).isEmpty) }
        #expect(textLength(feed([0x80] + next.dropFirst(), to: &decoder)) == size)
    }

    private func textLength(_ seen: [Seen]) -> Int? {
        guard seen.count == 1, case .text(let bytes) = seen[0] else { return nil }
        return bytes.count
    }

    @Test("A wrong text is refused while its frame is still arriving (fail fast)")
    func failFast() {
        let bytes = frame(0x81, Array("κόσμε".utf8) + [0xED, 0xA0, 0x80] + Array("edited".utf8))
        // The byte A0 after ED is the first invalid one: six of header, eleven of text, two of the surrogate.
        let known = 6 + "κόσμε".utf8.count + 2
        #expect(decode(Array(bytes.prefix(known - 1))) == [])
        #expect(decode(Array(bytes.prefix(known))) == [.violation(.invalidText)])
    }
}
