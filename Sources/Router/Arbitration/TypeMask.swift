// A set of output types in one word.
// Must not know lanes.

import Buttplug

/// A set of output types.
struct TypeMask: Equatable {
    var bits: UInt16 = 0

    static let none = TypeMask()

    var isEmpty: Bool { bits == 0 }
    func contains(_ type: OutputType) -> Bool { bits & (1 &<< UInt16(type.rawValue)) != 0 }
    mutating func insert(_ type: OutputType) { bits |= 1 &<< UInt16(type.rawValue) }
    mutating func remove(_ type: OutputType) { bits &= ~(1 &<< UInt16(type.rawValue)) }
    func union(_ other: TypeMask) -> TypeMask { TypeMask(bits: bits | other.bits) }
    func subtracting(_ other: TypeMask) -> TypeMask { TypeMask(bits: bits & ~other.bits) }
    func intersection(_ other: TypeMask) -> TypeMask { TypeMask(bits: bits & other.bits) }
    /// The first type in the set, in the order of `OutputType`.
    var first: OutputType? { OutputType(rawValue: UInt8(bits.trailingZeroBitCount)) }
}
