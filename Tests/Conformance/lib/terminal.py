# Pseudo-terminals for a server under test: one that nobody reads, one that a session of processes belongs to.
# Must not know the texts.

import fcntl
import os
import pty
import signal
import termios


class Terminal:
    """A terminal; `keyboard` is the person's end."""

    def __init__(self):
        self.keyboard, self.screen = pty.openpty()

    def fill(self):
        """Writes until it takes no more, as when nobody reads the terminal."""
        other = os.open(os.ttyname(self.screen), os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY)
        try:
            while os.write(other, b"." * 64 + b"\r\n"):
                pass
        except BlockingIOError:
            pass
        finally:
            os.close(other)

    def take(self, within=0.0):
        """The text on the screen."""
        import select

        text = b""
        while select.select([self.keyboard], [], [], within)[0]:
            try:
                piece = os.read(self.keyboard, 65536)
            except OSError:
                break
            if not piece:
                break
            text += piece
        return text.decode(errors="replace")

    def owns(self):
        """For `preexec_fn` with `start_new_session`: makes this the terminal of the process's session, as a shell in it does."""
        # The checks themselves may run under `nohup`, and then a child would ignore the signal too.
        signal.signal(signal.SIGHUP, signal.SIG_DFL)
        fcntl.ioctl(self.screen, termios.TIOCSCTTY, 0)

    def hang_up(self):
        """The window is closed."""
        os.close(self.keyboard)
        self.keyboard = None

    def close(self):
        for end in (self.keyboard, self.screen):
            if end is not None:
                try:
                    os.close(end)
                except OSError:
                    pass
