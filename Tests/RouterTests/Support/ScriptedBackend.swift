// A backend that a test controls: on command its devices come and go, answer late, refuse, or do not answer.
// Must not know the router; it records its requests and their times.

import Buttplug
import Host

final class ScriptedBackend: Backend {
    /// How one feature answers writes.
    struct Fault {
        var latency = Interval.zero
        /// Whether only the next write is late.
        var isOnce = false
        /// How many of the next writes are refused.
        var refusals = 0
    }

    struct Late {
        var due: Instant
        var device: BackendDevice
        var ticket: UInt32
        var outcome: WriteOutcome
    }

    /// Whether the router arbitrates its devices.
    let isArbitratedHere: Bool
    private(set) var writes: [(at: Instant, write: DeviceWrite)] = []
    private(set) var requests: [(at: Instant, request: BackendRequest)] = []
    /// By device and feature.
    var faults: [[UInt32]: Fault] = [:]
    /// Whether subscriptions are answered at once.
    var answersSubscriptions = true
    /// Whether writes are recorded.
    var keeps = true
    private(set) var writeCount = 0
    private(set) var turns = 0
    private var late: [Late] = []
    /// Whether writes are left unanswered until `arrive`.
    var holds = false
    private var held: [UInt32] = []
    private var arrived: [UInt32] = []
    private weak var owner: (any BackendOwner)?
    private var number: BackendNumber = 0

    init(isArbitratedHere: Bool = true) { self.isArbitratedHere = isArbitratedHere }

    /// The answers to all held writes have been read; the owner gets them at its next call.
    func arrive() {
        arrived += held
        held = []
        owner?.reportIsDue(from: number)
    }

    func forget() {
        writes.removeAll(keepingCapacity: true)
        requests.removeAll(keepingCapacity: true)
    }

    /// The device is gone; its answers never come.
    func lose(_ device: BackendDevice) { late.removeAll { $0.device == device } }

    func start(for owner: any BackendOwner, as number: BackendNumber, at now: Instant) {
        self.owner = owner
        self.number = number
    }

    func stop(at now: Instant) { owner = nil }

    func perform(_ batch: UnsafeBufferPointer<DeviceWrite>, at now: Instant) {
        guard let owner else { return }
        for write in batch {
            writeCount += 1
            if keeps { writes.append((now, write)) }
            if holds {
                held.append(write.ticket)
                continue
            }
            if faults.isEmpty {
                owner.answered(ticket: write.ticket, .done, at: now)
                continue
            }
            let index = [write.device, write.feature]
            var fault = faults[index] ?? Fault()
            let isRefused = fault.refusals > 0
            if isRefused { fault.refusals -= 1 }
            let latency = fault.latency
            if fault.isOnce { fault.latency = .zero }
            faults[index] = fault
            if latency == .zero {
                owner.answered(ticket: write.ticket, isRefused ? .refused : .done, at: now)
            } else {
                late.append(Late(due: now + latency, device: write.device, ticket: write.ticket, outcome: isRefused ? .refused : .done))
            }
        }
    }

    func handle(_ request: BackendRequest, at now: Instant) {
        requests.append((now, request))
        switch request {
        case .subscribe(_, _, _, let number), .unsubscribe(_, _, _, let number):
            if answersSubscriptions { owner?.happened(.subscriptionAnswered(request: number), from: self.number, at: now) }
        default: break
        }
    }

    var deadline: Instant { late.map(\.due).min() ?? .never }

    func report(at now: Instant) {
        let answers = arrived
        arrived = []
        for ticket in answers { owner?.answered(ticket: ticket, .done, at: now) }
        let due = late.filter { $0.due <= now }.sorted { $0.due < $1.due }
        late.removeAll { $0.due <= now }
        for answer in due { owner?.answered(ticket: answer.ticket, answer.outcome, at: now) }
    }

    func turnEnded(at now: Instant) { turns += 1 }
}
