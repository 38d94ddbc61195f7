// An operator who is asked about clients: lets some in, refuses some, lets others wait until their time is over, answers for sessions that
// are gone. Must not touch the router but by requests.

import Admin
import Host
import HTTP
import JSON
import Router
import SimHost

/// Looks every few seconds who waits.
final class SimulatedConsents: SimActor {
    private let host: SimHost
    private let monitor: Monitor
    private let target: SimulatedAdmin
    private let service: AdminService
    private var random: SimRandom
    private var attachment: SimActorID?

    init(_ host: SimHost, _ monitor: Monitor, _ runner: RouterRunner, seed: UInt64) {
        self.host = host
        self.monitor = monitor
        random = SimRandom(seed: seed)
        target = SimulatedAdmin(host, monitor, runner, asksConsent: true)
        service = AdminService(target)
        attachment = host.enlist(self)
        look(in: .seconds(1))
    }

    private func look(in span: Interval) { host.wake(attachment!, at: host.now + span, code: 0) }

    func woken(_ code: UInt32, at now: Instant) {
        monitor.now = now
        look(in: random.around(.seconds(3)))
        let waiting = target.outline.consents
        check(waiting)
        for one in waiting where random.happens(1, of: 3) {
            let answer = random.happens(2, of: 3) ? "approve" : "deny"
            send("\(one.id.slot)-\(one.id.generation)", #"{"answer":"\#(answer)","always":\#(random.happens(1, of: 4))}"#, expects: 200)
        }
        if random.happens(1, of: 6), let other = monitor.live.first(where: { $0.state != .asking }) {
            send("\(other.id.slot)-\(other.id.generation)", #"{"answer":"approve"}"#, expects: 404)
        }
        if random.happens(1, of: 400) { target.forgetConsents() }
    }

    /// Everybody who waits is shown, with what the rule would grant, and nobody else is.
    private func check(_ waiting: [ConsentSnapshot]) {
        let shown = waiting.map(\.id.slot).sorted()
        let known = monitor.asking.map(\.id.slot).sorted()
        monitor.check(.consent, shown == known, "\(known) wait to be let in, and the operator is shown \(shown)")
        for one in waiting {
            guard let session = monitor.session(one.id) else { continue }
            let rule = monitor.settings.rules.rule(client: session.name, peer: session.peer)
            monitor.check(.consent, one.grant == rule && one.client == session.name, "#\(session.number) is shown as \(one)")
        }
        let remembered = target.rememberedConsents.count
        monitor.check(.queues, remembered <= monitor.settings.limits.rememberedConsents, "\(remembered) answers are remembered")
    }

    private func send(_ id: String, _ body: String, expects status: Int) {
        monitor.note("operator: consent \(id) \(body)")
        var request = HTTPRequest("POST", "/v1/consents/\(id)")
        request.body = Array(body.utf8)
        request.fields = [HTTPRequest.Field(name: "content-type", value: "application/json")]
        guard case .response(let response) = service.answer(request, from: AdminOrigin(isUnix: true)) else {
            return monitor.check(.steered, false, "an answer for \(id) was not taken at once")
        }
        monitor.check(.steered, response.status == status, "an answer for \(id) was answered \(response.status)")
    }
}
