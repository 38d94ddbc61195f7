// Shared by tests of the command line: a folder of their own, and settings from a text.
// Must not know what is tested.

import Foundation

@testable import plugboard

/// The top of the repository.
let repository = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

/// A folder that is removed at the end of the test.
final class Folder {
    let path: String

    init() {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("plugboard-\(UUID().uuidString)").path
        try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Writes a file and returns its path.
    func file(_ name: String, _ text: String) throws -> String { try file(name, Data(text.utf8)) }

    func file(_ name: String, _ bytes: Data) throws -> String {
        let url = URL(fileURLWithPath: path).appendingPathComponent(name)
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try bytes.write(to: url)
        return url.path
    }

    func text(_ name: String) throws -> String {
        try String(contentsOf: URL(fileURLWithPath: path).appendingPathComponent(name), encoding: .utf8)
    }
}

/// Settings from a text, without any of this machine's files or variables.
func settings(
    _ text: String, environment: [String: String] = [:], flags: [FlagValue] = []
) throws -> LoadedSettings {
    let folder = Folder()
    return try SettingsLoader(environment: environment).load(file: folder.file("plugboard.toml", text), flags: flags)
}

/// The problems of a text, without the file's name: "2:1: unknown key …".
func problems(_ text: String) throws -> [String] {
    let folder = Folder()
    let path = try folder.file("plugboard.toml", text)
    do throws(ConfigurationRefused) {
        _ = try SettingsLoader(environment: [:]).load(file: path)
        return []
    } catch {
        return error.problems.map { $0.description.replacingOccurrences(of: path + ":", with: "") }
    }
}
