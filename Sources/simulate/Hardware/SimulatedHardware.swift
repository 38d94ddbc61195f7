// What every device of the hardware simulation has, and T-code as a device reads it.
// Must not know the router.

import Host
import SimHost

/// A device. It keeps what it was told last, as real firmware does, also when nobody is there any more.
protocol SimulatedHardware: AnyObject {
    /// As the router names it.
    var identity: String { get }
    /// Brings it into reach without faults.
    func mend()
    /// One fault, or the end of one.
    func suffer(_ random: inout SimRandom)
    /// Devices that dial in have another router to dial from now on.
    func routerChanged(to owner: (any LinkOwner)?)
}

extension SimulatedHardware {
    func routerChanged(to owner: (any LinkOwner)?) {}
}

/// T-code as a device reads it: two outputs, V0 and V1.
struct TCodeMemory {
    private(set) var values = [77, 77]
    private var partial: [UInt8] = []

    /// Takes bytes; `line` gets every whole line, and which outputs it has set.
    mutating func take(_ bytes: some Sequence<UInt8>, line: (String, [(place: Int, value: Int)]) -> Void) {
        for byte in bytes {
            if byte != 10 {
                partial.append(byte)
                continue
            }
            let text = String(decoding: partial, as: UTF8.self)
            partial.removeAll(keepingCapacity: true)
            var set: [(place: Int, value: Int)] = []
            for word in text.split(separator: " ") where word.hasPrefix("V") {
                guard let place = Int(word.dropFirst().prefix(1)), let value = Int(word.dropFirst(2)), values.indices.contains(place) else {
                    continue
                }
                set.append((place, value))
            }
            if text == "DSTOP" { set = [(0, 0), (1, 0)] }
            for one in set { values[one.place] = one.value }
            line(text, set)
        }
    }

    mutating func forgetPart() { partial.removeAll() }
}
