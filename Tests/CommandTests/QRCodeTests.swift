// QR codes: their size by the length of the text, and what every reader looks for. Whether foreign programs read them is checked by
// Tests/Page and Tests/Conformance/63-tokens.py.

import Testing

@testable import plugboard

@Suite struct QRCodeTests {
    @Test("The smallest version with the better correction is taken, then the weaker one, and a longer text has no code")
    func sizes() {
        let sizes = [(1, 21), (14, 21), (15, 25), (84, 37), (106, 41), (107, 45), (213, 57), (214, 53), (271, 57)]
        for (length, size) in sizes { #expect(QRCode(String(repeating: "x", count: length))?.size == size, "\(length) bytes") }
        #expect(QRCode(String(repeating: "x", count: 272)) == nil)
    }

    @Test("The three corners, the lines between them and the dark module are there, and nothing is dark outside")
    func patterns() throws {
        let code = try #require(QRCode("ws://table.lan:12345/?token=pb_0123456789"))
        let corner = ["1111111", "1000001", "1011101", "1011101", "1011101", "1000001", "1111111"]
        for (x, y) in [(0, 0), (code.size - 7, 0), (0, code.size - 7)] {
            #expect((0..<7).map { row in String((0..<7).map { code.isDark(x + $0, y + row) ? "1" : "0" }) } == corner)
        }
        for index in 8..<code.size - 8 { #expect(code.isDark(index, 6) == (index % 2 == 0) && code.isDark(6, index) == (index % 2 == 0)) }
        #expect(code.isDark(8, code.size - 8) && !code.isDark(-1, 0) && !code.isDark(0, code.size))
        #expect(code.rows.count == code.size && code.rows.allSatisfy { $0.count == code.size })
    }

    @Test("On a terminal two rows are one line, with four light modules around")
    func terminal() throws {
        let code = try #require(QRCode("x"))
        let lines = code.terminalText.split(separator: "\n")
        #expect(lines.count == (code.size + 8 + 1) / 2)
        #expect(lines.allSatisfy { $0.hasPrefix("\u{1B}[30;107m") && $0.hasSuffix("\u{1B}[0m") && $0.count == code.size + 8 + 13 })
        #expect(lines[0].allSatisfy { !"▀▄█".contains($0) } && lines[2].contains("█"))
    }

    @Test("Addresses that other machines reach come first, have codes, and a warning while they are not encrypted")
    func addresses() {
        let secret = "pb_x"
        let open = PasteAddress(["ws://127.0.0.1:1", "ws://192.0.2.7:2/"], secret: secret)
        #expect(open.all == ["ws://192.0.2.7:2/?token=pb_x"] && open.codes.count == 1)
        #expect(open.warning?.contains("docs/tls.md") == true)
        let own = PasteAddress(["ws://127.0.0.1:1", "ws://[::1]:1", "unix:///x", "ws://localhost:0"], secret: secret)
        #expect(own.all == ["ws://127.0.0.1:1/?token=pb_x", "ws://[::1]:1/?token=pb_x"] && own.codes.isEmpty && own.warning == nil)
        let safe = PasteAddress(["wss://table.lan:3"], secret: secret)
        #expect(safe.codes.count == 1 && safe.warning == nil)
        #expect(PasteAddress([], secret: secret).advice.contains("?token="))
    }
}
