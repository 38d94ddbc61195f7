// What a process must be sure of before it opens anything, regardless of how it was started.
// Must not know what the process is for.

import LibC

/// The state in which a process was started.
public enum Launch {
    /// Opens descriptors 0 to 2 where they are closed, and ignores the signals by which a write can stop or end the process. To be called
    /// first: a file or a socket opened before could have become a standard stream.
    public static func makeSafe() {
        for number in 0...2 as ClosedRange<Int32> where fcntl(number, F_GETFD) < 0 && errno == EBADF {
            // The lowest number that is free is this one. Where there is no /dev, another directory serves as well.
            if open("/dev/null", O_RDWR) < 0 { _ = open("/", O_RDONLY) }
        }
        // A peer that has gone; a terminal with `tostop`, written to or read from the background; a file as long as it may be.
        for number in [SIGPIPE, SIGTTOU, SIGTTIN, SIGXFSZ] { signal(number, SIG_IGN) }
    }

    /// Whether the process was started so as to outlive its terminal, as `nohup` does. To be asked before the signal is watched.
    public static var ignoresHangUp: Bool {
        var action = sigaction()
        guard sigaction(SIGHUP, nil, &action) == 0 else { return false }
        #if canImport(Glibc)
            let handler = action.__sigaction_handler.sa_handler
        #elseif os(Linux)
            let handler = action.__sa_handler.sa_handler
        #else
            let handler = action.__sigaction_u.__sa_handler
        #endif
        return unsafeBitCast(handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
    }

    /// The number of this process.
    public static var processNumber: Int32 { getpid() }
}
