// What was asked of devices and not answered yet: reads, which identical askers share, and subscriptions being set up.
// Must not know backends or JSON; it keeps who asked, and until when.

import Buttplug
import DequeModule
import Host

/// One sensor of one device.
struct SensorKey: Hashable {
    var device: UInt32
    var feature: UInt32
    var type: InputType
}

/// A session that waits for a device's answer.
struct Waiter: Hashable {
    var slot: UInt32
    var generation: UInt32
    var id: UInt32
    var form: ReadingForm
}

/// The open requests, in the order in which they were made. All have the same patience, so that is the order of their deadlines too.
struct RequestTable {
    struct Request {
        let number: UInt32
        let key: SensorKey
        let isRead: Bool
        let deadline: Instant
        var waiters: [Waiter]
        fileprivate var isOpen = true
    }

    private var requests: Deque<Request> = []
    /// The open read of a sensor.
    private var reads: [SensorKey: UInt32] = [:]
    private var lastNumber: UInt32 = 0

    /// When the oldest request has waited long enough.
    var deadline: Instant { requests.first?.deadline ?? .never }

    /// Lets `waiter` share the read of `key` that is under way, if there is one.
    mutating func join(_ key: SensorKey, _ waiter: Waiter) -> Bool {
        guard let number = reads[key], let place = place(of: number) else { return false }
        requests[place].waiters.append(waiter)
        return true
    }

    /// Notes a new request and returns its number. No waiter: the router asks on its own.
    mutating func open(_ key: SensorKey, isRead: Bool, _ waiter: Waiter?, until deadline: Instant) -> UInt32 {
        lastNumber = lastNumber == .max ? 1 : lastNumber + 1
        requests.append(
            Request(number: lastNumber, key: key, isRead: isRead, deadline: deadline, waiters: waiter.map { [$0] } ?? []))
        if isRead { reads[key] = lastNumber }
        return lastNumber
    }

    /// Another session waits for the subscription that `number` sets up. False when it is not open any more.
    mutating func join(_ number: UInt32, _ waiter: Waiter) -> Bool {
        guard let place = place(of: number) else { return false }
        requests[place].waiters.append(waiter)
        return true
    }

    /// Ends a request and returns it; nil when it is not open (answered before, given up, or never made).
    mutating func close(_ number: UInt32) -> Request? {
        guard let place = place(of: number) else { return nil }
        return close(at: place)
    }

    /// Ends the oldest request whose patience is over.
    mutating func closeExpired(at now: Instant) -> Request? {
        guard let first = requests.first, first.deadline <= now else { return nil }
        return close(at: 0)
    }

    /// Ends every request to a device, oldest first.
    mutating func closeAll(device: UInt32) -> [Request] {
        let numbers = requests.filter { $0.isOpen && $0.key.device == device }.map(\.number)
        return numbers.compactMap { close($0) }
    }

    /// Takes the requests of one session's waiters out of a subscription that it no longer wants.
    mutating func leave(_ number: UInt32, slot: UInt32) -> [Waiter] {
        guard let place = place(of: number) else { return [] }
        let leaving = requests[place].waiters.filter { $0.slot == slot }
        requests[place].waiters.removeAll { $0.slot == slot }
        return leaving
    }

    private mutating func close(at place: Int) -> Request {
        requests[place].isOpen = false
        let request = requests[place]
        if request.isRead, reads[request.key] == request.number { reads[request.key] = nil }
        while let first = requests.first, !first.isOpen { requests.removeFirst() }
        return request
    }

    private func place(of number: UInt32) -> Int? {
        guard let first = requests.first else { return nil }
        let place = Int(number &- first.number)
        if place < requests.count, requests[place].number == number { return requests[place].isOpen ? place : nil }
        return requests.firstIndex { $0.number == number && $0.isOpen }
    }
}
