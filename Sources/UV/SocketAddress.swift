// Addresses of sockets: from what people write, and back.
// Must not know URLs; it gets a host and a port.

import CUV
import LibC

/// An IPv4, IPv6 or Unix address as the kernel wants it.
package struct SocketAddress: Sendable {
    var storage = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)

    package var family: Int32 { Int32(storage.ss_family) }

    /// An empty address, to be filled in by the kernel.
    init() {}

    /// The first address of `host`: a literal (IPv6 without brackets), or a name; for names IPv4 comes first.
    package init(host: String, port: UInt16) throws(UVError) {
        let four = withUnsafeMutablePointer(to: &storage) { storage in
            storage.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { uv_ip4_addr(host, Int32(port), $0) }
        }
        if four == 0 {
            length = socklen_t(MemoryLayout<sockaddr_in>.size)
            return
        }
        let six = withUnsafeMutablePointer(to: &storage) { storage in
            storage.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) { uv_ip6_addr(host, Int32(port), $0) }
        }
        if six == 0 {
            length = socklen_t(MemoryLayout<sockaddr_in6>.size)
            return
        }
        try lookUp(host, port)
    }

    /// The address an IPv4 or IPv6 literal names; nil for a name.
    init?(literal: String, port: UInt16) {
        guard Self.isLiteral(literal), let address = try? SocketAddress(host: literal, port: port) else { return nil }
        self = address
    }

    private static func isLiteral(_ text: String) -> Bool {
        var room = in6_addr()
        return inet_pton(AF_INET, text, &room) == 1 || inet_pton(AF_INET6, text, &room) == 1
    }

    /// An address that a look-up found; nil when it is of another family.
    init?(_ entry: addrinfo) {
        guard entry.ai_family == AF_INET || entry.ai_family == AF_INET6, let source = entry.ai_addr else { return nil }
        length = entry.ai_addrlen
        withUnsafeMutableBytes(of: &storage) { target in
            target.copyMemory(from: UnsafeRawBufferPointer(start: source, count: Int(entry.ai_addrlen)))
        }
    }

    /// The address of a Unix socket. Throws `ENAMETOOLONG` when the path does not fit.
    package init(path: String) throws(UVError) {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        let room = MemoryLayout.size(ofValue: address.sun_path)
        guard bytes.count < room, !bytes.isEmpty else { throw UVError(UV_ENAMETOOLONG.rawValue, in: "bind") }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        withUnsafeMutableBytes(of: &storage) { target in
            withUnsafeBytes(of: &address) { target.copyMemory(from: $0) }
        }
        length = socklen_t(MemoryLayout<sockaddr_un>.size)
    }

    private mutating func lookUp(_ host: String, _ port: UInt16) throws(UVError) {
        guard let first = try Resolver.ask(host, port).get().first else { throw UVError(UV_EAI_NONAME.rawValue, in: "getaddrinfo") }
        self = first
    }

    /// Calls `body` with the address as system calls take it.
    package func withPointer<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        withUnsafePointer(to: storage) { storage in
            storage.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, length) }
        }
    }

    /// Calls `body` with room for the kernel to write an address into.
    mutating func fill(_ body: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32) -> Int32 {
        length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        return withUnsafeMutablePointer(to: &length) { length in
            withUnsafeMutablePointer(to: &storage) { storage in
                storage.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, length) }
            }
        }
    }

    /// The port, or 0 for a Unix socket.
    var port: UInt16 {
        withPointer { address, _ in
            switch family {
            case AF_INET: address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { UInt16(bigEndian: $0.pointee.sin_port) }
            case AF_INET6: address.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) { UInt16(bigEndian: $0.pointee.sin6_port) }
            default: 0
            }
        }
    }

    /// The address without its port: "127.0.0.1", "::1", "unix". An IPv4 address that came through IPv6 is written as IPv4.
    var host: String {
        guard family == AF_INET || family == AF_INET6 else { return "unix" }
        let text = withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { room in
            withPointer { address, _ in
                let name = room.baseAddress.unsafelyUnwrapped
                name.initialize(repeating: 0, count: 64)
                if family == AF_INET {
                    address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { _ = uv_ip4_name($0, name, 64) }
                } else {
                    address.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) { _ = uv_ip6_name($0, name, 64) }
                }
                return String(cString: name)
            }
        }
        let mapped = "::ffff:"
        return text.hasPrefix(mapped) && text.contains(".") ? String(text.dropFirst(mapped.count)) : text
    }
}
