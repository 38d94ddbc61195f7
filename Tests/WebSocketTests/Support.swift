// Shared by the frame tests: frames from simple code, a decoder's events as values, random numbers from a seed.
// Must not know the decoder's implementation.

import WebSocket

/// A `FrameEvent` with its payload copied.
enum Seen: Equatable {
    case text([UInt8])
    case binary([UInt8])
    case ping([UInt8])
    case pong([UInt8])
    case close(UInt16, [UInt8])
    case violation(FrameViolation)

    init?(_ event: FrameEvent) {
        switch event {
        case .needMore: return nil
        case .text(let bytes): self = .text(Array(bytes))
        case .binary(let bytes): self = .binary(Array(bytes))
        case .ping(let bytes): self = .ping(Array(bytes))
        case .pong(let bytes): self = .pong(Array(bytes))
        case .close(let status, let reason): self = .close(status, Array(reason))
        case .violation(let violation): self = .violation(violation)
        }
    }
}

let testKey: [UInt8] = [0x37, 0xFA, 0x21, 0x3D]

/// One frame, written without the code under test. `key` nil: unmasked.
func frame(_ first: UInt8, _ payload: [UInt8] = [], key: [UInt8]? = testKey, lengthBytes: Int? = nil) -> [UInt8] {
    let maskBit: UInt8 = key == nil ? 0 : 0x80
    var out = [first]
    let form = lengthBytes ?? (payload.count < 126 ? 0 : payload.count < 65_536 ? 2 : 8)
    switch form {
    case 0: out.append(maskBit | UInt8(payload.count))
    case 2: out += [maskBit | 126, UInt8(payload.count >> 8 & 0xFF), UInt8(payload.count & 0xFF)]
    default: out += [maskBit | 127] + (0..<8).reversed().map { UInt8(UInt64(payload.count) >> (8 * UInt64($0)) & 0xFF) }
    }
    guard let key else { return out + payload }
    return out + key + payload.enumerated().map { $1 ^ key[$0 % 4] }
}

func text(_ string: String, key: [UInt8]? = testKey) -> [UInt8] { frame(0x81, Array(string.utf8), key: key) }

/// A decoder's events for bytes that arrive in these pieces, each in memory of exactly its size.
func decode(_ pieces: [[UInt8]], _ role: Role = .server, _ limits: FrameDecoder.Limits = .init(ignoresBinary: false)) -> [Seen] {
    var decoder = FrameDecoder(role, limits: limits)
    var seen: [Seen] = []
    for piece in pieces { seen += feed(piece, to: &decoder) }
    return seen
}

/// A decoder's events for one more piece. In the end every byte must have been used.
func feed(_ piece: [UInt8], to decoder: inout FrameDecoder) -> [Seen] {
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: piece.count, alignment: 1)
    defer { buffer.deallocate() }
    buffer.copyBytes(from: piece)
    var seen: [Seen] = []
    var at = 0
    while let event = Seen(decoder.next(in: buffer, at: &at)) { seen.append(event) }
    precondition(at == piece.count, "bytes left over")
    return seen
}

func decode(_ bytes: [UInt8], _ role: Role = .server, _ limits: FrameDecoder.Limits = .init(ignoresBinary: false)) -> [Seen] {
    decode([bytes], role, limits)
}

/// SplitMix64: the same seed, the same test.
struct RandomSource: RandomNumberGenerator {
    private var state: UInt64
    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    mutating func below(_ n: Int) -> Int { Int(next() % UInt64(n)) }
    mutating func oneIn(_ n: Int) -> Bool { below(n) == 0 }
    mutating func bytes(_ n: Int) -> [UInt8] { (0..<n).map { _ in UInt8(truncatingIfNeeded: next()) } }

    /// The same bytes in random pieces, some of them empty.
    mutating func split(_ bytes: [UInt8], upTo longest: Int) -> [[UInt8]] {
        var pieces: [[UInt8]] = []
        var at = 0
        while at < bytes.count {
            let n = min(below(longest + 1), bytes.count - at)
            pieces.append(Array(bytes[at..<at + n]))
            at += n
        }
        return pieces
    }
}
