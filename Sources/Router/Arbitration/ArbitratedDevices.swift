// The devices as the arbiter sees them: which lanes belong to which, who drives them, and when each may be written next.
// Must not know what a lane wants.

import Buttplug
import Host

/// A row in the table of arbitrated devices.
struct DeviceRow: Hashable {
    var index: Int32
}

/// A device as the arbiter sees it.
struct ArbitratedDevice {
    /// The index that clients see.
    var index: UInt32
    var name: String
    var displayName: String?
    /// Where its writes go.
    var backend: UInt32
    var handle: BackendDevice
    /// The least time between two writes; urgent zeros do not wait for it. The device's own gap (`keptGapMilliseconds`), else the one
    /// that clients are told; both are in its `DeviceDescription`.
    var gap: Interval
    /// Its lanes, one per feature in order.
    var lanes: Range<Int>
    /// Whether feature n is lane n.
    var isDense: Bool
    var isPresent = true
    /// Whether a gap that is over lets all lanes write.
    var gathersWrites: Bool
    var traffic = DeviceTraffic()
    /// When the next write that keeps the gap may go.
    var nextWriteAt = Instant.zero

    init(_ info: DeviceInfo, backend: UInt32, handle: BackendDevice, lanes: Range<Int>) {
        index = info.index
        name = info.description.name
        displayName = info.description.displayName
        self.backend = backend
        self.handle = handle
        gap = .milliseconds(Int64(info.description.writeGapMilliseconds))
        self.lanes = lanes
        gathersWrites = info.description.gathersWrites
        isDense = info.description.features.enumerated().allSatisfy { $0.offset == Int($0.element.index) }
    }
}

/// All devices that were there at any time, by row.
struct ArbitratedDevices: ~Copyable {
    private var rows = Slab<ArbitratedDevice>(capacity: 4)
    /// How long answers to writes took, by row, and those of more than a minute ago, of all.
    private var latencies = Slab<RecentHistogram>(capacity: 4)
    private var olderLatencies = Histogram()
    /// Writes that devices refused, and that nobody answered in time.
    private(set) var refused: UInt64 = 0
    private(set) var unanswered: UInt64 = 0
    /// Device index → row, or -1.
    private var rowOfIndex: ContiguousArray<Int32> = []
    /// Ranges of lanes that no device has any more.
    private var spareLanes: [Range<Int>] = []

    var indices: Range<Int> { rows.indices }

    subscript(row: DeviceRow) -> ArbitratedDevice {
        @inline(__always) get { rows[Int(row.index)] }
    }
    subscript(row: Int) -> ArbitratedDevice {
        @inline(__always) get { rows[row] }
    }

    /// The row of a device that is there.
    @inline(__always)
    func row(of index: UInt32) -> DeviceRow? {
        guard Int(index) < rowOfIndex.count else { return nil }
        let row = rowOfIndex[Int(index)]
        return row >= 0 && rows[Int(row)].isPresent ? DeviceRow(index: row) : nil
    }

    /// The lanes of a device, one for each feature.
    @inline(__always)
    func lanes(of row: DeviceRow) -> Range<Int> { rows[Int(row.index)].lanes }

    @inline(__always)
    func isDense(_ row: DeviceRow) -> Bool { rows[Int(row.index)].isDense }

    /// The row that a device has or gets. `lanes` are those it had, if they still fit its features.
    mutating func assignRow(to info: DeviceInfo) -> (row: DeviceRow, lanes: Range<Int>?) {
        let index = Int(info.index)
        while rowOfIndex.count <= index { rowOfIndex.append(-1) }
        let known = rowOfIndex[index]
        guard known >= 0 else {
            rowOfIndex[index] = Int32(rows.count)
            return (DeviceRow(index: rowOfIndex[index]), nil)
        }
        let lanes = rows[Int(known)].lanes
        if lanes.count == info.description.features.count { return (DeviceRow(index: known), lanes) }
        spareLanes.append(lanes)
        return (DeviceRow(index: known), nil)
    }

    /// Lanes that another device has left, if some are as many.
    mutating func takeSpareLanes(count: Int) -> Range<Int>? {
        spareLanes.firstIndex { $0.count == count }.map { spareLanes.remove(at: $0) }
    }

    /// The device is there.
    mutating func set(_ device: ArbitratedDevice, at row: DeviceRow) {
        guard Int(row.index) == rows.count else { return rows[Int(row.index)] = device }
        rows.append(device)
        latencies.append(RecentHistogram())
    }

    mutating func left(_ row: DeviceRow) { rows[Int(row.index)].isPresent = false }

    /// A write has left: the gap begins.
    @inline(__always)
    mutating func written(_ row: DeviceRow, at now: Instant) {
        rows[Int(row.index)].nextWriteAt = now + rows[Int(row.index)].gap
        rows[Int(row.index)].traffic.writes &+= 1
    }

    /// A device has answered a write, with success or not.
    @inline(__always)
    mutating func answered(_ row: DeviceRow, after latency: Interval, at now: Instant) {
        latencies[Int(row.index)].add(latency, at: now, older: &olderLatencies)
    }

    mutating func refused(_ row: DeviceRow) {
        refused &+= 1
        rows[Int(row.index)].traffic.failures &+= 1
    }

    /// Nobody answered a write in time.
    mutating func unanswered(_ row: DeviceRow) {
        unanswered &+= 1
        rows[Int(row.index)].traffic.failures &+= 1
    }

    /// How long the answers of the last minute took.
    func lastMinute(of row: DeviceRow, at now: Instant) -> Histogram { latencies[Int(row.index)].lastMinute(at: now) }

    /// Differs when that may differ.
    func lastMinuteMark(of row: DeviceRow, at now: Instant) -> RecentHistogram.Mark { latencies[Int(row.index)].mark(at: now) }

    /// How long all answers of all devices took.
    var allLatencies: Histogram {
        var all = olderLatencies
        for row in latencies.indices { all.add(latencies[row].kept) }
        return all
    }

    /// The write for a device's backend.
    @inline(__always)
    func makeWrite(_ next: NextWrite, to row: DeviceRow, feature: UInt32, ticket: UInt32) -> DeviceWrite {
        let at = Int(row.index)
        return DeviceWrite(
            to: DeviceTarget(backend: rows[at].backend, device: rows[at].handle, deviceIndex: rows[at].index, feature: feature),
            type: next.type,
            value: next.value, duration: next.duration, ticket: ticket, session: next.session)
    }

    @inline(__always)
    func gap(of row: DeviceRow) -> Interval { rows[Int(row.index)].gap }
    func gathersWrites(_ row: DeviceRow) -> Bool { rows[Int(row.index)].gathersWrites }
    func nextWrite(to row: DeviceRow) -> Instant { rows[Int(row.index)].nextWriteAt }
}
