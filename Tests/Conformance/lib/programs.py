# Other people's programs that a script needs, configured by the blocks of our documents.
# Must not know what a program is for.

import os
import re
import shutil
import socket
import subprocess
import tempfile
import time

from .server import ROOT
from .wire import Wire, readable

PATH = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"


def absent(*names):
    missing = [name for name in names if not shutil.which(name, path=PATH)]
    if missing:
        print(f"  skipped: {', '.join(missing)} is not installed (scripts/setup --conformance)")
    return bool(missing)


def recipes(document, language):
    """The blocks of a document in that language."""
    with open(os.path.join(ROOT, document)) as file:
        return re.findall(rf"```{language}\n(.*?)```", file.read(), re.DOTALL)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Program:
    """A program in the foreground, with a configuration and a folder of its own. FOLDER and CONFIG stand for them."""

    def __init__(self, name, configuration, *arguments):
        self.folder = tempfile.mkdtemp(prefix="plugboard-program-")
        path = os.path.join(self.folder, "program.conf")
        with open(path, "w") as file:
            file.write(configuration.replace("FOLDER", self.folder))
        command = [shutil.which(name, path=PATH), *(argument.replace("CONFIG", path) for argument in arguments)]
        self.log = open(os.path.join(self.folder, "output"), "w+b")
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log, cwd=self.folder,
            env={**os.environ, "HOME": self.folder, "XDG_DATA_HOME": self.folder, "XDG_CONFIG_HOME": self.folder})

    def ready(self, port, within=10):
        """Waits until it accepts connections: each try ends at once, and the end of the process is watched meanwhile."""
        end = os.pidfd_open(self.process.pid)
        until = time.monotonic() + within
        try:
            while True:
                try:
                    Wire(("127.0.0.1", port)).close()
                    return self
                except OSError:
                    assert not readable(end, 0.02) and time.monotonic() < until, self.output()
        finally:
            os.close(end)

    def output(self):
        self.log.seek(0)
        return self.log.read().decode()[-800:]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()
        shutil.rmtree(self.folder, ignore_errors=True)
