// Reads the fields of one message, in any order, each at most once, none that the message does not have.
// Must not know versions or what follows from a message.

import Host

/// Reads the body of one message.
enum FieldReading {
    /// The body of a message: an object whose fields are those of `shape`. Lists go to `subcommands` and have `partsMax` entries at most.
    @_lifetime(json: copy json)
    static func fields(
        _ json: inout JSONReader, _ shape: MessageShape, _ subcommands: inout Slab<Subcommand>, partsMax: Int
    ) throws(JSONProblem) -> MessageFields {
        var fields = MessageFields()
        try json.expect(.objectStart)
        if try !json.take(.objectEnd) {
            repeat {
                let field = try field(&json).intersection(shape.allowed)
                guard !field.isEmpty else { throw .unknownField }
                guard fields.seen.isDisjoint(with: field) else { throw .duplicateField }
                fields.seen.formUnion(field)
                try read(&json, field, into: &fields, &subcommands, partsMax)
            } while try json.more(until: .objectEnd)
        }
        guard shape.required.isSubset(of: fields.seen) else { throw .missingField }
        return fields
    }

    /// The key of a member. The most common are tried as literals first, in the way nearly every client writes them.
    @_lifetime(json: copy json) @inline(__always)
    private static func field(_ json: inout JSONReader) throws(JSONProblem) -> MessageField {
        if json.take(literal: "\"DeviceIndex\":") { return .deviceIndex }
        if json.take(literal: "\"FeatureIndex\":") { return .featureIndex }
        if json.take(literal: "\"Id\":") { return .id }
        return MessageField(try json.key())
    }

    @_lifetime(json: copy json) @inline(__always)
    private static func read(
        _ json: inout JSONReader, _ field: MessageField, into fields: inout MessageFields, _ subcommands: inout Slab<Subcommand>,
        _ partsMax: Int
    ) throws(JSONProblem) {
        switch field {
        case .id:
            fields.id = try json.unsigned()
            guard fields.id != 0 else { throw .zeroID }
        case .deviceIndex: fields.device = try json.unsigned()
        case .featureIndex: fields.feature = try json.unsigned()
        default: try readRare(&json, field, into: &fields, &subcommands, partsMax)
        }
    }

    @_lifetime(json: copy json) @inline(never)
    private static func readRare(
        _ json: inout JSONReader, _ field: MessageField, into fields: inout MessageFields, _ subcommands: inout Slab<Subcommand>,
        _ partsMax: Int
    ) throws(JSONProblem) {
        switch field {
        case .inputType, .sensorType:
            let name = try json.name()
            guard let type = InputType(caseless: name) else { throw .unknownType }
            fields.input = type
            fields.isUpperRSSI = name.is("RSSI")
        case .command:
            guard let command = InputCommand(caseless: try json.name()) else { throw .unknownType }
            fields.command = command
        case .inputs: fields.inputs = try json.bool()
        case .outputs: fields.outputs = try json.bool()
        case .speed: fields.speed = try fraction(&json)
        case .sensorIndex: fields.sensor = try json.unsigned()
        case .messageVersion: fields.messageVersion = try json.unsigned()
        case .versionMajor: fields.versionMajor = try json.unsigned()
        case .versionMinor: _ = try json.unsigned()
        case .clientName, .testString: fields.text = try json.string()
        case .logLevel:
            guard Self.isLogLevel(try json.name()) else { throw .unknownType }
        default: try list(&json, field, into: &subcommands, partsMax)
        }
    }

    private static func isLogLevel(_ name: JSONKey) -> Bool {
        name.is("Off") || name.is("Fatal") || name.is("Error") || name.is("Warn") || name.is("Info") || name.is("Debug") || name.is("Trace")
    }

    /// A number from 0 to 1.
    @_lifetime(json: copy json)
    private static func fraction(_ json: inout JSONReader) throws(JSONProblem) -> Double {
        let value = try json.double()
        guard value >= 0, value <= 1 else { throw .outOfRange }
        return value
    }

    /// A legacy message's list of commands. Only `Vectors` may be empty.
    @_lifetime(json: copy json)
    private static func list(
        _ json: inout JSONReader, _ field: MessageField, into subcommands: inout Slab<Subcommand>, _ partsMax: Int
    ) throws(JSONProblem) {
        subcommands.removeAll()
        try json.expect(.arrayStart)
        if try json.take(.arrayEnd) {
            guard field == .vectors else { throw .emptyList }
            return
        }
        repeat {
            guard subcommands.count < partsMax else { throw .tooManyRequests }
            subcommands.append(try subcommand(&json, field))
        } while try json.more(until: .arrayEnd)
    }

    /// One entry of a list; which keys it has depends on the list.
    @_lifetime(json: copy json)
    private static func subcommand(_ json: inout JSONReader, _ field: MessageField) throws(JSONProblem) -> Subcommand {
        var entry = Subcommand()
        // One bit per key that was seen, in the order of the cases below.
        var seen: UInt8 = 0
        try json.expect(.objectStart)
        repeat {
            let key = try json.key()
            let bit: UInt8
            if key.is("Index") {
                bit = 1
                entry.index = try json.unsigned()
            } else if key.is("Speed"), field == .speeds || field == .rotations {
                bit = 2
                entry.amount = try fraction(&json)
            } else if key.is("Position"), field == .vectors {
                bit = 2
                entry.amount = try fraction(&json)
            } else if key.is("Scalar"), field == .scalars {
                bit = 2
                entry.amount = try json.double()
            } else if key.is("Clockwise"), field == .rotations {
                bit = 4
                entry.isClockwise = try json.bool()
            } else if key.is("Duration"), field == .vectors {
                bit = 4
                entry.duration = try json.unsigned()
            } else if key.is("ActuatorType"), field == .scalars {
                bit = 4
                guard let type = OutputType(caseless: try json.name()), type != .hwPositionWithDuration else { throw .unknownType }
                entry.type = type
            } else {
                throw .unknownField
            }
            guard seen & bit == 0 else { throw .duplicateField }
            seen |= bit
        } while try json.more(until: .objectEnd)
        guard seen == (field == .speeds ? 3 : 7) else { throw .missingField }
        return entry
    }
}

extension OutputType {
    /// The type with this name, in capitals or not.
    init?(caseless key: JSONKey) {
        let lower = key.lowercased
        for type in OutputType.allCases where lower == JSONKey(type.name).lowercased {
            self = type
            return
        }
        return nil
    }
}

extension InputType {
    /// The sensor with this name, in capitals or not.
    init?(caseless key: JSONKey) {
        let lower = key.lowercased
        for type in InputType.allCases where lower == JSONKey(type.name).lowercased {
            self = type
            return
        }
        return nil
    }
}

extension InputCommand {
    /// The command with this name, in capitals or not.
    init?(caseless key: JSONKey) {
        let lower = key.lowercased
        if lower.is("read") {
            self = .read
        } else if lower.is("subscribe") {
            self = .subscribe
        } else if lower.is("unsubscribe") {
            self = .unsubscribe
        } else {
            return nil
        }
    }
}
