// Devices that come and go, and the lists that tell sessions of it (`arbitration.md` §6, §9).
// Must not know how a version spells a list, nor how a device is driven.

import Buttplug
import Host

extension RouterCore {
    // MARK: What backends say

    mutating func happened(_ event: BackendEvent, backend: Int, at now: Instant, into out: inout Outbox) {
        switch event {
        case .appeared(let handle, let description):
            appeared(DevicePlaces.Place(backend: backend, handle: handle), description, at: now, into: &out)
        case .disappeared(let handle):
            guard let index = places.index(of: DevicePlaces.Place(backend: backend, handle: handle)) else { return }
            disappeared(index, at: now, into: &out)
        case .reading(let handle, let feature, let type, let values):
            guard let index = places.index(of: DevicePlaces.Place(backend: backend, handle: handle)) else { return }
            reading(SensorKey(device: index, feature: feature, type: type), values, into: &out)
        case .readAnswered(let request, let values): readAnswered(request, values, into: &out)
        case .requestFailed(let request, let reason): requestFailed(request, reason, at: now, into: &out)
        case .subscriptionAnswered(let request): subscriptionAnswered(request, into: &out)
        case .scanningFinished: votes.finished(backend: backend, at: now)
        case .returned: returned(backend: backend, into: &out)
        }
    }

    private mutating func appeared(
        _ place: DevicePlaces.Place, _ description: DeviceDescription, at now: Instant, into out: inout Outbox
    ) {
        let identity = description.identity
        if let known = places.index(of: place) { disappeared(known, at: now, into: &out) }
        guard places.count < settings.limits.devices else {
            return out.news.append(.deviceRefused(identity: identity, reason: "more devices than limits.devices allows"))
        }
        guard let (index, isNew) = indices.assign(identity, preferring: description.preferredIndex) else {
            return out.news.append(.deviceRefused(identity: identity, reason: "every index has been given away"))
        }
        guard places.place(of: index) == nil else {
            return out.news.append(.deviceRefused(identity: identity, reason: "another device has this identity"))
        }
        // Versions before 4 are told of differences: a device that left and came back within the turn has to be one.
        if gone.contains(index) { pushLists(into: &out) }
        let info = DeviceInfo(index: index, description: description)
        devices.insert(info)
        places.insert(place, at: index)
        for slot in sessions.rows.indices where sessions.rows[slot].state == .ready {
            guard !rule(of: slot).devices.allows(description) else { continue }
            deny(index, slot)
            // The rule may be newer than what the session subscribed to before the device left.
            unsubscribe(slot, device: index, feature: nil, at: now, into: &out)
        }
        limitWatch.appeared(description, at: now)
        arbiter.deviceAppeared(info, backend: UInt32(place.backend), handle: place.handle, at: now)
        for topic in subscriptions.places(device: index) { ask(for: topic, nil, at: now, into: &out) }
        listsChanged(by: index)
        if isNew { out.news.append(.stateChanged) }
        out.news.append(.deviceAppeared(info))
    }

    private mutating func disappeared(_ index: UInt32, at now: Instant, into out: inout Outbox) {
        guard let info = devices[index] else { return }
        forgetEverywhere { $0.device == index }
        arbiter.deviceDisappeared(index: index, into: &effects)
        drainReplies(into: &out)
        devices.remove(index)
        places.remove(at: index)
        for feature in info.description.features {
            for input in feature.inputs {
                newestReads[SensorKey(device: index, feature: feature.index, type: input.type)] = nil
            }
        }
        for request in requests.closeAll(device: index) { fail(request, ErrorText.gone(index), at: now, into: &out) }
        for topic in subscriptions.places(device: index) { subscriptions.setState(.asleep, of: topic) }
        listsChanged(by: index)
        gone.insert(index)
        out.news.append(.deviceDisappeared(info))
    }

    /// Hides a device from a session.
    mutating func deny(_ index: UInt32, _ slot: Int) {
        sessions.details[slot]!.denied.insert(index)
        sessions.rows[slot].hasDenied = true
        sessions.rows[slot].isCareful = true
    }

    // MARK: Lists

    /// A list is long and its request short. Whoever asks for more than its link holds gets them one after the other, as it reads them; who
    /// asks on without reading is cut off.
    mutating func deviceList(_ id: UInt32, _ slot: Int, at now: Instant, into out: inout Outbox) {
        if !owes(slot), mayTakeList(slot) { return answerList(id, slot, into: &out) }
        guard sessions.details[slot]!.listsOwed.count < settings.limits.pendingRequests else {
            return end(slot, .slowConsumer, at: now, into: &out)
        }
        sessions.details[slot]!.listsOwed.append(id)
        if !sessions.rows[slot].isCongested, !listAskers.contains(UInt32(slot)) { listAskers.append(UInt32(slot)) }
    }

    private func owes(_ slot: Int) -> Bool { sessions.details[slot].map { !$0.listsOwed.isEmpty } ?? false }

    /// Whether a session's link takes another list in this turn. The first it always takes, however long that is.
    private func mayTakeList(_ slot: Int) -> Bool {
        let row = sessions.rows[slot]
        return !row.isCongested && (row.listTurn != turn || row.listBytes <= settings.limits.queuedBytes * 4)
    }

    private mutating func answerList(_ id: UInt32, _ slot: Int, into out: inout Outbox) {
        let view = DeviceView(devices, denied: sessions.details[slot]!.denied)
        let start = out.messages.count
        write(slot, into: &out) { session, messages in session.deviceList(id, devices: view, into: &messages) }
        if sessions.rows[slot].listTurn != turn {
            sessions.rows[slot].listTurn = turn
            sessions.rows[slot].listBytes = 0
        }
        sessions.rows[slot].listBytes += out.messages.count - start
    }

    /// Answers as many of the lists a session has asked for as its link takes now; the rest is for the next turn, or for its next drain.
    mutating func answerLists(_ slot: Int, into out: inout Outbox) {
        while owes(slot), mayTakeList(slot) {
            let id = sessions.details[slot]!.listsOwed.removeFirst()
            answerList(id, slot, into: &out)
        }
        if owes(slot), !sessions.rows[slot].isCongested { listAskers.append(UInt32(slot)) }
    }

    /// Goes on with everybody who waits for lists without waiting for the link.
    mutating func answerListAskers(into out: inout Outbox) {
        let askers = listAskers
        listAskers.removeAll(keepingCapacity: true)
        for slot in askers { answerLists(Int(slot), into: &out) }
    }

    /// Tells everybody of the devices that came and went in this turn, once. Stops when the buffer has grown large: the runner sends
    /// what there is and calls again.
    mutating func pushLists(into out: inout Outbox) {
        guard owesLists else { return }
        gone.removeAll()
        var shared: (start: Int, end: Int)?
        while listedUpTo < sessions.rows.count {
            if out.messages.count > Self.bufferedBytes { return }
            let slot = listedUpTo
            listedUpTo += 1
            let row = sessions.rows[slot]
            guard row.state == .ready else { continue }
            if row.hasDenied, listedChanges.isSubset(of: sessions.details[slot]!.denied) { continue }
            if row.isCongested {
                if row.owesList { counters.totals.coalesced &+= 1 }
                sessions.rows[slot].owesList = true
            } else if row.version == .v4, !row.hasDenied {
                if let shared {
                    out.share(UInt32(slot), shared.start, shared.end)
                } else {
                    let start = out.messages.count
                    pushList(slot, into: &out)
                    shared = (start, out.messages.count)
                }
            } else {
                pushList(slot, into: &out)
            }
        }
        owesLists = false
        listedUpTo = 0
        listedChanges.removeAll()
    }

    /// The lists have to be told, to everybody who may see the device.
    private mutating func listsChanged(by index: UInt32) {
        owesLists = true
        listedUpTo = 0
        listedChanges.insert(index)
    }

    /// Bytes of messages after which lists wait for the buffer to be sent.
    private static var bufferedBytes: Int { 8 << 20 }

    mutating func pushList(_ slot: Int, into out: inout Outbox) {
        let view = DeviceView(devices, denied: sessions.details[slot]!.denied)
        write(slot, into: &out) { session, messages in session.deviceListChanged(view, into: &messages) }
    }
}
