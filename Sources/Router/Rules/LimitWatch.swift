// Which of the patterns that name devices have fitted one: a limit that fits none has no effect, and its author should be told.
// Must not know what the limits do.

import Buttplug
import Host

/// A pattern of the configuration that names devices.
public struct DeviceLimit: Hashable, Sendable, CustomStringConvertible {
    public enum Clause: Hashable, Sendable {
        case allow, deny
        /// Of a lane's rule, which may name a feature and a type of output too.
        case lane(feature: UInt32?, output: OutputType?)
    }

    public var clause: Clause
    /// Which entry of the list it is in, counted from 1.
    public var entry: Int
    public var pattern: String

    /// Where it is in the configuration.
    public var description: String {
        switch clause {
        case .allow: "[[rule]] \(entry), devices.allow"
        case .deny: "[[rule]] \(entry), devices.deny"
        case .lane(nil, nil): "[[arbitration.lane]] \(entry), device"
        case .lane: "[[arbitration.lane]] \(entry), device with its feature or output"
        }
    }

    func isSame(as other: DeviceLimit) -> Bool { clause == other.clause && pattern == other.pattern }

    func fits(_ device: DeviceDescription) -> Bool {
        guard Glob(pattern).matches(device) else { return false }
        guard case .lane(let feature, let output) = clause, feature != nil || output != nil else { return true }
        return device.features.contains { candidate in
            (feature == nil || candidate.index == feature) && (output == nil || candidate.outputs.contains { $0.type == output })
        }
    }
}

/// All such patterns, and what is known of each.
struct LimitWatch {
    private struct Entry {
        var limit: DeviceLimit
        var hasFitted = false
        var isTold = false
    }

    /// Devices come one by one; one list of an upstream is a moment.
    static let patience = Interval.milliseconds(250)

    private var entries: [Entry] = []
    /// When `takeUntold` has something to return.
    private(set) var deadline = Instant.never

    /// Those that have fitted no device so far.
    var unmet: [DeviceLimit] { entries.filter { !$0.hasFitted }.map(\.limit) }

    /// New settings. What is known of a pattern that stays is kept.
    mutating func set(_ settings: RouterSettings, devices: DeviceTable, at now: Instant) {
        var limits: [DeviceLimit] = []
        for (position, rule) in settings.rules.rules.enumerated() {
            limits += (rule.devices.allow ?? []).map { DeviceLimit(clause: .allow, entry: position + 1, pattern: $0.pattern) }
            limits += rule.devices.deny.map { DeviceLimit(clause: .deny, entry: position + 1, pattern: $0.pattern) }
        }
        for (position, lane) in settings.arbitration.lanes.enumerated() {
            guard let device = lane.device else { continue }
            limits.append(DeviceLimit(clause: .lane(feature: lane.feature, output: lane.output), entry: position + 1, pattern: device))
        }
        entries = limits.map { limit in
            var entry = entries.first { $0.limit.isSame(as: limit) } ?? Entry(limit: limit)
            entry.limit = limit
            return entry
        }
        deadline = .never
        for index in 0..<devices.indexLimit {
            if let info = devices[index] { appeared(info.description, at: now) }
        }
    }

    mutating func appeared(_ device: DeviceDescription, at now: Instant) {
        var isWanted = false
        for index in entries.indices where !entries[index].hasFitted {
            if entries[index].limit.fits(device) {
                entries[index].hasFitted = true
            } else if !entries[index].isTold {
                isWanted = true
            }
        }
        if isWanted { deadline = min(deadline, now + Self.patience) }
    }

    /// Those that fit no device although there have been some; each is told once.
    mutating func takeUntold() -> [DeviceLimit] {
        deadline = .never
        var untold: [DeviceLimit] = []
        for index in entries.indices where !entries[index].hasFitted && !entries[index].isTold {
            entries[index].isTold = true
            untold.append(entries[index].limit)
        }
        return untold
    }
}
