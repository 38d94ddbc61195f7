// The program's own code and constants in memory: the kernel keeps what was touched once, be it only at the start.
// Must not touch pages that can be written; what they hold is nowhere else.

import CUV
import Glibc

/// The pages of the program's file that this process has mapped.
public enum ProgramPages {
    /// Lets go of all of them. What is used again comes back from the kernel's cache of the file, 64 KiB for each fault of some
    /// microseconds; what only the start needed stays away.
    public static func letGo() {
        let address = getauxval(UInt(AT_PHDR))
        let headers = UnsafeBufferPointer(start: UnsafePointer<Elf64_Phdr>(bitPattern: address), count: Int(getauxval(UInt(AT_PHNUM))))
        guard let own = headers.first(where: { $0.p_type == PT_PHDR }) else { return }
        let base = address - UInt(own.p_vaddr)
        let page = UInt(SystemFiles.pageBytes)
        for segment in headers where segment.p_type == PT_LOAD && segment.p_flags & UInt32(PF_W) == 0 {
            let first = (base + UInt(segment.p_vaddr)) / page * page
            let end = base + UInt(segment.p_vaddr + segment.p_memsz)
            madvise(UnsafeMutableRawPointer(bitPattern: first), Int(end - first), MADV_DONTNEED)
        }
    }
}
