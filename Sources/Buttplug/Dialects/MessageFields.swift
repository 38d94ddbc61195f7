// The fields of messages: their names, and what one message's fields say, as plain values.
// Must not know versions. Fields hold positions in the text rather than copies of it.

/// A field of some message from a client.
struct MessageField: OptionSet {
    let rawValue: UInt32

    static let id = MessageField(rawValue: 1 << 0)
    static let deviceIndex = MessageField(rawValue: 1 << 1)
    static let featureIndex = MessageField(rawValue: 1 << 2)
    /// An object in OutputCmd, a string in InputCmd.
    static let command = MessageField(rawValue: 1 << 3)
    static let inputType = MessageField(rawValue: 1 << 5)
    static let inputs = MessageField(rawValue: 1 << 6)
    static let outputs = MessageField(rawValue: 1 << 7)
    static let speed = MessageField(rawValue: 1 << 8)
    static let speeds = MessageField(rawValue: 1 << 9)
    static let rotations = MessageField(rawValue: 1 << 10)
    static let vectors = MessageField(rawValue: 1 << 11)
    static let scalars = MessageField(rawValue: 1 << 12)
    static let sensorIndex = MessageField(rawValue: 1 << 13)
    static let sensorType = MessageField(rawValue: 1 << 14)
    static let clientName = MessageField(rawValue: 1 << 15)
    static let messageVersion = MessageField(rawValue: 1 << 16)
    static let versionMajor = MessageField(rawValue: 1 << 17)
    static let versionMinor = MessageField(rawValue: 1 << 18)
    static let testString = MessageField(rawValue: 1 << 19)
    static let logLevel = MessageField(rawValue: 1 << 20)

    init(rawValue: UInt32) { self.rawValue = rawValue }

    /// The field with this name; an empty set when there is none.
    @inline(never)
    init(_ key: JSONKey) {
        switch true {
        case key.is("Id"): self = .id
        case key.is("DeviceIndex"): self = .deviceIndex
        case key.is("FeatureIndex"): self = .featureIndex
        case key.is("Command"): self = .command
        case key.is("Type"): self = .inputType
        case key.is("Inputs"): self = .inputs
        case key.is("Outputs"): self = .outputs
        case key.is("Speed"): self = .speed
        case key.is("Speeds"): self = .speeds
        case key.is("Rotations"): self = .rotations
        case key.is("Vectors"): self = .vectors
        case key.is("Scalars"): self = .scalars
        case key.is("SensorIndex"): self = .sensorIndex
        case key.is("SensorType"): self = .sensorType
        case key.is("ClientName"): self = .clientName
        case key.is("MessageVersion"): self = .messageVersion
        case key.is("ProtocolVersionMajor"): self = .versionMajor
        case key.is("ProtocolVersionMinor"): self = .versionMinor
        case key.is("TestString"): self = .testString
        case key.is("LogLevel"): self = .logLevel
        default: self = []
        }
    }
}

/// The fields a message must have and may have.
struct MessageShape {
    let required: MessageField
    let allowed: MessageField

    @inline(__always)
    init(_ required: MessageField, optional: MessageField = []) {
        self.required = required
        allowed = required.union(optional)
    }
}

/// What the fields of one message say. Only those in `seen` mean anything.
struct MessageFields {
    var seen: MessageField = []
    var id: UInt32 = 0
    var device: UInt32 = 0
    var feature: UInt32 = 0
    var input = InputType.battery
    /// Whether the sensor was asked for as `RSSI`, all in capitals.
    var isUpperRSSI = false
    var command = InputCommand.read
    var inputs = true
    var outputs = true
    var speed = 0.0
    var sensor: UInt32 = 0
    var messageVersion: UInt32 = 0
    var versionMajor: UInt32 = 0
    /// `ClientName` or `TestString`.
    var text = JSONText(start: 0, end: 0, hasEscapes: false)
}

/// One entry of a legacy message's list; its amount is a fraction of the range.
struct Subcommand {
    var index: UInt32 = 0
    /// Speed, scalar or position.
    var amount = 0.0
    var isClockwise = true
    /// Milliseconds.
    var duration: UInt32 = 0
    var type = OutputType.vibrate
}
