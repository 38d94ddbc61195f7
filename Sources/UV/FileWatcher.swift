// libuv's fs_event: a call each time somebody writes to a file.
// Must not know what the file holds; who watches reads it.

import CUV

/// Calls back on the loop after a file has changed. Changes that come close together may be one call.
public final class FileWatcher: Handle {
    private let path: String
    private let changed: () -> Void

    private var event: UnsafeMutablePointer<uv_fs_event_t> {
        UnsafeMutableRawPointer(raw).assumingMemoryBound(to: uv_fs_event_t.self)
    }

    /// Begins to watch.
    public init(on loop: Loop, path: String, _ changed: @escaping () -> Void) throws(UVError) {
        self.path = path
        self.changed = changed
        super.init(UV_FS_EVENT, on: loop)
        try opened(uv_fs_event_init(loop.raw, UnsafeMutableRawPointer(raw).assumingMemoryBound(to: uv_fs_event_t.self)), "uv_fs_event_init")
        do throws(UVError) { try resume() } catch {
            close()
            throw error
        }
    }

    /// Watches again after `pause`. What was written meanwhile is not told.
    public func resume() throws(UVError) {
        guard isOpen else { return }
        try UVError.check(
            uv_fs_event_start(
                event,
                { raw, _, _, _ in Handle.with(raw.unsafelyUnwrapped.pointee.data, as: FileWatcher.self) { $0.changed() } }, path, 0),
            "watch \(path)")
    }

    /// Stops watching until `resume`: a file that somebody writes to all the time would wake the loop all the time.
    public func pause() {
        if isOpen { uv_fs_event_stop(event) }
    }
}
