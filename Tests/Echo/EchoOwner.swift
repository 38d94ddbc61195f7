// Sends every message back unchanged, at the end of its turn.
// Must not know Buttplug; conformance suites and meters use it to check the WebSocket core.

import Host

/// An owner of links that echoes.
final class EchoOwner: BinaryLinkOwner, TurnOwner {
    /// Messages of one connection and kind, one after the other in the buffer.
    private struct Run {
        let id: LinkID
        let isBinary: Bool
        let start: Int
        var end: Int
    }

    @exclusivity(unchecked) private var buffer = MessageBuffer()
    @exclusivity(unchecked) private var runs: ContiguousArray<Run> = []
    private var links: [(link: any BinaryLink, generation: UInt32)?] = []
    private var free: [UInt32] = []
    private var generation: UInt32 = 0

    func refusal(of peer: Peer) -> CloseReason? { nil }

    func opened(_ link: any Link, from peer: Peer, at now: Instant) -> LinkID {
        guard let link = link as? any BinaryLink else { preconditionFailure("a link without binary messages") }
        generation &+= 1
        if let slot = free.popLast() {
            links[Int(slot)] = (link, generation)
            return LinkID(slot: slot, generation: generation)
        }
        links.append((link, generation))
        return LinkID(slot: UInt32(links.count - 1), generation: generation)
    }

    func received(_ text: RawSpan, from id: LinkID, at now: Instant) { keep(text, id, isBinary: false) }

    func receivedBinary(_ bytes: RawSpan, from id: LinkID, at now: Instant) { keep(bytes, id, isBinary: true) }

    @inline(__always)
    private func keep(_ message: RawSpan, _ id: LinkID, isBinary: Bool) {
        let start = buffer.begin()
        let count = message.byteCount
        message.withUnsafeBytes { bytes in
            if let base = bytes.baseAddress { buffer.room(count).copyMemory(from: base, byteCount: count) }
        }
        buffer.advance(count)
        buffer.end(start)
        let last = runs.count - 1
        if last >= 0, runs[last].id == id, runs[last].isBinary == isBinary {
            runs[last].end = buffer.count
        } else {
            runs.append(Run(id: id, isBinary: isBinary, start: start, end: buffer.count))
        }
    }

    func congested(_ id: LinkID) {}
    func drained(_ id: LinkID, at now: Instant) {}

    func closed(_ id: LinkID, _ reason: CloseReason, at now: Instant) {
        guard links[Int(id.slot)]?.generation == id.generation else { return }
        links[Int(id.slot)] = nil
        free.append(id.slot)
    }

    func turnEnded(at now: Instant) {
        guard !runs.isEmpty else { return }
        for run in runs {
            guard let (link, generation) = links[Int(run.id.slot)], generation == run.id.generation else { continue }
            let piece = buffer.run(run.start, run.end)
            withUnsafePointer(to: piece) { piece in
                let all = UnsafeBufferPointer(start: piece, count: 1)
                if run.isBinary { link.sendBinary(all) } else { link.send(all) }
            }
        }
        runs.removeAll(keepingCapacity: true)
        buffer.reset()
    }

    func deadlinePassed(at now: Instant) {}
}
