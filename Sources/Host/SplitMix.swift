// The smallest generator of numbers that repeat: one word of state, the same numbers from a seed in every build and on every machine.
// Must not know what is drawn for, nor the system's random source. Not for secrets.

/// SplitMix64 (Steele, Lea, Flood 2014).
public struct SplitMix: RandomNumberGenerator, Hashable, Sendable {
    @usableFromInline var state: UInt64

    /// Equal seeds give equal numbers.
    @inlinable
    public init(seed: UInt64) { state = seed }

    /// The next 64 bits.
    @inlinable
    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z &>> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z &>> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z &>> 31)
    }
}
