// Messages of D-Bus as bytes, both ways.
// Must not know sockets, nor what any message is about.

/// One message (specification, "Message Protocol").
public struct DBusMessage: Hashable, Sendable {
    public enum Kind: UInt8, Sendable { case call = 1, answer, error, signal }

    /// Not a message that could be read.
    public struct Malformed: Error { public init() {} }

    public var kind: Kind
    public var serial: UInt32
    public var path = ""
    public var interface = ""
    public var member = ""
    /// Of an error: its name.
    public var errorName = ""
    /// Of an answer or an error: the call's serial.
    public var answers: UInt32 = 0
    public var destination = ""
    public var sender = ""
    public var signature = ""
    public var body: [UInt8] = []
    /// How the numbers in `body` are written.
    public var isBigEndian = false
    /// How many descriptors belong to it.
    public var descriptorCount: UInt32 = 0
    /// Those that came with it. Who takes the message owns them.
    public var descriptors: [Int32] = []

    /// A message of this kind without contents.
    public init(kind: Kind, serial: UInt32 = 0) { (self.kind, self.serial) = (kind, serial) }

    /// A call.
    public init(
        call member: String, of interface: String, on path: String, to destination: String, _ signature: String = "",
        _ values: [DBusValue] = []
    ) {
        self.init(kind: .call)
        (self.path, self.interface, self.member, self.destination) = (path, interface, member, destination)
        set(signature, values)
    }

    /// What the body says; nil when it is not what its signature says.
    public var values: [DBusValue]? {
        var reader = DBusReader(body[...], isBigEndian: isBigEndian)
        return reader.values(signature)
    }

    /// What the body says when it has this signature; nil when it says something else.
    public func values(_ signature: String) -> [DBusValue]? { self.signature == signature ? values : nil }

    /// Makes the body of these values.
    public mutating func set(_ signature: String, _ values: [DBusValue]) {
        var writer = DBusWriter(isBigEndian: isBigEndian)
        writer.values(values, as: signature)
        (self.signature, body) = (signature, writer.bytes)
    }

    /// The bytes of a property, when the message is a `PropertiesChanged` that says just that they are new; nil when it says anything else or
    /// more. Devices that answer each packet send many of these: this makes no values of them.
    /// - Parameter interface: The property's.
    public func onlyOctets(of property: StaticString, in interface: StaticString) -> [UInt8]? {
        guard member == "PropertiesChanged", signature == "sa{sv}as" else { return nil }
        var reader = DBusReader(body[...], isBigEndian: isBigEndian)
        guard reader.takes(interface), let octets = reader.onlyOctets(property), reader.number(UInt32.self) == 0, reader.isAtEnd else {
            return nil
        }
        return Array(octets)
    }

    // MARK: Bytes

    /// The longest message that is read, in bytes.
    static let bytesMax: UInt32 = 4 << 20

    /// A text of the names above by its number in a head.
    private static func field(_ code: UInt8) -> WritableKeyPath<DBusMessage, String>? {
        switch code {
        case 1: \DBusMessage.path
        case 2: \DBusMessage.interface
        case 3: \DBusMessage.member
        case 4: \DBusMessage.errorName
        case 6: \DBusMessage.destination
        case 7: \DBusMessage.sender
        case 8: \DBusMessage.signature
        default: nil
        }
    }

    /// The whole message. Descriptors go beside it.
    public var bytes: [UInt8] {
        // The fields begin at 16, which is a multiple of every alignment, so that they can be written apart.
        var fields = DBusWriter(isBigEndian: isBigEndian)
        for code: UInt8 in [1, 2, 3, 4, 6, 7, 8] {
            guard let value = Self.field(code).map({ self[keyPath: $0] }), !value.isEmpty else { continue }
            fields.align(8)
            fields.byte(code)
            fields.signature(code == 1 ? "o" : code == 8 ? "g" : "s")
            if code == 8 { fields.signature(value) } else { fields.text(value) }
        }
        for (code, value) in [(UInt8(5), answers), (UInt8(9), descriptorCount)] where value != 0 {
            fields.align(8)
            fields.byte(code)
            fields.signature("u")
            fields.number(value)
        }
        var head = DBusWriter(isBigEndian: isBigEndian)
        // Nothing is started for the sake of a call (flag 2); version 1 of the protocol.
        head.append([UInt8(ascii: isBigEndian ? "B" : "l"), kind.rawValue, 2, 1])
        head.number(UInt32(body.count))
        head.number(serial)
        head.number(UInt32(fields.bytes.count))
        head.append(fields.bytes)
        head.align(8)
        head.append(body)
        return head.bytes
    }

    /// The first whole message of some bytes, and how long it is; nil when more must come. Its descriptors are not there yet.
    /// - Throws: When it is none, or longer than 4 MiB.
    public static func read(_ bytes: ArraySlice<UInt8>) throws(Malformed) -> (message: DBusMessage, count: Int)? {
        var heads = DBusHeads()
        return try read(bytes, heads: &heads)
    }

    /// - Parameter heads: Those that were read before.
    static func read(_ bytes: ArraySlice<UInt8>, heads: inout DBusHeads) throws(Malformed) -> (message: DBusMessage, count: Int)? {
        guard bytes.count >= 16, let order = bytes.first else { return nil }
        guard order == UInt8(ascii: "l") || order == UInt8(ascii: "B") else { throw Malformed() }
        let isBigEndian = order == UInt8(ascii: "B")
        var head = DBusReader(bytes.prefix(16), isBigEndian: isBigEndian)
        guard head.byte() != nil, let code = head.byte(), code != 0, head.byte() != nil, head.byte() == 1,
            let bodyCount = head.number(UInt32.self), let serial = head.number(UInt32.self), let fieldsCount = head.number(UInt32.self),
            bodyCount <= bytesMax, fieldsCount <= bytesMax, bodyCount + fieldsCount <= bytesMax
        else { throw Malformed() }
        let bodyStart = (16 + Int(fieldsCount) + 7) / 8 * 8
        let count = bodyStart + Int(bodyCount)
        guard bytes.count >= count else { return nil }
        let start = bytes.startIndex
        let fields = bytes[(start + 16)..<(start + 16 + Int(fieldsCount))]
        // Kinds to come are signals that nobody waits for.
        let kind = Kind(rawValue: code) ?? .signal
        var message: DBusMessage
        if kind == .signal, !isBigEndian, let known = heads.find(fields) {
            message = known
        } else {
            message = DBusMessage(kind: kind)
            message.isBigEndian = isBigEndian
            try message.readFields(fields)
            if kind == .signal { heads.remember(fields, message) }
        }
        message.serial = serial
        message.body = Array(bytes[(start + bodyStart)..<(start + count)])
        return (message, count)
    }

    private mutating func readFields(_ bytes: ArraySlice<UInt8>) throws(Malformed) {
        var fields = DBusReader(bytes, isBigEndian: isBigEndian)
        while !fields.isAtEnd {
            fields.align(8)
            if fields.isAtEnd { break }
            guard let code = fields.byte(), let type = fields.signature(), let value = fields.values(type)?.first else { throw Malformed() }
            switch (code, value) {
            case (5, .uint32(let serial)): answers = serial
            case (9, .uint32(let count)): descriptorCount = count
            case (8, .signature(let text)): signature = text
            case (1, .path(let text)), (2...4, .string(let text)), (6...7, .string(let text)):
                if let field = Self.field(code) { self[keyPath: field] = text }
            // What later versions add is not for us; what is known has its type.
            case (1...9, _): throw Malformed()
            default: break
            }
        }
    }
}
