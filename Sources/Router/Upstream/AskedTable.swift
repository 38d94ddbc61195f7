// What was asked of an upstream and not answered yet, by the ids of the requests.
// Must not know messages: it keeps who waits for what, and until when.

import Buttplug
import DequeModule
import Host

/// One request that an upstream has to answer.
struct AskedRequest {
    enum Kind: UInt8 {
        /// `number` is the write's ticket.
        case write
        /// `number` is the router's request.
        case read, subscribe
        case list, ping, scan
        /// Nobody waits for its answer.
        case other
    }

    let id: UInt32
    let kind: Kind
    let number: UInt32
    let device: BackendDevice
    let deadline: Instant
    fileprivate(set) var isOpen = true

    init(_ id: UInt32, _ kind: Kind, number: UInt32 = 0, device: BackendDevice = 0, until deadline: Instant) {
        self.id = id
        self.kind = kind
        self.number = number
        self.device = device
        self.deadline = deadline
    }
}

/// The open requests, in the order of their ids, which have no gaps: every id a session gives out is noted here. All have the same
/// timeout, so that is the order of their deadlines too.
struct AskedTable {
    private var requests: Deque<AskedRequest> = []

    /// When the oldest request has waited long enough, or sooner.
    var deadline: Instant { requests.first?.deadline ?? .never }
    var isEmpty: Bool { requests.isEmpty }
    /// How long the oldest open request has waited, of those that may wait for `timeout`.
    func waited(of timeout: Interval, at now: Instant) -> Interval { requests.first.map { now - $0.deadline + timeout } ?? .zero }

    mutating func add(_ request: AskedRequest) { requests.append(request) }

    mutating func removeAll() { requests.removeAll(keepingCapacity: true) }

    /// Ends a request and returns it; nil for an id that was never given out, or whose answer has come before.
    @inline(__always)
    mutating func close(_ id: UInt32) -> AskedRequest? {
        guard let first = requests.first else { return nil }
        if first.id == id, first.isOpen {
            requests.removeFirst()
            sweep()
            return first
        }
        return closeLater(id, after: first.id)
    }

    @inline(never)
    private mutating func closeLater(_ id: UInt32, after first: UInt32) -> AskedRequest? {
        // Ids go from 4294967295 to 1: there is no 0 in between.
        let index = id >= first ? Int(id - first) : Int(id &- first &- 1)
        guard id != 0, index < requests.count, requests[index].id == id, requests[index].isOpen else { return nil }
        requests[index].isOpen = false
        let request = requests[index]
        sweep()
        return request
    }

    /// Ends the oldest request whose time is over.
    mutating func closeExpired(at now: Instant) -> AskedRequest? {
        guard let first = requests.first, first.deadline <= now else { return nil }
        requests.removeFirst()
        sweep()
        return first
    }

    /// Ends every request about a device: its answers mean nothing any more.
    mutating func forget(_ device: BackendDevice) {
        for index in requests.indices where requests[index].device == device {
            switch requests[index].kind {
            case .write, .read, .subscribe: requests[index].isOpen = false
            case .list, .ping, .scan, .other: break
            }
        }
        sweep()
    }

    /// The oldest request is always an open one.
    @inline(__always)
    private mutating func sweep() {
        while let first = requests.first, !first.isOpen { requests.removeFirst() }
    }
}
