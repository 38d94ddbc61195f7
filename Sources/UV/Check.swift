// libuv's check: one call in every turn, right after everything that was ready has been read.
// Must not know what the turn was about; the loop does.

import CUV

/// Calls the loop's `endTurn` once per turn, after the poll. Started at once. Checks run in the reverse order of their creation,
/// which is why the loop has one and hands it on.
final class Check: Handle {
    init(on loop: Loop) throws(UVError) {
        super.init(UV_CHECK, on: loop)
        let check = UnsafeMutableRawPointer(raw).assumingMemoryBound(to: uv_check_t.self)
        try opened(uv_check_init(loop.raw, check), "uv_check_init")
        uv_check_start(check) { raw in Handle.with(raw.unsafelyUnwrapped.pointee.data, as: Check.self) { $0.loop.endTurn() } }
    }
}
