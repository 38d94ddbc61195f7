// The routes: what each path does, and what the OpenAPI document says of it.
// Must not know how a thing is done; that is in `AdminCall`.

import HTTP
import JSON

/// One method of one path.
struct Route: Sendable {
    var method: String
    /// "/v1/sessions/{id}/kick".
    var path: String
    var summary: String
    /// Query parameters: name, what it means, its JSON schema.
    var query: [(name: String, meaning: String, schema: String)] = []
    /// JSON schema of the request's body; nil when there is none.
    var body: String?
    /// Whether there must be one.
    var needsBody = false
    /// Successful answers: status, media type, JSON schema.
    var success: (status: Int, type: String, schema: String)
    /// Problems it may answer with, in addition to those that every route has.
    var problems: [Int] = []
    var access = Access.everybody
    var handle: @Sendable (AdminCall) throws(Problem) -> AdminAnswer

    /// Who may ask.
    enum Access {
        /// Everybody who reaches the interface.
        case everybody
        /// The operator: through the admin socket, or with a key from there.
        case `operator`
        /// The operator, through the admin socket.
        case socket
    }

    /// The path's parameters when the segments fit it.
    func match(_ segments: [String]) -> [String: String]? {
        let pattern = path.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        guard pattern.count == segments.count else { return nil }
        var found: [String: String] = [:]
        for (part, segment) in zip(pattern, segments) {
            if part.hasPrefix("{") {
                found[String(part.dropFirst().dropLast())] = segment
            } else if part != segment {
                return nil
            }
        }
        return found
    }

    /// Names of the path's parameters.
    var parameters: [String] { path.split(separator: "/").filter { $0.hasPrefix("{") }.map { String($0.dropFirst().dropLast()) } }

    static let paging: [(name: String, meaning: String, schema: String)] = [
        ("after", "The id or number after which the list begins.", #"{"type":"string"}"#),
        ("limit", "How many at most.", #"{"type":"integer","minimum":1,"maximum":1000}"#),
    ]

    private static func list(
        _ path: String, _ summary: String, _ schema: String, _ handle: @escaping @Sendable (AdminCall) throws(Problem) -> AdminAnswer
    ) -> Route {
        Route(
            method: "GET", path: path, summary: summary, query: paging, success: (200, "application/json", schema), problems: [400, 404],
            handle: handle)
    }

    static let all: [Route] = watching + steering + consenting + tokens

    private static let watching: [Route] = [
        Route(
            method: "GET", path: "/healthz", summary: "Whether the process is alive.", success: (200, "application/json", "Health"),
            handle: { _ in .response(.json { $0.object { $0.member("status", "ok") } }) }),
        Route(
            method: "GET", path: "/readyz", summary: "Whether clients can connect and upstreams are up.",
            success: (200, "application/json", "Health"), problems: [503], handle: { $0.ready() }),
        Route(
            method: "GET", path: "/metrics", summary: "Counters for Prometheus.", success: (200, "text/plain", "Text"),
            handle: { $0.metrics() }),
        Route(
            method: "GET", path: "/v1/openapi.json", summary: "This document.", success: (200, "application/json", "Document"),
            handle: { _ in .response(.json { $0.raw(OpenAPI.document(all)) }) }),
        Route(
            method: "GET", path: "/v1/status", summary: "The router at a glance.", success: (200, "application/json", "Status"),
            handle: { $0.status() }),
        list("/v1/sessions", "Who is connected.", "SessionList", { call throws(Problem) in try call.sessions() }),
        list("/v1/devices", "The devices.", "DeviceList", { call throws(Problem) in try call.devices() }),
        list("/v1/lanes", "Who drives what.", "LaneList", { call throws(Problem) in try call.lanes() }),
        list("/v1/upstreams", "The upstream servers of this one.", "UpstreamList", { call throws(Problem) in try call.upstreams() }),
        list(
            "/v1/consents", "Who waits to be let in, and what each would get.", "ConsentList",
            { call throws(Problem) in try call.consents() }),
        Route(
            method: "GET", path: "/v1/remembered-consents", summary: "What was answered for good, by name and token.",
            success: (200, "application/json", "RememberedConsentList"), handle: { $0.rememberedConsents() }),
        Route(
            method: "GET", path: "/v1/rules", summary: "The rules in force.", success: (200, "application/json", "RuleList"),
            handle: { $0.rules() }),
        Route(
            method: "GET", path: "/v1/config", summary: "The configuration in force, as TOML.", success: (200, "text/plain", "Text"),
            handle: { $0.configuration() }),
        Route(
            method: "GET", path: "/v1/events", summary: "Server-sent events: a snapshot, then every change.",
            query: [("levels", "How often a second written values are told as well.", #"{"type":"integer","minimum":1,"maximum":30}"#)],
            success: (200, "text/event-stream", "Text"), problems: [400], handle: { call throws(Problem) in try call.events() }),
    ]

    private static let steering: [Route] = [
        Route(
            method: "POST", path: "/v1/stop", summary: "Raises the emergency stop: every output goes to zero and stays there.",
            body: "Nothing",
            success: (200, "application/json", "Stop"), handle: { $0.stop(true) }),
        Route(
            method: "DELETE", path: "/v1/stop", summary: "Clears the emergency stop. Nothing starts by that.",
            success: (200, "application/json", "Stop"), handle: { $0.stop(false) }),
        Route(
            method: "POST", path: "/v1/sessions/{id}/kick", summary: "Ends a session; its outputs go to zero.", body: "Nothing",
            success: (200, "application/json", "SessionID"), problems: [404], handle: { call throws(Problem) in try call.kick() }),
        Route(
            method: "POST", path: "/v1/sessions/{id}/mute", summary: "A muted session drives nothing; it gets Ok.", body: "Nothing",
            success: (200, "application/json", "Session"), problems: [404], handle: { call throws(Problem) in try call.mute(true) }),
        Route(
            method: "POST", path: "/v1/sessions/{id}/unmute", summary: "Lets a muted session drive again, by its next command.",
            body: "Nothing",
            success: (200, "application/json", "Session"), problems: [404], handle: { call throws(Problem) in try call.mute(false) }),
        Route(
            method: "PATCH", path: "/v1/sessions/{id}", summary: "Changes a session's rights until it ends.", body: "SessionPatch",
            success: (200, "application/json", "Session"), problems: [400, 404, 422], handle: { call throws(Problem) in try call.patch() }),
        Route(
            method: "POST", path: "/v1/devices/{index}/stop", summary: "Stops one device for everybody, and keeps them off it for a while.",
            body: "Nothing", success: (200, "application/json", "DeviceIndex"), problems: [404],
            handle: { call throws(Problem) in try call.stopDevice() }),
        Route(
            method: "POST", path: "/v1/scan", summary: "Scans for devices, for ten seconds or for the given time.", body: "ScanRequest",
            success: (202, "application/json", "Scan"), problems: [400, 422], handle: { call throws(Problem) in try call.scan() }),
        Route(
            method: "DELETE", path: "/v1/scan", summary: "Withdraws the request for a scan; others' requests stay.",
            success: (200, "application/json", "Scan"), handle: { $0.endScan() }),
        Route(
            method: "POST", path: "/v1/reload", summary: "Reads the configuration again; a bad one changes nothing.", body: "Nothing",
            success: (200, "application/json", "Reload"), problems: [422], handle: { $0.reload() }),
    ]

    private static let consenting: [Route] = [
        Route(
            method: "POST", path: "/v1/consents/{id}",
            summary: "Lets a client in that waits, or not; once, or always for its name and token.",
            body: "ConsentAnswer", needsBody: true, success: (200, "application/json", "ConsentAnswered"), problems: [400, 404, 422],
            handle: { call throws(Problem) in try call.answerConsent() }),
        Route(
            method: "DELETE", path: "/v1/remembered-consents", summary: "Forgets what was answered for good. Sessions live on.",
            success: (200, "application/json", "RememberedConsentList"), handle: { $0.forgetConsents() }),
    ]
}
