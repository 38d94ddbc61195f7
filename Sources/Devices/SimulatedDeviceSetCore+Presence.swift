// How simulated devices come and go: scans, schedules, being cut off, and the hands of tests.
// Must not know writes; a device that goes only forgets what it was told.

import Buttplug
import Host

extension SimulatedDeviceSetCore {
    /// Whether a scan runs.
    var isScanning: Bool { scan & 1 == 1 }

    /// Makes the devices appear that are there from the start.
    mutating func begin(at now: Instant, into effects: inout ContiguousArray<SimulatedEffect>) {
        guard isPresentAtStart else { return }
        for device in devices.indices where devices[device].presence == .undiscovered { appear(device, at: now, into: &effects) }
    }

    /// Starts looking for what is not there yet; a running scan just goes on.
    mutating func startScanning(at now: Instant) {
        if isScanning { return }
        scan &+= 1
        var end = now + options.shortestScan
        for device in devices.indices where devices[device].presence == .undiscovered {
            let time = now + devices[device].spec.connectDelay
            schedule(.found(device: device, scan: scan), at: time)
            end = max(end, time)
        }
        schedule(.scanEnds(scan: scan), at: end)
    }

    /// Ends a scan without another word.
    mutating func stopScanning() {
        if isScanning { scan &+= 1 }
    }

    /// The device is there.
    mutating func appear(_ device: Int, at now: Instant, into effects: inout ContiguousArray<SimulatedEffect>) {
        devices[device].presence = .present
        devices[device].incarnation &+= 1
        devices[device].clearLink()
        devices[device].battery?.switchOn(at: now)
        refreshRow(device)
        effects.append(.event(.appeared(UInt32(device), devices[device].description)))
        if let time = devices[device].spec.disconnectAfter {
            schedule(.leaves(device: device, incarnation: devices[device].incarnation), at: now + time)
        }
    }

    /// The device is gone: its outputs rest, its subscriptions end, its answers never come.
    mutating func vanish(
        _ device: Int, to presence: SimulatedPresence, at now: Instant, into effects: inout ContiguousArray<SimulatedEffect>
    ) {
        guard devices[device].presence == .present else { return }
        rest(device, at: now)
        devices[device].presence = presence
        devices[device].incarnation &+= 1
        for sensor in devices[device].sensors.indices { devices[device].sensors[sensor].unsubscribe() }
        refreshRow(device)
        effects.append(.event(.disappeared(UInt32(device))))
    }

    /// Lets a device that left come back, if its schedule says so.
    mutating func scheduleReturn(of device: Int, at now: Instant) {
        guard let time = devices[device].spec.reconnectAfter else { return }
        schedule(.returns(device: device, incarnation: devices[device].incarnation), at: now + time)
    }

    /// The router gives a device up. It comes back by its schedule, or else by the next scan.
    mutating func cutOff(_ device: BackendDevice, at now: Instant, into effects: inout ContiguousArray<SimulatedEffect>) {
        guard Int(device) < devices.count, devices[Int(device)].presence == .present else { return }
        let returns = devices[Int(device)].spec.reconnectAfter != nil
        vanish(Int(device), to: returns ? .away : .undiscovered, at: now, into: &effects)
        scheduleReturn(of: Int(device), at: now)
    }

    /// Takes a device away until `reconnect`; one that is not there yet is not found either.
    mutating func disconnect(_ device: BackendDevice, at now: Instant, into effects: inout ContiguousArray<SimulatedEffect>) {
        let device = Int(device)
        if devices[device].presence == .present {
            vanish(device, to: .away, at: now, into: &effects)
        } else {
            devices[device].presence = .away
            devices[device].incarnation &+= 1
        }
    }

    /// Brings a device back, or in for the first time; one that is there stays as it is.
    mutating func reconnect(_ device: BackendDevice, at now: Instant, into effects: inout ContiguousArray<SimulatedEffect>) {
        if devices[Int(device)].presence != .present { appear(Int(device), at: now, into: &effects) }
    }
}
