// The snapshot of a router, and the operator's verbs for one session or one device.
// Must not know how any of it is shown.

import Buttplug
import Host

extension RouterCore {
    /// The state at this instant.
    /// - Parameter withLanes: False leaves them out; `changedLanes` tells them one by one.
    func snapshot(withLanes: Bool, at now: Instant) -> RouterSnapshot {
        var snapshot = RouterSnapshot()
        snapshot.isStopped = arbiter.isStopped
        snapshot.isEnding = ending != .no
        snapshot.isScanning = votes.isScanning
        snapshot.totals = counters.totals
        for slot in sessions.rows.indices { if let session = session(slot) { snapshot.sessions.append(session) } }
        for index in 0..<devices.indexLimit {
            guard let info = devices[index], let place = places.place(of: index) else { continue }
            snapshot.devices.append(
                DeviceSnapshot(info: info, backend: place.backend, traffic: arbiter.traffic(of: index), readings: newestReadings(of: info)))
        }
        if withLanes { snapshot.lanes = arbiter.lanes(at: now) { sessions.id(Int($0)) } }
        return snapshot
    }

    /// One session that has not ended.
    func session(_ slot: Int) -> SessionSnapshot? {
        let row = sessions.rows[slot]
        guard row.state == .ready || row.state == .greeting, let details = sessions.details[slot] else { return nil }
        let isReady = row.state == .ready
        return SessionSnapshot(
            id: sessions.id(slot), peer: details.peer, client: isReady ? details.session.clientName : nil,
            version: isReady ? row.version : nil, openedAt: details.openedAt, rights: details.rights,
            rule: isReady && details.rule >= 0 ? details.rule : nil, isPatched: !details.patch.isEmpty)
    }

    private func newestReadings(of info: DeviceInfo) -> [SensorKey: [Int32]] {
        var found: [SensorKey: [Int32]] = [:]
        for feature in info.description.features {
            for input in feature.inputs {
                let key = SensorKey(device: info.index, feature: feature.index, type: input.type)
                let topic = subscriptions.place(of: key)
                found[key] = topic.flatMap { subscriptions.topics[$0].newest } ?? newestReads[key]
            }
        }
        return found
    }

    // MARK: Verbs

    /// Changes a session's rights until it ends. What it holds may fall at once; nothing rises by it. False when the session has ended or has
    /// no handshake yet.
    mutating func patch(_ id: LinkID, _ patch: SessionPatch, at now: Instant, into out: inout Outbox) -> Bool {
        guard let slot = sessions.slot(id), sessions.rows[slot].state == .ready else { return false }
        sessions.details[slot]!.patch.add(patch)
        let rights = sessions.details[slot]!.patch.applied(to: rule(of: slot).rights)
        guard rights != sessions.details[slot]!.rights else { return true }
        sessions.details[slot]!.rights = rights
        if rights.role == .observer || rights.mute { forget(slot) { _ in true } }
        arbiter.rightsChanged(slot: id.slot, to: rights, at: now, into: &effects)
        drainReplies(into: &out)
        return true
    }

    /// Ends everybody's values on one device. False when there is no such device.
    mutating func stopDevice(_ index: UInt32, at now: Instant, into out: inout Outbox) -> Bool {
        guard devices[index] != nil else { return false }
        forgetEverywhere { $0.device == index }
        arbiter.stopDevice(index, at: now, into: &effects)
        drainReplies(into: &out)
        drainEvents(at: now, into: &out)
        return true
    }

    /// The operator's own vote for a scan.
    mutating func setOperatorScan(_ isWanted: Bool, into out: inout Outbox) {
        if isWanted {
            if votes.vote(ScanVotes.operatorVote) { out.news.append(.scanStarted) }
            scanWhereIdle(into: &out)
        } else {
            withdraw(ScanVotes.operatorVote, into: &out)
        }
    }
}
