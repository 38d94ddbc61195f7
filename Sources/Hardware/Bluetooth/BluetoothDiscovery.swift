// BlueZ's search for devices: whether it is wanted, whether it runs, and when it is asked for again.
// Must not know devices.

import DBus
import Host

struct BluetoothDiscovery {
    /// What was asked of BlueZ last, and whether it has answered.
    enum State: Hashable { case off, starting, on, stopping }

    private(set) var state = State.off
    /// The adapter that was asked.
    private var asked = ""
    /// A scan of clients is wanted, until then.
    private(set) var isScanWanted = false
    private var scanUntil = Instant.never
    private var retryAt = Instant.never

    private static let pause = Interval.seconds(1)

    /// When `deadlinePassed` is wanted.
    var deadline: Instant { min(scanUntil, retryAt) }

    /// It could not be begun, and is not asked for again yet.
    var hasFailed: Bool { state == .off && retryAt != .never }

    mutating func scan(until end: Instant?) { (isScanWanted, scanUntil) = (end != nil, end ?? .never) }

    mutating func deadlinePassed(at now: Instant, into out: inout TransportEffects) {
        if scanUntil <= now {
            scan(until: nil)
            out.events.append(.scanEnded)
        }
        if retryAt <= now { retryAt = .never }
    }

    /// Asks BlueZ to begin or to end, when it does not do already what is wanted.
    mutating func steer(_ isWanted: Bool, on adapter: String, by bus: inout BluezBus, at now: Instant) {
        leaveOther(than: adapter, by: &bus, at: now)
        switch state {
        case .off where isWanted && retryAt == .never:
            let filter = DBusValue.entries([DBusEntry("Transport", "s", .string("le")), DBusEntry("DuplicateData", "b", .boolean(false))])
            bus.call(.filter, (Bluez.adapter, "SetDiscoveryFilter"), on: adapter, ("a{sv}", [filter]), at: now)
            bus.call(.startDiscovery, (Bluez.adapter, "StartDiscovery"), on: adapter, at: now)
            (state, asked) = (.starting, adapter)
        case .on where !isWanted:
            bus.call(.stopDiscovery, (Bluez.adapter, "StopDiscovery"), on: adapter, at: now)
            state = .stopping
        case .off, .on, .starting, .stopping: break
        }
    }

    /// Another adapter is used from now on: what the one before searches finds nothing for this one.
    private mutating func leaveOther(than adapter: String, by bus: inout BluezBus, at now: Instant) {
        guard state != .off, asked != adapter else { return }
        bus.forget { [.startDiscovery, .stopDiscovery].contains($0) }
        // Nothing depends on its answer: that adapter may be gone.
        if state != .stopping { bus.call(.filter, (Bluez.adapter, "StopDiscovery"), on: asked, at: now) }
        lost()
    }

    mutating func started() { state = .on }

    mutating func startFailed(_ trouble: BluezTrouble, at now: Instant) {
        // Ours runs already: the answer to the last one was lost.
        if trouble == .busy { return state = .on }
        state = .off
        retryAt = now + Self.pause
    }

    mutating func stopped() { state = .off }

    /// BlueZ has ended, or its adapter is off: nothing is searched. The wish is kept.
    mutating func lost() { (state, retryAt) = (.off, .never) }
}
