// The repository's own Swift files, as lines.
// Must not check them; the rules do.

import Foundation
import Testing

/// One Swift file.
struct SourceFile: Sendable, CustomTestStringConvertible {
    /// From the top of the repository: "Sources/Host/Link.swift".
    let path: String
    let lines: [String]

    var testDescription: String { path }

    /// The target's folder: "Host" of "Sources/Host/Link.swift".
    var target: String { path.split(separator: "/").dropFirst().first.map(String.init) ?? "" }
    var isSource: Bool { path.hasPrefix("Sources/") }

    /// The lines without comments and without quoted texts, so that a rule reads only code.
    let code: [String]

    init(path: String, text: String) {
        self.path = path
        lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        code = lines.map(Self.code)
    }

    private static func code(_ line: String) -> String {
        guard line.utf8.contains(where: { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "\"") }) else { return line }
        var result: [UInt8] = []
        var isQuoted = false
        var previous = UInt8(ascii: " ")
        for byte in line.utf8 {
            if byte == UInt8(ascii: "\""), previous != UInt8(ascii: "\\") { isQuoted.toggle() }
            if !isQuoted, byte == UInt8(ascii: "/"), previous == byte {
                result.removeLast()
                break
            }
            if !isQuoted || byte == UInt8(ascii: "\"") { result.append(byte) }
            previous = byte
        }
        return String(decoding: result, as: UTF8.self)
    }
}

/// All of them.
enum SourceTree {
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    static let files: [SourceFile] = ["Sources", "Tests"].flatMap { top -> [SourceFile] in
        var found: [SourceFile] = []
        collect(root.appendingPathComponent(top), top, into: &found)
        return found.sorted { $0.path < $1.path }
    }

    static var sources: [SourceFile] { files.filter(\.isSource) }

    /// Every file's path from the top of the repository, except built and hidden files, and what a symbolic link has from elsewhere in it; `.ci` is not hidden.
    static let paths: [String] = {
        var found: [String] = []
        list(root, "", into: &found)
        return found
    }()

    private static func list(_ folder: URL, _ prefix: String, into found: inout [String]) {
        for name in ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []).sorted() {
            guard !name.hasPrefix(".") || name == ".ci", name != "node_modules", name != "__pycache__" else { continue }
            let url = folder.appendingPathComponent(name)
            let type = (try? FileManager.default.attributesOfItem(atPath: url.path))?[.type] as? FileAttributeType
            if type == .typeSymbolicLink { continue }
            var isFolder: ObjCBool = false
            guard FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder) else { continue }
            if isFolder.boolValue { list(url, prefix + name + "/", into: &found) } else { found.append(prefix + name) }
        }
    }

    private static func collect(_ folder: URL, _ path: String, into found: inout [SourceFile]) {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        for name in names.sorted() where !name.hasPrefix(".") {
            let url = folder.appendingPathComponent(name)
            var isFolder: ObjCBool = false
            guard FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder) else { continue }
            if isFolder.boolValue {
                collect(url, path + "/" + name, into: &found)
            } else if name.hasSuffix(".swift"), let text = try? String(contentsOf: url, encoding: .utf8) {
                found.append(SourceFile(path: path + "/" + name, text: text))
            }
        }
    }
}
