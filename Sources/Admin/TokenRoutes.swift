// The routes of tokens, and the schemas of what they read and write.
// Must not know how a thing is done; that is in `AdminTokens.swift`.

extension Route {
    /// For the operator alone: who makes a token lets somebody in. A page in a browser needs a key, which the admin socket gives.
    static let tokens: [Route] = [
        Route(
            method: "GET", path: "/v1/tokens", summary: "The tokens, without their secrets.", query: paging,
            success: (200, "application/json", "TokenList"), problems: [400, 403, 404], access: .operator,
            handle: { call throws(Problem) in try call.tokens() }),
        Route(
            method: "POST", path: "/v1/tokens",
            summary: "Makes a token. Its secret is in this answer and nowhere else.", body: "TokenWish",
            needsBody: true,
            success: (201, "application/json", "NewToken"), problems: [400, 404, 422, 503], access: .operator,
            handle: { call throws(Problem) in try call.addToken() }),
        Route(
            method: "GET", path: "/v1/tokens/{name}", summary: "One token.",
            success: (200, "application/json", "Token"), problems: [403, 404], access: .operator,
            handle: { call throws(Problem) in try call.token() }),
        Route(
            method: "DELETE", path: "/v1/tokens/{name}",
            summary: "Revokes a token: its sessions end at once, outputs to zero.",
            success: (200, "application/json", "Token"), problems: [404, 503], access: .operator,
            handle: { call throws(Problem) in try call.revokeToken() }),
        Route(
            method: "POST", path: "/v1/operator-keys",
            summary: "Makes a key that a page shows as Authorization: Bearer, to do what is the operator's. Through the admin socket only.",
            body: "Nothing", success: (201, "application/json", "OperatorKey"), problems: [403, 404], access: .socket,
            handle: { call throws(Problem) in try call.addOperatorKey() }),
    ]
}

extension Schemas {
    static let tokens: [(String, String)] = [
        ("Token", token), ("TokenList", list("tokens", "Token")), ("TokenWish", wish),
        (
            "NewToken",
            """
            {"type":"object","required":["token","secret","addresses","codes","warning"],"properties":{"token":{"$ref":\
            "#/components/schemas/Token"},"secret":{"type":"string","pattern":"\(secret)"},"addresses":{"description":\
            "What to paste into an app.","type":"array","items":{"type":"string"}},"codes":{"description":\
            "For each address that other machines reach its QR code: rows of 1 for dark and 0 for light.","type":"array","items":\
            {"type":"array","items":{"type":"string","pattern":"^[01]+$"}}},"warning":{"type":["string","null"]}}}
            """
        ),
        (
            "OperatorKey",
            """
            {"type":"object","required":["key","seconds","pages"],"properties":{"key":{"type":"string","pattern":"\(secret)"},"seconds":\
            {"type":"integer"},"pages":{"type":"array","items":{"type":"string"}}}}
            """
        ),
    ]

    private static let secret = "^pb_[A-Za-z0-9_-]{43}$"

    private static let rights = """
        "role":{"enum":["controller","observer"]},"priority":{"type":"integer","minimum":0,"maximum":200},"cap":{"type":"number",\
        "minimum":0,"maximum":1},"devices":{"type":"array","minItems":1,"maxItems":64,"items":{"type":"string","minLength":1}}
        """

    private static let token = """
        {"type":"object","required":["name","state","source","created","expires","sessions","sessions_max","note","rule"],"properties":\
        {"name":{"type":"string"},"state":{"enum":["valid","expired"]},"source":{"enum":["configuration","made"]},"created":{"type":\
        ["string","null"]},"expires":{"type":["string","null"]},"sessions":{"type":"integer"},"sessions_max":{"type":"integer"},"note":\
        {"type":"string"},"rule":{"anyOf":[{"type":"null"},{"type":"object","properties":{\(rights)}}]}}}
        """

    private static let wish = """
        {"type":"object","required":["name"],"properties":{"name":{"type":"string","pattern":"^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}$"},\
        "expires":{"description":"A duration like 2h or 7d, an RFC 3339 time, or never.","type":["string","null"]},"sessions":{"type":\
        "integer","minimum":1,"maximum":1000},"note":{"type":"string","maxLength":256},\(rights)},"additionalProperties":false}
        """
}
