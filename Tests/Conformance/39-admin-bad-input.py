#!/usr/bin/env python3
# versions: 4
# Harmful input of apps and pages to the admin interface: odd names in every output, pages of other origins, bad levels, ids of sessions
# that are gone; a stopped router under a supervisor with a watchdog; and a full disk for the state (which needs the right to mount one).

import contextlib
import errno
import fcntl
import os
import pty
import select
import signal
import socket
import struct
import subprocess
import tempfile
import termios
import time

from lib.admin import CONFIG, Events, OperatedRouter
from lib.client import Client
from lib.script import Script
from lib.server import Server, environment, program
from lib.wire import DEADLINE, Late, readable

script = Script(server=False)
NAMES = [
    "<script>alert(1)</script>", "\u202egnp.exe\u2066\u200f", "🐇" * 64, "\x1b]0;owned\x07\x1b[2J\x00\r\nevent: stop\n\n\x9b31m", '"} 1\nplugboard_up 0 {x="',
]
# Characters that must reach no terminal and no log.
HARMFUL = ["\u202e", "\u2066", "\u200f", "\x1b]0", "\x1b[2J", "\x07", "\x00", "\x9b"]


def resident(server):
    """Bytes of memory in use."""
    with open(f"/proc/{server.pid}/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def harmful(text):
    return [mark for mark in HARMFUL if mark in text]


@script.check(4)
def odd_names_are_text_in_lists_events_metrics_tables_log_and_journal():
    with OperatedRouter() as world:
        watch = Events(world.admin)
        clients = [Client(world.server, 4, name) for name in NAMES]
        clients[0].ok("OutputCmd", DeviceIndex=0, FeatureIndex=0, Command={"Vibrate": {"Value": 5}})
        world.server.journal.wait(lambda line: line["value"] == 5, what="the value")
        assert {one["client"] for one in world.admin.ask("GET", "/v1/sessions")["sessions"]} == set(NAMES)
        watch.wait(lambda: {one["client"] for one in watch.state["sessions"].values()} == set(NAMES))
        metrics = world.admin.ask("GET", "/metrics")
        assert "alert(1)" not in metrics and "gnp.exe" not in metrics and "plugboard_up 0" not in metrics and metrics.isascii(), metrics
        for words in (["sessions"], ["lanes"], ["top"], ["status"]):
            done = subprocess.run([program(), *words], capture_output=True, env=environment(world.server.folder), timeout=10)
            text = done.stdout.decode()
            assert done.returncode == 0 and not harmful(text), (words, harmful(text), text)
            assert words != ["sessions"] or len(text.rstrip("\n").split("\n")) == len(NAMES) + 1, text
        assert not harmful(world.server.log()), world.server.log()
        with open(world.server.journal.path) as file:
            assert not harmful(file.read())
        watch.close()
        for client in clients:
            client.close()


@script.check(4)
def odd_names_do_not_steer_the_terminal_of_top():
    with OperatedRouter() as world:
        clients = [Client(world.server, 4, name) for name in NAMES]
        for client in clients:
            client.ok("OutputCmd", DeviceIndex=0, FeatureIndex=0, Command={"Vibrate": {"Value": 5}})
        keyboard, screen = pty.openpty()
        fcntl.ioctl(screen, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 200, 0, 0))
        top = subprocess.Popen(
            [program(), "top"], stdin=screen, stdout=screen, stderr=screen, env=environment(world.server.folder, TERM="xterm")
        )
        os.close(screen)
        try:
            drawn, until = b"", time.monotonic() + DEADLINE
            while b"Vibrate" not in drawn and b"script" not in drawn:
                assert readable(keyboard, max(0, until - time.monotonic())), drawn
                drawn += os.read(keyboard, 65536)
            os.write(keyboard, b"q")
            assert top.wait(DEADLINE) == 0
            text = drawn.decode(errors="replace")
            assert not [mark for mark in harmful(text) if mark != "\x1b[2J"], text
        finally:
            if top.poll() is None:
                top.kill()
                top.wait()
            os.close(keyboard)
        for client in clients:
            client.close()


@script.check(4)
def a_page_of_another_origin_changes_and_reads_nothing():
    with OperatedRouter() as world:
        tail = "Content-Length: 2\nConnection: close\n\n{}"
        own = "Host: 127.0.0.1:PORT\n"
        for lines in (
            own + "Origin: https://evil.example\nContent-Type: application/json\n",
            own + "Origin: null\nContent-Type: application/json\n",
            own + "Origin: http://127.0.0.1:1\nContent-Type: application/json\n",
            "Host: evil.example:PORT\nOrigin: http://evil.example:PORT\nContent-Type: application/json\n",
        ):
            status, _ = world.http("POST /v1/stop HTTP/1.1\n" + lines + tail)
            assert status in (403, 421), (lines, status)
        for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=a"):
            assert world.http(f"POST /v1/stop HTTP/1.1\n{own}Content-Type: {kind}\n{tail}")[0] == 415, kind
        status, text = world.http(f"GET /v1/sessions HTTP/1.1\n{own}Origin: https://evil.example\nConnection: close\n\n")
        assert "access-control-allow" not in text, text
        status, text = world.http(
            f"OPTIONS /v1/stop HTTP/1.1\n{own}Origin: https://evil.example\nAccess-Control-Request-Method: POST\nConnection: close\n\n"
        )
        assert status >= 400 and "access-control-allow" not in text, text
        assert world.admin.ask("GET", "/v1/status")["emergency_stop"] is False


@script.check(4)
def levels_and_limits_that_are_not_numbers_in_range_are_refused():
    with OperatedRouter() as world:
        for text in ("", "0", "-1", "31", "1.5", "1e1", "%2B5", "05", "%205", "NaN", "%E0%A5%A7", "9" * 40, "10,10", "%00"):
            world.admin.ask("GET", f"/v1/events?levels={text}", status=400)
        for text in ("", "0", "1001", "%2B5", "05", "x", "9" * 40):
            world.admin.ask("GET", f"/v1/lanes?limit={text}", status=400)


@script.check(4)
def the_id_of_a_session_that_is_gone_affects_no_other_session():
    with OperatedRouter() as world:
        old = Client(world.server, 4, "Old")
        gone = world.admin.ask("GET", "/v1/sessions")["sessions"][0]["id"]
        watch = Events(world.admin)
        old.close()
        watch.wait(lambda: not watch.state["sessions"])
        fresh = Client(world.server, 4, "Fresh")
        for verb in ("kick", "mute", "unmute"):
            world.admin.ask("POST", f"/v1/sessions/{gone}/{verb}", {}, status=404)
        world.admin.ask("PATCH", f"/v1/sessions/{gone}", {"cap": 0}, status=404)
        world.admin.ask("GET", f"/v1/sessions?after={gone}", status=404)
        [session] = world.admin.ask("GET", "/v1/sessions")["sessions"]
        assert session["id"] != gone and not session["mute"] and not session["patched"] and session["cap"] == 1, session
        fresh.ok("Ping")
        watch.close()
        fresh.close()


@script.check(4)
def ten_thousand_requests_whose_answers_nobody_reads_take_no_memory():
    with OperatedRouter() as world:
        port = int(world.address().rsplit(":", 1)[1])
        client = Client(world.server, 4, "Game")
        client.ok("Ping")
        before = resident(world.server)
        with socket.create_connection(("127.0.0.1", port), timeout=DEADLINE) as greedy:
            greedy.setblocking(False)
            request = f"GET /page/style.css HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode() * 100
            sent = 0
            # Until the router reads no more.
            while sent < 100 and select.select([], [greedy], [], 0.5)[1]:
                try:
                    sent += greedy.send(request) / len(request)
                except BlockingIOError:
                    pass
            client.ok("Ping")
            grown = resident(world.server) - before
            assert grown < 8 << 20, f"{grown} bytes more"
            # The answers go on when somebody takes them.
            greedy.setblocking(True)
            greedy.settimeout(DEADLINE)
            for _ in range(50):
                assert greedy.recv(1 << 20)


@script.check(4)
def a_stopped_router_is_replaced_by_its_supervisor():
    folder = tempfile.TemporaryDirectory(prefix="plugboard-conformance-")
    name = os.path.join(folder.name, "notify")
    notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    notify.bind(name)
    notify.settimeout(DEADLINE)
    period = 1.0

    def start():
        variables = {"NOTIFY_SOCKET": name, "WATCHDOG_USEC": str(int(period * 1e6))}
        return Server("rabbit", config=CONFIG, variables=variables)

    def supervise():
        """Returns when no sign of life has come for the watchdog's time."""
        until = time.monotonic() + period
        while readable(notify, max(0, until - time.monotonic())):
            if b"WATCHDOG=1" in notify.recv(4096):
                until = time.monotonic() + period

    server = start()
    try:
        end = time.monotonic() + DEADLINE
        while b"WATCHDOG=1" not in notify.recv(4096):
            if time.monotonic() > end:
                raise Late("no sign of life")
        server.signal(signal.SIGSTOP)
        supervise()
        server.kill()
        server.clean()
        server = start()
        client = Client(server, 4)
        client.ok("Ping")
        client.close()
        server.stop()
    finally:
        server.clean()
        notify.close()
        folder.cleanup()


@contextlib.contextmanager
def small_disk():
    """A folder on a disk of 64 KB of its own; None without the right to mount one."""
    with tempfile.TemporaryDirectory(prefix="plugboard-conformance-") as folder:
        if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k,mode=0700", "none", folder], capture_output=True).returncode != 0:
            yield None
            return
        try:
            yield folder
        finally:
            subprocess.run(["umount", folder], check=True)


def fill(path):
    """Takes all the room that is left on a disk."""
    with open(path, "wb", buffering=0) as file:
        for size in (4096, 1):
            while True:
                try:
                    file.write(bytes(size))
                except OSError as error:
                    assert error.errno == errno.ENOSPC, error
                    break


@script.check(4)
def a_stop_on_a_full_disk_stops_at_once_and_is_kept_as_soon_as_there_is_room():
    with small_disk() as disk:
        if disk is None:
            print("  skipped: no disk can be mounted here")
            return
        state, filler = os.path.join(disk, "state"), os.path.join(disk, "filler")
        with OperatedRouter(flags=("--state-file", state)):
            pass
        with OperatedRouter(flags=("--state-file", state)) as world:
            client = Client(world.server, 4)
            client.ok("OutputCmd", DeviceIndex=0, FeatureIndex=0, Command={"Vibrate": {"Value": 5}})
            world.server.journal.wait(lambda line: line["value"] == 5, what="the value")
            fill(filler)
            mark = world.server.journal.mark()
            world.admin.ask("POST", "/v1/stop", {})
            world.server.journal.expect(0, 0, "Vibrate", 0, mark)
            world.server.wait_log("the state is not kept")
            assert world.admin.ask("GET", "/v1/status")["emergency_stop"]
            client.ok("Ping")
            with open(state) as file:
                assert "raised" not in file.read(), "the old state must be whole"
            os.remove(filler)
            world.server.wait_log("the state is kept again")
            with open(state) as file:
                assert "emergency-stop raised" in file.read()
            assert sorted(os.listdir(disk)) == ["state", "state.lock"], os.listdir(disk)
            client.close()


script.main()
