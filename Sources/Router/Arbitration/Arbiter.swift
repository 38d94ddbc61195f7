// Who drives what: devices and sessions come and go, and a command passes the gate to its lane (`arbitration.md` §3–§8).
// Must not see JSON, sockets or versions. Sessions are slots, devices are indices, time is an argument.

import Buttplug
import Host

/// The arbitration of one router.
public struct Arbiter: ~Copyable {
    var lanes = Slab<Lane>(capacity: 16)
    var gate = DrivingGate()
    var devices = ArbitratedDevices()
    var agenda: Agenda
    var flights = FlightTable()
    /// Whether `winnerChanged` events are wanted.
    public var reportsWinners = false

    public init(_ settings: ArbitrationSettings) { agenda = Agenda(settings) }

    /// Whether the emergency stop is raised; only the operator clears it.
    public var isStopped: Bool { gate.isStopped }

    /// Whether the router is on its way out: nothing is accepted any more.
    var isEnding: Bool { gate.isEnding }

    /// When it must be called next; it may be earlier than necessary. Inlined: otherwise the compiler moves the whole arbiter out of its owner and back for the call.
    @inline(__always)
    public var deadline: Instant {
        guard let issued = flights.oldestIssuedAt else { return agenda.nextAlarm }
        return min(agenda.nextAlarm, issued + agenda.settings.writeTimeout)
    }

    /// Nothing is owed and nothing is in flight: what a router that ends waits for.
    public var isSettled: Bool {
        guard flights.count == 0 else { return false }
        for i in lanes.indices where lanes[i].isPresent && lanes[i].owesAnything { return false }
        return true
    }
}

// MARK: Commands

extension Arbiter {
    /// The lane of a feature, or nil when there is no such device or feature.
    @inline(__always)
    public func lane(device: UInt32, feature: UInt32) -> LaneIndex? {
        guard let row = devices.row(of: device) else { return nil }
        let range = devices.lanes(of: row)
        if devices.isDense(row) {
            return Int(feature) < range.count ? LaneIndex(range.lowerBound &+ Int(feature)) : nil
        }
        for lane in range where lanes[lane].traits.feature == feature { return LaneIndex(lane) }
        return nil
    }

    /// Whether the lane has the command's type, its value is in the range, and a move lasts no longer than it may (`max_duration`).
    @inline(__always)
    func accepts(_ command: OutputCommand, on lane: LaneIndex) -> Bool {
        lanes[lane.index].traits.accepts(command.type, command.value)
            && lanes[lane.index].traits.allows(duration: command.duration, of: command.type)
    }

    /// Why a command of this session, other than a zero, would drive nothing on the lane now; nil: it would.
    func obstacle(to session: UInt32, on lane: LaneIndex, at now: Instant) -> Verdict? {
        gate.obstacle(to: session, on: lanes[lane.index].pauses, at: now)
    }

    /// Carries out a command that the lane accepts. Replies that it overtakes are in `effects.replies` when it returns;
    /// they leave before its own.
    public mutating func command(
        _ order: Order, on lane: LaneIndex, at now: Instant, into effects: inout ArbiterEffects
    ) -> Verdict {
        let (index, slot) = (lane.index, Int(order.session))
        if let refusal = gate.refusal(of: order) { return refusal }
        if order.isZero {
            return lanes[index].zero(order.type, order.sender, by: &gate.sessions[slot], at: now, &agenda, into: &effects)
        }
        if let obstacle = gate.obstacle(to: order.session, on: lanes[index].pauses, at: now) { return obstacle }
        gate.sessions[slot].hasDriven = true
        if order.type.isMove {
            return lanes[index].move(order, by: gate.sessions[slot].rights, at: now, &agenda, into: &effects)
        }
        let scaled = gate.sessions[slot].scaled(order.value, of: lanes[index].traits.steps[Int(order.type.rawValue)])
        // What gain, cap or ceiling reduce to nothing counts as a zero. Any other ceiling is applied by the fold.
        if scaled == 0 || lanes[index].traits.ceilings[Int(order.type.rawValue)] == 0 {
            let verdict = lanes[index].zero(order.type, order.sender, by: &gate.sessions[slot], at: now, &agenda, into: &effects)
            return verdict == .waits ? .waits : .silenced
        }
        if order.type == .spray {
            return lanes[index].spray(order, scaled, by: gate.sessions[slot].rights, at: now, &agenda, into: &effects)
        }
        return lanes[index].hold(order, scaled, by: &gate.sessions[slot], at: now, &agenda, into: &effects)
    }
}

// MARK: Devices

extension Arbiter {
    /// A device is there: its lanes are empty, and every held type of each is written zero, for it may still run from before.
    public mutating func deviceAppeared(_ info: DeviceInfo, backend: UInt32, handle: BackendDevice, at now: Instant) {
        let features = info.description.features
        let (row, known) = devices.assignRow(to: info)
        let range: Range<Int>
        if let known {
            range = known
            for (lane, feature) in zip(range, features) {
                // What binds a lane binds it also when the device was away meanwhile.
                lanes[lane] = Lane(
                    LaneTraits(index: LaneIndex(lane), device: info.index, row: row, feature: feature), lanes[lane].pauses)
            }
        } else if let spare = devices.takeSpareLanes(count: features.count) {
            range = spare
            for (lane, feature) in zip(range, features) {
                lanes[lane] = Lane(LaneTraits(index: LaneIndex(lane), device: info.index, row: row, feature: feature))
            }
        } else {
            range = lanes.count..<(lanes.count + features.count)
            for (lane, feature) in zip(range, features) {
                lanes.append(Lane(LaneTraits(index: LaneIndex(lane), device: info.index, row: row, feature: feature)))
            }
        }
        devices.set(ArbitratedDevice(info, backend: backend, handle: handle, lanes: range), at: row)
        for lane in range {
            lanes[lane].traits.apply(agenda.settings.lanes, name: info.description.name, displayName: info.description.displayName)
            lanes[lane].listAsDue(&agenda)
        }
    }

    /// A device is gone: its lanes end, and commands that wait for it fail.
    public mutating func deviceDisappeared(index: UInt32, into effects: inout ArbiterEffects) {
        guard let row = devices.row(of: index) else { return }
        devices.left(row)
        for lane in devices.lanes(of: row) {
            flights.removeAll(of: lane) { flight in
                if let reply = flight.reply { effects.replies.append(SettledReply(to: reply.to, outcome: .deviceGone)) }
            }
            for case let reply? in [lanes[lane].queue.waitingReply, lanes[lane].queue.waitingCommand?.reply] {
                effects.replies.append(SettledReply(to: reply.to, outcome: .deviceGone))
            }
            lanes[lane] = Lane(absent: lanes[lane].traits.withoutOutputs(), lanes[lane].pauses, lanes[lane].schedule)
        }
    }
}

// MARK: Sessions

extension Arbiter {
    /// A session may command from now on.
    public mutating func sessionOpened(_ id: LinkID, rights: Rights) { gate.open(id.slot, rights, seniority: agenda.nextNumber()) }

    /// A session is over: what it held ends, and its lanes fold.
    public mutating func sessionEnded(slot: UInt32, at now: Instant, into effects: inout ArbiterEffects) {
        guard gate.isOpen(slot) else { return }
        if gate.sessions[Int(slot)].hasDriven { releaseEverywhere(slot, .command, at: now, into: &effects) }
        gate.end(slot)
    }

    /// Releases the memory of sessions; none is open.
    mutating func forgetSessions() { gate.forgetDrivers() }

    /// Ends all that a session has on any lane.
    mutating func releaseEverywhere(_ slot: UInt32, _ cause: Cause, at now: Instant, into effects: inout ArbiterEffects) {
        for lane in lanes.indices where lanes[lane].isPresent {
            lanes[lane].release(slot, cause, at: now, &agenda, into: &effects)
        }
    }
}
