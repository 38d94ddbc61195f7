// Stands between the front router and one of its upstreams, and shows the monitor both directions.
// Must not change anything that passes.

import Buttplug
import Host
import Router

/// A backend in front of `UpstreamBackend`. The monitor sees one backend in place of several, so handles are made different.
final class ObservedUpstream: Backend, BackendOwner {
    let inner: UpstreamBackend
    let index: Int
    private let count: Int
    private let monitor: Monitor
    private var owner: (any BackendOwner)?
    private var number: BackendNumber = 0
    /// Real stops and scans that the front has asked for and the rear has not received; those it never receives, its link was lost.
    var stopsOwed = 0
    var scansOwed = 0
    /// It has come back and was not asked to scan since.
    var isUnasked = false

    init(_ inner: UpstreamBackend, index: Int, of count: Int, _ monitor: Monitor) {
        self.inner = inner
        self.index = index
        self.count = count
        self.monitor = monitor
    }

    private func seen(_ device: BackendDevice) -> BackendDevice { device * BackendDevice(count) + BackendDevice(index) }

    /// Whether a device of the front's monitor is this upstream's.
    func has(_ device: DeviceModel) -> Bool { Int(device.handle) % count == index }

    // MARK: Backend

    func start(for owner: any BackendOwner, as number: BackendNumber, at now: Instant) {
        self.owner = owner
        self.number = number
        inner.start(for: self, as: number, at: now)
    }

    func stop(at now: Instant) {
        inner.stop(at: now)
        owner = nil
    }

    func perform(_ writes: UnsafeBufferPointer<DeviceWrite>, at now: Instant) {
        monitor.now = now
        for var write in writes {
            write.device = seen(write.device)
            monitor.wrote(write)
        }
        inner.perform(writes, at: now)
    }

    func handle(_ request: BackendRequest, at now: Instant) {
        monitor.now = now
        switch request {
        case .startScanning:
            scansOwed += 1
            isUnasked = false
            monitor.requested(request, index: index)
        case .stopScanning: monitor.requested(request, index: index)
        case .stopOutputs:
            stopsOwed += 1
            // One that is cleared in the same turn goes out all the same.
            let isDue = monitor.isStopped || monitor.stoppedAt == monitor.now || monitor.isEnding
            monitor.check(.fronting, isDue, "an upstream gets a real stop without an emergency or an end")
        case .read(let device, let feature, let type, let number):
            monitor.requested(.read(device: seen(device), feature: feature, type: type, request: number))
        case .subscribe(let device, let feature, let type, let number):
            monitor.requested(.subscribe(device: seen(device), feature: feature, type: type, request: number))
        case .unsubscribe(let device, let feature, let type, let number):
            monitor.requested(.unsubscribe(device: seen(device), feature: feature, type: type, request: number))
        case .cutOff(let device): monitor.requested(.cutOff(device: seen(device)))
        case .foreign: break
        }
        inner.handle(request, at: now)
    }

    var deadline: Instant { inner.deadline }

    func report(at now: Instant) { inner.report(at: now) }

    func turnEnded(at now: Instant) { inner.turnEnded(at: now) }

    // MARK: BackendOwner, toward the upstream

    func reportIsDue(from backend: BackendNumber) { owner?.reportIsDue(from: number) }

    func answered(ticket: UInt32, _ outcome: WriteOutcome, at now: Instant) {
        monitor.now = now
        monitor.answered(ticket, outcome == .done)
        owner?.answered(ticket: ticket, outcome, at: now)
    }

    func happened(_ event: BackendEvent, from backend: BackendNumber, at now: Instant) {
        monitor.now = now
        switch event {
        case .appeared(let device, let description): monitor.appeared(seen(device), description)
        case .disappeared(let device): monitor.disappeared(seen(device))
        case .subscriptionAnswered(let request): monitor.requestAnswered(request, ok: true)
        case .requestFailed(let request, _): monitor.requestAnswered(request, ok: false)
        case .scanningFinished: monitor.scanningFinished(index: index)
        case .returned:
            isUnasked = true
            monitor.scanningFinished(index: index)
        case .reading, .readAnswered: break
        }
        owner?.happened(event, from: number, at: now)
    }
}
