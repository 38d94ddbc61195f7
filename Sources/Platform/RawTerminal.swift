// A terminal that a program draws on: its size, keys one by one, and how it was before.
// Must not know what is drawn.

import LibC

/// The terminal of standard input and output while a program has the whole screen.
public final class RawTerminal {
    private var before = termios()

    /// nil when standard input or output is no terminal.
    public init?() {
        guard isatty(0) == 1, isatty(1) == 1, tcgetattr(0, &before) == 0 else { return nil }
        var raw = before
        raw.c_lflag &= ~tcflag_t(ICANON | ECHO)
        raw.c_iflag &= ~tcflag_t(IXON | ICRNL)
        tcsetattr(0, TCSANOW, &raw)
        // The other screen, without a cursor: what was on the terminal is there again afterwards.
        draw("\u{1B}[?1049h\u{1B}[?25l")
    }

    /// Gives the terminal back as it was.
    public func restore() {
        draw("\u{1B}[?25h\u{1B}[?1049l")
        tcsetattr(0, TCSANOW, &before)
    }

    /// Writes to the screen.
    public func draw(_ text: String) { Array(text.utf8).withUnsafeBytes { _ = Descriptor.output.write($0) } }

    /// Columns and rows; 80 × 24 when the terminal does not say.
    public var size: (columns: Int, rows: Int) {
        var window = winsize()
        guard ioctl(1, UInt(TIOCGWINSZ), &window) == 0, window.ws_col > 0, window.ws_row > 0 else { return (80, 24) }
        return (Int(window.ws_col), Int(window.ws_row))
    }

    /// The keys that were pressed; empty at the end of the input.
    public func keys() -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 64)
        let count = read(0, &bytes, bytes.count)
        return count > 0 ? Array(bytes[..<count]) : []
    }

    /// Waits until a key is there, or the socket has something to read, or the time is over.
    public func wait(for socket: LocalSocket, milliseconds: Int32) -> (key: Bool, socket: Bool) {
        var polled = [pollfd(fd: 0, events: Int16(POLLIN), revents: 0), pollfd(fd: socket.descriptor, events: Int16(POLLIN), revents: 0)]
        guard poll(&polled, 2, milliseconds) > 0 else { return (false, false) }
        return (polled[0].revents != 0, polled[1].revents != 0)
    }
}
