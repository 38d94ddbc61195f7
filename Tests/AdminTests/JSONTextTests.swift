// Numbers, texts and nesting of the JSON that the admin interface writes.

import JSON
import Testing

@Suite struct JSONTextTests {
    @Test("Numbers have at most three digits after the point, and a value that is not a number is null")
    func numbers() {
        var text = JSONText()
        text.array { for number in [0, 1.5, -0.25, 0.0004, 1_234.5678, 85, .infinity, 0.1 + 0.2] { $0.value(number) } }
        #expect(text.string == "[0,1.5,-0.25,0,1234.568,85,null,0.3]")
    }

    @Test("Integers are written as they are, at the ends of their range too")
    func integers() {
        var text = JSONText()
        let numbers = [0, 9, 10, 99, 100, 999, 1_000, 1_001, 10_050, 1_000_000, -7, -1_234, Int.max, Int.min]
        text.array { for number in numbers { $0.value(number) } }
        #expect(text.string == "[" + numbers.map(String.init).joined(separator: ",") + "]")
        var large = JSONText()
        large.value(UInt64.max)
        #expect(large.string == "\(Int64.max)")
    }

    @Test("Names, pairs of numbers and texts between JSON texts are written as they are")
    func names() {
        var text = JSONText()
        text.verbatim("data: ")
        text.object {
            $0.member("type") { $0.value("Vibrate" as StaticString) }
            $0.member("session") { $0.value(3, dash: 1_017) }
        }
        text.verbatim("\n\n")
        text.array { _ in }
        #expect(text.string == "data: {\"type\":\"Vibrate\",\"session\":\"3-1017\"}\n\n[]")
    }

    @Test("A text of any characters stays within its quotes")
    func quotes() {
        var text = JSONText()
        let key = ["a", "b"].joined(separator: "\"")
        text.object { $0.member(named: key) { $0.value("\u{0}\n\\\u{202E}<img src=x>") } }
        #expect(text.string == #"{"a\"b":"\u0000\n\\"# + "\u{202E}" + #"<img src=x>"}"#)
        #expect(JSONTree(text.string.utf8) != nil)
    }

    @Test("An object of plain members in one piece is written as any other object")
    func shortObjects() {
        var short = JSONText()
        var long = JSONText()
        for number in [0, 9, 10, 99, 100, 999, 1_000, -7, Int64.min, Int64.max] {
            short.array {
                $0.shortObject(most: 200) {
                    $0.member("value", number)
                    $0.member("type", "HwPositionWithDuration")
                    $0.member("session", UInt32.max, dash: 7)
                }
                $0.shortObject(most: 64) { _ in }
                $0.value(1)
            }
            long.array {
                $0.object {
                    $0.member("value", number)
                    $0.member("type") { $0.value("HwPositionWithDuration" as StaticString) }
                    $0.member("session") { $0.value(UInt32.max, dash: 7) }
                }
                $0.object { _ in }
                $0.value(1)
            }
        }
        #expect(short.string == long.string)
    }
}
