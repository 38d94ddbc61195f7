// Who listens to which sensor, counted per (device, feature, sensor): the first asks the device, the last lets it go.
// Must not know backends or JSON. Subscriptions sleep while their device is away and are asked for again when it returns.

import Buttplug

/// A session that gets a sensor's readings.
struct Subscriber: Hashable {
    var slot: UInt32
    var form: ReadingForm
}

/// One sensor with its listeners.
struct Topic {
    enum State: Hashable {
        /// The device is away, or refused. Can turn into: `asked`.
        case asleep
        /// The device has been asked, by the request of this number. Can turn into: `awake`, `unanswered`, `asleep`.
        case asked(UInt32)
        /// The device has been asked and did not answer in time: it may send readings or not. Can turn into: `asked`, `asleep`.
        case unanswered
        /// The device sends readings. Can turn into: `asleep`.
        case awake
    }

    let key: SensorKey
    var state = State.asleep
    /// In the order in which they came; empty: the number is free.
    var subscribers: [Subscriber] = []
    /// The newest reading.
    var newest: [Int32]?
}

/// Which topic of a `SubscriptionTable` it is.
typealias TopicNumber = Int

/// All subscriptions. Topics are numbered, and a number is used again when its last listener has left.
struct SubscriptionTable {
    private(set) var topics: [Topic] = []
    /// Grows whenever a newest reading changes or is forgotten.
    private(set) var readings: UInt64 = 0
    private var indexByKey: [SensorKey: TopicNumber] = [:]
    private var free: [TopicNumber] = []

    func index(of key: SensorKey) -> TopicNumber? { indexByKey[key] }

    /// Adds a listener, once, and returns the topic's number; a second time only the form of its readings changes.
    mutating func add(_ subscriber: Subscriber, to key: SensorKey) -> (index: TopicNumber, isNew: Bool) {
        let index = indexByKey[key] ?? make(key)
        if let known = topics[index].subscribers.firstIndex(where: { $0.slot == subscriber.slot }) {
            topics[index].subscribers[known].form = subscriber.form
            return (index, false)
        }
        topics[index].subscribers.append(subscriber)
        return (index, true)
    }

    /// Keeps a reading for those who look later.
    mutating func note(_ values: [Int32], of index: TopicNumber) {
        topics[index].newest = values
        readings &+= 1
    }

    /// Takes a listener away. Returns the topic when it was the last one: the device is to be let go if it was asked.
    mutating func remove(_ slot: UInt32, from index: TopicNumber) -> Topic? {
        guard let known = topics[index].subscribers.firstIndex(where: { $0.slot == slot }) else { return nil }
        topics[index].subscribers.remove(at: known)
        guard topics[index].subscribers.isEmpty else { return nil }
        let topic = topics[index]
        indexByKey[topic.key] = nil
        topics[index].state = .asleep
        topics[index].newest = nil
        readings &+= 1
        free.append(index)
        return topic
    }

    mutating func setState(_ state: Topic.State, of index: TopicNumber) { topics[index].state = state }

    /// The topics of a device that somebody listens to.
    func indices(device: UInt32) -> [TopicNumber] {
        topics.indices.filter { topics[$0].key.device == device && !topics[$0].subscribers.isEmpty }
    }

    private mutating func make(_ key: SensorKey) -> TopicNumber {
        let index = free.popLast() ?? topics.count
        if index == topics.count { topics.append(Topic(key: key)) } else { topics[index] = Topic(key: key) }
        indexByKey[key] = index
        return index
    }
}
