#!/usr/bin/env python3
# versions: 4
# Many connections: limits, storms, resets, no free descriptors, Unix sockets, several listeners.

import os
import time

from lib.client import Client
from lib.script import Script, serving
from lib.wire import TEXT, Closed, Ended, Late, WebSocket, Wire, frame, upgrade_head

script = Script(server=False)


@script.check(4)
def after_a_storm_of_sessions_nothing_is_left():
    with serving("plug") as case:

        def round(count):
            for _ in range(count):
                client = Client(case.server)
                client.drop()
            probe = Client(case.server)
            probe.ok("Ping")
            probe.close()

        round(300)
        descriptors, memory = case.server.descriptors(), case.server.resident_kilobytes()
        round(1500)
        assert case.server.descriptors() <= descriptors + 2, f"{descriptors} descriptors became {case.server.descriptors()}"
        assert case.server.resident_kilobytes() <= memory + 1024, f"{memory} kB became {case.server.resident_kilobytes()}"


@script.check(4)
def resets_at_any_point_do_no_harm():
    with serving("plug") as case:
        head = upgrade_head()
        for cut in range(0, len(head) + 1, 7):
            wire = Wire(case.server.address)
            wire.send_what_is_taken(head[:cut])
            wire.reset()
        for cut in range(1, 60, 3):
            socket = WebSocket(case.server.address)
            text = b'[{"RequestServerInfo":{"Id":1,"ClientName":"cut","MessageVersion":2}}]'
            socket.wire.send_what_is_taken(frame(TEXT, text)[:cut])
            socket.wire.reset()
        device = case.index("plug")
        client = case.client()
        for _ in range(20):
            mark = case.journal.mark()
            victim = case.client()
            victim.output(device, 0, "Vibrate", 9)
            case.expect(device, 0, "Vibrate", 9, mark)
            victim.socket.wire.send(b"\x81\xfe\x01")
            victim.socket.wire.reset()
            case.expect(device, 0, "Vibrate", 0, mark)
        client.ok("Ping")
        lines = case.server.log().count("\n")
        assert lines < 2000, f"{lines} log lines"


@script.check(4)
def one_session_too_many_is_answered_503():
    with serving("plug", config="[limits]\nsessions = 20\n") as case:
        clients = [case.client() for _ in range(20)]
        wire = Wire(case.server.address)
        wire.send(upgrade_head())
        line = wire.take_until(b"\r\n", time.monotonic() + 3)
        assert b" 503 " in line, f"{line!r}"
        wire.close()
        for client in clients:
            client.ok("Ping")
        clients.pop().close()
        case.client().ok("Ping")


@script.check(4)
def without_free_descriptors_it_refuses_and_recovers():
    with serving("plug", wrap=("prlimit", "--nofile=64:64")) as case:
        holder = case.client()
        device = case.index("plug")
        mark = case.journal.mark()
        holder.output(device, 0, "Vibrate", 10)
        case.expect(device, 0, "Vibrate", 10, mark)
        wires = []
        for _ in range(120):
            try:
                wires.append(Wire(case.server.address, connect_within=0.2))
            except OSError:
                break
        before, since = case.server.cpu_seconds(), time.monotonic()
        for _ in range(100):
            holder.ok("Ping")
        try:
            holder.socket.receive(0.7)
        except Late:
            pass
        spent, passed = case.server.cpu_seconds() - before, time.monotonic() - since
        assert spent < 0.5 * passed, f"{spent:.2f} s of CPU in {passed:.2f} s: it spins on accept"
        assert case.journal.read() and case.journal.values(device, 0, None, mark) == [10]
        for wire in wires:
            wire.close()
        until = time.monotonic() + 5
        while True:
            try:
                fresh = Client(case.server, handshake=False)
                break
            except (OSError, Ended, Late) as error:
                assert time.monotonic() < until, f"it did not recover: {error}"
        fresh.handshake()
        fresh.ok("Ping")
        fresh.close()


@script.check(4)
def a_unix_socket_and_a_port_serve_the_same_devices():
    path = f"/tmp/plugboard-conformance-{os.getpid()}.sock"
    with serving("plug", listen=(f"unix://{path}", "ws://127.0.0.1:0")) as case:
        assert case.server.addresses[0] == path
        local, remote = Client(path), Client(case.server.addresses[1])
        case.clients += [local, remote]
        assert local.devices() == remote.devices() == case.devices
        device = case.index("plug")
        mark = case.journal.mark()
        local.output(device, 0, "Vibrate", 4)
        remote.output(device, 0, "Vibrate", 6)
        case.expect(device, 0, "Vibrate", 6, mark)
        remote.close()
        case.journal.wait(lambda e: case.journal.values(device, 0, None, mark)[-1] == 4, mark, what="4 again")
    assert not os.path.exists(path), "the socket file is still there"


@script.check(4)
def a_hundred_sessions_at_once_are_answered_each():
    with serving("dual") as case:
        clients = [case.client(n % 5) for n in range(100)]
        for client in clients:
            for _ in range(10):
                client.post("Ping")
        for client in clients:
            first = client.next_id - 9
            for n in range(10):
                assert client.message() == ("Ok", {"Id": first + n})


@script.check(4)
def a_reader_that_never_reads_is_cut_and_others_are_not_slowed():
    config = '[limits]\nqueued_bytes = "256KiB"\nstall_timeout = "2s"\n'
    with serving("wide,osr,plug*20", config=config) as case:
        stuck = case.client(receive_buffer=4096)
        other = case.client()
        request = b"".join(
            frame(TEXT, b'[{"RequestDeviceList":{"Id":%d}}]' % (n + 1)) for n in range(2000)
        )
        stuck.socket.wire.send_what_is_taken(request, within=1)
        slowest, since = 0, time.monotonic()
        cut = False
        while time.monotonic() - since < 8 and not cut:
            start = time.monotonic()
            other.ok("Ping")
            slowest = max(slowest, time.monotonic() - start)
            cut = "slow_consumer" in case.server.log()
        assert cut, "the reader that never reads was not cut off as a slow consumer"
        assert slowest < 0.25, f"another session waited {slowest:.3f} s"
        try:
            while True:
                stuck.socket.receive_frame(3)
        except (Ended, Closed):
            pass


script.main()
