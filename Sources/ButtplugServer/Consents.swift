// Clients that wait to be let in, as an application with a server of its own is asked, and its answers (`[[rule]] admit = "ask"`).
// Must not know how it asks its user.

import Host
import Router

extension ButtplugServer {
    /// Those that wait, the longest first. Names in it are what the clients have chosen: plain text.
    public var consents: [ConsentSnapshot] { runner.outline.consents }

    /// Answers one that waits. False when it does not: it has been answered, has left or has waited for too long.
    public func answer(_ id: LinkID, _ answer: ConsentAnswer) -> Bool { runner.answerConsent(id, answer) }

    /// What was answered for good, the oldest first; part of `state`.
    public var rememberedConsents: [RememberedConsent] { runner.rememberedConsents }

    /// Forgets it: all of them are asked about again. Sessions live on.
    public func forgetConsents() { runner.forgetConsents() }
}

/// Tells the application of each client that begins to wait.
final class ConsentCalls: RouterObserver {
    var onAsked: ((ConsentSnapshot) -> Void)?
    private unowned let runner: RouterRunner

    init(_ runner: RouterRunner) { self.runner = runner }

    let wantsWinners = false

    func happened(_ event: RouterEvent, at now: Instant) {
        // It may have left within the turn.
        guard case .consentAsked(let id, _, _) = event, let onAsked, let waiting = runner.outline.consents.first(where: { $0.id == id })
        else { return }
        onAsked(waiting)
    }
}
