// A client with a raw blocking socket that can write frames byte by byte; every wait gives up after ten seconds.
// Must not use the code under test.

import Glibc
import Testing

/// One frame from the server.
struct Frame: Equatable {
    var opcode: UInt8
    var payload: [UInt8]

    var text: String { String(decoding: payload, as: UTF8.self) }
    /// A close frame's status.
    var status: Int? { opcode == 8 && payload.count >= 2 ? Int(payload[0]) << 8 | Int(payload[1]) : nil }
    /// A close frame's reason.
    var reason: String { String(decoding: payload.dropFirst(2), as: UTF8.self) }
}

final class WebClient {
    static let upgrade = Array(
        """
        GET / HTTP/1.1\r
        Host: localhost\r
        Upgrade: websocket\r
        Connection: Upgrade\r
        Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r
        Sec-WebSocket-Version: 13\r
        \r

        """.utf8)

    let descriptor: Int32
    private var isOpen = true
    private var received: [UInt8] = []

    /// Connects; with `upgrading` also becomes a WebSocket.
    init(port: UInt16, readBuffer: Int32? = nil, upgrading: Bool = true) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        if var size = readBuffer { setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, 4) }
        var on: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, 4)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let status = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
        }
        try #require(status == 0)
        limitWaiting()
        if upgrading { try becomeWebSocket() }
    }

    /// Connects to a Unix socket and becomes a WebSocket.
    init(path: String) throws {
        descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
        let status = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) }
        }
        try #require(status == 0)
        limitWaiting()
        try becomeWebSocket()
    }

    deinit { close() }

    private func limitWaiting() {
        var limit = timeval(tv_sec: 10, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    }

    func becomeWebSocket() throws {
        send(Self.upgrade)
        let head = try #require(readHead())
        try #require(head.hasPrefix("HTTP/1.1 101 "))
        try #require(head.contains("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo="))
    }

    // MARK: Out

    /// Sends everything; false when the connection broke.
    @discardableResult
    func send(_ bytes: [UInt8]) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress! + sent, bytes.count - sent, Int32(MSG_NOSIGNAL))
            }
            if count <= 0 { return false }
            sent += count
        }
        return true
    }

    static func frame(_ opcode: UInt8, _ payload: [UInt8], isFinal: Bool = true, isMasked: Bool = true) -> [UInt8] {
        var bytes: [UInt8] = [opcode | (isFinal ? 0x80 : 0)]
        let bit: UInt8 = isMasked ? 0x80 : 0
        if payload.count < 126 {
            bytes.append(UInt8(payload.count) | bit)
        } else if payload.count < 65_536 {
            bytes += [126 | bit, UInt8(payload.count >> 8), UInt8(payload.count & 255)]
        } else {
            bytes += [127 | bit] + (0..<8).map { UInt8(truncatingIfNeeded: payload.count >> (56 - 8 * $0)) }
        }
        guard isMasked else { return bytes + payload }
        let key: [UInt8] = [0x37, 0xFA, 0x21, 0x3D]
        return bytes + key + payload.enumerated().map { $1 ^ key[$0 & 3] }
    }

    static func text(_ text: String) -> [UInt8] { frame(1, Array(text.utf8)) }

    static func closeFrame(_ status: Int) -> [UInt8] { frame(8, [UInt8(status >> 8), UInt8(status & 255)]) }

    func shutDown() { shutdown(descriptor, Int32(SHUT_WR)) }

    func close() {
        if isOpen { Glibc.close(descriptor) }
        isOpen = false
    }

    func reset() {
        var linger = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<Glibc.linger>.size))
        close()
    }

    // MARK: In

    /// Reads more bytes; false at the end of the stream, on an error and when nothing comes.
    private func readMore() -> Bool {
        var room = [UInt8](repeating: 0, count: 65_536)
        let count = recv(descriptor, &room, room.count, 0)
        if count > 0 { received += room[0..<count] }
        return count > 0
    }

    /// What has come; nil at the end.
    func readSome() -> [UInt8]? {
        defer { received = [] }
        return received.isEmpty && !readMore() ? nil : received
    }

    /// The HTTP head of the answer; nil when there is none.
    func readHead() -> String? {
        while true {
            let text = String(decoding: received, as: UTF8.self)
            if let end = text.range(of: "\r\n\r\n") {
                let head = String(text[..<end.upperBound])
                received.removeFirst(head.utf8.count)
                return head
            }
            if !readMore() { return nil }
        }
    }

    /// The next frame; nil at the end of the stream.
    func readFrame() -> Frame? {
        while true {
            if let frame = takeFrame() { return frame }
            if !readMore() { return nil }
        }
    }

    private func takeFrame() -> Frame? {
        guard received.count >= 2 else { return nil }
        var length = Int(received[1])
        var start = 2
        if length == 126 {
            guard received.count >= 4 else { return nil }
            length = Int(received[2]) << 8 | Int(received[3])
            start = 4
        } else if length == 127 {
            guard received.count >= 10 else { return nil }
            length = received[2..<10].reduce(0) { $0 << 8 | Int($1) }
            start = 10
        }
        guard received.count >= start + length else { return nil }
        let frame = Frame(opcode: received[0] & 0x0F, payload: Array(received[start..<start + length]))
        received.removeFirst(start + length)
        return frame
    }

    /// Everything up to the end of the stream; nil when it does not end in good order.
    func readToEnd() -> [UInt8]? {
        while readMore() {}
        var byte: UInt8 = 0
        guard recv(descriptor, &byte, 1, 0) == 0 else { return nil }
        defer { received = [] }
        return received
    }

    /// Whether the stream has ended in good order, with nothing before the end.
    func readEnd() -> Bool {
        var byte: UInt8 = 0
        return received.isEmpty && recv(descriptor, &byte, 1, 0) == 0
    }

    /// Whether the connection is over in any way, with nothing before that.
    func readEndOrReset() -> Bool {
        var byte: UInt8 = 0
        let count = recv(descriptor, &byte, 1, 0)
        return received.isEmpty && (count == 0 || (count < 0 && errno == ECONNRESET))
    }
}

extension String {
    /// Where `needle` first occurs.
    fileprivate func range(of needle: String) -> Range<String.Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(needle) { return start..<index(start, offsetBy: needle.count) }
            start = index(after: start)
        }
        return nil
    }
}
