// No file, type or function is too large for a reader.
// Must not know why something is large. The lists of known exceptions only become shorter.

import Testing

@Suite struct LimitTests {
    /// Files above the limit that are not divided yet, by path.
    static let knownLongFiles: Set<String> = []
    /// Types above the limit, as "Target.Type".
    static let knownLargeTypes: Set<String> = []
    /// Functions with too many parameters, as "Target.File.name".
    static let knownWideFunctions: Set<String> = []

    @Test("No file in Sources has more than 300 lines, and every known exception is still needed.")
    func files() {
        let found = Set(SourceTree.sources.filter { Rules.tooLong($0) != [] }.map(\.path))
        #expect(found == Self.knownLongFiles)
    }

    @Test("No type has more than 600 lines over its files, and every known exception is still needed.")
    func types() {
        let found = Rules.largeTypes(SourceTree.sources)
        #expect(Set(found.map(\.name)) == Self.knownLargeTypes, "\(found)")
    }

    @Test("No function has more than six parameters, and every known exception is still needed.")
    func functions() {
        let found = SourceTree.sources.flatMap(Rules.wideFunctions)
        #expect(Set(found.map(\.name)) == Self.knownWideFunctions, "\(found)")
    }
}

@Suite struct LimitRulesTests {
    private func file(_ text: String) -> SourceFile { SourceFile(path: "Sources/Host/X.swift", text: text) }

    @Test("A file in Sources may have 300 lines, one in Tests 400.")
    func files() {
        let lines = { (count: Int) in String(repeating: "x\n", count: count) }
        #expect(Rules.tooLong(file(lines(300))) == [])
        #expect(Rules.tooLong(file(lines(301))).count == 1)
        #expect(Rules.tooLong(SourceFile(path: "Tests/HostTests/X.swift", text: lines(400))) == [])
        #expect(Rules.tooLong(SourceFile(path: "Tests/HostTests/X.swift", text: lines(401))).count == 1)
    }

    @Test("A type is counted with its extensions in other files of its target, and without those of another target.")
    func types() {
        let body = String(repeating: "    x\n", count: 299)
        let one = file("public final class A<B>: C {\n\(body)}\n")
        let more = file("extension A {\n\(body)}\nstruct Other {}\n")
        let elsewhere = SourceFile(path: "Sources/UV/X.swift", text: "extension A {\n\(body)}\n")
        #expect(Rules.largeTypes([one, more]).map(\.name) == ["Host.A"])
        #expect(Rules.largeTypes([one, elsewhere]) == [])
    }

    @Test(
        "A function or initialiser with seven parameters is found, on one line or many.",
        arguments: [
            "func f(a: A, b: B, c: C, d: D, e: E, f: F, g: G) {}", "init?(_ a: A, b: B, c: C, d: D, e: E, f: F, of g: G) {}",
            "func f<T>(\n    a: A, b: (B, B) -> Void, c: [C: C],\n    d: D<X, Y>, e: E = (1, 2), f: inout F, g: @escaping () -> G\n) {}",
            "public init(a: A, b: B, c: C, d: D, e: E, f: F, g: G = f(1, 2)) {}",
        ])
    func wide(text: String) {
        #expect(Rules.wideFunctions(file(text)).map(\.what) == ["7 parameters"])
    }

    @Test(
        "Six parameters, a call with seven arguments and an enum case are allowed.",
        arguments: [
            "func f(a: A, b: (B, B, B) -> Void, c: C<X, Y>, d: [D: D], e: E, f: F) {}", "x.init(1, 2, 3, 4, 5, 6, 7)",
            "case a(b: B, c: C, d: D, e: E, f: F, g: G, h: H)", "// func f(a: A, b: B, c: C, d: D, e: E, f: F, g: G) {}",
        ])
    func narrow(text: String) {
        #expect(Rules.wideFunctions(file(text)) == [])
    }
}
