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
        ]) func malformed(_ text: String, _ line: Int)
    {
        let problem = #expect(throws: RouterState.Malformed.self) { try RouterState.decoded(Array(text.utf8)) }
        #expect(problem?.line == line)
    }
}
