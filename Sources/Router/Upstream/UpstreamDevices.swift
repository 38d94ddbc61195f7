// An upstream's devices: the index it gives each, and the handle the router knows it by.
// Must not know messages or sessions, nor which device is which: `UpstreamIdentities` says.

import Buttplug

/// Both ways between an upstream's indices and handles. A handle belongs to one device permanently, over reconnects too.
struct UpstreamDevices {
    private struct Entry {
        let index: UInt32
        let handle: BackendDevice
        let description: DeviceDescription
    }

    /// What the operator set for the devices of this upstream.
    private let gapMilliseconds: UInt32
    private let keepsNumbers: Bool
    private var identities: UpstreamIdentities
    /// Devices of the last list were left out.
    private(set) var isOverfull = false
    /// In ascending order of index.
    private var present: [Entry] = []
    /// By handle; nil while the device is away.
    private var indices: [UInt32?] = []
    /// Devices that went with a connection and have not come back.
    private var missing: Set<BackendDevice> = []

    /// Whether devices that went with a connection are not back.
    var missesSome: Bool { !missing.isEmpty }

    /// They are not waited for any longer.
    mutating func giveUpMissing() { missing.removeAll() }

    /// - Parameter known: The router's memory of indices.
    init(prefix: String, known: IndexTable, max: Int, gapMilliseconds: UInt32 = 0, keepsNumbers: Bool = false) {
        self.gapMilliseconds = gapMilliseconds
        self.keepsNumbers = keepsNumbers
        identities = UpstreamIdentities(prefix: prefix, known: known, max: max)
    }

    /// The upstream's index of a device, while it is there.
    @inline(__always)
    func index(of handle: BackendDevice) -> UInt32? { Int(handle) < indices.count ? indices[Int(handle)] : nil }

    /// The device at an upstream's index.
    func handle(at index: UInt32) -> BackendDevice? {
        var low = 0
        var high = present.count
        while low < high {
            let middle = (low + high) / 2
            if present[middle].index < index { low = middle + 1 } else { high = middle }
        }
        return low < present.count && present[low].index == index ? present[low].handle : nil
    }

    /// The connection is lost, and every device with it. The next one may count them in another way.
    mutating func lost(into events: inout [BackendEvent]) {
        missing.formUnion(replace(with: [], into: &events))
        identities.connectionEnded()
    }

    /// Takes a whole list, in ascending order of index. Says who left and who came; one that changed does both. Returns who left.
    mutating func replace(with list: [DeviceInfo], into events: inout [BackendEvent]) -> [BackendDevice] {
        isOverfull = false
        var stayed: [Entry] = []
        var fresh: [DeviceInfo] = []
        var gone: [BackendDevice] = []
        var index = 0
        var last: UInt32?
        for info in list where info.index != last {
            last = info.index
            while index < present.count, present[index].index < info.index {
                gone.append(present[index].handle)
                index += 1
            }
            if index < present.count, present[index].index == info.index {
                if present[index].description == info.description {
                    stayed.append(present[index])
                } else {
                    gone.append(present[index].handle)
                    fresh.append(info)
                }
                index += 1
            } else {
                fresh.append(info)
            }
        }
        while index < present.count {
            gone.append(present[index].handle)
            index += 1
        }
        for handle in gone {
            indices[Int(handle)] = nil
            events.append(.disappeared(handle))
        }
        identities.leave(gone)
        present = stayed
        if !fresh.isEmpty { appear(fresh, beside: stayed.map(\.description), into: &events) }
        present.sort { $0.index < $1.index }
        return gone
    }

    private mutating func appear(_ fresh: [DeviceInfo], beside others: [DeviceDescription], into events: inout [BackendEvent]) {
        for (info, who) in zip(fresh, identities.recognize(fresh, beside: others)) {
            guard let who else {
                isOverfull = true
                continue
            }
            var description = info.description
            description.identity = who.identity
            description.keptGapMilliseconds = gapMilliseconds
            if keepsNumbers { description.preferredIndex = info.index }
            while indices.count <= Int(who.handle) { indices.append(nil) }
            indices[Int(who.handle)] = info.index
            missing.remove(who.handle)
            present.append(Entry(index: info.index, handle: who.handle, description: info.description))
            events.append(.appeared(who.handle, description))
        }
    }
}
