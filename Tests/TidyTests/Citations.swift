// Citations in comments and pages, as functions from a text to the citations without a target.
// Must not read files: all possible targets are in a `Library`.

import Foundation
import Testing

/// A text that may have citations: a page, a Swift file, a script.
struct CitingFile: Sendable, CustomTestStringConvertible {
    let path: String
    let lines: [String]

    var testDescription: String { path }
    var isPage: Bool { path.hasSuffix(".md") }
    var isSwift: Bool { path.hasSuffix(".swift") }
    var folder: String { path.split(separator: "/").dropLast().joined(separator: "/") }

    init(path: String, text: String) {
        self.path = path
        lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }

    /// The comments of a Swift file or a script; everything except code blocks of a page. Other lines are empty.
    var prose: [String] {
        var isCode = false
        return lines.map { line in
            guard isPage else {
                let mark = isSwift ? "//" : "#"
                return line.range(of: mark).map { String(line[$0.lowerBound...]) } ?? ""
            }
            if line.drop(while: { $0 == " " }).hasPrefix("```") {
                isCode.toggle()
                return ""
            }
            return isCode ? "" : line
        }
    }
}

/// The possible targets of citations.
struct Library: Sendable {
    /// Every file and folder from the top of the repository.
    var paths: Set<String> = []
    /// The last parts of those.
    var names: Set<String> = []
    /// The numbers and the anchors of each page's headings.
    var sections: [String: Set<Int>] = [:]
    var anchors: [String: Set<String>] = [:]
    var decisions: Set<Int> = []
    /// Functions, and enum cases with values, that the Swift files declare.
    var functions: Set<String> = []

    init(paths: [String], files: [CitingFile]) {
        for path in paths {
            let parts = path.split(separator: "/")
            for count in parts.indices { self.paths.insert(parts[...count].joined(separator: "/")) }
            names.insert(String(parts.last ?? ""))
            if path.hasPrefix("docs/decisions/"), let number = parts.last.flatMap({ Int($0.prefix(4)) }) { decisions.insert(number) }
        }
        for file in files where file.isPage {
            for heading in file.prose where heading.hasPrefix("#") {
                let words = heading.drop { $0 == "#" }.trimmingCharacters(in: .whitespaces)
                if let number = Int(words.prefix { $0.isNumber }) { sections[file.path, default: []].insert(number) }
                anchors[file.path, default: []].insert(Self.anchor(words))
            }
        }
        for file in files where file.isSwift {
            for line in file.lines where line.contains("(") || line.contains("<") {
                for match in line.matches(of: /\b(?:func|case|macro)\s+(\w+)\s*[(<]/) { functions.insert(String(match.1)) }
                if line.contains("init") { functions.insert("init") }
                if line.contains("case") { for match in line.matches(of: /(\w+)\(\w+:/) { functions.insert(String(match.1)) } }
            }
        }
    }

    /// A heading's anchor, as GitHub makes it.
    static func anchor(_ heading: String) -> String {
        String(heading.lowercased().compactMap { $0 == " " ? "-" : $0.isLetter || $0.isNumber || $0 == "-" || $0 == "_" ? $0 : nil })
    }

    /// The page of this name: from the top, in the folder of the page that cites it, or the only one of this name in `docs`.
    func page(_ name: String, from file: CitingFile) -> String? {
        [name, "\(file.folder)/\(name)", "docs/\(name)", "docs/guide/\(name)", "docs/decisions/\(name)"].first { paths.contains($0) }
    }
}

enum Citations {
    /// Folders and files that paths begin with.
    static let tops: Set<Substring> = ["Sources", "Tests", "docs", "benchmarks", "scripts", "Examples", "config", ".ci"]
    /// Functions of the system and of libraries that comments may name with their labels.
    static let foreignFunctions: Set<String> = []

    /// Every citation without a target.
    static func broken(in file: CitingFile, _ library: Library) -> [Offence] {
        file.prose.enumerated().flatMap { index, line -> [Offence] in
            guard !line.isEmpty else { return [] }
            return (pages(line, file, library) + decisions(line, library) + links(line, file, library) + names(line, file, library))
                .map { Offence(line: index + 1, what: $0) }
        }
    }

    /// `arbitration.md` §3, §4–§6: the page, and each section that is named after it.
    private static func pages(_ line: String, _ file: CitingFile, _ library: Library) -> [String] {
        guard line.contains(".md") else { return [] }
        return line.matches(of: /(?<before>^|[^\w\/.-])(?<name>[\w-]+(?:\/[\w-]+)*\.md)(?<sections>`?(?:,? ?(?:and )?[–-]?§[\d.]+)*)/)
            .flatMap { match -> [String] in
                let name = String(match.name)
                guard let page = library.page(name, from: file) else { return library.names.contains(name) ? [] : ["there is no \(name)"] }
                return match.sections.matches(of: /§(\d+)([\d.]*)/).compactMap { section in
                    guard let number = Int(section.1), section.2.allSatisfy({ $0 == "." }), library.sections[page]?.contains(number) == true
                    else { return "\(name) has no §\(section.1)\(section.2)" }
                    return nil
                }
            }
    }

    private static func decisions(_ line: String, _ library: Library) -> [String] {
        guard line.contains("ecision") else { return [] }
        return line.matches(of: /\b[Dd]ecisions?[ \/](\d{1,4})\b/).compactMap { match in
            guard let number = Int(match.1), !library.decisions.contains(number) else { return nil }
            return "there is no decision \(match.1)"
        }
    }

    /// Links of pages: the file, and the heading after `#`.
    private static func links(_ line: String, _ file: CitingFile, _ library: Library) -> [String] {
        guard file.isPage, line.contains("](") else { return [] }
        return line.matches(of: /\]\(([^)\s]+)\)/).compactMap { match in
            let target = String(match.1)
            guard !target.contains("://"), !target.hasPrefix("mailto:") else { return nil }
            let parts = target.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
            var path: [Substring] = parts[0].isEmpty ? file.path.split(separator: "/") : file.folder.split(separator: "/")
            for part in parts[0].split(separator: "/") {
                if part == ".." { _ = path.popLast() } else if part != "." { path.append(part) }
            }
            let page = path.joined(separator: "/")
            guard page.isEmpty || library.paths.contains(page) else { return "there is no \(target)" }
            guard parts.count == 2 else { return nil }
            return library.anchors[page]?.contains(String(parts[1])) == true ? nil : "\(page) has no heading for #\(parts[1])"
        }
    }

    /// Paths, names of files and functions with labels, in backticks.
    private static func names(_ line: String, _ file: CitingFile, _ library: Library) -> [String] {
        guard line.contains("`"), file.isPage || file.isSwift else { return [] }
        return line.matches(of: /`([^`\s]+)`/).compactMap { match in
            let name = match.1
            if name.hasSuffix(")"), file.isSwift { return missingFunction(name, library) }
            guard name.allSatisfy({ $0.isLetter || $0.isNumber || "/._-+".contains($0) }) else { return nil }
            let path = name.hasSuffix("/") ? name.dropLast() : name
            if path.contains("/") {
                guard let top = path.split(separator: "/").first, tops.contains(top) else { return nil }
                return library.paths.contains(String(path)) || library.paths.contains("\(file.folder)/\(path)")
                    ? nil : "there is no \(name)"
            }
            guard ["swift", "py", "h", "c"].contains(path.split(separator: ".").last), path.contains(".") else { return nil }
            return library.names.contains(String(path)) ? nil : "there is no file \(name)"
        }
    }

    /// `name(label:)` and `name()`: declared somewhere in the tree.
    private static func missingFunction(_ name: Substring, _ library: Library) -> String? {
        guard let match = name.wholeMatch(of: /(?:\w+\.)*(\w+)\((?:\w+:)+\)/), !foreignFunctions.contains(String(match.1)) else {
            return nil
        }
        return library.functions.contains(String(match.1)) ? nil : "there is no function \(name)"
    }
}
