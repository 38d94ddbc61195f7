// Reading what servers send: the usual layout fast, every other layout with the same result, and a bad text as a bad text.

import Testing

@testable import Bench

struct ReplyReaderTests {
    private func read(_ text: String) -> (replies: [String], isWhole: Bool) {
        var replies: [String] = []
        let bytes = Array(text.utf8)
        let isWhole = bytes.withUnsafeBytes { bytes in
            ReplyReader.forEach(bytes) { replies.append("\($0.kind) \($0.id) \(String(decoding: bytes[$0.body], as: UTF8.self))") }
        }
        return (replies, isWhole)
    }

    @Test("An Ok with eight digits in the usual layout gives its Id at once, and nothing else does.")
    func usualOk() {
        func id(_ text: String) -> UInt32? { Array(text.utf8).withUnsafeBytes { ReplyReader.okID($0) } }
        #expect(id("[{\"Ok\":{\"Id\":10000000}}]") == 10_000_000)
        #expect(id("[{\"Ok\":{\"Id\":12345678}}]") == 12_345_678)
        #expect(id("[{\"Ok\":{\"Id\":99999999}}]") == 99_999_999)
        for wrong in [
            "[{\"Ok\":{\"Id\":1234567}}]", "[{\"Ok\":{\"Id\":123456789}}]", "[{\"Ok\":{\"Id\":1234567a}}]", "[{\"Ok\":{\"Id\":1234567:}}]",
            "[{\"Ok\":{\"Id\":1234567/}}]", "[{\"OK\":{\"Id\":12345678}}]", "[{\"Ok\":{\"ID\":12345678}}]", "[{\"Ok\":{\"Id\":12345678}]]",
            "[{\"Ok\":{\"Id\": 1234567}}]", "",
        ] {
            #expect(id(wrong) == nil, "\(wrong)")
        }
    }

    @Test("Messages are found in any layout, in any number, with the Id anywhere among the fields.")
    func anyLayout() {
        #expect(read(" [ { \"Ok\" :\n{ \"Id\" : 7 } } ] ").replies == ["ok 7 { \"Id\" : 7 }"])
        let two = read("[{\"Error\":{\"ErrorMessage\":\"a \\\"Id\\\":3 }]\",\"ErrorCode\":4,\"Id\":8}},{\"ScanningFinished\":{\"Id\":0}}]")
        #expect(two.isWhole && two.replies.map { $0.prefix(7) } == ["error 8", "other 0"])
        let rows = read("[{\"Ok\":{\"Id\":1}}][{\"InputReading\":{\"Reading\":{\"Battery\":{\"Value\":[1,{\"Id\":9}]}},\"Id\":2}}]")
        #expect(rows.isWhole && rows.replies.map { $0.prefix(9) } == ["ok 1 {\"Id", "reading 2"])
        #expect(read("[]").isWhole)
    }

    @Test("A text that is not an array of messages is distinguished from one that is, also when it is cut off at any byte.")
    func nonsense() {
        let whole = "[{\"Ok\":{\"Id\":12}}]"
        for count in 0..<whole.utf8.count { #expect(!read(String(whole.prefix(count))).isWhole, "\(count)") }
        for text in ["{}", "[1]", "[{\"Ok\":1}]", "[{\"Ok\"}]", "[{\"Ok\":{\"Id\":1}}]x", String(repeating: "[", count: 500)] {
            #expect(!read(text).isWhole, "\(text)")
        }
    }
}
