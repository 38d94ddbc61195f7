// From the values that clients write to those that the device takes: within the limits that a user has set.
// Must not know protocols.

import Buttplug

/// One output's range as clients see it, and what a value of it is for the device.
struct RangeMap: Hashable, Sendable {
    /// What the device takes at most.
    private let lowest: Int32
    private let highest: Int32
    private let isMove: Bool
    private let isReversed: Bool
    /// Whether clients may write negative values.
    let isSigned: Bool
    /// The upper end of the range that clients see.
    let steps: Int32
    /// An output that a user has turned off: clients do not see it, and it stays at zero.
    let isDisabled: Bool

    /// With the limits of a user, which lie within the model's range.
    init(_ output: ModelOutput, limits: ClosedRange<Int32>? = nil, isReversed: Bool = false, isDisabled: Bool = false) {
        isMove = output.type.isMove
        isSigned = output.range.lowerBound < 0
        lowest = limits?.lowerBound ?? 0
        highest = limits?.upperBound ?? max(1, output.range.upperBound)
        steps = max(1, highest - lowest)
        self.isReversed = isReversed && isMove
        self.isDisabled = isDisabled
    }

    /// The device's value for a client's, which is cut to the range. Zero is zero, but for a position: that is the end of the way.
    func hardware(_ value: Int32) -> Int32 {
        guard isMove else {
            guard value != 0, !isDisabled else { return 0 }
            let magnitude = min(lowest + min(Int32(clamping: value.magnitude), steps), highest)
            return value > 0 ? magnitude : isSigned ? -magnitude : 0
        }
        let step = min(max(value, 0), steps)
        return isReversed ? highest - step : lowest + step
    }
}

extension Model {
    /// One map per output, with what a user has set.
    func rangeMaps(_ settings: DeviceSettings = DeviceSettings()) -> [RangeMap] {
        outputs.map { output in
            let setting = settings.perOutput[OutputPlace(feature: output.feature, type: output.type)] ?? OutputSetting()
            return RangeMap(output, limits: setting.limits, isReversed: setting.isReversed, isDisabled: setting.isDisabled)
        }
    }

    /// The model with the ranges that clients see, without what is turned off.
    func limited(by maps: [RangeMap]) -> Model {
        var shown = self
        shown.outputs = zip(outputs, maps).compactMap { output, map in
            guard !map.isDisabled else { return nil }
            var shown = output
            shown.range = (map.isSigned ? -map.steps : 0)...map.steps
            return shown
        }
        return shown
    }
}
