// The four ways in which a head carries a token: query, path, `Authorization`, subprotocol.
// Must not know what a token is worth, and must not print one.

/// A token as a peer showed it. Its description holds nothing of it.
public struct ShownToken: Hashable, Sendable, CustomStringConvertible, CustomDebugStringConvertible {
    public let secret: String

    public init(_ secret: String) { self.secret = secret }

    /// Whether it has the form that this program gives to tokens; anything else may belong to an app that means no token.
    public var isOurs: Bool { secret.hasPrefix("pb_") }

    public var description: String { "a token" }
    public var debugDescription: String { description }
}

/// What the lines of one head have shown so far. A head without a token costs no memory here.
struct TokenCarriers {
    private(set) var token: ShownToken?
    /// Two carriers had different tokens.
    private(set) var differ = false

    static let subprotocolPrefix = "plugboard.token."

    /// An empty one counts as none: some apps always write the parameter.
    private mutating func add(_ secret: some StringProtocol) {
        guard !secret.isEmpty else { return }
        if let token, token.secret != String(secret) { differ = true }
        token = token ?? ShownToken(String(secret))
    }

    /// Reads `?token=…` and a last path segment `/t/…`.
    /// - Returns: The target without them.
    mutating func read(target: String) -> String {
        let path = target.prefix { $0 != "?" && $0 != "#" }
        let tail = target.dropFirst(path.utf8.count)
        let kept = readSegment(path)
        let query = tail.hasPrefix("?") ? readQuery(tail.dropFirst()) : nil
        guard kept != nil || query != nil else { return target }
        return (kept ?? String(path)) + (query ?? String(tail))
    }

    /// The path without the segment; nil when there is none.
    private mutating func readSegment(_ path: Substring) -> String? {
        guard let slash = path.utf8.lastIndex(of: 0x2F), path[..<slash].hasSuffix("/t") else { return nil }
        let secret = path[path.utf8.index(after: slash)...]
        guard !secret.isEmpty else { return nil }
        add(Self.decoded(secret))
        let rest = path[..<slash].dropLast(2)
        return rest.isEmpty ? "/" : String(rest)
    }

    /// The query, with its question mark, without the parameter; nil when there is none.
    private mutating func readQuery(_ query: Substring) -> String? {
        let end = query.utf8.firstIndex(of: 0x23) ?? query.endIndex
        let name = Self.parameterStart
        // Most queries have none; then nothing is divided.
        guard Self.hasParameter(query[..<end]) else { return nil }
        var kept: [Substring] = []
        for parameter in query[..<end].split(separator: "&", omittingEmptySubsequences: false) {
            if parameter.hasPrefix(name) { add(Self.decoded(parameter.dropFirst(name.count))) } else { kept.append(parameter) }
        }
        return (kept.isEmpty ? "" : "?" + kept.joined(separator: "&")) + String(query[end...])
    }

    /// Reads an `Authorization` header; a scheme other than Bearer belongs to somebody else.
    mutating func read(authorization value: String) {
        let scheme = value.prefix { $0 != " " }
        guard ASCII.equal(scheme, "Bearer") else { return }
        add(value.dropFirst(scheme.count).drop { $0 == " " })
    }

    /// Reads a subprotocol.
    /// - Returns: Whether it carries a token, and so is none that could be selected.
    mutating func read(subprotocol name: String) -> Bool {
        guard name.hasPrefix(Self.subprotocolPrefix) else { return false }
        add(name.dropFirst(Self.subprotocolPrefix.count))
        return true
    }

    private static let parameterStart = "token="

    private static func hasParameter(_ query: Substring) -> Bool {
        var isStart = true
        for index in query.utf8.indices {
            if isStart, query[index...].hasPrefix(parameterStart) { return true }
            isStart = query.utf8[index] == 0x26
        }
        return false
    }

    /// Percent-encoding (RFC 3986 §2.1) taken off; what is not valid stays as it is, and is then no token.
    private static func decoded(_ text: Substring) -> String {
        guard text.utf8.contains(0x25) else { return String(text) }
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == 0x25, rest.count >= 2, let high = HostName.hexValue(rest[rest.startIndex]),
                let low = HostName.hexValue(rest[rest.startIndex + 1])
            else {
                bytes.append(byte)
                continue
            }
            bytes.append(high << 4 | low)
            rest = rest.dropFirst(2)
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
