// Whether a connected device has what a protocol needs of it.
// Must not know how it was found, nor who asks.

/// What a device has, or lacks, of a protocol's services.
enum ServiceFit: Hashable, Sendable {
    case fits([EndpointFacts])
    /// The service, or the characteristic, that is not there.
    case lacks(UUID128)
}

extension ProtocolFacts {
    /// A protocol fits when one of its services is there as a whole: most know several generations of their devices. It has to be one that the
    /// device is driven by: nearly every device has a battery, and says what it is. Then everything counts that is there of the others.
    /// - Parameter has: Whether there is such a service, and in it such a characteristic; nil asks for the service alone.
    func fit(_ has: (_ service: UUID128, _ characteristic: UUID128?) -> Bool) -> ServiceFit {
        var (found, isWhole) = ([EndpointFacts](), false)
        var missing = (services.first(where: isDriven) ?? services.first)?.service ?? UUID128(assigned: 0)
        for one in services where has(one.service, nil) {
            let present = one.endpoints.filter { has(one.service, $0.characteristic) }
            if present.count == one.endpoints.count, isDriven(by: one) { isWhole = true }
            if let lost = one.endpoints.first(where: { !has(one.service, $0.characteristic) }) { missing = lost.characteristic }
            found += present.filter { new in !found.contains { $0.endpoint == new.endpoint } }
        }
        return isWhole ? .fits(found) : .lacks(missing)
    }

    /// Whether the device is driven by this service: it has `tx`. Where none has, it is written; where none is, it says more than its battery.
    private func isDriven(by service: ServiceFacts) -> Bool {
        if services.contains(where: { $0.has { $0 == .tx } }) { return service.has { $0 == .tx } }
        if services.contains(where: { $0.has(\.isWritten) }) { return service.has(\.isWritten) }
        return service.has { $0 != .rxblebattery }
    }
}

extension ServiceFacts {
    fileprivate func has(_ isWanted: (DeviceEndpoint) -> Bool) -> Bool { endpoints.contains { isWanted($0.endpoint) } }
}
