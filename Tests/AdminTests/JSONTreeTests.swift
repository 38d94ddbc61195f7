// Which texts are JSON and which are not, by RFC 8259, and what is read from those that are.

import JSON
import Testing

@Suite struct JSONTreeTests {
    @Test(
        "A text that RFC 8259 allows is read",
        arguments: [
            ("0", .number(0)), ("-0", .number(0)), ("-1.5e+2", .number(-150)), ("10E-1", .number(1)), ("1e0", .number(1)),
            ("\t\r\n [ ] ", .array([])), ("{ }", .object([])), ("[1 , 2]", .array([.number(1), .number(2)])),
            (#""\"\\\/\b\f\n\r\t\u0041\ud83d\uDE00""#, .string("\"\\/\u{8}\u{C}\n\r\tA😀")),
            ("\"\u{7F}é\u{FFFF}\"", .string("\u{7F}é\u{FFFF}")),
            (#""\u0000""#, .string("\0")), ("true", .bool(true)), (" false", .bool(false)), ("null ", .null), (#""""#, .string("")),
            ("5e-999", .number(0)), ("1E400", nil),
        ] as [(String, JSONTree?)]) func allowed(_ text: String, _ tree: JSONTree?)
    {
        // A number that is too large for a Double is refused: an infinite value would be another value than the one in the text.
        #expect(JSONTree(text.utf8) == tree)
    }

    @Test(
        "A number is written as RFC 8259 says, section 6",
        arguments: [
            "01", "-01", "00", "1.", ".5", "-.5", "1.e5", "1e", "1e+", "+1", "-", "--1", "0x10", "-0x1p3", "-inf", "-infinity", "-nan",
            "1_000",
            "1e5.5", "1.5.5", "1e9999", "-1e9999", "NaN", "Infinity", "1a", "2 3", "0b1",
        ]) func numbers(_ text: String)
    {
        #expect(JSONTree(text.utf8) == nil)
        #expect(JSONTree("[\(text)]".utf8) == nil)
        #expect(JSONTree("{\"a\":\(text)}".utf8) == nil)
    }

    @Test("Characters below U+0020 stand in a text only as escapes", arguments: 0..<0x20 as Range<UInt8>) func control(_ byte: UInt8) {
        #expect(JSONTree([0x22, byte, 0x22]) == nil)
        #expect(JSONTree([0x7B, 0x22, byte, 0x22, 0x3A, 0x31, 0x7D]) == nil)
    }

    @Test("White space is space, tab, line feed and carriage return, and no other byte", arguments: 0...0xFF as ClosedRange<UInt8>)
    func space(_ byte: UInt8) {
        let isSpace = [0x20, 0x09, 0x0A, 0x0D].contains(byte)
        for text in [[byte, 0x74, 0x72, 0x75, 0x65], [0x74, 0x72, 0x75, 0x65, byte], [0x5B, byte, 0x5D]] where !(0x30...0x39).contains(byte)
        {
            #expect((JSONTree(text) != nil) == isSpace, "\(text)")
        }
    }

    @Test(
        "An escape is one of RFC 8259, section 7, and a surrogate comes in a pair",
        arguments: [
            #""\x""#, #""\'""#, #""\u""#, #""\u004""#, #""\u+041""#, #""\u-041""#, #""\u 041""#, #""\U0041""#, #""\ud800""#, #""\udc00""#,
            #""\ud800\u0041""#, #""\ud800\ud800""#, #""\ud800x""#, #""\ud800\n""#, #""\ud800\u+c00""#, #""\"#, #""\u00"#, #""\ud800\"#,
            "\"",
        ]) func escapes(_ text: String)
    {
        #expect(JSONTree(text.utf8) == nil)
    }

    @Test(
        "A text is UTF-8, and nothing is repaired",
        arguments: [
            [0x80], [0xC3], [0xC0, 0x80], [0xE0, 0x80, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80],
            [0xFF], [0xE2, 0x82],
        ] as [[UInt8]]) func encoding(_ bytes: [UInt8])
    {
        #expect(JSONTree([0x22] + bytes + [0x22]) == nil)
        #expect(JSONTree([0x7B, 0x22] + bytes + [0x22, 0x3A, 0x31, 0x7D]) == nil)
        #expect(JSONTree(bytes) == nil)
    }

    @Test(
        "A text is one value, whole and alone",
        arguments: [
            "", " ", "{}{}", "[] []", "1 2", "nul", "nulll", "True", "TRUE", "[1,]", "[,1]", "[,]", "[1 2]", "[", "]", "{", "}", "{\"a\"}",
            "{\"a\":}", "{\"a\":1,}", "{,}", "{a:1}", "{1:1}", "{'a':1}", "'a'", "{\"a\":1 \"b\":2}", "{\"a\" 1}", "[1}", "{\"a\":1]",
            "[]]",
            "\u{FEFF}{}", "{}\0", "// x\n1", "/* x */1", "[1]x", "undefined",
        ]) func whole(_ text: String)
    {
        #expect(JSONTree(text.utf8) == nil)
    }

    @Test("Values are nested at most 64 deep") func depth() {
        func nested(_ count: Int) -> [UInt8] { Array(repeating: 0x5B, count: count) + Array(repeating: 0x5D, count: count) }
        #expect(JSONTree(nested(64)) != nil)
        #expect(JSONTree(nested(65)) == nil)
        #expect(JSONTree(nested(100_000)) == nil)
    }
}
