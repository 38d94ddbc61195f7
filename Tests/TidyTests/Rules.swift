// The project's rules as functions from a file to its offences, so that a test can give each rule a bad example.
// Must not read files.

import Foundation

/// An offence: the line, counted from 1, and what is wrong with it.
struct Offence: Hashable, CustomStringConvertible {
    var line: Int
    var what: String
    var description: String { "line \(line): \(what)" }
}

enum Rules {
    /// The allowed imports: the floor plan. Imports only go down.
    static let imports: [String: Set<String>] = [
        "CUV": [],
        "COpenSSL": [],
        "CTOML": [],
        "Host": [],
        "JSON": [],
        "WebSocket": ["COpenSSL"],
        "TLS": ["COpenSSL"],
        "DBus": ["Host"],
        "NATS": [],
        "Cluster": ["Host"],
        "HTTP": ["JSON", "WebSocket"],
        "Entrance": ["WebSocket", "Host"],
        "Guard": ["COpenSSL", "JSON", "Host"],
        "Admin": ["Entrance", "Guard", "HTTP", "JSON", "Router", "Buttplug", "Host"],
        "CLinux": [],
        "LibC": ["CLinux", "Glibc", "Musl", "Darwin"],
        "UV": ["CUV", "LibC", "Synchronization"],
        "SecureStreams": ["TLS", "UV"],
        "Platform": ["UV", "LibC"],
        "Buttplug": ["Host"],
        "Router": ["Buttplug", "Host", "DequeModule", "HeapModule"],
        "Members": ["Cluster", "NATS", "Router", "Buttplug", "Host"],
        "Devices": ["Buttplug", "Host", "HeapModule"],
        "Hardware": ["Buttplug", "DBus", "JSON", "Host"],
        "UVHost": ["Entrance", "Host", "HTTP", "WebSocket", "SecureStreams", "TLS", "UV"],
        "SimHost": ["DBus", "Host", "HeapModule"],
        "ButtplugClient": ["Buttplug", "Host", "UVHost", "Logging"],
        "ButtplugServer": ["Buttplug", "Router", "Devices", "Hardware", "Host", "Logging"],
        "Bench": ["Host", "JSON", "WebSocket", "SecureStreams", "TLS", "UV", "Platform", "HeapModule", "Histogram"],
        "plugboard": [
            "ButtplugServer", "Hardware", "UVHost", "UV", "Platform", "TLS", "WebSocket", "Bench", "Admin", "Guard", "HTTP", "JSON",
            "Buttplug",
            "Router",
            "Devices", "DBus", "Host", "ArgumentParser", "Logging", "CTOML",
        ],
        "simulate": [
            "ButtplugServer", "ButtplugClient", "SimHost", "Admin", "Entrance", "Guard", "HTTP", "WebSocket", "JSON", "Buttplug", "Router",
            "Devices", "Hardware",
            "Host",
            "HeapModule", "ArgumentParser", "Foundation",
        ],
    ]

    /// The targets whose decisions must be the same in every run.
    static let cores: Set<String> = [
        "Router", "Entrance", "Guard", "Buttplug", "Devices", "Hardware", "NATS", "Cluster", "Members", "SimHost",
    ]

    /// The limit for a file in Tests; a file in Sources has its own limit.
    static let linesMax = 400
    static let functionLinesMax = 70

    static func forbiddenImports(_ file: SourceFile) -> [Offence] {
        let allowed = imports[file.target]
        return file.code.enumerated().compactMap { index, line in
            guard line.contains("import"),
                let match = line.firstMatch(of: /^\s*(?:@\w+\s+)*(?:\w+\s+)?import\s+(?:\w+\s+)?(\w+)(?:\.\w+)*\s*$/)
            else { return nil }
            let module = String(match.1)
            guard let allowed else { return Offence(line: index + 1, what: "\(file.target) is not in the floor plan") }
            return allowed.contains(module) ? nil : Offence(line: index + 1, what: "\(file.target) may not import \(module)")
        }
    }

    static func tooLong(_ file: SourceFile) -> [Offence] {
        let count = file.lines.last == "" ? file.lines.count - 1 : file.lines.count
        let limit = file.isSource ? sourceLinesMax : linesMax
        return count > limit ? [Offence(line: count, what: "more than \(limit) lines")] : []
    }

    /// A file says in two to five lines what it is for and what it must not know; a test needs only one line, about what it checks.
    static func badOpening(_ file: SourceFile) -> [Offence] {
        let opening = file.lines.prefix { $0.hasPrefix("//") }
        guard (file.isSource ? 2...5 : 1...5).contains(opening.count) else {
            return [Offence(line: 1, what: "opens with \(opening.count) lines of comment")]
        }
        return []
    }

    /// Functions longer than a screen. The code is formatted, so a body ends at a brace with the indentation of its beginning.
    static func longFunctions(_ file: SourceFile) -> [Offence] {
        var offences: [Offence] = []
        let code = file.code
        for (start, line) in code.enumerated() where line.hasSuffix("{") && line.contains(/\b(func \S|init\(|init\?\(|deinit\b)/) {
            let indent = line.prefix { $0 == " " }
            let end = code[(start + 1)...].firstIndex { $0.hasPrefix(indent + "}") } ?? start
            if end - start + 1 > functionLinesMax { offences.append(Offence(line: start + 1, what: "\(end - start + 1) lines")) }
        }
        return offences
    }

    /// Iterating a dictionary or a set: its order differs between two runs of the same program. Checks names that are declared as
    /// one in the same target, so each name must have one kind only.
    static func unorderedIteration(_ file: SourceFile, names: Set<String>) -> [Offence] {
        let own = declaredUnordered(file)
        let arrays = declaredArrays(file)
        let suspects = own.union(names.subtracting(arrays))
        var offences: [Offence] = []
        for (index, line) in file.code.enumerated() where suspects.contains(where: { line.contains($0) }) {
            if let match = line.firstMatch(of: /\bfor\s.*\bin\s+([\w.\[\]!?]+)(?![\w.(])/), let name = lastName(match.1),
                suspects.contains(name)
            {
                offences.append(Offence(line: index + 1, what: "iterates \(name)"))
            }
            for match in line.matches(
                of:
                    /([\w.]+)[!?]?\.(forEach|map|compactMap|flatMap|filter|reduce|allSatisfy|enumerated|keys|values|first|min|max|randomElement|popFirst)\b/
            ) {
                if let name = lastName(match.1), suspects.contains(name) {
                    offences.append(Offence(line: index + 1, what: "iterates \(name)"))
                }
            }
        }
        return offences
    }

    /// Names this file declares as a dictionary or a set.
    static func declaredUnordered(_ file: SourceFile) -> Set<String> {
        names(
            in: file,
            #/\b(?:let|var)\s+(\w+)\s*(?::\s*(?:\[[^\[\](]+:[^\]]+\]|Set<|Dictionary<|OrderedSet<)|=\s*(?:Set[<(]|Dictionary[<(]|\[[^\]]+:[^\]]+\]\(\)|\[:\]))/#
        )
        .union(names(in: file, #/\b(\w+)\s*:\s*(?:inout\s+)?(?:\[\w[\w.]*\s*:\s*[^\]]+\]|Set<)/#))
    }

    private static func declaredArrays(_ file: SourceFile) -> Set<String> {
        names(in: file, #/\b(\w+)\s*:\s*(?:inout\s+)?(?:\[[^:\]]+\]|\[\(|ContiguousArray<|Slab<|Deque<|Heap<)/#)
    }

    private static func names(in file: SourceFile, _ pattern: Regex<(Substring, Substring)>) -> Set<String> {
        Set(
            file.code.filter { $0.utf8.contains(UInt8(ascii: ":")) || $0.contains("Set") }.flatMap {
                $0.matches(of: pattern).map { String($0.1) }
            })
    }

    /// "entries" of "self.table.entries" and of "entries.values".
    private static func lastName(_ path: Substring) -> String? {
        path.split(whereSeparator: { ".[]!?".contains($0) }).last { $0 != "keys" && $0 != "values" }.map(String.init)
    }

    /// Words that mark unfinished work.
    static func unpaired(_ file: SourceFile) -> [Offence] {
        // In pieces, so that the rule does not find them in this file.
        find(["TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK"], in: file.lines) { isWhole($0, $1) }
    }

    /// Waiting for time instead of for an event.
    static func sleeps(_ file: SourceFile) -> [Offence] {
        find(["Thread.sl" + "eep", "Task.sl" + "eep", "usl" + "eep(", "nanosl" + "eep(", " sl" + "eep("], in: file.code) { _, _ in true }
    }

    /// Tests without a sentence for a name: what must hold, in four words or more.
    static func namelessTests(_ file: SourceFile) -> [Offence] {
        file.lines.indices.compactMap { index in
            guard file.code[index].contains(/^\s*@Test\b/) else { return nil }
            let text = file.lines[index...].prefix(3).joined(separator: " ")
            guard let name = text.firstMatch(of: /@Test\(\s*"([^"]*)/), name.1.split(separator: " ").count >= 4 else {
                return Offence(line: index + 1, what: "has no sentence for a name")
            }
            return nil
        }
    }

    private static func find(_ words: [String], in lines: [String], _ counts: (String, String) -> Bool) -> [Offence] {
        lines.enumerated().compactMap { index, line in
            guard words.contains(where: { line.contains($0) && counts(line, $0) }) else { return nil }
            return Offence(line: index + 1, what: line.trimmingCharacters(in: .whitespaces))
        }
    }

    /// Whether a line has this word by itself, not within a longer word.
    private static func isWhole(_ line: String, _ word: String) -> Bool {
        line.split { !($0.isLetter || $0.isNumber || $0 == "_") }.contains { $0 == word }
    }
}
