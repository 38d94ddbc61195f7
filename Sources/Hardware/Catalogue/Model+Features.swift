// A model as clients see it.
// Must not know the protocol that drives it.

import Buttplug

extension Model {
    /// Features in ascending order of index.
    var features: [Feature] {
        var features: [Feature] = []
        func place(_ index: UInt32) -> Int {
            if let place = features.firstIndex(where: { $0.index == index }) { return place }
            features.append(Feature(index: index, description: descriptions[index] ?? ""))
            return features.count - 1
        }
        for output in outputs {
            features[place(output.feature)].outputs.append(
                OutputRange(
                    output.type, steps: max(1, output.range.upperBound), isSigned: output.range.lowerBound < 0, duration: output.duration))
        }
        for input in inputs { features[place(input.feature)].inputs.append(input.range) }
        for index in features.indices { features[index].outputs.sort { $0.type.rawValue < $1.type.rawValue } }
        return features.sorted { $0.index < $1.index }
    }
}
