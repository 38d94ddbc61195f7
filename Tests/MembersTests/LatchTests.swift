// The sets of the emergency stop, the subjects, and the indices of a block, without routers.

import Router
import Testing

@testable import Members

@Suite("Sets and names of a cell")
struct LatchTests {
    @Test("Members that were apart agree when they have told each other, in either order and however often.")
    func joins() {
        var (one, two) = (LatchSet(), LatchSet())
        one.raise(5)
        one.raise(3)
        _ = two.merge(raised: one.raised, cleared: one.cleared)
        two.clear()
        one.raise(9)
        for _ in 0..<3 {
            let told = one
            _ = one.merge(raised: two.raised, cleared: two.cleared)
            _ = two.merge(raised: told.raised, cleared: told.cleared)
        }
        #expect(one.raised == [9] && two.raised == [9] && one.digest == two.digest)
        one.clear()
        #expect(one.digest == LatchSet().digest && one.digest != two.digest)
    }

    @Test("A cleared raise does not come back by being told again, unless it has been forgotten: then it stops.")
    func forgets() {
        var set = LatchSet()
        set.raise(1)
        set.clear()
        #expect(!set.merge(raised: [1], cleared: []) && !set.isStopped)
        for id in 2..<UInt64(LatchSet.clearedMax + 2) {
            set.raise(id)
            set.clear()
        }
        #expect(set.cleared.count == LatchSet.clearedMax)
        let isBack = set.merge(raised: [1], cleared: [])
        #expect(isBack && set.isStopped)
    }

    @Test("A subject says who sent it; what is for another member or another cell, or has no name in it, says nothing.")
    func subjects() {
        let subjects = MembersSubjects(MembersSettings(cell: "home", member: "attic", block: 0, incarnation: 1))
        #expect(subjects.meaning(of: "plug.home.here.cellar") == .here(member: "cellar"))
        #expect(subjects.meaning(of: "plug.home.stop.cellar") == .stop(member: "cellar"))
        #expect(subjects.meaning(of: "plug.home.to.attic.cellar") == .link(from: "cellar"))
        #expect(subjects.meaning(of: "plug.home.miss.attic.cellar") == .missed(peer: "cellar"))
        for wrong in [
            "plug.home.to.cellar.attic", "plug.other.here.cellar", "plug.home.here", "plug.home.here.", "plug.home.here.UPPER",
            "plug.home.", "", "plug.home.to.attic.cellar.more", "plug.home.miss.cellar.attic", "plug.home.here.a.b",
        ] { #expect(subjects.meaning(of: wrong) == nil) }
        #expect(MembersSettings.isName("a-1") && !MembersSettings.isName(""))
        #expect(!MembersSettings.isName(String(repeating: "a", count: 33)))
    }

    @Test("New devices get the lowest index of the block that no device has had; known and told devices keep theirs.")
    func block() {
        var table = IndexTable()
        _ = table.assign("old")
        table.block = 2
        #expect(table.assign("a")?.index == 2_048)
        #expect(table.assign("attic/x", preferring: 3_072)?.index == 3_072)
        #expect(table.assign("b")?.index == 2_049)
        #expect(table.assign("old")?.index == 0)
        #expect(table.assign("attic/x", preferring: 5)?.index == 3_072)
        for place in 2..<1_024 { #expect(table.assign("c\(place)")?.index == 2_048 + UInt32(place)) }
        #expect(table.assign("one too many") == nil)
    }
}
