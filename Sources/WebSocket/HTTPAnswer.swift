// The server's answers to HTTP heads: 101, the two pages, and refusals that say what to do. Bytes to send; all but 101 end the
// connection. Must not know sockets or why something was decided.

/// Writes whole HTTP answers.
public enum HTTPAnswer {
    /// `101 Switching Protocols` (RFC 6455 §4.2.2). Selects the first subprotocol offered, and no extension.
    public static func accept(_ request: UpgradeRequest) -> [UInt8] {
        var head = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        head += "Sec-WebSocket-Accept: \(AcceptKey.accept(request.key))\r\n"
        if let subprotocol = request.selectedSubprotocol { head += "Sec-WebSocket-Protocol: \(subprotocol)\r\n" }
        return Array((head + "\r\n").utf8)
    }

    /// The answer to a refused head; empty when none would be understood (TLS): just close.
    public static func refusal(_ refusal: HandshakeRefusal) -> [UInt8] {
        guard refusal.status != 0 else { return [] }
        var further = ""
        switch refusal {
        case .version: further = "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        case .upgradeRequired: further = "Upgrade: websocket\r\n"
        case .method: further = "Allow: GET\r\n"
        case .token: further = "WWW-Authenticate: Bearer\r\n"
        case .tooManyFailures(let seconds): further = "Retry-After: \(seconds)\r\n"
        case .tooManySessions, .tokenInUse, .taken: further = "Retry-After: 5\r\n"
        default: break
        }
        return answer(refusal.status, further, body: printable(refusal.text) + "\n", withBody: true)
    }

    /// The answer to a request for a page. `/health` may be read by every origin, also from a public page to this computer.
    public static func page(_ request: PageRequest) -> [UInt8] {
        switch request.page {
        case .root:
            if request.method == .options { return answer(204, "Allow: GET, HEAD, OPTIONS\r\n", body: nil, withBody: false) }
            let text = "Plugboard: a router for Buttplug clients. Connect a Buttplug client to this address with ws://.\n"
            return answer(200, "", body: text, withBody: request.method == .get)
        case .health:
            let open = """
                Access-Control-Allow-Origin: *\r
                Access-Control-Allow-Private-Network: true\r
                Cache-Control: no-store\r

                """
            guard request.method == .options else { return answer(200, open, body: "ok\n", withBody: request.method == .get) }
            let allowed = "Access-Control-Allow-Methods: GET, HEAD, OPTIONS\r\nAccess-Control-Allow-Headers: *\r\n"
            return answer(204, open + allowed, body: nil, withBody: false)
        }
    }

    private static func answer(_ status: Int, _ further: String, body: String?, withBody: Bool) -> [UInt8] {
        var text = "HTTP/1.1 \(status) \(phrase(status))\r\n" + further
        // Who names a protocol to upgrade to must list `Upgrade` as a connection option (RFC 9110 §7.8).
        text += further.contains("Upgrade:") ? "Connection: close, Upgrade\r\n" : "Connection: close\r\n"
        if let body {
            text += "Content-Type: text/plain; charset=utf-8\r\nX-Content-Type-Options: nosniff\r\nContent-Length: \(body.utf8.count)\r\n"
        }
        return Array((text + "\r\n" + (withBody ? body ?? "" : "")).utf8)
    }

    private static func phrase(_ status: Int) -> String {
        switch status {
        case 200: "OK"
        case 204: "No Content"
        case 400: "Bad Request"
        case 401: "Unauthorized"
        case 403: "Forbidden"
        case 405: "Method Not Allowed"
        case 426: "Upgrade Required"
        case 429: "Too Many Requests"
        case 431: "Request Header Fields Too Large"
        case 503: "Service Unavailable"
        default: "Error"
        }
    }

    /// What the peer sent goes back to it without control characters, and shortened.
    private static func printable(_ text: String) -> String {
        String(decoding: text.utf8.prefix(640).map { $0 < 0x20 || $0 >= 0x7F ? UInt8(ascii: "?") : $0 }, as: UTF8.self)
    }
}
