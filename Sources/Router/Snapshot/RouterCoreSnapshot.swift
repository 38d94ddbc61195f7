// The snapshot of a router, and the operator's verbs for one session or one device.
// Must not know how any of it is shown.

import Buttplug
import Host

extension RouterCore {
    /// The state at this instant.
    /// - Parameter withLanes: False leaves them out; `changedLanes` reports them one by one.
    func snapshot(withLanes: Bool, at now: Instant) -> RouterSnapshot {
        var snapshot = RouterSnapshot()
        snapshot.isStopped = outputs.arbiter.isStopped
        snapshot.isEnding = ending != .no
        snapshot.isScanning = votes.isScanning
        snapshot.totals = tables.counters.totals
        for slot in tables.sessions.rows.indices { if let session = tables.session(slot) { snapshot.sessions.append(session) } }
        snapshot.consents = consents.snapshot(tables)
        for index in 0..<tables.devices.indexLimit {
            if let device = DeviceSnapshot(index, of: self, at: now) { snapshot.devices.append(device) }
        }
        if withLanes { snapshot.lanes = outputs.arbiter.lanes(at: now) { tables.sessions.id(Int($0)) } }
        return snapshot
    }

    // MARK: Verbs

    /// Changes a session's rights until it ends. What it holds may fall at once; nothing rises by it. False when the session has ended or has
    /// no handshake yet.
    mutating func patch(_ id: LinkID, _ patch: SessionPatch, at now: Instant, into out: inout Outbox) -> Bool {
        guard let slot = tables.sessions.slot(id), tables.sessions.rows[slot].state == .ready else { return false }
        tables.sessions.details[slot]!.patch.add(patch)
        let rights = tables.sessions.details[slot]!.patch.applied(to: tables.rule(of: slot).rights)
        guard rights != tables.sessions.details[slot]!.rights else { return true }
        tables.sessions.details[slot]!.rights = rights
        if rights.role == .observer || rights.mute { outputs.forgetWaiting(slot, &tables) }
        outputs.rightsChanged(slot: id.slot, to: rights, at: now, into: &out)
        outputs.tellReplies(tables.sessions, into: &out)
        return true
    }

    /// Ends everybody's values on one device. False when there is no such device.
    mutating func stopDevice(_ index: UInt32, at now: Instant, into out: inout Outbox) -> Bool {
        guard tables.devices[index] != nil else { return false }
        outputs.forgetWaiting(&tables) { $0.device == index }
        outputs.arbiter.stopDevice(index, at: now, into: &outputs.effects)
        outputs.tellEffects(&tables, into: &out)
        return true
    }

    /// The operator's own vote for a scan.
    mutating func setOperatorScan(_ isWanted: Bool, into out: inout Outbox) {
        if isWanted {
            if votes.vote(ScanVotes.operatorVote) { out.events.append(.scanStarted) }
            scanWhereIdle(into: &out)
        } else {
            withdraw(ScanVotes.operatorVote, into: &out)
        }
    }
}

extension DeviceSnapshot {
    /// nil when the device is not there.
    init?(_ index: UInt32, of core: borrowing RouterCore, at now: Instant) {
        guard let info = core.tables.devices[index], let address = core.tables.addresses.address(of: index) else { return nil }
        self.init(
            info: info, backend: address.backend, traffic: core.outputs.arbiter.traffic(of: index),
            latency: core.outputs.arbiter.latency(of: index, at: now), readings: core.sensors.newest(of: info))
    }
}

extension RouterTables {
    /// One session that has not ended.
    func session(_ slot: Int) -> SessionSnapshot? {
        let row = sessions.rows[slot]
        guard row.state.isOpen, let details = sessions.details[slot] else { return nil }
        let isReady = row.state == .ready
        return SessionSnapshot(
            id: sessions.id(slot), peer: details.peer, client: row.state.mayDrive ? details.session.clientName : nil,
            version: isReady ? details.session.version : nil, openedAt: details.openedAt, rights: details.rights,
            rule: isReady && details.rule >= 0 ? details.rule : nil, isPatched: !details.patch.isEmpty)
    }
}

extension Sensors {
    /// The newest reading of each sensor of a device.
    fileprivate func newest(of info: DeviceInfo) -> [SensorKey: [Int32]] {
        var found: [SensorKey: [Int32]] = [:]
        for feature in info.description.features {
            for input in feature.inputs {
                let key = SensorKey(device: info.index, feature: feature.index, type: input.type)
                found[key] = newest(key)
            }
        }
        return found
    }
}
