// Questions to this computer that change nothing: could one listen there, what does a name stand for, who is this, what time is it.
// Must not know what the answers mean to anybody.

import LibC
import UV

/// Looks, and leaves everything as it was.
public enum SystemProbes {
    /// Why nobody could listen on an address now; nil when one could. It is bound for a moment, and nothing listens on it.
    public static func obstacle(toListeningOn host: String, port: UInt16) -> UVError? {
        do throws(UVError) {
            let address = try SocketAddress(host: host, port: port)
            let descriptor = try SocketCalls.open(address.family, waits: false)
            defer { close(descriptor) }
            var on: Int32 = 1
            var off: Int32 = 0
            let size = socklen_t(MemoryLayout<Int32>.size)
            // As a listener has them, or the answer would be another.
            setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, size)
            if address.family == AF_INET6 { setsockopt(descriptor, Int32(IPPROTO_IPV6), IPV6_V6ONLY, &off, size) }
            return address.withPointer { bind(descriptor, $0, $1) } < 0 ? UVError(-errno, in: "bind") : nil
        } catch { return error }
    }

    /// The addresses of a name in the order that programs get them; empty when there are none.
    public static func addresses(of name: String) -> [String] {
        var hints = addrinfo()
        hints.ai_socktype = SocketCalls.stream
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(name, nil, &hints, &list) == 0, let list else { return [] }
        defer { freeaddrinfo(list) }
        var found: [String] = []
        var next: UnsafeMutablePointer<addrinfo>? = list
        while let entry = next {
            if let text = numeric(entry.pointee), !found.contains(text) { found.append(text) }
            next = entry.pointee.ai_next
        }
        return found
    }

    private static func numeric(_ entry: addrinfo) -> String? {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 128) { room in
            guard let text = room.baseAddress else { return nil }
            let status = getnameinfo(entry.ai_addr, entry.ai_addrlen, text, socklen_t(room.count), nil, 0, NI_NUMERICHOST)
            return status == 0 ? String(cString: text) : nil
        }
    }

    /// Whether this process may read and write a file that is there.
    public static func mayUse(_ path: String) -> Bool { access(path, R_OK | W_OK) == 0 }

    /// The year that the clock shows.
    public static var year: Int {
        var now = time(nil)
        var parts = tm()
        gmtime_r(&now, &parts)
        return Int(parts.tm_year) + 1900
    }
}
