// The bytes of a connection give the same events for every division into reads, and no bytes make the decoder trap.
// Seeded; must not know how the decoder works.

import Testing
import WebSocket

@Suite struct FrameSplitTests {
    static let limits = FrameDecoder.Limits(messageBytes: 300, fragments: 4, ignoresBinary: false)

    /// A plausible connection: mostly right frames of all kinds, sometimes a wrong one.
    static func connection(_ random: inout RandomSource, _ role: Role, wrongOneIn: Int) -> [UInt8] {
        var out: [UInt8] = []
        for _ in 0..<(1 + random.below(6)) {
            let kind: UInt8 = random.oneIn(4) ? 2 : 1
            let fragments = random.oneIn(3) ? 1 + random.below(4) : 1
            for index in 0..<fragments {
                if random.oneIn(4) { out += piece(0x89 + UInt8(random.below(2)), random.bytes(random.below(126)), &random, role) }
                let first = (index == fragments - 1 ? 0x80 : 0) | (index == 0 ? kind : 0)
                let payload = words(&random, wrongOneIn: wrongOneIn)
                out += piece(first, payload, &random, role)
                if random.oneIn(wrongOneIn) { out += piece(UInt8(random.below(256)), random.bytes(random.below(200)), &random, role) }
            }
        }
        if random.oneIn(4) {
            out += piece(0x88, [3, UInt8(0xE0 + random.below(32))] + words(&random, wrongOneIn: 9).prefix(100), &random, role)
        }
        if random.oneIn(wrongOneIn) { out[random.below(out.count)] = UInt8(random.below(256)) }
        return out
    }

    private static func piece(_ first: UInt8, _ payload: [UInt8], _ random: inout RandomSource, _ role: Role) -> [UInt8] {
        let wide = random.oneIn(40) && payload.count < 126
        return frame(first, payload, key: role == .server ? random.bytes(4) : nil, lengthBytes: wide ? 2 : nil)
    }

    private static func words(_ random: inout RandomSource, wrongOneIn: Int) -> [UInt8] {
        let letters = ["a", "{\"Ok\":{\"Id\":1}}", "é", "漢", "🌍", "\u{0}", "\u{7FF}", "\u{800}", "\u{FFFF}", "\u{10FFFF}"]
        var out: [UInt8] = []
        for _ in 0..<random.below(random.oneIn(5) ? 40 : 8) { out += letters[random.below(letters.count)].utf8 }
        if random.oneIn(wrongOneIn), !out.isEmpty { out.removeLast() }
        return out
    }

    @Test("Every division of a connection into reads gives the oracle's events", arguments: [Role.server, .client])
    func cuts(_ role: Role) {
        for seed in 0..<600 {
            var random = RandomSource(UInt64(seed))
            let bytes = Self.connection(&random, role, wrongOneIn: seed % 3 == 0 ? 10 : 1_000)
            let expected = SlowDecoder.events(bytes, role, Self.limits)
            #expect(decode(bytes, role, Self.limits) == expected, "seed \(seed), whole")
            #expect(decode(bytes.map { [$0] }, role, Self.limits) == expected, "seed \(seed), bytes")
            for longest in [2, 7, 40, 400] {
                #expect(decode(random.split(bytes, upTo: longest), role, Self.limits) == expected, "seed \(seed), up to \(longest)")
            }
        }
    }

    @Test("A connection that is cut in two at any byte gives the same events")
    func two() {
        for seed in 5_000..<5_030 {
            var random = RandomSource(UInt64(seed))
            let bytes = Self.connection(&random, .server, wrongOneIn: 30)
            let expected = SlowDecoder.events(bytes, .server, Self.limits)
            for cut in 0...bytes.count {
                let pieces = [Array(bytes[..<cut]), Array(bytes[cut...])]
                #expect(decode(pieces, .server, Self.limits) == expected, "seed \(seed), cut at \(cut)")
            }
        }
    }

    @Test("After every single byte the decoder has reported exactly what the bytes so far prove")
    func promptly() {
        for seed in 9_000..<9_060 {
            var random = RandomSource(UInt64(seed))
            let bytes = Array(Self.connection(&random, .server, wrongOneIn: 8).prefix(500))
            var decoder = FrameDecoder(.server, limits: Self.limits)
            var seen: [Seen] = []
            for (index, byte) in bytes.enumerated() {
                seen += feed([byte], to: &decoder)
                if index % 3 == seed % 3 || index > bytes.count - 20 {
                    #expect(seen == SlowDecoder.events(Array(bytes[...index]), .server, Self.limits), "seed \(seed), byte \(index)")
                }
            }
        }
    }

    @Test("Random bytes never trap, and give the oracle's events", arguments: [Role.server, .client])
    func random(_ role: Role) {
        for seed in 20_000..<22_000 {
            var random = RandomSource(UInt64(seed))
            var bytes = random.bytes(random.below(300))
            // Most random bytes fail at once: half of the runs begin with something that goes further.
            if seed % 2 == 0 {
                let second = (role == .server ? 0x80 : 0) | UInt8(random.below(128))
                bytes.insert(contentsOf: [[0x81, 0x01, 0x82, 0x89, 0x88][random.below(5)], second], at: 0)
            }
            let expected = SlowDecoder.events(bytes, role, Self.limits)
            #expect(decode(bytes, role, Self.limits) == expected, "seed \(seed)")
            #expect(decode(random.split(bytes, upTo: 9), role, Self.limits) == expected, "seed \(seed), split")
        }
    }
}
