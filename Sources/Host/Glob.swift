// Patterns of the configuration: `*` is any run of characters, `?` one character, everything else itself, case counts.
// Must not know what is matched: client names, addresses, origins and device names all are.

/// A compiled pattern. Matching takes at most pattern times text steps, for any pattern.
public struct Glob: Hashable, Sendable, CustomStringConvertible {
    /// The pattern as the operator wrote it.
    public let pattern: String

    public init(_ pattern: String) { self.pattern = pattern }

    public var description: String { pattern }

    /// Whether the whole of `text` matches, scalar by scalar or character by character. The latter takes "é" of one scalar and "é" of two
    /// for the same, as people do; the former takes a star for the marks after a letter.
    public func matches(_ text: String) -> Bool {
        if Self.matches(Array(pattern.unicodeScalars), Array(text.unicodeScalars), star: "*", any: "?") { return true }
        guard text.utf8.contains(where: { $0 >= 0x80 }), pattern.utf8.contains(where: { $0 >= 0x80 || $0 == 0x3F }) else { return false }
        return Self.matches(Array(pattern), Array(text), star: "*", any: "?")
    }

    /// The greedy walk: a mismatch goes back to the last star only, and gives it one element more.
    private static func matches<Element: Equatable>(_ pattern: [Element], _ text: [Element], star: Element, any: Element) -> Bool {
        var p = 0
        var t = 0
        var afterStar = -1
        var resume = 0
        while t < text.count {
            if p < pattern.count, pattern[p] == star {
                p += 1
                afterStar = p
                resume = t
            } else if p < pattern.count, pattern[p] == any || pattern[p] == text[t] {
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
        while p < pattern.count, pattern[p] == star { p += 1 }
        return p == pattern.count
    }
}
