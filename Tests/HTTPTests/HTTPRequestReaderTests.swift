// Requests in any pieces of bytes, and the refusals.

import Testing

@testable import HTTP

@Suite struct HTTPRequestReaderTests {
    /// Reads the whole text, in pieces of this number of bytes.
    static func steps(_ text: String, pieces: Int = .max, _ limits: HTTPLimits = HTTPLimits()) -> [HTTPRequestReader.Step] {
        var reader = HTTPRequestReader(limits)
        var steps: [HTTPRequestReader.Step] = []
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let piece = Array(rest.prefix(pieces))
            rest = rest.dropFirst(piece.count)
            var at = 0
            while at < piece.count {
                let (step, used) = piece[at...].withUnsafeBytes { reader.read($0) }
                at += used
                if step != .needMore { steps.append(step) }
                if case .failed = step { return steps }
            }
        }
        return steps
    }

    static let pipelined = """
        GET /v1/status?levels=10&name=a%20b+c HTTP/1.1\r\nHost: localhost\r\n\r\n\
        POST /v1/scan HTTP/1.1\r\nHost: localhost\r\nContent-Length: 13\r\nConnection: close\r\n\r\n{"for":"10s"}
        """

    @Test("Requests are read one after the other, in pieces of any size", arguments: [1, 2, 7, 1_000])
    func pieces(_ size: Int) {
        var status = HTTPRequest("GET", "/v1/status")
        status.query = [.init(name: "levels", value: "10"), .init(name: "name", value: "a b c")]
        status.fields = [.init(name: "host", value: "localhost")]
        var scan = HTTPRequest("POST", "/v1/scan")
        scan.fields = [
            .init(name: "host", value: "localhost"), .init(name: "content-length", value: "13"), .init(name: "connection", value: "close"),
        ]
        scan.keepsAlive = false
        scan.body = Array(#"{"for":"10s"}"#.utf8)
        #expect(Self.steps(Self.pipelined, pieces: size) == [.request(status), .request(scan)])
    }

    static let refused: [(String, Int)] = [
        ("GET / HTTP/2.0\r\n", 505), ("GET /\r\n", 400), ("GET http: HTTP/1.1\r\n", 400), ("GET /%zz?a=%f HTTP/1.1\r\n", 400),
        ("GET / HTTP/1.1\r\n\r\n", 400), ("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400),
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n", 400),
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", 400),
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999\r\n\r\n", 413),
        ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", 501), ("GET / HTTP/1.1\r\nHo st: a\r\n", 400),
    ]

    @Test("What is not a request is refused with its reason", arguments: refused)
    func refusals(_ text: String, _ status: Int) {
        guard case .failed(let problem)? = Self.steps(text).last else {
            Issue.record("read as \(Self.steps(text))")
            return
        }
        #expect(problem.status == status)
    }

    @Test("A client that waits for 100 Continue is told to go on")
    func continues() {
        let head = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n"
        #expect(Self.steps(head) == [.wantsContinue])
    }

    @Test("A response gives its length, and a stream says that it ends with its connection")
    func responses() {
        let whole = HTTPResponse.json { $0.object { $0.member("name", "a\n\u{7F}\"") } }
        let text = String(decoding: whole.encoded(keepsAlive: true), as: UTF8.self)
        #expect(text.contains("Content-Length: 22\r\n") && text.hasSuffix("{\"name\":\"a\\n\\u007f\\\"\"}"))
        #expect(!text.contains("Connection"))
        var stream = HTTPResponse(200, type: "text/event-stream")
        stream.isStream = true
        let head = String(decoding: stream.encoded(keepsAlive: true), as: UTF8.self)
        #expect(head.contains("Connection: close\r\n") && !head.contains("Content-Length"))
    }
}
