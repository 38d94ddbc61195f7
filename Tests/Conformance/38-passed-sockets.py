#!/usr/bin/env python3
# versions: 4
# Sockets that a service manager has opened: those named client are for apps, those named admin for the owner; a bad one is refused.

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from types import SimpleNamespace

from lib.client import Client
from lib.script import Script
from lib.server import environment, program
from lib.wire import DEADLINE, readable

script = Script(server=False)
# Gives descriptors the numbers that a manager gives them, and becomes the program.
PASS = """
import os, sys
numbers = [os.dup(int(n)) for n in sys.argv[1].split(",")]
high = [os.dup2(n, 100 + i) for i, n in enumerate(numbers)]
for i, n in enumerate(high): os.dup2(n, 3 + i)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS=str(len(numbers)), LISTEN_FDNAMES=sys.argv[2])
os.execv(sys.argv[3], sys.argv[3:])
"""


class Started:
    def __init__(self, command, folder, **popen):
        self.process = subprocess.Popen(
            command, cwd=folder, env=environment(folder), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **popen)

    def line(self):
        assert readable(self.process.stdout, 10), "no line on standard output"
        return self.process.stdout.readline().decode().strip()

    def end(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            _, err = self.process.communicate(timeout=6)
        finally:
            self.process.kill()
        assert self.process.returncode == 0, err.decode()[-500:]


class Folder:
    def __enter__(self):
        self.path = tempfile.mkdtemp(prefix="plugboard-conformance-")
        return self.path

    def __exit__(self, *_):
        shutil.rmtree(self.path, ignore_errors=True)


def listening(address, family=socket.AF_INET):
    one = socket.socket(family)
    one.bind(address)
    one.listen()
    return one


def passing(names, *descriptors):
    return [sys.executable, "-c", PASS, ",".join(str(n) for n in descriptors), names, program(), "serve", "--state-file", ""]


@script.check(4)
def sockets_are_used_as_their_names_say_and_their_files_stay():
    with Folder() as folder:
        apps, path = listening(("127.0.0.1", 0)), os.path.join(folder, "admin")
        admin = listening(path, socket.AF_UNIX)
        started = Started(passing("client:admin", apps.fileno(), admin.fileno()), folder, pass_fds=(apps.fileno(), admin.fileno()))
        try:
            assert started.line() == f"ready ws://127.0.0.1:{apps.getsockname()[1]}"
            Client(SimpleNamespace(address=apps.getsockname()), 4).ok("Ping")
            done = subprocess.run([program(), "status", "--socket", path], capture_output=True, timeout=DEADLINE)
            assert done.returncode == 0 and b"apps connect at" in done.stdout, done
            for number in (3, 4):
                with open(f"/proc/{started.process.pid}/fdinfo/{number}") as file:
                    flags = next(int(line.split()[1], 8) for line in file if line.startswith("flags"))
                assert flags & os.O_CLOEXEC, f"descriptor {number} would be passed on"
            started.end()
            assert os.path.exists(path), "a file that somebody else made was removed"
        finally:
            started.process.kill()


@script.check(4)
def a_bad_socket_is_refused_in_one_line():
    with Folder() as folder:
        datagrams, bound = socket.socket(type=socket.SOCK_DGRAM), socket.socket()
        bound.bind(("127.0.0.1", 0))
        everywhere, file, good = listening(("0.0.0.0", 0)), open(os.devnull), listening(("127.0.0.1", 0))
        for names, one, status, says in (
            ("client", datagrams, 69, "does not listen"), ("client", bound, 69, "does not listen"), ("client", file, 69, "descriptor 3"),
            ("client", everywhere, 78, "allow_insecure"), ("other", good, 69, "FileDescriptorName=client"), ("admin", everywhere, 78, "admin")
        ):
            done = subprocess.run(
                passing(names, one.fileno()) + (["--listen", "ws://127.0.0.1:0"] if names == "admin" else []), cwd=folder,
                env=environment(folder, PLUGBOARD_SERVER_REQUIRE_TOKEN="never"), capture_output=True, timeout=10, pass_fds=(one.fileno(),))
            assert done.returncode == status and says in done.stderr.decode(), (names, says, done.returncode, done.stderr.decode()[-300:])


@script.check(4)
def systemd_socket_activate_starts_it_at_the_first_connection():
    tool = shutil.which("systemd-socket-activate")
    if not tool:
        return print("  skipped: there is no systemd-socket-activate here")
    with Folder() as folder:
        path = os.path.join(folder, "apps")
        kept = [f"-E{name}={value}" for name, value in environment(folder).items() if name.startswith("XDG_")]
        started = Started([tool, "-l", path, "--fdname=client", *kept, program(), "serve", "--simulate", "plug"], folder)
        try:
            told = b""
            while b"Listening" not in told:
                assert readable(started.process.stderr, DEADLINE), told
                told += os.read(started.process.stderr.fileno(), 4096)
            client = Client(SimpleNamespace(address=path), 4)
            client.ok("Ping")
            assert started.line() == f"ready unix://{path}"
            client.close()
            started.end()
        finally:
            started.process.kill()


script.main()
