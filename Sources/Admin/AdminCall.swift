// One request that has found its route: reads its parameters, asks or controls the router, writes the answer.
// Must not know paths or methods.

import Buttplug
import Host
import HTTP
import JSON
import Router

/// A request, and what it is about.
struct AdminCall {
    let service: AdminService
    let request: HTTPRequest
    /// Of the path.
    let parameters: [String: String]

    private var target: any AdminTarget { service.target }

    // MARK: Watching

    func status() -> AdminAnswer {
        .response(.json { $0.status(target.summary, target, rate: service.rate.perSecond) })
    }

    func ready() -> AdminAnswer {
        var reasons: [String] = []
        if target.listeners.isEmpty { reasons.append("no client can connect: nothing listens") }
        if target.summary.isEnding { reasons.append("the router is ending") }
        for upstream in target.upstreams where upstream.state != .connected {
            reasons.append("upstream \(upstream.address) is \(upstream.state.rawValue)")
        }
        return .response(
            .json(reasons.isEmpty ? 200 : 503) {
                $0.object {
                    $0.member("status", reasons.isEmpty ? "ready" : "not ready")
                    if !reasons.isEmpty { $0.member("reasons") { $0.array { for reason in reasons { $0.value(reason) } } } }
                }
            })
    }

    func metrics() -> AdminAnswer {
        let text = Metrics.text(target.snapshot, target)
        return .response(HTTPResponse(200, type: "text/plain; version=0.0.4; charset=utf-8", body: Array(text.utf8)))
    }

    func sessions() throws(Problem) -> AdminAnswer {
        let now = target.now
        return try list("sessions", target.snapshot.sessions, { SessionName.text($0.id) }) { $0.session($1, at: now) }
    }

    func devices() throws(Problem) -> AdminAnswer {
        let backends = target.backends
        return try list("devices", target.snapshot.devices, { "\($0.info.index)" }) { $0.device($1, backend: backends.name($1.backend)) }
    }

    func lanes() throws(Problem) -> AdminAnswer {
        let now = target.now
        return try list("lanes", target.snapshot.lanes, { "\($0.device).\($0.feature)" }) { $0.lane($1, at: now) }
    }

    func upstreams() throws(Problem) -> AdminAnswer { try list("upstreams", target.upstreams, { $0.address }) { $0.upstream($1) } }

    func list<Element>(
        _ name: String, _ all: [Element], _ key: (Element) -> String, _ write: (inout JSONText, Element) -> Void
    ) throws(Problem) -> AdminAnswer {
        var rest = all[...]
        if let after = request.parameter("after") {
            guard let index = all.firstIndex(where: { key($0) == after }) else {
                throw Problem(404, "after: there is no \(after) in this list any more")
            }
            rest = all[(index + 1)...]
        }
        var limit: Int64 = 1_000
        if let text = request.parameter("limit") {
            guard let number = Self.number(text), (1...1_000).contains(number) else { throw Problem(400, "limit: a number from 1 to 1000") }
            limit = number
        }
        let page = rest.prefix(Int(limit))
        return .response(
            .json {
                $0.object {
                    $0.member(named: name) { text in text.array { text in for element in page { write(&text, element) } } }
                    $0.member("next", page.count < rest.count ? page.last.map(key) : nil)
                }
            })
    }

    func rules() -> AdminAnswer {
        .response(.json { $0.object { $0.member("rules") { $0.array { for rule in target.rules { $0.value(rule) } } } } })
    }

    func configuration() -> AdminAnswer {
        .response(HTTPResponse(200, type: "text/plain; charset=utf-8", body: Array(target.configuration.utf8)))
    }

    func events() throws(Problem) -> AdminAnswer {
        var levels: Interval?
        if let text = request.parameter("levels") {
            guard let number = Self.number(text), (1...30).contains(number) else { throw Problem(400, "levels: a number from 1 to 30") }
            levels = Interval.milliseconds(1_000 / number)
        }
        var response = HTTPResponse(200, type: "text/event-stream")
        response.add("Cache-Control", "no-store")
        response.isStream = true
        let state = EventFeed.needsRounds(target) ? target.outline : target.snapshot
        response.body = EventFeed.snapshot(state, target, rate: service.rate.perSecond)
        return .events(response, levels: levels)
    }

    // MARK: Control

    func stop(_ isRaised: Bool) -> AdminAnswer {
        if isRaised { target.raiseEmergencyStop() } else { target.clearEmergencyStop() }
        return .response(.json { $0.object { $0.member("emergency_stop", isRaised) } })
    }

    func kick() throws(Problem) -> AdminAnswer {
        let session = try self.session()
        target.kick(session.id)
        return .response(.json { $0.object { $0.member("id", SessionName.text(session.id)) } })
    }

    func mute(_ isMuted: Bool) throws(Problem) -> AdminAnswer {
        var patch = SessionPatch()
        patch.mute = isMuted
        return try apply(patch)
    }

    func patch() throws(Problem) -> AdminAnswer {
        let members = try body()
        var patch = SessionPatch()
        for member in members {
            switch member.key {
            case "priority":
                guard let priority = member.value.integer(UInt8.self), priority <= 200 else { throw Problem(422, "priority: 0 to 200") }
                patch.priority = priority
            case "gain": patch.gain = try fraction(member)
            case "cap": patch.cap = try fraction(member)
            case "role":
                guard let role = member.value.string.flatMap({ Role(rawValue: $0) }) else {
                    throw Problem(422, "role: \"controller\" or \"observer\"")
                }
                patch.role = role
            case "mute":
                guard case .bool(let isMuted) = member.value else { throw Problem(422, "mute: true or false") }
                patch.mute = isMuted
            default: throw Problem(422, "\(member.key): not one of priority, gain, cap, role, mute")
            }
        }
        return try apply(patch)
    }

    private func fraction(_ member: JSONTree.Member) throws(Problem) -> Fraction {
        guard let number = member.value.number, (0...1).contains(number) else { throw Problem(422, "\(member.key): 0 to 1") }
        return Fraction(number)
    }

    private func apply(_ patch: SessionPatch) throws(Problem) -> AdminAnswer {
        let session = try self.session()
        guard target.patch(session.id, patch), let changed = target.session(session.id) else {
            throw Problem(409, "session \(SessionName.text(session.id)) has not introduced itself yet")
        }
        let now = target.now
        return .response(.json { $0.session(changed, at: now) })
    }

    func stopDevice() throws(Problem) -> AdminAnswer {
        let text = parameters["index"] ?? ""
        guard let index = UInt32(text), "\(index)" == text, target.stopDevice(index) else {
            throw Problem(404, "there is no device \(text)")
        }
        return .response(.json { $0.object { $0.member("index", index) } })
    }

    func scan() throws(Problem) -> AdminAnswer {
        var interval = Interval.seconds(10)
        for member in try body() {
            guard member.key == "for", let wanted = member.value.string.flatMap(Self.interval) else {
                throw Problem(422, #""for" is a time from 1s to 10m, as in {"for":"10s"}"#)
            }
            interval = wanted
        }
        service.scan(for: interval)
        return .response(.json(202) { $0.object { $0.member("scanning", true) } })
    }

    /// "10s", "2m": one second to ten minutes.
    private static func interval(_ text: String) -> Interval? {
        guard let unit = text.last, let number = number(text.dropLast()), number > 0 else { return nil }
        let seconds: Int64
        switch unit {
        case "s": seconds = number
        case "m": seconds = number.multipliedReportingOverflow(by: 60).overflow ? .max : number * 60
        default: return nil
        }
        return seconds <= 600 ? .seconds(seconds) : nil
    }

    func endScan() -> AdminAnswer {
        service.scan(for: nil)
        return .response(.json { $0.object { $0.member("scanning", target.summary.isScanning) } })
    }

    func reload() -> AdminAnswer {
        service.later { answer in
            target.reload { outcome in
                switch outcome {
                case .applied(let later):
                    answer(.json { $0.object { $0.member("needs_restart") { $0.array { for key in later { $0.value(key) } } } } })
                case .refused(let problems): answer(.problem(422, problems.joined(separator: "; ")))
                }
            }
        }
    }

    // MARK: Parts

    private func session() throws(Problem) -> SessionSnapshot {
        let text = parameters["id"] ?? ""
        guard let session = SessionName.parse(text).flatMap({ target.session($0) }) else {
            throw Problem(404, "there is no session \(text)")
        }
        return session
    }

    /// A number as it is usually written: "+5" and "05" are none.
    private static func number(_ text: some StringProtocol) -> Int64? { Int64(text).flatMap { "\($0)" == text ? $0 : nil } }

    /// The members of the body, which is an object or nothing.
    func body() throws(Problem) -> [JSONTree.Member] {
        if request.body.isEmpty { return [] }
        guard let tree = JSONTree(request.body), case .object(let members) = tree else {
            throw Problem(400, "the body is not a JSON object")
        }
        return members
    }
}
