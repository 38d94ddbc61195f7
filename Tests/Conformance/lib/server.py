# Starts `plugboard serve` as a black box, waits for its ready line, and ends it.
# Must not know the protocol, and of the program only its command line, its signals and its exit codes.

import contextlib
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time

from .journal import Journal
from .wire import DEADLINE, Late, readable

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))


def program():
    path = os.environ.get("PLUGBOARD", os.path.join(ROOT, ".build", "release", "plugboard"))
    assert os.access(path, os.X_OK), f"no executable at {path}: build it, or set PLUGBOARD"
    return path


def environment(folder, **changes):
    """A clean environment: nothing of the user's configuration or state reaches the server under test."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("PLUGBOARD_")}
    kept.update(HOME=folder, XDG_CONFIG_HOME=os.path.join(folder, "config"), XDG_STATE_HOME=os.path.join(folder, "state"),
                XDG_RUNTIME_DIR=os.path.join(folder, "run"))
    kept.pop("STATE_DIRECTORY", None)
    kept.pop("RUNTIME_DIRECTORY", None)
    kept.update(changes)
    return kept


def started_by(pid):
    """Every process that this one started and that runs: its children first, then theirs."""
    try:
        with open(f"/proc/{pid}/task/{pid}/children") as file:
            children = [int(word) for word in file.read().split()]
    except OSError:
        return []
    return [one for child in children for one in (child, *started_by(child))]


def waited(pid):
    """Seconds for which the main thread of a process could run, but had no processor: other programs had them all."""
    try:
        with open(f"/proc/{pid}/schedstat") as file:
            return int(file.read().split()[1]) / 1e9
    except OSError:
        return 0.0


class Server:
    """One server process with its own folder, journal, log and port. `popen` replaces its streams, or how it is started."""

    def __init__(
        self, simulate="", flags=(), config=None, listen=("ws://127.0.0.1:0",), folder=None, wrap=(), variables=None, journal=None, **popen
    ):
        self.folder = folder or tempfile.mkdtemp(prefix="plugboard-conformance-")
        self.owns_folder = folder is None
        self.journal = Journal(self.folder)
        self.log_path = os.path.join(self.folder, "log.txt")
        command = [*wrap, program(), "serve"]
        for address in listen:
            command += ["--listen", address]
        if simulate:
            command += ["--simulate", simulate]
        command += ["--journal", journal or self.journal.path]
        if config is not None:
            path = os.path.join(self.folder, "plugboard.toml")
            with open(path, "w") as file:
                file.write(config)
            command += ["--config", path]
        self.command = command + list(flags)
        since = time.monotonic() - waited("self")
        with open(self.log_path, "ab") as log:
            streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": log} | popen
            self.process = subprocess.Popen(
                self.command, cwd=self.folder, env=environment(self.folder, **(variables or {})), **streams
            )
        self.addresses = [self._ready() for _ in listen]
        # Without the time in which other programs had the processors.
        self.start_seconds = time.monotonic() - waited("self") - waited(self.pid) - since
        self.address = self.addresses[0] if self.addresses else None

    @property
    def pid(self):
        return self.process.pid

    def _ready(self):
        until = time.monotonic() + 10
        line = b""
        while not line.endswith(b"\n"):
            left = until - time.monotonic()
            if left <= 0 or not readable(self.process.stdout, left):
                self.kill()
                raise Late(f"no ready line within 10 s; log: {self.log()[-800:]}")
            byte = os.read(self.process.stdout.fileno(), 1)
            if not byte:
                status = self.process.wait(DEADLINE)
                raise AssertionError(f"the server ended with {status} before it was ready; log: {self.log()[-800:]}")
            line += byte
        text = line.decode().strip()
        assert text.startswith("ready "), f"first line on standard output: {text!r}"
        url = text.removeprefix("ready ")
        if url.startswith("unix://"):
            return url.removeprefix("unix://")
        assert url.startswith(("ws://", "wss://")), url
        host, port = url.split("://")[1].rstrip("/").rsplit(":", 1)
        return (host, int(port))

    def log(self):
        """What it has logged. While it runs, the last line may be one that is being written: only whole lines count then."""
        running = self.alive()
        with open(self.log_path, errors="replace") as file:
            text = file.read()
        return text[: text.rfind("\n") + 1] if running else text

    def wait_log(self, text, within=DEADLINE):
        """Waits until the log holds a text."""
        self.wait_match(re.escape(text), within)

    def wait_match(self, pattern, within=DEADLINE):
        """The first match in the log. The journal's inotify watch covers the log too: both are in one folder."""
        until = time.monotonic() + within
        while not (found := re.search(pattern, self.log())):
            left = until - time.monotonic()
            if left <= 0 or not readable(self.journal.inotify, left):
                raise Late(f"{pattern!r} not in the log within {within} s")
            os.read(self.journal.inotify, 65536)
        return found

    def signal(self, number):
        self.process.send_signal(number)

    def alive(self):
        return self.process.poll() is None

    def wait(self, within=6.0):
        """The exit status, which must come in time."""
        try:
            return self.process.wait(within)
        except subprocess.TimeoutExpired:
            self.kill()
            raise Late(f"the server did not end within {within} s") from None

    def stop(self):
        """SIGTERM: exit 0 within 5 seconds."""
        if self.alive():
            self.signal(signal.SIGTERM)
        status = self.wait(5.5)
        assert status == 0, f"exit status {status} after SIGTERM; log: {self.log()[-800:]}"

    def kill(self):
        """Kills the process and what it started: with `wrap` the router is one of those."""
        if self.alive():
            for pid in [*started_by(self.pid), self.pid]:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            self.process.wait()

    def clean(self):
        """Ends a process that still runs and removes the folder."""
        self.kill()
        self.process.stdout.close()
        self.journal.close()
        if self.owns_folder:
            shutil.rmtree(self.folder, ignore_errors=True)

    def resident_kilobytes(self):
        with open(f"/proc/{self.pid}/status") as file:
            return next(int(line.split()[1]) for line in file if line.startswith("VmRSS"))

    def is_asleep(self):
        """Whether the process waits for an event in the kernel and has nothing to run."""
        with open(f"/proc/{self.pid}/stat") as file:
            return file.read().rsplit(")", 1)[1].split()[0] == "S"

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    def cpu_seconds(self):
        with open(f"/proc/{self.pid}/stat") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def run(*arguments, within=10.0, folder=None, variables=None):
    """Runs the program to its end; returns (exit status, standard output, standard error)."""
    own = folder or tempfile.mkdtemp(prefix="plugboard-conformance-")
    try:
        done = subprocess.run(
            [program(), *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=within,
            cwd=own,
            env=environment(own, **(variables or {})),
        )
        return done.returncode, done.stdout.decode(), done.stderr.decode()
    finally:
        if folder is None:
            shutil.rmtree(own, ignore_errors=True)
