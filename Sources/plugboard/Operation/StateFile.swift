// Where the router's memory survives a restart: one small file, replaced as a whole.
// Must not know what the state says; the router writes and reads it as bytes.

import Platform
import Router
import UV

/// The state file. A crash leaves the old one or the new one, never half of either.
struct StateFile {
    let path: String

    struct Unreadable: Error {
        var reason: String
        var exitStatus: ExitStatus
    }

    /// The state an earlier router left; an empty one when there is none.
    func read() throws(Unreadable) -> RouterState {
        let bytes: [UInt8]
        do throws(UVError) {
            bytes = try Descriptor.contents(of: path, limit: Self.bytesMax)
        } catch {
            if error.isNotFound { return RouterState() }
            throw Unreadable(
                reason: "state file \(path): \(error.sentence)", exitStatus: error.isPermissionDenied ? .permission : .inputOutput)
        }
        guard bytes.count <= Self.bytesMax else {
            throw Unreadable(reason: "state file \(path) is too large to be one", exitStatus: .badData)
        }
        do throws(RouterState.Malformed) { return try RouterState.decoded(bytes) } catch {
            throw Unreadable(
                reason: "state file \(path) is damaged, \(error): repair it, or move it away, which forgets the devices' indices and a"
                    + " raised emergency stop", exitStatus: .badData)
        }
    }

    /// Keeps other routers from this file for as long as the process lives: two would forget each other's emergency stop. A folder
    /// that cannot be written to is no error here; keeping the state will report it.
    /// - Returns: That another router has it; nil when it is ours.
    func claim() -> Unreadable? {
        guard makeFolder() == nil else { return nil }
        guard let file = try? Descriptor(opening: path + ".lock", for: .locking), !file.lock() else { return nil }
        file.close()
        return Unreadable(
            reason: "state file \(path) is in use by another router: give this one its own with --state-file FILE, or none with"
                + " --state-file ''", exitStatus: .unavailable)
    }

    /// Why the file could not be written now, as far as that shows without writing it.
    var trouble: String? {
        if let reason = makeFolder() { return reason }
        let named = FileTree.folder(of: path)
        let folder = named.isEmpty ? (path.hasPrefix("/") ? "/" : ".") : named
        return FileTree.isWritable(folder) ? nil : "\(folder) cannot be written to"
    }

    /// Why the file could not be written, without making anything: a folder that is not there yet stays so.
    var obstacle: String? {
        var folder = FileTree.folder(of: path.hasPrefix("/") ? path : "./" + path)
        while FileTree.isAbsent(folder.isEmpty ? "/" : folder), !folder.isEmpty { folder = FileTree.folder(of: folder) }
        if folder.isEmpty { folder = "/" }
        guard FileTree.isFolder(folder) else { return "\(folder) is not a folder" }
        return FileTree.isWritable(folder) ? nil : "\(folder) cannot be written to"
    }

    /// Makes the folder of the file. Returns why it could not, or nil.
    private func makeFolder() -> String? {
        let folder = FileTree.folder(of: path)
        guard !folder.isEmpty else { return nil }
        do throws(UVError) {
            try FileTree.makeFolder(folder, mode: 0o700)
            return nil
        } catch { return "\(folder) cannot be made" }
    }

    /// Replaces the file. Returns why it could not, or nil.
    func write(_ state: RouterState) -> String? {
        if let reason = makeFolder() { return reason }
        do throws(UVError) {
            try FileTree.replace(path, with: state.encoded())
            return nil
        } catch { return error.sentence }
    }

    /// The router has at most 65,536 indices.
    private static let bytesMax = 64 << 20
}
