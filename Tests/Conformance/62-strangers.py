#!/usr/bin/env python3
# versions: 4
# Strangers cost those who were let in nothing: wrong tokens by the thousand, half heads, TLS handshakes, and apps beside them that go on.

import contextlib
import hashlib
import json
import os
import select
import signal
import socket
import ssl
import time

from lib.certificates import Authority
from lib.client import Client
from lib.script import Script, serving
from lib.server import run
from lib.wire import Wire, ask, upgrade_head

script = Script(server=False)
RATE = 50
WRONG = 10_000
HALF = 2_000
# Connections of one address beyond its limit.
MORE = 10_000
# So many of them come within a second.
HALF_RATE = 500
HELLOS_RATE = 2_500
FLOOD_SECONDS = 4


class Pace:
    """An app in a process of its own that sends a command 50 times a second and measures how long each answer takes."""

    def __init__(self, client, device):
        self.client, self.device = client, device
        (self.ended, self.ending), (self.reading, told) = os.pipe(), os.pipe()
        self.process = os.fork()
        if self.process == 0:
            os.close(self.ending)
            os._exit(self._run(told))
        os.close(told)
        os.close(self.ended)

    def _run(self, told):
        times, due = [], time.monotonic()
        try:
            while not select.select([self.ended], [], [], max(0, due - time.monotonic()))[0]:
                since = time.perf_counter()
                self.client.output(self.device, 0, "Vibrate", 1 + len(times) % 2)
                times.append(1_000 * (time.perf_counter() - since))
                due += 1 / RATE
            result, status = json.dumps(times), 0
        except Exception as error:
            result, status = json.dumps(repr(error)), 1
        with os.fdopen(told, "w") as pipe:
            pipe.write(result)
        return status

    def stop(self):
        """How long the answers took, in milliseconds, sorted."""
        os.close(self.ending)
        with os.fdopen(self.reading) as pipe:
            times = json.load(pipe)
        os.waitpid(self.process, 0)
        assert isinstance(times, list), f"the app that was let in failed: {times}"
        # The child has used the ids of this client.
        self.client.next_id += len(times)
        return sorted(times)


def p99(times):
    return times[int(len(times) * 0.99)]


def quiet(client, device, seconds=4):
    """The app alone: what its p99 is on this machine now."""
    pace = Pace(client, device)
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        # A round trip of another kind keeps this process as busy as the strangers will.
        select.select([], [], [], 0.01)
    return pace.stop()


def undisturbed(client, device, strangers, elsewhere=None):
    """Whether the app's p99 stays within twice its own while `strangers()` runs, and what to say of it. `elsewhere()` does the same to another
    router: that takes as much of this machine, and what is more is the router's. What the router does comes again; what else this machine does
    need not: there are three tries. Less than two milliseconds cannot be told apart where three programs share two processors."""
    said = []
    for _ in range(3):
        alone = quiet(client, device)
        control = beside_of(client, device, elsewhere) if elsewhere else alone
        beside = beside_of(client, device, strangers)
        said.append(f"p99 alone {p99(alone):.2f} ms, " + (f"with the strangers elsewhere {p99(control):.2f} ms, " if elsewhere else "")
                    + f"beside them {p99(beside):.2f} ms of {len(beside)}")
        if p99(beside) <= 2 * max(p99(alone), p99(control), 2):
            return True, said
    return False, said


def beside_of(client, device, others):
    pace = Pace(client, device)
    others()
    return pace.stop()


def asker(address, count, statuses, line):
    """One stranger after the other, each with another wrong token."""
    for number in range(count):
        answer = ask(address, upgrade_head(f"/?token=pb_wrong{number}", extra=(line,)), within=10)
        statuses[answer.status] = statuses.get(answer.status, 0) + 1


@script.check(4)
def ten_thousand_wrong_tokens_from_one_address_end_in_429_and_disturb_nobody():
    with serving("plug") as case, serving("plug") as other:
        client, device = case.client(), case.index("plug")
        statuses = {}
        asker(case.server.address, 500, statuses, "X-Real-IP: 203.0.113.9")
        memory, descriptors = case.server.resident_kilobytes(), case.server.descriptors()
        line = "X-Real-IP: 203.0.113.9"
        is_quiet, said = undisturbed(
            client, device, lambda: asker(case.server.address, WRONG - 500, statuses, line), lambda: asker(other.server.address, WRONG - 500, {}, line))
        assert statuses.keys() == {401, 429} and statuses[401] < 100 and sum(statuses.values()) >= WRONG, statuses
        assert case.server.resident_kilobytes() <= memory + 1_024, (memory, case.server.resident_kilobytes())
        assert case.server.descriptors() <= descriptors + 2
        print(f"  beside {WRONG} wrong tokens: {said}, answers {statuses}")
        assert is_quiet, said
        assert case.server.log().count("within a minute") <= 1 + statuses[401] // 10, case.server.log()[-800:]
        # Apps of this computer come in as ever.
        Client(case.server).close()


@script.check(4)
def the_pause_is_told_once_and_says_when_to_come_back():
    with serving("plug", config='[server]\nrequire_token = "always"\n', scan=False) as case:
        for _ in range(10):
            answer = ask(case.server.address, upgrade_head("/?token=wrong"))
            assert answer.status == 401 and answer.headers["www-authenticate"] == "Bearer", answer.status
            assert b"plugboard token add" in answer.body
        for _ in range(20):
            answer = ask(case.server.address, upgrade_head("/t/wrong"))
            assert answer.status == 429 and 1 <= int(answer.headers["retry-after"]) <= 60, answer.headers
        case.server.wait_log("within a minute")
        assert case.server.log().count("within a minute") == 1, case.server.log()[-800:]
        case.server.signal(signal.SIGUSR1)
        case.server.wait_match(r"unauthorized=10.*paused=20|paused=20.*unauthorized=10|\"unauthorized\":\"10\"")
        assert ask(case.server.address, b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n").status == 200


@script.check(4)
def a_token_of_any_length_is_answered_and_is_in_no_log():
    with serving("plug", config='[server]\nrequire_token = "always"\n', scan=False) as case:
        for length, status in ((1, 401), (43, 401), (257, 401), (4_000, 401), (100_000, 431)):
            secret = "Zq9" * (length // 3 + 1)
            for path, lines in ((f"/?token={secret}", ()), ("/", (f"Authorization: Bearer {secret}",))):
                answer = ask(case.server.address, upgrade_head(path, extra=lines))
                assert answer.status == status, (length, answer.status)
                assert b"Zq9" not in answer.body
        case.server.wait_log("connection refused")
        assert "Zq9" not in case.server.log()


@script.check(4)
def one_address_has_so_many_sessions_and_others_come_in():
    token = "pb_" + "s" * 43
    digest = hashlib.sha256(token.encode()).hexdigest()
    config = f'''[server]
trusted_proxies = ["127.0.0.1"]
[[token]]
name = "many"
hash = "{digest}"
sessions = 100
[limits]
sessions_per_address = 20
'''
    with serving("plug", config=config) as case:
        path, here, there = f"/?token={token}", ("X-Forwarded-For: 203.0.113.7",), ("X-Forwarded-For: 203.0.113.8",)
        guests = [Client(case.server, name=f"Guest {number}", path=path, extra=here) for number in range(20)]
        memory, descriptors = case.server.resident_kilobytes(), case.server.descriptors()
        for _ in range(MORE):
            assert ask(case.server.address, upgrade_head(path, extra=here)).status == 503
        assert case.server.resident_kilobytes() <= memory + 4_096, (memory, case.server.resident_kilobytes())
        assert case.server.descriptors() <= descriptors + 2
        # Another address, and this computer, notice nothing of it.
        Client(case.server, path=path, extra=there).close()
        case.client().ok("Ping")
        for guest in guests:
            guest.ok("Ping")
            guest.close()


@script.check(4)
def two_thousand_half_heads_are_bounded_and_disturb_nobody():
    config = '[server]\nrequire_token = "remote"\n[[listener]]\naddress = "ws://127.0.0.1:0"\nproxy_protocol = true\n[limits]\nhead_timeout = "1m"\n'
    with serving("plug", config=config) as case, serving("plug", config=config) as other, contextlib.ExitStack() as stack:
        # The second address: every connection to it may be from anybody.
        outside, elsewhere = case.server._ready(), other.server._ready()
        client, device = case.client(), case.index("plug")
        descriptors = case.server.descriptors()
        half = []

        def come(address):
            half.clear()
            since = time.monotonic()
            for number in range(HALF):
                select.select([], [], [], max(0, since + number / HALF_RATE - time.monotonic()))
                wire = Wire(address)
                stack.callback(wire.close)
                wire.send_what_is_taken(b"PROXY TCP4 203.0.113.9 127.0.0.1 1 2\r\nGET / HTTP/1.1\r\nHost: localhost\r\n"[: 7 + number % 70])
                half.append(wire)
            # The answer to a later connection shows that all of these were accepted.
            assert ask(address, b"PROXY UNKNOWN\r\n" + upgrade_head()).status == 401

        is_quiet, said = undisturbed(client, device, lambda: come(outside), lambda: come(elsewhere))
        left = case.server.descriptors() - descriptors
        assert left <= 257, f"{left} half-open connections are left"
        # The oldest were closed, the newest were not.
        assert half[0].rest() == b"" and half[HALF // 2].rest() == b""
        newest = select.poll()
        newest.register(half[-1].socket, select.POLLIN)
        assert not newest.poll(0)
        client.ok("Ping")
        print(f"  beside {HALF} half heads: {said}, {left} left")
        assert is_quiet, said
        case.server.wait_log("were not let in yet")


def client_hello():
    """The first message of a TLS client, as often as wanted: to answer it costs a server most of a handshake, to send it again nothing."""
    ended, out = ssl.MemoryBIO(), ssl.MemoryBIO()
    with contextlib.suppress(ssl.SSLWantReadError):
        ssl.create_default_context().wrap_bio(ended, out, server_hostname="localhost").do_handshake()
    return out.read()


class Flood:
    """A process of its own that opens connections at a rate, each with the same first bytes, and reads nothing."""

    def __init__(self, address, first, rate, seconds):
        self.reading, told = os.pipe()
        self.process = os.fork()
        if self.process == 0:
            try:
                os.nice(5)
                count = self._run(address, first, rate, seconds)
                os.write(told, str(count).encode())
            finally:
                os._exit(0)
        os.close(told)

    @staticmethod
    def _run(address, first, rate, seconds):
        since, count, held = time.monotonic(), 0, []
        while (now := time.monotonic() - since) < seconds:
            if count >= now * rate:
                select.select([], [], [], 0.001)
                continue
            peer = socket.socket()
            peer.setblocking(False)
            with contextlib.suppress(OSError):
                peer.connect(address)
            with contextlib.suppress(OSError):
                peer.send(first)
            held.append(peer)
            count += 1
            if len(held) > 300:
                held.pop(0).close()
        return count

    def wait(self):
        """How many came."""
        with os.fdopen(self.reading) as pipe:
            count = int(pipe.read() or 0)
        os.waitpid(self.process, 0)
        return count


def load_latency(url, *flags):
    """The p50 and p99 of `plugboard bench`, in milliseconds; every message must have its answer."""
    code, out, err = run("bench", url, "--duration", f"{FLOOD_SECONDS - 1}s", "--warmup", "500ms", "--no-stay-awake", *flags, "--json", "-", within=30)
    assert code == 0, f"exit status {code}: {err[-500:]}"
    times = json.loads(out)["latency_us"]
    return times["p50"] / 1_000, times["p99"] / 1_000


@script.check(4)
def a_flood_of_tls_handshakes_disturbs_nobody_who_was_let_in():
    home = Authority("home")
    pair = home.pair()
    config = f'''[tls]
certificate = "{pair[0]}"
key = "{pair[1]}"
[[listener]]
address = "wss://127.0.0.1:0"
proxy_protocol = true
'''
    try:
        with serving("dual*8", config=config) as case, serving("dual*8", config=config) as other:
            first = b"PROXY TCP4 203.0.113.9 127.0.0.1 1 2\r\n" + client_hello()
            outside, elsewhere = case.server._ready(), other.server._ready()
            url = "ws://%s:%d" % case.server.address
            for name, flags in (("one app, 50 messages a second", ("--clients", "1", "--rate", "50")), ("64 apps, 20,000", ("--rate", "20000"))):
                said = []
                for _ in range(3):
                    alone = load_latency(url, *flags)
                    # The same flood against another router takes as much of the machine: what is more beside the own one is this router's.
                    flood = Flood(elsewhere, first, HELLOS_RATE, FLOOD_SECONDS)
                    control = load_latency(url, *flags)
                    flood.wait()
                    flood = Flood(outside, first, HELLOS_RATE, FLOOD_SECONDS)
                    beside = load_latency(url, *flags)
                    count = flood.wait()
                    said.append(
                        "p50 and p99 alone %.2f and %.2f ms, while another router is flooded %.2f and %.2f, beside %.0f handshakes a second "
                        "%.2f and %.2f" % (*alone, *control, count / FLOOD_SECONDS, *beside))
                    # Where many programs want the processors, the system takes one away from the router for some milliseconds, which the p99
                    # shows, and more often from the router that has more to do.
                    if beside[0] <= 2 * max(alone[0], control[0], 1) and beside[1] <= 2 * max(alone[1], control[1], 10):
                        break
                else:
                    raise AssertionError(f"{name}: {said}")
                print(f"  {name}: {said}")
            assert count >= FLOOD_SECONDS * 1_000, f"only {count} came: the flood was none"
            assert case.server.log().count("connection refused") < 40, "one line a second at most"
    finally:
        home.remove()


@script.check(4)
def apps_of_this_computer_are_never_closed_for_strangers():
    with serving("plug", config="[limits]\nstrangers = 1\n") as case, contextlib.ExitStack() as stack:
        wires = []
        for _ in range(300):
            wires.append(Wire(case.server.address))
            stack.callback(wires[-1].close)
        for wire in wires:
            wire.send(upgrade_head())
        for wire in wires:
            assert wire.take_until(b"\r\n\r\n", time.monotonic() + 5).startswith(b"HTTP/1.1 101 ")


if __name__ == "__main__":
    script.main()
