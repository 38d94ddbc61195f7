// Keeps routers out of rings: this server among its own upstreams, and routers that front this one.
// Must not know how a link is made or ended; an upstream does that.

import Host
import Router

/// Looks at the names of clients: those of routers hold their identity, and one that only this server's upstreams are told is its own.
final class LoopAvoidance: RouterObserver {
    private let identity: RouterIdentity
    private let upstreams: [UpstreamBackend]
    /// Sessions of routers that front this one.
    private var routersInFront: [(session: LinkID, router: RouterIdentity)] = []
    /// One of the upstreams is this server itself; it is left alone from now on.
    var onUpstreamIsSelf: ((Endpoint) -> Void)?
    /// Asks for a turn, in which the upstreams act.
    private let wake: () -> Void

    init(_ identity: RouterIdentity, _ upstreams: [UpstreamBackend], wake: @escaping () -> Void) {
        self.identity = identity
        self.upstreams = upstreams
        self.wake = wake
    }

    let wantsWinners = false

    func happened(_ event: RouterEvent, at now: Instant) {
        switch event {
        case .handshaken(let id, let client, _, _): handshaken(id, client)
        case .sessionClosed(let id, _): closed(id)
        default: break
        }
    }

    /// Another router may be one that this one fronts; of the two the one with the greater identity yields.
    private func handshaken(_ session: LinkID, _ client: String) {
        if let router = RouterIdentity(clientName: client), router < identity {
            routersInFront.append((session, router))
            avoid()
        }
        for upstream in upstreams where upstream.clientName == client {
            upstream.leave()
            onUpstreamIsSelf?(upstream.endpoint)
        }
    }

    private func closed(_ session: LinkID) {
        guard routersInFront.contains(where: { $0.session == session }) else { return }
        routersInFront.removeAll { $0.session == session }
        avoid()
    }

    private func avoid() {
        for upstream in upstreams { upstream.avoid(routersInFront.map(\.router)) }
        wake()
    }
}
