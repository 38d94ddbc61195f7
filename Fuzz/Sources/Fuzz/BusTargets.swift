// What a NATS server says, to the decoder and to a session; what another member says, to a link and to the reader of records.
// Must not know why a connection is wanted.

import Cluster
import Host
import NATS

extension FuzzTarget {
    static let bus: [FuzzTarget] = [
        // The first byte: how long lines and payloads may be.
        FuzzTarget(name: "nats") { bytes in
            let (choice, rest) = bytes.chosen
            let limits = choice & 1 == 0 ? NATSLimits() : NATSLimits(lineBytes: 64, infoBytes: 80, payloadBytes: 20)
            let whole = words(of: [rest], limits)
            must(whole == words(of: rest.pieces, limits), "pieces are read differently from the whole")
            must(whole == words(of: rest.map { [$0] }, limits), "single bytes are read differently from the whole")
        },
        // Pieces: a byte for what happens, a byte for how much; of the server's bytes what follows.
        FuzzTarget(name: "nats-session") { bytes in
            var play = SessionPlay()
            var rest = bytes[...]
            while let kind = rest.popFirst(), let length = rest.popFirst() {
                let body = Array(rest.prefix(Int(length)))
                if kind & 7 >= 4 { rest = rest.dropFirst(body.count) }
                play.happens(kind, length, body)
            }
            play.end()
        },
        FuzzTarget(name: "cluster") { bytes in
            readRecords(bytes)
            playLink(bytes)
        },
    ]

    private static func words(of pieces: [[UInt8]], _ limits: NATSLimits) -> [String] {
        var decoder = NATSDecoder(limits: limits)
        var found: [String] = []
        for piece in pieces {
            piece.exactly { buffer in
                var at = 0
                while true {
                    switch decoder.next(in: UnsafeRawBufferPointer(buffer), at: &at) {
                    case .needMore:
                        must(at == buffer.count, "bytes are left")
                        return
                    case .info(let bytes): found.append("info \(Array(bytes)) \((try? NATSInfo(bytes)).map { "\($0)" } ?? "bad")")
                    case .message(let one):
                        must(one.payload.count <= limits.payloadBytes, "a payload over its limit")
                        found.append(
                            "message \(Array(one.subject)) \(one.subscription) \(Array(one.reply)) \(Array(one.payload)) \(one.status)")
                    case .ping: found.append("ping")
                    case .pong: found.append("pong")
                    case .ok: found.append("ok")
                    case .error(let bytes): found.append("error \(Array(bytes))")
                    case .violation(let violation): found.append("\(violation)")
                    }
                }
            }
        }
        return found
    }

    /// What is read again after it has been cut off has no other beginning.
    private static func readRecords(_ bytes: [UInt8]) {
        let span = bytes.span.bytes
        _ = LinkHello(span)
        guard LinkHeader(span) != nil else { return }
        var reader = RecordReader(span)
        var total = 0
        while let record = try? reader.next() {
            total += 1
            switch record {
            case .session(_, let part), .fact(_, let part): must(reader.text(part).utf8.count <= 3 * bytes.count, "a text out of nothing")
            case .device(_, _, let identity, let description): _ = reader.text(identity) + reader.text(description)
            case .values(_, let part): for place in 0..<reader.valueCount(part) { _ = reader.value(place, in: part) }
            case .latch(let raised, let cleared):
                for part in [raised, cleared] { for place in 0..<reader.idCount(part) { _ = reader.id(place, in: part) } }
            case .masks(let part): must((try? reader.masks(part)) != nil, "masks that were checked are none")
            default: break
            }
        }
        must(total <= bytes.count / 4, "more records than there is room for")
    }

    /// A link with a peer that sends anything: what counts has the link's nonce and comes in order, and the link says when it wants time.
    private static func playLink(_ bytes: [UInt8]) {
        var link = ClusterLink(ClusterLink.Settings(incarnation: 1), seed: 7)
        var now = Instant(nanoseconds: 1_000_000_000)
        var nonce: UInt64 = 0
        var last: UInt32 = 0
        link.greet(at: now)
        for start in stride(from: 0, to: bytes.count - 7, by: 8) {
            let one = Array(bytes[start..<(start + 8)])
            now = now + .milliseconds(Int64(one[1]))
            switch one[0] % 8 {
            case 0, 1, 2:
                let echo = one[2] & 1 == 0 ? nonce : UInt64(one[3])
                link.received(
                    LinkHello(
                        incarnation: UInt64(one[4] & 3), nonce: UInt64(one[5] & 3) + 1, echo: echo, versions: 0...max(one[6], 0),
                        capabilities: 0,
                        lostAfter: 100 + UInt32(one[7])), at: now)
            case 3, 4, 5:
                let wasUp = link.state == .up
                let sequence = one[2] & 1 == 0 ? last &+ 1 : UInt32(one[3])
                let header = LinkHeader(
                    version: one[4] & 1, nonce: one[2] & 2 == 0 ? nonce : UInt64(one[3]), sequence: sequence, ack: UInt32(one[5] & 15))
                if link.received(header, at: now) {
                    must(header.nonce == nonce, "a message of another try counts")
                    must(!wasUp || sequence == last &+ 1, "a message counts out of order")
                    last = sequence
                }
            case 6: must(link.queue(bytes: 28) == (link.state == .up), "a record is queued for nobody")
            default: link.lose(LinkLoss.allCases[Int(one[2]) % LinkLoss.allCases.count], at: now)
            }
            if link.deadline <= now { link.deadlinePassed(at: now) }
            _ = link.message(at: now)
            for effect in link.effects {
                switch effect {
                case .hello(let hello): nonce = hello.nonce
                case .lost, .up: last = link.state == .up ? last : 0
                case .incompatible: break
                }
                if case .lost = effect { last = 0 }
            }
            link.forgetEffects()
            must(link.deadline > now, "a link that wants time for ever")
        }
    }
}

/// A session whose server and network do anything.
private struct SessionPlay: ~Copyable {
    private var session: NATSSession
    private var now: UInt64 = 1_000_000_000_000
    private var isOpen = false
    private var hasStream = false

    private static let lines = [
        "INFO {\"headers\":true,\"max_payload\":100,\"nonce\":\"n\",\"connect_urls\":[\"c:3\"]}\r\n", "PONG\r\n", "PING\r\n",
        "MSG a 1 1\r\nx\r\n", "INFO {\"headers\":true,\"ldm\":true}\r\n", "-ERR 'Authorization Violation'\r\n",
        "INFO {\"headers\":true,\"tls_required\":true}\r\n", "-ERR 'Permissions Violation for Publish to \"a\"'\r\n",
    ]

    init() {
        var settings = NATSSession.Settings(
            servers: [NATSServer(host: "a", port: 1), NATSServer(host: "b", port: 2)], name: "x",
            credentials: .key(publicText: "U", sign: { $0.count > 200 ? nil : $0 }), subscriptions: [NATSSubject("a")!], seed: 3)
        settings.limits = NATSLimits(lineBytes: 256, infoBytes: 512, payloadBytes: 200)
        session = NATSSession(settings)
        session.start(at: now)
        tell([])
    }

    mutating func happens(_ kind: UInt8, _ length: UInt8, _ body: [UInt8]) {
        switch kind & 7 {
        case 0:
            if hasStream { session.connected(at: now) }
        case 1:
            now += UInt64(length) * 20_000_000
            session.deadlinePassed(at: now)
        case 2:
            if hasStream {
                hasStream = false
                session.closed(.closed, at: now)
            }
        case 3:
            if length == 255 { session.leave(at: now) } else { session.secured(at: now) }
        case 4, 5: if hasStream { tell(body) }
        default: if hasStream { tell(Array(Self.lines[Int(length & 7)].utf8)) }
        }
        tell([])
        let published = body.exactly { session.publish(NATSSubject("a")!, UnsafeRawBufferPointer($0)) }
        must(!published || isOpen, "published on a connection that is not open")
    }

    private mutating func tell(_ bytes: [UInt8]) {
        bytes.exactly { buffer in
            var at = 0
            for _ in 0..<10_000 {
                switch session.next(in: UnsafeRawBufferPointer(buffer), at: &at, now: now) {
                case .needMore:
                    must(at == buffer.count, "bytes are left")
                    return
                case .message(let one): must(one.subscription == 1 && hasStream, "a message that nobody wants")
                case .event(.dial):
                    must(!hasStream && !isOpen, "two streams")
                    hasStream = true
                    must(session.output.count == 0, "something is sent before the server has said who it is")
                case .event(.opened):
                    must(!isOpen, "opened twice")
                    isOpen = true
                case .event(.ended(_, let wasOpen)):
                    must(wasOpen == isOpen, "what was open is not what is told")
                    (isOpen, hasStream) = (false, false)
                    must(session.output.count == 0 || session.state != .waiting, "something is left of a connection that has ended")
                case .event: break
                }
            }
            must(false, "it never comes to rest")
        }
        session.outputSent()
    }

    mutating func end() {
        session.leave(at: now)
        tell([])
        now += 1_000_000_000
        session.deadlinePassed(at: now)
        tell([])
        must(session.state == .over && session.deadline == .max, "it does not end")
    }
}
