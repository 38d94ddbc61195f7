// Device indices and the state that survives restarts.
// Must not need a router or files.

import Testing

@testable import Router

@Suite struct StateTests {
    @Test("a device keeps its index, and no other device ever gets it") func indices() {
        var table = IndexTable()
        let given = ["a", "b", "a", "c"].map { table.assign($0) }
        #expect(given.map { $0?.index } == [0, 1, 0, 2])
        #expect(given.map { $0?.isNew } == [true, true, false, true])
        #expect(table.entries.map(\.identity) == ["a", "b", "c"])
    }

    @Test("a new device gets the lowest index that nobody ever had") func holes() {
        var table = IndexTable()
        let known: [(UInt32, String)] = [(0, "a"), (2, "c"), (2, "d"), (5, "a")]
        let taken = known.map { table.restore(.init(index: $0.0, identity: $0.1)) }
        #expect(taken == [true, true, false, false])
        let given = ["new", "newer"].map { table.assign($0)?.index }
        #expect(given == [1, 3])
    }

    @Test("when every index is used there is none for a new device") func full() {
        var table = IndexTable()
        var restored = 0
        for index in 0...IndexTable.indexMax where table.restore(.init(index: index, identity: "\(index)")) { restored += 1 }
        #expect(restored == 65_536)
        let given = table.assign("one more")
        #expect(given == nil)
    }

    @Test("a state is read as it was written") func roundTrip() throws {
        var state = RouterState()
        state.isStopped = true
        for identity in ["simulated:rabbit:1", "with space", "line\nbreak", "100 %", "", "ü"] { _ = state.indices.assign(identity) }
        #expect(try RouterState.decoded(state.encoded()) == state)
        #expect(try RouterState.decoded(RouterState().encoded()) == RouterState())
    }

    @Test(
        "a text that is not a whole state is refused with its line",
        arguments: [
            ("", 1), ("plugboard-state 2\nend\n", 1), ("plugboard-state 1\nemergency-stop raised\n", 3),
            ("plugboard-state 1\ndevice x y\nend\n", 2), ("plugboard-state 1\ndevice 70000 y\nend\n", 2),
            ("plugboard-state 1\ndevice 0 a\ndevice 0 b\nend\n", 3), ("plugboard-state 1\ndevice 0 a%4\nend\n", 2),
            ("plugboard-state 1\nwhat is this\nend\n", 2),
            // Without its title, with anything after it.
            ("\n", 1), ("\nend\n", 1), ("\nemergency-stop clear\nend\n", 1), ("\nplugboard-state 1\nemergency-stop clear\nend\n", 1),
            ("emergency-stop raised\nend\n", 1), ("end\n", 1), ("plugboard-state 1\r\nemergency-stop clear\nend\n", 1),
            // Without the emergency stop, or with two answers.
            ("plugboard-state 1\nend\n", 2), ("plugboard-state 1\ndevice 0 a\nend\n", 3),
            ("plugboard-state 1\nemergency-stop raised\nemergency-stop clear\nend\n", 3),
            // More after the end: two files in one, or an old one under a new one.
            ("plugboard-state 1\nemergency-stop clear\nend\nemergency-stop raised\n", 4),
            ("plugboard-state 1\nemergency-stop clear\nend\nend\n", 4),
            // What only a lenient reader takes.
            ("plugboard-state 1\nemergency-stop clear\ndevice +1 a\nend\n", 3),
            ("plugboard-state 1\nemergency-stop clear\ndevice 1 a%+4\nend\n", 3),
            ("plugboard-state 1\nemergency-stop clear\nconsent give - a\nconsent deny - a\nend\n", 4),
        ]) func malformed(_ text: String, _ line: Int)
    {
        let problem = #expect(throws: RouterState.Malformed.self) { try RouterState.decoded(Array(text.utf8)) }
        #expect(problem?.line == line)
    }

    @Test("an identity that is not UTF-8 is refused: repaired, it would be another device's") func encoding() {
        let text = Array("plugboard-state 1\nemergency-stop clear\n".utf8)
        for line in [Array("device 1 a".utf8) + [0xFF], Array("device 1 a%ff".utf8), Array("consent give - %c3".utf8), [0x80]] {
            #expect(throws: RouterState.Malformed.self) { try RouterState.decoded(text + line + Array("\nend\n".utf8)) }
        }
    }

    @Test("empty lines do no harm, and the last line break may be missing") func byHand() throws {
        let state = try RouterState.decoded(Array("plugboard-state 1\n\nemergency-stop raised\n\ndevice 3 a\nend\n\n".utf8))
        #expect(state.isStopped && state.indices.entries.map(\.index) == [3])
        #expect(try RouterState.decoded(Array("plugboard-state 1\nemergency-stop clear\nend".utf8)) == RouterState())
    }
}
