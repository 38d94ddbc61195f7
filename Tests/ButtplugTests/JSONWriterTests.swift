// How the JSON writer writes numbers and strings.

import Host
import Testing

@testable import Buttplug

@Suite struct JSONWriterTests {
    @Test(
        "Numbers of every length are written in full",
        arguments: [
            0, 1, 9, 10, 11, 99, 100, 101, 999, 1000, 12_345, 100_000, 999_999, 1_000_000, 10_000_000, 99_999_999, 100_000_000,
            1_000_000_000, .max,
        ] as [UInt32])
    func numbers(number: UInt32) {
        #expect(Frames.written { buffer in buffer.message { $0.append(number) } } == ["\(number)"])
        let signed = Int32(bitPattern: number)
        #expect(Frames.written { buffer in buffer.message { $0.append(signed) } } == ["\(signed)"])
    }

    @Test("Random numbers are written in full")
    func randomNumbers() {
        var dice = Dice(seed: 2)
        for _ in 0..<2_000 {
            let number = UInt32.random(in: 0...(.max), using: &dice) >> UInt32.random(in: 0..<32, using: &dice)
            #expect(Frames.written { buffer in buffer.message { $0.append(number) } } == ["\(number)"])
        }
    }

    @Test(
        "Hundredths have no superfluous digits",
        arguments: [(0, "0"), (1, "0.01"), (7, "0.07"), (10, "0.1"), (85, "0.85"), (100, "1"), (150, "1.5")] as [(UInt32, String)])
    func hundredths(number: UInt32, text: String) {
        #expect(Frames.written { buffer in buffer.message { $0.append(hundredths: number) } } == [text])
    }

    @Test(
        "Quotes, backslashes and control characters are escaped, everything else is not changed",
        arguments: [
            ("", "\"\""), ("a\"b\\c", #""a\"b\\c""#), ("\n\t\u{1B}\u{0}", #""\n\u0009\u001b\u0000""#), ("é😀\u{7F}", "\"é😀\u{7F}\""),
        ])
    func strings(text: String, json: String) {
        #expect(Frames.written { buffer in buffer.message { $0.append(string: text) } } == [json])
    }

    @Test("Ok has the right bytes for an id of every length", arguments: [1, 12, 123, 1_234, 99_999, 4_294_967_295] as [UInt32])
    func ok(id: UInt32) {
        #expect(Frames.written { ServerSession.ok(id, into: &$0) } == [#"[{"Ok":{"Id":\#(id)}}]"#])
    }
}

extension MessageBuffer {
    /// Writes one message.
    fileprivate mutating func message(_ body: (inout MessageBuffer) -> Void) {
        let start = begin()
        body(&self)
        end(start)
    }
}
