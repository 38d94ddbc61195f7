// What the JSON reader accepts and refuses, and which values it reads.

import Testing

@testable import Buttplug

@Suite struct JSONReaderTests {
    private func isJSON(_ text: String) -> Bool { MessageID.isJSON(Array(text.utf8).span.bytes, depth: 32) }

    @Test(
        "Everything that is JSON is accepted, one value after the other",
        arguments: [
            "0", "-0", "10", "-10.25", "1e5", "1E+05", "0.000001", "1e-400", "123456789012345678901234567890", "true", "false", "null",
            #""""#, #""a""#, #""\"\\\/\b\f\n\r\t""#, #""\u00e9\uD83D\uDE00""#, #""\ud800""#, #""é😀""#, "[]", "{}", "[[],{}]",
            #"{"a":1,"a":2}"#, #"{"a":[1,2,{"b":null}],"c":"d"}"#, " [ 1 , 2 ] ", "\t\r\n[1]\n", "[1][2]", "{} []", "1 2",
            String(repeating: "[", count: 32) + String(repeating: "]", count: 32), "\"\u{7F}\"",
        ])
    func accepts(text: String) {
        #expect(isJSON(text))
    }

    @Test(
        "Nothing that is not JSON is accepted",
        arguments: [
            "", " ", "[", "]", "{", "}", "[1", "[1,", "[1,]", "[,1]", "[1 2]", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,}", "{1:2}",
            "{\"a\" 1}", "{a:1}", "{'a':1}", "01", "-", "-01", "+1", ".5", "1.", "1.e5", "1e", "1e+", "0x10", "NaN", "Infinity", "tru",
            "falsy", "nul", "True", "\"", "\"a", "\"\\", "\"\\x\"", "\"\\u12\"", "\"\\u12G4\"", "\"\n\"", "\"\u{0}\"", "[1}", "{\"a\":1]",
            "[1]x", "// c\n[1]", "[1]\u{0}", "\u{FEFF}[1]", "[\u{B}1]", "[\"a\":1]", "{\"a\",1}",
            String(repeating: "[", count: 33) + String(repeating: "]", count: 33), String(repeating: "{\"a\":", count: 100_000),
            String(repeating: "[", count: 100_000), "1" + String(repeating: "0", count: 100), "0." + String(repeating: "0", count: 100_000),
            "1e" + String(repeating: "0", count: 100_000),
        ])
    func refuses(text: String) {
        #expect(!isJSON(text))
    }

    private func integer(_ text: String) -> Result<Int64, JSONProblem> {
        var reader = JSONReader(Array(text.utf8).span.bytes)
        do {
            return .success(try reader.integer())
        } catch {
            return .failure(error)
        }
    }

    @Test(
        "Whole numbers are exact",
        arguments: [
            ("0", 0), ("-0", 0), ("7", 7), ("10", 10), ("4294967295", 4_294_967_295), ("-2147483648", -2_147_483_648), ("10.0", 10),
            ("-3.000", -3), (" 5", 5), ("999999999999999", 999_999_999_999_999), ("5}", 5), ("5,6", 5),
        ] as [(String, Int64)])
    func wholeNumbers(text: String, value: Int64) {
        #expect(integer(text) == .success(value))
    }

    @Test(
        "A value that is not a whole number is refused with a reason",
        arguments: [
            ("10.5", .notAnInteger), ("0.01", .notAnInteger), ("1e1", .notAnInteger), ("1.0e0", .notAnInteger), ("01", .badNumber),
            ("00", .badNumber), ("1.", .badNumber), ("-", .unexpectedByte), ("x", .unexpectedByte), ("\"2\"", .unexpectedByte),
            ("null", .unexpectedByte), ("", .endOfText), ("18446744073709551616", .outOfRange), ("1000000000000000", .outOfRange),
            (String(repeating: "9", count: 100_000), .outOfRange),
            ("0." + String(repeating: "0", count: 100_000), .notAnInteger),
        ] as [(String, JSONProblem)])
    func refusedNumbers(text: String, problem: JSONProblem) {
        #expect(integer(text) == .failure(problem))
    }

    @Test(
        "The ends of the 32-bit ranges are accepted, one step beyond is not",
        arguments: [
            ("4294967295", true, false), ("4294967296", false, false), ("-1", false, true), ("2147483647", true, true),
            ("2147483648", true, false), ("-2147483648", false, true), ("-2147483649", false, false),
        ])
    func ranges(text: String, isUnsigned: Bool, isSigned: Bool) {
        let bytes = Array(text.utf8)
        var first = JSONReader(bytes.span.bytes)
        var second = JSONReader(bytes.span.bytes)
        let unsigned = try? first.unsigned()
        let signed = try? second.signed()
        #expect((unsigned != nil) == isUnsigned)
        #expect((signed != nil) == isSigned)
    }

    @Test(
        "Fractions are rounded as the standard library rounds them",
        arguments: [
            "0", "-0.0", "1", "0.5", "0.1", "0.07", "0.3", "0.30000000000000004", "0.1234567890123456789", "1e-7", "1.5e-05",
            "9007199254740993",
            "0.9999999999999999", "0.99999999999999999999", "123456789012345678901234567890e-30", "2.2250738585072014e-308", "5e-324",
            "1e400",
            "0.000000000000000000000000000001", "18446744073709551615", "0.8888888888888888888", "1e0", "10e-1", "0.00000000000000000011",
        ])
    func fractions(text: String) throws {
        var reader = JSONReader(Array(text.utf8).span.bytes)
        let value = try reader.double()
        #expect(value.bitPattern == Double(text)?.bitPattern)
        let isAtEnd = reader.isAtEnd()
        #expect(isAtEnd)
    }

    @Test("Random fractions are rounded as the standard library rounds them")
    func randomFractions() throws {
        var dice = Dice(seed: 1)
        for _ in 0..<5_000 {
            let digits = String((0..<Int.random(in: 1...20, using: &dice)).map { _ in "0123456789".randomElement(using: &dice)! })
            let text = "0." + digits + (Bool.random(using: &dice) ? "" : "e-\(Int.random(in: 0...9, using: &dice))")
            var reader = JSONReader(Array(text.utf8).span.bytes)
            let value = try reader.double()
            #expect(value == Double(text), "\(text)")
        }
    }

    @Test(
        "Escapes are decoded; half a surrogate pair is replaced",
        arguments: [
            (#""""#, ""), (#""abc""#, "abc"), (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{C}\n\r\t"), (#""\u0041\u00e9""#, "Aé"),
            (#""\uD83D\uDE00!""#, "😀!"), (#""\ud800""#, "\u{FFFD}"), (#""\udc00x""#, "\u{FFFD}x"), (#""\ud800\ud83d\ude00""#, "\u{FFFD}😀"),
            (#""\ud83dA""#, "\u{FFFD}A"), (#""\u0000""#, "\u{0}"), ("\"é😀\"", "é😀"),
            (#""longer than sixteen bytes""#, "longer than sixteen bytes"),
        ])
    func strings(json: String, meant: String) throws {
        var reader = JSONReader(Array(json.utf8).span.bytes)
        let text = try reader.string()
        let said = reader.text(text)
        #expect(said == meant)
        let isAtEnd = reader.isAtEnd()
        #expect(isAtEnd)
    }

    @Test("Names are compared in every byte, also when they are written with escapes")
    func names() throws {
        for name in ["Id", "OutputCmd", "ClientNameX", "ProtocolVersionMajor", "FleshlightLaunchFW12Cmd", "abcdefgh", "abcdefghi"] {
            let key = try key(of: "\"\(name)\"")
            for i in name.utf8.indices {
                var other = Array(name.utf8)
                other[name.utf8.distance(from: name.startIndex, to: i)] ^= 1
                #expect(try self.key(of: "\"\(String(decoding: other, as: UTF8.self))\"") != key, "\(name)")
            }
            #expect(try self.key(of: "\"\(name)x\"") != key)
            #expect(try self.key(of: "\"\(name.dropLast())\"") != key)
            let escaped = name.unicodeScalars.map { "\\u00" + String($0.value, radix: 16) }.joined()
            #expect(try self.key(of: "\"\(escaped)\"") == key)
        }
        #expect(try key(of: "\"\(String(repeating: "a", count: 25))\"") != key(of: "\"\(String(repeating: "a", count: 26))\""))
    }

    private func key(of json: String) throws(JSONProblem) -> JSONKey {
        var reader = JSONReader(Array(json.utf8).span.bytes)
        return try reader.name()
    }
}
