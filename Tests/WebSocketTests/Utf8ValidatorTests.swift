// The UTF-8 validator compared with the standard library, for all short sequences and in pieces.
// Must not know how the validator keeps its state.

import Testing
import WebSocket

@Suite struct Utf8ValidatorTests {
    private func read(_ bytes: [UInt8], _ validator: inout Utf8Validator) -> Bool { bytes.withUnsafeBytes { validator.read($0) } }

    private func isValid(_ bytes: [UInt8]) -> Bool { bytes.withUnsafeBytes { Utf8Validator.isValid($0) } }

    @Test("For all sequences of one and two bytes the result is that of the standard library")
    func short() {
        for a in UInt8.min...UInt8.max {
            #expect(isValid([a]) == SlowDecoder.isText([a]))
            for b in UInt8.min...UInt8.max { #expect(isValid([a, b]) == SlowDecoder.isText([a, b]), "\([a, b])") }
        }
    }

    @Test("For sequences of three and four bytes at every boundary the result is that of the standard library")
    func long() {
        let edges: [UInt8] = [0x00, 0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC2, 0xE0, 0xFF]
        for a in UInt8(0xDF)...UInt8.max {
            for b in edges {
                for c in edges {
                    #expect(isValid([a, b, c]) == SlowDecoder.isText([a, b, c]), "\([a, b, c])")
                    for d in edges { #expect(isValid([a, b, c, d]) == SlowDecoder.isText([a, b, c, d]), "\([a, b, c, d])") }
                }
            }
        }
    }

    @Test("Every existing character is accepted, in pieces of any size")
    func all() {
        var text = String.UnicodeScalarView()
        for value in stride(from: UInt32(0), through: 0x10FFFF, by: 97) { if let scalar = Unicode.Scalar(value) { text.append(scalar) } }
        let bytes = Array(String(text).utf8)
        var random = RandomSource(3)
        var validator = Utf8Validator()
        for piece in random.split(bytes, upTo: 11) { #expect(read(piece, &validator)) }
        #expect(validator.isComplete)
        #expect(isValid(bytes))
    }

    @Test("A wrong byte is reported in its own piece, not later")
    func prompt() {
        for bytes in [[0xC0], [0xED, 0xA0], [0xF4, 0x90], [0xE0, 0x80], [0xF0, 0x8F], [0xE2, 0x82, 0x41], [0xFF], [0x80]] as [[UInt8]] {
            var validator = Utf8Validator()
            for byte in bytes.dropLast() { #expect(read([byte], &validator)) }
            #expect(!read(bytes.suffix(1), &validator), "\(bytes)")
        }
    }
}
