// Rows of text: what they can say, and that all of ours can be read.

import Testing

@testable import Hardware

@Suite("Rows of protocols")
struct TemplateTests {
    @Test("Every row can be read, and every protocol of the catalogue is there.")
    func rows() {
        #expect(TemplateText.read(Rows.text).problems == [])
        for facts in Builtin.catalogue.protocols where facts.name != "tcode-v03" { #expect(ProtocolTable.has(facts.name), "\(facts.name)") }
        #expect(Set(ProtocolTable.names).count == ProtocolTable.names.count)
    }

    @Test(
        "A row that makes no sense is refused, with its line.",
        arguments: [
            "x", "x vibrate", "x some a0", "x slot32 a0", "x vibrate zz", "x vibrate v+", "x vibrate (v", "x vibrate \"v",
            "x vibrate \"{x}\"",
            "x vibrate a0 / last 00", "x vibrate a0 /", "x vibrate a0 / again", "x vibrate a0 / again 0ms", "x vibrate 3( v",
            "x vibrate v )",
            "x vibrate to nowhere v", "x vibrate 99( v )", "x vibrate a0 / model name", "x vibrate v?1", "x vibrate fffff",
            "x vibrate max(v)",
        ])
    func malformed(row: String) {
        let read = TemplateText.read("\n" + row)
        #expect(read.problems.map(\.line) == [2], "\(read.programs)")
    }

    @Test(
        "An expression is computed as it is read: brackets, then products, then sums, then a choice.",
        arguments: [
            ("v+1*2", 7, "09"), ("(v+1)*2", 7, "10"), ("v<<4|v", 3, "33"), ("v?ff:00", 0, "00"), ("v?ff:00", 1, "ff"), ("ff-v", 1, "fe"),
            ("max(v,5)", 2, "05"), ("v/0", 9, "00"), ("v%a", 13, "03"), ("be16(v*100)", 2, "0200"), ("le16(v*100)", 2, "0002"),
            ("mag", -3, "03"),
            ("mag|dir<<7", -3, "83"), ("v", 300, "2c"), ("\"v={v:2};\"", 7, "763d30373b"), ("3( v )", 1, "010101"),
            ("12 34 sum xor", 0, "12344660"),
        ])
    func expressions(text: String, value: Int, expected: String) throws {
        let read = TemplateText.read("x vibrate \(text)")
        try #require(read.problems == [])
        let program = try #require(read.programs["x"])
        var device = Template(program, DeviceSetup(endpoints: [.tx]))
        var out = DeviceOutput()
        var model = Model(name: "", protocolName: "x")
        model.outputs = [ModelOutput(feature: 0, type: .vibrate, range: 0...255)]
        _ = device.adopt(model, into: &out)
        var state = OutputState()
        state.values[0] = Int32(value)
        state.dirty = 1
        device.encode(state, into: &out)
        #expect(out.bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() == expected)
    }
}
