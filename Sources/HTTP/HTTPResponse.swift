// An answer, and how it is written (RFC 9110, RFC 9112); problems are told as RFC 9457 has it.
// Must not know connections.

import JSON

/// A whole HTTP answer, or the head of a stream.
public struct HTTPResponse: Hashable, Sendable {
    public var status: Int
    /// Header lines in addition to those that `encoded` adds.
    public var fields: [HTTPRequest.Field] = []
    public var body: [UInt8] = []
    /// Whether what follows the head goes on until the connection ends.
    public var isStream = false

    public init(_ status: Int, type: String? = nil, body: [UInt8] = []) {
        self.status = status
        self.body = body
        if let type { add("Content-Type", type) }
    }

    public mutating func add(_ name: String, _ value: String) { fields.append(HTTPRequest.Field(name: name, value: value)) }

    /// JSON with this status.
    public static func json(_ status: Int = 200, _ write: (inout JSONText) -> Void) -> HTTPResponse {
        var text = JSONText()
        write(&text)
        var response = HTTPResponse(status, type: "application/json", body: text.bytes)
        response.add("Cache-Control", "no-store")
        return response
    }

    /// A problem document (RFC 9457): what went wrong, in words that say what to do.
    public static func problem(_ status: Int, _ detail: String) -> HTTPResponse {
        var text = JSONText()
        text.object {
            $0.member("type", "about:blank")
            $0.member("title", phrase(status))
            $0.member("status", status)
            $0.member("detail", detail)
        }
        return HTTPResponse(status, type: "application/problem+json", body: text.bytes)
    }

    /// The bytes that answer a request.
    /// - Parameters:
    ///   - withBody: False for HEAD: the head says how long the body would be.
    ///   - keepsAlive: Whether the connection goes on.
    public func encoded(withBody: Bool = true, keepsAlive: Bool) -> [UInt8] {
        var text = "HTTP/1.1 \(status) \(Self.phrase(status))\r\n"
        for field in fields { text += "\(field.name): \(Self.line(field.value))\r\n" }
        if !isStream, status != 204, status != 304 { text += "Content-Length: \(body.count)\r\n" }
        if isStream || !keepsAlive { text += "Connection: close\r\n" }
        text += "X-Content-Type-Options: nosniff\r\n\r\n"
        return Array(text.utf8) + (withBody ? body : [])
    }

    /// A value without line ends.
    private static func line(_ value: String) -> String {
        String(decoding: value.utf8.map { $0 < 0x20 || $0 == 0x7F ? 0x20 : $0 }, as: UTF8.self)
    }

    static func phrase(_ status: Int) -> String {
        switch status {
        case 200: "OK"
        case 201: "Created"
        case 202: "Accepted"
        case 204: "No Content"
        case 304: "Not Modified"
        case 400: "Bad Request"
        case 403: "Forbidden"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 408: "Request Timeout"
        case 409: "Conflict"
        case 413: "Content Too Large"
        case 415: "Unsupported Media Type"
        case 422: "Unprocessable Content"
        case 429: "Too Many Requests"
        case 431: "Request Header Fields Too Large"
        case 501: "Not Implemented"
        case 503: "Service Unavailable"
        case 505: "HTTP Version Not Supported"
        default: "Error"
        }
    }
}
