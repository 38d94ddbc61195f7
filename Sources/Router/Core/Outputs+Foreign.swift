// Commands and stops for devices that another router arbitrates: checked here, carried out there (`Members`).
// Must not know where that is, nor what is held there: no value of such a device is kept here.

import Buttplug
import Host

extension Outputs {
    /// What became of a command that was to be passed on.
    private enum Passing {
        case waits
        /// It is to get `Ok`, and goes nowhere.
        case ok
        case refused(String)
    }

    /// Where a device is, if another router arbitrates it.
    private func foreignHandle(of device: UInt32, _ tables: borrowing RouterTables) -> BackendDevice? {
        guard let backend = foreign.backend, let address = tables.addresses.address(of: device) else { return nil }
        return address.backend == backend ? address.handle : nil
    }

    /// Whether the command is for such a device, and the device has what it names.
    func isForeign(_ command: OutputCommand, _ tables: borrowing RouterTables) -> Bool {
        foreignHandle(of: command.device, tables) != nil && tables.devices.failure(of: command) == nil
    }

    // MARK: Devices

    /// A device has come; only those that are arbitrated here have lanes.
    mutating func deviceAppeared(_ info: DeviceInfo, at address: DeviceAddresses.Address, now: Instant) {
        if address.backend == foreign.backend { return }
        arbiter.deviceAppeared(info, backend: UInt32(address.backend), handle: address.handle, at: now)
    }

    // MARK: Commands

    /// A command that names no lane here, or that its lane does not accept. True when the session is to be ended.
    @inline(never)
    mutating func commandWithoutLane(
        _ command: OutputCommand, _ slot: Int, _ tables: inout RouterTables, at now: Instant, into out: inout Outbox
    ) -> Bool {
        guard isForeign(command, tables) else {
            refuseInvalid(command, slot, &tables, into: &out)
            return false
        }
        if tables.sessions.rows[slot].needsRuleCheck {
            switch checkAndReply(command, slot, &tables, at: now, into: &out) {
            case .granted: break
            case .answered: return false
            case .over: return true
            }
        }
        switch passOn(command, slot, &tables, at: now, into: &out) {
        case .waits: break
        case .ok: out.ok(slot, command.id)
        case .refused(let text): out.error(slot, command.id, .message, text)
        }
        return false
    }

    /// One part of a command of versions 0 to 3 for such a device. It has been checked.
    mutating func foreignPart(
        _ command: OutputCommand, of group: UInt32, _ slot: Int, _ tables: inout RouterTables, at now: Instant, into out: inout Outbox
    ) {
        switch passOn(command, slot, group: group, &tables, at: now, into: &out) {
        case .waits: groups.wait(group)
        case .ok: break
        case .refused(let text): if groups.fail(group) { out.error(slot, command.id, .message, text) }
        }
    }

    /// A command that waited for a token, answered long ago.
    mutating func spendToken(
        on command: OutputCommand, _ slot: Int, _ tables: inout RouterTables, at now: Instant, into out: inout Outbox
    ) {
        guard isForeign(command, tables) else { return }
        _ = passOn(command, slot, &tables, at: now, into: &out)
    }

    private mutating func passOn(
        _ command: OutputCommand, _ slot: Int, group: UInt32 = 0, _ tables: inout RouterTables, at now: Instant, into out: inout Outbox
    ) -> Passing {
        let session = UInt32(slot)
        if tables.sessions.details[slot]!.rights.role == .observer {
            tables.counters.add(.deniedObserver)
            return .refused(ErrorText.observer)
        }
        if !command.isZero {
            // The home knows the session's rights. What stops this router stops its sessions everywhere.
            if let obstacle = arbiter.gate.obstacle(to: session, on: LanePauses(), at: now) {
                tables.counters.add(obstacle)
                return .ok
            }
            // A zero is never blocked.
            guard foreign.count(of: session) < tables.settings.limits.pendingRequests else { return .refused(ErrorText.tooManyPending) }
        }
        guard let backend = foreign.backend, let device = foreignHandle(of: command.device, tables) else { return .ok }
        let sender = ReplyTo(session: session, generation: tables.sessions.rows[slot].generation, id: command.id, group: group)
        var order = ForeignOrder(
            session: session, request: foreign.open(sender), device: device, feature: command.feature, type: command.type,
            value: command.value)
        order.duration = command.duration
        out.requests.append(OutgoingRequest(backend: backend, request: .foreign(.order(order))))
        return .waits
    }

    /// An order's answer has come.
    mutating func foreignAnswered(_ request: UInt32, _ outcome: ForeignOutcome, _ tables: inout RouterTables, into out: inout Outbox) {
        guard let to = foreign.take(request), to.id != 0, tables.sessions.isLive(to.session, to.generation) else { return }
        let slot = Int(to.session)
        if outcome == .ok {
            if to.group == 0 || groups.partDone(to.group) { out.ok(slot, to.id) }
            return
        }
        let isFirst = to.group == 0 || groups.fail(to.group)
        if to.group != 0 { _ = groups.partDone(to.group) }
        if isFirst { out.error(slot, to.id, outcome.code, ErrorText.foreign(outcome)) }
    }

    // MARK: Ends

    /// What sessions have elsewhere ends with them.
    mutating func endForeign(_ slot: UInt32, into out: inout Outbox) {
        guard let backend = foreign.backend, foreign.sessionEnded(slot) else { return }
        out.requests.append(OutgoingRequest(backend: backend, request: .foreign(.sessionEnded(session: slot))))
    }

    /// A session's stop, where it reaches other routers: its own outputs where it has driven any; with a wider scope everywhere.
    mutating func stopForeign(_ target: StopTarget, _ slot: Int, _ tables: borrowing RouterTables, into out: inout Outbox) {
        // A guest's stop is told to everybody by its entry.
        guard let backend = foreign.backend, tables.sessions.rows[slot].state == .ready, let details = tables.sessions.details[slot] else {
            return
        }
        let session = UInt32(slot)
        let isPanic = details.rights.stopScope == .estop
        guard details.rights.stopScope != .own || foreign.drivers.contains(session) else { return }
        var devices: [BackendDevice?] = [nil]
        if let device = target.device, !isPanic {
            guard let handle = foreignHandle(of: device, tables), !details.denied.contains(device) else { return }
            devices = [handle]
        } else if tables.sessions.rows[slot].hasDenied, !isPanic {
            devices = (0..<tables.devices.indexLimit).filter { !details.denied.contains($0) }.compactMap { foreignHandle(of: $0, tables) }
        }
        foreign.noteDriver(session)
        for device in devices {
            let stop = ForeignRequest.stop(session: session, device: device, feature: device == nil ? nil : target.feature)
            out.requests.append(OutgoingRequest(backend: backend, request: .foreign(stop)))
        }
    }

    /// The operator has changed what the session may do: its home is told. What it may not do any more ends there.
    mutating func rightsChanged(slot: UInt32, to rights: Rights, at now: Instant, into out: inout Outbox) {
        arbiter.rightsChanged(slot: slot, to: rights, at: now, into: &effects)
        guard let backend = foreign.backend, foreign.drivers.contains(slot) else { return }
        out.requests.append(OutgoingRequest(backend: backend, request: .foreign(.rightsChanged(session: slot))))
    }

    /// A session may no longer drive a device.
    mutating func deviceDenied(
        slot: UInt32, device: UInt32, _ tables: borrowing RouterTables, at now: Instant, into out: inout Outbox
    ) {
        arbiter.deviceDenied(slot: slot, device: device, at: now, into: &effects)
        guard let backend = foreign.backend, foreign.drivers.contains(slot), let handle = foreignHandle(of: device, tables) else { return }
        let stop = ForeignRequest.stop(session: slot, device: handle, feature: nil)
        out.requests.append(OutgoingRequest(backend: backend, request: .foreign(stop)))
    }

    /// A mask is raised: what those below it have elsewhere ends.
    mutating func endMaskedForeign(into out: inout Outbox) {
        guard let backend = foreign.backend else { return }
        for slot in foreign.drivers.sorted() where arbiter.gate.sessions[Int(slot)].blockedBy != nil {
            let stop = ForeignRequest.stop(session: slot, device: nil, feature: nil)
            out.requests.append(OutgoingRequest(backend: backend, request: .foreign(stop)))
        }
    }
}

extension ForeignOutcome {
    fileprivate var code: ErrorCode {
        switch self {
        case .ok: .unknown
        case .refused, .timedOut, .deviceGone, .durationOutOfRange, .valueOutOfRange: .device
        case .leased, .observer, .limit: .message
        }
    }
}

extension ErrorText {
    /// Why another router did not carry out an order.
    fileprivate static func foreign(_ outcome: ForeignOutcome) -> String {
        switch outcome {
        case .ok, .refused: settled(.refused)
        case .timedOut: settled(.timedOut)
        case .deviceGone: settled(.deviceGone)
        case .leased: leased
        case .observer: observer
        case .durationOutOfRange: durationTooLong
        case .valueOutOfRange: failed("The device has no such value.")
        case .limit: tooManyPending
        }
    }
}
