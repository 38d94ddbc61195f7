// The floors as docs/architecture.md draws them: one line a module, from the top to the bottom, with arrows to what it imports.
// Must not read files.

/// The picture, read from the page that shows it.
struct FloorPicture {
    struct Module: Equatable {
        let name: String
        let arrows: [String]
    }

    /// From the top to the bottom.
    var modules: [Module] = []

    /// Reads the block after the mark `<!-- floors -->`. A line is a floor's name or spaces, a module, a description, and arrows.
    init(page: String) {
        let lines = page.split(separator: "\n", omittingEmptySubsequences: false)
        guard let mark = lines.firstIndex(of: "<!-- floors -->") else { return }
        for line in lines[(mark + 2)...].prefix(while: { $0 != "```" }) {
            let sides = line.split(separator: "→", maxSplits: 1)
            guard let left = sides.first?.dropFirst(FloorPicture.floorWidth).split(separator: " "), let name = left.first else { continue }
            modules.append(Module(name: String(name), arrows: sides.dropFirst().flatMap { $0.split(separator: " ").map(String.init) }))
        }
    }

    private static let floorWidth = 9

    /// The faults of the picture, when modules may import `allowed` and nothing else. Foreign libraries are not drawn.
    func offences(allowed: [String: Set<String>]) -> [String] {
        var offences: [String] = []
        let names = modules.map(\.name)
        offences += Set(allowed.keys).subtracting(names).sorted().map { "\($0) is not drawn" }
        for (index, module) in modules.enumerated() {
            guard let imports = allowed[module.name] else {
                offences.append("\(module.name) is drawn, but there is no such module")
                continue
            }
            let wanted = imports.filter { allowed[$0] != nil }
            let drawn = Set(module.arrows)
            offences += wanted.subtracting(drawn).sorted().map { "no arrow \(module.name) → \($0)" }
            offences += drawn.subtracting(wanted).sorted().map { "an arrow too many: \(module.name) → \($0)" }
            let below = Set(names[(index + 1)...])
            offences += drawn.subtracting(below).sorted().map { "\(module.name) → \($0) does not go down" }
        }
        return offences
    }

    /// The targets of a Package.swift under `Sources`, each with the targets it depends on.
    static func targets(ofPackage text: String) -> [String: Set<String>] {
        var targets: [String: Set<String>] = [:]
        let declarations = text.split(separator: "targets: [\n").last ?? ""
        let target = /\.(?:target|executableTarget|systemLibrary)\(\s*name: "(\w+)"((?:[^()]|\((?:[^()]|\([^()]*\))*\))*)\)/
        for match in declarations.matches(of: target) {
            let rest = String(match.2)
            guard !rest.contains("path: \"Tests/") else { continue }
            let list = rest.firstMatch(of: /dependencies: \[((?:[^\]])*)\]/).map { String($0.1) } ?? ""
            let own = list.replacing(/\.product\([^)]*\)/, with: "")
            targets[String(match.1)] = Set(own.matches(of: /"(\w+)"/).map { String($0.1) })
        }
        return targets
    }

    /// A target's dependencies, and theirs, and so on.
    static func reach(of target: String, in targets: [String: Set<String>]) -> Set<String> {
        var reached: Set<String> = []
        var open = targets[target] ?? []
        while let next = open.popFirst() {
            if reached.insert(next).inserted { open.formUnion(targets[next] ?? []) }
        }
        return reached
    }
}
