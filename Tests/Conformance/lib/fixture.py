# A program that stands in for a device, from Tests/Hardware/fixtures: its journal, and commands to it.
# Must not know what the device does: the journal's lines are the fixture's.

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time

from .wire import DEADLINE, Late, readable

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "Hardware", "fixtures")


class Fixture:
    """One running fixture; what it notes comes through its standard output."""

    def __init__(self, program, *arguments, waits=True):
        self.folder = tempfile.mkdtemp(prefix="plugboard-fixture-")
        self.control = os.path.join(self.folder, "control")
        command = [sys.executable, os.path.join(FOLDER, program), "--journal", "-", "--control", self.control, "--no-stdin", *arguments]
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        self.lines, self.buffer, self.ready = [], b"", None
        until = time.monotonic() + 10
        while waits and self.ready is None:
            self._read(until, "the fixture's first line")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(5)
        self.process.stdout.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _read(self, until, what):
        left = until - time.monotonic()
        if left <= 0 or not readable(self.process.stdout.fileno(), left):
            raise Late(f"{what} did not come; the last lines: {self.lines[-6:]}")
        data = os.read(self.process.stdout.fileno(), 65536)
        assert data, f"the fixture ended with {self.process.wait(5)}"
        *complete, self.buffer = (self.buffer + data).split(b"\n")
        for line in complete:
            if line.startswith(b"ready"):
                self.ready = line.decode().removeprefix("ready").strip()
            elif line:
                self.lines.append(json.loads(line))

    def mark(self):
        """An index to count from: what has come up to now is before it."""
        while readable(self.process.stdout.fileno(), 0):
            self._read(time.monotonic() + 1, "a line")
        return len(self.lines)

    def wait(self, accept, since=0, within=DEADLINE, what="a line of the fixture"):
        """The first line from `since` on for which `accept` is true."""
        until, at = time.monotonic() + within, since
        while True:
            while at < len(self.lines):
                if accept(self.lines[at]):
                    return self.lines[at]
                at += 1
            self._read(until, what)

    def event(self, name, since=0, within=DEADLINE):
        return self.wait(lambda line: line["event"] == name, since, within, f'"{name}"')

    def tell(self, **command):
        """Gives the fixture a command."""
        with contextlib.closing(socket.socket(socket.AF_UNIX)) as line:
            line.settimeout(DEADLINE)
            line.connect(self.control)
            line.sendall(json.dumps(command).encode() + b"\n")
            answer = json.loads(line.makefile().readline())
        assert answer["ok"], answer
        return answer
