// Which program listens on a port, as far as this user may know: for the one line about a busy port.
// Must not fail; whoever asks can do without the answer.

import Foundation

/// Looks a port's holder up in /proc.
enum PortHolder {
    /// "intiface-engine (process 4711)", or nil.
    static func find(_ port: UInt16) -> String? {
        let inodes = ["/proc/net/tcp", "/proc/net/tcp6"].flatMap { listening(on: port, in: $0) }
        guard !inodes.isEmpty, let names = try? FileManager.default.contentsOfDirectory(atPath: "/proc") else { return nil }
        for process in names.compactMap({ Int32($0) }) {
            let folder = "/proc/\(process)/fd"
            guard let descriptors = try? FileManager.default.contentsOfDirectory(atPath: folder) else { continue }
            for descriptor in descriptors {
                guard let target = try? FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/\(descriptor)"),
                    inodes.contains(target)
                else { continue }
                let name = try? String(contentsOfFile: "/proc/\(process)/comm", encoding: .utf8)
                return "\(name?.trimmingCharacters(in: .whitespacesAndNewlines) ?? "a program") (process \(process))"
            }
        }
        return nil
    }

    /// What the descriptors of sockets listening on `port` point to ("socket:[123]").
    private static func listening(on port: UInt16, in table: String) -> [String] {
        guard let text = try? String(contentsOfFile: table, encoding: .utf8) else { return [] }
        let suffix = String(format: ":%04X", port)
        return text.split(separator: "\n").dropFirst().compactMap { line in
            let fields = line.split(separator: " ", omittingEmptySubsequences: true)
            // Local address, then remote address, then the state; 0A is listening. The tenth is the inode.
            guard fields.count > 9, fields[1].hasSuffix(suffix), fields[3] == "0A" else { return nil }
            return "socket:[\(fields[9])]"
        }
    }
}
