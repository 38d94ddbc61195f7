// The hardware monitor must find every fault: each test breaks one promise, and the monitor must report it.
// Must not use a router; the test gives the monitor the facts.

import Host
import Testing

@testable import simulate

@Suite struct HardwareMonitorTests {
    private let monitor = HardwareMonitor()
    private let start = Instant(nanoseconds: 100_000_000_000)

    /// One device with two motors that everything reaches within 100 ms; it has been told zero and is shown.
    init() {
        monitor.add("toy", [0, 0]) { .milliseconds(100) }
        monitor.connected("toy")
        monitor.shown("toy", at: start)
        monitor.got("toy", [(0, 0), (1, 0)], at: start)
        monitor.check(at: at(200))
    }

    private func at(_ milliseconds: Int64) -> Instant { start + .milliseconds(milliseconds) }

    @Test("What an app wants, a stop that arrives in time and a return with zero break no promise")
    func orderly() {
        monitor.wants("toy", 0, 5, at: at(300))
        monitor.got("toy", [(0, 5)], at: at(310))
        monitor.checkRest("an app drives it")
        monitor.ends(0, "its app is gone", at: at(400))
        monitor.got("toy", [(0, 5), (1, 0)], at: at(450))
        monitor.got("toy", [(0, 0)], at: at(490))
        monitor.check(at: at(500))
        monitor.checkRest("every app is gone")
        monitor.hidden("toy", at: at(600))
        monitor.shown("toy", at: at(900))
        monitor.check(at: at(1_000))
        #expect(monitor.violation == nil, "\(monitor.violation?.text ?? "")")
    }

    @Test("An output that still runs when its app has been gone for longer than a zero takes is found")
    func runsOn() {
        monitor.wants("toy", 0, 5, at: at(300))
        monitor.got("toy", [(0, 5)], at: at(310))
        monitor.ends(0, "its app is gone", at: at(400))
        monitor.check(at: at(499))
        #expect(monitor.violation == nil)
        monitor.check(at: at(500))
        #expect(monitor.violation?.promise == .stops)
    }

    @Test("A value that no app wants is found, also one that was wanted long ago")
    func surprise() {
        monitor.wants("toy", 0, 5, at: at(300))
        monitor.ends(0, "its app has stopped", at: at(400))
        monitor.got("toy", [(0, 5)], at: at(501))
        #expect(monitor.violation?.promise == .surprises)
    }

    @Test("A value that is wanted after the operator's stop and before it is cleared is found at the device")
    func afterStop() {
        monitor.ends(nil, "the operator has stopped", byOperator: true, at: at(300))
        monitor.wants("toy", 1, 5, at: at(400))
        monitor.got("toy", [(1, 5)], at: at(410))
        #expect(monitor.violation?.promise == .surprises)
    }

    @Test("A device that ran when it was lost, and is told a value before its zero, is found")
    func valueBeforeZero() {
        monitor.wants("toy", 0, 5, at: at(300))
        monitor.got("toy", [(0, 5)], at: at(310))
        monitor.hidden("toy", at: at(400))
        monitor.shown("toy", at: at(900))
        monitor.wants("toy", 0, 7, at: at(905))
        monitor.got("toy", [(0, 7)], at: at(910))
        #expect(monitor.violation?.promise == .zeroFirst)
    }

    @Test("A device that comes back and goes on is found")
    func goesOn() {
        monitor.wants("toy", 0, 5, at: at(300))
        monitor.got("toy", [(0, 5)], at: at(310))
        monitor.hidden("toy", at: at(400))
        monitor.shown("toy", at: at(900))
        monitor.check(at: at(1_000))
        #expect(monitor.violation?.promise == .zeroFirst)
    }

    @Test("A device that runs on after its letter was posted is found")
    func deadLetter() {
        monitor.wants("toy", 0, 5, at: at(300))
        monitor.got("toy", [(0, 5)], at: at(310))
        monitor.routerEnded(at: at(400))
        monitor.letterPosted("toy", "its router was killed", at: at(400))
        monitor.check(at: at(500))
        #expect(monitor.violation?.promise == .watchdog)
    }

    @Test("Two raises within the gap, another index and a wrong end are each found", arguments: 0...2)
    func others(_ fault: Int) {
        monitor.raises("toy", gap: .milliseconds(75), at: at(300))
        monitor.raises("toy", gap: .milliseconds(75), at: at(fault == 0 ? 374 : 375))
        monitor.hasIndex("toy", 1)
        monitor.hasIndex("toy", fault == 1 ? 2 : 1)
        monitor.wants("toy", 0, 5, at: at(400))
        monitor.got("toy", [(0, 5)], at: at(410))
        if fault == 2 { monitor.wants("toy", 0, 6, at: at(411)) }
        monitor.checkRest("an app drives it")
        #expect(monitor.violation?.promise == [.gap, .index, .ends][fault])
    }
}
