// The client's side of the opening handshake (RFC 6455 §4.1): what it asks for.
// Must not know sockets; the nonce's randomness comes from the caller.

/// A client's request to become a WebSocket connection.
public struct UpgradeOffer: Hashable, Sendable {
    /// `host[:port]` for the `Host` header.
    public let host: String
    /// Path and query; begins with `/`.
    public let path: String
    public let origin: String?
    /// Subprotocols offered, in order of preference; each a token.
    public let subprotocols: [String]
    /// The nonce in Base64, which the server must prove to have seen.
    let key: String

    /// - Parameter nonce: 16 random bytes, new for each connection.
    /// - Precondition: the texts are what the grammar of their headers allows; in particular they hold no line ends.
    public init(host: String, path: String = "/", origin: String? = nil, subprotocols: [String] = [], nonce: [UInt8]) {
        precondition(nonce.count == 16, "a nonce has 16 bytes")
        precondition(AccessPolicy.isAuthority(host), "the host is not host[:port]")
        precondition(path.utf8.first == UInt8(ascii: "/") && path.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }, "the path is not a path")
        precondition(origin?.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F } ?? true, "the origin is not an origin")
        precondition(subprotocols.allSatisfy { ASCII.isToken($0) }, "a subprotocol is a token")
        self.host = host
        self.path = path
        self.origin = origin
        self.subprotocols = subprotocols
        key = AcceptKey.base64(nonce)
    }

    /// Whether a request can be made of these; what comes from a configuration is asked here first.
    public static func canName(host: String, path: String) -> Bool {
        AccessPolicy.isAuthority(host) && path.utf8.first == UInt8(ascii: "/") && path.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
    }

    /// The request's bytes.
    public func bytes() -> [UInt8] {
        var head = "GET \(path) HTTP/1.1\r\nHost: \(host)\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        head += "Sec-WebSocket-Key: \(key)\r\nSec-WebSocket-Version: 13\r\n"
        if let origin { head += "Origin: \(origin)\r\n" }
        if !subprotocols.isEmpty { head += "Sec-WebSocket-Protocol: \(subprotocols.joined(separator: ", "))\r\n" }
        return Array((head + "\r\n").utf8)
    }
}
