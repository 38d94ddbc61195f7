// The repository keeps the project's rules.
// Must not know the reasons; the rules are in `Rules.swift`.

import Testing

@Suite struct TidyTests {
    @Test("Imports only go down: every import is in the floor plan.", arguments: SourceTree.sources)
    func imports(file: SourceFile) {
        #expect(Rules.forbiddenImports(file) == [])
    }

    @Test("No file in Tests has more than 400 lines.", arguments: SourceTree.files.filter { !$0.isSource })
    func length(file: SourceFile) {
        #expect(Rules.tooLong(file) == [])
    }

    @Test("Every file opens with a few lines that say what it is for and what it must not know.", arguments: SourceTree.files)
    func opening(file: SourceFile) {
        #expect(Rules.badOpening(file) == [])
    }

    @Test("A function fits on a screen.", arguments: SourceTree.sources)
    func functions(file: SourceFile) {
        #expect(Rules.longFunctions(file) == [])
    }

    @Test("Cores never iterate a dictionary or a set.", arguments: Rules.cores.sorted())
    func order(target: String) {
        let files = SourceTree.sources.filter { $0.target == target }
        #expect(!files.isEmpty)
        let names = files.reduce(into: Set<String>()) { $0.formUnion(Rules.declaredUnordered($1)) }
        for file in files { #expect(Rules.unorderedIteration(file, names: names) == [], "\(file.path)") }
    }

    @Test("No mark of unfinished work is left, and nothing waits for time.", arguments: SourceTree.files)
    func leftovers(file: SourceFile) {
        #expect(Rules.unpaired(file) == [])
        #expect(Rules.sleeps(file) == [])
    }

    @Test("Every test has a sentence for a name.", arguments: SourceTree.files.filter { !$0.isSource })
    func names(file: SourceFile) {
        #expect(Rules.namelessTests(file) == [])
    }

    @Test("The floor plan names every existing target, and no other.")
    func plan() {
        let found = Set(SourceTree.sources.map(\.target)).union(["CUV", "CLinux", "COpenSSL", "CTOML"])
        #expect(found == Set(Rules.imports.keys))
    }
}

@Suite struct RulesTests {
    private func file(_ target: String, _ text: String) -> SourceFile { SourceFile(path: "Sources/\(target)/X.swift", text: text) }

    @Test(
        "A forbidden import is found in every spelling.",
        arguments: [
            "import Foundation", "  import Foundation", "@testable import UVHost", "import struct Foundation.Data", "public import Glibc",
            "import Router",
        ])
    func import_(line: String) {
        #expect(Rules.forbiddenImports(file("Devices", "import Host\n" + line)).map(\.line) == [2])
        #expect(Rules.forbiddenImports(file("Nowhere", line)).count == 1)
        #expect(Rules.forbiddenImports(file("Devices", "// " + line)) == [])
    }

    @Test("A file without an opening comment and a function that is too long are found.")
    func sizes() {
        let lines = { (n: Int) in String(repeating: "x\n", count: n) }
        #expect(Rules.badOpening(file("Host", "// a\n// b\n\nimport X")) == [])
        #expect(Rules.badOpening(file("Host", "// a\n\n// b")).count == 1)
        #expect(Rules.badOpening(SourceFile(path: "Tests/HostTests/X.swift", text: "// a\n")) == [])
        #expect(Rules.badOpening(SourceFile(path: "Tests/HostTests/X.swift", text: "a\n")).count == 1)
        #expect(Rules.badOpening(file("Host", String(repeating: "// a\n", count: 6))).count == 1)
        #expect(Rules.longFunctions(file("Host", "    func a() {\n\(lines(68))    }\n")) == [])
        #expect(Rules.longFunctions(file("Host", "    func a() {\n\(lines(69))    }\n")).count == 1)
    }

    @Test(
        "Iterating a dictionary or a set is found.",
        arguments: [
            "var a: [String: Int] = [:]\nfor x in a {}", "var a = Set<Int>()\nfor x in self.a where x > 1 {}",
            "let a: Set<Int>\nlet b = a.map { $0 }", "private var a: [UInt32: [Int]] = [:]\na.values.forEach {}",
            "func f(a: [Int: Int]) {\nfor (k, v) in a {}", "var a = [:]\nlet b = c.a.first",
        ])
    func unordered(text: String) {
        #expect(Rules.unorderedIteration(file("Router", text), names: []).map(\.line).contains(2))
    }

    @Test(
        "Looking up in a dictionary, and iterating an array, is allowed.",
        arguments: [
            "var a: [String: Int] = [:]\nlet b = a[k]", "var a: [Int] = []\nfor x in a {}", "var a: Set<Int>\nif a.contains(1) {}",
            "var a: [String: Int] = [:]\n// for x in a {}", "let b: [[Int]]\nfor x in b {}",
            "var a: [(key: Int, value: Int)] = []\nfor x in a {}",
            "var a: [String: Int] = [:]\nfor x in table.a(of: 1) {}", "for x in [\"a\": 1].sorted(by: f) {}",
        ])
    func ordered(text: String) {
        #expect(Rules.unorderedIteration(file("Router", text), names: []) == [])
    }

    @Test("A name declared in another file of the target counts too, unless this file has an array of that name.")
    func namesOfTheTarget() {
        #expect(Rules.unorderedIteration(file("Router", "for x in a {}"), names: ["a"]).count == 1)
        #expect(Rules.unorderedIteration(file("Router", "let a: [Int]\nfor x in a {}"), names: ["a"]) == [])
    }

    @Test(
        "A test without a sentence for a name is found.",
        arguments: [
            "    @Test func holds() {}", "@Test(arguments: [1])\nfunc holds(n: Int) {}", "@Test(\"holds\") func a() {}",
            "@Test(\n    .enabled(if: x))",
        ])
    func nameless(text: String) {
        #expect(Rules.namelessTests(file("HostTests", text)).map(\.line) == [1])
        #expect(Rules.namelessTests(file("HostTests", "@Test(\n    \"A test says what must hold.\", arguments: [1])")) == [])
    }

    @Test("Leftovers and sleeps are found.")
    func leftovers() {
        #expect(Rules.unpaired(file("Host", "// TO" + "DO: later")).count == 1)
        #expect(Rules.unpaired(file("Host", "let toDo = 1")) == [])
        #expect(Rules.sleeps(file("Host", "usl" + "eep(10)")).count == 1)
        #expect(Rules.sleeps(file("Host", "try await Task.sl" + "eep(for: x)")).count == 1)
        #expect(Rules.sleeps(file("Host", "// it sleeps (a little)")) == [])
    }
}
