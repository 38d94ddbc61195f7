#!/usr/bin/env python3
# versions: 0 1 2 3 4
# A ping deadline: it is announced, only Ping keeps it, and a client that misses it gets an error, is closed, and only its own outputs stop.

import time

from lib.script import Script
from lib.wire import Late

script = Script("plug,dual", flags=("--max-ping-time", "500"))


def keep(client, stop):
    """Pings in time until `stop()` says so, waiting on the connection meanwhile."""
    while not stop():
        client.ok("Ping")
        try:
            client.events.append(client.message(within=0.1))
        except Late:
            pass


@script.check()
def the_deadline_is_announced(case):
    assert case.client().info["MaxPingTime"] == 500


@script.check()
def a_client_that_stops_pinging_is_told_and_closed_and_only_its_outputs_stop(case):
    holder, silent = case.client(4), case.client()
    plug, dual = case.index("plug"), case.index("dual")
    mark = case.journal.mark()
    holder.vibrate(dual, 0.5, 100)
    silent.vibrate(plug, 0.5)
    case.expect(plug, 0, "Vibrate", 10, mark)
    silent.ok("Ping")
    since = time.monotonic()
    keep(holder, lambda: 0 in case.journal.values(plug, 0, None, mark) or (case.journal.read() and time.monotonic() - since > 2))
    stopped = time.monotonic() - since
    assert 0 in case.journal.values(plug, 0, None, mark), "the silent client's output went on"
    name, body = silent.message()
    told = time.monotonic() - since
    silent.is_error((name, body), 2, {"ButtplugPingError": "PingedOut"})
    assert body["Id"] == 0, f"{body}"
    silent.closed(1000, 1002, 1008)
    assert 0.5 <= stopped < 1.0, f"stopped {stopped:.3f} s after the last ping"
    assert told < 1.0, f"told {told:.3f} s after the last ping"
    holder.vibrate(dual, 0.6, 100)
    case.expect(dual, 0, "Vibrate", 60, mark)
    assert case.journal.values(dual, 0, "Vibrate", mark) == [50, 60], "another session's output was touched"


@script.check()
def other_messages_do_not_count_as_pings(case):
    client = case.client()
    since = time.monotonic()
    answered = 0
    while time.monotonic() - since < 2:
        request = client.post("RequestDeviceList")
        try:
            name, body = client.message()
        except Exception as error:
            raise AssertionError(f"closed without Error 2: {error}") from error
        if name == "Error":
            assert (body["ErrorCode"], body["Id"]) == (2, 0), f"{body}"
            client.closed(1000, 1002, 1008)
            assert 0.5 <= time.monotonic() - since < 1.2
            return
        assert body["Id"] == request
        answered += 1
    raise AssertionError(f"the session lived on without a ping, {answered} requests later")


@script.check()
def a_client_that_pings_in_time_stays(case):
    client = case.client()
    since = time.monotonic()
    keep(client, lambda: time.monotonic() - since > 1.5)
    client.ok("Ping")


@script.check()
def the_clock_starts_with_the_handshake(case):
    client = case.client(handshake=False)
    try:
        client.message(within=0.8)
        raise AssertionError("something was sent before the handshake")
    except Late:
        pass
    client.handshake()
    client.ok("Ping")


@script.check(4)
def a_burst_of_commands_does_not_starve_the_pings_within_it(case):
    client = case.client()
    device = case.index("dual")
    since = time.monotonic()
    while time.monotonic() - since < 1.2:
        for n in range(200):
            client.post("OutputCmd", DeviceIndex=device, FeatureIndex=n % 2, Command={"Vibrate": {"Value": n % 50 + 1}})
        client.post("Ping")
        seen = 0
        while seen < 201:
            name, body = client.message()
            assert name == "Ok", f"{name} {body}"
            seen += 1


script.main()
