// How many connections from an address have shown no token that counts, and which addresses are refused for a while.
// Must not know sockets or tokens. The number of addresses it remembers is bounded: the one that was quiet for longest is forgotten.

import Host
import WebSocket

extension AddressGroup {
    /// Whether only this computer has the address, so that all its programs share it.
    public static func isOwn(_ address: String) -> Bool { PeerLocality.isOwn(address) }
}

/// The failures of the last minute by address.
public struct FailureTable: Sendable {
    private struct Entry {
        var group: AddressGroup
        /// When the last ones came, the oldest first; fewer than `failuresMax`.
        var times: [Instant] = []
        var refusedUntil = Instant.zero
        var newer: Int32 = -1
        var older: Int32 = -1
    }

    /// So many within `window` are the end for `pause`.
    public static let failuresMax = 10
    public static let window = Interval.seconds(60)
    public static let pause = Interval.seconds(60)

    private let entriesMax: Int
    private var indices: [AddressGroup: Int32] = [:]
    private var entries: [Entry] = []
    private var newest: Int32 = -1
    private var oldest: Int32 = -1

    /// Addresses that are remembered at once: a megabyte at most.
    public static let usualEntriesMax = 4_096

    public init(entriesMax: Int = usualEntriesMax) { self.entriesMax = max(1, entriesMax) }

    /// Addresses that are remembered.
    public var count: Int { entries.count }

    /// Until when an address is refused; nil when it is not.
    public func refusal(of group: AddressGroup, at now: Instant) -> Instant? {
        guard !entries.isEmpty, let index = indices[group] else { return nil }
        let until = entries[Int(index)].refusedUntil
        return until > now ? until : nil
    }

    /// A connection from there showed no token that counts. Returns whether the address is refused from now on. While it is refused already
    /// nothing is counted, so that the pause has an end.
    public mutating func failed(_ group: AddressGroup, at now: Instant) -> Bool {
        let index = Int(touch(group))
        guard entries[index].refusedUntil <= now else { return false }
        entries[index].times.removeAll { now - $0 >= Self.window }
        guard entries[index].times.count + 1 >= Self.failuresMax else {
            entries[index].times.append(now)
            return false
        }
        entries[index].times = []
        entries[index].refusedUntil = now + Self.pause
        return true
    }

    // MARK: The order

    /// The entry of an address, which becomes the newest.
    private mutating func touch(_ group: AddressGroup) -> Int32 {
        if let index = indices[group] {
            unlink(index)
            return link(index)
        }
        let index: Int32
        if entries.count < entriesMax {
            index = Int32(entries.count)
            entries.append(Entry(group: group))
        } else {
            index = oldest
            unlink(index)
            indices[entries[Int(index)].group] = nil
            entries[Int(index)] = Entry(group: group)
        }
        indices[group] = index
        return link(index)
    }

    private mutating func unlink(_ index: Int32) {
        let (newer, older) = (entries[Int(index)].newer, entries[Int(index)].older)
        if newer >= 0 { entries[Int(newer)].older = older } else { newest = older }
        if older >= 0 { entries[Int(older)].newer = newer } else { oldest = newer }
    }

    private mutating func link(_ index: Int32) -> Int32 {
        entries[Int(index)].newer = -1
        entries[Int(index)].older = newest
        if newest >= 0 { entries[Int(newest)].newer = index }
        newest = index
        if oldest < 0 { oldest = index }
        return index
    }
}
