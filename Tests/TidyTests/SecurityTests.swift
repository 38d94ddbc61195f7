// docs/security.md: what it says of each way in is tried by a test that there is.
// Must not know what the tests do.

import Foundation
import Testing

@Suite struct SecurityTests {
    private static let page = text(of: "docs/security.md")

    private static func text(of path: String) -> String {
        (try? String(contentsOf: SourceTree.root.appendingPathComponent(path), encoding: .utf8)) ?? ""
    }

    /// The files of the unit tests.
    private static let suites: [String] = SourceTree.files.filter { !$0.isSource }.map { $0.lines.joined(separator: "\n") }

    /// Rows of the tables that name tests.
    private static let rows: [Substring] = {
        var rows: [Substring] = []
        var namesTests = false
        for line in page.split(separator: "\n", omittingEmptySubsequences: false) {
            if !line.hasPrefix("|") { namesTests = false }
            if namesTests, !line.hasPrefix("|---") { rows.append(line) }
            if line.hasSuffix("| test |") { namesTests = true }
        }
        return rows
    }()

    @Test("Every way in of docs/security.md names tests, and each of them exists.", arguments: rows)
    func isTried(row: Substring) {
        let named = row.matches(of: /`(\d\d-[a-z0-9-]+|page) ([a-z0-9_]+)`/)
        let units = row.matches(of: /`unit (\w+)(?: (\w+))?`/)
        #expect(!named.isEmpty || !units.isEmpty)
        for test in named {
            let script = Self.text(of: test.1 == "page" ? "Tests/Page/checks.py" : "Tests/Conformance/\(test.1).py")
            #expect(script.contains("def \(test.2)("), "\(test.0)")
        }
        for test in units {
            let suites = Self.suites.filter { $0.contains("@Suite struct \(test.1) {") || $0.contains("@Suite final class \(test.1) {") }
            #expect(suites.contains { text in test.2.map { text.contains("func \($0)(") } ?? true }, "\(test.0)")
        }
    }

    @Test("docs/security.md has tables whose rows name tests.")
    func rowsAreFound() { #expect(Self.rows.count > 30) }
}
