// Where configuration and state lie, and how a configuration file is read: whole, small, and as text.
// Must not know their content.

import Platform
import UV

/// The paths of the XDG base directories and of systemd, and the reading of one file.
struct ConfigurationFiles: Sendable {
    /// The last path where a configuration is looked for.
    var systemFile = "/etc/plugboard/plugboard.toml"
    /// A configuration has some kilobytes.
    static let bytesMax = 1 << 20

    /// The first of the usual paths where there is a file, or may be one that cannot be looked at: that is for `read` to refuse, so that
    /// its limits are not ignored without a message.
    func find(_ environment: [String: String]) -> String? { usual(environment).first { !FileTree.isAbsent($0) } }

    /// The usual paths, the first to be looked at first.
    func usual(_ environment: [String: String]) -> [String] {
        let home = Self.directory(environment, "XDG_CONFIG_HOME", orHome: ".config").map { $0 + "/plugboard/plugboard.toml" }
        return [home, systemFile].compactMap { $0 }
    }

    /// Where the state file is by default; nil when there is no home.
    static func stateFile(_ environment: [String: String]) -> String? {
        if let directory = environment["STATE_DIRECTORY"]?.split(separator: ":").first { return directory + "/state" }
        return directory(environment, "XDG_STATE_HOME", orHome: ".local/state").map { $0 + "/plugboard/state" }
    }

    private static func directory(_ environment: [String: String], _ name: String, orHome path: String) -> String? {
        // The specification says that a relative path is to be ignored.
        if let directory = environment[name], directory.hasPrefix("/") { return directory }
        return environment["HOME"].flatMap { $0.hasPrefix("/") ? $0 + "/" + path : nil }
    }

    /// Reads a configuration file; refuses what is none before reading it.
    func read(_ path: String) throws(ConfigurationRefused) -> String {
        func refused(_ reason: String, _ exitCode: ExitStatus = .configuration, at position: SourcePosition = SourcePosition())
            -> ConfigurationRefused
        {
            ConfigurationRefused(problems: [.init(origin: .file(path, position), reason: reason)], exitCode: exitCode)
        }
        func unreadable(_ error: UVError) -> ConfigurationRefused {
            refused("cannot be read: \(error.sentence)", error.isPermissionDenied ? .permission : .configuration)
        }
        let file: Descriptor
        do throws(UVError) { file = try Descriptor(opening: path, for: .reading) } catch { throw unreadable(error) }
        defer { file.close() }
        guard let size = file.fileBytes else { throw refused("is not a regular file") }
        guard size <= Self.bytesMax else { throw refused("is \(size) bytes long; a configuration has at most \(Self.bytesMax)") }
        let bytes: [UInt8]
        do throws(UVError) { bytes = try file.read(limit: Self.bytesMax) } catch { throw unreadable(error) }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw refused("is not UTF-8", at: Self.position(in: bytes, of: Self.validLength(bytes)))
        }
        if let zero = bytes.firstIndex(of: 0) { throw refused("contains a zero byte", at: Self.position(in: bytes, of: zero)) }
        return text
    }

    /// How many bytes at the start are good text.
    private static func validLength(_ bytes: [UInt8]) -> Int {
        var length = 0
        var decoder = UTF8()
        var rest = bytes.makeIterator()
        while case .scalarValue(let scalar) = decoder.decode(&rest) { length += UTF8.width(scalar) }
        return length
    }

    private static func position(in bytes: [UInt8], of index: Int) -> SourcePosition {
        var position = SourcePosition()
        for byte in bytes[..<index] {
            if byte == UInt8(ascii: "\n") {
                position = SourcePosition(line: position.line + 1, column: 1)
            } else if byte & 0xC0 != 0x80 {
                position.column += 1
            }
        }
        return position
    }
}
