// An operator who uses the admin interface: every verb at any moment, on sessions and devices that are there, that are gone or never were.
// Must not touch the router but by requests.

import Admin
import Host
import HTTP
import JSON
import Router
import SimHost

/// Sends requests of all kinds, and lets watchers come and go.
final class SimulatedOperator: SimActor {
    enum Wake: UInt32 { case act, watch, change, tick, scan }

    private let host: SimHost
    private let monitor: Monitor
    private let target: SimulatedAdmin
    private let service: AdminService
    let watchers: SimulatedWatchers
    private var random: SimRandom
    private var attachment: SimActorID?
    private var isTicking = false
    /// Answers that are to come.
    private var awaited: Set<UInt64> = []
    var isClosing = false

    private static let actEvery = Interval.seconds(60)
    private static let watchEvery = Interval.seconds(600)

    init(
        _ host: SimHost, _ monitor: Monitor, _ runner: RouterRunner, _ rears: [ObservedUpstream] = [], asksConsent: Bool = false,
        seed: UInt64
    ) {
        self.host = host
        self.monitor = monitor
        random = SimRandom(seed: seed)
        target = SimulatedAdmin(host, monitor, runner, rears, asksConsent: asksConsent)
        service = AdminService(target)
        watchers = SimulatedWatchers(host, monitor, target, service, seed: random.next())
        attachment = host.enlist(self)
        service.onLater = { [unowned self] number, response in
            monitor.check(
                .steered, awaited.remove(number) != nil && response.status == 200, "answer \(number) came twice, or \(response.status)")
        }
        ask(.act, in: random.around(Self.actEvery))
        ask(.watch, in: random.around(Self.watchEvery))
    }

    private func ask(_ wake: Wake, in span: Interval) { host.wake(attachment!, at: host.now + span, code: wake.rawValue) }

    func woken(_ code: UInt32, at now: Instant) {
        monitor.now = now
        switch Wake(rawValue: code)! {
        case .act:
            if isClosing { return }
            // Some do several things at once.
            for _ in 0..<(random.happens(1, of: 8) ? 3 : 1) { act() }
            ask(.act, in: random.around(Self.actEvery))
        case .watch:
            if isClosing { return }
            for _ in 0..<random.within(1...4) { later(.zero ... .seconds(3)) { $0.open() } }
            for _ in 0..<3 { later(.zero ... .seconds(5)) { $0.blink() } }
            ask(.watch, in: random.around(Self.watchEvery))
        case .change:
            watchers.change()
            if watchers.count > 0 { ask(.change, in: random.around(.seconds(4))) }
        case .tick: tick()
        case .scan: service.deadlinePassed()
        }
    }

    private func later(_ span: ClosedRange<Interval>, _ body: @escaping (SimulatedOperator) -> Void) {
        host.at(host.now + random.within(span)) { [unowned self] in
            monitor.now = host.now
            body(self)
        }
    }

    private func open() {
        watchers.open()
        ask(.change, in: random.around(.seconds(10)))
        if !isTicking { tick() }
    }

    /// Something changes, somebody begins to watch, and it is as it was before anybody was told.
    private func blink() {
        guard let session = monitor.live.first(where: { $0.state == .ready && !$0.isLeaving }) else { return }
        let path = "/v1/sessions/\(session.id.slot)-\(session.id.generation)"
        let isMuted = session.rights.mute
        let isScan = random.happens(1, of: 2)
        func change(_ one: SimulatedOperator, _ isThere: Bool) {
            if isScan {
                one.send(isThere ? "POST" : "DELETE", "/v1/scan", expects: [200, 202])
            } else {
                one.send("PATCH", path, #"{"mute":\#(isThere != isMuted)}"#, expects: [200, 404, 409])
            }
        }
        change(self, false)
        later(.milliseconds(300) ... .milliseconds(400)) {
            change($0, true)
            $0.later(.zero ... .milliseconds(40)) {
                $0.open()
                $0.later(.milliseconds(1) ... .milliseconds(40)) { change($0, false) }
            }
        }
    }

    /// Lets time pass for those who watch while nothing happens.
    private func tick() {
        service.measure()
        isTicking = watchers.count > 0
        if isTicking { ask(.tick, in: EventStreams.pace) }
    }

    // MARK: Verbs

    private func act() {
        monitor.counts.operatorActions += 1
        switch random.below(24) {
        case 0: send("POST", "/v1/stop", expects: [200])
        case 1: send("DELETE", "/v1/stop", expects: [200])
        case 2...3: ofSession("kick")
        case 4...7: ofSession(random.happens(1, of: 2) ? "mute" : "unmute")
        case 8...13: ofSession(nil)
        case 14...17: stopDevice()
        case 18...19: send("POST", "/v1/scan", #"{"for":"\#(random.within(1...90))s"}"#, expects: [202])
        case 20: send("DELETE", "/v1/scan", expects: [200])
        case 21...22:
            target.variant = Int(random.below(UInt64(Rulebook.variants)))
            send("POST", "/v1/reload", expects: [])
        default: odd()
        }
        if service.deadline != .never { host.wake(attachment!, at: service.deadline, code: Wake.scan.rawValue) }
    }

    /// A verb for a session; without a verb, a patch.
    private func ofSession(_ verb: String?) {
        guard !monitor.live.isEmpty else { return }
        let session = random.pick(monitor.live)
        var path = "/v1/sessions/\(session.id.slot)-\(session.id.generation)"
        if let verb { path += "/\(verb)" }
        // One that has taken its leave, or was thrown out a moment ago, may be gone already.
        let isKick = verb == "kick"
        let expected = session.isLeaving ? [200, 404, 409] : session.state == .ready || isKick ? [200] : [409]
        let answer = send(verb == nil ? "PATCH" : "POST", path, verb == nil ? patch() : "{}", expects: expected)
        guard !isKick, answer?.status == 200, let body = answer.flatMap({ JSONTree($0.body) }) else { return }
        let rights = session.rights
        let isSaid =
            body["priority"]?.integer() == rights.priority && body["mute"] == .bool(rights.mute)
            && body["role"]?.string == rights.role.rawValue
        monitor.check(.steered, isSaid, "#\(session.number) was said to have \(body), it should have \(rights)")
    }

    private func patch() -> String {
        var members: [String] = []
        if random.happens(1, of: 2) { members.append(#""priority":\#(random.within(0...200))"#) }
        if random.happens(1, of: 3) { members.append(#""gain":\#(share())"#) }
        if random.happens(1, of: 3) { members.append(#""cap":\#(share())"#) }
        if random.happens(1, of: 5) { members.append(#""role":"\#(random.happens(1, of: 3) ? "observer" : "controller")""#) }
        if random.happens(1, of: 6) { members.append(#""mute":\#(random.happens(1, of: 2))"#) }
        return "{\(members.joined(separator: ","))}"
    }

    /// 0 and 1 are there as often as all between.
    private func share() -> String {
        switch random.below(4) {
        case 0: "0"
        case 1: "1"
        default: "0.\(String(random.within(1_000...1_999)).dropFirst())"
        }
    }

    private func stopDevice() {
        let index = random.below(UInt64(monitor.devices.count + 1))
        let isThere = monitor.device(UInt32(index)) != nil
        send("POST", "/v1/devices/\(index)/stop", "{}", expects: [isThere ? 200 : 404])
    }

    /// Requests that do nothing.
    private func odd() {
        let id = "\(random.below(60))-\(random.below(1 << 20) + 1 << 20)"
        switch random.below(5) {
        case 0: send("POST", "/v1/sessions/\(id)/kick", "{}", expects: [404])
        case 1: send("PATCH", "/v1/sessions/\(id)", #"{"cap":0}"#, expects: [404])
        case 2: send("PATCH", "/v1/sessions/\(id)", #"{"priority":201}"#, expects: [422])
        case 3: send("GET", "/v1/stop", expects: [405])
        default: send("POST", "/v1/scan", #"{"for":"1h"}"#, expects: [422])
        }
    }

    @discardableResult
    private func send(_ method: String, _ path: String, _ body: String = "", expects: [Int]) -> HTTPResponse? {
        monitor.note("operator: \(method) \(path) \(body)")
        var request = HTTPRequest(method, path)
        request.body = Array(body.utf8)
        if !body.isEmpty { request.fields = [HTTPRequest.Field(name: "content-type", value: "application/json")] }
        switch service.answer(request, from: AdminOrigin(isUnix: random.happens(1, of: 2))) {
        case .response(let response):
            monitor.check(.steered, expects.contains(response.status), "\(method) \(path) \(body) was answered \(response.status)")
            return response
        case .later(let number):
            awaited.insert(number)
            monitor.check(.steered, expects.isEmpty, "\(method) \(path) was not answered at once")
        case .events: monitor.check(.steered, false, "\(method) \(path) opened a stream")
        }
        return nil
    }

    /// Everybody has had time.
    func checkEnd() { monitor.check(.steered, awaited.isEmpty, "\(awaited.count) requests were never answered") }
}
