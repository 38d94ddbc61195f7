// JSON that is not on the message path, against simdjson.

import COracles
import JSON

extension FuzzTarget {
    /// A planted fault: a run that does not find it finds nothing.
    static let canary = FuzzTarget(name: "canary") { bytes in
        if bytes.starts(with: "{\"plug".utf8), bytes.count > 8, bytes[7] == UInt8(ascii: "!") {
            // One byte past the end, as a reader with an off-by-one would.
            let copy = UnsafeMutablePointer<UInt8>.allocate(capacity: bytes.count)
            defer { copy.deallocate() }
            copy.update(from: bytes, count: bytes.count)
            must(copy[bytes.count] != 1, "the byte after the end")
        }
    }

    static let json: [FuzzTarget] = [
        FuzzTarget(name: "json-tree") { bytes in
            let tree = JSONTree(bytes)
            switch oracle_json(bytes, bytes.count) {
            case 1: must(tree != nil || depth(bytes) > 60, "simdjson takes what JSONTree refuses")
            case 0: must(tree == nil || hasLongNumber(bytes), "simdjson refuses what JSONTree takes")
            default: break
            }
            guard let tree else { return }
            var text = JSONText()
            text.value(tree)
            must(
                oracle_json(text.bytes, text.bytes.count) == 1 || hasLongNumber(text.bytes),
                "JSONText wrote what is not JSON: \(text.string)")
            must(JSONTree(text.bytes) != nil, "JSONTree does not read what JSONText wrote: \(text.string)")
        }
    ]

    /// simdjson refuses whole numbers that 64 bits cannot hold; RFC 8259 does not.
    static func hasLongNumber(_ bytes: [UInt8]) -> Bool {
        var digits = 0
        for byte in bytes {
            digits = (0x30...0x39).contains(byte) ? digits + 1 : 0
            if digits > 18 { return true }
        }
        return false
    }

    private static func depth(_ bytes: [UInt8]) -> Int { bytes.count { $0 == 0x5B || $0 == 0x7B } }
}
