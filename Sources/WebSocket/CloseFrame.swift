// The payload of a close frame, read strictly (RFC 6455 §5.5.1, §7.4).
// Must not know what the connection does about it.

/// Close statuses and payloads.
public enum CloseFrame {
    /// What is reported for a close frame without a status; never sent (§7.4.1).
    public static let noStatus: UInt16 = 1005
    /// Longest reason that fits a control frame, in bytes.
    public static let reasonMax = 123

    /// Whether a peer may send this status: the defined ones, those registered since, and 3000–4999.
    public static func maySend(_ status: UInt16) -> Bool {
        switch status {
        case 1000...1003, 1007...1014, 3000...4999: true
        default: false
        }
    }

    /// The event of a close frame with this payload: `.close`, or `.violation`.
    static func event(_ payload: UnsafeRawBufferPointer) -> FrameEvent {
        guard payload.count > 0 else { return .close(status: noStatus, reason: payload) }
        guard payload.count > 1 else { return .violation(.closePayload) }
        let status = UInt16(bigEndian: payload.loadUnaligned(as: UInt16.self))
        guard maySend(status) else { return .violation(.closeStatus) }
        let reason = UnsafeRawBufferPointer(rebasing: payload[2...])
        guard Utf8Validator.isValid(reason) else { return .violation(.closeReason) }
        return .close(status: status, reason: reason)
    }
}
