// A TOML text as a flat list of dotted keys with their places, ready for the table of keys to judge.
// Must not know which keys exist; TOMLKit parses, and no type of its leaves this file.

import TOMLKit

/// One configuration text.
struct ConfigurationDocument {
    /// What stands behind a key.
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
        let root: TOMLTable
        do { root = try TOMLTable(string: text) } catch let error as TOMLParseError {
            throw SyntaxProblem(
                position: SourcePosition(line: error.source.begin.line, column: error.source.begin.column), reason: error.description)
        } catch {
            throw SyntaxProblem(position: SourcePosition(), reason: "\(error)")
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

    // MARK: From TOMLKit's tree

    private static func entries(of table: TOMLTable, key: String, path: String) -> [Entry] {
        var result: [Entry] = []
        for (name, value) in table {
            let longerKey = key.isEmpty ? name : key + "." + name
            let longerPath = path.isEmpty ? name : path + "." + name
            if let inner = value.table {
                let below = entries(of: inner, key: longerKey, path: longerPath)
                result += below.isEmpty ? [Entry(key: longerKey, node: .value(.table), path: longerPath)] : below
            } else if let list = value.array, !list.isEmpty, list.allSatisfy({ $0.type == .table }) {
                let elements = list.enumerated().map { number, element in
                    element.table.map { entries(of: $0, key: "", path: "\(longerPath)[\(number)]") } ?? []
                }
                result.append(Entry(key: longerKey, node: .tables(elements), path: longerPath))
            } else {
                result.append(Entry(key: longerKey, node: .value(raw(value)), path: longerPath))
            }
        }
        return result
    }

    private static func raw(_ value: any TOMLValueConvertible) -> RawValue {
        switch value.type {
        case .string: value.string.map { .text($0) } ?? .table
        case .int: value.int.map { .integer($0) } ?? .table
        case .double: value.double.map { .number($0) } ?? .table
        case .bool: value.bool.map { .boolean($0) } ?? .table
        case .array: .list((value.array ?? []).map { raw($0) })
        case .table: .table
        case .date, .time, .dateTime: .date
        }
    }

    /// TOMLKit lists keys alphabetically; refusals read better in the order of the text.
    private static func inOrder(_ entries: [Entry], _ locator: SourceLocator) -> [Entry] {
        func place(_ entry: Entry) -> (Int, Int) {
            let position = locator.keys[entry.path] ?? SourcePosition(line: .max)
            return (position.line, position.column)
        }
        let ordered = entries.map { entry in
            guard case .tables(let elements) = entry.node else { return entry }
            return Entry(key: entry.key, node: .tables(elements.map { inOrder($0, locator) }), path: entry.path)
        }
        return ordered.sorted { place($0) < place($1) }
    }
}
