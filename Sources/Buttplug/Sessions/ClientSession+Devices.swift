// What a session knows of the server's devices: whole lists, and the single arrivals and departures of version 3 folded into one.
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
        guard let place = address(index) else { return }
        devices.remove(at: place)
        addresses.remove(at: place)
    }

    private mutating func learn(_ device: ClientDeviceV3) {
        let place = devices.place(of: device.info.index)
        if place < devices.count, devices[place].index == device.info.index {
            devices[place] = device.info
            addresses[place] = device.address
        } else {
            devices.insert(device.info, at: place)
            addresses.insert(device.address, at: place)
        }
    }
}
