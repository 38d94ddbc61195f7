// When the bench has waited long enough for a server that its sessions have left.

import Testing

@testable import Bench

struct SettlingTests {
    private static let megabyte: UInt64 = 1 << 20
    private static let second: UInt64 = 1_000_000_000

    /// A server of 10 MiB and 12 descriptors whose sessions took another 20 MiB.
    private func settling(descriptors: Int? = 12) -> SettlingCore {
        SettlingCore(descriptors: descriptors, residentBytes: 10 * Self.megabyte, taken: 30 * Self.megabyte, at: 0)
    }

    @Test("A server is settled at once when its descriptors and its memory are back, but for a tenth and some pages.")
    func back() {
        var core = settling()
        #expect(core.saw(13, 12 * Self.megabyte, at: 1) == false)
        #expect(core.saw(12, 13 * Self.megabyte, at: 2) == false)
        #expect(core.saw(12, 12 * Self.megabyte, at: 3) == true)
    }

    @Test("Memory that stays is waited for until it has not changed for a while, as servers give it back later.")
    func kept() {
        var core = settling()
        #expect(core.saw(12, 30 * Self.megabyte, at: Self.second) == false)
        #expect(core.saw(12, 25 * Self.megabyte, at: Self.second + 1) == false)
        #expect(core.saw(12, 25 * Self.megabyte, at: 2 * Self.second) == false)
        #expect(core.saw(12, 25 * Self.megabyte, at: 3 * Self.second) == true)
    }

    @Test("A descriptor that stays open is waited for, but not for ever.")
    func leak() {
        var core = settling()
        #expect(core.saw(13, 10 * Self.megabyte, at: 9 * Self.second) == false)
        #expect(core.saw(13, 10 * Self.megabyte, at: 10 * Self.second) == true)
    }

    @Test("A single session's end is waited for a moment only, for any amount of memory.")
    func scout() {
        var core = SettlingCore(descriptors: 12, patience: 100, at: 0)
        #expect(core.saw(13, Self.megabyte, at: 99) == false)
        #expect(core.saw(12, Self.megabyte, at: 99) == true)
        #expect(core.saw(13, Self.megabyte, at: 100) == true)
    }

    @Test("Descriptors that nobody may count are not waited for.")
    func uncounted() {
        var core = settling(descriptors: nil)
        #expect(core.saw(nil, 10 * Self.megabyte, at: 1) == true)
    }
}
