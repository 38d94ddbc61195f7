// What backends report: devices that come and go, readings, answers, ends of scans (`arbitration.md` §6, §9).
// Must not know how a version writes a list, nor how a device is driven.

import Buttplug
import Host

extension RouterCore {
    // MARK: What backends report

    /// A backend's answer to a write.
    mutating func answered(ticket: UInt32, _ outcome: WriteOutcome, at now: Instant, into out: inout Outbox) {
        outputs.arbiter.answered(ticket: ticket, outcome, at: now, into: &outputs.effects)
        outputs.tellReplies(tables.sessions, into: &out)
    }

    mutating func happened(_ event: BackendEvent, backend: Int, at now: Instant, into out: inout Outbox) {
        switch event {
        case .appeared(let handle, let description):
            appeared(DeviceAddresses.Address(backend: backend, handle: handle), description, at: now, into: &out)
        case .disappeared(let handle):
            guard let index = tables.addresses.index(of: DeviceAddresses.Address(backend: backend, handle: handle)) else { return }
            disappeared(index, at: now, into: &out)
        case .reading(let handle, let feature, let type, let values):
            guard let index = tables.addresses.index(of: DeviceAddresses.Address(backend: backend, handle: handle)) else { return }
            sensors.reading(SensorKey(device: index, feature: feature, type: type), values, &tables, into: &out)
        case .readAnswered(let request, let values): sensors.readAnswered(request, values, &tables, into: &out)
        case .requestFailed(let request, let reason): sensors.requestFailed(request, reason, &tables, into: &out)
        case .subscriptionAnswered(let request): sensors.subscriptionAnswered(request, &tables, into: &out)
        case .scanningFinished: votes.finished(backend: backend, at: now)
        case .returned: returned(backend: backend, into: &out)
        }
    }

    private mutating func appeared(
        _ address: DeviceAddresses.Address, _ description: DeviceDescription, at now: Instant, into out: inout Outbox
    ) {
        let identity = description.identity
        if let known = tables.addresses.index(of: address) { disappeared(known, at: now, into: &out) }
        guard tables.addresses.count < tables.settings.limits.devices else {
            return out.events.append(.deviceRefused(identity: identity, reason: "more devices than limits.devices allows"))
        }
        guard let (index, isNew) = indices.assign(identity, preferring: description.preferredIndex) else {
            return out.events.append(.deviceRefused(identity: identity, reason: "every index has been given away"))
        }
        guard tables.addresses.address(of: index) == nil else {
            return out.events.append(.deviceRefused(identity: identity, reason: "another device has this identity"))
        }
        // Versions before 4 are told of differences: a device that left and came back within the turn has to be one.
        if pushes.isGone(index) { pushes.pushLists(&tables, into: &out) }
        let info = DeviceInfo(index: index, description: description)
        tables.devices.insert(info)
        tables.addresses.insert(address, at: index)
        for slot in tables.sessions.rows.indices where tables.sessions.rows[slot].state == .ready {
            guard !tables.rule(of: slot).devices.allows(description) else { continue }
            tables.deny(index, slot)
            // The rule may be newer than what the session subscribed to before the device left.
            sensors.unsubscribe(slot, StopTarget(device: index), &tables, into: &out)
        }
        limitWatch.appeared(description, at: now)
        outputs.deviceAppeared(info, at: address, now: now)
        sensors.deviceAppeared(index, tables, at: now, into: &out)
        pushes.listsChanged(by: index, isGone: false)
        if isNew { out.events.append(.stateChanged) }
        out.events.append(.deviceAppeared(info))
    }

    private mutating func disappeared(_ index: UInt32, at now: Instant, into out: inout Outbox) {
        guard let info = tables.devices[index] else { return }
        outputs.forgetWaiting(&tables) { $0.device == index }
        outputs.arbiter.deviceDisappeared(index: index, into: &outputs.effects)
        outputs.tellReplies(tables.sessions, into: &out)
        tables.devices.remove(index)
        tables.addresses.remove(at: index)
        sensors.deviceDisappeared(info, &tables, into: &out)
        pushes.listsChanged(by: index, isGone: true)
        out.events.append(.deviceDisappeared(info))
    }
}
