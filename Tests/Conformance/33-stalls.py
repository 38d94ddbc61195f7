#!/usr/bin/env python3
# versions: 4
# The router is stopped for a while (Ctrl-Z, a debugger, a paused container): what has arrived meanwhile is read before any deadline counts.

import os
import signal
import threading
import time

from lib.client import Client, handshake_body
from lib.script import Script, serving
from lib.upstream import Upstream, vibrator
from lib.wire import PING, PONG, Wire, frame, readable

script = Script(server=False)
QUIET = os.pipe()


def stall(server, seconds, meanwhile=lambda: None):
    """Stops the process for this time; `meanwhile` is called right at the beginning."""
    server.signal(signal.SIGSTOP)
    until = time.monotonic() + seconds
    meanwhile()
    readable(QUIET[0], max(until - time.monotonic(), 0))
    server.signal(signal.SIGCONT)


@script.check(4)
def pings_that_came_meanwhile_count():
    for seconds in (1.02, 1.05, 1.3, 3):
        with serving("rabbit", flags=("--max-ping-time", "1000")) as case:
            client = case.client()
            client.output(0, 0, "Vibrate", 10)
            client.ok("Ping")
            mark = case.journal.mark()
            asked = []
            stall(case.server, seconds, lambda: asked.extend(client.post("Ping") for _ in range(10)))
            for ping in asked:
                assert client.reply(ping)[0] == "Ok", f"after {seconds} s"
            client.ok("Ping")
            assert case.journal.values(0, 0, None, mark) == [], f"after {seconds} s: {case.journal.values(0, 0, None, mark)}"


@script.check(4)
def many_sessions_and_a_busy_router():
    with serving("rabbit,plug*3", flags=("--max-ping-time", "1000")) as case:
        clients = [case.client() for _ in range(40)]
        for _ in range(5):
            pending = []
            for client in clients:
                client.ok("Ping")

            def commands():
                for number, client in enumerate(clients):
                    body = {"DeviceIndex": number % 4, "FeatureIndex": 0, "Command": {"Vibrate": {"Value": number % 20}}}
                    pending.append((client, [client.post("Ping")] + [client.post("OutputCmd", **body) for _ in range(20)]))

            stall(case.server, 1.2, commands)
            for client, asked in pending:
                # A command that a later one replaces may be answered first.
                answers = [client.next() for _ in asked]
                assert {name for name, _ in answers} == {"Ok"} and sorted(body["Id"] for _, body in answers) == asked, answers


@script.check(4)
def a_session_that_sends_nothing_still_ends():
    with serving("rabbit", flags=("--max-ping-time", "1000")) as case:
        client = case.client()
        client.output(0, 0, "Vibrate", 10)
        mark = case.journal.mark()
        stall(case.server, 1.5)
        case.journal.expect(0, 0, "Vibrate", 0, mark, within=1)
        client.closed(1008)


@script.check(4)
def a_handshake_that_came_meanwhile_counts():
    with serving("rabbit", config='[limits]\nhandshake_timeout = "1s"\nhead_timeout = "1s"\n') as case:
        client = Client(case.server, handshake=False)
        bodies = handshake_body(4, 7)
        stall(case.server, 1.6, lambda: client.send(("RequestServerInfo", bodies)))
        name, _ = client.reply(7)
        assert name == "ServerInfo"
        client.drop()


@script.check(4)
def a_head_that_came_meanwhile_counts():
    with serving("rabbit", config='[limits]\nhead_timeout = "1s"\n') as case:
        host, port = case.server.address
        wire = Wire(case.server.address)
        head = (
            f"GET / HTTP/1.1\r\nHost: {host}:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
        ).encode()
        wire.send(head[:20])
        case.client().ok("Ping")
        stall(case.server, 2, lambda: wire.send(head[20:]))
        assert b" 101 " in wire.take_until(b"\r\n", time.monotonic() + 3)
        wire.close()


@script.check(4)
def a_pong_that_came_meanwhile_counts():
    with serving("rabbit", config='[limits]\nping_interval = "1s"\n') as case:
        client = case.client()
        client.output(0, 0, "Vibrate", 10)
        wire = client.socket.wire
        first = wire.take(2, time.monotonic() + 3)
        assert first[0] & 15 == PING
        payload = wire.take(first[1] & 127, time.monotonic() + 1)
        stall(case.server, 2.5, lambda: client.socket.send(frame(PONG, payload)))
        client.ok("Ping")


@script.check(4)
def an_upstreams_answer_that_came_meanwhile_counts():
    upstream = Upstream([vibrator(0)])
    asked = threading.Event()
    held = []

    def hold(_, body):
        held.append(body["Id"])
        asked.set()

    address = upstream.listen()
    try:
        with serving(flags=("--upstream", f"ws://{address[0]}:{address[1]}"), scan=False) as case:
            client = case.client()
            if not client.devices():
                client.event("DeviceList", lambda body: body["Devices"])
            device = client.devices()[0]["DeviceIndex"]
            upstream.wait(lambda: (0, 0) in upstream.waiting and not upstream.waiting[0, 0], "the first zero")
            upstream.manner = hold
            request = client.post("OutputCmd", DeviceIndex=device, FeatureIndex=0, Command={"Vibrate": {"Value": 50}})
            assert asked.wait(3)
            stall(case.server, 4, lambda: upstream.say("Ok", Id=held[0]))
            assert client.reply(request) == ("Ok", {"Id": request})
            # A write to an upstream is in the journal like any other write.
            case.journal.expect(device, 0, "Vibrate", 50)
            client.ok("Ping")
            assert len(held) == 1, "the router took the answer for missing and wrote again"
            upstream.manner = None
            client.stop()
    finally:
        upstream.close()


script.main()
