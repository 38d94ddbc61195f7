// How a serial line is opened: for this program alone, raw, with eight bits, no parity and one stop bit.
// Must not know what is at its other end.

import CUV
import LibC

/// Serial lines of the system.
public enum SerialLine {
    /// Why a line could not be opened.
    public enum Refusal: Error, Hashable {
        /// Another program has it.
        case busy
        /// It is no serial line, or does not know this speed.
        case unsuitable
        case failed(UVError)
    }

    /// The speeds that a line can have, in bits a second, in ascending order.
    public static var speeds: [Int] { table.map { $0.bits } }

    /// Opens a line. The call does not wait for a carrier.
    /// - Parameter bitsPerSecond: One of `speeds`.
    /// - Returns: The descriptor, which does not wait.
    public static func open(_ path: String, bitsPerSecond: Int) throws(Refusal) -> Int32 {
        guard let speed = table.first(where: { $0.bits == bitsPerSecond })?.speed else { throw .unsuitable }
        let descriptor = LibC.open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == EBUSY { throw .busy }
            throw .failed(UVError(-errno, in: "open"))
        }
        do throws(Refusal) {
            try prepare(descriptor, speed)
        } catch {
            _ = LibC.close(descriptor)
            throw error
        }
        return descriptor
    }

    /// Closes a line. For bytes that a line does not take `close` waits, up to half a minute; so a line that still has some is closed by a
    /// thread of its own.
    static func close(_ descriptor: Int32) {
        guard waiting(descriptor) > 0 else { return _ = LibC.close(descriptor) }
        var thread = pthread_t()
        let number = UnsafeMutableRawPointer(bitPattern: Int(descriptor) + 1)
        let body: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = {
            SerialLine.finish(Int32(Int(bitPattern: $0) - 1))
            return nil
        }
        if pthread_create(&thread, nil, body, number) == 0 { pthread_detach(thread) } else { finish(descriptor) }
    }

    /// Closes a line after what it has to send, for which it gets half a second; what is left then is dropped. The call waits as long.
    public static func finish(_ descriptor: Int32) {
        var patience = 50
        while patience > 0, waiting(descriptor) > 0 {
            // The kernel has no event for it, and `tcdrain` no end.
            poll(nil, 0, 10)
            patience -= 1
        }
        if patience == 0 { tcflush(descriptor, TCOFLUSH) }
        _ = LibC.close(descriptor)
    }

    /// How many bytes a line has still to send; 0 of what is no line.
    private static func waiting(_ descriptor: Int32) -> Int32 {
        var count: Int32 = 0
        return ioctl(descriptor, UInt(TIOCOUTQ), &count) == 0 && isatty(descriptor) == 1 ? count : 0
    }

    private static func prepare(_ descriptor: Int32, _ speed: speed_t) throws(Refusal) {
        var line = termios()
        guard tcgetattr(descriptor, &line) == 0 else { throw .unsuitable }
        // Programs keep each other away by a lock; the terminal's own exclusiveness does not bind the superuser.
        if flock(descriptor, LOCK_EX | LOCK_NB) != 0, errno == EWOULDBLOCK { throw .busy }
        _ = ioctl(descriptor, UInt(TIOCEXCL))
        cfmakeraw(&line)
        line.c_cflag |= tcflag_t(CS8 | CREAD | CLOCAL)
        // Without HUPCL: letting go of the line would reset many boards at the next opening.
        line.c_cflag &= ~(tcflag_t(PARENB) | tcflag_t(CSTOPB) | tcflag_t(HUPCL) | tcflag_t(CRTSCTS))
        guard cfsetispeed(&line, speed) == 0, cfsetospeed(&line, speed) == 0, tcsetattr(descriptor, TCSANOW, &line) == 0 else {
            throw .unsuitable
        }
        tcflush(descriptor, TCIOFLUSH)
    }

    private static var table: [(bits: Int, speed: speed_t)] {
        var rows: [(bits: Int, speed: speed_t)] = [
            (9_600, speed_t(B9600)), (19_200, speed_t(B19200)), (38_400, speed_t(B38400)), (57_600, speed_t(B57600)),
            (115_200, speed_t(B115200)), (230_400, speed_t(B230400)),
        ]
        #if os(Linux)
            rows += [(460_800, speed_t(B460800)), (921_600, speed_t(B921600)), (1_000_000, speed_t(B1000000))]
        #endif
        return rows
    }
}
