// What the simulation itself believes of one device: whether it is there, and what it was asked.
// Must not ask the router or the backend.

import Buttplug
import Host

/// What the backend was last asked about one sensor's subscription.
struct SensorModel {
    let feature: UInt32
    let type: InputType
    let range: InputRange
    /// The last request was to subscribe.
    var isSubscribed = false
    /// Requests not answered yet.
    var open: [(request: UInt32, at: Instant)] = []
    /// The last subscription failed, or was never answered: then nothing is owed.
    var hasFailed = false
}

/// One device, present or not.
final class DeviceModel {
    let handle: BackendDevice
    /// The index clients know it by: its position in the order of first appearance.
    let index: UInt32
    let description: DeviceDescription
    let layout: LegacyLayout
    let lanes: [LaneModel]
    var sensors: [SensorModel]
    var isPresent = false
    /// Appeared in this turn: every held type is owed a zero before it ends.
    var hasJustAppeared = false
    var troubleAt = Instant.zero
    var lastWriteAt: Instant?
    let gap: Interval

    init(handle: BackendDevice, index: UInt32, description: DeviceDescription) {
        self.handle = handle
        self.index = index
        self.description = description
        layout = LegacyLayout(description)
        lanes = description.features.map { LaneModel(device: index, feature: $0) }
        sensors = description.features.flatMap { feature in
            feature.inputs.map { SensorModel(feature: feature.index, type: $0.type, range: $0) }
        }
        gap = .milliseconds(Int64(description.writeGapMilliseconds))
    }

    func lane(_ feature: UInt32) -> LaneModel? { lanes.first { $0.feature.index == feature } }

    func sensor(_ feature: UInt32, _ type: InputType) -> Int? { sensors.firstIndex { $0.feature == feature && $0.type == type } }
}
