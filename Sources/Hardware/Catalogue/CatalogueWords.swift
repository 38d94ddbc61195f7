// The words of one line of the catalogue.
// Must not know what they mean.

import Buttplug

struct CatalogueWords {
    /// Bytes and not characters: to find those takes several times longer, and the whole catalogue is read at the start.
    private var text: Substring.UTF8View

    init(_ line: Substring) { text = line.utf8 }

    var isAtEnd: Bool { text.allSatisfy { $0 == UInt8(ascii: " ") } }
    var rest: String { String(decoding: text.prefix(40), as: UTF8.self) }

    private mutating func skipSpace() { text = text.drop { $0 == UInt8(ascii: " ") } }

    /// Up to the next space.
    mutating func word() -> Substring? {
        skipSpace()
        let word = text.prefix { $0 != UInt8(ascii: " ") }
        text = text[word.endIndex...]
        return word.isEmpty ? nil : Substring(word)
    }

    /// Between quotation marks; a backslash stands before two digits of a byte that is no letter.
    mutating func quoted() -> String? {
        guard var inner = between("\"", "\"") else { return nil }
        guard inner.contains(UInt8(ascii: "\\")) else { return String(Substring(inner)) }
        var bytes: [UInt8] = []
        while let byte = inner.popFirst() {
            if byte == UInt8(ascii: "\\"), let number = UInt8(String(decoding: inner.prefix(2), as: UTF8.self), radix: 16) {
                bytes.append(number)
                inner = inner.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Between brackets.
    mutating func bracketed() -> String? { between("(", ")").map { String(Substring($0)) } }

    private mutating func between(_ open: Unicode.Scalar, _ close: Unicode.Scalar) -> Substring.UTF8View? {
        skipSpace()
        guard text.first == UInt8(ascii: open) else { return nil }
        let after = text.dropFirst()
        guard let end = after.firstIndex(of: UInt8(ascii: close)) else { return nil }
        text = after[after.index(after: end)...]
        return after[..<end]
    }

    mutating func take(_ what: String) -> Bool {
        skipSpace()
        guard text.starts(with: what.utf8) else { return false }
        text = text.dropFirst(what.utf8.count)
        return true
    }

    /// The name of a kind of feature.
    mutating func kind() -> Substring? {
        skipSpace()
        let word = text.prefix { UInt8(ascii: "a")...UInt8(ascii: "z") ~= $0 }
        text = text[word.endIndex...]
        return word.isEmpty ? nil : Substring(word)
    }

    /// "?": it can be read; "!": subscribed.
    mutating func takeMark() -> Bool? { take("?") ? true : take("!") ? false : nil }

    mutating func number() -> UInt32? {
        skipSpace()
        let digits = text.prefix { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
        guard let number = UInt32(Substring(digits)) else { return nil }
        text = text[digits.endIndex...]
        return number
    }

    mutating func number(followedBy mark: Unicode.Scalar) -> UInt32? {
        let before = text
        guard let number = number(), text.first == UInt8(ascii: mark) else {
            text = before
            return nil
        }
        text = text.dropFirst()
        return number
    }
}

extension OutputType {
    /// By the name in device configurations, or the short one of the catalogue.
    static func named(_ name: some StringProtocol) -> OutputType? {
        switch name {
        case "vibrate": .vibrate
        case "rotate": .rotate
        case "oscillate": .oscillate
        case "constrict": .constrict
        case "spray": .spray
        case "temperature": .temperature
        case "led": .led
        case "position": .position
        case "move", "hw_position_with_duration": .hwPositionWithDuration
        default: nil
        }
    }
}

extension InputType {
    /// By the name in device configurations.
    static func named(_ name: some StringProtocol) -> InputType? {
        switch name {
        case "battery": .battery
        case "rssi": .rssi
        case "pressure": .pressure
        case "button": .button
        case "depth": .depth
        case "position": .position
        default: nil
        }
    }
}
