// Every citation in comments and pages has a target: a page, a section, a decision, a file, a function.
// Must not know what a page says.

import Foundation
import Testing

@Suite struct CitationTests {
    /// Every file that people wrote, from the top of the repository.
    static let files: [CitingFile] = paths.filter { path in
        // The rules' own tests have citations without a target.
        !path.hasPrefix("CHANGELOG") && !path.hasSuffix("CitationTests.swift")
            && [".swift", ".md", ".py", "Makefile"].contains { path.hasSuffix($0) }
    }.compactMap { path in
        (try? String(contentsOf: SourceTree.root.appendingPathComponent(path), encoding: .utf8)).map { CitingFile(path: path, text: $0) }
    }
    static let paths = SourceTree.paths
    static let library = Library(paths: paths, files: files)

    @Test("Every citation has an existing target.", arguments: files)
    func resolves(file: CitingFile) {
        #expect(Citations.broken(in: file, Self.library) == [])
    }
}

@Suite struct CitationRulesTests {
    private let library = Library(
        paths: ["docs/a.md", "docs/decisions/0007-x.md", "README.md", "Sources/Host/Link.swift"],
        files: [
            CitingFile(path: "docs/a.md", text: "# A page\n\n## 1. First things, first\n\n```\n## 9. code\n```\n"),
            CitingFile(path: "Sources/Host/Link.swift", text: "func take(at index: Int) {}"),
        ])

    @Test(
        "A citation without a target is found.",
        arguments: [
            "// as `a.md` §2 says", "// as `a.md` §1, §9 says", "// `b.md` says so", "// `a.md` §1.2", "// decision 8",
            "// docs/decisions/0008",
            "// see `Lank.swift`", "// see `Sources/Host/Lank.swift`", "// see `table.make(at:)`",
        ])
    func nowhere(line: String) {
        #expect(Citations.broken(in: CitingFile(path: "Sources/Host/X.swift", text: "\n" + line), library).map(\.line) == [2])
    }

    @Test(
        "A citation with a target is right.",
        arguments: [
            "// as `a.md` §1 says (RFC 6455 §5.2)", "// docs/a.md §1", "// decision 7, decisions/0007",
            "// see `Link.swift`, `Sources/Host`",
            "// see `link.take(at:)`", "// `index.html` of the user, `ws://HOST`", "let x = \"b.md\"",
        ])
    func somewhere(line: String) {
        #expect(Citations.broken(in: CitingFile(path: "Sources/Host/X.swift", text: line), library) == [])
    }

    @Test("A link is resolved from its page, with its anchor.")
    func links() {
        let page = { (text: String) in Citations.broken(in: CitingFile(path: "docs/b.md", text: text), library).count }
        #expect(
            page("[a](a.md), [a](a.md#1-first-things-first), [top](../README.md), [web](https://x.org/a#b), [b](decisions/0007-x.md)") == 0)
        #expect(page("[a](c.md)") == 2)
        #expect(page("[a](a.md#second)") == 1)
        #expect(page("[a](a.md#9-code)") == 1)
        #expect(page("[a](../a.md)") == 1)
        #expect(page("```\n[a](c.txt)\n```") == 0)
    }
}
