// Which program listens on a port, as far as this user may know: for the one line about a busy port.
// Must not fail; its caller can do without the answer.

import Platform
import UV

/// Looks a port's holder up in /proc.
enum PortHolder {
    /// "intiface-engine (process 4711)", or nil.
    static func find(_ port: UInt16) -> String? {
        let inodes = ["/proc/net/tcp", "/proc/net/tcp6"].flatMap { listening(on: port, in: $0) }
        guard !inodes.isEmpty else { return nil }
        for process in FileTree.names(in: "/proc").compactMap({ Int32($0) }) {
            let folder = "/proc/\(process)/fd"
            for descriptor in FileTree.names(in: folder) {
                guard let target = FileTree.target(ofLink: "\(folder)/\(descriptor)"), inodes.contains(target) else { continue }
                let name = text("/proc/\(process)/comm").map { $0.filter { $0 != "\n" } }
                return "\(name ?? "a program") (process \(process))"
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
