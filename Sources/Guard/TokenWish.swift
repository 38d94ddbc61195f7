// What somebody who makes a token asks for, read from JSON: the body of a request, or what a command has put together.
// Must not make the token; it checks every member.

import Host
import JSON

/// A token that is to be made.
public struct TokenWish: Sendable {
    public var name: String
    public var expires: WallTime?
    public var sessionsMax = Token.sessionsStandard
    public var note = ""
    public var grant = TokenGrant()

    public init(name: String) { self.name = name }

    /// Reads the members `name`, `expires`, `sessions`, `note`, `role`, `priority`, `cap` and `devices`.
    public init(_ members: [JSONTree.Member], at wall: WallTime) throws(TokenRefusal) {
        name = ""
        for member in members { try take(member, at: wall) }
        guard !name.isEmpty else { throw .bad(#"name: a token needs one, like "guest""#) }
    }

    private mutating func take(_ member: JSONTree.Member, at wall: WallTime) throws(TokenRefusal) {
        let value = member.value
        switch member.key {
        case "name":
            guard let text = value.string else { throw .bad("name: a text") }
            if let trouble = Token.trouble(withName: text) { throw .bad("name: \(trouble)") }
            name = text
        case "expires": expires = try Self.end(value, at: wall)
        case "sessions":
            guard let number = value.integer(Int.self), (1...Token.sessionsLimit).contains(number) else {
                throw .bad("sessions: 1 to \(Token.sessionsLimit)")
            }
            sessionsMax = number
        case "note":
            guard let text = value.string else { throw .bad("note: a text") }
            if let trouble = Token.trouble(withNote: text) { throw .bad("note: \(trouble)") }
            note = text
        default: try grant.take(member)
        }
    }

    /// A duration from now, a point of time, or never.
    private static func end(_ value: JSONTree, at wall: WallTime) throws(TokenRefusal) -> WallTime? {
        if case .null = value { return nil }
        guard let text = value.string else { throw .bad(expiresHint) }
        if text == "never" { return nil }
        guard let end = duration(text).map({ wall + $0 }) ?? WallTime(text) else { throw .bad(expiresHint) }
        guard end > wall else { throw .bad("expires: \(end) is over already; take a later time") }
        return end
    }

    public static let expiresHint = #"expires: a duration like "30m", "2h" or "7d", a time like "2026-12-31T18:00:00Z", or "never""#

    /// "90s", "30m", "2h", "7d", "2w"; nil when the text is none of these. A hundred years at most.
    public static func duration(_ text: String) -> Interval? {
        guard let unit = text.last, let seconds: Int64 = ["s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800][unit] else { return nil }
        let digits = text.dropLast()
        guard digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int64(digits), number > 0 else { return nil }
        let (product, overflow) = number.multipliedReportingOverflow(by: seconds)
        return overflow || product > 100 * 366 * 86_400 ? nil : .seconds(product)
    }

    /// The token of this wish.
    public func token(_ digest: TokenDigest, at wall: WallTime) -> Token {
        var token = Token(name, digest, created: wall, expires: expires, sessionsMax: sessionsMax, note: note)
        token.grant = grant.isEmpty ? nil : grant
        return token
    }
}

extension TokenGrant {
    /// One member of a grant's JSON.
    mutating func take(_ member: JSONTree.Member) throws(TokenRefusal) {
        switch member.key {
        case "role":
            guard let role = member.value.string.flatMap({ Role(rawValue: $0) }) else {
                throw .bad(#"role: "controller" or "observer""#)
            }
            self.role = role
        case "priority":
            guard let priority = member.value.integer(UInt8.self), priority <= 200 else { throw .bad("priority: 0 to 200") }
            self.priority = priority
        case "cap":
            guard let cap = member.value.number, (0...1).contains(cap) else { throw .bad("cap: 0 to 1") }
            capTenThousandths = Int32((cap * 10_000).rounded())
        case "devices":
            guard case .array(let elements) = member.value, (1...Self.devicesMax).contains(elements.count) else {
                throw .bad(#"devices: a list of 1 to \#(Self.devicesMax) patterns, like ["*Rabbit*"]"#)
            }
            var patterns: [String] = []
            for element in elements {
                guard let pattern = element.string, (1...Self.patternBytesMax).contains(pattern.utf8.count),
                    !pattern.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F })
                else { throw .bad("devices: each pattern is a text of 1 to \(Self.patternBytesMax) bytes without control characters") }
                patterns.append(pattern)
            }
            devices = patterns
        default:
            throw .bad("\(member.key): not one of name, expires, sessions, note, role, priority, cap, devices")
        }
    }
}
