// The messages to a service manager: each at its time, and none more often than necessary.
import Host
import Testing

@testable import plugboard

@Suite struct ServiceNoticesTests {
    private func at(_ milliseconds: Int64) -> Instant { Instant.zero + .milliseconds(milliseconds) }
    private let idle = ServiceNotices.Status(apps: 0, devices: 1)

    @Test("A start, a reload and an end are reported once each, in the form of sd_notify.")
    func life() {
        var notices = ServiceNotices(watchdogTime: nil)
        #expect(notices.turned(idle, at: at(0)) == nil)
        #expect(notices.reloadBegan(monotonicMicroseconds: 1) == nil)
        #expect(notices.becameReady(idle, at: at(0)) == "READY=1\nSTATUS=0 apps, 1 device")
        #expect(notices.deadline == .never)
        #expect(notices.reloadBegan(monotonicMicroseconds: 77) == "RELOADING=1\nMONOTONIC_USEC=77")
        #expect(notices.reloadBegan(monotonicMicroseconds: 78) == nil)
        #expect(notices.reloadEnded() == "READY=1")
        #expect(notices.reloadEnded() == nil)
        #expect(notices.endBegan()?.hasPrefix("STOPPING=1\n") == true)
        #expect(notices.endBegan() == nil)
        #expect(notices.reloadEnded() == nil)
    }

    @Test("A status is sent when it changes, and at most once a second; the last one is never lost.")
    func status() {
        var notices = ServiceNotices(watchdogTime: nil)
        _ = notices.becameReady(idle, at: at(0))
        #expect(notices.turned(.init(apps: 1, devices: 1), at: at(400)) == nil)
        #expect(notices.deadline == at(1_000))
        #expect(notices.turned(.init(apps: 3, devices: 4), at: at(1_000)) == "STATUS=3 apps, 4 devices")
        #expect(notices.turned(.init(apps: 3, devices: 4), at: at(5_000)) == nil)
        #expect(notices.deadline == .never)
    }

    @Test("The watchdog gets its message after half of its time, only from a turn, also while the router ends.")
    func watchdog() {
        var notices = ServiceNotices(watchdogTime: .seconds(10))
        _ = notices.becameReady(idle, at: at(0))
        #expect(notices.deadline == at(5_000))
        #expect(notices.turned(idle, at: at(4_999)) == nil)
        #expect(notices.turned(idle, at: at(5_000)) == "WATCHDOG=1")
        #expect(notices.deadline == at(10_000))
        _ = notices.endBegan()
        #expect(notices.turned(idle, at: at(12_000)) == "WATCHDOG=1")
    }

    @Test("A watchdog for another process, or for none, gets nothing.")
    func watchdogVariables() {
        let time = { ServiceNotifier.watchdogTime($0, process: 7) }
        #expect(time(["WATCHDOG_USEC": "3000000"]) == .seconds(3))
        #expect(time(["WATCHDOG_USEC": "3000000", "WATCHDOG_PID": "7"]) == .seconds(3))
        #expect(time(["WATCHDOG_USEC": "3000000", "WATCHDOG_PID": "8"]) == nil)
        for text in ["0", "-1", "x", ""] { #expect(time(["WATCHDOG_USEC": text]) == nil) }
        #expect(time([:]) == nil)
    }
}
