// Sensors: reads and subscriptions of sessions, and what backends answer (`arbitration.md` §9).
// Must not know how a version writes a reading; the subscriber's `ReadingForm` says it.

import Buttplug
import Host

/// What a session wants of a sensor.
struct SensorWish {
    var key: SensorKey
    var command: InputCommand
    var id: UInt32
    var form: ReadingForm
}

/// Open requests, subscriptions, and the newest readings.
struct Sensors: ~Copyable {
    private var requests = RequestTable()
    private(set) var subscriptions = SubscriptionTable()
    /// The newest answer to a read of each sensor that is there.
    private var newestReads: [SensorKey: [Int32]] = [:]
    /// Answers to reads there were.
    private var reads: UInt64 = 0

    /// When the oldest request has waited long enough.
    var deadline: Instant { requests.deadline }

    /// Grows with each new reading. A device that leaves does not change it: who compares it sees that in the device list.
    var readingsMark: UInt64 { subscriptions.readings &+ reads }

    /// The newest reading of a sensor, subscribed or read.
    func newest(_ key: SensorKey) -> [Int32]? {
        subscriptions.index(of: key).flatMap { subscriptions.topics[$0].newest } ?? newestReads[key]
    }

    // MARK: What sessions want

    mutating func carryOut(_ wish: SensorWish, by slot: Int, _ tables: inout RouterTables, at now: Instant, into out: inout Outbox) {
        let key = wish.key
        if let failure = tables.devices.failure(ofInput: key.type, wish.command, device: key.device, feature: key.feature) {
            tables.counters.totals.invalid &+= 1
            return out.error(slot, wish.id, failure)
        }
        if tables.sessions.details[slot]!.denied.contains(key.device) {
            tables.counters.totals.deniedDevice &+= 1
            return out.error(slot, wish.id, .message, ErrorText.deniedDevice(key.device))
        }
        if wish.command == .unsubscribe {
            if let topic = subscriptions.index(of: key) { unsubscribe(slot, from: topic, &tables, into: &out) }
            return out.ok(slot, wish.id)
        }
        guard Int(tables.sessions.rows[slot].pending) < tables.settings.limits.pendingRequests else {
            return out.error(slot, wish.id, .message, ErrorText.tooManyPending)
        }
        let waiter = Waiter(slot: UInt32(slot), generation: tables.sessions.rows[slot].generation, id: wish.id, form: wish.form)
        if wish.command == .read {
            read(key, waiter, &tables, at: now, into: &out)
        } else {
            subscribe(key, waiter, &tables, at: now, into: &out)
        }
    }

    /// Identical reads at the same time are one read of the device.
    private mutating func read(_ key: SensorKey, _ waiter: Waiter, _ tables: inout RouterTables, at now: Instant, into out: inout Outbox) {
        // It has one: `carryOut` has looked for the device.
        guard let address = tables.addresses.address(of: key.device) else { return }
        tables.sessions.rows[Int(waiter.slot)].pending += 1
        if requests.join(key, waiter) { return }
        let number = requests.open(key, isRead: true, waiter, until: now + tables.settings.requestTimeout)
        let request = BackendRequest.read(device: address.handle, feature: key.feature, type: key.type, request: number)
        out.requests.append(OutgoingRequest(backend: address.backend, request: request))
    }

    private mutating func subscribe(
        _ key: SensorKey, _ waiter: Waiter, _ tables: inout RouterTables, at now: Instant, into out: inout Outbox
    ) {
        let slot = Int(waiter.slot)
        let (topic, isNew) = subscriptions.add(Subscriber(slot: waiter.slot, form: waiter.form), to: key)
        if isNew { tables.sessions.details[slot]!.topics.append(topic) }
        switch subscriptions.topics[topic].state {
        case .awake: out.ok(slot, waiter.id)
        case .asked(let number):
            if requests.join(number, waiter) { tables.sessions.rows[slot].pending += 1 } else { out.ok(slot, waiter.id) }
        case .asleep, .unanswered:
            tables.sessions.rows[slot].pending += 1
            ask(for: topic, waiter, tables, at: now, into: &out)
        }
    }

    /// Asks the device of a topic for its readings. No waiter: the device has come back.
    private mutating func ask(
        for topic: TopicNumber, _ waiter: Waiter?, _ tables: borrowing RouterTables, at now: Instant, into out: inout Outbox
    ) {
        let key = subscriptions.topics[topic].key
        guard let address = tables.addresses.address(of: key.device) else { return }
        let number = requests.open(key, isRead: false, waiter, until: now + tables.settings.requestTimeout)
        subscriptions.setState(.asked(number), of: topic)
        let request = BackendRequest.subscribe(device: address.handle, feature: key.feature, type: key.type, request: number)
        out.requests.append(OutgoingRequest(backend: address.backend, request: request))
    }

    // MARK: Ends of subscriptions

    /// Ends one subscription of a session; the last one of all lets the device go.
    private mutating func unsubscribe(_ slot: Int, from topic: TopicNumber, _ tables: inout RouterTables, into out: inout Outbox) {
        if case .asked(let number) = subscriptions.topics[topic].state {
            for waiter in requests.leave(number, slot: UInt32(slot)) { settle(waiter, &tables, into: &out) }
            if subscriptions.topics[topic].subscribers.map(\.slot) == [UInt32(slot)] { _ = requests.close(number) }
        }
        tables.sessions.details[slot]!.topics.removeAll { $0 == topic }
        tables.sessions.details[slot]!.waitingReadings.forget(topic)
        guard let ended = subscriptions.remove(UInt32(slot), from: topic), ended.state != .asleep,
            let address = tables.addresses.address(of: ended.key.device)
        else { return }
        let request = BackendRequest.unsubscribe(
            device: address.handle, feature: ended.key.feature, type: ended.key.type, request: requests.takeNumber())
        out.requests.append(OutgoingRequest(backend: address.backend, request: request))
    }

    /// Ends a session's subscriptions in a scope; everywhere when nothing is named.
    mutating func unsubscribe(_ slot: Int, _ target: StopTarget, _ tables: inout RouterTables, into out: inout Outbox) {
        for topic in tables.sessions.details[slot]!.topics {
            let key = subscriptions.topics[topic].key
            if (target.device ?? key.device) == key.device, (target.feature ?? key.feature) == key.feature {
                unsubscribe(slot, from: topic, &tables, into: &out)
            }
        }
    }

    // MARK: Devices

    /// A device is there again: it is asked for the readings that somebody still wants.
    mutating func deviceAppeared(_ index: UInt32, _ tables: borrowing RouterTables, at now: Instant, into out: inout Outbox) {
        for topic in subscriptions.indices(device: index) { ask(for: topic, nil, tables, at: now, into: &out) }
    }

    /// A device is gone: nobody gets an answer from it any more.
    mutating func deviceDisappeared(_ info: DeviceInfo, _ tables: inout RouterTables, into out: inout Outbox) {
        for feature in info.description.features {
            for input in feature.inputs { newestReads[SensorKey(device: info.index, feature: feature.index, type: input.type)] = nil }
        }
        for request in requests.closeAll(device: info.index) { fail(request, ErrorText.gone(info.index), &tables, into: &out) }
        for topic in subscriptions.indices(device: info.index) { subscriptions.setState(.asleep, of: topic) }
    }
}

// MARK: What backends answer

extension Sensors {
    mutating func readAnswered(_ number: UInt32, _ values: [Int32], _ tables: inout RouterTables, into out: inout Outbox) {
        guard let request = requests.close(number), request.isRead else { return }
        newestReads[request.key] = values
        reads &+= 1
        for waiter in request.waiters where tables.sessions.isLive(waiter.slot, waiter.generation) {
            tables.sessions.rows[Int(waiter.slot)].pending -= 1
            Self.write(request.key, values, id: waiter.id, waiter.form, to: Int(waiter.slot), into: &out)
        }
    }

    mutating func subscriptionAnswered(_ number: UInt32, _ tables: inout RouterTables, into out: inout Outbox) {
        guard let request = requests.close(number), !request.isRead else { return }
        if let topic = subscriptions.index(of: request.key), subscriptions.topics[topic].state == .asked(number) {
            subscriptions.setState(.awake, of: topic)
        }
        for waiter in request.waiters { settle(waiter, &tables, into: &out) }
    }

    mutating func requestFailed(_ number: UInt32, _ reason: String, _ tables: inout RouterTables, into out: inout Outbox) {
        guard let request = requests.close(number) else { return }
        fail(request, ErrorText.failed(reason), &tables, into: &out)
    }

    mutating func giveUpRequests(_ tables: inout RouterTables, at now: Instant, into out: inout Outbox) {
        while let request = requests.closeExpired(at: now) {
            fail(request, ErrorText.failed("The device did not answer in time."), isAnswer: false, &tables, into: &out)
        }
    }

    /// `Ok` for a subscription that was waited for.
    private func settle(_ waiter: Waiter, _ tables: inout RouterTables, into out: inout Outbox) {
        guard tables.sessions.isLive(waiter.slot, waiter.generation) else { return }
        tables.sessions.rows[Int(waiter.slot)].pending -= 1
        out.ok(Int(waiter.slot), waiter.id)
    }

    /// `Error` 4 for everybody who waited for this request. A device that said nothing may have carried it out: when nobody is left who
    /// wants its readings, it is told to stop.
    private mutating func fail(
        _ request: RequestTable.Request, _ text: String, isAnswer: Bool = true, _ tables: inout RouterTables, into out: inout Outbox
    ) {
        let topic = request.isRead ? nil : subscriptions.index(of: request.key)
        // Whether the topic waits for this very request.
        let topicWaits = topic.map { subscriptions.topics[$0].state == .asked(request.number) } ?? false
        // The device has refused: `unsubscribe` then has nothing to tell it.
        if let topic, topicWaits, isAnswer { subscriptions.setState(.asleep, of: topic) }
        for waiter in request.waiters where tables.sessions.isLive(waiter.slot, waiter.generation) {
            let slot = Int(waiter.slot)
            tables.sessions.rows[slot].pending -= 1
            if let topic, topicWaits { unsubscribe(slot, from: topic, &tables, into: &out) }
            out.error(slot, waiter.id, .device, text)
        }
        if let topic, topicWaits, subscriptions.topics[topic].state == .asked(request.number) {
            subscriptions.setState(.unanswered, of: topic)
        }
    }

    // MARK: Readings

    /// A subscribed sensor reports. Consecutive subscribers with the same form share one text. A congested session gets the newest reading later.
    mutating func reading(_ key: SensorKey, _ values: [Int32], _ tables: inout RouterTables, into out: inout Outbox) {
        tables.counters.totals.readings &+= 1
        guard let topic = subscriptions.index(of: key) else { return }
        subscriptions.note(values, of: topic)
        var shared: (form: ReadingForm, start: Int, end: Int)?
        // All of them are there and may see the device: what ends a session or denies it a device unsubscribes it first.
        for subscriber in subscriptions.topics[topic].subscribers {
            let slot = Int(subscriber.slot)
            if tables.sessions.rows[slot].isCongested {
                if tables.sessions.details[slot]!.waitingReadings.keep(values, of: topic) { tables.counters.totals.coalesced &+= 1 }
            } else if let shared, shared.form == subscriber.form {
                out.addRun(subscriber.slot, shared.start, shared.end)
            } else {
                let start = out.messages.count
                Self.write(key, values, id: 0, subscriber.form, to: slot, into: &out)
                shared = (subscriber.form, start, out.messages.count)
            }
        }
    }

    /// The session's link takes messages again: the newest reading of each sensor goes out.
    func tellWaiting(_ slot: Int, _ tables: inout RouterTables, into out: inout Outbox) {
        for reading in tables.sessions.details[slot]!.waitingReadings.takeAll() {
            let topic = subscriptions.topics[reading.topic]
            guard let subscriber = topic.subscribers.first(where: { $0.slot == UInt32(slot) }) else { continue }
            Self.write(topic.key, reading.values, id: 0, subscriber.form, to: slot, into: &out)
        }
    }

    private static func write(
        _ key: SensorKey, _ values: [Int32], id: UInt32, _ form: ReadingForm, to slot: Int, into out: inout Outbox
    ) {
        let start = out.messages.count
        let reading = SensorReading(device: key.device, feature: key.feature, type: key.type, values: values)
        ServerSession.reading(id, reading, form: form, into: &out.messages)
        out.extend(UInt32(slot), from: start)
    }
}
