// Writes values in D-Bus's form, each at its alignment from the beginning of the message or of its body.
// Must not know what the values mean.

/// Bytes of a message or of its body.
public struct DBusWriter {
    public private(set) var bytes: [UInt8] = []
    private let isBigEndian: Bool

    public init(isBigEndian: Bool = false) { self.isBigEndian = isBigEndian }

    mutating func align(_ size: Int) { while bytes.count % size != 0 { bytes.append(0) } }
    mutating func append(_ more: [UInt8]) { bytes += more }

    public mutating func byte(_ value: UInt8) { bytes.append(value) }
    public mutating func number(_ value: some FixedWidthInteger) {
        let size = value.bitWidth / 8
        align(size)
        for place in 0..<size {
            let shift = 8 * (isBigEndian ? size - 1 - place : place)
            bytes.append(UInt8(truncatingIfNeeded: value >> shift))
        }
    }
    /// A string or a path.
    public mutating func text(_ value: String) {
        number(UInt32(value.utf8.count))
        bytes += Array(value.utf8) + [0]
    }
    public mutating func signature(_ value: String) { bytes += [UInt8(truncatingIfNeeded: value.utf8.count)] + Array(value.utf8) + [0] }

    /// Values of these types, which must be theirs.
    public mutating func values(_ values: [DBusValue], as signature: String) {
        let types = Array(signature.utf8)[...]
        var place = types.startIndex
        for value in values { put(value, types, &place) }
        precondition(place == types.endIndex, "a type without a value")
    }

    private mutating func put(_ value: DBusValue, _ types: ArraySlice<UInt8>, _ place: inout Int) {
        guard let end = DBusSignature.end(of: types, at: place), let alignment = DBusSignature.alignment(types[place]) else {
            preconditionFailure("a value without a type")
        }
        align(alignment)
        switch value {
        case .byte(let number): byte(number)
        case .boolean(let truth): number(UInt32(truth ? 1 : 0))
        case .int16(let value): number(value)
        case .uint16(let value): number(value)
        case .int32(let value): number(value)
        case .uint32(let value): number(value)
        case .int64(let value): number(value)
        case .uint64(let value): number(value)
        case .double(let value): number(value.bitPattern)
        case .string(let value), .path(let value): text(value)
        case .signature(let value): signature(value)
        case .descriptor(let value): number(UInt32(truncatingIfNeeded: value))
        case .bytes(let value): array(aligned: 1) { $0.bytes += value }
        case .list(let values):
            array(aligned: DBusSignature.alignment(types[place + 1]) ?? 1) { [place] writer in
                for value in values {
                    var inner = place + 1
                    writer.put(value, types, &inner)
                }
            }
        case .structure(let values):
            var inner = place + 1
            for value in values { put(value, types, &inner) }
        case .entries(let entries):
            array(aligned: 8) { [place] writer in
                for entry in entries {
                    writer.align(8)
                    var inner = place + 2
                    writer.put(entry.key, types, &inner)
                    writer.put(entry.value, types, &inner)
                }
            }
        case .variant(let type, let value):
            signature(type)
            let types = Array(type.utf8)[...]
            var inner = types.startIndex
            put(value, types, &inner)
        }
        place = end
    }

    /// An array: its length in bytes does not count the padding before its first element.
    private mutating func array(aligned alignment: Int, _ fill: (inout DBusWriter) -> Void) {
        let place = bytes.count
        number(UInt32(0))
        align(alignment)
        let start = bytes.count
        fill(&self)
        let count = UInt32(bytes.count - start)
        for byte in 0..<4 { bytes[place + byte] = UInt8(truncatingIfNeeded: count >> (8 * UInt32(isBigEndian ? 3 - byte : byte))) }
    }
}
