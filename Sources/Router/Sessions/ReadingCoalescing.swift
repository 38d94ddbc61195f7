// Readings that wait for a session's link: of each sensor the newest only.
// Must not know sensors; topics are numbers.

/// A reading that waits until the link takes something again.
struct HeldReading {
    var topic: Int
    var values: [Int32]
}

/// The readings that one session is still owed.
struct HeldReadings {
    private var held: [HeldReading] = []

    /// Keeps a reading. True when it took the place of an older one.
    mutating func hold(_ values: [Int32], of topic: Int) -> Bool {
        guard let index = held.firstIndex(where: { $0.topic == topic }) else {
            held.append(HeldReading(topic: topic, values: values))
            return false
        }
        held[index].values = values
        return true
    }

    mutating func forget(_ topic: Int) { held.removeAll { $0.topic == topic } }

    mutating func takeAll() -> [HeldReading] {
        defer { held = [] }
        return held
    }
}
