// A token as an operator sees it, and as JSON. There is no secret in it, nor its digest.
// Must not know who is shown it.

import Host
import JSON

/// A token and its state.
public struct TokenView: Sendable {
    public var token: Token
    public var isConfigured: Bool
    /// Sessions that use it now.
    public var sessions: Int
    public var isOver: Bool

    public init(_ token: Token, isConfigured: Bool, sessions: Int, at wall: WallTime) {
        self.token = token
        self.isConfigured = isConfigured
        self.sessions = sessions
        isOver = token.isOver(at: wall)
    }

    public func write(into text: inout JSONText) {
        text.object {
            $0.member("name", token.name)
            $0.member("state", isOver ? "expired" : "valid")
            $0.member("source", isConfigured ? "configuration" : "made")
            $0.member("created", isConfigured ? nil : token.created.description)
            $0.member("expires", token.expires?.description)
            $0.member("sessions", sessions)
            $0.member("sessions_max", token.sessionsMax)
            $0.member("note", token.note)
            $0.member("rule") { if let grant = token.grant { grant.write(into: &$0) } else { $0.null() } }
        }
    }
}

extension TokenGrant {
    /// Only what is set.
    func write(into text: inout JSONText) {
        text.object {
            if let role { $0.member("role", role.rawValue) }
            if let priority { $0.member("priority", priority) }
            if let capTenThousandths { $0.member("cap") { $0.raw(Self.fraction(capTenThousandths)) } }
            if let devices { $0.member("devices") { $0.array { for pattern in devices { $0.value(pattern) } } } }
        }
    }

    /// All four digits: `JSONText` writes three.
    private static func fraction(_ tenThousandths: Int32) -> String {
        var digits = "\(tenThousandths % 10_000 + 10_000)".dropFirst()
        while digits.count > 1, digits.last == "0" { digits.removeLast() }
        return "\(tenThousandths / 10_000)" + (digits == "0" ? "" : ".\(digits)")
    }
}
