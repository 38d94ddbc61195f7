// Reads the fields of what a server says, leniently: in any order, unknown ones passed over, numbers and texts where they should be.
// Must not know versions or what follows from a message.

/// What is noticed while a server's text is read.
struct ClientNotes {
    var ignored = IgnoredParts()
    /// Signal strength was written `RSSI`, or otherwise.
    var hasUpperRSSI = false
    var hasOtherRSSI = false

    mutating func note(_ type: InputType, spelled name: JSONKey) {
        guard type == .rssi else { return }
        if name.is("RSSI") { hasUpperRSSI = true } else { hasOtherRSSI = true }
    }
}

/// The fields of every message but device lists. Those that were not there have their default.
struct ClientFields {
    var id: UInt32?
    var device: UInt32?
    var feature: UInt32?
    var sensor: UInt32?
    var input: InputType?
    var values: [Int32] = []
    var code: Int64 = 0
    var messageVersion: Int64?
    var versionMajor: Int64?
    var maxPingTime: Int64 = 0
    /// `ErrorMessage` or `ServerName`.
    var text: String?
}

/// A cursor over a server's text that notes what it passes over.
struct ServerTextReader: ~Escapable {
    var json: JSONReader
    var notes = ClientNotes()

    @_lifetime(copy bytes)
    init(_ bytes: RawSpan) { json = JSONReader(bytes) }

    var at: Int {
        get { json.at }
        set { json.at = newValue }
    }

    /// Depth of a value that is passed over.
    static var skippedDepth: Int { 32 }
    /// Values of one reading, ranges of one sensor; real ones have up to three.
    static var axesMax: Int { 64 }

    /// The body of a message.
    @_lifetime(self: copy self)
    mutating func clientFields() throws(JSONProblem) -> ClientFields {
        var fields = ClientFields()
        try json.expect(.objectStart)
        if try json.take(.objectEnd) { return fields }
        repeat {
            let key = try json.key()
            switch true {
            case key.is("Id"): fields.id = try json.unsigned()
            case key.is("DeviceIndex"): fields.device = try json.unsigned()
            case key.is("FeatureIndex"): fields.feature = try json.unsigned()
            case key.is("SensorIndex"): fields.sensor = try json.unsigned()
            case key.is("SensorType"):
                let name = try json.name()
                fields.input = InputType(caseless: name)
            case key.is("Reading"): try reading(into: &fields)
            case key.is("Data"): fields.values = try values()
            case key.is("ErrorCode"): fields.code = try optionalNumber() ?? 0
            case key.is("ErrorMessage"), key.is("ServerName"): fields.text = try optionalString()
            case key.is("MessageVersion"): fields.messageVersion = try optionalNumber()
            case key.is("ProtocolVersionMajor"): fields.versionMajor = try optionalNumber()
            case key.is("ProtocolVersionMinor"): _ = try optionalNumber()
            case key.is("MaxPingTime"): fields.maxPingTime = try optionalNumber() ?? 0
            default: try skipUnknown()
            }
        } while try json.more(until: .objectEnd)
        return fields
    }

    /// `Reading` of an InputReading: the first sensor in it that this client knows.
    @_lifetime(self: copy self)
    private mutating func reading(into fields: inout ClientFields) throws(JSONProblem) {
        try json.expect(.objectStart)
        if try json.take(.objectEnd) { return }
        repeat {
            let name = try json.key()
            guard fields.input == nil, let type = InputType(caseless: name), try json.peek() == 0x7B else {
                notes.ignored.types += 1
                try json.skipValue(depth: Self.skippedDepth)
                continue
            }
            try json.expect(.objectStart)
            if try json.take(.objectEnd) { continue }
            repeat {
                if try json.key().is("Value") {
                    fields.values = try values()
                    fields.input = type
                } else {
                    try skipUnknown()
                }
            } while try json.more(until: .objectEnd)
        } while try json.more(until: .objectEnd)
    }

    /// One number, or an array of them.
    @_lifetime(self: copy self)
    private mutating func values() throws(JSONProblem) -> [Int32] {
        guard try json.take(.arrayStart) else { return [Int32(clamping: try number())] }
        var values: [Int32] = []
        if try json.take(.arrayEnd) { return values }
        repeat {
            guard values.count < Self.axesMax else { throw .tooManyEntries }
            values.append(Int32(clamping: try number()))
        } while try json.more(until: .arrayEnd)
        return values
    }

    /// A field that this client does not know.
    @_lifetime(self: copy self)
    mutating func skipUnknown() throws(JSONProblem) {
        notes.ignored.fields += 1
        try json.skipValue(depth: Self.skippedDepth)
    }

    /// Any number, rounded to a whole one; what is too large for 15 digits becomes that.
    @_lifetime(self: copy self)
    mutating func number() throws(JSONProblem) -> Int64 {
        let value = try json.double()
        return Int64(min(max(value, -1e15), 1e15) + (value < 0 ? -0.5 : 0.5))
    }

    /// A number; anything else is passed over.
    @_lifetime(self: copy self)
    mutating func optionalNumber() throws(JSONProblem) -> Int64? {
        let first = try json.peek()
        if first == 0x2D || first &- 0x30 <= 9 { return try number() }
        try json.skipValue(depth: Self.skippedDepth)
        return nil
    }

    /// A string; anything else is passed over.
    @_lifetime(self: copy self)
    mutating func optionalString() throws(JSONProblem) -> String? {
        if try json.peek() == 0x22 {
            let range = try json.string()
            return json.text(range)
        }
        try json.skipValue(depth: Self.skippedDepth)
        return nil
    }

    /// Whether an object, or an array, begins here; anything else is passed over. Its first byte is taken.
    @_lifetime(self: copy self)
    mutating func opens(_ first: UInt8) throws(JSONProblem) -> Bool {
        if try json.take(first) { return true }
        try skipUnknown()
        return false
    }

    /// `[low,high]`, in either order.
    @_lifetime(self: copy self)
    mutating func range() throws(JSONProblem) -> ClosedRange<Int32> {
        try json.expect(.arrayStart)
        let low = Int32(clamping: try number())
        try json.expect(.comma)
        let high = Int32(clamping: try number())
        try json.expect(.arrayEnd)
        return min(low, high)...max(low, high)
    }

    /// `[[low,high],…]`, or a single `[low,high]`.
    @_lifetime(self: copy self)
    mutating func ranges() throws(JSONProblem) -> [ClosedRange<Int32>] {
        let start = json.at
        try json.expect(.arrayStart)
        if try json.take(.arrayEnd) { return [] }
        guard try json.peek() == 0x5B else {
            json.at = start
            return [try range()]
        }
        var ranges: [ClosedRange<Int32>] = []
        repeat {
            guard ranges.count < Self.axesMax else { throw .tooManyEntries }
            ranges.append(try range())
        } while try json.more(until: .arrayEnd)
        return ranges
    }

    /// The number that a string of digits stands for.
    func decimal(_ text: JSONText) -> UInt32? {
        var value: UInt64 = 0
        guard text.end > text.start, text.end - text.start <= 10 else { return nil }
        for i in text.start..<text.end {
            let digit = json.byte(i) &- 0x30
            guard digit <= 9 else { return nil }
            value = value * 10 + UInt64(digit)
        }
        return UInt32(exactly: value)
    }
}
