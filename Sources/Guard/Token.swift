// One token: its name, its digest, how long and how often it may be used, and the rights that were made with it.
// Must not know its secret.

import Host

/// A token.
public struct Token: Hashable, Sendable {
    /// Letters, digits, `.`, `_` and `-`; rules match it.
    public var name: String
    public var digest: TokenDigest
    public var created: WallTime
    /// nil: it stays until it is revoked.
    public var expires: WallTime?
    /// How many sessions may use it at once.
    public var sessionsMax: Int
    /// For people.
    public var note: String
    /// Rights of its own; nil: the configured rules decide.
    public var grant: TokenGrant?

    /// Two apps with two connections each.
    public static let sessionsStandard = 4
    public static let sessionsLimit = 1_000
    public static let noteBytesMax = 256

    public init(
        _ name: String, _ digest: TokenDigest, created: WallTime, expires: WallTime? = nil, sessionsMax: Int = sessionsStandard,
        note: String = ""
    ) {
        self.name = name
        self.digest = digest
        self.created = created
        self.expires = expires
        self.sessionsMax = sessionsMax
        self.note = note
    }

    public func isOver(at wall: WallTime) -> Bool { expires.map { wall >= $0 } ?? false }

    /// What is wrong with a name, as the second half of a sentence; nil when it is good.
    public static func trouble(withName name: String) -> String? {
        guard !name.isEmpty, name.utf8.count <= 64 else { return "must have 1 to 64 characters" }
        let isGood = name.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F: true
            default: false
            }
        }
        guard isGood, let first = name.utf8.first, first != 0x2D, first != 0x2E else {
            return "must consist of letters, digits, '.', '_' and '-', and begin with neither '.' nor '-'"
        }
        return nil
    }

    /// The same for a note.
    public static func trouble(withNote note: String) -> String? {
        guard note.utf8.count <= noteBytesMax else { return "must be at most \(noteBytesMax) bytes long" }
        return note.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x7F } ? "must not contain control characters" : nil
    }
}

/// Rights that a token brings along. What is nil is as for a client that no rule matches.
public struct TokenGrant: Hashable, Sendable {
    public enum Role: String, Hashable, Sendable, CaseIterable { case controller, observer }

    public var role: Role?
    /// 0…200.
    public var priority: UInt8?
    /// In ten-thousandths of the range, 0…10,000.
    public var capTenThousandths: Int32?
    /// Patterns of the only devices it shows.
    public var devices: [String]?

    public static let devicesMax = 64
    public static let patternBytesMax = 256

    public init() {}

    public var isEmpty: Bool { self == TokenGrant() }
}
