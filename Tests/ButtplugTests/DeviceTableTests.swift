// The table of devices and the set of indices.

import Testing

@testable import Buttplug

@Suite struct DeviceTableTests {
    @Test("A device is found by its index until it is removed, and every change changes the generation")
    func table() {
        var table = DeviceTable()
        #expect(table[4] == nil && table.count == 0 && table.indexLimit == 0)
        table.insert(Fixtures.stroker)
        table.insert(Fixtures.rabbit)
        let first = table.generation
        #expect(table[4] == Fixtures.stroker && table[0] == Fixtures.rabbit && table[1] == nil && table[70] == nil)
        #expect(table.count == 2 && table.indexLimit == 5)
        table.insert(Fixtures.stroker)
        #expect(table.count == 2 && table.generation != first)
        let second = table.generation
        table.remove(9)
        #expect(table.generation == second)
        table.remove(4)
        #expect(table[4] == nil && !table.contains(4) && table.count == 1 && table.generation != second)
    }

    @Test("Devices are in ascending order of index, for any order of adding them")
    func order() {
        var table = DeviceTable()
        for device in [Fixtures.wand, Fixtures.rabbit, Fixtures.empty, Fixtures.stroker] { table.insert(device) }
        var indices: [UInt32] = []
        table.forEach { (info: DeviceInfo) in indices.append(info.index) }
        #expect(indices == [0, 4, 7, 70])
    }

    @Test("A set of indices has exactly the indices that were added, within and beyond its first word")
    func sets() {
        var set = DeviceSet()
        var model: Set<UInt32> = []
        var dice = Dice(seed: 30)
        for _ in 0..<5_000 {
            let index = UInt32.random(in: 0..<300, using: &dice)
            if Bool.random(using: &dice) {
                set.insert(index)
                model.insert(index)
            } else {
                set.remove(index)
                model.remove(index)
            }
            let other = UInt32.random(in: 0..<400, using: &dice)
            #expect(set.contains(other) == model.contains(other))
        }
        #expect(DeviceSet([0, 63, 64, 200]).contains(64))
        set.removeAll()
        #expect(set == DeviceSet())
    }
}
