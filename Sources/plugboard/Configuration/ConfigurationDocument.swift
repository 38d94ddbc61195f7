// A TOML text as a flat list of dotted keys with their positions, ready for the table of keys to check.
// Must not know which keys exist, nor how TOML is written.

/// One configuration text.
struct ConfigurationDocument {
    /// What follows a key.
    enum Node {
        case value(RawValue)
        /// `[[name]]`: each element's own keys, in the order of the text.
        case tables([[Entry]])
    }

    struct Entry {
        /// Dotted, relative to the table it was found in: "server.name"; within an element of `[[rule]]`, "match.client".
        var key: String
        var node: Node
        /// From the top of the text, with the numbers of elements: "rule[0].match.client".
        var path: String
    }

    /// In the order of the text.
    let entries: [Entry]
    private let locator: SourceLocator

    /// Throws where the text is not TOML.
    init(_ text: String) throws(SyntaxProblem) {
        if let position = KeyDepth.firstTooDeep(in: text) {
            throw SyntaxProblem(position: position, reason: "a key of more than \(KeyDepth.partsMax) parts")
        }
        if let position = HeaderShape.firstBad(in: text) {
            throw SyntaxProblem(position: position, reason: "a table's name must begin here: [name] or [[name]]")
        }
        let root: [(name: String, value: TOMLTree)]
        do throws(TOMLTree.Malformed) { root = try TOMLTree.read(text) } catch {
            throw SyntaxProblem(position: SourcePosition(line: error.line, column: error.column), reason: error.reason)
        }
        locator = SourceLocator(text)
        entries = Self.inOrder(Self.entries(of: root, key: "", path: ""), locator)
    }

    /// Where a key begins; for an error about the key itself.
    func keyPosition(_ path: String) -> SourcePosition { locator.keys[path] ?? locator.values[path] ?? SourcePosition() }

    /// Where a value, or one element of a list, begins.
    func valuePosition(_ path: String, element: Int? = nil) -> SourcePosition {
        if let element, let position = locator.values["\(path)[\(element)]"] { return position }
        return locator.values[path] ?? keyPosition(path)
    }

    struct SyntaxProblem: Error {
        var position: SourcePosition
        var reason: String
    }

    // MARK: From the tree

    private static func entries(of nodes: [(name: String, value: TOMLTree)], key: String, path: String) -> [Entry] {
        var result: [Entry] = []
        for (name, value) in nodes {
            // A name with a dot in it, in quotation marks, is another key than the two parts.
            let part = name.contains(".") ? "\"\(name)\"" : name
            let longerKey = key.isEmpty ? part : key + "." + part
            let longerPath = path.isEmpty ? name : path + "." + name
            if case .table(let inner) = value {
                let below = entries(of: inner, key: longerKey, path: longerPath)
                result += below.isEmpty ? [Entry(key: longerKey, node: .value(.table), path: longerPath)] : below
            } else if let tables = tables(value) {
                let elements = tables.enumerated().map { entries(of: $1, key: "", path: "\(longerPath)[\($0)]") }
                result.append(Entry(key: longerKey, node: .tables(elements), path: longerPath))
            } else {
                result.append(Entry(key: longerKey, node: .value(raw(value)), path: longerPath))
            }
        }
        return result
    }

    /// The elements of an array that has some and whose elements are all tables.
    private static func tables(_ value: TOMLTree) -> [[(name: String, value: TOMLTree)]]? {
        guard case .array(let elements) = value, !elements.isEmpty else { return nil }
        var tables: [[(name: String, value: TOMLTree)]] = []
        for element in elements {
            guard case .table(let nodes) = element else { return nil }
            tables.append(nodes)
        }
        return tables
    }

    private static func raw(_ value: TOMLTree) -> RawValue {
        switch value {
        case .value(let raw): raw
        case .array(let elements): .list(elements.map { raw($0) })
        case .table: .table
        }
    }

    /// The tree has keys in the order of the alphabet; refusals read better in the order of the text.
    private static func inOrder(_ entries: [Entry], _ locator: SourceLocator) -> [Entry] {
        func position(_ entry: Entry) -> (Int, Int) {
            let position = locator.keys[entry.path] ?? SourcePosition(line: .max)
            return (position.line, position.column)
        }
        let ordered = entries.map { entry in
            guard case .tables(let elements) = entry.node else { return entry }
            return Entry(key: entry.key, node: .tables(elements.map { inOrder($0, locator) }), path: entry.path)
        }
        return ordered.sorted { position($0) < position($1) }
    }
}
