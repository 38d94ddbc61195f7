// What every libuv handle has in common: memory of its own, a Swift owner kept while it is open, an end in two phases.
// Must not know which kind of handle it is.

import CUV

/// A libuv handle and its Swift object. While libuv knows the handle it keeps this object alive; `close()` asks libuv to
/// let go, and only libuv's close callback frees the memory.
public class Handle {
    /// Where a handle is in its life.
    enum Phase: UInt8 {
        /// libuv does not know it. Can turn into: open.
        case fresh
        /// libuv knows it and keeps the object alive. Can turn into: closing.
        case open
        /// `uv_close` was called. Can turn into: closed.
        case closing
        /// The close callback came; the memory is gone.
        case closed
    }

    /// The loop the handle belongs to.
    public let loop: Loop
    let raw: UnsafeMutablePointer<uv_handle_t>
    @exclusivity(unchecked) private(set) final var phase = Phase.fresh

    init(_ kind: uv_handle_type, on loop: Loop) {
        self.loop = loop
        let memory = UnsafeMutableRawPointer.allocate(byteCount: uv_handle_size(kind), alignment: 16)
        raw = memory.bindMemory(to: uv_handle_t.self, capacity: 1)
    }

    deinit {
        precondition(phase == .fresh || phase == .closed, "an open handle lost its owner")
        if phase == .fresh { UnsafeMutableRawPointer(raw).deallocate() }
    }

    /// True until `close()`.
    public final var isOpen: Bool { phase == .open }

    /// Called with the result of `uv_…_init`: from here on libuv keeps this object alive.
    final func opened(_ status: Int32, _ call: String) throws(UVError) {
        try UVError.check(status, call)
        phase = .open
        loop.openHandles += 1
        raw.pointee.data = Unmanaged.passRetained(self).toOpaque()
    }

    /// Lets go of the handle. A second call does nothing. No callback of the handle comes after this.
    public final func close() {
        guard phase == .open else { return }
        willClose()
        uv_close(raw, Handle.onClose)
    }

    /// Marks the handle as closing; the caller hands it to libuv's close function with `onClose`.
    final func willClose() {
        phase = .closing
        closing()
    }

    /// For subclasses: the handle is about to close.
    func closing() {}

    /// For subclasses: the handle is closed; nothing of libuv refers to it any more.
    func didClose() {}

    static let onClose: uv_close_cb = { raw in
        let handle = Unmanaged<Handle>.fromOpaque(raw.unsafelyUnwrapped.pointee.data).takeRetainedValue()
        handle.phase = .closed
        handle.loop.openHandles -= 1
        handle.didClose()
        UnsafeMutableRawPointer(handle.raw).deallocate()
    }

    /// The object that owns a callback's handle, without counting references.
    @inline(__always)
    static func with<Kind: Handle>(
        _ data: UnsafeMutableRawPointer?, as kind: Kind.Type, _ body: (Kind) -> Void
    ) {
        Unmanaged<Kind>.fromOpaque(data.unsafelyUnwrapped)._withUnsafeGuaranteedRef(body)
    }
}
