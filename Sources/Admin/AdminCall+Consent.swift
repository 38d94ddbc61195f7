// Who waits to be let in, and the operator's answers.
// Must not know paths or methods. Names from outside are written as JSON texts and nothing else.

import Host
import HTTP
import JSON
import Router

extension AdminCall {
    func consents() throws(Problem) -> AdminAnswer {
        let now = service.target.now
        return try list("consents", service.target.outline.consents, { SessionName.text($0.id) }) { $0.consent($1, at: now) }
    }

    func rememberedConsents() -> AdminAnswer {
        let all = service.target.rememberedConsents
        return .response(
            .json {
                $0.object {
                    $0.member("remembered") { text in text.array { text in for one in all { text.remembered(one) } } }
                }
            })
    }

    func forgetConsents() -> AdminAnswer {
        service.target.forgetConsents()
        return rememberedConsents()
    }

    func answerConsent() throws(Problem) -> AdminAnswer {
        var isGiven: Bool?
        var isRemembered = false
        for member in try body() {
            switch (member.key, member.value) {
            case ("answer", .string("approve")): isGiven = true
            case ("answer", .string("deny")): isGiven = false
            case ("answer", _): throw Problem(422, #"answer: "approve" or "deny""#)
            case ("always", .bool(let isAlways)): isRemembered = isAlways
            case ("always", _): throw Problem(422, "always: true or false")
            default: throw Problem(422, "\(member.key): not one of answer, always")
            }
        }
        guard let isGiven else { throw Problem(422, #"send {"answer":"approve"} or {"answer":"deny"}"#) }
        let text = parameters["id"] ?? ""
        let answer = ConsentAnswer(isGiven: isGiven, isRemembered: isRemembered)
        guard let id = SessionName.parse(text), service.target.answerConsent(id, answer) else {
            throw Problem(404, "no session \(text) waits for consent")
        }
        return .response(
            .json {
                $0.object {
                    $0.member("id", SessionName.text(id))
                    $0.member("answer", isGiven ? "approve" : "deny")
                    $0.member("always", isRemembered)
                }
            })
    }
}

extension JSONText {
    mutating func consent(_ consent: ConsentSnapshot, at now: Instant) {
        let rights = consent.grant.rights
        object {
            $0.member("id", SessionName.text(consent.id))
            $0.member("client", consent.client)
            $0.member("version", consent.version.rawValue)
            $0.member("address", consent.peer.address)
            $0.member("local", consent.peer.isLocal)
            $0.member("listener", consent.peer.listener)
            $0.member("origin", consent.peer.origin)
            $0.member("token", consent.peer.token)
            $0.member("asked", (now - consent.askedAt).seconds)
            $0.member("left", max(0, (consent.until - now).seconds))
            $0.member("rule") { if let rule = consent.rule { $0.value(rule) } else { $0.null() } }
            $0.member("role", rights.role.rawValue)
            $0.member("priority", rights.priority)
            $0.member("gain", rights.gain.value)
            $0.member("cap", rights.cap.value)
            $0.member("mute", rights.mute)
            $0.member("stop_scope", rights.stopScope.rawValue)
            $0.member("rate_limit") { if let rate = consent.grant.rateLimit { $0.value(rate) } else { $0.null() } }
            $0.member("devices_allow") { if let allow = consent.grant.devices.allow { $0.patterns(allow) } else { $0.null() } }
            $0.member("devices_deny") { $0.patterns(consent.grant.devices.deny) }
        }
    }

    private mutating func patterns(_ patterns: [Glob]) { array { for pattern in patterns { $0.value(pattern.pattern) } } }

    mutating func remembered(_ consent: RememberedConsent) {
        object {
            $0.member("client", consent.client)
            $0.member("token", consent.token)
            $0.member("answer", consent.isGiven ? "approve" : "deny")
        }
    }
}
