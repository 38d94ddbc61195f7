// How routers recognize each other: a number of their own in the names they give, when they dial and when a router dials them.
// Must not know what follows from it.

import Buttplug

/// One router's number. Other clients and servers never see it but in the name a router greets them with.
public struct RouterIdentity: Hashable, Sendable, Comparable {
    private static let digitsCount = 8
    private static let mark = " [router "
    private static let clientMark = " router "
    /// Bytes of a name that are shown to the other side: servers limit them, and what follows the name must not be cut off.
    private static let nameBytes = 128

    private let digits: String

    /// - Parameter seed: 64 random bits.
    public init(_ seed: UInt64) { digits = Self.digits(seed) }

    private static func digits(_ number: UInt64) -> String {
        let text = String(number & 0xFFFF_FFFF, radix: 16)
        return String(repeating: "0", count: digitsCount - text.count) + text
    }

    private init?(digits: Substring) {
        guard digits.utf8.count == Self.digitsCount, digits.utf8.allSatisfy(Self.isDigit) else { return nil }
        self.digits = String(digits)
    }

    public static func < (a: RouterIdentity, b: RouterIdentity) -> Bool { a.digits < b.digits }

    /// What the server at one of the router's links is told the router is called: "Plugboard router 01234567-9f3c0d1e".
    /// - Parameters:
    ///   - name: What the router is called; a long name is cut.
    ///   - secret: Random bits for this link alone. The number can be learned by any client that calls itself a router, so only the whole name
    ///     proves that a session is a link of this router's own.
    public func clientName(_ name: String, secret: UInt64) -> String {
        "\(Self.shortened(name))\(Self.clientMark)\(digits)-\(Self.digits(secret))"
    }

    /// The router that a client's name stands for; nil for every other client.
    public init?(clientName name: String) {
        let ending = name.suffix(Self.clientMark.count + Self.digitsCount * 2 + 1)
        guard ending.hasPrefix(Self.clientMark) else { return nil }
        let parts = ending.dropFirst(Self.clientMark.count).split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, RouterIdentity(digits: parts[1]) != nil else { return nil }
        self.init(digits: parts[0])
    }

    private static func shortened(_ name: String) -> String {
        var short = name
        while short.utf8.count > nameBytes { short.removeLast() }
        return short
    }

    /// The name a router's server gives itself towards another router: "Plugboard [router 01234567]".
    public func serverName(_ name: String) -> String { "\(name)\(Self.mark)\(digits)]" }

    /// Takes such a name apart. Other servers' names stay whole.
    public static func take(fromServerName name: String) -> (name: String, identity: RouterIdentity?) {
        guard name.hasSuffix("]"), name.utf8.count > mark.utf8.count + digitsCount else { return (name, nil) }
        let digits = name.dropLast().suffix(digitsCount)
        let front = name.dropLast(digitsCount + 1)
        guard front.hasSuffix(mark), let identity = RouterIdentity(digits: digits) else { return (name, nil) }
        return (String(front.dropLast(mark.count)), identity)
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"): true
        default: false
        }
    }
}
