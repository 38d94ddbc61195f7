#!/usr/bin/env python3
# versions: 4
# The log has an event once in full, then counts: events from outside write at most one line a second of each kind, and none is lost.

import json
import time

from lib.client import Client
from lib.script import Script, serving
from lib.wire import Late, Wire, readable

script = Script(server=False)

# The number of lines of one kind that may follow each other at once.
BURST = 21


def entries(case, event):
    return [one for one in map(json.loads, case.server.log().splitlines()) if one["event"] == event]


def told(case, event):
    return sum(int(one.get("count", 1)) for one in entries(case, event))


def wait_told(case, event, count, within=5):
    until = time.monotonic() + within
    while told(case, event) < count:
        if time.monotonic() > until:
            raise Late(f"{told(case, event)} of {count} times {event!r} within {within} s")
        readable(case.journal.inotify, 0.05)
    assert told(case, event) == count, f"{told(case, event)} instead of {count}"


def upgrade(case, *lines, head="GET / HTTP/1.1"):
    """The status of a request, 0 when there is no answer."""
    host, port = case.server.address
    wire = Wire(case.server.address)
    fixed = ("Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 13")
    wire.send("\r\n".join((head, f"Host: {host}:{port}", *fixed, *lines, "", "")).encode())
    try:
        return int(wire.take_until(b"\r\n", time.monotonic() + 3).split()[1])
    except Exception:
        return 0
    finally:
        wire.close()


@script.check(4)
def a_page_that_tries_without_end():
    with serving("rabbit") as case:
        since = time.monotonic()
        for _ in range(500):
            assert upgrade(case, "Origin: https://site.example") == 403
        assert upgrade(case, "Origin: https://other.example") == 403
        case.server.wait_log("other.example")
        wait_told(case, "connection refused", 501)
        assert len(entries(case, "connection refused")) <= 3 + (time.monotonic() - since)


@script.check(4)
def hundreds_of_pages():
    with serving("rabbit") as case:
        since = time.monotonic()
        for number in range(500):
            assert upgrade(case, f"Origin: https://site-{number}.example") == 403
        wait_told(case, "connection refused", 500)
        assert len(entries(case, "connection refused")) <= 6 + (time.monotonic() - since)


@script.check(4)
def requests_that_are_not_requests():
    with serving("rabbit") as case:
        since = time.monotonic()
        for number in range(200):
            assert upgrade(case, head=f"GET /{number}  HTTP/1.1") == 400
            wire = Wire(case.server.address)
            wire.send(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03")
            wire.close()
        case.client().ok("Ping")
        lines = len(entries(case, "connection refused"))
        assert 2 <= lines <= 2 * (6 + (time.monotonic() - since)), f"{lines} lines for 400 refusals"


@script.check(4)
def an_engine_that_dials_out_again_and_again():
    config = '[[upstream]]\nkind = "device-host"\nurl = "ws://127.0.0.1:{}"\n'
    import socket

    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with serving("rabbit", config=config.format(port)) as case:
        address = case.server.address
        case.server.address = ("127.0.0.1", port)
        first = Client(case.server, handshake=False)
        # Within the time for the first one's handshake.
        until = time.monotonic() + 1.8
        tries = 0
        while time.monotonic() < until:
            assert upgrade(case) == 503
            tries += 1
        assert 2 <= tries <= 5, f"{tries} tries in 1.8 s: the refusal does not pace the dialler"
        wait_told(case, "connection refused", tries)
        assert len(entries(case, "connection refused")) <= 4
        first.drop()
        case.server.address = address


@script.check(4)
def sessions_that_come_and_go():
    with serving("rabbit", scan=False) as case:
        since = time.monotonic()
        for number in range(600):
            Client(case.server, number % 5, name=f"app {number}").drop()
        wait_told(case, "session up", 600)
        wait_told(case, "session down", 600)
        for event in ("session up", "session down"):
            lines = len(entries(case, event))
            assert lines <= BURST + (time.monotonic() - since), f"{lines} times {event!r}"


@script.check(4)
def an_ordinary_evening_is_logged_in_full():
    with serving("rabbit", scan=False) as case:
        for number in range(8):
            client = case.client(name=f"app {number}")
            client.close()
        wait_told(case, "session down", 8)
        for event in ("session up", "session down"):
            assert [one.get("client") for one in entries(case, event)] == [f"app {number}" for number in range(8)]
            assert all("count" not in one for one in entries(case, event))


@script.check(4)
def handshakes_that_are_refused():
    with serving("rabbit", scan=False) as case:
        since = time.monotonic()
        for _ in range(300):
            client = Client(case.server, handshake=False)
            client.send(("RequestServerInfo", {"Id": 1, "ClientName": "x", "ProtocolVersionMajor": 99, "ProtocolVersionMinor": 0}))
            client.message()
            client.drop()
        wait_told(case, "handshake refused", 300)
        assert len(entries(case, "handshake refused")) <= 6 + (time.monotonic() - since)


script.main()
