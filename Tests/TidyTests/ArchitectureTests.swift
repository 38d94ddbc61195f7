// The picture of the floors in docs/architecture.md shows the package as it is.
// Must not know why a module may import another; that is in `Rules.swift`.

import Foundation
import Testing

@Suite struct ArchitectureTests {
    private static func text(_ path: String) throws -> String {
        try String(contentsOf: SourceTree.root.appendingPathComponent(path), encoding: .utf8)
    }

    @Test("The picture of the floors has every module and every import, and all arrows go down.")
    func floors() throws {
        let picture = FloorPicture(page: try Self.text("docs/architecture.md"))
        #expect(picture.offences(allowed: Rules.imports) == [])
    }

    @Test("The package declares the floors of the plan, and no import uses a target that the package does not declare.")
    func package() throws {
        let targets = FloorPicture.targets(ofPackage: try Self.text("Package.swift"))
        #expect(Set(targets.keys) == Set(Rules.imports.keys))
        for (target, dependencies) in targets {
            let planned = (Rules.imports[target] ?? []).filter { Rules.imports[$0] != nil }
            #expect(dependencies.subtracting(planned) == [], "\(target) depends on what it may not import")
            #expect(
                planned.subtracting(FloorPicture.reach(of: target, in: targets)) == [], "\(target) may import what it does not depend on")
        }
    }
}

@Suite struct FloorPictureTests {
    private static let house = ["A": Set(["B", "C", "Foreign"]), "B": ["C"], "C": []]

    private func offences(_ block: String) -> [String] {
        FloorPicture(page: "<!-- floors -->\n```text\n" + block + "\n```\nmore").offences(allowed: Self.house)
    }

    @Test("A picture with all modules and arrows is right; foreign libraries are not drawn.")
    func right() {
        #expect(offences("top       A   what it is → B C\n\nmiddle    B   words      → C\n          C   words") == [])
    }

    @Test(
        "A module or an arrow that is missing, superfluous or in the wrong direction is found.",
        arguments: [
            ("top       A → B C\nmiddle    B → C", "C is not drawn"),
            ("top       A → B\nmiddle    B → C\n          C", "no arrow A → C"),
            ("top       A → B C\nmiddle    C\n          B → C", "B → C does not go down"),
            ("top       A → B C\nmiddle    B → C\n          C → A", "an arrow too many: C → A"),
            ("top       A → B C\nmiddle    B → C\n          C\n          D", "D is drawn, but there is no such module"),
        ])
    func wrong(block: String, offence: String) {
        #expect(offences(block).contains(offence))
    }

    @Test("Targets and their dependencies are read from a package; foreign products and tests are left out.")
    func targets() {
        let text = """
            targets: [
                .systemLibrary(name: "C", pkgConfig: "c", providers: [.apt(["c-dev"])]),
                .target(name: "B", dependencies: ["C"], swiftSettings: settings),
                .executableTarget(
                    name: "A",
                    dependencies: [
                        "B", .product(name: "X", package: "x"),
                    ], swiftSettings: settings),
                .executableTarget(name: "Echo", dependencies: ["B"], path: "Tests/Echo"),
                .testTarget(name: "ATests", dependencies: ["A"]),
            ]
            """
        #expect(FloorPicture.targets(ofPackage: "targets: [\"no\"]\n" + text) == ["A": ["B"], "B": ["C"], "C": []])
        #expect(FloorPicture.reach(of: "A", in: ["A": ["B"], "B": ["C"], "C": []]) == ["B", "C"])
    }
}
