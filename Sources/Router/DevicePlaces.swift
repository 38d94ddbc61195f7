// Where each listed device lives: its backend, and what that backend calls it.
// Must not know features or names; the device table does.

import Buttplug

/// Both ways between indices and backends' handles. Lookups only, never walked.
struct DevicePlaces {
    struct Place: Hashable {
        var backend: Int
        var handle: BackendDevice
    }

    private var byIndex: [Place?] = []
    private var byPlace: [Place: UInt32] = [:]
    /// Devices there are now.
    var count: Int { byPlace.count }

    func index(of place: Place) -> UInt32? { byPlace[place] }

    func place(of index: UInt32) -> Place? { Int(index) < byIndex.count ? byIndex[Int(index)] : nil }

    mutating func insert(_ place: Place, at index: UInt32) {
        while byIndex.count <= Int(index) { byIndex.append(nil) }
        byIndex[Int(index)] = place
        byPlace[place] = index
    }

    mutating func remove(at index: UInt32) {
        guard let place = place(of: index) else { return }
        byIndex[Int(index)] = nil
        byPlace[place] = nil
    }
}
