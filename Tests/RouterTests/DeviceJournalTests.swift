// The journal, byte for byte, and that it gets every write of every backend.

import Buttplug
import Host
import Testing

@testable import Router

/// A sink that keeps what it got, call by call.
private final class Pages: JournalSink {
    var texts: [String] = []
    func write(_ bytes: UnsafeRawBufferPointer) { texts.append(String(decoding: bytes, as: UTF8.self)) }
}

@Suite struct DeviceJournalTests {
    private static func write(
        _ device: UInt32, feature: UInt32 = 0, _ type: OutputType, _ value: Int32, duration: UInt32 = 0,
        session: UInt32 = DeviceWrite.noSession, backend: UInt32 = 0
    ) -> DeviceWrite {
        DeviceWrite(
            to: DeviceTarget(backend: backend, device: device, deviceIndex: device + 10, feature: feature), type: type, value: value,
            duration: duration,
            ticket: 0, session: session)
    }

    private static func instant(_ milliseconds: UInt64) -> Instant { Instant(nanoseconds: milliseconds * 1_000_000) }

    @Test("Each write is one line in the documented form, passed on once per flush; a device's name is looked up once.")
    func lines() {
        let pages = Pages()
        let journal = DeviceJournal(sink: pages)
        var asked = 0
        func record(_ write: DeviceWrite, at milliseconds: UInt64) {
            journal.record(write, at: Self.instant(milliseconds)) {
                asked += 1
                return ["Simulated Rabbit", "Simulated Rabbit 2", "Simulated Stroker"][Int($0.device)]
            }
        }
        record(Self.write(0, .vibrate, 12, session: 3), at: 1250)
        record(Self.write(1, feature: 1, .rotate, -20, session: 0), at: 1250)
        record(Self.write(2, .hwPositionWithDuration, 1000, duration: 100_000, session: 4_294_967_294), at: 1250)
        record(Self.write(2, .position, 0), at: 61_002)
        #expect(pages.texts == [])
        #expect(asked == 3)
        journal.flush()
        journal.flush()
        #expect(
            pages.texts == [
                """
                {"t":1.250000,"device":10,"name":"Simulated Rabbit","feature":0,"output":"Vibrate","value":12,"duration":null,"session":3}
                {"t":1.250000,"device":11,"name":"Simulated Rabbit 2",\
                "feature":1,"output":"Rotate","value":-20,"duration":null,"session":0}
                {"t":1.250000,"device":12,"name":"Simulated Stroker",\
                "feature":0,"output":"HwPositionWithDuration","value":1000,"duration":100000,"session":4294967294}
                {"t":61.002000,"device":12,"name":"Simulated Stroker",\
                "feature":0,"output":"Position","value":0,"duration":null,"session":null}

                """
            ])
    }

    @Test("Names are escaped as JSON, and a time keeps its microseconds.")
    func escapes() {
        let pages = Pages()
        let journal = DeviceJournal(sink: pages)
        let write = DeviceWrite(
            to: DeviceTarget(backend: 0, device: 0, deviceIndex: 0, feature: 0), type: .led, value: .min, duration: 5, ticket: 0, session: 0
        )
        journal.record(write, at: Instant(nanoseconds: 9_000_000_012_999)) { _ in "a\"b\\c\n\u{1}é" }
        journal.flush()
        #expect(
            pages.texts == [
                #"{"t":9000.000012,"device":0,"name":"a\"b\\c\u000a\u0001é","feature":0,"output":"Led","value":-2147483648,"#
                    + "\"duration\":null,\"session\":0}\n"
            ])
    }

    @Test("A turn with more lines than fit into the buffer loses none and splits none.")
    func long() {
        let pages = Pages()
        let journal = DeviceJournal(sink: pages)
        for value in 0..<5000 as Range<Int32> { journal.record(Self.write(0, .vibrate, value), at: .zero) { _ in "Simulated Plug" } }
        journal.flush()
        #expect(pages.texts.count > 1)
        #expect(pages.texts.allSatisfy { $0.hasPrefix("{\"t\":") && $0.hasSuffix("}\n") })
        let lines = pages.texts.joined().split(separator: "\n")
        #expect(lines.count == 5000)
        #expect(lines.last?.contains("\"value\":4999,") == true)
    }

    @Test("The router's journal gets every write of every backend with the device's name, refused ones too, at the turn's end.")
    func everyBackend() {
        let pages = Pages()
        let router = TestRouter(backends: 2, journal: DeviceJournal(sink: pages))
        router.appear(0, .twoMotors("test:a", name: "Here"))
        router.appear(0, .twoMotors("test:b", name: "There"), backend: 1)
        router.open("A")
        router.backends[1].faults[[0, 1]] = .init(refusals: 1)
        let known = pages.texts.count
        router.post("A", TestRouter.output(2, 0, 0, "Vibrate", 10))
        router.post("A", TestRouter.output(3, 1, 1, "Vibrate", 20))
        #expect(pages.texts.count == known)
        router.host.turn()
        let lines = pages.texts[known...].joined().split(separator: "\n")
        #expect(lines.contains { $0.contains(#""device":0,"name":"Here","feature":0,"output":"Vibrate","value":10,"#) })
        #expect(lines.contains { $0.contains(#""device":1,"name":"There","feature":1,"output":"Vibrate","value":20,"#) })
        let writes = router.backends.reduce(0) { $0 + $1.writes.count }
        #expect(pages.texts.joined().split(separator: "\n").count == writes)
    }
}
