// The buffer for messages, each with room for its frame header before it.
// Must not know WebSocket except the form of a length.

import Host
import Testing

@Suite struct MessageBufferTests {
    private func write(_ payload: [UInt8], into buffer: inout MessageBuffer) {
        let start = buffer.begin()
        payload.withUnsafeBytes { if let base = $0.baseAddress { buffer.room($0.count).copyMemory(from: base, byteCount: $0.count) } }
        buffer.advance(payload.count)
        buffer.end(start)
    }

    private func read(_ run: MessageRun) -> [[UInt8]] {
        var all: [[UInt8]] = []
        run.forEach { prefix, payload, length in
            #expect(payload > prefix)
            all.append(Array(run.bytes[payload..<payload + length]))
        }
        return all
    }

    @Test(
        "Messages of every length class come out of a run unchanged, between any other messages.",
        arguments: [0, 1, 125, 126, 127, 65_535, 65_536, 100_000])
    func keepsMessages(length: Int) {
        var buffer = MessageBuffer(capacity: 16)
        let payload = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        write([1, 2, 3], into: &buffer)
        let start = buffer.count
        write(payload, into: &buffer)
        write([4], into: &buffer)
        let end = buffer.count
        write([5], into: &buffer)
        #expect(read(buffer.run(start, end)) == [payload, [4]])
        #expect(read(buffer.run(0, buffer.count)) == [[1, 2, 3], payload, [4], [5]])
    }

    @Test(
        "The prefix is the length part of an unmasked frame's header, after one byte for the opcode.",
        arguments: [(5, [5]), (125, [125]), (126, [126, 0, 126]), (300, [126, 1, 44]), (65_536, [127, 0, 0, 0, 0, 0, 1, 0, 0])]
            as [(Int, [UInt8])])
    func writesLengths(length: Int, expected: [UInt8]) {
        var buffer = MessageBuffer()
        write([UInt8](repeating: 0x61, count: length), into: &buffer)
        let run = buffer.run(0, buffer.count)
        #expect(Array(run.bytes[1..<1 + expected.count]) == expected)
        #expect(buffer.count == 1 + expected.count + length)
    }

    @Test("Dropping removes what was written since; resetting removes everything and frees memory that only one turn needed.")
    func dropsAndResets() {
        var buffer = MessageBuffer(capacity: 16)
        write([1], into: &buffer)
        let start = buffer.count
        write([2, 2, 2], into: &buffer)
        buffer.drop(from: start)
        #expect(read(buffer.run(0, buffer.count)) == [[1]])
        write([UInt8](repeating: 9, count: 5_000), into: &buffer)
        buffer.reset(keeping: 64)
        #expect(buffer.count == 0)
        write([3], into: &buffer)
        #expect(read(buffer.run(0, buffer.count)) == [[3]])
    }

    @Test("An empty run has no messages.")
    func anEmptyRunIsEmpty() {
        var buffer = MessageBuffer()
        #expect(read(buffer.run(0, 0)) == [])
        #expect(read(MessageRun(bytes: UnsafeMutableRawBufferPointer(start: nil, count: 0))) == [])
    }
}
