// How routers recognize each other: a number of their own in the names they tell, when they dial and when a router dials them.
// Must not know what follows from it.

import Buttplug

/// One router's number. Other clients and servers never see it but in the name a router greets them with.
public struct RouterIdentity: Hashable, Sendable, Comparable {
    private static let clientPrefix = "Plugboard router "
    private static let digitsCount = 16

    private let digits: String

    /// - Parameter seed: 64 bits of chance.
    public init(_ seed: UInt64) {
        let text = String(seed, radix: 16)
        digits = String(repeating: "0", count: Self.digitsCount - text.count) + text
    }

    private init?(digits: Substring) {
        guard digits.utf8.count == Self.digitsCount, digits.utf8.allSatisfy(Self.isDigit) else { return nil }
        self.digits = String(digits)
    }

    public static func < (a: RouterIdentity, b: RouterIdentity) -> Bool { a.digits < b.digits }

    /// What the server behind one of the router's links is told the router is called: "Plugboard router 0123456789abcdef 9f3c…".
    /// - Parameter secret: 64 bits of chance for this link alone. The number can be learned by any client that calls itself a router, so
    ///   only the whole name proves that a session is a link of this router's own.
    public func clientName(secret: UInt64) -> String { "\(Self.clientPrefix)\(digits) \(RouterIdentity(secret).digits)" }

    /// The router behind a client's name; nil for every other client.
    public init?(clientName name: String) {
        guard name.hasPrefix(Self.clientPrefix) else { return nil }
        let rest = name.dropFirst(Self.clientPrefix.count)
        self.init(digits: rest.prefix(Self.digitsCount))
    }

    /// The name a router's server gives itself towards another router: "Plugboard [router 0123456789abcdef]".
    public func serverName(_ name: String) -> String { "\(name) [router \(digits)]" }

    /// Takes such a name apart. Other servers' names stay whole.
    public static func take(fromServerName name: String) -> (name: String, identity: RouterIdentity?) {
        let mark = " [router "
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
