// Numbers from a seed are the published ones.

import Host
import Testing

struct SplitMixTests {
    @Test("The sequence is SplitMix64's, so seeds mean the same everywhere.")
    func sequence() {
        var numbers = SplitMix(seed: 0)
        #expect((0..<3).map { _ in numbers.next() } == [0xE220_A839_7B1D_CDAF, 0x6E78_9E6A_A1B9_65F4, 0x06C4_5D18_8009_454F])
    }
}
