// The words of one line of the catalogue.
// Must not know what they mean.

import Buttplug

struct CatalogueWords {
    private var text: Substring

    init(_ line: Substring) { text = line }

    var isAtEnd: Bool { text.allSatisfy { $0 == " " } }
    var rest: String { String(text.prefix(40)) }

    private mutating func skipSpace() { text = text.drop { $0 == " " } }

    /// Up to the next space.
    mutating func word() -> Substring? {
        skipSpace()
        let word = text.prefix { $0 != " " }
        text = text.dropFirst(word.count)
        return word.isEmpty ? nil : word
    }

    /// Between quotation marks; a backslash stands before two digits of a byte that is no letter.
    mutating func quoted() -> String? {
        skipSpace()
        guard text.first == "\"", let end = text.dropFirst().firstIndex(of: "\"") else { return nil }
        var inner = text[text.index(after: text.startIndex)..<end]
        text = text[text.index(after: end)...]
        var bytes: [UInt8] = []
        while let character = inner.popFirst() {
            if character == "\\", let byte = UInt8(inner.prefix(2), radix: 16) {
                bytes.append(byte)
                inner = inner.dropFirst(2)
            } else {
                bytes.append(contentsOf: character.utf8)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Between brackets.
    mutating func bracketed() -> String? {
        skipSpace()
        guard text.first == "(", let end = text.firstIndex(of: ")") else { return nil }
        let inner = text[text.index(after: text.startIndex)..<end]
        text = text[text.index(after: end)...]
        return String(inner)
    }

    mutating func take(_ what: String) -> Bool {
        skipSpace()
        guard text.hasPrefix(what) else { return false }
        text = text.dropFirst(what.count)
        return true
    }

    /// The name of a kind of feature.
    mutating func kind() -> Substring? {
        skipSpace()
        let word = text.prefix { "a"..."z" ~= $0 }
        text = text.dropFirst(word.count)
        return word.isEmpty ? nil : word
    }

    /// "?": it can be read; "!": subscribed.
    mutating func takeMark() -> Bool? { take("?") ? true : take("!") ? false : nil }

    mutating func number() -> UInt32? {
        skipSpace()
        let digits = text.prefix { "0"..."9" ~= $0 }
        guard let number = UInt32(digits) else { return nil }
        text = text.dropFirst(digits.count)
        return number
    }

    mutating func number(followedBy mark: Character) -> UInt32? {
        let before = text
        guard let number = number(), text.first == mark else {
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
