#!/usr/bin/env python3
# versions: 4
# The messages to a service manager over $NOTIFY_SOCKET: ready, status, watchdog, reload and end; and the completions for shells.

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time

from lib.client import Client
from lib.script import Script
from lib.server import Server, run
from lib.wire import DEADLINE, Late, readable

script = Script(server=False)


class Manager:
    """The manager's end: a datagram socket, and the datagrams that have come."""

    def __init__(self, is_abstract=False):
        self.folder = tempfile.mkdtemp(prefix="plugboard-conformance-")
        self.name = f"@plugboard-test-{os.getpid()}" if is_abstract else os.path.join(self.folder, "notify")
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.name.replace("@", "\0") if is_abstract else self.name)

    def next(self, within=DEADLINE):
        if not readable(self.socket, within):
            raise Late(f"nothing told within {within} s")
        return self.socket.recv(4096).decode().split("\n")

    def wait(self, line, within=DEADLINE):
        """Reads on until a datagram has this line; returns all that were read."""
        until = time.monotonic() + within
        told = []
        while not told or line not in told[-1]:
            told.append(self.next(max(0.0, until - time.monotonic())))
        return told


@contextlib.contextmanager
def managed(is_abstract=False, config="[devices]\npresent_at_start = true\n", **variables):
    manager = Manager(is_abstract)
    server = Server("plug", config=config, variables={"NOTIFY_SOCKET": manager.name, **variables})
    try:
        yield manager, server
    finally:
        server.clean()
        manager.socket.close()
        shutil.rmtree(manager.folder, ignore_errors=True)


@script.check(4)
def ready_status_and_stopping_are_sent_to_a_path_and_to_an_abstract_name():
    for is_abstract in (False, True):
        with managed(is_abstract) as (manager, server):
            first = manager.next()
            assert first[0] == "READY=1" and first[1].startswith("STATUS=0 apps, "), first
            client = Client(server, 4)
            manager.wait("STATUS=1 app, 1 device")
            client.close()
            manager.wait("STATUS=0 apps, 1 device")
            server.signal(signal.SIGTERM)
            told = manager.wait("STOPPING=1")
            assert server.wait(5) == 0
            assert ["READY=1"] not in told, told


@script.check(4)
def a_reload_is_reported_with_its_time_and_its_end_also_when_it_is_refused():
    with managed() as (manager, server):
        manager.wait("READY=1")
        for text in ("", "[nonsense]\n"):
            with open(os.path.join(server.folder, "plugboard.toml"), "w") as file:
                file.write(text)
            before = time.clock_gettime(time.CLOCK_MONOTONIC) * 1e6
            server.signal(signal.SIGHUP)
            begun = manager.wait("RELOADING=1")[-1]
            stamp = next(int(line.removeprefix("MONOTONIC_USEC=")) for line in begun if line.startswith("MONOTONIC_USEC="))
            assert before - 1 <= stamp <= time.clock_gettime(time.CLOCK_MONOTONIC) * 1e6, (before, stamp)
            manager.wait("READY=1")
        server.stop()


@script.check(4)
def the_watchdog_gets_a_message_after_half_of_its_time_and_none_from_a_stopped_router():
    with managed(WATCHDOG_USEC="400000") as (manager, server):
        manager.wait("READY=1")
        manager.wait("WATCHDOG=1")
        since = time.monotonic()
        for _ in range(5):
            manager.wait("WATCHDOG=1")
        assert 0.6 < time.monotonic() - since < 4, time.monotonic() - since
        server.signal(signal.SIGSTOP)
        while readable(manager.socket, 0):
            manager.next()
        assert not readable(manager.socket, 1), manager.next()
        server.signal(signal.SIGCONT)
        manager.wait("WATCHDOG=1")
        server.stop()


@script.check(4)
def a_watchdog_of_another_process_gets_nothing():
    with managed(WATCHDOG_USEC="200000", WATCHDOG_PID="1") as (manager, server):
        manager.wait("READY=1")
        client = Client(server, 4)
        told = manager.wait("STATUS=1 app, 1 device")
        client.close()
        told += manager.wait("STATUS=0 apps, 1 device")
        assert ["WATCHDOG=1"] not in told, told
        server.stop()


@script.check(4)
def a_manager_that_reads_nothing_or_is_not_there_delays_nothing():
    with managed(WATCHDOG_USEC="2000") as (manager, server):
        for _ in range(30):
            client = Client(server, 4)
            client.ok("Ping")
            client.close()
        server.stop()
    server = Server("plug", variables={"NOTIFY_SOCKET": "/nowhere/notify"})
    try:
        server.wait_log("the service manager cannot be told")
        Client(server, 4).ok("Ping")
        server.stop()
    finally:
        server.clean()


@script.check(4)
def completions_are_printed_for_three_shells_and_the_help_says_where_they_belong():
    for shell in ("bash", "zsh", "fish"):
        code, out, err = run("completions", shell)
        assert code == 0 and "resume" in out, f"{shell}: {code} {out[:200]!r} {err!r}"
        if shutil.which(shell):
            assert subprocess.run([shell, "-n"], input=out.encode(), capture_output=True, timeout=20).returncode == 0, shell
    code, out, _ = run("completions", "--help")
    assert code == 0 and "bash-completion" in out and "_plugboard" in out and "fish/completions" in out, out
    assert run("completions", "tcsh")[0] == 64


script.main()
