// The frame writer's frames, read by the other end; and frames that it must not write.
// Must not know the writer's memory, only its results.

import Testing
import WebSocket

@Suite struct FrameWriterTests {
    private func written(_ room: Int = FrameWriter.controlMax, _ write: (UnsafeMutableRawPointer) -> Int) -> [UInt8] {
        var out = [UInt8](repeating: 0xEE, count: room)
        let count = out.withUnsafeMutableBytes { write($0.baseAddress.unsafelyUnwrapped) }
        return Array(out[..<count])
    }

    private let key: UInt32 = 0x3D21_FA37

    @Test("A header is the shortest form of its length, and headerSize gives its size")
    func headers() {
        for length in [0, 1, 125, 126, 127, 65_535, 65_536, 1 << 32] {
            for mask in [nil, key] {
                let bytes = written { FrameWriter.header(.text, payload: length, key: mask, to: $0) }
                #expect(bytes.count == FrameWriter.headerSize(payload: length, masked: mask != nil))
                #expect(bytes.count <= FrameWriter.headerMax)
                let size = length < 126 ? 2 : length < 65_536 ? 4 : 10
                let expected = [FrameWriter.textStart, (mask == nil ? 0 : 0x80) | (size == 2 ? UInt8(length) : size == 4 ? 126 : 127)]
                #expect(Array(bytes[..<2]) == expected)
                let long = bytes[2..<size].reduce(0) { $0 << 8 | Int($1) }
                #expect(size == 2 || long == length)
            }
        }
        #expect(written { FrameWriter.header(.continuation, isFinal: false, payload: 0, to: $0) } == [0x00, 0x00])
    }

    @Test("The other end reads pings and pongs of every length")
    func control() {
        for length in 0...125 {
            let payload = (0..<length).map { UInt8($0) }
            let ping = written { out in payload.withUnsafeBytes { FrameWriter.control(.ping, payload: $0, to: out) } }
            #expect(decode(ping, .client) == [.ping(payload)])
            let pong = written { out in payload.withUnsafeBytes { FrameWriter.control(.pong, payload: $0, key: key, to: out) } }
            #expect(decode(pong, .server) == [.pong(payload)])
        }
    }

    @Test("Close frames carry status and reason, and are empty when the status must not be sent")
    func close() {
        #expect(decode(written { FrameWriter.close(status: 1002, reason: "no", to: $0) }, .client) == [.close(1002, Array("no".utf8))])
        #expect(decode(written { FrameWriter.close(status: 1000, key: key, to: $0) }, .server) == [.close(1000, [])])
        for status: UInt16 in [0, 999, 1004, 1005, 1006, 1015, 5000] {
            #expect(written { FrameWriter.close(status: status, reason: "x", to: $0) } == [0x88, 0x00])
        }
    }

    @Test("A reason over 123 bytes is cut between characters")
    func longReason() {
        for (character, kept) in [("a", 123), ("é", 122), ("漢", 123), ("🌍", 120)] {
            let reason = Array(String(repeating: character, count: 130).utf8)
            let bytes = written { out in reason.withUnsafeBytes { FrameWriter.close(status: 1000, reason: $0, to: out) } }
            #expect(decode(bytes, .client) == [.close(1000, Array(reason[..<kept]))])
        }
    }
}
