// libuv's fs_event: a call each time somebody writes to a file.
// Must not know what the file holds; who watches reads it.

import CUV

/// Calls back on the loop after a file has changed. Changes that come close together may be one call.
public final class FileWatcher: Handle {
    private let changed: () -> Void

    public init(on loop: Loop, path: String, _ changed: @escaping () -> Void) throws(UVError) {
        self.changed = changed
        super.init(UV_FS_EVENT, on: loop)
        let event = UnsafeMutableRawPointer(raw).assumingMemoryBound(to: uv_fs_event_t.self)
        try opened(uv_fs_event_init(loop.raw, event), "uv_fs_event_init")
        let status = uv_fs_event_start(
            event,
            { raw, _, _, _ in Handle.with(raw.unsafelyUnwrapped.pointee.data, as: FileWatcher.self) { $0.changed() } }, path, 0)
        if status < 0 {
            close()
            throw UVError(status, in: "watch \(path)")
        }
    }
}
