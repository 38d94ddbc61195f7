// Who drives what: every lane, every contribution, every write in flight (`arbitration.md` §3–§8).
// Must not see JSON, sockets or versions. Sessions are slots, devices are indices, time is an argument.
// The verbs are in the extensions: commands, stops, changes by the operator, writing, answers.

import Buttplug
import HeapModule
import Host

/// A session as the arbiter sees it.
struct ArbiterSession {
    var isOpen = false
    var rights = Rights()
    /// Order of opening.
    var seniority: UInt64 = 0
    /// The verdict on every non-zero command while the session is muted or masked; nil when it may drive.
    var gate: Verdict?
    /// Whether gain and cap leave every value as it is.
    var isPlain = true
    /// Whether it has ever held anything: one that has not ends without a look at the lanes.
    var hasDriven = false
    /// Where its contribution stood when it was last looked up, by lane number modulo sixteen: an app that drives eight devices of two
    /// outputs does not search.
    var hints = InlineArray<16, UInt16>(repeating: 0)
}

/// A device as the arbiter sees it.
struct ArbiterDevice {
    var index: UInt32
    var name: String
    var displayName: String?
    var backend: UInt32
    var handle: BackendDevice
    var gap: Interval
    /// Its lanes, one per feature in order.
    var lanes: Range<Int>
    /// Whether feature n is lane n.
    var isDense: Bool
    var isPresent: Bool
    /// When the next write that keeps the gap may go.
    var nextWriteAt = Instant.zero
}

/// A lock at a priority: sessions below it drive nothing (`arbitration.md` §2).
struct Mask {
    var holder: String
    var level: UInt8
    var releasesOnLoss: Bool
}

/// The arbitration of one router.
public struct Arbiter: ~Copyable {
    var settings: ArbitrationSettings
    var lanes = Slab<Lane>(capacity: 16)
    var sessions = Slab<ArbiterSession>(capacity: 16)
    var devices = Slab<ArbiterDevice>(capacity: 4)
    /// Device index → row in `devices`, or -1.
    var rowOfIndex: ContiguousArray<Int32> = []
    /// Ranges of lanes that no device has any more.
    var spareLanes: [Range<Int>] = []
    var policies: [LanePolicy] = [LanePolicy()]
    var flights = FlightTable()
    var alarms = Heap<LaneAlarm>()
    var masks: [Mask] = []
    /// Lanes that may owe their device something, in the order in which they came to.
    var dirty = Slab<Int32>(capacity: 64)
    /// Running number of accepted commands and changes.
    var clock: UInt64 = 1
    /// Latched: only the operator clears it.
    public internal(set) var isStopped = false
    /// The router is ending: nothing is accepted any more.
    var isEnding = false
    /// Whether `winnerChanged` events are wanted.
    public var reportsWinners = false

    public init(_ settings: ArbitrationSettings) { self.settings = settings }

    /// Never later than the next thing to do by itself. Inlined, because each call of it would copy the whole arbiter.
    @inline(__always)
    public var deadline: Instant {
        let alarm = alarms.min?.at ?? .never
        guard let issued = flights.oldestIssuedAt else { return alarm }
        return min(alarm, issued + settings.writeTimeout)
    }

    /// Nothing is owed and nothing is in flight: what a router that ends waits for.
    public var isSettled: Bool {
        guard flights.count == 0 else { return false }
        for i in lanes.indices where lanes[i].isPresent && lanes[i].owesAnything { return false }
        return true
    }

    mutating func tick() -> UInt64 {
        clock &+= 1
        return clock
    }

    /// Puts a lane on the list of those that are looked at when the turn ends.
    @inline(__always)
    mutating func touch(_ lane: Int) {
        if lanes[lane].dirtySince == 0 { lanes[lane].dirtySince = tick() }
        guard !lanes[lane].isListed else { return }
        lanes[lane].isListed = true
        dirty.append(Int32(truncatingIfNeeded: lane))
    }

    /// Asks to be woken for a lane, unless an earlier alarm does that already.
    mutating func wake(_ lane: Int, at instant: Instant) {
        guard instant < lanes[lane].alarmAt else { return }
        lanes[lane].alarmAt = instant
        alarms.insert(LaneAlarm(at: instant, lane: Int32(truncatingIfNeeded: lane)))
    }
}

/// A lane's place in the queue of alarms.
struct LaneAlarm: Comparable {
    var at: Instant
    var lane: Int32
    static func < (a: LaneAlarm, b: LaneAlarm) -> Bool { a.at != b.at ? a.at < b.at : a.lane < b.lane }
}

// MARK: Devices

extension Arbiter {
    /// A device is there: its lanes are empty, and every held type of each is written zero, for it may still run from before.
    public mutating func deviceAppeared(_ info: DeviceInfo, backend: UInt32, handle: BackendDevice, at now: Instant) {
        let index = Int(info.index)
        while rowOfIndex.count <= index { rowOfIndex.append(-1) }
        let features = info.description.features
        var row = Int(rowOfIndex[index])
        if row >= 0, devices[row].lanes.count == features.count {
            let base = devices[row].lanes.lowerBound
            for (i, feature) in features.enumerated() {
                // A global stop and a spray's gap bind the lane also when the device was away meanwhile.
                let holdOff = lanes[base + i].holdOffUntil
                let spray = lanes[base + i].sprayUntil
                lanes[base + i] = Lane(device: info.index, row: Int32(row), feature: feature)
                lanes[base + i].holdOffUntil = holdOff
                lanes[base + i].sprayUntil = spray
            }
        } else {
            if row < 0 {
                row = devices.count
                rowOfIndex[index] = Int32(row)
            } else {
                spareLanes.append(devices[row].lanes)
            }
            let device = ArbiterDevice(
                index: info.index, name: "", backend: backend, handle: handle, gap: .zero, lanes: layLanes(features, info.index, row),
                isDense: true, isPresent: true)
            if row == devices.count { devices.append(device) } else { devices[row] = device }
        }
        devices[row].name = info.description.name
        devices[row].displayName = info.description.displayName
        devices[row].backend = backend
        devices[row].handle = handle
        devices[row].gap = .milliseconds(Int64(info.description.writeGapMilliseconds))
        devices[row].isDense = features.enumerated().allSatisfy { $0.offset == Int($0.element.index) }
        devices[row].isPresent = true
        devices[row].nextWriteAt = .zero
        for lane in devices[row].lanes {
            applyPolicies(lane)
            touch(lane)
        }
    }

    /// Lanes for the features of a device: some that a device of as many features left, or new ones.
    private mutating func layLanes(_ features: [Feature], _ index: UInt32, _ row: Int) -> Range<Int> {
        guard let spare = spareLanes.firstIndex(where: { $0.count == features.count }) else {
            let base = lanes.count
            for feature in features { lanes.append(Lane(device: index, row: Int32(row), feature: feature)) }
            return base..<(base + features.count)
        }
        let range = spareLanes.remove(at: spare)
        for (lane, feature) in zip(range, features) { lanes[lane] = Lane(device: index, row: Int32(row), feature: feature) }
        return range
    }

    /// A device is gone: its lanes vanish, and commands that wait for it fail.
    public mutating func deviceDisappeared(index: UInt32, into effects: inout ArbiterEffects) {
        guard let row = row(of: index) else { return }
        devices[row].isPresent = false
        for lane in devices[row].lanes {
            flights.removeAll(of: lane) { flight in
                if let reply = flight.reply { effects.replies.append(SettledReply(to: reply.to, outcome: .deviceGone)) }
            }
            if let waiting = lanes[lane].waiting { effects.replies.append(SettledReply(to: waiting.to, outcome: .deviceGone)) }
            if let passOn = lanes[lane].passOn { effects.replies.append(SettledReply(to: passOn.reply.to, outcome: .deviceGone)) }
            let isListed = lanes[lane].isListed
            let alarmAt = lanes[lane].alarmAt
            let holdOff = lanes[lane].holdOffUntil
            let spray = lanes[lane].sprayUntil
            lanes[lane] = Lane(device: index, row: Int32(row), feature: Feature(index: lanes[lane].feature))
            lanes[lane].isPresent = false
            lanes[lane].isListed = isListed
            lanes[lane].alarmAt = alarmAt
            lanes[lane].holdOffUntil = holdOff
            lanes[lane].sprayUntil = spray
        }
    }

    /// The row of a device that is there.
    @inline(__always)
    func row(of index: UInt32) -> Int? {
        guard Int(index) < rowOfIndex.count else { return nil }
        let row = Int(rowOfIndex[Int(index)])
        return row >= 0 && devices[row].isPresent ? row : nil
    }

    /// The lane of a feature, or nil when there is no such device or feature.
    @inline(__always)
    public func lane(device: UInt32, feature: UInt32) -> LaneRef? {
        guard let row = row(of: device) else { return nil }
        let range = devices[row].lanes
        if devices[row].isDense {
            return Int(feature) < range.count ? LaneRef(range.lowerBound &+ Int(feature)) : nil
        }
        for lane in range where lanes[lane].feature == feature { return LaneRef(lane) }
        return nil
    }

    /// Whether the lane has this type and the value is in its range.
    @inline(__always)
    public func check(_ lane: LaneRef, _ type: OutputType, _ value: Int32) -> Bool {
        let steps = lanes[lane.at].steps[Int(type.rawValue)]
        return steps != 0 && value <= steps && (value >= 0 || (lanes[lane.at].signed.contains(type) && value >= -steps))
    }

    /// Whether the lane has any output.
    public func hasOutputs(_ lane: LaneRef) -> Bool {
        for i in 0..<9 where lanes[lane.at].steps[i] != 0 { return true }
        return false
    }

    /// Whether the lane has this type of output.
    public func hasOutput(_ lane: LaneRef, _ type: OutputType) -> Bool { lanes[lane.at].steps[Int(type.rawValue)] != 0 }

    /// Resolves the lane rules for every type of a lane.
    mutating func applyPolicies(_ lane: Int) {
        lanes[lane].plain = .none
        let (name, shown) = (devices[Int(lanes[lane].row)].name, devices[Int(lanes[lane].row)].displayName)
        for type in OutputType.allCases {
            let at = Int(type.rawValue)
            let steps = lanes[lane].steps[at]
            guard steps != 0 else { continue }
            let rule = settings.lanes.first {
                $0.matches(name: name, displayName: shown, feature: lanes[lane].feature, type: type)
            }
            let mix = rule?.mix.flatMap { $0.isAllowed(for: type) ? $0 : nil } ?? .standard(for: type)
            lanes[lane].mixes[at] = mix
            lanes[lane].limits[at] = (rule?.ceiling ?? .one).floor(of: steps)
            let policy = LanePolicy(
                slew: rule?.slew, onConflict: rule?.onConflict ?? .shadow, maxDurationMilliseconds: rule?.maxDurationMilliseconds)
            let place = policies.firstIndex(of: policy) ?? policies.count
            if place == policies.count { policies.append(policy) }
            lanes[lane].policies[at] = UInt16(place)
            if mix == .highest, !lanes[lane].signed.contains(type), policy.slew == nil { lanes[lane].plain.insert(type) }
        }
    }
}

// MARK: Sessions

extension Arbiter {
    /// A session may command from now on.
    public mutating func sessionOpened(_ id: LinkID, rights: Rights) {
        while sessions.count <= Int(id.slot) { sessions.append(ArbiterSession()) }
        var session = ArbiterSession()
        session.isOpen = true
        session.seniority = tick()
        sessions[Int(id.slot)] = session
        setRights(Int(id.slot), rights)
    }

    /// A session is over: what it held vanishes, and its lanes fold.
    public mutating func sessionEnded(slot: UInt32, at now: Instant, into effects: inout ArbiterEffects) {
        guard Int(slot) < sessions.count, sessions[Int(slot)].isOpen else { return }
        if sessions[Int(slot)].hasDriven {
            for lane in lanes.indices where lanes[lane].isPresent { release(lane, slot, byOperator: false, at: now, into: &effects) }
        }
        sessions[Int(slot)].isOpen = false
        sessions[Int(slot)].gate = .stopped
    }

    /// Gives the memory of sessions back; none is open.
    mutating func forgetSessions() { sessions = Slab(capacity: 16) }

    mutating func setRights(_ slot: Int, _ rights: Rights) {
        sessions[slot].rights = rights
        sessions[slot].isPlain = rights.gain == .one && rights.cap == .one
        setGate(slot)
    }

    mutating func setGate(_ slot: Int) {
        let rights = sessions[slot].rights
        let mask = masks.reduce(UInt8(0)) { max($0, $1.level) }
        sessions[slot].gate = rights.mute ? .muted : rights.priority < mask ? .masked : nil
    }

    /// Ends all that a session holds on a lane: contribution, lease, what waits; then the lane folds.
    mutating func release(_ lane: Int, _ slot: UInt32, byOperator: Bool, at now: Instant, into effects: inout ArbiterEffects) {
        var changed = false
        if let lease = lanes[lane].moveLease, lease.owner == slot {
            lanes[lane].moveLease = nil
            changed = true
        }
        if let passOn = lanes[lane].passOn, passOn.reply.to.session == slot {
            takeBackPassOn(lane, into: &effects)
            changed = true
        }
        let place = lanes[lane].place(of: slot)
        if place >= 0 {
            endContribution(lane, place)
            changed = true
        }
        if changed { refold(lane, operatorChange: byOperator, at: now, into: &effects) }
    }
}
