// The admin interface: a request in, an answer out; the routes are a table, from which the OpenAPI document is made too.
// Must not know connections or sockets: who may reach it is decided from the connection's own facts.

import Guard
import Host
import HTTP
import JSON
import Router

/// What becomes of a request.
public enum AdminAnswer: Sendable {
    case response(HTTPResponse)
    /// The answer comes later, by `AdminService.onLater` with this number.
    case later(UInt64)
    /// A stream of events: head and first event; what follows comes from `AdminService.tick`.
    case events(HTTPResponse, levels: Interval?)
}

/// Answers requests about one router.
public final class AdminService {
    let target: any AdminTarget
    /// The page's files by path.
    private let files: [String: PageFile]
    private let routes: [Route]
    private(set) var rate = RateMeter()
    private var lastNumber: UInt64 = 0
    /// Gets answers that were not there at once.
    public var onLater: ((UInt64, HTTPResponse) -> Void)?
    private var scanEndsAt = Instant.never
    private var keys = OperatorKeys()
    /// Where a browser finds the page: "http://127.0.0.1:12380".
    public var pages: [String] = []

    public init(_ target: any AdminTarget, files: [PageFile] = []) {
        self.target = target
        self.files = Dictionary(files.map { ($0.path, $0) }, uniquingKeysWith: { $1 })
        routes = Route.all
    }

    // MARK: Requests

    public func answer(_ request: HTTPRequest, from origin: AdminOrigin) -> AdminAnswer {
        guard let segments = request.segments else { return .response(.problem(400, "the path is not valid UTF-8 with percent-encoding")) }
        if let refusal = Self.refusal(of: request) { return .response(refusal) }
        if let file = files[request.path] { return .response(file.answer(to: request)) }
        if !origin.isAllowed, request.path != "/healthz" { return .response(origin.refusal) }
        var allowed: [String] = []
        for route in routes {
            guard let parameters = route.match(segments) else { continue }
            guard route.method == request.method || (route.method == "GET" && request.method == "HEAD") else {
                allowed.append(route.method)
                continue
            }
            if let refusal = refusal(of: request, from: origin, for: route.access) { return .response(refusal) }
            do throws(Problem) {
                return try route.handle(AdminCall(service: self, request: request, parameters: parameters))
            } catch {
                return .response(.problem(error.status, error.detail))
            }
        }
        if allowed.isEmpty, files[request.path] == nil { return .response(.problem(404, "there is nothing at \(request.path)")) }
        var response = HTTPResponse.problem(405, "\(request.method) is not possible here; \(allowed.joined(separator: ", ")) is")
        response.add("Allow", (allowed.contains("GET") ? allowed + ["HEAD"] : allowed).joined(separator: ", "))
        return .response(response)
    }

    /// Every user of this computer reaches a port: who asks there shows a key that only the operator gets.
    private func refusal(of request: HTTPRequest, from origin: AdminOrigin, for access: Route.Access) -> HTTPResponse? {
        switch access {
        case .everybody: return nil
        case .operator: if origin.isOperator || keys.admits(request, at: target.now) { return nil }
        case .socket: if origin.isUnix { return nil }
        }
        return .problem(
            403,
            "this is only for the operator: open the page that `plugboard dashboard` prints, or ask through the admin socket"
                + " (admin.listen = [\"unix\"], plugboard token --socket PATH)")
    }

    /// A new key for a page.
    func addKey(_ secret: TokenSecret) { keys.add(secret, at: target.now) }

    /// A page of another origin may read nothing and change nothing: a browser says where a request comes from.
    private static func refusal(of request: HTTPRequest) -> HTTPResponse? {
        guard request.method != "GET", request.method != "HEAD" else { return nil }
        if let origin = request.field("origin"), !isOwn(origin, request) {
            return .problem(403, "a page of \(origin) may not change anything here")
        }
        let hasBody = !request.body.isEmpty
        let type = request.field("content-type")?.split(separator: ";").first.map { $0.lowercased() }
        let isJSON = type.map { $0.filter { $0 != " " } == "application/json" } ?? !hasBody
        return isJSON ? nil : .problem(415, "send application/json")
    }

    private static func isOwn(_ origin: String, _ request: HTTPRequest) -> Bool {
        guard let host = request.field("host") else { return false }
        return origin == "http://\(host)" || origin == "https://\(host)"
    }

    // MARK: Time

    /// Counts messages; called about once a second while anybody watches.
    public func measure() { rate.note(target.summary.totals.frames, at: target.now) }

    /// When the operator's scan is to end.
    public var deadline: Instant { scanEndsAt }

    public func deadlinePassed() {
        guard target.now >= scanEndsAt else { return }
        scanEndsAt = .never
        target.setOperatorScan(false)
    }

    func scan(for interval: Interval?) {
        target.setOperatorScan(interval != nil)
        scanEndsAt = interval.map { target.now + $0 } ?? .never
    }

    func later(_ body: (@escaping (HTTPResponse) -> Void) -> Void) -> AdminAnswer {
        lastNumber += 1
        let number = lastNumber
        body { [weak self] in self?.onLater?(number, $0) }
        return .later(number)
    }
}

/// Messages a second.
struct RateMeter {
    private var count: UInt64 = 0
    private var at: Instant?
    private(set) var perSecond = 0.0

    mutating func note(_ count: UInt64, at now: Instant) {
        if let at, now > at { perSecond = Double(count &- self.count) / (now - at).seconds }
        self.count = count
        at = now
    }
}

/// A request that cannot be carried out.
struct Problem: Error {
    var status: Int
    var detail: String

    init(_ status: Int, _ detail: String) {
        self.status = status
        self.detail = detail
    }
}

/// One file of the page.
public struct PageFile: Sendable {
    public var path: String
    public var type: String
    public var bytes: [UInt8]

    public init(path: String, type: String, bytes: [UInt8]) {
        self.path = path
        self.type = type
        self.bytes = bytes
    }

    func answer(to request: HTTPRequest) -> HTTPResponse {
        guard request.method == "GET" || request.method == "HEAD" else {
            var response = HTTPResponse.problem(405, "\(request.method) is not possible here; GET is")
            response.add("Allow", "GET, HEAD")
            return response
        }
        var response = HTTPResponse(200, type: type, body: bytes)
        response.add("Cache-Control", "no-cache")
        response.add("Content-Security-Policy", "default-src 'self'; connect-src 'self' ws: wss:; frame-ancestors 'none'; base-uri 'none'")
        response.add("Referrer-Policy", "no-referrer")
        return response
    }
}
