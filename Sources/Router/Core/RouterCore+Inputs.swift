// Sensors: reads and subscriptions of sessions, and what backends answer (`arbitration.md` §9).
// Must not know how a version spells a reading; the session that asked does.

import Buttplug
import Host

extension RouterCore {
    // MARK: Sensors

    mutating func input(
        _ key: SensorKey, _ command: InputCommand, _ id: UInt32, _ form: ReadingForm, _ slot: Int, at now: Instant,
        into out: inout Outbox
    ) {
        if let failure = devices.failure(ofInput: key.type, command, device: key.device, feature: key.feature) {
            counters.totals.invalid &+= 1
            return error(slot, id, failure, into: &out)
        }
        if sessions.details[slot]!.denied.contains(key.device) {
            counters.totals.deniedDevice &+= 1
            return error(slot, id, .message, ErrorText.deniedDevice(key.device), into: &out)
        }
        if command == .unsubscribe {
            if let place = subscriptions.place(of: key) { unsubscribe(slot, from: place, at: now, into: &out) }
            return ok(slot, id, into: &out)
        }
        guard Int(sessions.rows[slot].pending) < settings.limits.pendingRequests else {
            return error(slot, id, .message, ErrorText.tooManyPending, into: &out)
        }
        let waiter = Waiter(slot: UInt32(slot), generation: sessions.rows[slot].generation, id: id, form: form)
        if command == .read { read(key, waiter, at: now, into: &out) } else { subscribe(key, waiter, at: now, into: &out) }
    }

    /// Identical reads at the same time are one read of the device.
    private mutating func read(_ key: SensorKey, _ waiter: Waiter, at now: Instant, into out: inout Outbox) {
        guard let place = places.place(of: key.device) else { return }
        sessions.rows[Int(waiter.slot)].pending += 1
        if requests.join(key, waiter) { return }
        let number = requests.open(key, isRead: true, waiter, until: now + settings.requestTimeout)
        let request = BackendRequest.read(device: place.handle, feature: key.feature, type: key.type, request: number)
        out.requests.append(OutgoingRequest(backend: place.backend, request: request))
    }

    private mutating func subscribe(_ key: SensorKey, _ waiter: Waiter, at now: Instant, into out: inout Outbox) {
        let slot = Int(waiter.slot)
        let (place, isNew) = subscriptions.add(Subscriber(slot: waiter.slot, form: waiter.form), to: key)
        if isNew { sessions.details[slot]!.topics.append(place) }
        switch subscriptions.topics[place].state {
        case .awake: ok(slot, waiter.id, into: &out)
        case .asked(let number):
            if requests.join(number, waiter) { sessions.rows[slot].pending += 1 } else { ok(slot, waiter.id, into: &out) }
        case .asleep, .unanswered:
            sessions.rows[slot].pending += 1
            ask(for: place, waiter, at: now, into: &out)
        }
    }

    /// Asks the device of a topic for its readings. No waiter: the device has come back.
    mutating func ask(for topic: Int, _ waiter: Waiter?, at now: Instant, into out: inout Outbox) {
        let key = subscriptions.topics[topic].key
        guard let place = places.place(of: key.device) else { return }
        let number = requests.open(key, isRead: false, waiter, until: now + settings.requestTimeout)
        subscriptions.setState(.asked(number), of: topic)
        let request = BackendRequest.subscribe(device: place.handle, feature: key.feature, type: key.type, request: number)
        out.requests.append(OutgoingRequest(backend: place.backend, request: request))
    }

    /// Ends one subscription of a session; the last one of all lets the device go.
    mutating func unsubscribe(_ slot: Int, from topic: Int, at now: Instant, into out: inout Outbox) {
        if case .asked(let number) = subscriptions.topics[topic].state {
            for waiter in requests.leave(number, slot: UInt32(slot)) { settle(waiter, into: &out) }
            if subscriptions.topics[topic].subscribers.map(\.slot) == [UInt32(slot)] { _ = requests.close(number) }
        }
        sessions.details[slot]!.topics.removeAll { $0 == topic }
        sessions.details[slot]!.held.removeAll { $0.topic == topic }
        guard let ended = subscriptions.remove(UInt32(slot), from: topic), ended.state != .asleep,
            let place = places.place(of: ended.key.device)
        else { return }
        let request = BackendRequest.unsubscribe(
            device: place.handle, feature: ended.key.feature, type: ended.key.type, request: requests.takeNumber())
        out.requests.append(OutgoingRequest(backend: place.backend, request: request))
    }

    /// Ends a session's subscriptions in a scope; everywhere when nothing is named.
    mutating func unsubscribe(_ slot: Int, device: UInt32?, feature: UInt32?, at now: Instant, into out: inout Outbox) {
        for topic in sessions.details[slot]!.topics {
            let key = subscriptions.topics[topic].key
            if (device ?? key.device) == key.device, (feature ?? key.feature) == key.feature {
                unsubscribe(slot, from: topic, at: now, into: &out)
            }
        }
    }

    /// The session is about to end: nobody is answered.
    mutating func unsubscribeAll(_ slot: Int, at now: Instant, into out: inout Outbox) {
        sessions.rows[slot].state = .ended
        unsubscribe(slot, device: nil, feature: nil, at: now, into: &out)
    }

    /// `Ok` for a subscription that was waited for.
    private mutating func settle(_ waiter: Waiter, into out: inout Outbox) {
        guard sessions.isLive(waiter.slot, waiter.generation) else { return }
        sessions.rows[Int(waiter.slot)].pending -= 1
        ok(Int(waiter.slot), waiter.id, into: &out)
    }

    /// `Error` 4 for everybody who waited for this request. A device that said nothing may have carried it out: when nobody is left who
    /// wants its readings, it is told to stop.
    mutating func fail(_ request: RequestTable.Request, _ text: String, isAnswer: Bool = true, at now: Instant, into out: inout Outbox) {
        let topic = request.isRead ? nil : subscriptions.place(of: request.key)
        let isPresent = topic.map { subscriptions.topics[$0].state == .asked(request.number) } ?? false
        if let topic, isPresent, isAnswer { subscriptions.setState(.asleep, of: topic) }
        for waiter in request.waiters where sessions.isLive(waiter.slot, waiter.generation) {
            let slot = Int(waiter.slot)
            sessions.rows[slot].pending -= 1
            if let topic, isPresent { unsubscribe(slot, from: topic, at: now, into: &out) }
            error(slot, waiter.id, .device, text, into: &out)
        }
        if let topic, isPresent, subscriptions.topics[topic].state == .asked(request.number) {
            subscriptions.setState(.unanswered, of: topic)
        }
    }

    // MARK: What backends answer

    mutating func readAnswered(_ number: UInt32, _ values: [Int32], into out: inout Outbox) {
        guard let request = requests.close(number), request.isRead else { return }
        newestReads[request.key] = values
        for waiter in request.waiters where sessions.isLive(waiter.slot, waiter.generation) {
            sessions.rows[Int(waiter.slot)].pending -= 1
            reading(request.key, values, id: waiter.id, waiter.form, Int(waiter.slot), into: &out)
        }
    }

    mutating func subscriptionAnswered(_ number: UInt32, into out: inout Outbox) {
        guard let request = requests.close(number), !request.isRead else { return }
        if let topic = subscriptions.place(of: request.key), subscriptions.topics[topic].state == .asked(number) {
            subscriptions.setState(.awake, of: topic)
        }
        for waiter in request.waiters { settle(waiter, into: &out) }
    }

    mutating func requestFailed(_ number: UInt32, _ reason: String, at now: Instant, into out: inout Outbox) {
        guard let request = requests.close(number) else { return }
        fail(request, ErrorText.failed(reason), at: now, into: &out)
    }

    mutating func giveUpRequests(at now: Instant, into out: inout Outbox) {
        while let request = requests.closeExpired(at: now) {
            fail(request, ErrorText.failed("The device did not answer in time."), isAnswer: false, at: now, into: &out)
        }
    }

    /// A subscribed sensor reports. Written once for all who want it in the same words; a congested session gets the newest later.
    mutating func reading(_ key: SensorKey, _ values: [Int32], into out: inout Outbox) {
        guard let topic = subscriptions.place(of: key) else { return }
        subscriptions.note(values, of: topic)
        var shared: (form: ReadingForm, start: Int, end: Int)?
        for subscriber in subscriptions.topics[topic].subscribers {
            let slot = Int(subscriber.slot)
            if sessions.rows[slot].isCongested {
                hold(topic, values, slot)
            } else if let shared, shared.form == subscriber.form {
                out.share(subscriber.slot, shared.start, shared.end)
            } else {
                let start = out.messages.count
                reading(key, values, id: 0, subscriber.form, slot, into: &out)
                shared = (subscriber.form, start, out.messages.count)
            }
        }
    }

    private mutating func reading(
        _ key: SensorKey, _ values: [Int32], id: UInt32, _ form: ReadingForm, _ slot: Int, into out: inout Outbox
    ) {
        let start = out.messages.count
        ServerSession.reading(
            id, device: key.device, feature: key.feature, type: key.type, values: values, form: form, into: &out.messages)
        out.extend(UInt32(slot), from: start)
    }

    private mutating func hold(_ topic: Int, _ values: [Int32], _ slot: Int) {
        if let place = sessions.details[slot]!.held.firstIndex(where: { $0.topic == topic }) {
            sessions.details[slot]!.held[place].values = values
            counters.totals.coalesced &+= 1
        } else {
            sessions.details[slot]!.held.append(HeldReading(topic: topic, values: values))
        }
    }

    // MARK: Congestion

    mutating func congested(_ id: LinkID) {
        guard let slot = sessions.slot(id) else { return }
        sessions.rows[slot].isCongested = true
    }

    /// The link takes messages again: the newest of what was held back goes out.
    mutating func drained(_ id: LinkID, into out: inout Outbox) {
        guard let slot = sessions.slot(id), sessions.rows[slot].isCongested else { return }
        sessions.rows[slot].isCongested = false
        if sessions.rows[slot].owesList {
            sessions.rows[slot].owesList = false
            pushList(slot, into: &out)
        }
        answerLists(slot, into: &out)
        tellScanEnd(slot, into: &out)
        let held = sessions.details[slot]!.held
        sessions.details[slot]!.held = []
        for reading in held {
            let topic = subscriptions.topics[reading.topic]
            guard let subscriber = topic.subscribers.first(where: { $0.slot == UInt32(slot) }) else { continue }
            self.reading(topic.key, reading.values, id: 0, subscriber.form, slot, into: &out)
        }
    }
}
