// How many system calls another process makes, by the kernel's tracepoint, where it lets this user use that.
// Must not know why somebody counts.

import LibC

/// Counts from its making on, for the threads that the process has by then and those that these start.
public final class SystemCallCounter {
    /// Why nothing can be counted, in words.
    public struct Unavailable: Error, Hashable, Sendable {
        public var reason: String
    }

    private var descriptors: [Int32] = []

    #if os(Linux)
        private static let points = ["/sys/kernel/tracing", "/sys/kernel/debug/tracing"].map { $0 + "/events/raw_syscalls/sys_enter/id" }
        /// `perf_event_open` of the machine's kernel.
        private static var number: Int {
            #if arch(x86_64)
                298
            #else
                241
            #endif
        }
    #endif

    public init(pid: Int32) throws(Unavailable) {
        #if os(Linux)
            guard let text = Self.points.lazy.compactMap({ SystemFiles.read($0) }).first,
                let point = UInt64(String(decoding: text.filter { $0 > 0x20 }, as: UTF8.self))
            else { throw Unavailable(reason: "tracefs is not mounted, or not for this user") }
            let threads = Self.threads(of: pid)
            guard !threads.isEmpty else { throw Unavailable(reason: "there is no process \(pid)") }
            for thread in threads {
                var event = perf_event_attr()
                event.type = UInt32(PERF_TYPE_TRACEPOINT.rawValue)
                event.size = UInt32(MemoryLayout<perf_event_attr>.size)
                event.config = point
                event.inherit = 1
                let descriptor = Int32(plugboard_perf_event_open(Self.number, &event, thread, -1, -1, 8))
                guard descriptor >= 0 else {
                    let reason = String(cString: strerror(errno))
                    for descriptor in descriptors { close(descriptor) }
                    descriptors = []
                    throw Unavailable(reason: "perf_event_open: \(reason)")
                }
                descriptors.append(descriptor)
            }
        #else
            throw Unavailable(reason: "only Linux counts them")
        #endif
    }

    deinit { for descriptor in descriptors { close(descriptor) } }

    /// Calls so far.
    public var count: UInt64 {
        var sum: UInt64 = 0
        for descriptor in descriptors {
            var value: UInt64 = 0
            if LibC.read(descriptor, &value, 8) == 8 { sum += value }
        }
        return sum
    }

    private static func threads(of pid: Int32) -> [Int32] {
        FileTree.names(in: "/proc/\(pid)/task").compactMap { Int32($0) }
    }
}
