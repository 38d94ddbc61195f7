// The limits of a type's size and of a function's parameters, as functions from files to offences.
// Must not read files. Blocks are found by their braces: the code is formatted, so a type at the left edge ends with a brace there.

import Foundation

/// An offence in a target: where it is, and what is wrong.
struct Excess: Hashable, CustomStringConvertible {
    /// "Router.Arbiter" or "Router.Arbiter.swift: func write(…)".
    var name: String
    var what: String
    var description: String { "\(name): \(what)" }
}

extension Rules {
    static let sourceLinesMax = 300
    static let typeLinesMax = 600
    static let parametersMax = 6

    /// Types with more than this number of lines in all, with their extensions in the same target.
    static func largeTypes(_ files: [SourceFile]) -> [Excess] {
        var lines: [String: Int] = [:]
        for file in files {
            for (name, count) in blocks(file) { lines["\(file.target).\(name)", default: 0] += count }
        }
        return lines.sorted { $0.key < $1.key }.filter { $0.value > typeLinesMax }.map { Excess(name: $0.key, what: "\($0.value) lines") }
    }

    /// Every type and extension at the left edge of a file, with the number of its lines.
    private static func blocks(_ file: SourceFile) -> [(String, Int)] {
        let code = file.code
        return code.indices.compactMap { start in
            let line = code[start]
            guard line.hasSuffix("{"), let first = line.first, first != " ", first != "}",
                let match = line.firstMatch(of: /\b(?:class|struct|enum|actor|extension|protocol)\s+([\w.]+)/)
            else { return nil }
            let end = code[start...].firstIndex { $0.hasPrefix("}") } ?? start
            return (String(match.1), end - start + 1)
        }
    }

    /// Functions and initialisers with too many parameters for a reader.
    static func wideFunctions(_ file: SourceFile) -> [Excess] {
        let code = file.code
        return code.indices.compactMap { start in
            guard code[start].contains("func ") || code[start].contains("init"),
                let match = code[start].firstMatch(of: /\b(?:func\s+([^\s(<]+)|(init)[?!]?)(?:<[^(]*>)?\(/),
                !code[start][..<match.range.lowerBound].hasSuffix(".")
            else { return nil }
            let rest = [String(code[start][match.range.upperBound...])] + code[(start + 1)...].prefix(30)
            guard let list = list(rest.joined(separator: " ")), list.isDeclaration else { return nil }
            guard list.count > parametersMax else { return nil }
            let name = String(match.1 ?? match.2 ?? "")
            let owner = file.path.split(separator: "/").last ?? ""
            return Excess(name: "\(file.target).\(owner.replacing(".swift", with: "")).\(name)", what: "\(list.count) parameters")
        }
    }

    /// The number of parameters up to the closing bracket, and whether they are a declaration's: each begins with a label and a colon.
    private static func list(_ text: String) -> (count: Int, isDeclaration: Bool)? {
        var depth = 0
        var parts: [String] = [""]
        var previous: Character = " "
        for character in text {
            defer { previous = character }
            switch character {
            case "(", "[", "{", "<": depth += 1
            case ")" where depth == 0:
                parts = parts.map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
                return (parts.count, parts.allSatisfy { $0.contains(/^(?:@\w+\s+)*\w+(?:\s+\w+)?\s*:/) })
            case ">" where previous == "-": break
            case ")", "]", "}", ">": depth -= 1
            case "," where depth == 0:
                parts.append("")
                continue
            default: break
            }
            parts[parts.count - 1].append(character)
        }
        return nil
    }
}
