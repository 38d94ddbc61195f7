// What the tests of NATS share: bytes of texts, and a decoder's words as values.
import NATS

/// What a decoder said, kept.
enum Read: Hashable {
    case info(String)
    case message(String, UInt32, reply: String, payload: String, status: UInt16)
    case ping
    case pong
    case ok
    case error(String)
    case violation(NATSViolation)
}

func text(_ bytes: UnsafeRawBufferPointer) -> String { String(decoding: bytes, as: UTF8.self) }

extension Read {
    init?(_ input: NATSInput) {
        switch input {
        case .needMore: return nil
        case .info(let bytes): self = .info(text(bytes))
        case .message(let one):
            self = .message(text(one.subject), one.subscription, reply: text(one.reply), payload: text(one.payload), status: one.status)
        case .ping: self = .ping
        case .pong: self = .pong
        case .ok: self = .ok
        case .error(let bytes): self = .error(text(bytes))
        case .violation(let violation): self = .violation(violation)
        }
    }
}

/// All that a decoder says of bytes that come in these pieces.
func read(_ pieces: [[UInt8]], _ limits: NATSLimits = NATSLimits()) -> [Read] {
    var decoder = NATSDecoder(limits: limits)
    var found: [Read] = []
    for piece in pieces {
        piece.withUnsafeBytes { buffer in
            var at = 0
            while let one = Read(decoder.next(in: buffer, at: &at)) { found.append(one) }
            if at != buffer.count { found.append(.error("bytes are left")) }
        }
    }
    return found
}

func read(_ text: String, _ limits: NATSLimits = NATSLimits()) -> [Read] { read([Array(text.utf8)], limits) }
