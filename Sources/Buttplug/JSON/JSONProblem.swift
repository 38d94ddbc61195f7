// What can be wrong with an incoming message: its JSON, or what it says.
// Must not know who is told; `Failure` turns a problem into an error for the client.

/// Why a text cannot be read as messages.
public enum JSONProblem: UInt8, Error, Hashable, Sendable, CaseIterable {
    case endOfText
    case unexpectedByte
    case tooDeep
    case badString
    case badNumber
    case notAnInteger
    case outOfRange
    case numberTooLong
    case emptyArray
    case duplicateField
    case unknownField
    case missingField
    case unknownMessage
    case twoMessages
    case twoOutputs
    case zeroID
    case unknownType
    case emptyList
    case tooManyRequests
    case nameTooLong
    case tooManyEntries

    /// One sentence without its end, for people.
    public var text: StaticString {
        switch self {
        case .endOfText: "the text ends too early"
        case .unexpectedByte: "this is not JSON of the expected shape"
        case .tooDeep: "the JSON is nested too deeply"
        case .badString: "a string has a bad escape or a bare control character"
        case .badNumber: "a number is not written as JSON asks"
        case .notAnInteger: "a whole number is needed"
        case .outOfRange: "a number is out of its range"
        case .numberTooLong: "a number has too many characters"
        case .emptyArray: "an array of messages must hold at least one"
        case .duplicateField: "a field is there twice"
        case .unknownField: "this message has no such field"
        case .missingField: "a required field is missing"
        case .unknownMessage: "no such message in the version of this session"
        case .twoMessages: "an element must hold exactly one message"
        case .twoOutputs: "Command must hold exactly one output"
        case .zeroID: "Id 0 is reserved for the server"
        case .unknownType: "no such output, sensor or command"
        case .emptyList: "a list of commands must hold at least one"
        case .tooManyRequests: "too many requests in one text"
        case .nameTooLong: "the client's name is too long"
        case .tooManyEntries: "a list has too many entries"
        }
    }
}
