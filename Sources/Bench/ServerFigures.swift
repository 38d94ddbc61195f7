// What the kernel reports about the server's process: processor time, memory, calls.
// Must not know why somebody asks.

import Platform
import UV

/// Figures of a process at one moment.
public struct ServerFigures: Hashable, Sendable {
    /// Processor time of all its threads, user and system.
    public var processorMicroseconds: Double
    public var residentBytes: UInt64
    /// Open descriptors; nil when their folder may not be read.
    public var descriptors: Int?
    /// Calls of the read and write families so far; nil when the kernel does not report it. Not all system calls: waiting is none of them.
    public var readWriteCalls: UInt64?

    /// nil when there is no such process, or it may not be looked at.
    public init?(pid: Int32) {
        guard let used = ProcessorTime.nanoseconds(of: pid), let memory = SystemFiles.read("/proc/\(pid)/statm"),
            let pages = Self.fields(memory).dropFirst().first.flatMap({ UInt64($0) })
        else { return nil }
        processorMicroseconds = Double(used) / 1e3
        residentBytes = pages * UInt64(SystemFiles.pageBytes)
        let open = FileTree.names(in: "/proc/\(pid)/fd").count
        descriptors = open > 0 ? open : nil
        readWriteCalls = SystemFiles.read("/proc/\(pid)/io").flatMap { Self.calls($0) }
    }

    /// `syscr` and `syscw` of /proc/PID/io.
    static func calls(_ io: [UInt8]) -> UInt64? {
        let fields = fields(io)
        func value(_ name: String) -> UInt64? {
            fields.firstIndex(of: name).flatMap { $0 + 1 < fields.count ? UInt64(fields[$0 + 1]) : nil }
        }
        guard let reads = value("syscr:"), let writes = value("syscw:") else { return nil }
        return reads + writes
    }

    private static func fields(_ bytes: [UInt8]) -> [String] {
        bytes.split { $0 <= 0x20 }.map { String(decoding: $0, as: UTF8.self) }
    }
}
