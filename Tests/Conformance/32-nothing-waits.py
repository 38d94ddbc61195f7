#!/usr/bin/env python3
# versions: 4
# The operating system never delays a stop: terminals, pipes, disks, name servers, and the state in which a process is started.

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time

from lib.client import Client
from lib.script import Script
from lib.server import Server, environment, program, started_by
from lib.terminal import Terminal
from lib.wire import DEADLINE, Late, readable

script = Script(server=False)

# A loop that waits for the disk or the terminal of these tests is at least half a second late.
PROMPT = 0.3


@contextlib.contextmanager
def server(*args, **options):
    one = Server(*args, **options)
    try:
        yield one
    finally:
        one.clean()


def timed(body):
    since = time.monotonic()
    body()
    return time.monotonic() - since


def stops_promptly(one, sessions=0):
    """An output runs, sessions come and go, and a stop is carried out at once."""
    client = Client(one, name="driver")
    client.scan()
    client.output(0, 0, "Vibrate", 15)
    for number in range(sessions):
        Client(one, name=f"an app with a long name that is loaded again and again, {number}").drop()
    took = timed(client.stop)
    assert took < PROMPT, f"the stop was answered after {took * 1000:.0f} ms"
    return client


def wait_until(body, what, within=DEADLINE):
    until = time.monotonic() + within
    while not body():
        assert time.monotonic() < until, f"{what} did not come within {within} s"
        readable(wait_until.quiet[0], 0.01)


wait_until.quiet = os.pipe()


def connected(path):
    """A client of a server whose socket may not listen yet."""
    clients = []

    def connect():
        with contextlib.suppress(OSError):
            clients.append(Client(path))
        return clients

    wait_until(connect, f"a listener at {path}")
    return clients[0]


# Terminals and pipes


@script.check(4)
def a_terminal_that_nobody_reads():
    terminal = Terminal()
    terminal.fill()
    try:
        with server("rabbit", stdin=terminal.screen, stderr=terminal.screen, start_new_session=True) as one:
            client = stops_promptly(one, sessions=300)
            one.journal.expect(0, 0, "Vibrate", 0, since=len(one.journal.values(0, 0, None)))
            for number in (signal.SIGUSR1, signal.SIGHUP, signal.SIGUSR1):
                one.signal(number)
                took = timed(lambda: client.ok("Ping"))
                assert took < PROMPT, f"{number}: {took * 1000:.0f} ms"
            client.output(0, 0, "Vibrate", 7)
            mark = one.journal.mark()
            one.signal(signal.SIGUSR2)
            one.journal.expect(0, 0, "Vibrate", 0, mark)
            assert one.process.poll() is None
            took = timed(one.stop)
            assert took < 2, f"the end took {took:.1f} s"
    finally:
        terminal.close()


@script.check(4)
def a_terminal_that_is_read_again_shows_what_is_missing():
    terminal = Terminal()
    terminal.fill()
    try:
        with server("rabbit", flags=("--log-level", "debug"), stdin=terminal.screen, stderr=terminal.screen, start_new_session=True) as one:
            client = Client(one)
            client.scan()
            for number in range(400):
                one.signal(signal.SIGUSR1)
                client.ok("Ping")
            text = terminal.take(0.5)
            assert "counts of messages" in text, text[-300:]
            one.stop()
    finally:
        terminal.close()


@script.check(4)
def a_pipe_that_nobody_reads():
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    with contextlib.suppress(BlockingIOError):
        while os.write(writer, b"." * 4096):
            pass
    os.set_blocking(writer, True)
    try:
        with server("rabbit", stderr=writer) as one:
            stops_promptly(one, sessions=100)
            one.stop()
    finally:
        os.close(reader)
        os.close(writer)


@script.check(4)
def a_ready_line_that_nobody_reads():
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    with contextlib.suppress(BlockingIOError):
        while os.write(writer, b"." * 4096):
            pass
    os.set_blocking(writer, True)
    folder = tempfile.mkdtemp(prefix="plugboard-conformance-")
    path = os.path.join(folder, "socket")
    process = subprocess.Popen(
        [program(), "serve", "--listen", f"unix://{path}", "--simulate", "rabbit"],
        stdin=subprocess.DEVNULL, stdout=writer, stderr=subprocess.DEVNULL, env=environment(folder),
    )
    try:
        connected(path).scan()
        process.send_signal(signal.SIGTERM)
        assert process.wait(5) == 0
    finally:
        process.kill()
        process.wait()
        os.close(reader)
        os.close(writer)
        shutil.rmtree(folder)


@script.check(4)
def a_journal_in_a_pipe_that_nobody_reads():
    folder = tempfile.mkdtemp(prefix="plugboard-conformance-")
    path = os.path.join(folder, "pipe")
    os.mkfifo(path)
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    try:
        with server("rabbit", journal=path) as one:
            client = Client(one)
            client.scan()
            for _ in range(20):
                values = [{"Vibrate": {"Value": number % 20 + 1}} for number in range(100)]
                for asked in [client.post("OutputCmd", DeviceIndex=0, FeatureIndex=0, Command=value) for value in values]:
                    client.reply(asked)
            took = timed(client.stop)
            assert took < PROMPT, f"the stop was answered after {took * 1000:.0f} ms"
            one.stop()
            lines = os.read(reader, 1 << 20).decode().splitlines()
            assert all(json.loads(line)["name"] == "Simulated Rabbit" for line in lines[:-1])
    finally:
        os.close(reader)
        shutil.rmtree(folder)


@script.check(4)
def a_background_job_of_a_terminal_that_stops_writers():
    terminal = Terminal()
    try:
        wrap = ("bash", "-c", 'set -m; stty tostop < /dev/tty; "$@" & wait', "x")
        with server(
            "rabbit", wrap=wrap, stdin=terminal.screen, stderr=terminal.screen, start_new_session=True, preexec_fn=terminal.owns
        ) as one:
            stops_promptly(one, sessions=20)
            assert "session up" in terminal.take(0.2)
    finally:
        terminal.close()


# Disks


def router(one):
    """The process itself, when another process started it."""
    return started_by(one.pid)[0]


@contextlib.contextmanager
def slowed(inject, *more, **options):
    """A server with some slow system calls."""
    with server(wrap=("strace", "-f", "-qq", "-o", "/dev/null", "--seccomp-bpf", *more, f"-einject={inject}"), **options) as one:
        yield one, router(one)


@script.check(4)
def a_disk_that_takes_seconds_to_write():
    if not shutil.which("strace"):
        return
    folder = tempfile.mkdtemp(prefix="plugboard-conformance-")
    try:
        slow = "write,fsync,rename,mkdir:delay_enter=700000:when=30+"
        with slowed(slow, simulate="rabbit,plug*8", folder=folder) as (one, _):
            client = Client(one)
            late = []
            for body in (client.scan, *[lambda value=value: client.output(0, 0, "Vibrate", value) for value in range(1, 20)], client.stop):
                took = timed(body)
                if took > PROMPT:
                    late.append(round(took * 1000))
            assert not late, f"answers after {late} ms"
            one.journal.expect(0, 0, "Vibrate", 0, within=20)
    finally:
        shutil.rmtree(folder)


@script.check(4)
def an_emergency_stop_reaches_a_slow_disk():
    if not shutil.which("strace"):
        return
    folder = tempfile.mkdtemp(prefix="plugboard-conformance-")
    try:
        with slowed("fsync:delay_enter=700000", simulate="rabbit", folder=folder) as (one, pid):
            client = Client(one)
            client.scan()
            client.output(0, 0, "Vibrate", 9)
            mark = one.journal.mark()
            since = time.monotonic()
            os.kill(pid, signal.SIGUSR2)
            one.journal.expect(0, 0, "Vibrate", 0, mark)
            took = time.monotonic() - since
            assert took < PROMPT, f"the zero came after {took * 1000:.0f} ms"
            client.ok("Ping")
            state = os.path.join(folder, "state", "plugboard", "state")
            wait_until(lambda: os.path.exists(state) and "emergency-stop raised" in open(state).read(), "the state", within=8)
        with server("rabbit", folder=folder) as one:
            one.wait_log("still raised")
            one.stop()
    finally:
        shutil.rmtree(folder)


@script.check(4)
def an_end_waits_for_the_emergency_stop_to_be_kept():
    if not shutil.which("strace"):
        return
    folder = tempfile.mkdtemp(prefix="plugboard-conformance-")
    try:
        with slowed("fsync:delay_enter=700000", simulate="rabbit", folder=folder) as (one, pid):
            Client(one).scan()
            os.kill(pid, signal.SIGUSR2)
            os.kill(pid, signal.SIGTERM)
            took = timed(lambda: one.wait(5))
            assert took < 5, f"the end took {took:.1f} s"
        with server("rabbit", folder=folder) as one:
            one.wait_log("still raised")
            one.stop()
    finally:
        shutil.rmtree(folder)


@script.check(4)
def a_configuration_that_is_slow_to_read():
    if not shutil.which("strace"):
        return
    folder = tempfile.mkdtemp(prefix="plugboard-conformance-")
    try:
        path = os.path.join(folder, "plugboard.toml")
        slow = "openat:delay_enter=1500000:when=2+"
        with slowed(slow, "-P", path, simulate="rabbit", config="", folder=folder) as (one, pid):
            client = Client(one)
            client.scan()
            for _ in range(3):
                os.kill(pid, signal.SIGHUP)
                took = timed(lambda: client.ok("Ping"))
                assert took < PROMPT, f"{took * 1000:.0f} ms"
            one.wait_log("configuration read", within=8)
    finally:
        shutil.rmtree(folder)


@script.check(4)
def a_full_disk():
    full = os.open("/dev/full", os.O_WRONLY)
    try:
        with server("rabbit", journal="/dev/full", stderr=full) as one:
            stops_promptly(one, sessions=50)
            one.stop()
    finally:
        os.close(full)
    with server("rabbit", journal="/dev/full") as one:
        stops_promptly(one)
        one.wait_log("the journal is full or gone")
        assert one.log().count("the journal is full or gone") == 1
        one.stop()


@script.check(4)
def a_file_that_may_not_grow():
    with server("rabbit", wrap=("bash", "-c", 'ulimit -f 4; exec "$@"', "x")) as one:
        client = Client(one)
        client.scan()
        for number in range(200):
            client.output(0, 0, "Vibrate", number % 20 + 1)
        client.stop()
        one.wait_log("the journal is full or gone")
        one.stop()


@script.check(4)
def a_journal_that_is_rotated():
    with server("rabbit") as one:
        client = Client(one)
        client.scan()
        client.output(0, 0, "Vibrate", 5)
        one.journal.expect(0, 0, "Vibrate", 5)
        os.rename(one.journal.path, one.journal.path + ".1")
        one.signal(signal.SIGHUP)
        one.wait_log("journal opened again")
        client.output(0, 0, "Vibrate", 6)
        client.stop()
        wait_until(lambda: os.path.exists(one.journal.path) and open(one.journal.path).read().count('"value":0') >= 1, "the new journal")
        values = [json.loads(line)["value"] for line in open(one.journal.path)]
        assert values[:2] == [6, 0], values
        one.stop()


# Names


@script.check(4)
def name_servers_that_never_answer():
    if subprocess.run(["unshare", "-rnm", "true"], stderr=subprocess.DEVNULL).returncode:
        return
    folder = tempfile.mkdtemp(prefix="plugboard-conformance-")
    resolver = os.path.join(folder, "resolv.conf")
    with open(resolver, "w") as file:
        file.write("nameserver 127.0.0.1\noptions timeout:30 attempts:5\n")
    silent = "import socket,signal; s=socket.socket(socket.AF_INET,socket.SOCK_DGRAM); s.bind(('127.0.0.1',53)); print(flush=True); signal.pause()"
    start = f'ip link set lo up; mount --bind {resolver} /etc/resolv.conf; python3 -c "{silent}" | (read x; exec "$@")'
    flags = [word for number in range(20) for word in ("--upstream", f"ws://name-{number}.example:12345")]
    path = os.path.join(folder, "socket")
    process = subprocess.Popen(
        ["unshare", "-rnm", "--fork", "--kill-child", "sh", "-c", start, "x", program(), "serve", "--listen", f"unix://{path}",
         "--simulate", "rabbit", *flags],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=open(os.path.join(folder, "log"), "w"), env=environment(folder),
        start_new_session=True,
    )
    try:
        client = connected(path)
        client.scan()
        client.output(0, 0, "Vibrate", 9)
        took = timed(client.stop)
        assert took < PROMPT, f"the stop was answered after {took * 1000:.0f} ms"
        state = os.path.join(folder, "state", "plugboard", "state")
        wait_until(lambda: os.path.exists(state), "the state")
        pid = next(int(name) for name in os.listdir("/proc") if name.isdigit() and command_line(name).startswith(f"{program()} serve") and path in command_line(name))
        os.kill(pid, signal.SIGTERM)
        wait_until(lambda: not os.path.exists(f"/proc/{pid}") or "State:\tZ" in open(f"/proc/{pid}/status").read(), "the end", within=5)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        shutil.rmtree(folder)


def command_line(pid):
    try:
        with open(f"/proc/{pid}/cmdline") as file:
            return file.read().replace("\0", " ")
    except OSError:
        return ""


# The state in which a process is started


@script.check(4)
def standard_streams_that_are_closed():
    for closed in ("<&-", ">&-", "2>&-", "<&- >&-", "<&- 2>&-", ">&- 2>&-", "<&- >&- 2>&-"):
        folder = tempfile.mkdtemp(prefix="plugboard-conformance-")
        path, journal = os.path.join(folder, "socket"), os.path.join(folder, "journal")
        process = subprocess.Popen(
            ["bash", "-c", f'exec "$@" {closed}', "x", program(), "serve", "--listen", f"unix://{path}", "--simulate", "rabbit",
             "--journal", journal],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment(folder),
        )
        try:
            client = connected(path)
            client.scan()
            client.output(0, 0, "Vibrate", 9)
            process.send_signal(signal.SIGHUP)
            client.ok("Ping")
            process.send_signal(signal.SIGTERM)
            status = process.wait(5)
            assert status == 0, f"{closed}: exit {status}"
            lines = [json.loads(line) for line in open(journal)]
            assert lines[-1]["value"] == 0, f"{closed}: {lines[-1]}"
        finally:
            process.kill()
            process.wait()
            shutil.rmtree(folder)


@script.check(4)
def no_folder_to_keep_anything():
    for home in (None, "/proc/nowhere"):
        folder = tempfile.mkdtemp(prefix="plugboard-conformance-")
        path = os.path.join(folder, "socket")
        process = subprocess.Popen(
            [program(), "serve", "--listen", f"unix://{path}", "--simulate", "rabbit", "--log-format", "json"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env={"HOME": home} if home else {},
        )
        try:
            client = connected(path)
            client.scan()
            client.output(0, 0, "Vibrate", 9)
            process.send_signal(signal.SIGUSR2)
            wait_until(lambda: client.ask("OutputCmd", DeviceIndex=0, FeatureIndex=0, Command={"Vibrate": {"Value": 3}}), "an answer")
            process.send_signal(signal.SIGTERM)
            events = [json.loads(line) for line in process.communicate(timeout=5)[1].splitlines()]
            raised = next(index for index, event in enumerate(events) if event["event"] == "emergency stop raised")
            warnings = [index for index, event in enumerate(events) if event["level"] in ("warning", "error")]
            kept = [events[index] for index in warnings if "kept" in events[index]["event"]]
            assert any(w < raised for w in warnings) and len(kept) >= 2, f"{home}: {events}"
            stopped = [event for event in kept if "emergency stop" in event["event"] or event.get("emergency_stop") == "raised"]
            assert stopped, f"{home}: nothing is said about the stop: {kept}"
        finally:
            process.kill()
            process.wait()
            shutil.rmtree(folder)


@script.check(4)
def a_terminal_that_is_closed():
    terminal = Terminal()
    with server("rabbit", stdin=terminal.screen, stderr=terminal.screen, start_new_session=True, preexec_fn=terminal.owns) as one:
        client = Client(one)
        client.scan()
        client.output(0, 0, "Vibrate", 9)
        one.signal(signal.SIGHUP)
        client.ok("Ping")
        assert one.alive(), "HUP with the terminal there ended it"
        mark = one.journal.mark()
        terminal.hang_up()
        assert one.wait(5) == 0
        one.journal.expect(0, 0, "Vibrate", 0, mark)
    terminal.close()


@script.check(4)
def a_terminal_that_the_router_must_survive():
    for wrap in (("nohup",), ("setsid",)):
        terminal = Terminal()
        with server(
            "rabbit", wrap=wrap, stdin=subprocess.DEVNULL, start_new_session=wrap == ("nohup",),
            preexec_fn=terminal.owns if wrap == ("nohup",) else None,
        ) as one:
            client = Client(one)
            client.scan()
            client.output(0, 0, "Vibrate", 9)
            terminal.hang_up()
            one.signal(signal.SIGHUP)
            one.wait_log("configuration read")
            client.ok("Ping")
            one.stop()
        terminal.close()


script.main()
