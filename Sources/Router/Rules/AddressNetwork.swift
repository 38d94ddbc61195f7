// What counts as one address when sessions are counted by where they come from.
// Must not know sockets: an address is the text that a link gives.

/// An IPv4 address, or the first 64 bits of an IPv6 one, which are one customer's. Other words ("unix", "forwarded") are themselves.
struct AddressNetwork: Hashable {
    private let text: String

    init(_ address: String) {
        guard address.contains(":"), !address.contains(".") else {
            text = address
            return
        }
        let gap = address.firstRange(of: "::")
        let head = address[..<(gap?.lowerBound ?? address.endIndex)].split(separator: ":")
        let tail = gap.map { address[$0.upperBound...].split(separator: ":") } ?? []
        let zeros = [Substring](repeating: "0", count: max(0, 8 - head.count - tail.count))
        text = (head + zeros + tail).prefix(4).joined(separator: ":").lowercased() + "::/64"
    }
}
