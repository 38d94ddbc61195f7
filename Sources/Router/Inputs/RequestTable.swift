// What was asked of devices and not answered yet: reads, which identical askers share, and subscriptions being set up.
// Must not know backends or JSON; it keeps who asked, and until when.

import Buttplug
import DequeModule
import Host

/// A session that waits for a device's answer.
struct Waiter: Hashable {
    var slot: UInt32
    var generation: UInt32
    var id: UInt32
    var form: ReadingForm
}

/// The open requests, in the order in which they were made. All have the same timeout, so that is the order of their deadlines too.
struct RequestTable {
    struct Request {
        let number: UInt32
        let key: SensorKey
        let isRead: Bool
        let deadline: Instant
        var waiters: [Waiter]
        fileprivate var isOpen = true
    }

    /// In ascending order of number; those in the middle that are done are swept out now and then.
    private var requests: Deque<Request> = []
    private var closed = 0
    /// The open read of a sensor.
    private var reads: [SensorKey: UInt32] = [:]
    private var lastNumber: UInt32 = 0

    /// When the oldest request has waited long enough.
    var deadline: Instant { requests.first?.deadline ?? .never }

    /// Lets `waiter` share the read of `key` that is under way, if there is one.
    mutating func join(_ key: SensorKey, _ waiter: Waiter) -> Bool {
        guard let number = reads[key], let index = index(of: number) else { return false }
        requests[index].waiters.append(waiter)
        return true
    }

    /// Notes a new request and returns its number. No waiter: the router asks on its own.
    mutating func open(_ key: SensorKey, isRead: Bool, _ waiter: Waiter?, until deadline: Instant) -> UInt32 {
        let number = takeNumber()
        requests.append(Request(number: number, key: key, isRead: isRead, deadline: deadline, waiters: waiter.map { [$0] } ?? []))
        if isRead { reads[key] = number }
        return number
    }

    /// A number for a request whose answer nobody waits for.
    mutating func takeNumber() -> UInt32 {
        lastNumber &+= 1
        return lastNumber
    }

    /// Another session waits for the subscription that `number` sets up. False when it is not open any more.
    mutating func join(_ number: UInt32, _ waiter: Waiter) -> Bool {
        guard let index = index(of: number) else { return false }
        requests[index].waiters.append(waiter)
        return true
    }

    /// Ends a request and returns it; nil when it is not open (answered before, given up, or never made).
    mutating func close(_ number: UInt32) -> Request? {
        guard let index = index(of: number) else { return nil }
        return close(at: index)
    }

    /// Ends the oldest request whose time is over.
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
        guard let index = index(of: number) else { return [] }
        let leaving = requests[index].waiters.filter { $0.slot == slot }
        requests[index].waiters.removeAll { $0.slot == slot }
        return leaving
    }

    private mutating func close(at index: Int) -> Request {
        let request = requests[index]
        requests[index].isOpen = false
        requests[index].waiters = []
        closed += 1
        if request.isRead, reads[request.key] == request.number { reads[request.key] = nil }
        while let first = requests.first, !first.isOpen {
            requests.removeFirst()
            closed -= 1
        }
        if closed > 64, closed > requests.count / 2 {
            requests.removeAll { !$0.isOpen }
            closed = 0
        }
        return request
    }

    /// Finds an open request. Numbers are compared by their distance from the oldest, which stays right when they wrap.
    private func index(of number: UInt32) -> Int? {
        guard let first = requests.first else { return nil }
        let wanted = number &- first.number
        var low = 0
        var high = requests.count
        while low < high {
            let middle = (low + high) / 2
            if requests[middle].number &- first.number < wanted { low = middle + 1 } else { high = middle }
        }
        return low < requests.count && requests[low].number == number && requests[low].isOpen ? low : nil
    }
}
