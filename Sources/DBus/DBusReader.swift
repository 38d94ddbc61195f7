// Reads values in D-Bus's form. What is not there, or not of its type, is nil; nothing is believed but the bytes there are.
// Must not know what the values mean.

/// Reads a message or its body from the front.
public struct DBusReader {
    private let bytes: ArraySlice<UInt8>
    private let isBigEndian: Bool
    private var position: Int
    /// Values that may still be made: four million bytes must not become as many values.
    private var valuesLeft = 1 << 17

    public init(_ bytes: ArraySlice<UInt8>, isBigEndian: Bool = false) {
        self.bytes = bytes
        self.isBigEndian = isBigEndian
        position = bytes.startIndex
    }

    var isAtEnd: Bool { position >= bytes.endIndex }

    mutating func align(_ size: Int) { position += (size - (position - bytes.startIndex) % size) % size }

    private mutating func take(_ count: Int) -> ArraySlice<UInt8>? {
        guard count >= 0, position <= bytes.endIndex, count <= bytes.endIndex - position else { return nil }
        defer { position += count }
        return bytes[position..<(position + count)]
    }

    public mutating func byte() -> UInt8? { take(1)?.first }

    public mutating func number<Number: FixedWidthInteger & BitwiseCopyable>(_: Number.Type = UInt32.self) -> Number? {
        let size = Number.bitWidth / 8
        align(size)
        guard position <= bytes.endIndex, size <= bytes.endIndex - position else { return nil }
        let place = position - bytes.startIndex
        position += size
        let value = bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: place, as: Number.self) }
        return isBigEndian ? Number(bigEndian: value) : Number(littleEndian: value)
    }

    /// Whether the string that comes next is this one. Then it has been read.
    mutating func takes(_ text: StaticString) -> Bool {
        guard number(UInt32.self) == UInt32(text.utf8CodeUnitCount) else { return false }
        return take(text.utf8CodeUnitCount)?.elementsEqual(UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
            == true
            && byte() == 0
    }

    /// A string or a path. What is not UTF-8 in it is replaced.
    public mutating func text() -> String? {
        guard let count = number(UInt32.self), let text = take(Int(count)), byte() == 0 else { return nil }
        return String(decoding: text, as: UTF8.self)
    }

    public mutating func signature() -> String? {
        guard let count = byte(), let text = take(Int(count)), byte() == 0 else { return nil }
        return String(decoding: text, as: UTF8.self)
    }

    /// The bytes of a dictionary from names to values that has one entry, of this name, which is an array of bytes.
    mutating func onlyOctets(_ name: StaticString) -> ArraySlice<UInt8>? {
        guard let count = number(UInt32.self) else { return nil }
        align(8)
        let end = position + Int(count)
        guard takes(name), byte() == 2, byte() == UInt8(ascii: "a"), byte() == UInt8(ascii: "y"), byte() == 0,
            let length = number(UInt32.self), let octets = take(Int(length)), position == end
        else { return nil }
        return octets
    }

    /// All values of a body, or none.
    public mutating func values(_ signature: String) -> [DBusValue]? {
        let types = Array(signature.utf8)[...]
        var (place, found) = (types.startIndex, [DBusValue]())
        while place < types.endIndex {
            guard let end = DBusSignature.end(of: types, at: place), let value = value(types[place..<end], depth: 0) else { return nil }
            found.append(value)
            place = end
        }
        return found
    }

    /// A value of one complete type.
    private mutating func value(_ type: ArraySlice<UInt8>, depth: Int) -> DBusValue? {
        valuesLeft -= 1
        guard valuesLeft >= 0, depth <= 2 * DBusSignature.depthMax, let code = type.first else { return nil }
        switch UnicodeScalar(code) {
        case "y": return byte().map { .byte($0) }
        case "b":
            guard let number = number(UInt32.self), number <= 1 else { return nil }
            return .boolean(number == 1)
        case "n": return number(Int16.self).map { .int16($0) }
        case "q": return number(UInt16.self).map { .uint16($0) }
        case "i": return number(Int32.self).map { .int32($0) }
        case "u": return number(UInt32.self).map { .uint32($0) }
        case "x": return number(Int64.self).map { .int64($0) }
        case "t": return number(UInt64.self).map { .uint64($0) }
        case "d": return number(UInt64.self).map { .double(Double(bitPattern: $0)) }
        case "s": return text().map { .string($0) }
        case "o": return text().map { .path($0) }
        case "g": return signature().map { .signature($0) }
        case "h": return number(UInt32.self).map { .descriptor(Int($0)) }
        case "v":
            guard let inner = signature() else { return nil }
            let types = Array(inner.utf8)[...]
            guard DBusSignature.end(of: types, at: types.startIndex) == types.endIndex, let value = value(types, depth: depth + 1) else {
                return nil
            }
            return .variant(inner, value)
        case "(":
            align(8)
            return members(type.dropFirst().dropLast(), depth: depth + 1).map { .structure($0) }
        case "a": return array(type.dropFirst(), depth: depth + 1)
        default: return nil
        }
    }

    private mutating func members(_ types: ArraySlice<UInt8>, depth: Int) -> [DBusValue]? {
        var (place, found) = (types.startIndex, [DBusValue]())
        while place < types.endIndex {
            guard let end = DBusSignature.end(of: types, at: place), let value = value(types[place..<end], depth: depth) else { return nil }
            found.append(value)
            place = end
        }
        return found
    }

    private mutating func array(_ element: ArraySlice<UInt8>, depth: Int) -> DBusValue? {
        guard let count = number(UInt32.self), let code = element.first, let alignment = DBusSignature.alignment(code) else { return nil }
        align(alignment)
        guard position <= bytes.endIndex, Int(count) <= bytes.endIndex - position else { return nil }
        let end = position + Int(count)
        if code == UInt8(ascii: "y") { return take(Int(count)).map { .bytes(Array($0)) } }
        if code == UInt8(ascii: "{") {
            var entries: [DBusEntry] = []
            while position < end {
                align(8)
                guard let pair = members(element.dropFirst().dropLast(), depth: depth), pair.count == 2 else { return nil }
                entries.append(DBusEntry(pair[0], pair[1]))
            }
            return position == end ? .entries(entries) : nil
        }
        var values: [DBusValue] = []
        while position < end {
            guard let value = value(element, depth: depth) else { return nil }
            values.append(value)
        }
        return position == end ? .list(values) : nil
    }
}
