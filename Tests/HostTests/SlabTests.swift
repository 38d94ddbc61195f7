// The dense table of the cores.
// Must not know how a table is used.

import Host
import Testing

/// Counts its living instances.
private final class Counted {
    final class Count { var living = 0 }
    let count: Count
    let name: Int
    init(_ name: Int, _ count: Count) {
        self.name = name
        self.count = count
        count.living += 1
    }
    deinit { count.living -= 1 }
}

@Suite struct SlabTests {
    @Test("Elements keep their index while the table grows, and can be changed in place.")
    func growsInPlace() {
        var slab = Slab<Int>(capacity: 1)
        for number in 0..<100 { #expect(slab.append(number) == number) }
        slab[42] += 1_000
        #expect(slab.count == 100)
        #expect(slab[42] == 1_042)
        #expect(slab.indices.filter { $0 != 42 }.allSatisfy { slab[$0] == $0 })
    }

    @Test("Removing returns the element; `swapRemove` moves the last one to its index.")
    func removes() {
        var slab = Slab<String>()
        for name in ["a", "b", "c", "d"] { slab.append(name) }
        #expect(slab.swapRemove(1) == "b")
        #expect(slab.indices.map { slab[$0] } == ["a", "d", "c"])
        #expect(slab.swapRemove(2) == "c")
        #expect(slab.removeLast() == "d")
        #expect(slab.indices.map { slab[$0] } == ["a"])
        let isEmpty = slab.isEmpty
        #expect(!isEmpty)
    }

    @Test("Every element is destroyed exactly once: by a removal, by a sweep, or with the table.")
    func destroysOnce() {
        let count = Counted.Count()
        do {
            var slab = Slab<Counted>(capacity: 2)
            for name in 0..<10 { slab.append(Counted(name, count)) }
            #expect(slab.swapRemove(3).name == 3)
            #expect(count.living == 9)
            slab.removeAll()
            #expect(count.living == 0)
            let isEmpty = slab.isEmpty
            #expect(isEmpty)
            slab.append(Counted(1, count))
            #expect(count.living == 1)
        }
        #expect(count.living == 0)
    }
}
