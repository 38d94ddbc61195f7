// What a device should do now: the state that a protocol turns into packets.
// Must not know who wants it.

/// The wanted values of a device's outputs, one slot per output in the order of `Model.outputs`, in the device's own numbers.
struct OutputState {
    static let slotsMax = 32

    var values = InlineArray<32, Int32>(repeating: 0)
    /// Milliseconds; only for moves with a duration.
    var durations = InlineArray<32, UInt32>(repeating: 0)
    /// The slots that have changed since the last `encode`, by bit. A move's slot is set only when a move is wanted: it has no zero.
    var dirty: UInt32 = 0
    /// Everything is to stop: moves that are under way too. Then everything that has a zero is dirty and zero.
    var isStop = false

    init() {}

    func isDirty(_ slot: Int) -> Bool { dirty >> UInt32(slot) & 1 == 1 }
}
