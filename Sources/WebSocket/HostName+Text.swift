// An address as the kernel writes it, so that an address from a header and one from a socket are the same text.
// Must not read text; `HostName` does.

extension HostName {
    /// An address of sixteen bytes; IPv4 in it becomes four.
    init(sixteen bytes: [UInt8]) { self = .address(HostName.shortened(bytes)) }

    /// The name, or the address in its usual form (RFC 5952), without brackets.
    public var text: String {
        guard case .address(let bytes) = self else {
            if case .name(let name) = self { return name }
            return ""
        }
        if bytes.count == 4 { return bytes.map { "\($0)" }.joined(separator: ".") }
        let groups = stride(from: 0, to: 16, by: 2).map { UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1]) }
        let gap = HostName.longestGap(groups)
        let words = groups.map { String($0, radix: 16) }
        guard gap.count >= 2 else { return words.joined(separator: ":") }
        return words[..<gap.lowerBound].joined(separator: ":") + "::" + words[gap.upperBound...].joined(separator: ":")
    }

    /// The longest run of zeros, and of equals the first.
    private static func longestGap(_ groups: [UInt16]) -> Range<Int> {
        var best = 0..<0
        var start = 0
        for (index, group) in groups.enumerated() {
            if group != 0 {
                start = index + 1
            } else if index + 1 - start > best.count {
                best = start..<(index + 1)
            }
        }
        return best
    }
}
