// Whether a connected device has what a protocol needs of it.
// Must not know how it was found, nor who asks.

/// What a device has, or lacks, of a protocol's services.
enum ServiceFit: Hashable, Sendable {
    case fits([EndpointFacts])
    /// The service, or the characteristic, that is not there.
    case lacks(UUID128)
}

extension ProtocolFacts {
    /// A protocol fits when one of its services is there as a whole: most know several generations of their devices. Then everything counts
    /// that is there of the others.
    /// - Parameter has: Whether there is such a service, and in it such a characteristic; nil asks for the service alone.
    func fit(_ has: (_ service: UUID128, _ characteristic: UUID128?) -> Bool) -> ServiceFit {
        var (found, isWhole) = ([EndpointFacts](), false)
        var missing = services.first?.service ?? UUID128(assigned: 0)
        for one in services where has(one.service, nil) {
            let present = one.endpoints.filter { has(one.service, $0.characteristic) }
            // Nearly every device has a battery.
            if present.count == one.endpoints.count, present.contains(where: { $0.endpoint != .rxblebattery }) { isWhole = true }
            if let lost = one.endpoints.first(where: { !has(one.service, $0.characteristic) }) { missing = lost.characteristic }
            found += present.filter { new in !found.contains { $0.endpoint == new.endpoint } }
        }
        return isWhole ? .fits(found) : .lacks(missing)
    }
}
