// `Sec-WebSocket-Key` and `Sec-WebSocket-Accept` (RFC 6455 §4.1, §4.2.2): the only place that needs SHA-1 and Base64.
// Must not know HTTP heads.

import COpenSSL

/// The proof that a server understood the handshake.
enum AcceptKey {
    /// The constant of RFC 6455 §1.3.
    private static let suffix = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

    /// Whether `key` is the Base64 form of 16 bytes.
    static func isValid(_ key: String) -> Bool {
        let bytes = Array(key.utf8)
        guard bytes.count == 24, bytes[22] == UInt8(ascii: "="), bytes[23] == UInt8(ascii: "=") else { return false }
        return bytes[..<22].allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "+"), UInt8(ascii: "/"): true
            default: false
            }
        }
    }

    /// The `Sec-WebSocket-Accept` that answers `key`.
    static func accept(_ key: String) -> String {
        let text = Array((key + suffix).utf8)
        var digest = [UInt8](repeating: 0, count: Int(SHA_DIGEST_LENGTH))
        var state = SHA_CTX()
        // They fail for want of memory, and want none.
        SHA1_Init(&state)
        SHA1_Update(&state, text, text.count)
        SHA1_Final(&digest, &state)
        return base64(digest)
    }

    /// Base64 with padding (RFC 4648 §4).
    static func base64(_ bytes: [UInt8]) -> String {
        var out = [UInt8](repeating: 0, count: (bytes.count + 2) / 3 * 4 + 1)
        let count = EVP_EncodeBlock(&out, bytes, Int32(bytes.count))
        return String(decoding: out[..<Int(count)], as: UTF8.self)
    }
}
