// A connection inside one host: two links whose messages are handed over in the next turn.
// Must not know what the messages say. Nothing is framed, and nothing can be slow: both ends run in the same turns.

import Host

/// Both ends of a connection between two owners of the same host.
final class EmbeddedPair: TurnOwner, ConnectionAttempt {
    /// One end, as its owner uses it.
    private final class End: Link {
        let pair: EmbeddedPair
        let isServer: Bool
        /// What waits for this end's owner.
        var waiting: [[UInt8]] = []
        var id: LinkID?
        /// Set when the other end has closed: said when what waits has been delivered.
        var ending: CloseReason?

        init(_ pair: EmbeddedPair, isServer: Bool) {
            self.pair = pair
            self.isServer = isServer
        }

        func send(_ runs: UnsafeBufferPointer<MessageRun>) { pair.send(runs, from: self) }
        func close(_ reason: CloseReason) { pair.close(reason, from: self) }
    }

    private let client: any DialOwner
    private let server: any LinkOwner
    private let world: any ClientWorld
    private var alarm: (any Alarm)?
    private var serverEnd: End?
    private var clientEnd: End?
    private var isOpen = false

    /// A pair that opens in the next turn.
    init(client: any DialOwner, server: any LinkOwner, in world: any ClientWorld) {
        self.client = client
        self.server = server
        self.world = world
        serverEnd = End(self, isServer: true)
        clientEnd = End(self, isServer: false)
        alarm = world.host.attach(self)
        wake()
    }

    func end() {
        guard !isOpen else { return }
        leave()
    }

    // MARK: The turn

    func deadlinePassed(at now: Instant) {
        guard let clientEnd, let serverEnd else { return }
        guard isOpen else { return open(clientEnd, serverEnd, at: now) }
        deliver(to: serverEnd, server, at: now)
        deliver(to: clientEnd, client, at: now)
    }

    private func open(_ clientEnd: End, _ serverEnd: End, at now: Instant) {
        let peer = Peer(address: "embedded", listener: "embedded")
        if server.refusal(of: peer) != nil {
            leave()
            return client.dialFailed(.refused, at: now)
        }
        isOpen = true
        serverEnd.id = server.opened(serverEnd, from: peer, at: now)
        clientEnd.id = client.opened(clientEnd, from: peer, at: now)
    }

    private func deliver(to end: End, _ owner: any LinkOwner, at now: Instant) {
        guard let id = end.id else { return }
        let texts = end.waiting
        end.waiting.removeAll()
        for text in texts where end.id != nil { owner.received(text.span.bytes, from: id, at: now) }
        guard let reason = end.ending, end.id != nil else { return }
        end.id = nil
        leave()
        owner.closed(id, reason, at: now)
    }

    // MARK: What the ends say

    private func send(_ runs: UnsafeBufferPointer<MessageRun>, from end: End) {
        guard end.id != nil, let other = end.isServer ? clientEnd : serverEnd, other.id != nil else { return }
        for run in runs {
            run.forEach { _, payload, length in
                other.waiting.append([UInt8](UnsafeRawBufferPointer(rebasing: run.bytes[payload..<payload + length])))
            }
        }
        wake()
    }

    private func close(_ reason: CloseReason, from end: End) {
        guard end.id != nil else { return }
        end.id = nil
        end.waiting.removeAll()
        guard let other = end.isServer ? clientEnd : serverEnd, other.id != nil else { return leave() }
        other.ending = end.isServer ? reason : .peerClosed
        wake()
    }

    private func wake() { alarm?.set(world.host.now) }

    /// Leaves the host, but not from inside one of its turns.
    private func leave() {
        alarm?.set(.never)
        alarm = nil
        clientEnd = nil
        serverEnd = nil
        nonisolated(unsafe) let pair = self
        world.post { [world] in world.host.detach(pair) }
    }
}
