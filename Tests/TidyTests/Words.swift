// Words that a reader whose first language is not English reads twice, each with what to write instead.
// Must not read files.

extension Rules {
    /// The words, in lower case and in every form that occurs, and what the field says. This file and its tests are not checked.
    static let words: [String: String] = {
        let rows: [(words: String, instead: String)] = [
            ("judge judges judged judging judgement judgements", "check, decide"),
            ("speak speaks spoke spoken speaking", "use (a version), support; call, report"),
            ("hear hears heard hearing", "is told, receive"),
            ("seat seats", "slot"),
            ("desk desks door doors", "the thing itself: listener, endpoint, queue"),
            ("crowd crowds crowded", "many clients, many sessions"),
            ("news", "event, change"),
            ("behind", "after (in order); upstream (of a router)"),
            ("chance chances", "random number, seed"),
            ("whoever whomever whom", "the client that, a caller that, who"),
            ("whatever", "regardless of, any; what"),
            ("whichever", "either, the one that"),
            ("wherever", "where, in every place that"),
            ("thereof thereby therein whereby whereupon", "of it, by that; a sentence of its own"),
            ("hence thus", "so"),
            ("hither thither whence thence", "here, there, from where"),
            ("lest", "so that … not"),
            ("ere betimes", "before, early"),
            ("nought", "zero, nothing"),
            ("ought", "should"),
            ("anew afresh", "again"),
            ("seldom", "rarely"),
            ("commonest", "most common"),
            ("spelt", "written"),
            ("befall befalls befell befallen", "happen to"),
        ]
        var words: [String: String] = [:]
        for row in rows { for word in row.words.split(separator: " ") { words[String(word)] = row.instead } }
        return words
    }()

    /// What stands in a text because somebody else wrote it, or has defined it, by path.
    static let wordsAllowed: [String: Set<String>] = [
        "Tests/TidyTests/Words.swift": Set(words.keys),
        "Tests/TidyTests/WordTests.swift": Set(words.keys),
        // Licences, as their authors wrote them.
        "config/package/Apache-2.0.txt": ["thereof", "whom", "wherever"],
        "config/package/copyright": ["whom"],
        // A term that the page defines.
        "docs/arbitration.md": ["news"],
        // An option of systemctl.
        "docs/service.md": ["whom"],
        // A device's name in the fixtures.
        "Tests/ButtplugTests/Support/Fixtures.swift": ["desk"],
        "Tests/ButtplugTests/ClientListsTests.swift": ["desk"],
        "Tests/ButtplugTests/V3DialectTests.swift": ["desk"],
        "Tests/ButtplugTests/V4DialectTests.swift": ["desk"],
    ]

    /// Words of the list in a text: in comments, strings and prose, and as parts of names (`chanceOfFault`, `news_max`).
    static func hardWords(_ file: CitingFile) -> [Offence] {
        let allowed = wordsAllowed[file.path] ?? []
        return file.lines.enumerated().flatMap { index, line in
            parts(of: line).compactMap { part in
                guard !allowed.contains(part), let instead = words[part] else { return nil }
                return Offence(line: index + 1, what: "\"\(part)\": write \(instead)")
            }
        }
    }

    /// The words of a line in lower case, as far as they can be on the list; a name is divided where a capital begins a part.
    private static func parts(of line: String) -> [String] {
        var parts: [String] = []
        var part: [UInt8] = []
        var wasUpper = false
        func end() {
            if lengths ~= part.count, initials.contains(part[0]) { parts.append(String(decoding: part, as: UTF8.self)) }
            part.removeAll(keepingCapacity: true)
        }
        for byte in line.utf8 {
            let isUpper = UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte
            guard isUpper || UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte else {
                end()
                continue
            }
            if isUpper, !wasUpper {
                end()
            } else if !isUpper, wasUpper, part.count > 1 {
                // The last capital of several begins the next part: `JSONNews`.
                let first = part.removeLast()
                end()
                part.append(first)
            }
            part.append(byte | 0x20)
            wasUpper = isUpper
        }
        end()
        return parts
    }

    private static let lengths = words.keys.map(\.utf8.count).min()!...words.keys.map(\.utf8.count).max()!
    private static let initials = Set(words.keys.compactMap(\.utf8.first))
}
