// The positions of keys and values in a TOML text.
// Must not know which keys exist.

import Testing

@testable import plugboard

@Suite struct SourceLocatorTests {
    private static let text = """
        # comment = 1
        top = 1
        "quoted key" = 'literal # not a comment'

        [a.b]   # [c]
          x = "é", y
        x2 = [ 1, # one
           "two ]", [3, 4] ]
        [[list]]
        k.l = { m = 1, "n" = [5] }
        [[list]]
        k = \"\"\"
        x = 1
        \"\"\" # end
        [list.sub]
        z = '''
        ]'''
        last = true
        """

    @Test(
        "Keys are found on their line and column.",
        arguments: [
            ("top", 2, 1), ("quoted key", 3, 1), ("a", 5, 1), ("a.b", 5, 1), ("a.b.x", 6, 3), ("a.b.x2", 7, 1), ("list[0]", 9, 1),
            ("list[0].k.l", 10, 1), ("list[0].k.l.m", 10, 9), ("list[0].k.l.n", 10, 16), ("list[1]", 11, 1), ("list[1].k", 12, 1),
            ("list[1].sub", 15, 1), ("list[1].sub.z", 16, 1), ("list[1].sub.last", 18, 1),
        ])
    func keys(path: String, line: Int, column: Int) {
        #expect(SourceLocator(Self.text).keys[path] == SourcePosition(line: line, column: column))
    }

    @Test(
        "Values are found too, each element of a list separately.",
        arguments: [
            ("top", 2, 7), ("quoted key", 3, 16), ("a.b.x", 6, 7), ("a.b.x2", 7, 6), ("a.b.x2[0]", 7, 8), ("a.b.x2[1]", 8, 4),
            ("a.b.x2[2]", 8, 13), ("a.b.x2[2][1]", 8, 17), ("list[0].k.l.n[0]", 10, 23), ("list[1].k", 12, 5), ("list[1].sub.last", 18, 8),
        ])
    func values(path: String, line: Int, column: Int) {
        #expect(SourceLocator(Self.text).values[path] == SourcePosition(line: line, column: column))
    }

    @Test("A text in a string or a comment that looks like a key is not a key.")
    func noFalseKeys() {
        let keys = SourceLocator(Self.text).keys
        for path in ["comment", "c", "list[1].k.x", "list[1].x", "a.b.y"] { #expect(keys[path] == nil) }
    }

    @Test(
        "A broken text ends the search, and nothing crashes.",
        arguments: ["[", "[[", "a = [", "a = {", "a = \"", "= 1", "[a]]\n]\n", "a = '''", "\u{FEFF}a=1"])
    func broken(text: String) {
        let locator = SourceLocator(text)
        #expect(locator.keys.count <= 1)
    }
}
