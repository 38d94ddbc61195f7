// Messages of D-Bus as bytes: writes calls, reads what comes. Little-endian, without file descriptors.
// Must not know sockets, nor what any message is about.

/// Writes values in D-Bus's form, each at its alignment from the beginning of the message.
struct DBusWriter {
    private(set) var bytes: [UInt8] = []

    mutating func align(_ size: Int) { while bytes.count % size != 0 { bytes.append(0) } }
    mutating func byte(_ value: UInt8) { bytes.append(value) }
    mutating func number(_ value: UInt16) {
        align(2)
        bytes += [UInt8(truncatingIfNeeded: value), UInt8(truncatingIfNeeded: value >> 8)]
    }
    mutating func number(_ value: UInt32) {
        align(4)
        for shift in stride(from: UInt32(0), to: 32, by: 8) { bytes.append(UInt8(truncatingIfNeeded: value >> shift)) }
    }
    mutating func number(_ value: Int32) { number(UInt32(bitPattern: value)) }
    mutating func text(_ value: String) {
        number(UInt32(value.utf8.count))
        bytes += Array(value.utf8) + [0]
    }
    mutating func signature(_ value: String) { bytes += [UInt8(value.utf8.count)] + Array(value.utf8) + [0] }
    /// `aay`.
    mutating func byteArrays(_ values: [[UInt8]]) {
        var inner = DBusWriter()
        for value in values {
            inner.number(UInt32(value.count))
            inner.bytes += value
        }
        number(UInt32(inner.bytes.count))
        bytes += inner.bytes
    }
    mutating func append(_ more: [UInt8]) { bytes += more }
}

/// Reads values in D-Bus's form; nil where there is no such value.
struct DBusReader {
    private let bytes: ArraySlice<UInt8>
    private var position: Int

    init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        position = bytes.startIndex
    }

    var isAtEnd: Bool { position >= bytes.endIndex }

    mutating func align(_ size: Int) { position += (size - (position - bytes.startIndex) % size) % size }

    private mutating func take(_ count: Int) -> ArraySlice<UInt8>? {
        guard count >= 0, position <= bytes.endIndex, count <= bytes.endIndex - position else { return nil }
        defer { position += count }
        return bytes[position..<(position + count)]
    }
    mutating func byte() -> UInt8? { take(1)?.first }
    mutating func number() -> UInt32? {
        align(4)
        return take(4)?.reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    }
    mutating func text() -> String? {
        guard let count = number(), let text = take(Int(count)), byte() == 0 else { return nil }
        return String(decoding: text, as: UTF8.self)
    }
    mutating func signature() -> String? {
        guard let count = byte(), let text = take(Int(count)), byte() == 0 else { return nil }
        return String(decoding: text, as: UTF8.self)
    }
}

/// One message.
struct DBusMessage: Hashable {
    enum Kind: UInt8 { case call = 1, answer, error, signal }

    var kind: Kind
    var serial: UInt32
    var path = ""
    var interface = ""
    var member = ""
    /// Of an error: its name.
    var errorName = ""
    /// Of an answer or an error: the call's serial.
    var answers: UInt32 = 0
    var destination = ""
    var sender = ""
    var signature = ""
    var body: [UInt8] = []

    /// A text of the names above by its number in a head.
    private static func field(_ code: UInt8) -> WritableKeyPath<DBusMessage, String>? {
        switch code {
        case 1: \DBusMessage.path
        case 2: \DBusMessage.interface
        case 3: \DBusMessage.member
        case 4: \DBusMessage.errorName
        case 6: \DBusMessage.destination
        case 7: \DBusMessage.sender
        default: nil
        }
    }

    /// The bytes of a message that has no signature but that of its body.
    var bytes: [UInt8] {
        // The fields begin at 16, which is a multiple of every alignment, so that they can be written apart.
        var fields = DBusWriter()
        for code: UInt8 in [1, 2, 3, 4, 6, 7] {
            guard let value = Self.field(code).map({ self[keyPath: $0] }), !value.isEmpty else { continue }
            fields.align(8)
            fields.byte(code)
            fields.signature(code == 1 ? "o" : "s")
            fields.text(value)
        }
        if answers != 0 {
            fields.align(8)
            fields.byte(5)
            fields.signature("u")
            fields.number(answers)
        }
        if !signature.isEmpty {
            fields.align(8)
            fields.byte(8)
            fields.signature("g")
            fields.signature(signature)
        }
        var head = DBusWriter()
        // Little-endian; nothing is started for the sake of a call; version 1 of the protocol.
        head.append([UInt8(ascii: "l"), kind.rawValue, 2, 1])
        head.number(UInt32(body.count))
        head.number(serial)
        head.number(UInt32(fields.bytes.count))
        head.append(fields.bytes)
        head.align(8)
        head.append(body)
        return head.bytes
    }

    /// Not a message that could be read.
    struct Malformed: Error {}

    /// The first whole message of some bytes, and how long it is; nil when more must come.
    /// - Throws: When it is none, or longer than `bytesMax`.
    static func read(_ bytes: ArraySlice<UInt8>) throws(Malformed) -> (message: DBusMessage, count: Int)? {
        guard bytes.count >= 16 else { return nil }
        var head = DBusReader(bytes)
        guard head.byte() == UInt8(ascii: "l"), let code = head.byte(), head.byte() != nil, head.byte() == 1,
            let bodyCount = head.number(), let serial = head.number(), let fieldsCount = head.number(),
            bodyCount <= bytesMax, fieldsCount <= bytesMax
        else { throw Malformed() }
        let bodyStart = (16 + Int(fieldsCount) + 7) / 8 * 8
        let count = bodyStart + Int(bodyCount)
        guard bytes.count >= count else { return nil }
        let start = bytes.startIndex
        // Kinds to come are signals that nobody waits for.
        var message = DBusMessage(kind: Kind(rawValue: code) ?? .signal, serial: serial)
        message.body = Array(bytes[(start + bodyStart)..<(start + count)])
        var fields = DBusReader(bytes[(start + 16)..<(start + 16 + Int(fieldsCount))])
        while !fields.isAtEnd {
            fields.align(8)
            if fields.isAtEnd { break }
            guard let code = fields.byte(), let type = fields.signature() else { throw Malformed() }
            switch type {
            case "s", "o":
                guard let value = fields.text() else { throw Malformed() }
                if let field = field(code) { message[keyPath: field] = value }
            case "u":
                guard let value = fields.number() else { throw Malformed() }
                if code == 5 { message.answers = value }
            case "g":
                guard let value = fields.signature() else { throw Malformed() }
                if code == 8 { message.signature = value }
            default: throw Malformed()
            }
        }
        return (message, count)
    }

    /// Nothing that is waited for comes near it.
    private static let bytesMax: UInt32 = 1 << 16
}
