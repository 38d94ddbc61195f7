// Names in the file system: what is there, folders, links, and replacing one file by another.
// Must not know what is in the files.

import LibC
import UV

/// Paths and what they lead to.
public enum FileTree {
    /// Whether there is nothing of that name. What cannot be looked at, for want of a permission, may be there.
    public static func isAbsent(_ path: String) -> Bool { access(path, F_OK) != 0 && (errno == ENOENT || errno == ENOTDIR) }

    /// Whether this process may make and replace files in a folder.
    public static func isWritable(_ folder: String) -> Bool { access(folder, W_OK | X_OK) == 0 }

    /// The path of what a file lies in: "/a" of "/a/b"; empty of "b" and of "/b".
    public static func folder(of path: String) -> String { path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "" }

    /// Makes a folder, and those it lies in, where there are none.
    public static func makeFolder(_ path: String, mode: UInt32 = 0o777) throws(UVError) {
        if isFolder(path) { return }
        let parent = folder(of: path)
        if !parent.isEmpty { try makeFolder(parent, mode: mode) }
        if mkdir(path, mode_t(mode)) == 0 { return }
        let error = UVError(-errno, in: "mkdir")
        // Somebody else may have made it at the same time.
        if !isFolder(path) { throw error }
    }

    /// Whether there is a folder of that name.
    public static func isFolder(_ path: String) -> Bool { kind(path) == S_IFDIR }

    /// Whether it is a character device, as a serial line is one; follows symbolic links.
    public static func isCharacterDevice(_ path: String) -> Bool { kind(path) == S_IFCHR }

    private static func kind(_ path: String) -> mode_t {
        var facts = stat()
        return stat(path, &facts) == 0 ? facts.st_mode & S_IFMT : 0
    }

    /// The names in a folder, in no order; empty when it cannot be read.
    public static func names(in path: String) -> [String] {
        guard let folder = opendir(path) else { return [] }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    /// What a symbolic link says.
    public static func target(ofLink path: String) -> String? {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(PATH_MAX) + 1) { buffer in
            guard let pointer = buffer.baseAddress else { return nil }
            let count = readlink(path, pointer, buffer.count - 1)
            guard count >= 0 else { return nil }
            pointer[count] = 0
            return String(cString: pointer)
        }
    }

    /// The file that a path leads to, without links; the path itself when there is none.
    public static func realPath(_ path: String) -> String {
        guard let found = realpath(path, nil) else { return path }
        defer { free(found) }
        return String(cString: found)
    }

    /// Gives a file another name, in place of what may have that one.
    public static func move(_ path: String, to other: String) throws(UVError) {
        if rename(path, other) != 0 { throw UVError(-errno, in: "rename") }
    }

    /// Gives a file to the owner of its folder, where root has made it for the user of a service.
    public static func giveToFolderOwner(_ path: String) {
        var facts = stat()
        let parent = folder(of: path)
        guard geteuid() == 0, stat(parent.isEmpty ? "." : parent, &facts) == 0, facts.st_uid != 0 else { return }
        _ = lchown(path, facts.st_uid, facts.st_gid)
    }

    /// Replaces an old file by a new one of mode 0600. A reader finds the one or the other, also after a crash.
    public static func replace(_ path: String, with bytes: [UInt8]) throws(UVError) {
        let fresh = path + ".new"
        let file = try Descriptor(opening: fresh, for: .replacing)
        do throws(UVError) {
            defer { file.close() }
            if let refusal = bytes.withUnsafeBytes({ file.write($0) }).refusal { throw refusal }
            try file.synchronize()
            if rename(fresh, path) != 0 { throw UVError(-errno, in: "rename") }
        } catch {
            unlink(fresh)
            throw error
        }
        // After a loss of power, too, the name is the new file's. A file system that cannot promise that has the file all the same.
        let parent = path.hasPrefix("/") ? folder(of: path) + "/" : folder(of: "./" + path)
        guard let parent = try? Descriptor(opening: parent, for: .reading) else { return }
        try? parent.synchronize()
        parent.close()
    }
}
