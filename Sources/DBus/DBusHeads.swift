// Heads of signals that came before, by their bytes: a device that notifies says the same one each time, and reading it costs most of the
// message. Must not know what any message is about.

/// All in the usual order of bytes; each at the same place in the three lists.
struct DBusHeads {
    private var sums: [UInt64] = []
    private var fields: [[UInt8]] = []
    private var messages: [DBusMessage] = []
    /// The next that gives up its place.
    private var oldest = 0

    private static let countMax = 32
    /// Longer ones are read each time.
    private static let bytesMax = 512

    /// The message without serial and body that these fields made before.
    func find(_ wanted: ArraySlice<UInt8>) -> DBusMessage? {
        let sum = Self.sum(wanted)
        for place in sums.indices where sums[place] == sum && fields[place][...] == wanted { return messages[place] }
        return nil
    }

    mutating func remember(_ found: ArraySlice<UInt8>, _ message: DBusMessage) {
        guard found.count <= Self.bytesMax, !message.isBigEndian else { return }
        if messages.count < Self.countMax {
            sums.append(Self.sum(found))
            fields.append(Array(found))
            messages.append(message)
            return
        }
        (sums[oldest], fields[oldest], messages[oldest]) = (Self.sum(found), Array(found), message)
        oldest = (oldest + 1) % Self.countMax
    }

    /// A number that other bytes rarely have, by eight bytes at a time.
    private static func sum(_ bytes: ArraySlice<UInt8>) -> UInt64 {
        bytes.withUnsafeBytes { bytes in
            var (sum, place) = (UInt64(bytes.count), 0)
            while place + 8 <= bytes.count {
                sum = (sum ^ bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self)) &* 0x9E37_79B9_7F4A_7C15
                sum ^= sum >> 32
                place += 8
            }
            return sum
        }
    }
}
