// The journal, byte for byte.

import Buttplug
import Devices
import Host
import Testing

/// A sink that keeps what it got, call by call.
private final class Pages: JournalSink {
    var texts: [String] = []
    func write(_ bytes: UnsafeRawBufferPointer) { texts.append(String(decoding: bytes, as: UTF8.self)) }
}

@Suite struct DeviceJournalTests {
    @Test("Each write is one line in the documented form, handed on once per turn")
    func lines() {
        let pages = Pages()
        let stage = Stage.present([spec("rabbit", count: 2), spec("stroker")], journal: DeviceJournal(sink: pages))
        stage.now = 1250
        stage.write(0, 12, session: 3)
        stage.write(1, feature: 1, .rotate, -20, session: 0)
        stage.write(2, .hwPositionWithDuration, 1000, duration: 100_000, session: 4_294_967_294)
        stage.now = 61_002
        stage.write(2, .position, 0)
        #expect(pages.texts == [])
        stage.backend.turnEnded(at: Stage.instant(61_002))
        stage.backend.turnEnded(at: Stage.instant(61_003))
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

    @Test("A refused write is written down, one to a device that is gone is not")
    func faults() {
        let pages = Pages()
        let stage = Stage.present([spec("plug")], journal: DeviceJournal(sink: pages))
        stage.backend.failNext(1, on: 0)
        stage.write(0, 1)
        stage.backend.disconnect(0, for: stage.owner, at: .zero)
        stage.write(0, 2)
        stage.write(9, 3)
        stage.backend.turnEnded(at: .zero)
        #expect(pages.texts.count == 1)
        #expect(pages.texts.first?.contains("\"value\":1,") == true)
        #expect(pages.texts.first?.contains("\"value\":2,") == false)
    }

    @Test("Names are escaped as JSON, and a time keeps its microseconds")
    func escapes() {
        let pages = Pages()
        let journal = DeviceJournal(sink: pages)
        let write = DeviceWrite(
            backend: 0, device: 0, deviceIndex: 0, feature: 0, type: .led, value: .min, duration: 5, ticket: 0, session: 0)
        journal.record(write, of: .init("a\"b\\c\n\u{1}é"), at: Instant(nanoseconds: 9_000_000_012_999))
        journal.flush()
        #expect(
            pages.texts == [
                #"{"t":9000.000012,"device":0,"name":"a\"b\\c\u000a\u0001é","feature":0,"output":"Led","value":-2147483648,"#
                    + "\"duration\":null,\"session\":0}\n"
            ])
    }

    @Test("A turn with more lines than the buffer holds loses none and splits none")
    func long() {
        let pages = Pages()
        let stage = Stage.present([spec("plug")], journal: DeviceJournal(sink: pages))
        for value in 0..<5000 as Range<Int32> { stage.write(0, value) }
        stage.backend.turnEnded(at: .zero)
        #expect(pages.texts.count > 1)
        #expect(pages.texts.allSatisfy { $0.hasPrefix("{\"t\":") && $0.hasSuffix("}\n") })
        let lines = pages.texts.joined().split(separator: "\n")
        #expect(lines.count == 5000)
        #expect(lines.last?.contains("\"value\":4999,") == true)
    }
}
