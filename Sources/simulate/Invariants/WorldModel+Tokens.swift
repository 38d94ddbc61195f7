// Tokens in the models: which session has shown which, and that none outlives its own by a turn.
// Must not ask the router, nor the table of tokens.

import Host
import Router

extension WorldModel {
    /// The operator takes a token back: its sessions are as good as kicked.
    func tokenRevoked(_ name: String) {
        entrance?.tokenRevoked(name)
        for session in live where session.peer.token == name {
            note("#\(session.number) loses its token \(name)")
            session.isRevoked = true
            session.isLeaving = true
            forget(session)
        }
    }

    /// A token ends then, and so do its sessions.
    func tokenEnds(_ name: String, at instant: Instant) {
        for session in live where session.peer.token == name { session.peer.tokenExpires = instant }
    }

    /// Whether its token has ended: it ends in this turn, and its link is told last.
    func isExpired(_ session: SessionModel) -> Bool { now >= session.peer.tokenExpires }

    /// At the end of a turn. Where the clock has leapt, the router first reads what has arrived: its deadlines count from the next turn on.
    func checkTokens() {
        for session in live where session.peer.token != nil {
            check(.tokens, !session.isRevoked, "#\(session.number) lives on without its token \(session.peer.token ?? "")")
            check(
                .tokens, session.peer.tokenExpires == .never || now < max(session.peer.tokenExpires, leapEnd) + Monitor.tick,
                "#\(session.number) outlives its token \(session.peer.token ?? ""), which ended at \(session.peer.tokenExpires.seconds) s")
        }
    }
}
