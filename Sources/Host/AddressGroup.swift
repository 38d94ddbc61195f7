// What counts as one address, where connections are counted by where they come from.
// Must not know sockets: an address is the text that a link gives.

/// An IPv4 address, or the first 64 bits of an IPv6 one, which are one customer's, in every spelling. Other words ("unix", "forwarded") are
/// themselves.
public struct AddressGroup: Hashable, Sendable {
    private enum Form: Hashable {
        /// An IPv4 address, or a word.
        case whole(String)
        case network(UInt64)
    }

    private let form: Form

    /// - Parameter address: An address without its port; a zone after it ("%eth0") is left out.
    public init(_ address: String) {
        guard let groups = Self.groups(address.prefix { $0 != "%" }) else {
            form = .whole(address)
            return
        }
        let isMapped = groups.prefix(5).allSatisfy { $0 == 0 } && groups[5] == 0xFFFF
        form =
            isMapped
            ? .whole("\(groups[6] >> 8).\(groups[6] & 0xFF).\(groups[7] >> 8).\(groups[7] & 0xFF)")
            : .network(groups.prefix(4).reduce(0) { $0 << 16 | UInt64($1) })
    }

    /// The eight groups of an IPv6 address (RFC 4291 §2.2), or nil.
    private static func groups(_ text: Substring) -> [UInt16]? {
        guard text.contains(":") else { return nil }
        let gap = text.firstRange(of: "::")
        guard let head = numbers(text[..<(gap?.lowerBound ?? text.endIndex)]) else { return nil }
        guard let gap else { return head.count == 8 ? head : nil }
        guard let tail = numbers(text[gap.upperBound...]), head.count + tail.count < 8 else { return nil }
        return head + [UInt16](repeating: 0, count: 8 - head.count - tail.count) + tail
    }

    /// The groups of one side of the gap. An IPv4 address stands for two.
    private static func numbers(_ text: Substring) -> [UInt16]? {
        var numbers: [UInt16] = []
        for part in text.split(separator: ":") {
            let bytes = part.split(separator: ".").compactMap { UInt8($0) }
            if bytes.count == 4 {
                numbers += [UInt16(bytes[0]) << 8 | UInt16(bytes[1]), UInt16(bytes[2]) << 8 | UInt16(bytes[3])]
            } else {
                guard let number = UInt16(part, radix: 16) else { return nil }
                numbers.append(number)
            }
        }
        return numbers
    }
}
