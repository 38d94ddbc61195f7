// What becomes of backends that keep something for a moment when their router has ended, in virtual time.

import Buttplug
import Host
import SimHost
import Testing

@testable import Hardware

/// Keeps something until an instant after it was stopped.
private final class Keeper: KeepingBackend {
    let keepsUntil: Instant
    private(set) var reports: [Instant] = []

    init(until instant: Instant) { keepsUntil = instant }

    func start(for owner: any BackendOwner, as number: BackendNumber, at now: Instant) {}
    func perform(_ writes: UnsafeBufferPointer<DeviceWrite>, at now: Instant) {}
    func handle(_ request: BackendRequest, at now: Instant) {}
    var deadline: Instant { .zero }
    func report(at now: Instant) { reports.append(now) }
    func turnEnded(at now: Instant) {}
    func stop(at now: Instant) {}
}

@Suite struct BackendsEndTests {
    private func run(_ instants: Instant...) -> (reports: [[Int64]], ended: Int64?) {
        let host = SimHost()
        let backends = instants.map { Keeper(until: $0) }
        var ended: Int64?
        BackendsEnd.keep(backends, on: host) { ended = (host.now - .zero).milliseconds }
        host.run(for: .seconds(5))
        return (backends.map { $0.reports.map { ($0 - .zero).milliseconds } }, ended)
    }

    @Test("Backends that keep nothing are not called again, and the end is said at once.")
    func nothing() {
        let (reports, ended) = run(.never, .never)
        #expect(reports == [[], []] && ended == 0)
    }

    @Test("One that keeps something is called once when its time has come, and then the end is said.")
    func one() {
        let (reports, ended) = run(.never, .zero + .milliseconds(700))
        #expect(reports == [[], [700]] && ended == 700)
    }

    @Test("Nothing is kept for longer than a second.")
    func longest() {
        let (reports, ended) = run(.zero + .seconds(60), .zero + .milliseconds(10))
        #expect(reports == [[1_000], [1_000]] && ended == 1_000)
    }
}
