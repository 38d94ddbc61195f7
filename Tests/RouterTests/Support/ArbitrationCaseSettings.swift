// Reads the rules, lane settings and devices of an arbitration case.
// Must not play anything.

import Buttplug
import Foundation
import Host
import Router

enum ArbitrationCaseSettings {
    /// One rule per session, found by its name; sorted by name, so that every run has the same table.
    static func table(_ rules: [String: [String: Any]]) -> RuleTable {
        RuleTable(rules.keys.sorted().map { rule($0, rules[$0] ?? [:]) })
    }

    private static func rule(_ session: String, _ json: [String: Any]) -> Rule {
        var rule = Rule(match: RuleMatch(client: Glob(session)))
        if let priority = json["priority"] as? Int { rule.rights.priority = UInt8(priority) }
        if let gain = json["gain"] as? Double { rule.rights.gain = Fraction(gain) }
        if let cap = json["cap"] as? Double { rule.rights.cap = Fraction(cap) }
        if let role = json["role"] as? String { rule.rights.role = Role(rawValue: role)! }
        if let scope = json["stop_scope"] as? String { rule.rights.stopScope = StopScope(rawValue: scope)! }
        if let mute = json["mute"] as? Bool { rule.rights.mute = mute }
        if let milliseconds = json["max_ping_time"] as? Int { rule.maxPingTime = UInt32(milliseconds) }
        if let allow = json["allow"] as? [String] { rule.devices.allow = allow.map { Glob($0) } }
        if let deny = json["deny"] as? [String] { rule.devices.deny = deny.map { Glob($0) } }
        return rule
    }

    static func lane(_ json: [String: Any]) -> LaneRule {
        var rule = LaneRule()
        rule.device = json["device"] as? String
        rule.feature = (json["feature"] as? Int).map { UInt32($0) }
        rule.output = (json["output"] as? String).flatMap(type)
        rule.mix = (json["mix"] as? String).flatMap { Mix(rawValue: $0) }
        if let ceiling = json["ceiling"] as? Double { rule.ceiling = Fraction(ceiling) }
        if let slew = json["slew"] as? Double { rule.slew = Fraction(slew) }
        if let onConflict = json["on_conflict"] as? String { rule.onConflict = OnConflict(rawValue: onConflict)! }
        if let limit = json["max_duration"] as? Int { rule.maxDurationMilliseconds = UInt32(limit) }
        return rule
    }

    static func device(_ json: [String: Any], identity: String) -> DeviceDescription {
        let features = (json["features"] as? [[String: Any]] ?? []).enumerated().map { index, feature in
            let outputs = feature["outputs"] as? [String: [Int]] ?? [:]
            let inputs = feature["inputs"] as? [String: [String]] ?? [:]
            return Feature(
                index: UInt32(index),
                outputs: OutputType.allCases.compactMap { type in
                    outputs["\(type.name)"].map { OutputRange(type, steps: Int32($0[1]), isSigned: $0[0] < 0) }
                },
                inputs: InputType.allCases.compactMap { type in
                    inputs["\(type.name)"].map {
                        InputRange(type, ranges: [0...100], canRead: $0.contains("Read"), canSubscribe: $0.contains("Subscribe"))
                    }
                })
        }
        return DeviceDescription(
            identity: identity, name: json["name"] as? String ?? "", messageGapMilliseconds: UInt32(json["gap"] as? Int ?? 0),
            features: features)
    }

    private static func type(_ name: String) -> OutputType? { OutputType.allCases.first { "\($0.name)" == name } }
}
