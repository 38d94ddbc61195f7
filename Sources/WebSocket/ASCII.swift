// Characters and lists of HTTP headers (RFC 9110 §5.6), as bytes.
// Must not know which headers there are.

/// Bytes that HTTP gives a meaning.
package enum ASCII {
    package static var tab: UInt8 { 0x09 }
    package static var lf: UInt8 { 0x0A }
    package static var cr: UInt8 { 0x0D }
    package static var space: UInt8 { 0x20 }
    package static var colon: UInt8 { 0x3A }

    /// Whether a byte may be in a token: a method, a header's name, a subprotocol (RFC 9110 §5.6.2).
    package static func isToken(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        case 0x21, 0x23...0x27, 0x2A, 0x2B, 0x2D, 0x2E, 0x5E...0x60, 0x7C, 0x7E: true
        default: false
        }
    }

    /// Whether the whole text is one token.
    package static func isToken(_ text: String) -> Bool { !text.isEmpty && text.utf8.allSatisfy(isToken) }

    package static func lowercased(_ byte: UInt8) -> UInt8 { byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte }

    /// Whether two texts are equal but for the case of ASCII letters.
    package static func equal(_ a: some StringProtocol, _ b: some StringProtocol) -> Bool {
        a.utf8.lazy.map(lowercased).elementsEqual(b.utf8.lazy.map(lowercased))
    }

    package static func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var rest = bytes
        while let first = rest.first, first == space || first == tab { rest.removeFirst() }
        while let last = rest.last, last == space || last == tab { rest.removeLast() }
        return rest
    }

    /// The elements of a comma-separated list, without the white space round them; empty ones are left out (RFC 9110 §5.6.1).
    package static func list(_ text: String) -> [String] {
        Array(text.utf8).split(separator: 0x2C).map(trimmed).filter { !$0.isEmpty }.map { String(decoding: $0, as: UTF8.self) }
    }
}
