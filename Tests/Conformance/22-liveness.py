#!/usr/bin/env python3
# versions: 4
# Peers that become silent: each gets a WebSocket ping, is dropped when nothing comes back, and kept when anything does.

import time

from lib.script import Script
from lib.wire import PING, Closed, frame

script = Script("plug", config='[limits]\nping_interval = "400ms"\nhandshake_timeout = "600ms"\nclose_timeout = "200ms"\n')


@script.check(4)
def a_peer_that_vanished_is_dropped_and_its_outputs_stop(case):
    device = case.index("plug")
    client = case.client()
    mark = case.journal.mark()
    client.output(device, 0, "Vibrate", 10)
    case.expect(device, 0, "Vibrate", 10, mark)
    since = time.monotonic()
    case.expect(device, 0, "Vibrate", 0, mark)
    took = time.monotonic() - since
    assert 0.35 < took < 1.6, f"dropped after {took:.2f} s, expected twice 0.4"
    opcodes = []
    try:
        while True:
            opcodes.append(client.socket.receive_frame()[0])
    except Exception:
        pass
    assert PING in opcodes, f"no WebSocket ping before: {opcodes}"


@script.check(4)
def a_peer_that_answers_stays_although_its_app_is_silent(case):
    device = case.index("plug")
    client = case.client()
    mark = case.journal.mark()
    client.output(device, 0, "Vibrate", 11)
    case.expect(device, 0, "Vibrate", 11, mark)
    since = time.monotonic()
    while time.monotonic() - since < 2:
        try:
            client.socket.receive(0.3)
        except Closed:
            raise
        except AssertionError:
            pass
    client.ok("Ping")
    assert case.journal.read() and 0 not in case.journal.values(device, 0, None, mark), "silence was taken for death"


@script.check(4)
def a_connection_without_a_handshake_is_closed(case):
    client = case.client(handshake=False)
    since = time.monotonic()
    client.error(1, "Ping")
    client.closed(1008, within=3)
    assert 0.5 < time.monotonic() - since < 2


script.main()
