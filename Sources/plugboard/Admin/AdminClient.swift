// Asks a running router through its admin interface, as the commands do.
// Must not know what is asked.

import Host
import JSON
import Platform
import UV

/// An answer of the admin interface.
struct AdminReply {
    var status: Int
    var body: [UInt8]
    /// Where it came from.
    var address: AdminClient.Address

    var json: JSONTree? { JSONTree(body) }

    /// What to do about an answer with this status, where the command line can do something.
    static func hint(_ status: Int) -> String {
        status == 401 ? "; name the file that has the operator's token with --token-file" : ""
    }
}

/// Why a router cannot be asked.
enum AdminTrouble: Error, Hashable {
    /// Nobody answers at any of these addresses.
    case notThere([String])
    case refused(String, String)
    /// The router there is another user's.
    case forbidden(String)
    case brokenOff(String)

    var words: String {
        switch self {
        case .notThere(let addresses):
            "no router answers at \(addresses.joined(separator: " or ")): start one with `plugboard serve`, or name another with --socket or --url"
        case .refused(let address, let reason): "\(address): \(reason)"
        case .forbidden(let address):
            "\(address): the router there is another user's: ask as that user, with sudo perhaps, or with --url http://127.0.0.1:12380"
        case .brokenOff(let address): "\(address): the connection broke off"
        }
    }
}

/// An open event stream.
final class EventStream {
    var socket: LocalSocket { line.socket }
    let address: AdminClient.Address
    private let line: AdminLine
    private var rest: [UInt8] = []
    private var isBody = false
    private var name = ""

    init(_ line: AdminLine, _ address: AdminClient.Address) {
        self.line = line
        self.address = address
    }

    /// Waits for more and returns the events in it, with their data as JSON; nil when the router has ended the stream.
    func next() throws(AdminTrouble) -> [(String, JSONTree)]? {
        guard let more = try line.read() else { return nil }
        rest += more
        var events: [(String, JSONTree)] = []
        var start = 0
        while let end = rest[start...].firstIndex(of: 0x0A) {
            let line = rest[start..<end].last == 0x0D ? rest[start..<end].dropLast() : rest[start..<end]
            start = end + 1
            let text = String(decoding: line, as: UTF8.self)
            if !isBody {
                if text.hasPrefix("HTTP/"), !text.contains(" 200 ") {
                    throw .refused(
                        address.text, "the router answered \(text.dropFirst(9))" + AdminReply.hint(text.contains(" 401 ") ? 401 : 0))
                }
                isBody = text.isEmpty
            } else if text.hasPrefix("event: ") {
                name = String(text.dropFirst(7))
            } else if text.hasPrefix("data: "), let data = JSONTree(text.dropFirst(6).utf8) {
                events.append((name, data))
            }
        }
        rest.removeSubrange(..<start)
        return events
    }
}

/// Where a router's admin interface is.
struct AdminClient {
    enum Address: Hashable {
        case socket(String)
        case http(host: String, port: UInt16)
        case https(host: String, port: UInt16)

        var text: String {
            switch self {
            case .socket(let path): path
            case .http(let host, let port): "http://\(Endpoint.bracketed(host)):\(port)"
            case .https(let host, let port): "https://\(Endpoint.bracketed(host)):\(port)"
            }
        }

        /// What the `Host` field says. Without TLS it is the same computer, whose name in an address need not be one that the router knows.
        fileprivate var host: String {
            guard case .https(let host, let port) = self else { return "localhost" }
            return "\(Endpoint.bracketed(host)):\(port)"
        }
    }

    let addresses: [Address]
    /// How long each step may take.
    var seconds = 10
    /// For addresses with TLS.
    var credentials = AdminCredentials()

    /// The usual addresses, the likeliest first.
    static func usual(_ environment: [String: String]) -> AdminClient {
        var all: [Address] = []
        for path in AdminAddress.usualPaths(environment) { all.append(.socket(path)) }
        all.append(.socket("/run/plugboard/admin.sock"))
        all.append(.http(host: "127.0.0.1", port: 12_380))
        return AdminClient(addresses: all)
    }

    /// One request with its whole answer.
    func request(_ method: String, _ path: String, body: String? = nil) throws(AdminTrouble) -> AdminReply {
        let (line, address) = try connect()
        try send(method, path, body, to: line, address)
        var bytes: [UInt8] = []
        while let more = try line.read() { bytes += more }
        guard let reply = Self.parse(bytes, from: address) else { throw .brokenOff(address.text) }
        return reply
    }

    /// The event stream.
    /// - Parameter levels: How often a second written values are sent as well; nil: never.
    func openEvents(levels: Int?) throws(AdminTrouble) -> EventStream {
        let (line, address) = try connect()
        try send("GET", "/v1/events" + (levels.map { "?levels=\($0)" } ?? ""), nil, to: line, address)
        // It says at least every fifteen seconds that it is alive.
        line.socket.setTimeout(60)
        return EventStream(line, address)
    }

    /// Whether a router answers at one of the addresses and has its apps on this port.
    func hasRouter(on port: UInt16) -> Bool {
        addresses.contains { address in
            let one = AdminClient(addresses: [address], seconds: 1)
            let listeners = (try? one.request("GET", "/v1/status"))?.json?["listeners"]?.elements ?? []
            return listeners.contains { $0.string?.hasSuffix(":\(port)") == true }
        }
    }

    // MARK: Parts

    private func connect() throws(AdminTrouble) -> (AdminLine, Address) {
        for address in addresses {
            guard let socket = try open(address) else { continue }
            let line = AdminLine(socket, address.text)
            if case .https(let host, _) = address { try line.secure(credentials.context(), host: host) }
            return (line, address)
        }
        throw .notThere(addresses.map(\.text))
    }

    /// nil when nobody answers there.
    private func open(_ address: Address) throws(AdminTrouble) -> LocalSocket? {
        do throws(UVError) {
            switch address {
            case .socket(let path): return try LocalSocket(path: path, seconds: seconds)
            case .http(let host, let port), .https(let host, let port): return try LocalSocket(host: host, port: port, seconds: seconds)
            }
        } catch {
            if error.isPermissionDenied { throw .forbidden(address.text) }
            return nil
        }
    }

    private func send(_ method: String, _ path: String, _ body: String?, to line: AdminLine, _ address: Address) throws(AdminTrouble) {
        var head = "\(method) \(path) HTTP/1.1\r\nHost: \(address.host)\r\nConnection: close\r\n"
        if case .https = address { head += try credentials.field() }
        if let body { head += "Content-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n" }
        try line.write(head + "\r\n" + (body ?? ""))
    }

    /// The status and body of a whole answer.
    private static func parse(_ bytes: [UInt8], from address: Address) -> AdminReply? {
        let end = Array("\r\n\r\n".utf8)
        guard let head = bytes.indices.first(where: { bytes[$0...].starts(with: end) }) else { return nil }
        let words = String(decoding: bytes[..<head], as: UTF8.self).split(separator: " ")
        guard words.count > 1, let status = Int(words[1]) else { return nil }
        return AdminReply(status: status, body: Array(bytes[(head + 4)...]), address: address)
    }
}
