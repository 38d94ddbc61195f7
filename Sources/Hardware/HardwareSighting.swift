// What was found, and what it is taken for: for people who wonder why a device does not appear.
// Must not decide anything. It costs nothing while nobody looks.

import Buttplug
import Host

/// Something that was found. Said again when more is known of it.
public struct HardwareSighting: Hashable, Sendable {
    public enum State: Hashable, Sendable {
        /// Nothing that is known is like it.
        case unknown
        /// It may not be connected.
        case denied
        /// Only others may be connected.
        case notAllowed
        /// It is being tried, with the first of these protocols that fits its services.
        case tried(protocols: [String])
        /// It can be driven.
        /// - Parameter model: What the device calls itself within its protocol, where it does.
        case ready(protocolName: String, model: String?)
    }

    /// As in `DeviceDescription`.
    public var identity: String
    /// As the device gives it itself, without controls; empty when it gives none.
    public var name: String
    public var state: State

    init(identity: String, name: String, state: State) { (self.identity, self.name, self.state) = (identity, name, state) }
}

/// A backend whose devices rules are about.
protocol RuledBackend: AnyObject {
    /// Counts from a device's next connection on.
    func use(_ rules: DeviceRules)
    func watch(_ onSighting: @escaping (HardwareSighting, Instant) -> Void)
}

extension HardwareBackends {
    /// Replaces what is set for devices. A device keeps what it has until it becomes ready again; one that is connected stays.
    public func use(_ rules: DeviceRules) { for backend in backends { (backend as? any RuledBackend)?.use(rules) } }

    /// Tells of everything that is found from now on. To be called before the host runs.
    public func watch(_ onSighting: @escaping (HardwareSighting, Instant) -> Void) {
        for backend in backends { (backend as? any RuledBackend)?.watch(onSighting) }
    }
}

extension Recognition {
    /// What a candidate is taken for; nil while nobody looks.
    func sighting(of candidate: Candidate) -> HardwareSighting? {
        guard isWatched else { return nil }
        let state: HardwareSighting.State =
            switch book.leave(candidate, of: kind) {
            case _ where book.match(candidate) == nil: .unknown
            case .denied: .denied
            case .notAllowed: .notAllowed
            case .allowed: .tried(protocols: book.protocols(of: candidate))
            }
        return HardwareSighting(candidate, kind, state)
    }

    /// That a device can be driven, and as what; nil while nobody looks.
    func sighting(of device: HardwareDevice) -> HardwareSighting? {
        guard isWatched else { return nil }
        let (match, model) = (device.match, device.model)
        return HardwareSighting(
            device.candidate, kind, .ready(protocolName: match?.protocolName ?? "", model: match?.model ?? model?.identifier))
    }
}

extension HardwareSighting {
    fileprivate init(_ candidate: Candidate, _ kind: String, _ state: State) {
        identity = ShownName.clean("\(kind):\(candidate.address)", upTo: 512)
        name = ShownName.clean(candidate.name ?? "")
        self.state = state
    }
}
