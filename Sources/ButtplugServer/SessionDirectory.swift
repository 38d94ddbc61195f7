// Who is connected: what is known of each session while it lives, found by its id.
// Must not know what a session does, nor who asks.

import Buttplug
import Host
import Router

/// What is known of a session.
struct SessionEntry {
    var id: LinkID
    var peer: Peer
    /// From the handshake on, or from the question whether the client is let in.
    var client: String?
    var version: SpecVersion?
}

/// The sessions there are, by slot. To be added to the router before those who ask it.
final class SessionDirectory: RouterObserver {
    private var sessions: [SessionEntry?] = []
    private var count = 0
    /// The session that ended last: an observer that is told of its end may still ask for it.
    private var ended: SessionEntry?

    let wantsWinners = false

    func happened(_ event: RouterEvent, at now: Instant) {
        switch event {
        case .sessionOpened(let id, let peer):
            while sessions.count <= Int(id.slot) { sessions.append(nil) }
            sessions[Int(id.slot)] = SessionEntry(id: id, peer: peer)
            count += 1
        case .handshaken(let id, let client, let version, _), .consentAsked(let id, let client, let version):
            sessions[Int(id.slot)]?.client = client
            sessions[Int(id.slot)]?.version = version
        case .sessionClosed(let id, _):
            ended = sessions[Int(id.slot)]
            sessions[Int(id.slot)] = nil
            count -= 1
            // The last one to go frees the table: that of ten thousand would be megabytes.
            if count == 0 { sessions = [] }
        default: break
        }
    }

    /// The session of this id, if it lives or was the last to end.
    func entry(_ id: LinkID) -> SessionEntry? {
        if let entry = entry(slot: id.slot), entry.id == id { return entry }
        return ended?.id == id ? ended : nil
    }

    /// The session that has this slot now.
    func entry(slot: UInt32) -> SessionEntry? { Int(slot) < sessions.count ? sessions[Int(slot)] : nil }

    /// All that live, by slot.
    var all: [SessionEntry] { sessions.compactMap { $0 } }
}
