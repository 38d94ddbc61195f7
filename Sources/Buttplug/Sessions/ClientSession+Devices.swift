// What a session knows of the server's devices: whole lists, and the single additions and removals of version 3 folded into one.
// Must not know other messages.

extension ClientSession {
    /// `DeviceList` of version 4; its Id.
    mutating func readList(_ reader: inout ServerTextReader) throws(JSONProblem) -> UInt32 {
        let list = try reader.clientDeviceListV4(devicesMax: limits.devices)
        devices = list.devices
        return list.id ?? 0
    }

    /// `DeviceList` of version 3; its Id.
    mutating func readLegacyList(_ reader: inout ServerTextReader) throws(JSONProblem) -> UInt32 {
        let list = try reader.clientDeviceListV3(devicesMax: limits.devices)
        devices.removeAll()
        addresses.removeAll()
        for device in list.devices { learn(device) }
        return list.id ?? 0
    }

    /// `DeviceAdded`.
    mutating func readAdded(_ reader: inout ServerTextReader) throws(JSONProblem) {
        let device = try reader.clientDeviceV3()
        guard devices.count < limits.devices || address(device.info.index) != nil else { throw .tooManyEntries }
        learn(device)
    }

    /// `DeviceRemoved`; of an unknown device it changes nothing.
    mutating func forget(_ index: UInt32) {
        guard let position = address(index) else { return }
        devices.remove(at: position)
        addresses.remove(at: position)
    }

    private mutating func learn(_ device: ClientDeviceV3) {
        let index = devices.index(of: device.info.index)
        if index < devices.count, devices[index].index == device.info.index {
            devices[index] = device.info
            addresses[index] = device.address
        } else {
            devices.insert(device.info, at: index)
            addresses.insert(device.address, at: index)
        }
    }
}
