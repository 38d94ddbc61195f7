# One life-cycle script as a process: its lines, the points at which it waits for the others, and its end.
# Must not know what the script does.

import os
import subprocess
import threading

from environments import environment

HERE = os.path.dirname(os.path.abspath(__file__))


class App:
    """One running life-cycle script."""

    def __init__(self, client, url):
        self.name, (script, *arguments), packages = client
        self.lines, self.meetings = [], threading.Semaphore(0)
        self.process = subprocess.Popen(
            [environment(packages), os.path.join(HERE, script), url, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        )
        self.reader = threading.Thread(target=self._read)
        self.reader.start()

    def _read(self):
        for line in self.process.stdout:
            self.lines.append(line.rstrip("\n"))
            if line == "meeting\n":
                self.meetings.release()
        # Nobody is to wait for one that has ended.
        self.meetings.release(1000)

    def meet(self, within):
        """Waits until it waits for the others."""
        return self.meetings.acquire(timeout=within)

    def go_on(self):
        try:
            self.process.stdin.write("go\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            pass

    def end(self, within=60):
        try:
            status = self.process.wait(within)
        except subprocess.TimeoutExpired:
            self.process.kill()
            status = f"killed after {within} s"
        self.reader.join()
        return status

    def drove(self):
        """(device, output, value or None) of each command that was answered."""
        for line in self.lines:
            if line.startswith("drove "):
                _, device, output, value = line.split()
                yield int(device), output, None if value == "any" else int(value)
