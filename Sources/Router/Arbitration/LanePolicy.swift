// A lane rule, resolved for one lane and one output type.
// Must not know the configuration; a rule that asks for a mix the type cannot have gets the type's default.

import Buttplug

/// The settings of one (lane, type) that the hot path does not need as numbers of its own.
struct LanePolicy: Equatable {
    var slew: Fraction?
    var onConflict = OnConflict.shadow
    var maxDurationMilliseconds: UInt32?
}

extension Mix {
    /// The mix of a type that no rule speaks of (`arbitration.md` §4).
    static func standard(for type: OutputType) -> Mix {
        switch type {
        case .vibrate, .oscillate, .constrict, .rotate: .highest
        case .temperature, .led, .spray: .latest
        case .position, .hwPositionWithDuration: .exclusive
        }
    }

    /// Whether an output type may be set to this mix (`arbitration.md` §4).
    public func isAllowed(for type: OutputType) -> Bool {
        switch type {
        case .vibrate, .oscillate, .constrict: true
        case .rotate, .temperature, .led: self == .highest || self == .latest || self == .exclusive
        case .spray, .position, .hwPositionWithDuration: self == .latest || self == .exclusive
        }
    }
}

extension LaneRule {
    /// Whether this rule speaks of the lane and type. Of a device's two names one has to match.
    func matches(name: String, displayName: String?, feature: UInt32, type: OutputType) -> Bool {
        if let device {
            let pattern = Glob(device)
            guard pattern.matches(name) || displayName.map({ pattern.matches($0) }) ?? false else { return false }
        }
        if let wantedFeature = self.feature, wantedFeature != feature { return false }
        if let output, output != type { return false }
        return true
    }
}
