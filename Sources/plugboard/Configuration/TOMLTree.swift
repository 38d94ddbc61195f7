// A TOML text as toml++ reads it: nested tables, arrays and values.
// Must not know which keys there are; nothing of the C interface leaves this file.

import CTOML

/// One node of a TOML text.
indirect enum TOMLTree {
    /// By their names, in the order of the alphabet.
    case table([(name: String, value: TOMLTree)])
    case array([TOMLTree])
    /// Neither of the two.
    case value(RawValue)

    /// Why a text is not TOML, and where.
    struct Malformed: Error {
        var line: Int
        var column: Int
        var reason: String
    }

    /// The nodes of a text's root table.
    static func read(_ text: String) throws(Malformed) -> [(name: String, value: TOMLTree)] {
        var text = text
        let growth = Growth()
        var problem = plugboard_toml_problem()
        let isRead = text.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) { bytes in
                plugboard_toml_read(
                    bytes.baseAddress, bytes.count, Unmanaged.passUnretained(growth).toOpaque(),
                    { growth, node in
                        guard let growth, let node else { return }
                        Unmanaged<Growth>.fromOpaque(growth).takeUnretainedValue().add(node.pointee)
                    }, &problem)
            }
        }
        if isRead { return growth.finished }
        let reason = withUnsafeBytes(of: &problem.reason) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        throw Malformed(line: problem.line, column: problem.column, reason: reason)
    }
}

/// The tree while its nodes come in.
private final class Growth {
    private typealias Named = (name: String, value: TOMLTree)

    /// The root's nodes, when all have come.
    var finished: [(name: String, value: TOMLTree)] { levels[0].nodes }

    /// What is open: the root, then one inside the other.
    private var levels: [(name: String, isTable: Bool, nodes: [Named])] = [("", true, [])]

    func add(_ node: plugboard_toml_node) {
        let name = Self.text(node.key, node.key_length)
        switch node.kind {
        case PLUGBOARD_TOML_TABLE: levels.append((name, true, []))
        case PLUGBOARD_TOML_ARRAY: levels.append((name, false, []))
        case PLUGBOARD_TOML_END:
            let level = levels.removeLast()
            append(level.name, level.isTable ? .table(level.nodes) : .array(level.nodes.map(\.value)))
        case PLUGBOARD_TOML_STRING: append(name, .value(.text(Self.text(node.text, node.text_length))))
        case PLUGBOARD_TOML_INTEGER: append(name, .value(.integer(Int(node.integer))))
        case PLUGBOARD_TOML_NUMBER: append(name, .value(.number(node.number)))
        case PLUGBOARD_TOML_BOOLEAN: append(name, .value(.boolean(node.integer != 0)))
        default: append(name, .value(.date))
        }
    }

    private func append(_ name: String, _ value: TOMLTree) { levels[levels.count - 1].nodes.append((name, value)) }

    private static func text(_ start: UnsafePointer<CChar>?, _ count: Int) -> String {
        String(decoding: UnsafeRawBufferPointer(start: start, count: count), as: UTF8.self)
    }
}
