// Which characteristics are a protocol's endpoints, and whether a device has them.
// Must not know how a device was found, nor BlueZ.

/// One Bluetooth LE service of a protocol, and its endpoints.
struct ServiceMap: Hashable, Sendable {
    var service: UUID128
    var endpoints: [EndpointCharacteristic]

    init(_ service: UUID128, _ endpoints: [EndpointCharacteristic]) { (self.service, self.endpoints) = (service, endpoints) }
}

/// An endpoint's characteristic.
struct EndpointCharacteristic: Hashable, Sendable {
    var endpoint: DeviceEndpoint
    var characteristic: UUID128

    init(_ endpoint: DeviceEndpoint, _ characteristic: UUID128) { (self.endpoint, self.characteristic) = (endpoint, characteristic) }
}

/// The services that a protocol knows. A device has one of them, or several.
struct EndpointMap: Hashable, Sendable {
    var protocolName: String
    var services: [ServiceMap]

    /// What a device with these characteristics lacks of this map.
    enum Fit: Hashable, Sendable {
        case fits([EndpointCharacteristic])
        /// The service, or the characteristic, that is not there.
        case lacks(UUID128)
    }

    /// A map fits when one of its services is there as a whole. Then everything counts that is there of the others.
    func fit(_ has: (_ service: UUID128, _ characteristic: UUID128?) -> Bool) -> Fit {
        var (found, isWhole) = ([EndpointCharacteristic](), false)
        var missing = services.first?.service ?? UUID128(assigned: 0)
        for one in services where has(one.service, nil) {
            let present = one.endpoints.filter { has(one.service, $0.characteristic) }
            if present.count == one.endpoints.count { isWhole = true }
            if let lost = one.endpoints.first(where: { !has(one.service, $0.characteristic) }) { missing = lost.characteristic }
            found += present.filter { new in !found.contains { $0.endpoint == new.endpoint } }
        }
        return isWhole ? .fits(found) : .lacks(missing)
    }
}
