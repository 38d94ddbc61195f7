// Every error this server's sessions can answer, typed, and how each is written as `ErrorMessage`.
// Must not know when which is due. The texts are JSON in a string where the reference server names a variant (spec v4, Error).

import Host

/// Why a request is answered with `Error`.
public enum Failure: Error, Sendable {
    // Error 1
    /// A message came before the handshake.
    case handshakeExpected
    /// A second handshake.
    case handshakeRepeated
    /// The client uses a version this server does not support.
    case versionRefused(UInt32)
    /// The handshake's fields contradict each other; the text says how.
    case versionUnclear(StaticString)
    // Error 2
    /// `MaxPingTime` passed without a `Ping`.
    case pingedOut
    // Error 3
    /// The text cannot be read; the byte is where reading ended.
    case invalid(JSONProblem, at: Int)
    /// A message of old versions that no device here can follow.
    case notImplemented(StaticString)
    /// `Test` with the string `Error` asks for one.
    case testAsked
    // Error 4
    case deviceNotAvailable(UInt32)
    case featureIndex(count: UInt32, index: UInt32)
    case featureCountMismatch(index: UInt32, parts: UInt32)
    case featureMismatch(StaticString)
    case messageNotSupported(StaticString)
    case stepRange(Int32)
    case configuration(StaticString)

    /// The class the client is told (spec v4, Error Codes).
    public var code: ErrorCode {
        switch self {
        case .handshakeExpected, .handshakeRepeated, .versionRefused, .versionUnclear: .handshake
        case .pingedOut: .ping
        case .invalid, .notImplemented, .testAsked: .message
        case .deviceNotAvailable, .featureIndex, .featureCountMismatch, .featureMismatch, .messageNotSupported, .stepRange, .configuration:
            .device
        }
    }

    /// Writes the text in the form it has inside a JSON string.
    func write(into buffer: inout MessageBuffer) {
        switch self {
        case .handshakeExpected: buffer.append(#"{\"ButtplugHandshakeError\":\"RequestServerInfoExpected\"}"#)
        case .handshakeRepeated: buffer.append(#"{\"ButtplugHandshakeError\":\"HandshakeAlreadyHappened\"}"#)
        case .versionRefused(let version):
            buffer.append("version ")
            buffer.append(version)
            buffer.append(" is not supported; this server supports versions 0 to 4")
        case .versionUnclear(let text): buffer.append(text)
        case .pingedOut: buffer.append(#"{\"ButtplugPingError\":\"PingedOut\"}"#)
        case .invalid(let problem, let position):
            buffer.append(#"{\"ButtplugMessageError\":{\"InvalidMessageContents\":\""#)
            buffer.append(problem.text)
            buffer.append(" (byte ")
            buffer.append(UInt32(clamping: position))
            buffer.append(#")\"}}"#)
        case .notImplemented(let name):
            buffer.append(#"{\"ButtplugMessageError\":{\"MessageConversionError\":\""#)
            buffer.append(name)
            buffer.append(#" is not implemented. Please update the client software to use a newer command\"}}"#)
        case .testAsked: buffer.append("an error, as asked")
        case .deviceNotAvailable(let index):
            buffer.append(#"{\"ButtplugDeviceError\":{\"DeviceNotAvailable\":"#)
            buffer.append(index)
            buffer.append("}}")
        case .featureIndex(let count, let index): Self.pair("DeviceFeatureIndexError", count, index, into: &buffer)
        case .featureCountMismatch(let index, let parts): Self.pair("DeviceFeatureCountMismatch", index, parts, into: &buffer)
        case .featureMismatch(let text): Self.text("DeviceFeatureMismatch", text, into: &buffer)
        case .messageNotSupported(let text): Self.text("MessageNotSupported", text, into: &buffer)
        case .configuration(let text): Self.text("DeviceConfigurationError", text, into: &buffer)
        case .stepRange(let value):
            buffer.append(#"{\"ButtplugDeviceError\":{\"DeviceStepRangeError\":[0,"#)
            buffer.append(value)
            buffer.append("]}}")
        }
    }

    private static func pair(_ name: StaticString, _ a: UInt32, _ b: UInt32, into buffer: inout MessageBuffer) {
        buffer.append(#"{\"ButtplugDeviceError\":{\""#)
        buffer.append(name)
        buffer.append(#"\":["#)
        buffer.append(a)
        buffer.append(",")
        buffer.append(b)
        buffer.append("]}}")
    }

    private static func text(_ name: StaticString, _ text: StaticString, into buffer: inout MessageBuffer) {
        buffer.append(#"{\"ButtplugDeviceError\":{\""#)
        buffer.append(name)
        buffer.append(#"\":\""#)
        buffer.append(text)
        buffer.append(#"\"}}"#)
    }
}
