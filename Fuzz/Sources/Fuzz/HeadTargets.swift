// Heads of HTTP: handshakes of both sides, tokens in their four carriers, forwarding headers, requests of the admin interface.

import HTTP
import Host

@testable import WebSocket

extension FuzzTarget {
    static let heads: [FuzzTarget] = [
        FuzzTarget(name: "handshake-request") { bytes in
            var parser = UpgradeRequestParser()
            let whole = bytes.exactly { parser.read(UnsafeRawBufferPointer($0)) }
            must(whole == inPieces(bytes), "pieces are read differently from the whole")
            switch whole {
            case .needMore: break
            case .refused(let refusal):
                isHead(HTTPAnswer.refusal(refusal), allowsNone: refusal.status == 0)
            case .page(let page, let used):
                must(used <= bytes.count, "more used than there was")
                isHead(HTTPAnswer.page(page))
                _ = AccessPolicy().refusal(of: page, at: "127.0.0.1").map { isHead(HTTPAnswer.refusal($0)) }
            case .upgrade(let request, let used):
                must(used <= bytes.count, "more used than there was")
                check(request)
            }
        },
        FuzzTarget(name: "handshake-answer") { bytes in
            let offer = UpgradeOffer(host: "there:1", subprotocols: ["a", "b"], nonce: Array(0..<16))
            var parser = UpgradeResponseParser(offer)
            let whole = bytes.exactly { parser.read(UnsafeRawBufferPointer($0)) }
            var slow = UpgradeResponseParser(offer)
            var step = UpgradeResponseParser.Step.needMore
            var used = 0
            for byte in bytes {
                used += 1
                step = [byte].exactly { slow.read(UnsafeRawBufferPointer($0)) }
                if step != .needMore { break }
            }
            switch (whole, step) {
            case (.accepted(let a, let count), .accepted(let b, _)):
                must(a == b && count == used, "accepted differently in pieces")
                must(a == nil || offer.subprotocols.contains(a ?? ""), "a subprotocol that was not offered")
                let text = String(decoding: bytes[..<count], as: UTF8.self).lowercased()
                must(text.contains("sec-websocket-accept"), "accepted without the answer to the key")
            default: must(whole == step, "pieces are read differently from the whole")
            }
        },
        // Each line: a header's name, a colon, its value.
        FuzzTarget(name: "forwarding") { bytes in
            var headers = ForwardingHeaders()
            let lines = bytes.split(separator: 0x0A).map { String(decoding: $0.filter { $0 >= 0x20 || $0 == 0x09 }, as: UTF8.self) }
            for line in lines.prefix(20) {
                guard let colon = line.firstIndex(of: ":") else { continue }
                headers.add(line[..<colon].lowercased(), String(line[line.index(after: colon)...]))
            }
            for chain in headers.chains {
                for case let host? in chain {
                    guard case .address(let address) = host else { fatalError("a name in place of an address: \(host)") }
                    must(HostName(host.text) == host, "\(host.text) is read back as another address")
                    must(address.count == 4 || address.count == 16, "an address of \(address.count) bytes")
                }
            }
            for trusted in [[], ["127.0.0.1", "10.0.0.0/8", "::1", "unix"]] {
                for socket in ["127.0.0.1", "unix", "10.1.2.3", "203.0.113.9"] {
                    let locality = PeerLocality(socket: socket, headers: headers, trusting: TrustedProxies(trusted))
                    must(!locality.isLocal && !PeerLocality.isOwn(locality.address), "headers made \(socket) local: \(locality.address)")
                }
            }
        },
        // The first byte: which carrier the rest stands in.
        FuzzTarget(name: "tokens") { bytes in
            let (choice, rest) = bytes.chosen
            let text = String(decoding: rest.filter { $0 > 0x20 && $0 < 0x7F }, as: UTF8.self)
            var carriers = TokenCarriers()
            switch choice % 4 {
            case 0, 1:
                let target = "/" + (choice % 4 == 0 ? "" : "t/") + text
                let kept = carriers.read(target: target)
                if let secret = carriers.token?.secret, secret.utf8.count > 6 {
                    var again = TokenCarriers()
                    let once = again.read(target: kept)
                    must(once.utf8.count <= kept.utf8.count, "the target grew")
                    must(kept.utf8.count < target.utf8.count, "a token was found, and nothing was taken out")
                } else if carriers.token == nil {
                    let query = target.drop { $0 != "?" && $0 != "#" }
                    must(!query.hasPrefix("?token=pb_"), "a token that was not found: \(target)")
                }
                must(kept.hasPrefix("/"), "a target that is no path any more: \(kept)")
            case 2: carriers.read(authorization: text)
            default: must(carriers.read(subprotocol: text) == text.hasPrefix("plugboard.token."), "another subprotocol")
            }
            must(carriers.token.map { "\($0)" == "a token" && String(reflecting: $0) == "a token" } ?? true, "a token is printed")
        },
        FuzzTarget(name: "http") { bytes in
            let whole = requests(bytes, [bytes])
            let pieces = requests(bytes, bytes.pieces)
            must(whole == pieces, "pieces are read differently from the whole")
            for step in whole {
                switch step {
                case .request(let request):
                    _ = request.segments
                    must(!request.path.isEmpty && request.path.utf8.first == 0x2F, "a path without a slash: \(request.path)")
                    must(request.body.count <= HTTPLimits().bodyBytes, "a body over the limit")
                    must(
                        request.fields.allSatisfy { !$0.value.utf8.contains { $0 == 0x0D || $0 == 0x0A || $0 == 0 } },
                        "a line end in a header")
                case .failed(let response): isHead(response.encoded(keepsAlive: false))
                default: break
                }
            }
        },
    ]

    private static func inPieces(_ bytes: [UInt8]) -> UpgradeRequestParser.Step {
        var parser = UpgradeRequestParser()
        for (index, byte) in bytes.enumerated() {
            switch [byte].exactly({ parser.read(UnsafeRawBufferPointer($0)) }) {
            case .needMore: continue
            case .upgrade(let request, _): return .upgrade(request, used: index + 1)
            case .page(let page, _): return .page(page, used: index + 1)
            case .refused(let refusal): return .refused(refusal)
            }
        }
        return .needMore
    }

    /// Those of a query: without a question mark there are none, and what comes after a # is none.
    private static func parameters(of path: String) -> [Substring] {
        guard let mark = path.firstIndex(where: { $0 == "?" || $0 == "#" }), path[mark] == "?" else { return [] }
        return path[path.index(after: mark)...].prefix { $0 != "#" }.split(separator: "&")
    }

    private static func check(_ request: UpgradeRequest) {
        let answer = HTTPAnswer.accept(request)
        isHead(answer)
        must(!parameters(of: request.path).contains { $0.hasPrefix("token=pb_") }, "a token stays in the path: \(request.path)")
        must(request.path.utf8.first == 0x2F, "a path without a slash: \(request.path)")
        if let refusal = AccessPolicy().refusal(of: request, at: "127.0.0.1") {
            isHead(HTTPAnswer.refusal(refusal))
        } else {
            must(
                Authority(request.host)?.host.isLoopback == true || Authority(request.host)?.host.isUnspecified == true,
                "let in: \(request.host)")
        }
        if let forwarding = request.forwarding {
            let locality = PeerLocality(socket: "127.0.0.1", headers: forwarding, trusting: TrustedProxies(["127.0.0.1"]))
            must(!locality.isLocal && !PeerLocality.isOwn(locality.address), "headers made a peer local")
        }
    }

    /// An answer has one empty line after its head, and no line that a peer put there.
    private static func isHead(_ bytes: [UInt8], allowsNone: Bool = false) {
        if allowsNone && bytes.isEmpty { return }
        let text = String(decoding: bytes, as: UTF8.self)
        must(text.utf8.starts(with: "HTTP/1.1 ".utf8), "not an answer: \(text)")
        var reader = HeadReader(HeadLimits(bytes: 1 << 20, lines: 100))
        let names: Set = [
            "upgrade", "connection", "sec-websocket-accept", "sec-websocket-protocol", "sec-websocket-version", "allow", "www-authenticate",
            "retry-after", "content-type", "x-content-type-options", "content-length", "access-control-allow-origin", "cache-control",
            "access-control-allow-private-network", "access-control-allow-methods", "access-control-allow-headers", "date",
        ]
        for byte in bytes {
            switch reader.take(byte) {
            case .more, .start: continue
            case .field: must(names.contains(reader.name), "a header that the peer has made: \(reader.name)")
            case .end: return
            case .failed(let fault): must(false, "a head that is none: \(fault)")
            }
        }
        must(false, "a head without an end: \(text)")
    }

    private static func requests(_ bytes: [UInt8], _ pieces: [[UInt8]]) -> [HTTPRequestReader.Step] {
        var reader = HTTPRequestReader()
        var steps: [HTTPRequestReader.Step] = []
        for piece in pieces {
            piece.exactly { buffer in
                var at = 0
                while at < buffer.count {
                    let (step, used) = reader.read(UnsafeRawBufferPointer(rebasing: buffer[at...]))
                    must(used > 0 && used <= buffer.count - at, "used \(used) of \(buffer.count - at)")
                    at += used
                    if step != .needMore { steps.append(step) }
                }
            }
        }
        return steps
    }
}
