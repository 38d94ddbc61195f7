// The program's own code and constants in memory, its libraries' among them: the kernel keeps what was used once,
// even if only at the start.
// Must not touch pages that can be written; what they hold is nowhere else.

import LibC

/// The pages of the program's files that this process has mapped.
public enum ProgramPages {
    /// Lets go of all of them. What is used again comes back from the kernel's cache of the file, 64 KiB for each fault of some
    /// microseconds; what only the start needed stays away. Elsewhere than on Linux it does nothing.
    public static func letGo() {
        #if os(Linux)
            _ = plugboard_each_mapped_file(
                { file, _, _ in
                    guard let file = file?.pointee else { return 0 }
                    let page = UInt(SystemFiles.pageBytes)
                    for segment in UnsafeBufferPointer(start: file.headers, count: Int(file.header_count))
                    where segment.p_type == PT_LOAD && segment.p_flags & UInt32(PF_W) == 0 {
                        let first = (UInt(file.base) + UInt(segment.p_vaddr)) / page * page
                        let end = UInt(file.base) + UInt(segment.p_vaddr + segment.p_memsz)
                        madvise(UnsafeMutableRawPointer(bitPattern: first), Int(end - first), MADV_DONTNEED)
                    }
                    return 0
                }, nil)
        #endif
    }
}
