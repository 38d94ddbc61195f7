// Which lane rules are about a lane, and which mix an output type can have (`arbitration.md` §4).
// Must not know the configuration file; a rule that asks for a mix the type cannot have gets the type's default.

import Buttplug
import Host

extension Mix {
    /// The mix of a type that no rule sets (`arbitration.md` §4).
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
    /// Whether this rule is about the lane and type. Of a device's two names one has to match.
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
