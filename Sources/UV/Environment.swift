// The variables that the process was started with.
// Must not know what they are for.

import CUV
import LibC

/// The environment.
public enum Environment {
    /// All variables by name.
    public static var variables: [String: String] {
        var items: UnsafeMutablePointer<uv_env_item_t>?
        var count: Int32 = 0
        guard uv_os_environ(&items, &count) == 0, let items else { return [:] }
        defer { uv_os_free_environ(items, count) }
        var variables: [String: String] = [:]
        for item in UnsafeBufferPointer(start: items, count: Int(count)) {
            variables[String(cString: item.name)] = String(cString: item.value)
        }
        return variables
    }

    /// Takes variables away. Only before there are other threads.
    public static func remove(_ names: [String]) { for name in names { unsetenv(name) } }
}
