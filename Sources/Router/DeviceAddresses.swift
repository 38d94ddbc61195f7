// Where each listed device is: its backend, and what that backend calls it.
// Must not know features or names; the device table does.

import Buttplug

/// Both ways between indices and backends' handles. Lookups only, never iterated.
struct DeviceAddresses {
    struct Address: Hashable {
        var backend: Int
        var handle: BackendDevice
    }

    private var byIndex: [Address?] = []
    private var byAddress: [Address: UInt32] = [:]
    /// Devices there are now.
    var count: Int { byAddress.count }

    func index(of address: Address) -> UInt32? { byAddress[address] }

    func address(of index: UInt32) -> Address? { Int(index) < byIndex.count ? byIndex[Int(index)] : nil }

    mutating func insert(_ address: Address, at index: UInt32) {
        while byIndex.count <= Int(index) { byIndex.append(nil) }
        byIndex[Int(index)] = address
        byAddress[address] = index
    }

    mutating func remove(at index: UInt32) {
        guard let address = address(of: index) else { return }
        byIndex[Int(index)] = nil
        byAddress[address] = nil
    }
}
