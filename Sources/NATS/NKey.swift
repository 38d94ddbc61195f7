// Keys as NATS writes them: base32 with a checksum. A seed is decoded here, a public key and a signature are written.
// Must not sign: Ed25519 is libcrypto's, above. A seed is never printed.

/// The secret key of a user of NATS, decoded from its text ("SU…").
public struct NKeySeed: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The 32 bytes that Ed25519 makes its key pair of.
    public let bytes: [UInt8]

    /// - Parameter text: What is in the key's file; white space around it is ignored.
    /// - Throws: What is wrong with it, without any of it.
    public init(_ text: String) throws(NKeyProblem) {
        var letters = Array(text.utf8)[...]
        while let first = letters.first, first <= 0x20 { letters.removeFirst() }
        while let last = letters.last, last <= 0x20 { letters.removeLast() }
        guard letters.first == UInt8(ascii: "S") else { throw .notASeed }
        guard letters.count == 58 else { throw .length }
        guard let raw = Base32.decode(letters), raw.count == 36 else { throw .alphabet }
        let sum = UInt16(raw[34]) | UInt16(raw[35]) << 8
        guard CRC16.of(raw[..<34]) == sum else { throw .checksum }
        // Five bits say that it is a seed, the next eight of which kind.
        guard raw[0] & 0xF8 == 18 << 3 else { throw .notASeed }
        guard (raw[0] & 7) << 5 | raw[1] >> 3 == NKey.user else { throw .notAUser }
        bytes = Array(raw[2..<34])
    }

    public var description: String { "NKeySeed(…)" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}

/// Why a text is not the seed of a user.
public enum NKeyProblem: Error, Hashable, Sendable, CustomStringConvertible {
    case notASeed
    case notAUser
    case length
    case alphabet
    case checksum

    public var description: String {
        switch self {
        case .notASeed: "is not the seed of a key: a seed begins with SU (nk -gen user makes one)"
        case .notAUser: "is the seed of something else than a user: a user's begins with SU (nk -gen user makes one)"
        case .length: "is not the seed of a key: a seed has 58 letters and digits"
        case .alphabet: "is not the seed of a key: a seed has only the letters A to Z and the digits 2 to 7"
        case .checksum: "is a seed with a wrong letter: its checksum does not fit"
        }
    }
}

/// What is public of a key.
public enum NKey {
    /// Eight bits that say "a user", where only the upper five count.
    static var user: UInt8 { 20 << 3 }

    /// A user's public key as text ("U…").
    /// - Parameter bytes: The 32 bytes of the Ed25519 public key.
    public static func publicText(_ bytes: [UInt8]) -> String {
        let raw = [user] + bytes
        let sum = CRC16.of(raw[...])
        return Base32.encode(raw + [UInt8(truncatingIfNeeded: sum), UInt8(truncatingIfNeeded: sum >> 8)])
    }

    /// A signature as `CONNECT` has it: base64 for addresses, without padding.
    public static func signatureText(_ bytes: [UInt8]) -> String {
        let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
        var text: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let three = bytes[start..<min(start + 3, bytes.count)]
            var value: UInt32 = 0
            for byte in three { value = value << 8 | UInt32(byte) }
            value <<= 8 * UInt32(3 - three.count)
            for place in 0...three.count { text.append(letters[Int(value >> (18 - 6 * UInt32(place)) & 63)]) }
        }
        return String(decoding: text, as: UTF8.self)
    }
}

/// RFC 4648 §6, without padding.
enum Base32 {
    static func encode(_ bytes: [UInt8]) -> String {
        let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".utf8)
        var text: [UInt8] = []
        var (value, bits): (UInt32, UInt32) = (0, 0)
        for byte in bytes {
            value = value << 8 | UInt32(byte)
            bits += 8
            while bits >= 5 {
                bits -= 5
                text.append(letters[Int(value >> bits & 31)])
            }
        }
        if bits > 0 { text.append(letters[Int(value << (5 - bits) & 31)]) }
        return String(decoding: text, as: UTF8.self)
    }

    /// nil: another character, or bits at the end that say something.
    static func decode(_ text: ArraySlice<UInt8>) -> [UInt8]? {
        var bytes: [UInt8] = []
        var (value, bits): (UInt32, UInt32) = (0, 0)
        for letter in text {
            switch letter {
            case 0x41...0x5A: value = value << 5 | UInt32(letter - 0x41)
            case 0x32...0x37: value = value << 5 | UInt32(letter - 0x32 + 26)
            default: return nil
            }
            bits += 5
            if bits >= 8 {
                bits -= 8
                bytes.append(UInt8(truncatingIfNeeded: value >> bits))
            }
        }
        return value & ((1 << bits) - 1) == 0 ? bytes : nil
    }
}

/// CRC-16/XMODEM.
enum CRC16 {
    static func of(_ bytes: ArraySlice<UInt8>) -> UInt16 {
        var sum: UInt16 = 0
        for byte in bytes {
            sum ^= UInt16(byte) << 8
            for _ in 0..<8 { sum = sum & 0x8000 == 0 ? sum << 1 : sum << 1 ^ 0x1021 }
        }
        return sum
    }
}
