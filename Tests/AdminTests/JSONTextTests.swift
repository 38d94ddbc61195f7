// Numbers, texts and nesting of the JSON that the admin interface writes.

import JSON
import Testing

@Suite struct JSONTextTests {
    @Test("Numbers have at most three digits after the point, and what is no number is null")
    func numbers() {
        var text = JSONText()
        text.array { for number in [0, 1.5, -0.25, 0.0004, 1_234.5678, 85, .infinity, 0.1 + 0.2] { $0.value(number) } }
        #expect(text.string == "[0,1.5,-0.25,0,1234.568,85,null,0.3]")
    }

    @Test("A text cannot end its quotes, whatever it holds")
    func quotes() {
        var text = JSONText()
        text.object { $0.member("a\"b", "\u{0}\n\\\u{202E}<img src=x>") }
        #expect(text.string == #"{"a\"b":"\u0000\n\\"# + "\u{202E}" + #"<img src=x>"}"#)
        #expect(JSONTree(text.string.utf8) != nil)
    }
}
