// What comes over a WebSocket, as bytes: frames against a slow decoder and wslay, and the PROXY header in front of everything.

import COracles
import Host

@testable import WebSocket

extension FuzzTarget {
    static let sockets: [FuzzTarget] = [
        // The first byte: which end, and how long a message may be.
        FuzzTarget(name: "frames") { bytes in
            let (choice, rest) = bytes.chosen
            let role: Role = choice & 1 == 0 ? .server : .client
            let limits = FrameDecoder.Limits(
                messageBytes: choice & 2 == 0 ? 1 << 20 : 125, fragments: choice & 4 == 0 ? 1_024 : 3, ignoresBinary: false)
            let whole = decode(rest, role, limits)
            must(whole == decode(rest.pieces, role, limits), "pieces are read differently from the whole")
            must(whole == decode(rest.map { [$0] }, role, limits), "single bytes are read differently from the whole")
            if rest.count <= 300 { must(whole == SlowDecoder.events(rest, role, limits), "not what the slow decoder says") }
            if role == .server, choice & 4 == 0 { compareWithWslay(whole, rest, limits) }
            writeBack(whole, role)
        },
        FuzzTarget(name: "proxy-header") { bytes in
            var reader = ProxyHeaderReader()
            let whole = bytes.exactly { reader.read(UnsafeRawBufferPointer($0)) }
            var used = 0
            var slow = ProxyHeaderReader()
            var step = ProxyHeaderReader.Step.needMore
            for byte in bytes {
                step = [byte].exactly { slow.read(UnsafeRawBufferPointer($0)) }
                used += 1
                if case .needMore = step { continue }
                break
            }
            switch (whole, step) {
            case (.needMore, .needMore): break
            case (.failed(let a), .failed(let b)): must(a == b, "another refusal in pieces")
            case (.done(let a, let count), .done(let b, _)):
                must(a == b && count == used, "another source in pieces")
                let locality = PeerLocality(socket: "127.0.0.1", proxy: a, trusting: TrustedProxies(["127.0.0.1"]))
                must(!locality.isLocal && !PeerLocality.isOwn(locality.address), "a header made a peer local")
            default: must(false, "pieces are read differently from the whole")
            }
        },
    ]

    /// wslay sees what is wrong later, or not at all where it is not strict; what both call a message must be the same.
    private static func compareWithWslay(_ events: [Seen], _ bytes: [UInt8], _ limits: FrameDecoder.Limits) {
        var other = oracle_frames()
        oracle_websocket(bytes, bytes.count, limits.messageBytes, &other)
        var hash: UInt64 = 14_695_981_039_346_656_037
        var count = 0
        var isViolation = false
        func mix(_ more: some Sequence<UInt8>) { for byte in more { hash = (hash ^ UInt64(byte)) &* 1_099_511_628_211 } }
        func note(_ opcode: UInt8, _ payload: [UInt8]) {
            count += 1
            mix([opcode])
            mix(withUnsafeBytes(of: UInt64(payload.count).littleEndian) { Array($0) })
            mix(payload)
        }
        for event in events {
            switch event {
            case .text(let payload): note(1, payload)
            case .binary(let payload): note(2, payload)
            case .ping(let payload): note(9, payload)
            case .pong(let payload): note(10, payload)
            case .close(let status, let reason):
                note(8, status == CloseFrame.noStatus ? [] : [UInt8(status >> 8), UInt8(status & 0xFF)] + reason)
            case .violation: isViolation = true
            }
        }
        // wslay looks at the beginning of a close frame that is not whole yet.
        var decoder = FrameDecoder(.server, limits: limits)
        _ = feed(bytes, to: &decoder)
        _ = feed([], to: &decoder)
        if !isViolation && !decoder.isBetweenMessages && !decoder.isEnded {
            must(other.events == count, "wslay reads other messages: \(other.events), here \(count)")
        } else if events.contains(where: \.hasLateStatus) {
            must(other.events >= count - 1, "wslay reads fewer messages before a close that it does not know")
        } else if !isViolation {
            must(!other.failed, "wslay refuses what is taken here")
            must(other.events == count && other.hash == hash, "wslay reads other messages: \(other.events), here \(count)")
        } else {
            must(other.events >= count, "wslay reads fewer messages before the violation")
        }
    }

    /// What was read can be written, and is read by the other end as it was.
    private static func writeBack(_ events: [Seen], _ role: Role) {
        for event in events {
            var out = [UInt8](repeating: 0, count: FrameWriter.headerMax + FrameWriter.controlMax)
            let key: UInt32? = role == .server ? 0x1234_5678 : nil
            let size: Int? = out.withUnsafeMutableBytes { room in
                guard let base = room.baseAddress else { return nil }
                switch event {
                case .ping(let payload): return payload.withUnsafeBytes { FrameWriter.control(.ping, payload: $0, key: key, to: base) }
                case .pong(let payload): return payload.withUnsafeBytes { FrameWriter.control(.pong, payload: $0, key: key, to: base) }
                case .close(let status, let reason):
                    return reason.withUnsafeBytes { FrameWriter.close(status: status, reason: $0, key: key, to: base) }
                default: return nil
                }
            }
            if let size { must(decode(Array(out[..<size]), role) == [event], "\(event) is read back as something else") }
        }
    }
}

extension Seen {
    /// A close with one of the statuses that were registered after RFC 6455, and that wslay does not know.
    fileprivate var hasLateStatus: Bool {
        if case .close(1012...1014, _) = self { true } else { false }
    }
}
