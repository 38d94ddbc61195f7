// Code and pages are written in the words that the field uses.
// Must not know what a text says; the words are in `Words.swift`.

import Foundation
import Testing

@Suite struct WordTests {
    /// Code, pages and configurations, from the top of the repository.
    static let files: [CitingFile] = SourceTree.paths.filter { path in
        path.hasPrefix("config/") || path.hasPrefix("docs/") && path.hasSuffix(".md")
            || path.hasPrefix("Sources/") || path.hasPrefix("Tests/") && path.hasSuffix(".swift")
            || ["Package.swift", "README.md", "CONTRIBUTING.md", "CHANGELOG.md"].contains(path)
    }.compactMap { path in
        (try? String(contentsOf: SourceTree.root.appendingPathComponent(path), encoding: .utf8)).map { CitingFile(path: path, text: $0) }
    }

    @Test("No file has a word that readers stumble over.", arguments: files)
    func words(file: CitingFile) {
        #expect(Rules.hardWords(file) == [])
    }

    @Test("Every exception is needed: the page still has the word.")
    func exceptionsNeeded() {
        for (path, words) in Rules.wordsAllowed where !path.hasPrefix("Tests/TidyTests/Word") {
            let text = Self.files.first { $0.path == path }?.lines.joined(separator: "\n") ?? ""
            let offences = Rules.hardWords(CitingFile(path: "elsewhere", text: text))
            for word in words { #expect(offences.contains { $0.what.hasPrefix("\"\(word)\"") }, "\(path): \(word)") }
        }
    }
}

@Suite struct WordRulesTests {
    private func found(_ text: String, at path: String = "Sources/Host/X.swift") -> [Int] {
        Rules.hardWords(CitingFile(path: path, text: text)).map(\.line)
    }

    @Test(
        "A word of the list is found in comments, strings, names and prose.",
        arguments: [
            "/// Whoever owns the link.", "throw Refusal(\"is not spoken here\")", "let chanceOfFault = 0.5", "var isBehind = false",
            "case news_max", "A page, and the server behind.", "func crowdLeft() {}", "// Whatever it says: \"lest\"", "let JSONNews = 1",
        ])
    func offenders(line: String) {
        #expect(found("\n" + line).first == 2)
    }

    @Test(
        "Longer words that hold one, and the words to use instead, are no offence.",
        arguments: [
            "// however, whenever, nearest, here, there", "let doorstep = heartbeat", "// The server is told after the client.",
            "// Others here are the newest.", "let chanced = otherwise", "config.unlested",
        ])
    func innocent(line: String) {
        #expect(found(line) == [])
    }

    @Test("A defined term is allowed on its page, and nowhere else.")
    func exceptions() {
        #expect(found("the newest *news*", at: "docs/arbitration.md") == [])
        #expect(found("the newest *news*", at: "docs/architecture.md") == [1])
    }

    @Test("The offence says what to write.")
    func advice() {
        let file = CitingFile(path: "docs/x.md", text: "It starts anew.")
        #expect(Rules.hardWords(file).map(\.what) == ["\"anew\": write again"])
    }
}
