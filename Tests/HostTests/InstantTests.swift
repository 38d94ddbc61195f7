// Points and distances in time.
// Must not use a clock.

import Host
import Testing

@Suite struct InstantTests {
    @Test("Adding and subtracting agree, and never stays never.")
    func addsAndSubtracts() {
        let start = Instant(nanoseconds: 5_000_000_000)
        #expect(start + .seconds(2) == Instant(nanoseconds: 7_000_000_000))
        #expect(start + .milliseconds(-1_500) == Instant(nanoseconds: 3_500_000_000))
        #expect((start + .seconds(2)) - start == .seconds(2))
        #expect(start - (start + .milliseconds(3)) == .milliseconds(-3))
        #expect(Instant.never + .seconds(1) == .never)
        #expect(start.seconds == 5)
    }

    @Test("Instants are ordered by time, and every instant is before never.")
    func isOrdered() {
        #expect(Instant.zero < Instant(nanoseconds: 1))
        #expect(Instant(nanoseconds: .max - 1) < .never)
        #expect(Interval.milliseconds(999) < .seconds(1))
        #expect(Interval.seconds(1) < .forever)
        #expect(Interval.milliseconds(1) * 1_000 == .seconds(1))
        #expect(Interval(nanoseconds: 1_999_999).milliseconds == 1)
    }
}

@Suite struct CloseReasonTests {
    @Test("Every reason has a status a server may send, and a name that no other reason has.")
    func haveStatuses() {
        for reason in CloseReason.allCases {
            #expect([1000, 1001, 1002, 1007, 1008, 1009, 1013].contains(reason.status))
            #expect(CloseReason(rawValue: reason.rawValue) == reason)
            #expect(!reason.rawValue.contains(" "))
        }
        #expect(CloseReason.routerEnding.status == 1001)
        #expect(CloseReason.messageTooBig.status == 1009)
        #expect(CloseReason.invalidText.status == 1007)
    }
}
