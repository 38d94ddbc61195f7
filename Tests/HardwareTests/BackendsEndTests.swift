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
    /// - Parameter spans: How long each backend wants to keep something; nil: it keeps nothing.
    private func run(_ spans: Interval?...) -> (reports: [[Int64]], ended: Int64?) {
        let host = SimHost()
        let start = host.now
        let backends = spans.map { span in Keeper(until: span.map { start + $0 } ?? .never) }
        var ended: Int64?
        BackendsEnd.keep(backends, on: host) { ended = (host.now - start).milliseconds }
        host.run(for: .seconds(5))
        return (backends.map { $0.reports.map { ($0 - start).milliseconds } }, ended)
    }

    @Test("Backends that keep nothing are not called again, and the end is said at once.")
    func nothing() {
        let (reports, ended) = run(nil, nil)
        #expect(reports == [[], []] && ended == 0)
    }

    @Test("One that keeps something is called once when its time has come, and then the end is said.")
    func one() {
        let (reports, ended) = run(nil, .milliseconds(700))
        #expect(reports == [[], [700]] && ended == 700)
    }

    @Test("Nothing is kept for longer than a second.")
    func longest() {
        let (reports, ended) = run(.seconds(60), .milliseconds(10))
        #expect(reports == [[1_000], [1_000]] && ended == 1_000)
    }
}
