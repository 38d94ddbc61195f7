// Where the router's memory survives a restart: one small file, replaced as a whole.
// Must not know what the state says; the router writes and reads it as bytes.

import Foundation
import Router

/// The state file. A crash leaves the old one or the new one, never half of either.
struct StateFile {
    let path: String

    struct Unreadable: Error {
        var reason: String
        var exitStatus: ExitStatus
    }

    /// The state an earlier router left; an empty one when there is none.
    func read() throws(Unreadable) -> RouterState {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            if errno == ENOENT { return RouterState() }
            let isForbidden = errno == EACCES || errno == EPERM
            throw Unreadable(reason: "state file \(path): \(Self.lastError)", exitStatus: isForbidden ? .permission : .inputOutput)
        }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while bytes.count <= Self.bytesMax {
            let count = Foundation.read(descriptor, &chunk, chunk.count)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw Unreadable(reason: "state file \(path): \(Self.lastError)", exitStatus: .inputOutput) }
            if count == 0 { break }
            bytes += chunk[..<count]
        }
        guard bytes.count <= Self.bytesMax else {
            throw Unreadable(reason: "state file \(path) is too large to be one", exitStatus: .badData)
        }
        do throws(RouterState.Malformed) { return try RouterState.decoded(bytes) } catch {
            throw Unreadable(
                reason: "state file \(path) is damaged, \(error): mend it, or move it away, which forgets the devices' indices and a"
                    + " raised emergency stop", exitStatus: .badData)
        }
    }

    /// Keeps other routers from this file for as long as the process lives: two would forget each other's emergency stop. A folder
    /// that cannot be written to is no obstacle here; keeping the state will say so.
    func claim() throws(Unreadable) {
        guard makeFolder() == nil else { return }
        let descriptor = open(path + ".lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return }
        guard flock(descriptor, LOCK_EX | LOCK_NB) != 0, errno == EWOULDBLOCK else { return }
        close(descriptor)
        throw Unreadable(
            reason: "state file \(path) is in use by another router: give this one its own with --state-file FILE, or none with"
                + " --state-file ''", exitStatus: .unavailable)
    }

    /// Makes the folder of the file. Returns why it could not, or nil.
    private func makeFolder() -> String? {
        let folder = (path as NSString).deletingLastPathComponent
        guard !folder.isEmpty, !FileManager.default.fileExists(atPath: folder) else { return nil }
        do {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            return nil
        } catch {
            return "\(folder) cannot be made"
        }
    }

    /// Replaces the file. Returns why it could not, or nil.
    func write(_ state: RouterState) -> String? {
        if let reason = makeFolder() { return reason }
        let fresh = path + ".new"
        let descriptor = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return Self.lastError }
        var failure = Self.writeAll(state.encoded(), to: descriptor)
        if failure == nil, fsync(descriptor) != 0 { failure = Self.lastError }
        close(descriptor)
        if failure == nil, rename(fresh, path) != 0 { failure = Self.lastError }
        if failure != nil { unlink(fresh) }
        return failure
    }

    /// The router has at most 65,536 indices.
    private static let bytesMax = 64 << 20

    private static func writeAll(_ bytes: [UInt8], to descriptor: Int32) -> String? {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return count == 0 ? "nothing was written" : lastError }
            rest = rest.dropFirst(count)
        }
        return nil
    }

    private static var lastError: String { String(cString: strerror(errno)) }
}
