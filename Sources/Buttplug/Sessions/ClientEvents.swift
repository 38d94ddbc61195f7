// What a server says, in the vocabulary of spec v4 for every version.
// Must not know JSON, or who waits for which answer: events carry ids, and their owner keeps the waiters.

import Host

/// One thing a server said.
public enum ServerEvent: Hashable, Sendable {
    /// The answer to the handshake. `version` is the server's number as it gave it: when it is below 3, no common version was found and the
    /// session is still greeting. `maxPingTime` in milliseconds, 0 for none.
    case serverInfo(id: UInt32, name: String, version: UInt32, maxPingTime: UInt32)
    /// The request was carried out.
    case ok(UInt32)
    /// The request failed, or, with Id 0, something else did. `code` is the server's (`ErrorCode`, or one a newer server invented).
    case error(UInt32, code: UInt8, text: String)
    /// All devices there are, in ascending order of index; with Id 0 without a request.
    case deviceList(UInt32, [DeviceInfo])
    /// What a sensor says, one value per axis; with Id 0 for a subscription.
    case reading(UInt32, device: UInt32, feature: UInt32, type: InputType, values: [Int32])
    /// A scan has ended by itself.
    case scanningFinished
    /// A message, or the rest of a text, that cannot be read. The Id is the message's when it can be told, else 0; the text is for people.
    case malformed(UInt32, String)
}

/// What one text said, in its order. Reused from text to text: emptying keeps the memory.
public struct ServerEventBatch: ~Copyable {
    public internal(set) var events = Slab<ServerEvent>()

    public init() {}

    public mutating func removeAll() { events.removeAll() }
}

/// How much of what a server said was passed over because this client does not know it: signs of a newer server.
public struct IgnoredParts: Hashable, Sendable {
    /// Messages with an unknown name, or in the wrong state.
    public var messages: UInt64 = 0
    /// Fields with an unknown name.
    public var fields: UInt64 = 0
    /// Outputs and inputs of an unknown type, or with a range that makes no sense.
    public var types: UInt64 = 0

    public init() {}
}

extension IgnoredParts {
    mutating func add(_ more: IgnoredParts) {
        messages += more.messages
        fields += more.fields
        types += more.types
    }
}
