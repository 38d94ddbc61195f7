// Which program listens on a port or has a serial one open, as far as this user may know: for the one line about a busy port.
// Must not fail; its caller can do without the answer.

import Platform
import UV

/// A program that has a port.
struct PortHolder: Hashable, CustomStringConvertible {
    /// As the system names it: at most 15 bytes.
    var program: String
    var process: Int32

    /// "intiface-engine (process 4711)".
    var description: String { "\(program) (process \(process))" }
    var isPlugboard: Bool { program == "plugboard" }
    var isIntiface: Bool { program.lowercased().hasPrefix("intiface") }

    /// Looks a port's holder up in /proc; nil when it is another user's, or the port is free.
    static func find(_ port: UInt16) -> PortHolder? {
        let inodes = ["/proc/net/tcp", "/proc/net/tcp6"].flatMap { listening(on: port, in: $0) }
        return inodes.isEmpty ? nil : find { inodes.contains($0) }
    }

    /// Looks up who has a file open; nil when it is another user, or nobody.
    static func find(opening path: String) -> PortHolder? { find { $0 == path } }

    private static func find(_ isMeant: (_ target: String) -> Bool) -> PortHolder? {
        for process in FileTree.names(in: "/proc").compactMap({ Int32($0) }) {
            let folder = "/proc/\(process)/fd"
            for descriptor in FileTree.names(in: folder) {
                guard let target = FileTree.target(ofLink: "\(folder)/\(descriptor)"), isMeant(target) else { continue }
                let name = text("/proc/\(process)/comm").map { $0.filter { $0 != "\n" } }
                return PortHolder(program: name ?? "a program", process: process)
            }
        }
        return nil
    }

    /// What the descriptors of sockets listening on `port` point to ("socket:[123]").
    private static func listening(on port: UInt16, in table: String) -> [String] {
        let suffix = ":" + hexadecimal(port)
        return (text(table) ?? "").split(separator: "\n").dropFirst().compactMap { line in
            let fields = line.split(separator: " ", omittingEmptySubsequences: true)
            // Local address, then remote address, then the state; 0A is listening. The tenth is the inode.
            guard fields.count > 9, fields[1].hasSuffix(suffix), fields[3] == "0A" else { return nil }
            return "socket:[\(fields[9])]"
        }
    }

    private static func text(_ path: String) -> String? { SystemFiles.read(path).map { String(decoding: $0, as: UTF8.self) } }
}
