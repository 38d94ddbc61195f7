// Which of an upstream's devices is which: a server may number them differently after each start, so the name decides, and the number only
// among devices that have one name.
// Must not know lists that change or connections, apart from being told when one has ended.

import Buttplug

/// Every device an upstream has shown, in earlier runs too. An identity reads "upstream:ws://127.0.0.1:12345:3:Hush": the number is
/// the one it was first seen under. A display name follows it, after a control character.
struct UpstreamIdentities {
    struct Device {
        let identity: String
        let handle: BackendDevice
    }

    private struct Record {
        let identity: String
        /// The latest it was seen under.
        var number: UInt32
        let name: String
        var displayName: String?
        /// From its first appearance in this run.
        var handle: BackendDevice?
        var isPresent = false
        /// The present connection has shown it.
        var wasShown = false
    }

    private static let displayMark: Character = "\u{1F}"
    /// With more devices of one name than this the number alone decides.
    private static let sameNameMax = 64

    private let prefix: String
    /// Identities the router gives indices to, at most: more are those of an upstream with a fault.
    private let recordsMax: Int
    private var records: [Record] = []
    private var indicesByName: [String: [Int]] = [:]
    private var byIdentity: [String: Int] = [:]
    /// The record's index by handle.
    private var byHandle: [Int] = []

    init(prefix: String, known: IndexTable, max: Int) {
        self.prefix = prefix + ":"
        recordsMax = max
        for entry in known.entries where entry.identity.hasPrefix(self.prefix) {
            let rest = entry.identity.dropFirst(self.prefix.count)
            guard let colon = rest.firstIndex(of: ":"), let number = UInt32(rest[..<colon]) else { continue }
            let names = rest[rest.index(after: colon)...].split(separator: Self.displayMark, maxSplits: 1, omittingEmptySubsequences: false)
            add(
                Record(
                    identity: entry.identity, number: number, name: String(names[0]), displayName: names.count > 1 ? String(names[1]) : nil)
            )
        }
    }

    private mutating func add(_ record: Record) {
        indicesByName[record.name, default: []].append(records.count)
        byIdentity[record.identity] = records.count
        records.append(record)
    }

    mutating func connectionEnded() {
        for index in byHandle { records[index].wasShown = false }
    }

    mutating func leave(_ handles: [BackendDevice]) {
        for handle in handles { records[byHandle[Int(handle)]].isPresent = false }
    }

    /// Who the fresh devices of a list are; nil for those that are too many. `others` are those of the list that have stayed.
    mutating func recognize(_ fresh: [DeviceInfo], beside others: [DeviceDescription]) -> [Device?] {
        var chosen = [Int?](repeating: nil, count: fresh.count)
        let names = Self.counts(fresh.map(\.description.name) + others.map(\.name))
        let labels = Self.counts(fresh.map { Self.label($0.description) } + others.map(Self.label))
        // Number and both names, then both names, then the name: the surer one first, for all devices.
        choose(&chosen, fresh) { record, info, _ in
            record.number == info.index && record.displayName == info.description.displayName
        }
        choose(&chosen, fresh) { record, info, rivals in
            guard record.displayName == info.description.displayName else { return false }
            // Under another number of this connection it is another device, unless there is no doubt.
            return !record.wasShown || (labels[Self.label(info.description)] == 1 && rivals.same == 1)
        }
        choose(&chosen, fresh) { record, info, rivals in
            let isAlone = names[info.description.name] == 1 && rivals.all == 1
            return isAlone || (record.number == info.index && (record.displayName == nil || names[info.description.name] == 1))
        }
        return fresh.indices.map { index in
            guard let record = chosen[index] ?? make(fresh[index]) else { return nil }
            return appear(record, fresh[index])
        }
    }

    /// How many records a device could be: of its name, and of its display name too.
    private struct Rivals {
        var all = 0
        var same = 0
    }

    private mutating func choose(_ chosen: inout [Int?], _ fresh: [DeviceInfo], _ accept: (Record, DeviceInfo, Rivals) -> Bool) {
        for (index, info) in fresh.enumerated() where chosen[index] == nil {
            guard let known = indicesByName[info.description.name] else { continue }
            if known.count > Self.sameNameMax {
                let identity = "\(prefix)\(info.index):\(Self.label(info.description))"
                guard let record = byIdentity[identity], !records[record].isPresent else { continue }
                chosen[index] = record
                records[record].isPresent = true
                continue
            }
            let free = known.filter { !records[$0].isPresent }
            let rivals = Rivals(all: free.count, same: free.count { records[$0].displayName == info.description.displayName })
            guard let record = free.first(where: { accept(records[$0], info, rivals) }) else { continue }
            chosen[index] = record
            records[record].isPresent = true
        }
    }

    /// A device that was never seen.
    private mutating func make(_ info: DeviceInfo) -> Int? {
        guard records.count < recordsMax else { return nil }
        let ending = ":" + Self.label(info.description)
        var number = info.index
        while byIdentity["\(prefix)\(number)\(ending)"] != nil { number &+= 1 }
        add(
            Record(
                identity: "\(prefix)\(number)\(ending)", number: info.index, name: info.description.name,
                displayName: info.description.displayName))
        return records.count - 1
    }

    private mutating func appear(_ index: Int, _ info: DeviceInfo) -> Device {
        records[index].number = info.index
        records[index].displayName = info.description.displayName
        records[index].isPresent = true
        records[index].wasShown = true
        let handle = records[index].handle ?? BackendDevice(byHandle.count)
        if Int(handle) == byHandle.count {
            byHandle.append(index)
            records[index].handle = handle
        }
        return Device(identity: records[index].identity, handle: handle)
    }

    private static func label(_ device: DeviceDescription) -> String {
        device.displayName.map { "\(device.name)\(displayMark)\($0)" } ?? device.name
    }

    private static func counts(_ texts: [String]) -> [String: Int] {
        texts.reduce(into: [:]) { $0[$1, default: 0] += 1 }
    }
}
