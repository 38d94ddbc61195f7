// What a link makes of its peer's greetings and messages.
// Must not know the records of a message: it only says whether they count.

import Host

extension ClusterLink {
    /// A greeting came.
    public mutating func received(_ hello: LinkHello, at now: Instant) {
        guard state != .left, now >= quietUntil else { return }
        guard let version = agreed(hello) else { return tellIncompatible(hello) }
        let knowsUs = hello.echo == nonce
        guard state == .up, let peer else {
            self.peer = Peer(hello: hello)
            if knowsUs { connect(version, hello.capabilities, at: now) }
            return self.hello()
        }
        if peer.isSame(hello) {
            // It has not got our nonce yet.
            if !knowsUs { self.hello() }
        } else if knowsUs {
            // It has begun again, and lives: our nonce is of this try.
            lose(.renewed, at: now)
            self.peer = Peer(hello: hello)
            self.hello()
        } else {
            // Old, or new and alive: it may show which. An old message cannot end a link.
            self.hello(echo: hello.nonce)
        }
    }

    /// A numbered message came.
    /// - Returns: Whether its records count. Effects come first.
    public mutating func received(_ header: LinkHeader, at now: Instant) -> Bool {
        guard state != .left, header.nonce == nonce else {
            ignoredCount += 1
            return false
        }
        if state == .greeting {
            guard let peer, now >= quietUntil, let version = agreed(peer.hello) else { return false }
            connect(version, peer.hello.capabilities, at: now)
        }
        guard header.sequence > taken else {
            ignoredCount += 1
            return false
        }
        guard header.sequence == taken + 1 else {
            lose(.gap, at: now)
            return false
        }
        guard header.version == version, header.ack <= sent.last else {
            lose(.malformed, at: now)
            return false
        }
        // It was alive when it received that, which was not before we sent it.
        if header.ack >= sent.first { freshUntil = max(freshUntil, sent[header.ack].at + settings.lostAfter) }
        guard now <= freshUntil else {
            lose(.stale, at: now)
            return false
        }
        if header.ack > sent.first { sent.acknowledge(header.ack) }
        taken = header.sequence
        return true
    }

    /// The highest version that both can use.
    private func agreed(_ hello: LinkHello) -> UInt8? {
        let version = min(hello.highest, settings.versions.upperBound)
        return version >= max(hello.lowest, settings.versions.lowerBound) ? version : nil
    }
}
