// The keys of [[token]]: tokens that the configuration names; most are made at run time instead.
// Must not open a token's file; `ConfiguredTokens` does, when the router starts or reads its configuration again.

import Guard

/// One `[[token]]`.
struct TokenEntry: Sendable {
    var name = ""
    var file: String?
    /// Empty: the file has the token.
    var hash = ""
    var expires: String?
    var sessions = Token.sessionsStandard
    var note = ""

    /// nil while it has none.
    var named: String? {
        get { name.isEmpty ? nil : name }
        set { name = newValue ?? "" }
    }

    /// What is wrong with it, apart from what one key alone says.
    var trouble: String? {
        if file != nil, !hash.isEmpty { return "\(name): give file or hash, not both" }
        return file == nil && hash.isEmpty ? "\(name): give the file that holds the token, or its hash" : nil
    }
}

extension SettingTable {
    static let token = SettingList(
        "token", \.tokens, of: SettingElement(new: { TokenEntry() }, required: ["name"], keys: tokenKeys),
        """
        Tokens for clients that are not local. Most are made while the router runs: `plugboard token add`. What a client with a token may \
        do is said by the rules: match.token.
        """)

    private static let tokenKeys: [SettingKey<TokenEntry>] = [
        .text(
            "name", ifSet: \.named, longest: 64, example: "\"guest\"",
            "What rules match and lists show: letters, digits, \".\", \"_\" and \"-\".",
            check: { text throws(Refusal) in if let trouble = Token.trouble(withName: text) { throw Refusal(trouble) } }),
        .text(
            "file", ifSet: \.file, longest: 4096, example: "\"/etc/plugboard/guest.token\"",
            "A file with the token alone: at least 32 letters, digits, \"-\", \"_\", \".\" or \"~\". Read at the start and by a reload."),
        .text(
            "hash", \.hash, longest: 64, "Instead of a file: the token's SHA-256 as 64 hexadecimal digits.",
            check: { text throws(Refusal) in
                if !text.isEmpty, TokenDigest(hex: text) == nil { throw Refusal("must have 64 hexadecimal digits") }
            }),
        .text(
            "expires", ifSet: \.expires, example: "\"2030-01-31T18:00:00Z\"",
            "When it ends, and the sessions that have shown it with it. Unset: never.",
            check: { text throws(Refusal) in
                if WallTime(text) == nil { throw Refusal("must be a time like \"2030-01-31T18:00:00Z\", not \(quoted(text))") }
            }),
        .integer("sessions", \.sessions, 1...Token.sessionsLimit, "Sessions that may use it at once."),
        .text("note", \.note, "For people."),
    ]

    /// What is wrong with the tokens together.
    static func troubles(withTokens tokens: [TokenEntry]) -> [String] {
        let repeated = tokens.indices.filter { index in tokens[..<index].contains { $0.name == tokens[index].name } }
        return tokens.compactMap(\.trouble) + repeated.map { "\(tokens[$0].name) is named twice" }
    }
}
