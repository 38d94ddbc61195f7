# A Bluetooth daemon that is not there, on a bus of its own: Tests/Hardware/fixtures/fake_bluez.py, with dbus-daemon or without.
# Must not know the program under test.

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time

from .server import ROOT
from .wire import DEADLINE, Late, readable

FIXTURES = os.path.join(ROOT, "Tests", "Hardware", "fixtures")

POLICY = (
    "<!DOCTYPE busconfig PUBLIC '-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN'"
    " 'http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd'>"
    "<busconfig><type>system</type><listen>unix:path={path}</listen><auth>EXTERNAL</auth>"
    "<policy context='default'><allow user='*'/><allow own='*'/><allow send_type='method_call'/><allow send_type='signal'/>"
    "<allow send_requested_reply='true'/><allow receive_type='method_call'/><allow receive_type='signal'/>"
    "<allow receive_requested_reply='true'/></policy></busconfig>")


class Bluez:
    """The fake and its bus, for a `with` block."""

    def __init__(self, devices=None, daemon=False, flags=()):
        self.folder = tempfile.mkdtemp(prefix="plugboard-conformance-")
        self.path = os.path.join(self.folder, "bus")
        self.journal_path = os.path.join(self.folder, "journal")
        self.control_path = os.path.join(self.folder, "control")
        self.processes = []
        self.read_to = 0
        self.events = []
        if daemon:
            self._start_daemon()
        command = [sys.executable, os.path.join(FIXTURES, "fake_bluez.py"), "--journal", self.journal_path, "--control", self.control_path, "--no-stdin"]
        command += ["--bus", "unix:path=" + self.path] if daemon else ["--socket", self.path]
        if devices is not None:
            file = os.path.join(self.folder, "devices.json")
            with open(file, "w") as out:
                json.dump(devices, out)
            command += ["--devices", file]
        self._start(command + list(flags), b"ready")

    def _start(self, command, awaited, **options):
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, **options)
        self.processes.append(process)
        line = b""
        while awaited not in line:
            if not readable(process.stdout, DEADLINE):
                raise Late(f"{command[0]} says nothing")
            more = os.read(process.stdout.fileno(), 4096)
            assert more, f"{command} has ended"
            line += more

    def _start_daemon(self):
        config = os.path.join(self.folder, "bus.conf")
        with open(config, "w") as file:
            file.write(POLICY.format(path=self.path))
        self._start([shutil.which("dbus-daemon"), f"--config-file={config}", "--nofork", "--nopidfile", "--print-address=1"], b"unix:path")

    @property
    def variables(self):
        return {"DBUS_SYSTEM_BUS_ADDRESS": "unix:path=" + self.path}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in reversed(self.processes):
            with contextlib.suppress(OSError):
                process.terminate()
            process.wait(DEADLINE)
            process.stdout.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def do(self, verb, **facts):
        """A command to the fake, and its answer."""
        peer = socket.socket(socket.AF_UNIX)
        peer.settimeout(DEADLINE)
        with peer:
            peer.connect(self.control_path)
            peer.sendall(json.dumps({"do": verb} | facts).encode() + b"\n")
            answer = b""
            while not answer.endswith(b"\n"):
                more = peer.recv(65536)
                assert more, "the fake has ended"
                answer += more
        answer = json.loads(answer)
        assert answer.pop("ok"), answer
        return answer

    # What happened.

    def _read(self):
        with open(self.journal_path) as file:
            file.seek(self.read_to)
            for line in file:
                if not line.endswith("\n"):
                    break
                self.read_to += len(line)
                self.events.append(json.loads(line))

    def mark(self):
        self._read()
        return len(self.events)

    def wait(self, holds, since=0, within=DEADLINE, what="event"):
        """The first event from `since` on for which this is true."""
        until = time.monotonic() + within
        seen = since
        while True:
            self._read()
            for event in self.events[seen:]:
                if holds(event):
                    return event
            seen = len(self.events)
            if time.monotonic() > until:
                raise Late(f"no {what} within {within} s; last: {self.events[since:][-12:]}")
            # The fake writes whole lines; it has no way to say that there is one.
            readable(self.processes[-1].stdout, 0.01)

    def wait_write(self, address, text, since=0, within=DEADLINE):
        return self.wait(lambda e: e["event"] == "write" and e["device"] == address and e["text"] == text, since, within, f"write of {text}")

    def writes(self, address, since=0):
        """The texts that a device was written."""
        self._read()
        return [e.get("text") or e["hex"] for e in self.events[since:] if e["event"] == "write" and e["device"] == address]
