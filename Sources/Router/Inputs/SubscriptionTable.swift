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
    /// In the order in which they came; empty: the place is free.
    var subscribers: [Subscriber] = []
    /// The newest reading.
    var newest: [Int32]?
}

/// All subscriptions. Topics are numbered, and a number is used again when its last listener has left.
struct SubscriptionTable {
    private(set) var topics: [Topic] = []
    private var places: [SensorKey: Int] = [:]
    private var free: [Int] = []

    func place(of key: SensorKey) -> Int? { places[key] }

    /// Adds a listener, once, and returns the topic's number; a second time only the spelling changes.
    mutating func add(_ subscriber: Subscriber, to key: SensorKey) -> (place: Int, isNew: Bool) {
        let place = places[key] ?? make(key)
        if let known = topics[place].subscribers.firstIndex(where: { $0.slot == subscriber.slot }) {
            topics[place].subscribers[known].form = subscriber.form
            return (place, false)
        }
        topics[place].subscribers.append(subscriber)
        return (place, true)
    }

    /// Keeps a reading for those who look later.
    mutating func note(_ values: [Int32], of place: Int) { topics[place].newest = values }

    /// Takes a listener away. Returns the topic when it was the last one: the device is to be let go if it was asked.
    mutating func remove(_ slot: UInt32, from place: Int) -> Topic? {
        guard let known = topics[place].subscribers.firstIndex(where: { $0.slot == slot }) else { return nil }
        topics[place].subscribers.remove(at: known)
        guard topics[place].subscribers.isEmpty else { return nil }
        let topic = topics[place]
        places[topic.key] = nil
        topics[place].state = .asleep
        topics[place].newest = nil
        free.append(place)
        return topic
    }

    mutating func setState(_ state: Topic.State, of place: Int) { topics[place].state = state }

    /// The topics of a device that somebody listens to.
    func places(device: UInt32) -> [Int] { topics.indices.filter { topics[$0].key.device == device && !topics[$0].subscribers.isEmpty } }

    private mutating func make(_ key: SensorKey) -> Int {
        let place = free.popLast() ?? topics.count
        if place == topics.count { topics.append(Topic(key: key)) } else { topics[place] = Topic(key: key) }
        places[key] = place
        return place
    }
}
