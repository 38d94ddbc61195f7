// Stands between the router and the devices of one transport: shows the monitor which devices the router has, and what it raises.
// Must not change anything.

import Buttplug
import Hardware
import Host

final class ObservedHardware: KeepingBackend, BackendOwner {
    private let inner: any Backend
    private let monitor: HardwareMonitor
    private let note: (String) -> Void
    private var owner: (any BackendOwner)?
    private(set) var identities: [BackendDevice: String] = [:]
    private var gaps: [BackendDevice: Interval] = [:]
    /// Devices that have been shown at any time.
    private var known: Set<BackendDevice> = []

    init(_ inner: any Backend, _ monitor: HardwareMonitor, note: @escaping (String) -> Void) {
        (self.inner, self.monitor, self.note) = (inner, monitor, note)
    }

    /// Rows that it has needed so far.
    var rowCount: Int { known.count }

    func start(for owner: any BackendOwner, as number: BackendNumber, at now: Instant) {
        self.owner = owner
        inner.start(for: self, as: number, at: now)
    }

    func perform(_ writes: UnsafeBufferPointer<DeviceWrite>, at now: Instant) {
        var raised: [BackendDevice] = []
        for write in writes {
            guard let identity = identities[write.device] else { continue }
            note("\(identity) \(write.feature) \(write.value)")
            monitor.hasIndex(identity, Int(write.deviceIndex))
            if write.value != 0, !raised.contains(write.device) { raised.append(write.device) }
        }
        for device in raised { monitor.raises(identities[device]!, gap: gaps[device]!, at: now) }
        inner.perform(writes, at: now)
    }

    func handle(_ request: BackendRequest, at now: Instant) { inner.handle(request, at: now) }
    var deadline: Instant { inner.deadline }
    var keepsUntil: Instant { (inner as? any KeepingBackend)?.keepsUntil ?? .never }
    func report(at now: Instant) { inner.report(at: now) }
    func turnEnded(at now: Instant) { inner.turnEnded(at: now) }
    func stop(at now: Instant) {
        inner.stop(at: now)
        owner = nil
    }

    // MARK: What comes from the devices

    func answered(ticket: UInt32, _ outcome: WriteOutcome, at now: Instant) { owner?.answered(ticket: ticket, outcome, at: now) }

    func happened(_ event: BackendEvent, from backend: BackendNumber, at now: Instant) {
        switch event {
        case .appeared(let device, let description):
            note("\(description.identity) has come")
            identities[device] = description.identity
            gaps[device] = .milliseconds(Int64(description.messageGapMilliseconds))
            known.insert(device)
            monitor.shown(description.identity, at: now)
        case .disappeared(let device):
            if let identity = identities.removeValue(forKey: device) {
                note("\(identity) has gone")
                monitor.hidden(identity, at: now)
            }
        default: break
        }
        owner?.happened(event, from: backend, at: now)
    }

    func reportIsDue(from backend: BackendNumber) { owner?.reportIsDue(from: backend) }
}
