// Bytes in, whole requests out: strict heads, bounded bodies, one request after the other (RFC 9112 §2, §6, §9).
// Must not know sockets, deadlines or who may ask.

import WebSocket

/// How much of a request is accepted.
public struct HTTPLimits: Hashable, Sendable {
    public var head = HeadLimits()
    /// Bytes of a body.
    public var bodyBytes = 64 * 1_024

    public init() {}
}

/// Reads the requests of one connection. After `failed` the connection must be closed.
public struct HTTPRequestReader {
    public enum Step: Hashable, Sendable {
        /// All bytes were used; the request goes on.
        case needMore
        /// The client waits for `100 Continue` before it sends the body.
        case wantsContinue
        case request(HTTPRequest)
        /// Answer this and close.
        case failed(HTTPResponse)
    }

    private enum Phase {
        /// In the head. Can turn into: `body`, `head` (a request without a body).
        case head
        /// In the body, of which so many bytes are missing. Can turn into: `head`.
        case body(Int)
        /// Nothing more is read.
        case failed
    }

    private let limits: HTTPLimits
    private var phase = Phase.head
    private var head: HeadReader
    private var request: HTTPRequest?

    public init(_ limits: HTTPLimits = HTTPLimits()) {
        self.limits = limits
        head = HeadReader(limits.head)
    }

    /// Whether a request has begun and is not whole.
    public private(set) var isInside = false

    /// Reads on; `used` bytes of these belong to what is returned, and the rest is to be read after it has been dealt with.
    public mutating func read(_ bytes: UnsafeRawBufferPointer) -> (step: Step, used: Int) {
        var used = 0
        while used < bytes.count {
            switch phase {
            case .failed: return (.needMore, bytes.count)
            case .body(let missing):
                let count = min(missing, bytes.count - used)
                request?.body.append(contentsOf: bytes[used..<(used + count)])
                used += count
                phase = .body(missing - count)
                if missing == count { return (finish(), used) }
            case .head:
                let byte = bytes[used]
                used += 1
                // Between two requests empty lines are allowed (RFC 9112 §2.2).
                if !isInside, byte == 0x0D || byte == 0x0A { continue }
                isInside = true
                if let step = readHead(byte) { return (step, used) }
            }
        }
        return (.needMore, used)
    }

    private mutating func readHead(_ byte: UInt8) -> Step? {
        switch head.take(byte) {
        case .more: return nil
        case .start: return startLine(head.text)
        case .field:
            request?.fields.append(HTTPRequest.Field(name: head.name, value: head.value))
            return nil
        case .end: return headEnded()
        case .failed(.badByte(let what)): return fail(400, "\(what)")
        case .failed(.tooManyBytes): return fail(431, "the head is longer than \(limits.head.bytes) bytes")
        case .failed(.tooManyLines): return fail(431, "more than \(limits.head.lines) header lines")
        }
    }

    private mutating func startLine(_ line: String) -> Step? {
        let parts = line.split(separator: " ", omittingEmptySubsequences: false)
        guard parts.count == 3, ASCII.isToken(String(parts[0])) else { return fail(400, "the first line is not a request line") }
        guard parts[2] == "HTTP/1.1" || parts[2] == "HTTP/1.0" else { return fail(505, "only HTTP/1.1 and HTTP/1.0 are understood") }
        var request = HTTPRequest(String(parts[0]), "")
        guard request.setTarget(String(parts[1])) else { return fail(400, "the request's target is not a path") }
        request.keepsAlive = parts[2] == "HTTP/1.1"
        self.request = request
        return nil
    }

    private mutating func headEnded() -> Step? {
        guard let whole = request else { return fail(400, "an empty head") }
        if whole.keepsAlive, whole.fields.filter({ $0.name == "host" }).count != 1 { return fail(400, "there must be one Host") }
        if whole.fields.contains(where: { $0.name == "transfer-encoding" }) {
            return fail(501, "send the body with Content-Length, not with Transfer-Encoding")
        }
        for word in whole.fields.filter({ $0.name == "connection" }).flatMap({ ASCII.list($0.value) }) {
            if ASCII.equal(word, "close") { request?.keepsAlive = false }
            if ASCII.equal(word, "keep-alive") { request?.keepsAlive = true }
        }
        let lengths = whole.fields.filter { $0.name == "content-length" }
        guard let text = lengths.first?.value else { return finish() }
        guard lengths.count == 1, !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), text.utf8.count < 16,
            let length = Int(text)
        else { return fail(400, "Content-Length is not one number") }
        guard length <= limits.bodyBytes else { return fail(413, "the body is longer than \(limits.bodyBytes) bytes") }
        guard length > 0 else { return finish() }
        phase = .body(length)
        return whole.field("expect").map { ASCII.equal($0, "100-continue") } == true ? .wantsContinue : nil
    }

    private mutating func finish() -> Step {
        defer {
            request = nil
            head = HeadReader(limits.head)
            phase = .head
            isInside = false
        }
        return request.map { .request($0) } ?? .needMore
    }

    private mutating func fail(_ status: Int, _ detail: String) -> Step {
        phase = .failed
        return .failed(HTTPResponse.problem(status, detail))
    }
}
