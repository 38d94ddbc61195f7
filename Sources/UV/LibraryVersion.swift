// Which libuv this process runs with, for people who report a defect.
// Must not know who asks.

import CUV

/// The libuv that is loaded.
public enum LibraryVersion {
    /// "1.44.2".
    public static var text: String { String(cString: uv_version_string()) }
}
