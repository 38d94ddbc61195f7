// Masking in place compared with the one line of RFC 6455 §5.3, for every length and alignment.
// Must not know how many bytes are masked at a time.

import Testing
import WebSocket

@Suite struct MaskingTests {
    @Test("Every length is masked byte for byte, no other byte changes, and ASCII is recognized")
    func lengths() {
        var random = RandomSource(1)
        for length in 0...260 {
            for offset in [0, 1, 3, 7] {
                let key = random.bytes(4)
                var bytes = random.bytes(offset + length + 8)
                // Half of the results are ASCII; in the others one byte, at any index, is not.
                for index in 0..<length { bytes[offset + index] = UInt8(random.below(128)) ^ key[index % 4] }
                let isASCII = length == 0 || random.oneIn(2)
                if !isASCII { bytes[offset + random.below(length)] ^= 0x80 }
                var expected = bytes
                for index in 0..<length { expected[offset + index] ^= key[index % 4] }
                let word = key.withUnsafeBytes { $0.loadUnaligned(as: UInt32.self) }
                let answer = bytes.withUnsafeMutableBytes { raw in
                    Masking.apply(word, to: raw.baseAddress.unsafelyUnwrapped + offset, count: length)
                }
                #expect(bytes == expected, "length \(length), offset \(offset)")
                #expect(answer == isASCII, "length \(length), offset \(offset)")
            }
        }
    }

    @Test("A key rotated by n masks the rest of a payload as the key masks the whole")
    func rotation() {
        let key: [UInt8] = [1, 2, 4, 8]
        let word = key.withUnsafeBytes { $0.loadUnaligned(as: UInt32.self) }
        for offset in 0..<9 {
            let rotated = withUnsafeBytes(of: Masking.rotate(word, by: offset)) { Array($0) }
            #expect(rotated == (0..<4).map { key[($0 + offset) % 4] })
        }
    }
}
