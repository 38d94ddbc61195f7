// What the router and its watchdog tell each other: one packet of a socket pair for one message.
// Both ends are the same program, so the format has no version. Must not know sockets, nor who does what with a message.

/// A message. All numbers are little-endian; `set` brings one descriptor along.
///
///     1  slot (2)  { length (2)  packet }    set: the letter of a slot, and where it is posted to. 16 more in the first byte: it is paced;
///                                            32 more: it is a further letter of a device that has one
///     2  slot (2)                            clear
///     3  runs (1)                            beat
///     4                                      end
///     5  letters (2)                         posted, the only one that the watchdog sends
package enum WillMessage: Hashable, Sendable {
    /// The slot has this letter from now on: packets, each with its length before it.
    case set(slot: Int, letter: Range<Int>, LetterKind)
    /// The slot has no letter any more.
    case clear(slot: Int)
    /// The router is alive. With `runs` it says so again within `WillRules.patience`.
    case beat(runs: Bool)
    /// The router ends and has brought its devices to zero.
    case end
    /// The router did not say for too long that it is alive: so many letters were posted.
    case posted(letters: Int)

    /// Reads a message; nil for one that is malformed. A letter is where it says in `bytes`, and well-formed.
    package init?(_ bytes: borrowing RawSpan) {
        guard bytes.byteCount > 0 else { return nil }
        switch (bytes[0], bytes.byteCount) {
        case (0x01, 4...(3 + WillRules.letterBytes)), (0x11, 4...(3 + WillRules.letterBytes)), (0x21, 4...(3 + WillRules.letterBytes)),
            (0x31, 4...(3 + WillRules.letterBytes)):
            guard let slot = Self.slot(bytes), Self.isLetter(bytes, from: 3) else { return nil }
            self = .set(slot: slot, letter: 3..<bytes.byteCount, LetterKind(rawValue: bytes[0] & 0x30))
        case (2, 3):
            guard let slot = Self.slot(bytes) else { return nil }
            self = .clear(slot: slot)
        case (3, 2):
            guard bytes[1] <= 1 else { return nil }
            self = .beat(runs: bytes[1] == 1)
        case (4, 1): self = .end
        case (5, 3): self = .posted(letters: bytes.number(at: 1))
        default: return nil
        }
    }

    private static func slot(_ bytes: borrowing RawSpan) -> Int? {
        let slot = bytes.number(at: 1)
        return slot < WillRules.slots ? slot : nil
    }

    private static func isLetter(_ bytes: borrowing RawSpan, from start: Int) -> Bool {
        var next = start
        while next + 2 <= bytes.byteCount {
            let length = bytes.number(at: next)
            guard length > 0 else { return false }
            next += 2 + length
        }
        return next == bytes.byteCount
    }

    /// The message as bytes. A `set` is made by `set(slot:letter:)`.
    package var bytes: [UInt8] {
        switch self {
        case .set: []
        case .clear(let slot): [2] + Self.number(slot)
        case .beat(let runs): [3, runs ? 1 : 0]
        case .end: [4]
        case .posted(let letters): [5] + Self.number(letters)
        }
    }

    /// A `set` as bytes.
    package static func set(slot: Int, letter: [UInt8], _ kind: LetterKind = []) -> [UInt8] { [1 | kind.rawValue] + number(slot) + letter }

    /// Packets as a letter; nil when there is none, one is empty, or they are more than a letter takes.
    package static func letter(_ packets: [[UInt8]]) -> [UInt8]? {
        guard !packets.isEmpty, packets.allSatisfy({ !$0.isEmpty && $0.count <= WillRules.letterBytes }) else { return nil }
        let letter = packets.flatMap { number($0.count) + $0 }
        return letter.count <= WillRules.letterBytes ? letter : nil
    }

    private static func number(_ value: Int) -> [UInt8] {
        [UInt8(truncatingIfNeeded: value), UInt8(truncatingIfNeeded: value >> 8)]
    }
}

/// What is special about a letter.
package struct LetterKind: OptionSet, Hashable, Sendable {
    package let rawValue: UInt8
    /// Its packets are written one after the other, a round apart.
    package static let paced = LetterKind(rawValue: 0x10)
    /// Its device has another letter, and is not counted for this one.
    package static let further = LetterKind(rawValue: 0x20)

    package init(rawValue: UInt8) { self.rawValue = rawValue }
}

extension RawSpan {
    /// Two bytes, little-endian.
    fileprivate func number(at index: Int) -> Int { Int(self[index]) | Int(self[index + 1]) << 8 }

    fileprivate subscript(_ index: Int) -> UInt8 { unsafeLoad(fromByteOffset: index, as: UInt8.self) }
}
