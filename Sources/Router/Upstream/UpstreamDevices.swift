// An upstream's devices: the index it gives each, and the handle the router knows it by.
// Must not know messages or sessions.

import Buttplug

/// Both ways between an upstream's indices and handles. A handle belongs to one device for ever, over reconnects too: to the index and
/// the name the upstream gives it.
struct UpstreamDevices {
    private struct Entry {
        let index: UInt32
        let handle: BackendDevice
        let description: DeviceDescription
    }

    /// Begins every identity: "upstream:ws://127.0.0.1:12345".
    private let prefix: String
    /// Identities the router gives indices to, at most: more are those of an upstream gone mad.
    private let identitiesMax: Int
    /// Those it has given indices to, in earlier runs too.
    private var identities: Set<String>
    /// Devices of the last list were left out.
    private(set) var isOverfull = false
    /// In ascending order of index.
    private var present: [Entry] = []
    /// By handle; nil while the device is away.
    private var indices: [UInt32?] = []
    private var handles: [String: BackendDevice] = [:]

    /// - Parameter known: The router's memory of indices.
    init(prefix: String, known: IndexTable, max: Int) {
        self.prefix = prefix
        identitiesMax = max
        identities = Set(known.entries.lazy.map(\.identity).filter { $0.hasPrefix(prefix + ":") })
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

    /// Takes a whole list, in ascending order of index. Says who left and who came; one that changed does both. Returns who left.
    mutating func replace(with list: [DeviceInfo], into events: inout [BackendEvent]) -> [BackendDevice] {
        isOverfull = false
        var stayed: [Entry] = []
        var fresh: [DeviceInfo] = []
        var gone: [BackendDevice] = []
        var place = 0
        var last: UInt32?
        for info in list where info.index != last {
            last = info.index
            while place < present.count, present[place].index < info.index {
                gone.append(present[place].handle)
                place += 1
            }
            if place < present.count, present[place].index == info.index {
                if present[place].description == info.description {
                    stayed.append(present[place])
                } else {
                    gone.append(present[place].handle)
                    fresh.append(info)
                }
                place += 1
            } else {
                fresh.append(info)
            }
        }
        while place < present.count {
            gone.append(present[place].handle)
            place += 1
        }
        for handle in gone {
            indices[Int(handle)] = nil
            events.append(.disappeared(handle))
        }
        present = stayed
        for info in fresh { appear(info, into: &events) }
        present.sort { $0.index < $1.index }
        return gone
    }

    private mutating func appear(_ info: DeviceInfo, into events: inout [BackendEvent]) {
        var description = info.description
        description.identity = "\(prefix):\(info.index):\(description.name)"
        let handle = handles[description.identity] ?? BackendDevice(indices.count)
        if Int(handle) == indices.count {
            if !identities.contains(description.identity) {
                guard identities.count < identitiesMax else {
                    isOverfull = true
                    return
                }
                identities.insert(description.identity)
            }
            handles[description.identity] = handle
            indices.append(nil)
        }
        indices[Int(handle)] = info.index
        present.append(Entry(index: info.index, handle: handle, description: info.description))
        events.append(.appeared(handle, description))
    }
}
