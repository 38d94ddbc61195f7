// The C library of the system that this is built for, under one name; on Linux also what only Linux has.
// Must not declare anything. Others import this module and never the library by its own name.

#if canImport(Glibc)
    @_exported import Glibc
#elseif canImport(Musl)
    @_exported import Musl
#else
    @_exported import Darwin
#endif

#if os(Linux)
    @_exported import CLinux
#endif
