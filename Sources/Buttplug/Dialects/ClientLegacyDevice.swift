// A device of a version 3 server: its lists, one per kind of command, turned into features, and how messages name each feature.
// Must not know JSON.

/// One entry of a list of outputs, as the server gave it; a command names an index in the list.
struct ClientLegacyOutput {
    var description = ""
    /// nil when the type is none this client knows.
    var type: OutputType?
    /// At least 1; nil when the server's number makes no sense.
    var steps: Int32?
}

/// One entry of a list of sensors.
struct ClientLegacySensor {
    var description = ""
    var type: InputType?
    var ranges: [ClosedRange<Int32>] = []
}

/// The lists of one device.
struct ClientLegacyLists {
    var scalars: [ClientLegacyOutput] = []
    var rotators: [ClientLegacyOutput] = []
    var linears: [ClientLegacyOutput] = []
    var readable: [ClientLegacySensor] = []
    var subscribable: [ClientLegacySensor] = []
}

/// How messages name one feature: indices in the server's lists.
struct ClientLegacyFeature: Hashable, Sendable {
    var scalar: UInt32?
    /// When there is one, it is used in place of `scalar`: it has a direction.
    var rotator: UInt32?
    var linear: UInt32?
    var readable: UInt32?
    var subscribable: UInt32?
    /// What `scalar` or `rotator` drives.
    var output: OutputType?
    var steps: Int32 = 0
    var linearSteps: Int32 = 0
    var input: InputType?
}

/// How messages name the features of one device.
struct ClientLegacyDevice: Hashable, Sendable {
    let index: UInt32
    /// A feature's index is its position in the array.
    private(set) var features: ContiguousArray<ClientLegacyFeature> = []
    private var descriptions: ContiguousArray<String> = []
    private var ranges: ContiguousArray<[ClosedRange<Int32>]> = []

    subscript(feature index: UInt32) -> ClientLegacyFeature? { index < features.count ? features[Int(index)] : nil }

    /// Scalars come first, in their order, then what none of them represented.
    init(index: UInt32, lists: ClientLegacyLists) {
        self.index = index
        for (position, entry) in lists.scalars.enumerated() {
            guard let type = entry.type, let steps = entry.steps, type != .hwPositionWithDuration else { continue }
            add(entry.description) {
                $0.scalar = UInt32(position)
                $0.output = type
                $0.steps = steps
            }
        }
        for (position, entry) in lists.rotators.enumerated() {
            guard let steps = entry.steps else { continue }
            // The same rotation is listed as a scalar too, without its direction.
            change({ $0.output == .rotate && $0.rotator == nil && $0.steps == steps }, entry.description) {
                $0.rotator = UInt32(position)
                $0.output = .rotate
                $0.steps = steps
            }
        }
        for (position, entry) in lists.linears.enumerated() {
            guard let steps = entry.steps else { continue }
            // One axis may both jump and move.
            change({ $0.output == .position && $0.linear == nil && $0.steps == steps }, entry.description) {
                $0.linear = UInt32(position)
                $0.linearSteps = steps
            }
        }
        for (position, entry) in lists.readable.enumerated() {
            guard let type = entry.type else { continue }
            add(entry.description, entry.ranges) {
                $0.readable = UInt32(position)
                $0.input = type
            }
        }
        for (position, entry) in lists.subscribable.enumerated() {
            guard let type = entry.type else { continue }
            change({ $0.input == type && $0.subscribable == nil }, entry.description, entry.ranges) {
                $0.subscribable = UInt32(position)
                $0.input = type
            }
        }
    }

    /// The device's features as version 4 would list them.
    var described: [Feature] {
        features.indices.map { i in
            let feature = features[i]
            var described = Feature(index: UInt32(i), description: descriptions[i])
            if let type = feature.output {
                described.outputs.append(OutputRange(type, steps: feature.steps, isSigned: feature.rotator != nil))
            }
            if feature.linear != nil { described.outputs.append(OutputRange(.hwPositionWithDuration, steps: feature.linearSteps)) }
            if let type = feature.input {
                described.inputs.append(
                    InputRange(
                        type, ranges: ranges[i], canRead: feature.readable != nil, canSubscribe: feature.subscribable != nil))
            }
            return described
        }
    }

    /// Which sensor a reading is of. The index is in the list that the request referred to; a server that counts otherwise still names the
    /// type.
    func sensor(_ position: UInt32, _ type: InputType, isSubscription: Bool) -> UInt32? {
        let index =
            features.firstIndex { $0.input == type && (isSubscription ? $0.subscribable : $0.readable) == position }
            ?? features.firstIndex { $0.input == type }
        return index.map { UInt32($0) }
    }

    private mutating func add(
        _ description: String, _ ranges: [ClosedRange<Int32>] = [], _ fill: (inout ClientLegacyFeature) -> Void
    ) {
        var feature = ClientLegacyFeature()
        fill(&feature)
        features.append(feature)
        descriptions.append(description)
        self.ranges.append(ranges)
    }

    /// Fills the first feature that `suits` and has this description, or a new one.
    private mutating func change(
        _ suits: (ClientLegacyFeature) -> Bool, _ description: String, _ ranges: [ClosedRange<Int32>] = [],
        _ fill: (inout ClientLegacyFeature) -> Void
    ) {
        if let i = features.indices.first(where: { descriptions[$0] == description && suits(features[$0]) }) {
            fill(&features[i])
        } else {
            add(description, ranges, fill)
        }
    }
}
