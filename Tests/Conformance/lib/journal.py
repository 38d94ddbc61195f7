# Reads the write journal of a running server (one JSON line per device write) and waits for lines by inotify.
# Must not know the protocol: a line is what was written to a device, nothing else.

import ctypes
import json
import os
import time

from .wire import DEADLINE, Late, readable

IN_MODIFY, IN_CREATE, IN_NONBLOCK = 0x2, 0x100, 0x800
FIELDS = {"t", "device", "name", "feature", "output", "value", "duration", "session"}


class Journal:
    """The lines so far in `lines`; `mark()` is an index to count from."""

    def __init__(self, folder):
        self.path = os.path.join(folder, "journal.jsonl")
        libc = ctypes.CDLL(None, use_errno=True)
        self.inotify = libc.inotify_init1(IN_NONBLOCK)
        assert self.inotify >= 0, os.strerror(ctypes.get_errno())
        watch = libc.inotify_add_watch(self.inotify, folder.encode(), IN_MODIFY | IN_CREATE)
        assert watch >= 0, os.strerror(ctypes.get_errno())
        self.offset = 0
        self.lines = []
        self.partial = b""

    def close(self):
        os.close(self.inotify)

    def read(self):
        """Reads what has been written up to now."""
        try:
            with open(self.path, "rb") as file:
                file.seek(self.offset)
                data = file.read()
        except FileNotFoundError:
            return self.lines
        self.offset += len(data)
        *complete, self.partial = (self.partial + data).split(b"\n")
        for line in complete:
            entry = json.loads(line)
            assert set(entry) == FIELDS, f"journal line with fields {sorted(entry)}"
            assert isinstance(entry["value"], int) and isinstance(entry["t"], (int, float)), entry
            timed = entry["output"] == "HwPositionWithDuration"
            assert isinstance(entry["duration"], int) if timed else entry["duration"] is None, entry
            self.lines.append(entry)
        return self.lines

    def mark(self):
        return len(self.read())

    def wait(self, accept, since=0, within=DEADLINE, what="a journal line"):
        """The first line from `since` on for which `accept` is true."""
        until = time.monotonic() + within
        at = since
        while True:
            self.read()
            while at < len(self.lines):
                if accept(self.lines[at]):
                    return self.lines[at]
                at += 1
            left = until - time.monotonic()
            if left <= 0 or not readable(self.inotify, left):
                seen = [(e["device"], e["feature"], e["output"], e["value"]) for e in self.lines[since:]]
                raise Late(f"{what} did not come within {within} s; written meanwhile: {seen[-12:]}")
            os.read(self.inotify, 65536)

    def until(self, condition, within=DEADLINE, what="the state of the journal"):
        """Waits until that is true of what was written, and returns it."""
        until = time.monotonic() + within
        while not (found := condition()):
            left = until - time.monotonic()
            if left <= 0 or not readable(self.inotify, left):
                raise Late(f"{what}: not within {within} s; running: {self.running()}")
            os.read(self.inotify, 65536)
        return found

    def expect(self, device, feature, output, value, since=0, within=DEADLINE, duration=None):
        """Waits for one write, named by lane, type and value."""
        wanted = {"device": device, "feature": feature, "output": output, "value": value}
        if duration is not None:
            wanted["duration"] = duration
        return self.wait(
            lambda e: all(e[key] == value for key, value in wanted.items()), since, within, f"the write {wanted}"
        )

    def values(self, device, feature, output=None, since=0):
        """Values written to one lane from `since` on, as far as the file has been read."""
        return [
            entry["value"]
            for entry in self.lines[since:]
            if entry["device"] == device and entry["feature"] == feature and output in (None, entry["output"])
        ]

    def running(self):
        """Lanes whose last written value of a held type is not zero, as (device, feature, output)."""
        last = {}
        for entry in self.read():
            if entry["output"] not in ("Position", "HwPositionWithDuration", "Spray"):
                last[(entry["device"], entry["feature"], entry["output"])] = entry["value"]
        return [lane for lane, value in last.items() if value != 0]
