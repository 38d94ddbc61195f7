// Readings that wait for a session's link: of each sensor the newest only.
// Must not know sensors; topics are numbers.

/// A reading that waits until the link takes something again.
struct WaitingReading {
    var topic: TopicNumber
    var values: [Int32]
}

/// The readings that one session is still owed.
struct WaitingReadings {
    private var waiting: [WaitingReading] = []

    /// Keeps a reading. True when it took the place of an older one.
    mutating func keep(_ values: [Int32], of topic: TopicNumber) -> Bool {
        guard let index = waiting.firstIndex(where: { $0.topic == topic }) else {
            waiting.append(WaitingReading(topic: topic, values: values))
            return false
        }
        waiting[index].values = values
        return true
    }

    mutating func forget(_ topic: TopicNumber) { waiting.removeAll { $0.topic == topic } }

    mutating func takeAll() -> [WaitingReading] {
        defer { waiting = [] }
        return waiting
    }
}
