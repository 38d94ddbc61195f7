// A JSON object of a few plain members, written in one piece.
// Must not be used for what somebody else has named: nothing in it is searched for what JSON escapes.

/// The members of an object whose text has room for all of them. There may be thousands of such objects in one text.
public struct ShortObject: ~Copyable {
    @usableFromInline
    let place: UnsafeMutablePointer<UInt8>
    @usableFromInline
    let room: Int
    @usableFromInline
    var count: Int

    @inlinable
    @inline(__always)
    init(_ place: UnsafeMutablePointer<UInt8>, room: Int) {
        self.place = place
        self.room = room
        place[0] = 0x7B
        count = 1
    }

    @inlinable
    @inline(__always)
    public mutating func member(_ key: StaticString, _ number: some FixedWidthInteger) {
        begin(key, 21)
        count += Self.put(Int64(clamping: number), at: place + count)
    }

    @inlinable
    @inline(__always)
    public mutating func member(_ key: StaticString, _ text: StaticString) {
        begin(key, text.utf8CodeUnitCount + 2)
        count += JSONBytes.put(quoted: text, at: place + count)
    }

    /// Two numbers as one text: "3-17".
    @inlinable
    @inline(__always)
    public mutating func member(_ key: StaticString, _ first: UInt32, dash second: UInt32) {
        begin(key, 44)
        place[count] = 0x22
        count += 1 + Self.put(Int64(first), at: place + count + 1)
        place[count] = 0x2D
        count += 1 + Self.put(Int64(second), at: place + count + 1)
        place[count] = 0x22
        count += 1
    }

    /// - Parameter most: The most bytes that the value takes.
    @inlinable
    @inline(__always)
    mutating func begin(_ key: StaticString, _ most: Int) {
        precondition(room - count > key.utf8CodeUnitCount + 4 + most, "a short object has more members than it said")
        count += JSONBytes.put(key, comma: count > 1, at: place + count)
    }

    @usableFromInline
    @inline(never)
    static func put(_ number: Int64, at place: UnsafeMutablePointer<UInt8>) -> Int { JSONBytes.put(number, at: place) }

    @inlinable
    @inline(__always)
    consuming func end() -> Int {
        place[count] = 0x7D
        return count + 1
    }
}

extension JSONText {
    /// An object of plain members, in one piece.
    /// - Parameter most: More bytes than its text takes, or the program stops.
    @inlinable
    @inline(__always)
    public mutating func shortObject(most: Int, _ members: (inout ShortObject) -> Void) {
        separate()
        write(most) {
            var object = ShortObject($0, room: most)
            members(&object)
            return object.end()
        }
    }
}
