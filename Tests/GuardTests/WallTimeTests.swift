// Civil time is read and written as RFC 3339 has it, and goes on over leap days and the ends of years.

import Host
import Testing

@testable import Guard

@Suite struct WallTimeTests {
    @Test(
        "A time is written as it was read, in UTC and to the second",
        arguments: [
            ("1970-01-01T00:00:00Z", "1970-01-01T00:00:00Z", 0), ("2000-02-29T23:59:59Z", "2000-02-29T23:59:59Z", 951_868_799),
            ("2026-11-29T10:00:00.75Z", "2026-11-29T10:00:00Z", 1_795_946_400),
            ("2026-12-31t23:30:00-01:00", "2027-01-01T00:30:00Z", 1_798_763_400),
            ("2024-03-01 00:00:00+00:30", "2024-02-29T23:30:00Z", 1_709_249_400),
            ("9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z", 253_402_300_799),
        ])
    func readAndWritten(text: String, written: String, seconds: Int64) throws {
        let time = try #require(WallTime(text))
        #expect(time.description == written)
        #expect(time.milliseconds == seconds * 1_000)
    }

    @Test(
        "What is no time is refused",
        arguments: [
            "", "now", "2026-11-29", "2026-11-29T10:00:00", "2026-02-29T10:00:00Z", "2026-13-01T10:00:00Z", "2026-11-31T10:00:00Z",
            "2026-11-29T24:00:00Z", "2026-11-29T10:00:00.Z", "2026-11-29T10:00:00+1:00", "2026-11-29T10:00:00Z ", "1969-12-31T23:59:59Z",
            "９026-11-29T10:00:00Z", "2026-11-29T10:00:00+", "1970-01-01T00:00:00+00:01", "2026/11/29T10:00:00Z", "-026-11-29T10:00:00Z",
        ])
    func refused(text: String) { #expect(WallTime(text) == nil) }

    @Test("Every day from 1970 to 2100 is written and read back, each a day after the last")
    func days() throws {
        var last: WallTime?
        for day in 0..<(131 * 365) {
            let time = WallTime(milliseconds: Int64(day) * 86_400_000)
            #expect(WallTime(time.description) == time)
            if let last { #expect(time - last == .seconds(86_400)) }
            last = time
        }
    }

    @Test("A distance that no interval can say is the longest there is")
    func far() {
        #expect(WallTime.last - WallTime(milliseconds: 0) == .forever)
        #expect(WallTime.last + .seconds(10) == WallTime.last)
    }
}
