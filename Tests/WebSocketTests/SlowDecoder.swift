// RFC 6455 §5 in simple code: an oracle that decodes a prefix of a connection from its beginning, and shares no code with the
// decoder under test. Must not be fast.

import WebSocket

/// All events of a connection with these first bytes.
struct SlowDecoder {
    let role: Role
    let limits: FrameDecoder.Limits
    private var kind: UInt8?
    private var message: [UInt8] = []
    private var fragments = 0

    init(_ role: Role, _ limits: FrameDecoder.Limits) {
        self.role = role
        self.limits = limits
    }

    static func events(_ bytes: [UInt8], _ role: Role, _ limits: FrameDecoder.Limits) -> [Seen] {
        var decoder = SlowDecoder(role, limits)
        return decoder.run(bytes)
    }

    private mutating func run(_ bytes: [UInt8]) -> [Seen] {
        var seen: [Seen] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            guard let header = header(rest) else { return seen }
            if let wrong = header.wrong { return seen + [.violation(wrong)] }
            rest = rest.dropFirst(header.size)
            let here = rest.prefix(header.length)
            let payload = zip(here, 0...).map { $0 ^ header.key[$1 % 4] }
            rest = rest.dropFirst(header.length)
            guard let event = frame(header, payload, isWhole: payload.count == header.length) else { continue }
            seen.append(event)
            switch event {
            case .close, .violation: return seen
            default: break
            }
        }
        return seen
    }

    private struct Header {
        var isFinal = false
        var opcode: UInt8 = 0
        var length = 0
        var key: [UInt8] = [0, 0, 0, 0]
        var size = 0
        var wrong: FrameViolation?
        static func wrong(_ violation: FrameViolation) -> Header { Header(wrong: violation) }
    }

    private func header(_ rest: ArraySlice<UInt8>) -> Header? {
        let b = Array(rest.prefix(14))
        let opcode = b[0] & 15
        let isFinal = b[0] >= 128
        if b[0] & 0b0111_0000 != 0 { return .wrong(.reservedBits) }
        if (3...7).contains(opcode) || opcode > 10 { return .wrong(.reservedOpcode) }
        if opcode >= 8, !isFinal { return .wrong(.controlFragmented) }
        if opcode == 0, kind == nil { return .wrong(.unexpectedContinuation) }
        if opcode == 1 || opcode == 2, kind != nil { return .wrong(.interruptedMessage) }
        if opcode < 8, fragments + 1 > limits.fragments { return .wrong(.tooManyFragments) }
        guard b.count > 1 else { return nil }
        let isMasked = b[1] >= 128
        if isMasked != (role == .server) { return .wrong(isMasked ? .maskedFrame : .unmaskedFrame) }
        let short = Int(b[1] & 127)
        if opcode >= 8, short > 125 { return .wrong(.controlTooLong) }
        let extra = short == 126 ? 2 : short == 127 ? 8 : 0
        guard b.count >= 2 + extra else { return nil }
        let long = b[2..<2 + extra].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        if extra == 8, long >= 1 << 63 { return .wrong(.lengthTopBit) }
        if extra == 8 && long < 65_536 || extra == 2 && long < 126 { return .wrong(.lengthNotMinimal) }
        let length = extra == 0 ? short : Int(long)
        if opcode < 8, length > limits.messageBytes - message.count { return .wrong(.messageTooBig) }
        let size = 2 + extra + (isMasked ? 4 : 0)
        guard b.count >= size else { return nil }
        let key = isMasked ? Array(b[(2 + extra)..<size]) : [0, 0, 0, 0]
        return Header(isFinal: isFinal, opcode: opcode, length: length, key: key, size: size)
    }

    private mutating func frame(_ header: Header, _ payload: [UInt8], isWhole: Bool) -> Seen? {
        if header.opcode >= 8 { return isWhole ? control(header.opcode, payload) : nil }
        if header.opcode != 0 { kind = header.opcode }
        fragments += 1
        message += payload
        if kind == 1, !Self.mayBecomeText(message) { return .violation(.invalidText) }
        guard isWhole, header.isFinal else { return nil }
        defer {
            kind = nil
            message = []
            fragments = 0
        }
        if kind == 2 { return .binary(limits.ignoresBinary ? [] : message) }
        return Self.isText(message) ? .text(message) : .violation(.invalidText)
    }

    private func control(_ opcode: UInt8, _ payload: [UInt8]) -> Seen {
        if opcode == 9 { return .ping(payload) }
        if opcode == 10 { return .pong(payload) }
        if payload.isEmpty { return .close(1005, []) }
        if payload.count == 1 { return .violation(.closePayload) }
        let status = UInt16(payload[0]) << 8 | UInt16(payload[1])
        let allowed = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014].contains(status) || status / 1000 == 3
        if !allowed && status / 1000 != 4 { return .violation(.closeStatus) }
        return Self.isText(payload.dropFirst(2)) ? .close(status, Array(payload.dropFirst(2))) : .violation(.closeReason)
    }

    static func isText(_ bytes: some Sequence<UInt8>) -> Bool { String(validating: Array(bytes), as: UTF8.self) != nil }

    /// Whether a valid text can begin with these bytes: they are valid, except a last character that can be completed.
    static func mayBecomeText(_ bytes: [UInt8]) -> Bool {
        let endings: [UInt8] = [0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF]
        if isText(bytes) { return true }
        for cut in 1...3 where bytes.count >= cut && isText(bytes.dropLast(cut)) {
            let tail = Array(bytes.suffix(cut))
            for a in endings {
                if isText(tail + [a]) { return true }
                for b in endings {
                    if isText(tail + [a, b]) { return true }
                    if endings.contains(where: { isText(tail + [a, b, $0]) }) { return true }
                }
            }
        }
        return false
    }
}
