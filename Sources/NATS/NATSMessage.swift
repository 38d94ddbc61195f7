// What a NATS server sends, as the decoder reports it.
// Must not know how it is read, nor what the subjects and payloads of this project mean.

/// One thing that was read. Bytes lie in the caller's buffer or in the decoder: they are good until the next call to either.
public enum NATSInput {
    /// All bytes have been used.
    case needMore
    /// The object after `INFO`, as it came.
    case info(UnsafeRawBufferPointer)
    case message(NATSMessage)
    case ping
    case pong
    case ok
    /// What is written after `-ERR`, without the quotes.
    case error(UnsafeRawBufferPointer)
    /// Not what a server says. Nothing more is read: the connection is of no use.
    case violation(NATSViolation)
}

/// A message of a subject that was subscribed to (`MSG`, `HMSG`).
public struct NATSMessage {
    public var subject: UnsafeRawBufferPointer
    /// The number that the subscription was made with.
    public var subscription: UInt32
    /// Where an answer is wanted; empty: nowhere.
    public var reply: UnsafeRawBufferPointer
    /// Without the headers.
    public var payload: UnsafeRawBufferPointer
    /// The status of the headers: 503 when nobody listens to what was published; 0 for a message without one.
    public var status: UInt16

    /// The status with which a server says that nobody listens to a subject.
    public static let noResponders: UInt16 = 503
}

/// Why bytes are not NATS.
public enum NATSViolation: Error, Hashable, Sendable {
    /// A line is longer than its limit.
    case lineTooLong
    /// A payload is longer than the limit.
    case payloadTooLong
    /// A line that no server sends, or a payload without its end.
    case malformed
    /// A line that begins with no known word.
    case unknownOperation
    /// Headers that do not begin with their version or do not end.
    case badHeaders
    /// `INFO` is not an object, or has a value of the wrong kind.
    case badInfo
    /// The server asked for TLS and went on in clear: somebody between it and us may have written that.
    case clearAfterTLS
}

/// The limits of what is read.
public struct NATSLimits: Hashable, Sendable {
    /// Bytes of a line with its end, but for `INFO`; at least 64. A server has 4,096 itself.
    public var lineBytes: Int
    /// Bytes of an `INFO` line with its end; at least 64.
    public var infoBytes: Int
    /// Bytes of a message, with its headers; at least 0 and at most 999,999,999.
    public var payloadBytes: Int

    public init(lineBytes: Int = 4_096, infoBytes: Int = 32 * 1_024, payloadBytes: Int = 1 << 20) {
        self.lineBytes = max(64, lineBytes)
        self.infoBytes = max(64, infoBytes)
        self.payloadBytes = min(max(0, payloadBytes), 999_999_999)
    }
}

/// A subject: words with dots between them. Nothing in it ends a line or a word of the protocol.
public struct NATSSubject: Hashable, Sendable, CustomStringConvertible {
    public let bytes: [UInt8]

    /// nil: empty, longer than 255 bytes, with an empty word, or with a space or a control character.
    public init?(_ text: String) {
        let bytes = Array(text.utf8)
        let isPlain = bytes.allSatisfy { $0 > 0x20 && $0 != 0x7F }
        let words = bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard isPlain, bytes.count <= 255, words.allSatisfy({ !$0.isEmpty }) else { return nil }
        self.bytes = bytes
    }

    public var description: String { String(decoding: bytes, as: UTF8.self) }
}
