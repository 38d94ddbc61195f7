// What a small process needs that must outlive another one: signals that do not end it, a name, and writing where it cannot know what for.
// Must not know what is written. Nothing here allocates or waits, but `drain`.

import LibC
import UV

/// Calls for a process that must do one thing before it ends.
public enum LastDuty {
    /// What became of bytes.
    public enum Outcome: Hashable, Sendable {
        case took(Int)
        /// It takes nothing now.
        case full
        /// It takes nothing.
        case refused
    }

    /// Makes this process one that only the kernel and SIGKILL end early, and holds no folder. `name` is what lists of processes
    /// show, at most 15 bytes.
    public static func begin(name: StaticString) {
        for number in [SIGTERM, SIGINT, SIGHUP, SIGPIPE, SIGQUIT, SIGTTOU] { signal(number, SIG_IGN) }
        var all = sigset_t()
        sigfillset(&all)
        sigdelset(&all, SIGALRM)
        sigprocmask(SIG_SETMASK, &all, nil)
        #if os(Linux)
            _ = plugboard_prctl(PR_SET_NAME, UInt(bitPattern: name.utf8Start), 0, 0, 0)
        #endif
        _ = chdir("/")
    }

    /// From here on the descriptor does not wait.
    public static func makeQuick(_ descriptor: Int32) {
        let flags = fcntl(descriptor, F_GETFL)
        if flags >= 0, flags & O_NONBLOCK == 0 { _ = fcntl(descriptor, F_SETFL, flags | O_NONBLOCK) }
    }

    /// Writes to a socket, a serial line or a file, in one call.
    public static func write(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) -> Outcome {
        while true {
            var count = send(descriptor, bytes.baseAddress, bytes.count, SocketCalls.sendFlags | Int32(MSG_DONTWAIT))
            if count < 0, errno == ENOTSOCK { count = LibC.write(descriptor, bytes.baseAddress, bytes.count) }
            if count >= 0 { return .took(count) }
            switch errno {
            case EINTR: continue
            case EAGAIN, ENOBUFS: return .full
            default: return .refused
            }
        }
    }

    /// Waits until the socket has something, or this instant of `MonotonicClock` has come.
    public static func wait(for socket: PacketSocket?, untilNanoseconds end: UInt64) {
        var polled = pollfd(fd: socket?.number ?? -1, events: Int16(POLLIN), revents: 0)
        let now = MonotonicClock.nanoseconds
        let milliseconds = end <= now ? 0 : min((end - now + 999_999) / 1_000_000, UInt64(Int32.max))
        _ = poll(&polled, 1, end == .max ? -1 : Int32(milliseconds))
    }

    /// The process ends when so many seconds have passed, also while it waits.
    public static func limit(toSeconds seconds: UInt32) { alarm(seconds) }

    /// Waits until a serial line has sent what it took; does nothing for others. See `limit`.
    public static func drain(_ descriptor: Int32) {
        if isatty(descriptor) == 1 { tcdrain(descriptor) }
    }

    /// Ends the process, without anything that others have left for its end.
    public static func end() -> Never { _exit(0) }

    /// Writes a line to standard error if that can be done without waiting.
    public static func say(_ line: String) {
        var polled = pollfd(fd: 2, events: Int16(POLLOUT), revents: 0)
        guard poll(&polled, 1, 0) == 1, polled.revents & Int16(POLLOUT) != 0 else { return }
        Descriptor.error.writeOnce(line)
    }
}

extension Descriptor {
    fileprivate func writeOnce(_ text: String) {
        var text = text
        text.withUTF8 { _ = LibC.write(number, $0.baseAddress, $0.count) }
    }
}
