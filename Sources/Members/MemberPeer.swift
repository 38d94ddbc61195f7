// What a member knows of one other: the link, what is queued on it, what it has told, and what it was told.
// Must not know the router nor the bus.

import Buttplug
import Cluster
import Host
import Router

/// A device that another member has told of.
struct ForeignDevice {
    var handle: BackendDevice
    var description: DeviceDescription
    /// In which telling it was told last; one that was not told in the newest is gone when that has ended.
    var telling: UInt64
}

final class MemberPeer {
    let name: String
    let number: MemberNumber
    var link: ClusterLink
    var writer = RecordWriter()
    /// Whole messages that are to be published before the next one.
    var sealed: [[UInt8]] = []
    var incarnation: UInt64 = 0
    /// When the last message left that asks the bus to tell when nobody listens.
    var askedAt = Instant.zero

    // As entry:
    /// By the index that its home knows it by.
    var devices: [UInt32: ForeignDevice] = [:]
    /// Which telling it is: another one after each loss of the link.
    var telling: UInt64 = 0
    /// Since the link is lost: until then the devices stay listed.
    var devicesEnd = Instant.never
    /// Own sessions that the peer knows, and the rights it knows.
    var introduced: [UInt32: Rights] = [:]

    // As home:
    /// Sessions of the peer that have been announced.
    var guests: Set<UInt32> = []
    /// Orders in the present second.
    var secondBegan = Instant.zero
    var ordersInSecond = 0

    init(_ name: String, number: MemberNumber, _ settings: ClusterLink.Settings, seed: UInt64) {
        (self.name, self.number) = (name, number)
        link = ClusterLink(settings, seed: seed)
    }

    /// Queues a record. False when the link is not up, or the record is longer than a message may be.
    @discardableResult
    func put(at now: Instant, _ record: (inout RecordWriter) -> Int) -> Bool {
        guard link.state == .up else { return false }
        var bytes = record(&writer)
        if bytes == 0 {
            seal(at: now)
            guard link.state == .up else { return false }
            bytes = record(&writer)
        }
        return bytes > 0 && link.queue(bytes: bytes)
    }

    /// The message is full: it is to leave before the next.
    private func seal(at now: Instant) {
        if !writer.isEmpty, let header = link.flush(at: now) { sealed.append(Array(writer.sealed(header))) }
        writer.reset()
    }

    /// Nothing of what was queued leaves.
    func drop() {
        writer.reset()
        sealed = []
        introduced = [:]
        guests = []
    }

    /// Counts an order; false when there are too many.
    func admitsOrder(_ limit: Int, at now: Instant) -> Bool {
        if now - secondBegan >= .seconds(1) { (secondBegan, ordersInSecond) = (now, 0) }
        ordersInSecond += 1
        return ordersInSecond <= limit
    }
}
