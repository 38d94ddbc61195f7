// The rim of a transport that opens wires: it owns them, by the numbers that the core gave.
// Must not decide anything.

import Host

final class WireRim: TransportRim {
    private let opener: any WireOpener
    private unowned let owner: any WireOwner
    @exclusivity(unchecked) private var wires: [(id: WireID, wire: any Wire)] = []

    init(_ opener: any WireOpener, owner: any WireOwner) {
        self.opener = opener
        self.owner = owner
    }

    func flush(_ effects: inout TransportEffects, at now: Instant) {
        for open in effects.opens { wires.append((open.wire, opener.open(open.address, as: open.wire, for: owner))) }
        effects.sendRuns { id, bytes in wire(id)?.send(bytes) ?? false }
        for id in effects.closes {
            wire(id)?.close()
            forget(id)
        }
    }

    func letter(_ packet: [UInt8], to wire: WireID) -> (bytes: [UInt8], descriptor: Int32)? {
        guard let descriptor = self.wire(wire)?.descriptor, descriptor >= 0 else { return nil }
        return (packet, descriptor)
    }

    private func wire(_ id: WireID) -> (any Wire)? {
        for row in wires where row.id == id { return row.wire }
        return nil
    }

    /// The wire has ended.
    func forget(_ id: WireID) { wires.removeAll { $0.id == id } }

    func stop(keeping kept: [WireID], at now: Instant) {
        for row in wires where !kept.contains(row.id) { row.wire.close() }
        wires.removeAll { !kept.contains($0.id) }
    }
}
