// What a lane is: its feature, and what the operator's rules say of each of its output types.
// Must not know who drives it. Changes only when a device appears or leaves, and with new settings.

import Buttplug

/// The index of a lane. It belongs to one feature of one device for as long as the device is known.
public struct LaneIndex: Hashable, Sendable {
    @usableFromInline var raw: Int32
    @usableFromInline init(_ index: Int) { raw = Int32(truncatingIfNeeded: index) }
    /// Its place in the table of lanes.
    @usableFromInline var index: Int { Int(raw) }
}

/// A lane's feature and rules.
struct LaneTraits: ~Copyable {
    let index: LaneIndex
    /// The index that clients see.
    let device: UInt32
    let row: DeviceRow
    let feature: UInt32
    /// Upper end of each type's range; 0 where the feature lacks the type.
    private(set) var steps = InlineArray<9, Int32>(repeating: 0)
    private(set) var signed = TypeMask.none
    private(set) var held = TypeMask.none
    /// Held types and spray: those to which a zero means something.
    private(set) var zeroable = TypeMask.none
    private(set) var mixes = InlineArray<9, Mix>(repeating: .highest)
    /// What no value of the type may pass.
    private(set) var ceilings = InlineArray<9, Int32>(repeating: 0)
    /// Types that rise by time only, and by how many ten-thousandths of the range per second.
    private var slewed = TypeMask.none
    private var slews = InlineArray<9, Int32>(repeating: 0)
    /// Types with a longest duration, and it, in milliseconds.
    private var bounded = TypeMask.none
    private var longest = InlineArray<9, UInt32>(repeating: 0)
    /// Types whose sender is told when another session's lease keeps it off.
    private var tellingConflicts = TypeMask.none
    /// Types whose fold is a plain maximum: `highest`, unsigned, no slew.
    private(set) var plain = TypeMask.none

    /// The traits of a feature, before `apply`.
    init(index: LaneIndex, device: UInt32, row: DeviceRow, feature: Feature) {
        self.index = index
        self.device = device
        self.row = row
        self.feature = feature.index
        for output in feature.outputs {
            steps[Int(output.type.rawValue)] = output.steps
            if output.isSigned { signed.insert(output.type) }
            if output.type.isHeld { held.insert(output.type) }
            if !output.type.isMove { zeroable.insert(output.type) }
        }
    }

    /// The traits of the same lane while its device is away: no outputs.
    func withoutOutputs() -> LaneTraits { LaneTraits(index: index, device: device, row: row, feature: Feature(index: feature)) }

    /// The first type the lane has, in the order of `OutputType`.
    var firstOutput: OutputType? { OutputType.allCases.first { steps[Int($0.rawValue)] != 0 } }

    /// Whether the feature has an output at all.
    var hasOutput: Bool {
        for type in steps.indices where steps[type] != 0 { return true }
        return false
    }

    /// How a type mixes.
    @inline(__always)
    func mixRule(of type: OutputType) -> MixRule {
        let row = Int(type.rawValue)
        return MixRule(mix: mixes[row], steps: steps[row], ceiling: ceilings[row])
    }

    /// Whether the lane has this type and the value is in its range.
    @inline(__always)
    func accepts(_ type: OutputType, _ value: Int32) -> Bool {
        let steps = steps[Int(type.rawValue)]
        return steps != 0 && value <= steps && (value >= 0 || (signed.contains(type) && value >= -steps))
    }

    /// Whether a move may last this long (`max_duration`).
    @inline(__always)
    func allows(duration: UInt32, of type: OutputType) -> Bool {
        !type.isMove || !bounded.contains(type) || duration <= longest[Int(type.rawValue)]
    }

    /// What no value of the type may pass for a session with this cap.
    @inline(__always)
    func highest(_ type: OutputType, cap: Fraction) -> Int32 { min(cap.floor(of: steps[Int(type.rawValue)]), ceilings[Int(type.rawValue)]) }

    /// How fast a type may rise; nil: at once.
    @inline(__always)
    func slew(of type: OutputType) -> Slew? {
        guard slewed.contains(type) else { return nil }
        let at = Int(type.rawValue)
        return Slew(fraction: Fraction(tenThousandths: slews[at]), steps: steps[at])
    }

    /// Whether the sender gets an `Error` when another session's lease keeps its command off (`on_conflict`).
    @inline(__always)
    func tellsConflict(of type: OutputType) -> Bool { tellingConflicts.contains(type) }

    /// What the sender is told then.
    @inline(__always)
    func conflict(on type: OutputType) -> Verdict { tellsConflict(of: type) ? .deniedLeased : .shadowed }

    /// Resolves the lane rules for every type of the lane; the first match counts.
    mutating func apply(_ rules: [LaneRule], name: String, displayName: String?) {
        (plain, slewed, bounded, tellingConflicts) = (.none, .none, .none, .none)
        for type in OutputType.allCases {
            let at = Int(type.rawValue)
            guard steps[at] != 0 else { continue }
            let rule = rules.first { $0.matches(name: name, displayName: displayName, feature: feature, type: type) }
            let mix = rule?.mix.flatMap { $0.isAllowed(for: type) ? $0 : nil } ?? .standard(for: type)
            mixes[at] = mix
            ceilings[at] = (rule?.ceiling ?? .one).floor(of: steps[at])
            if let slew = rule?.slew {
                slewed.insert(type)
                slews[at] = slew.tenThousandths
            }
            if let duration = rule?.maxDurationMilliseconds {
                bounded.insert(type)
                longest[at] = duration
            }
            if rule?.onConflict == .error { tellingConflicts.insert(type) }
            if mix == .highest, !signed.contains(type), rule?.slew == nil { plain.insert(type) }
        }
    }
}
