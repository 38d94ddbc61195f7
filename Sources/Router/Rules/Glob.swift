// Patterns of the configuration: `*` is any run of characters, `?` one character, everything else itself, case counts.
// Must not know what is matched: client names, addresses, origins and device names all are.

/// A compiled pattern. Matching takes at most pattern times text steps, whatever the pattern.
public struct Glob: Hashable, Sendable, CustomStringConvertible {
    /// The pattern as the operator wrote it.
    public let pattern: String

    public init(_ pattern: String) { self.pattern = pattern }

    public var description: String { pattern }

    /// Whether the whole of `text` matches.
    public func matches(_ text: String) -> Bool { Self.matches(Array(pattern.unicodeScalars), Array(text.unicodeScalars)) }

    /// The greedy walk: a mismatch goes back to the last star only, and gives it one character more.
    private static func matches(_ pattern: [Unicode.Scalar], _ text: [Unicode.Scalar]) -> Bool {
        var p = 0
        var t = 0
        var afterStar = -1
        var resume = 0
        while t < text.count {
            if p < pattern.count, pattern[p] == "*" {
                p += 1
                afterStar = p
                resume = t
            } else if p < pattern.count, pattern[p] == "?" || pattern[p] == text[t] {
                p += 1
                t += 1
            } else if afterStar >= 0 {
                resume += 1
                p = afterStar
                t = resume
            } else {
                return false
            }
        }
        while p < pattern.count, pattern[p] == "*" { p += 1 }
        return p == pattern.count
    }
}
