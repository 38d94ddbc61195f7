// The proxies that are believed when they name the address of a client: addresses and ranges of them.
// Must not know headers or configuration files.

/// An address, or the addresses that begin in the same bits ("10.0.0.0/8").
public struct AddressRange: Hashable, Sendable {
    /// Four bytes, or sixteen.
    private let bytes: [UInt8]
    private let bits: Int

    /// Reads an IPv4 or IPv6 address, with or without the number of bits. IPv4 that is written as IPv6 is IPv4.
    public init(_ text: String) throws(EntryRefusal) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count <= 2, case .address(let bytes)? = HostName(parts[0]) else {
            throw EntryRefusal("is no address: write one like \"192.168.1.5\", a range like \"10.0.0.0/8\", or \"unix\"")
        }
        let isMapped = bytes.count == 4 && parts[0].utf8.contains(ASCII.colon)
        let width = bytes.count * 8
        guard parts.count == 2 else {
            (self.bytes, bits) = (bytes, width)
            return
        }
        guard parts[1].utf8.count <= 3, parts[1].utf8.allSatisfy(HostName.isDigit), let written = Int(parts[1]) else {
            throw EntryRefusal("has no number of bits after the /")
        }
        let number = isMapped ? written - 96 : written
        guard number >= 0, number <= width else {
            throw EntryRefusal("has \(written) bits after the /, and from \(isMapped ? 96 : 0) to \(isMapped ? 128 : width) are possible")
        }
        let kept = Self.masked(bytes, number)
        guard kept == bytes else {
            throw EntryRefusal("has more bits set than the /\(written) keeps: write \"\(HostName.address(kept).text)/\(number)\"")
        }
        (self.bytes, bits) = (bytes, number)
    }

    private static func masked(_ bytes: [UInt8], _ bits: Int) -> [UInt8] {
        bytes.enumerated().map { index, byte in
            let left = bits - index * 8
            return left >= 8 ? byte : left <= 0 ? 0 : byte & ~(0xFF >> left)
        }
    }

    func contains(_ host: HostName) -> Bool {
        guard case .address(let other) = host, other.count == bytes.count else { return false }
        return Self.masked(other, bits) == bytes
    }
}

/// The list of trusted proxies.
public struct TrustedProxies: Hashable, Sendable {
    private let ranges: [AddressRange]
    /// Whether all that comes through a Unix socket comes from one.
    private let trustsUnix: Bool

    /// - Parameter entries: Addresses, ranges, or "unix". One that means nothing trusts nobody: `AddressRange` says why.
    public init(_ entries: [String] = []) {
        trustsUnix = entries.contains("unix")
        ranges = entries.compactMap { try? AddressRange($0) }
    }

    func contains(_ host: HostName) -> Bool { ranges.contains { $0.contains(host) } }

    /// Whether the other end of a connection is one.
    /// - Parameter address: Its address as the kernel writes it, or "unix".
    public func contains(peer address: String) -> Bool {
        address == PeerLocality.unix ? trustsUnix : HostName(address).map { contains($0) } ?? false
    }
}
