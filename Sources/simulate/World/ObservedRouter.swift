// Stands between the links and the router's runner and shows the monitor both directions.
// Must not change anything that passes.

import Buttplug
import Host
import Router
import SimHost

/// The owner that links know; everything goes on to the runner.
final class ObservedRouter: LinkOwner, TurnOwner {
    let monitor: Monitor
    let host: SimHost
    /// Set once, before the first link.
    var runner: RouterRunner!
    /// Whose connection opens next: the host opens links one at a time, each with the peer's origin naming its session.
    var arriving: (Peer) -> SessionModel?
    /// Set where something is asked of clients before they are let in.
    var entry: (any Entry)?
    /// Set where the clients are the product's own: what they ask is read off the wire, and told here too.
    var observe: ((SimulatedRequest, SessionModel) -> Void)?
    private var pingedOut: Set<UInt32> = []
    private var complaints: [SessionModel] = []
    private var isAttached = false

    init(_ monitor: Monitor, _ host: SimHost, arriving: @escaping (Peer) -> SessionModel? = { _ in nil }) {
        self.monitor = monitor
        self.host = host
        self.arriving = arriving
    }

    func refusal(of peer: Peer) -> CloseReason? {
        guard let entry else { return runner.refusal(of: peer) }
        guard let admitted = entry.admit(peer) else { return .policyViolation }
        return runner.refusal(of: admitted)
    }

    func opened(_ link: any Link, from peer: Peer, at now: Instant) -> LinkID {
        monitor.now = now
        let session = arriving(peer)!
        let peer = entry?.admit(peer) ?? peer
        entry?.opened(peer)
        session.peer = peer
        session.link = link as? SimLink
        let observed = ObservedLink(link, session, monitor, host)
        let id = runner.opened(observed, from: peer, at: now)
        monitor.opened(session, id)
        return id
    }

    func received(_ text: RawSpan, from id: LinkID, at now: Instant) {
        monitor.now = now
        if let session = monitor.session(id) {
            if pingedOut.contains(session.number) { return complain(to: session) }
            if let observe {
                read(text, from: session).map { observe($0, session) }
            } else if let frame = session.nextFrame() {
                monitor.arrived(frame, from: session)
            }
        }
        runner.received(text, from: id, at: now)
    }

    /// The session is told that it has missed its pings, now and whenever it says something, as the reference server does; nothing that it
    /// asks is carried out any more, and its link stays open.
    func pingOut(_ session: SessionModel) {
        monitor.note("#\(session.number) is pinged out")
        pingedOut.insert(session.number)
        complain(to: session)
        host.at(host.now) {}
    }

    /// Leaves the host: its runner has.
    func detach() { host.detach(self) }

    private func complain(to session: SessionModel) {
        if !isAttached { _ = host.attach(self) }
        isAttached = true
        if !complaints.contains(where: { $0 === session }) { complaints.append(session) }
    }

    private func read(_ text: RawSpan, from session: SessionModel) -> SimulatedRequest? {
        guard let (request, version) = text.withUnsafeBytes({ RequestReader.read($0) }) else {
            let words = text.withUnsafeBytes { String(decoding: $0.prefix(200), as: UTF8.self) }
            monitor.check(.seam, false, "#\(session.number) asks what the product does not ask: \(words)")
            return nil
        }
        if case .handshake(let name) = request.kind { session.greets(as: name, in: version) }
        monitor.arrived([request], from: session)
        return request
    }

    func congested(_ id: LinkID) {
        monitor.session(id)?.isCongested = true
        runner.congested(id)
    }

    func drained(_ id: LinkID, at now: Instant) {
        monitor.now = now
        if let session = monitor.session(id) {
            session.isCongested = false
            monitor.listsChanged = true
        }
        runner.drained(id, at: now)
    }

    func closed(_ id: LinkID, _ reason: CloseReason, at now: Instant) {
        monitor.now = now
        if let session = monitor.session(id) { monitor.ended(session, reason, byRouter: false) }
        runner.closed(id, reason, at: now)
    }

    func turnEnded(at now: Instant) {
        guard !complaints.isEmpty else { return }
        var later: [SessionModel] = []
        for session in complaints where session.state != .ended {
            // The router has sent to it in this turn: the next one will do.
            guard session.link?.hasSentInTurn != true else {
                later.append(session)
                host.at(now + .milliseconds(1)) {}
                continue
            }
            var buffer = MessageBuffer(capacity: 256)
            ServerSession.error(0, .pingedOut, into: &buffer)
            withUnsafePointer(to: buffer.run(0, buffer.count)) { session.link?.send(UnsafeBufferPointer(start: $0, count: 1)) }
        }
        complaints = later
    }

    func deadlinePassed(at now: Instant) {}
}

/// A link whose messages are read before they leave.
final class ObservedLink: Link {
    private let link: any Link
    private let session: SessionModel
    private unowned let monitor: Monitor
    private unowned let host: SimHost

    init(_ link: any Link, _ session: SessionModel, _ monitor: Monitor, _ host: SimHost) {
        self.link = link
        self.session = session
        self.monitor = monitor
        self.host = host
    }

    func send(_ runs: UnsafeBufferPointer<MessageRun>) {
        monitor.now = host.now
        for run in runs {
            run.forEach { _, payload, length in
                monitor.replied(UnsafeRawBufferPointer(rebasing: run.bytes[payload..<payload + length]), to: session)
            }
        }
        link.send(runs)
    }

    func close(_ reason: CloseReason) {
        monitor.now = host.now
        monitor.ended(session, reason, byRouter: true)
        link.close(reason)
    }
}
