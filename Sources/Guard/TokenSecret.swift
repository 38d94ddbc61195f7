// A token's secret and its digest: what is shown once, and what is kept instead of it.
// Must not log, and must not keep a secret longer than its owner does.

import COpenSSL

/// What the holder of a token shows. Printing it prints no part of it.
public struct TokenSecret: Sendable, CustomStringConvertible {
    /// "pb_" and 43 characters of base64url.
    public let text: String

    public static let byteCount = 32
    /// A text that is longer is no token, and is not looked at.
    static let longest = 256

    /// - Parameter bytes: 32 random ones.
    public init(_ bytes: [UInt8]) {
        precondition(bytes.count == Self.byteCount, "a secret is made of \(Self.byteCount) bytes")
        var out = [UInt8](repeating: 0, count: (bytes.count + 2) / 3 * 4 + 1)
        let count = EVP_EncodeBlock(&out, bytes, Int32(bytes.count))
        let url = out[..<Int(count)].filter { $0 != UInt8(ascii: "=") }.map { byte in
            byte == UInt8(ascii: "+") ? UInt8(ascii: "-") : byte == UInt8(ascii: "/") ? UInt8(ascii: "_") : byte
        }
        text = "pb_" + String(decoding: url, as: UTF8.self)
    }

    public var digest: TokenDigest { TokenDigest(of: text) }

    public var description: String { "pb_…" }
}

/// The SHA-256 of a secret. The secret is long and random, so a slow hash would protect nothing and cost time at each try.
public struct TokenDigest: Hashable, Sendable {
    public static let byteCount = 32
    private let bytes: [UInt8]

    public init(of secret: String) {
        let text = Array(secret.utf8)
        var digest = [UInt8](repeating: 0, count: Self.byteCount)
        SHA256(text, text.count, &digest)
        bytes = digest
    }

    /// From 64 hexadecimal digits; nil when the text is something else.
    public init?(hex: String) {
        func value(_ digit: UInt8) -> UInt8? {
            switch digit {
            case 0x30...0x39: digit - 0x30
            case 0x41...0x46: digit - 0x41 + 10
            case 0x61...0x66: digit - 0x61 + 10
            default: nil
            }
        }
        let digits = Array(hex.utf8)
        guard digits.count == Self.byteCount * 2 else { return nil }
        var bytes: [UInt8] = []
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard let high = value(digits[index]), let low = value(digits[index + 1]) else { return nil }
            bytes.append(high << 4 | low)
        }
        self.bytes = bytes
    }

    /// 64 hexadecimal digits.
    public var hex: String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }

    /// Tells tokens apart where they are only named; it says nothing about the secret that the digest does not say.
    public var identity: UInt64 { bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) } }

    /// Whether it is the digest of this secret.
    public func matches(_ secret: String) -> Bool { secret.utf8.count <= TokenSecret.longest && isSame(as: TokenDigest(of: secret)) }

    /// Whether both are the same, in a time that says nothing about where they differ.
    public func isSame(as other: TokenDigest) -> Bool { CRYPTO_memcmp(bytes, other.bytes, Self.byteCount) == 0 }
}
