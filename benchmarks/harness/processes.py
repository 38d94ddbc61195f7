# Starts servers and programs for the measurements, and ends every one of them in all cases.
# Must not know what they serve or measure.

import contextlib
import os
import pathlib
import select
import signal
import socket
import subprocess
import tempfile
import threading
import time


class Failure(Exception):
    """A program failed; the text says why."""


class Child:
    """A server that has said where it listens."""

    def __init__(self, name, process, log):
        self.name, self.process, self.log, self.url = name, process, log, None

    @property
    def pid(self):
        return self.process.pid

    @property
    def port(self):
        return int(self.url.rsplit(":", 1)[1])

    def await_ready(self, seconds=20):
        """Reads the line `ready ws://127.0.0.1:PORT`."""
        line, until = b"", time.monotonic() + seconds
        while not line.endswith(b"\n"):
            readable, _, _ = select.select([self.process.stdout], [], [], max(0, until - time.monotonic()))
            more = os.read(self.process.stdout.fileno(), 1) if readable else b""
            if not more:
                raise Failure(f"{self.name} did not start: {self.complaint() or 'it said nothing'}")
            line += more
        self.url = line.decode().split()[1]

    def complaint(self):
        self.log.seek(0)
        return complaint(self.log.read().decode(errors="replace"))

    def end(self, seconds=10):
        """SIGTERM, then SIGKILL when the process ignores it."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(seconds)
            except subprocess.TimeoutExpired:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(self.pid, signal.SIGKILL)
                self.process.wait()
        self.process.stdout.close()
        self.log.close()


class Children:
    """All processes that were started and are not known to have ended."""

    def __init__(self):
        self.lock = threading.Lock()
        self.running = []
        self.folder = tempfile.TemporaryDirectory(prefix="plugboard-bench-")
        # A user's configuration must not change the measurement.
        self.environment = {k: v for k, v in os.environ.items() if not k.startswith("PLUGBOARD_")} | {"SWIFT_BACKTRACE": "enable=no"}
        self.empty_config = self.path("empty.toml")
        self.empty_config.write_text("")
        self.ended = False

    def path(self, name):
        return pathlib.Path(self.folder.name) / name

    def launch(self, command, **options):
        """A process in a session of its own, so that a Ctrl-C reaches this program only, which then ends the rest."""
        with self.lock:
            if self.ended:
                raise Failure("the run is over")
            process = subprocess.Popen([str(word) for word in command], start_new_session=True, env=self.environment, **options)
            self.running.append(process)
        return process

    @contextlib.contextmanager
    def server(self, name, command, core=None):
        log = tempfile.TemporaryFile()
        with on_core(core):
            process = self.launch(command, stdout=subprocess.PIPE, stderr=log, stdin=subprocess.DEVNULL, bufsize=0)
        child = Child(name, process, log)
        try:
            child.await_ready()
            yield child
        finally:
            child.end()
            self.forget(process)

    def output(self, command, core=None, seconds=300, cwd=None, accept=(0,)):
        """What a program prints; Failure with its last lines when it fails."""
        with on_core(core):
            process = self.launch(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, cwd=cwd)
        try:
            output, errors = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            raise Failure(f"{pathlib.Path(str(command[0])).name} was not done after {seconds} s") from None
        finally:
            if process.poll() is None:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait()
            self.forget(process)
        if process.returncode not in accept:
            why = complaint((output + b"\n" + errors).decode(errors="replace")) or f"exit status {process.returncode}"
            raise Failure(f"{pathlib.Path(str(command[0])).name}: {why}")
        return output.decode(errors="replace")

    def forget(self, process):
        with self.lock:
            if process in self.running:
                self.running.remove(process)

    def end_all(self, patience=5):
        """Asks all to end, and kills those that are still there after this number of seconds."""
        with self.lock:
            self.ended = True
            left, self.running = self.running, []
        # A build has child processes in groups of their own: it must get the signal and end them.
        for number in (signal.SIGINT, signal.SIGKILL):
            for process in left:
                if process.poll() is None:
                    with contextlib.suppress(ProcessLookupError):
                        os.killpg(process.pid, number)
            until = time.monotonic() + patience
            for process in left:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(max(0, until - time.monotonic()))
        self.folder.cleanup()


def complaint(text):
    """The line that says what went wrong: the first one that mentions an error, or else the last one."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return next((line for line in lines if "error:" in line), lines[-1] if lines else "")


@contextlib.contextmanager
def on_core(core):
    """Processes started meanwhile run on this core only; None: on any core. Children inherit this from the thread that starts them."""
    if core is None:
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def free_port():
    """A free port, below those that the kernel gives to clients."""
    for port in range(20_000 + os.getpid() % 5_000, 32_000):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue
    raise Failure("no free port between 20000 and 32000")


def status_of(pid):
    """Kilobytes of /proc/PID/status, by name."""
    figures = {}
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        name, _, rest = line.partition(":")
        if rest.strip().endswith(" kB"):
            figures[name] = int(rest.split()[0])
    return figures


def descriptors_of(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))
