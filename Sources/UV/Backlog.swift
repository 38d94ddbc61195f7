// What the kernel did not take of one stream's bytes: a part libuv is writing and a part that waits after it.
// Must not know frames; it moves bytes.

import CUV

/// Copies of bytes that wait for a peer. Exists only while there are some.
final class Backlog {
    /// libuv's request; its memory is here, so a stream with a backlog costs no allocation per write.
    let request: UnsafeMutablePointer<uv_write_t>
    /// True while libuv has `writing`.
    var isWriting = false
    private var writing = Bytes()
    private var waiting = Bytes()

    init() {
        request = .allocate(capacity: 1)
    }

    deinit {
        precondition(!isWriting, "memory freed under a write")
        request.deallocate()
        writing.free()
        waiting.free()
    }

    /// Bytes that libuv does not have yet.
    var waitingBytes: Int { waiting.count }

    /// Every byte that was appended so far.
    private(set) var appendedBytes = 0

    func append(_ bytes: UnsafeRawBufferPointer) {
        waiting.append(bytes)
        appendedBytes += bytes.count
    }

    /// Moves what waits to where libuv may read it, and returns it.
    func takeWaiting() -> uv_buf_t {
        swap(&writing, &waiting)
        waiting.count = 0
        if waiting.capacity > 256 * 1024 { waiting.free() }
        return uv_buf_t(base: writing.base?.assumingMemoryBound(to: CChar.self), len: writing.count)
    }

    /// A growing piece of memory.
    private struct Bytes {
        var base: UnsafeMutableRawPointer?
        var capacity = 0
        var count = 0

        mutating func append(_ bytes: UnsafeRawBufferPointer) {
            guard let source = bytes.baseAddress, bytes.count > 0 else { return }
            if count + bytes.count > capacity {
                let larger = max(4096, capacity * 2, count + bytes.count)
                let fresh = UnsafeMutableRawPointer.allocate(byteCount: larger, alignment: 16)
                if let base {
                    fresh.copyMemory(from: base, byteCount: count)
                    base.deallocate()
                }
                base = fresh
                capacity = larger
            }
            base.unsafelyUnwrapped.advanced(by: count).copyMemory(from: source, byteCount: bytes.count)
            count += bytes.count
        }

        mutating func free() {
            base?.deallocate()
            base = nil
            capacity = 0
            count = 0
        }
    }
}
