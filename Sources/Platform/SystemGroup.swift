// Groups of users, as the system knows them.
// Must not know what a group is allowed.

import LibC

/// Looks groups up.
public enum SystemGroup {
    /// The name of the group that a file belongs to; nil when there is no such file, or the group has no name.
    public static func name(ofFile path: String) -> String? {
        var facts = stat()
        guard stat(path, &facts) == 0 else { return nil }
        var entry = group()
        var found: UnsafeMutablePointer<group>?
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64 * 1024) { room in
            guard getgrgid_r(facts.st_gid, &entry, room.baseAddress, room.count, &found) == 0, found != nil else { return nil }
            return String(cString: entry.gr_name)
        }
    }

    /// The number of a group that is given by its name or its number; nil when there is none of that name.
    public static func identifier(of text: String) -> UInt32? {
        if !text.isEmpty, text.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) {
            // The greatest number means "leave it".
            return UInt32(text).flatMap { $0 == .max ? nil : $0 }
        }
        var entry = group()
        var found: UnsafeMutablePointer<group>?
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64 * 1024) { room in
            guard getgrnam_r(text, &entry, room.baseAddress, room.count, &found) == 0, found != nil else { return nil }
            return entry.gr_gid
        }
    }
}
