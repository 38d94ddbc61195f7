// What calls of the client throw: the protocol's five classes with the server's own words, and what never reached a server.
// Must not know who waits for what.

import Buttplug
import Host

/// What the server said when it refused something (spec v4, Error).
public struct ServerComplaint: Hashable, Sendable {
    /// The id of the request that failed; 0 when it answers none.
    public var id: UInt32
    /// The server's number for the class, as it came.
    public var code: UInt8
    /// The server's text, untouched.
    public var text: String

    /// What the server said, as it came.
    public init(id: UInt32, code: UInt8, text: String) {
        self.id = id
        self.code = code
        self.text = text
    }

    /// A router that knows this client and does not let it in: neither another version nor another try at once changes that.
    var isDenial: Bool { text.hasPrefix("router.denied.") }
}

/// Why a call failed. Later versions may add cases: a `switch` over it should have a `default`.
public enum ClientError: Error, Hashable, Sendable {
    /// The server refuses the conversation: its version, its rules (code 1).
    case handshake(ServerComplaint)
    /// The server did not understand a message (code 3).
    case message(ServerComplaint)
    /// A device did not do what it was told, or is gone (code 4).
    case device(ServerComplaint)
    /// The server received no ping in time (code 2).
    case ping(ServerComplaint)
    /// The server gives no reason (code 0), or a code of a newer version.
    case unknown(ServerComplaint)
    /// There is no connection.
    case connector(ConnectorError)
    /// The value is outside of what the feature takes; nothing was sent. What was wrong, and the range.
    case outOfRange(String)
    /// The device, its feature, or the server's version cannot do this; nothing was sent.
    case unsupported(String)
    /// No answer within the timeout; the id of the request. A late answer is ignored.
    case timedOut(UInt32)
    /// The waiting task was cancelled. What was asked may still have been done.
    case cancelled

    /// Sorts what a server said by its code.
    public init(_ complaint: ServerComplaint) {
        self =
            switch ErrorCode(rawValue: complaint.code) {
            case .handshake: .handshake(complaint)
            case .message: .message(complaint)
            case .device: .device(complaint)
            case .ping: .ping(complaint)
            case .unknown, nil: .unknown(complaint)
            }
    }

    /// What the server said; nil when the error is not the server's.
    public var complaint: ServerComplaint? {
        switch self {
        case .handshake(let complaint), .message(let complaint), .device(let complaint), .ping(let complaint), .unknown(let complaint):
            complaint
        default: nil
        }
    }

    /// What to do about it.
    public var advice: String {
        switch self {
        case .handshake: "use a server of spec v3 or later, and look at its log for why it refuses this client"
        case .message: "this client and the server disagree about the protocol: update the older one"
        case .device: "look whether the device is still in the list, and whether its feature takes this"
        case .ping: "keep the loop free: the server waited too long for this client"
        case .unknown: "look at the server's log"
        case .connector(let error): error.advice
        case .outOfRange: "stay in the feature's range"
        case .unsupported: "look at the features' outputs and inputs first"
        case .timedOut: "the server or the device is slow: wait longer with timeout:, or try again"
        case .cancelled: "nothing: somebody cancelled the task"
        }
    }
}

extension ClientError: CustomStringConvertible {
    /// The class, the request and the text, for people.
    public var description: String {
        switch self {
        case .handshake(let complaint): Self.describe("handshake", complaint)
        case .message(let complaint): Self.describe("message", complaint)
        case .device(let complaint): Self.describe("device", complaint)
        case .ping(let complaint): Self.describe("ping", complaint)
        case .unknown(let complaint): Self.describe("unknown", complaint)
        case .connector(let error): error.description
        case .outOfRange(let text), .unsupported(let text): text
        case .timedOut(let id): "no answer to request \(id) in time"
        case .cancelled: "cancelled"
        }
    }

    private static func describe(_ name: String, _ complaint: ServerComplaint) -> String {
        "\(name) error \(complaint.code)\(complaint.id == 0 ? "" : " for request \(complaint.id)"): \(complaint.text)"
    }
}
