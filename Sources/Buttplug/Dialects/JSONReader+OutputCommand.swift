// Reads an OutputCmd, the message that nearly all of the traffic is, in any layout.
// Must not know sessions or devices, nor which layouts are common (`OutputCommandLayouts` does).

extension JSONReader {
    /// The command of a text that holds one OutputCmd and nothing else; nil for every other text, and for one with something wrong in it.
    @inline(never)
    static func soleOutputCommand(_ text: RawSpan) -> OutputCommand? {
        var reader = JSONReader(text)
        do throws(JSONProblem) {
            try reader.expect(.arrayStart)
            try reader.expect(.objectStart)
            if !reader.take(literal: "\"OutputCmd\":") {
                guard try reader.key().is("OutputCmd") else { return nil }
            }
            let command = try reader.outputCommand()
            guard try !reader.more(until: .objectEnd), try !reader.more(until: .arrayEnd), reader.isAtEnd() else { return nil }
            return command
        } catch {
            return nil
        }
    }

    /// The body of an OutputCmd (spec v4, OutputCmd): its four fields in any order, each once, and no other.
    @_lifetime(self: copy self) @inline(__always)
    mutating func outputCommand() throws(JSONProblem) -> OutputCommand {
        var command = OutputCommand(id: 0, device: 0, feature: 0, type: .vibrate, value: 0)
        var seen: MessageField = []
        try expect(.objectStart)
        if try !take(.objectEnd) {
            repeat {
                let field = try outputField()
                guard seen.isDisjoint(with: field) else { throw .duplicateField }
                seen.formUnion(field)
                switch field {
                case .deviceIndex: command.device = try unsigned()
                case .featureIndex: command.feature = try unsigned()
                case .command: try output(into: &command)
                case .id:
                    command.id = try unsigned()
                    guard command.id != 0 else { throw .zeroID }
                default: throw .unknownField
                }
            } while try more(until: .objectEnd)
        }
        guard seen == [.id, .deviceIndex, .featureIndex, .command] else { throw .missingField }
        return command
    }

    /// The key of a field. They are tried as literals first, in the way nearly every client writes them.
    @_lifetime(self: copy self) @inline(__always)
    private mutating func outputField() throws(JSONProblem) -> MessageField {
        if take(literal: "\"DeviceIndex\":") { return .deviceIndex }
        if take(literal: "\"FeatureIndex\":") { return .featureIndex }
        if take(literal: "\"Id\":") { return .id }
        if take(literal: "\"Command\":") { return .command }
        return MessageField(try key())
    }

    /// `Command`: exactly one output. Members of it that the type has no use for are passed over.
    @_lifetime(self: copy self) @inline(__always)
    private mutating func output(into command: inout OutputCommand) throws(JSONProblem) {
        try expect(.objectStart)
        let type = try outputType()
        command.type = type
        try expect(.objectStart)
        var hasValue = false
        var hasDuration = false
        repeat {
            if !hasValue, take(literal: "\"Value\":") {
                hasValue = true
                command.value = try signed()
                continue
            }
            let key = try key()
            if key.is("Value") {
                guard !hasValue else { throw .duplicateField }
                hasValue = true
                command.value = try signed()
            } else if key.is("Duration"), type == .hwPositionWithDuration {
                guard !hasDuration else { throw .duplicateField }
                hasDuration = true
                command.duration = try unsigned()
            } else {
                try skipValue(depth: 16)
            }
        } while try more(until: .objectEnd)
        guard hasValue, hasDuration || type != .hwPositionWithDuration else { throw .missingField }
        guard try !more(until: .objectEnd) else { throw .twoOutputs }
    }

    @_lifetime(self: copy self) @inline(__always)
    private mutating func outputType() throws(JSONProblem) -> OutputType {
        if take(literal: "\"Vibrate\":") { return .vibrate }
        guard let type = OutputType(exactly: try key()) else { throw .unknownType }
        return type
    }
}

extension OutputType {
    /// The type with this name of v4.
    @inline(never)
    init?(exactly key: JSONKey) {
        for type in OutputType.allCases where key == JSONKey(type.name) {
            self = type
            return
        }
        return nil
    }
}
