// The rim of devices that dial us: owns their links, and sends each what a turn had for it in one call at the turn's end.
// Must not decide anything; `SocketsCore` does.

import Host

final class SocketRim: BinaryLinkOwner, TransportRim {
    private struct Row {
        let wire: WireID
        let link: any BinaryLink
        var isCongested = false
    }

    private unowned let backend: HardwareBackend<SocketsCore>
    private var rows: [Row] = []
    private var wires: UInt32 = 0
    /// What the turn has for the links, and the links it ends.
    private var messages = MessageBuffer(capacity: 4_096)
    private var queued: [(wire: WireID, start: Int, end: Int)] = []
    private var closing: [(wire: WireID, reason: CloseReason)] = []
    private var isOver = false

    init(_ backend: HardwareBackend<SocketsCore>) { self.backend = backend }

    // MARK: The owner of links

    func refusal(of peer: Peer) -> CloseReason? {
        if isOver { return .routerEnding }
        return backend.withTransport { $0.hasRoom } ? nil : .tooManySessions
    }

    func opened(_ link: any Link, from peer: Peer, at now: Instant) -> LinkID {
        guard let link = link as? any BinaryLink else { preconditionFailure("this host's links carry no binary messages") }
        wires += 1
        let wire = WireID(wires)
        rows.append(Row(wire: wire, link: link))
        backend.opened(wire, at: now)
        return LinkID(slot: wires, generation: 0)
    }

    func received(_ text: RawSpan, from id: LinkID, at now: Instant) {
        guard place(WireID(id.slot)) != nil else { return }
        backend.receivedText(text, from: WireID(id.slot), at: now)
    }

    func receivedBinary(_ bytes: RawSpan, from id: LinkID, at now: Instant) {
        guard place(WireID(id.slot)) != nil else { return }
        backend.received(bytes, from: WireID(id.slot), at: now)
    }

    func congested(_ id: LinkID) { if let row = place(WireID(id.slot)) { rows[row].isCongested = true } }

    func drained(_ id: LinkID, at now: Instant) {
        guard let row = place(WireID(id.slot)) else { return }
        rows[row].isCongested = false
        backend.drained(WireID(id.slot), at: now)
    }

    func closed(_ id: LinkID, _ reason: CloseReason, at now: Instant) {
        guard let row = place(WireID(id.slot)) else { return }
        rows.remove(at: row)
        backend.closed(WireID(id.slot), .ended, at: now)
    }

    private func place(_ wire: WireID) -> Int? { rows.firstIndex { $0.wire == wire } }

    // MARK: The rim

    func flush(_ effects: inout TransportEffects, at now: Instant) {
        effects.sendRuns { wire, bytes in
            guard let row = place(wire), !rows[row].isCongested else { return false }
            let start = messages.begin()
            messages.room(bytes.count).copyMemory(from: bytes.baseAddress ?? UnsafeRawPointer(bitPattern: 1)!, byteCount: bytes.count)
            messages.advance(bytes.count)
            messages.end(start)
            queued.append((wire, start, messages.count))
            return true
        }
        for wire in effects.closes { closing.append((wire, .kicked)) }
        closing.append(contentsOf: effects.refusals)
    }

    func letter(_ packet: [UInt8], to wire: WireID) -> (bytes: [UInt8], descriptor: Int32)? {
        place(wire).flatMap { rows[$0].link.letter(packet) }
    }

    func turnEnded(at now: Instant) {
        if !queued.isEmpty { send() }
        guard !closing.isEmpty else { return }
        let round = closing
        closing.removeAll(keepingCapacity: true)
        for (wire, reason) in round {
            guard let row = place(wire) else { continue }
            rows.remove(at: row).link.close(reason)
        }
    }

    /// One call for each link.
    private func send() {
        let round = queued
        queued.removeAll(keepingCapacity: true)
        for row in rows {
            let runs = round.filter { $0.wire == row.wire }.map { messages.run($0.start, $0.end) }
            if !runs.isEmpty { runs.withUnsafeBufferPointer { row.link.sendBinary($0) } }
        }
        messages.reset()
    }

    func stop(keeping kept: [WireID], at now: Instant) {
        isOver = true
        // Devices were let go because the router ends.
        closing = closing.map { (wire: $0.wire, reason: CloseReason.routerEnding) }
        turnEnded(at: now)
        for row in rows { row.link.close(.routerEnding) }
        rows = []
    }
}
