#!/usr/bin/env python3
# versions: 4
# Signals and the end: outputs first, then sessions, exit 0; the emergency stop; indices and the stop survive a restart.

import os
import shutil
import signal
import subprocess
import tempfile
import time

from lib.client import Client
from lib.script import Script, serving
from lib.server import Server
from lib.wire import Closed, Late

script = Script(server=False)


@script.check(4)
def term_and_int_zero_the_outputs_then_close_1001_and_exit_0():
    for number in (signal.SIGTERM, signal.SIGINT):
        with serving("plug,dual") as case:
            clients = [case.client(version) for version in range(5)]
            plug, dual = case.index("plug"), case.index("dual")
            mark = case.journal.mark()
            clients[4].output(dual, 1, "Vibrate", 60)
            clients[2].vibrate(plug, 0.5)
            case.expect(plug, 0, "Vibrate", 10, mark)
            case.expect(dual, 1, "Vibrate", 60, mark)
            mark = case.journal.mark()
            since = time.monotonic()
            case.server.signal(number)
            for client in clients:
                client.closed(1001)
            assert case.server.wait(5) == 0
            assert time.monotonic() - since < 5
            assert case.journal.running() == [] or not case.journal.lines, f"still running: {case.journal.running()}"
            assert 0 in case.journal.values(plug, 0, None, mark) and 0 in case.journal.values(dual, 1, None, mark)


@script.check(4)
def the_router_waits_for_the_zeros_of_a_slow_device():
    config = '[[devices.simulated_device]]\narchetype = "plug"\nlatency = "600ms"\n'
    with serving(config=config) as case:
        client = case.client()
        client.post("OutputCmd", DeviceIndex=0, FeatureIndex=0, Command={"Vibrate": {"Value": 10}})
        case.expect(0, 0, "Vibrate", 10)
        mark = case.journal.mark()
        case.server.signal(signal.SIGTERM)
        case.expect(0, 0, "Vibrate", 0, mark, within=1)
        assert case.server.wait(5) == 0


@script.check(4)
def peers_that_do_not_answer_do_not_delay_the_end():
    with serving("plug") as case:
        clients = [case.client() for _ in range(20)]
        stuck = [Client(case.server, handshake=False) for _ in range(5)]
        since = time.monotonic()
        case.server.signal(signal.SIGTERM)
        assert case.server.wait(5) == 0
        assert time.monotonic() - since < 5 and clients and stuck


@script.check(4)
def hup_usr1_and_pipe_do_not_end_it():
    with serving("plug") as case:
        client = case.client()
        device = case.index("plug")
        mark = case.journal.mark()
        client.output(device, 0, "Vibrate", 10)
        case.expect(device, 0, "Vibrate", 10, mark)
        for number in (signal.SIGHUP, signal.SIGUSR1, signal.SIGPIPE):
            case.server.signal(number)
            client.ok("Ping")
        client.output(device, 0, "Vibrate", 11)
        case.expect(device, 0, "Vibrate", 11, mark)
        assert case.journal.values(device, 0, None, mark) == [10, 11]


@script.check(4)
def hup_reads_the_configuration_again_and_keeps_the_old_one_on_error():
    with serving("plug", config='[[rule]]\nmatch.client = "x"\ncap = 1.0\n') as case:
        device = case.index("plug")
        client = case.client(name="x")
        mark = case.journal.mark()
        client.output(device, 0, "Vibrate", 20)
        case.expect(device, 0, "Vibrate", 20, mark)
        path = os.path.join(case.server.folder, "plugboard.toml")
        with open(path, "w") as file:
            file.write('[[rule]]\nmatch.client = "x"\ncap = 0.5\n')
        case.server.signal(signal.SIGHUP)
        case.expect(device, 0, "Vibrate", 10, mark)
        with open(path, "w") as file:
            file.write("[[rule]]\nnonsense = 1\n")
        case.server.signal(signal.SIGHUP)
        case.server.wait_log("nonsense")
        client.output(device, 0, "Vibrate", 0)
        client.output(device, 0, "Vibrate", 15)
        mark = case.journal.mark()
        client.output(device, 0, "Vibrate", 3)
        case.expect(device, 0, "Vibrate", 3, mark)
        assert 15 not in case.journal.values(device, 0, None), "the cap was lost with the bad file"


@script.check(4)
def usr2_raises_the_emergency_stop_which_stays():
    with serving("plug,dual,stroker") as case:
        plug, dual = case.index("plug"), case.index("dual")
        clients = [case.client(n) for n in range(5)]
        mark = case.journal.mark()
        clients[4].output(dual, 0, "Vibrate", 70)
        clients[3].vibrate(plug, 0.5)
        case.expect(dual, 0, "Vibrate", 70, mark)
        case.expect(plug, 0, "Vibrate", 10, mark)
        mark = case.journal.mark()
        case.server.signal(signal.SIGUSR2)
        case.expect(dual, 0, "Vibrate", 0, mark)
        case.expect(plug, 0, "Vibrate", 0, mark)
        for client in clients:
            client.vibrate(plug, 0.7)
        clients[4].output(case.index("stroker"), 0, "Position", 500)
        late = case.client()
        late.output(plug, 0, "Vibrate", 20)
        again = case.journal.mark()
        case.server.signal(signal.SIGUSR2)
        case.expect(plug, 0, "Vibrate", 0, again)
        driven = [e for e in case.journal.lines[mark:] if e["value"] != 0]
        assert driven == [], f"driven under an emergency stop: {driven}"


@script.check(4)
def an_emergency_stop_while_the_router_waits_for_its_last_app_is_kept():
    with serving("plug") as case:
        # It answers no close frame, so the router waits a while for it.
        stuck = Client(case.server, handshake=False)
        case.server.signal(signal.SIGTERM)
        case.server.wait_log("outputs are zero")
        case.server.signal(signal.SIGUSR2)
        assert case.server.wait(5) == 0 and stuck
        again = Server("plug", folder=case.server.folder)
        try:
            again.wait_log("emergency stop is still raised")
            again.stop()
        finally:
            again.clean()


@script.check(4)
def ctrl_z_leaves_no_output_running_that_nobody_can_stop():
    with serving("plug") as case:
        client = case.client()
        plug = case.index("plug")
        mark = case.journal.mark()
        client.output(plug, 0, "Vibrate", 10)
        case.expect(plug, 0, "Vibrate", 10, mark)
        case.server.signal(signal.SIGTSTP)
        mark = case.journal.mark()
        client.output(plug, 0, "Vibrate", 0)
        case.expect(plug, 0, "Vibrate", 0, mark)
        case.server.wait_log("not suspended")


@script.check(4)
def the_emergency_stop_survives_a_restart_until_resumed():
    folder = tempfile.mkdtemp(prefix="plugboard-conformance-")
    try:
        server = Server("plug", folder=folder)
        setup = Client(server)
        setup.scan()
        server.signal(signal.SIGUSR2)
        setup.output(0, 0, "Vibrate", 9)
        setup.close()
        server.stop()
        server.clean()
        for flags, driven in (((), False), (("--resume",), True), ((), True)):
            server = Server("plug", folder=folder, flags=flags)
            try:
                client = Client(server)
                client.scan()
                mark = server.journal.mark()
                client.output(0, 0, "Vibrate", 11)
                client.stop()
                server.journal.expect(0, 0, "Vibrate", 0, mark)
                assert (11 in server.journal.values(0, 0, None, mark)) == driven, f"{flags}: {server.journal.values(0, 0, None, mark)}"
                client.close()
                server.stop()
            finally:
                server.clean()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@script.check(4)
def a_device_keeps_its_index_over_restarts():
    folder = tempfile.mkdtemp(prefix="plugboard-conformance-")
    try:
        seen = {}
        for simulate in ("plug,dual", "rabbit,dual", "dual,rabbit,plug", "kegel,plug"):
            server = Server(simulate, folder=folder)
            try:
                client = Client(server)
                client.scan()
                for device in client.devices():
                    index, name = device["DeviceIndex"], device["DeviceName"]
                    assert seen.setdefault(name, index) == index, f"{name} was {seen[name]}, is {index} with {simulate}"
                client.close()
                server.stop()
            finally:
                server.clean()
        assert len(set(seen.values())) == len(seen) == 4, f"an index was used twice: {seen}"
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@script.check(4)
def a_second_term_ends_it_now():
    config = '[[devices.simulated_device]]\narchetype = "plug"\nlatency = "30s"\n'
    with serving(config=config, scan=False) as case:
        client = case.client()
        client.scan()
        client.post("OutputCmd", DeviceIndex=0, FeatureIndex=0, Command={"Vibrate": {"Value": 10}})
        case.expect(0, 0, "Vibrate", 0)
        since = time.monotonic()
        case.server.signal(signal.SIGTERM)
        try:
            case.server.process.wait(0.2)
        except subprocess.TimeoutExpired:
            pass
        case.server.signal(signal.SIGTERM)
        case.server.wait(2)
        assert time.monotonic() - since < 2


@script.check(4)
def nothing_runs_after_an_end_with_sessions_in_every_state():
    with serving("dual") as case:
        clients = [case.client(n % 5) for n in range(30)]
        for n, client in enumerate(clients):
            client.vibrate(case.index("dual"), (n + 1) / 40, 100, post=True)
        case.expect(case.index("dual"), 0, "Vibrate", 75)
        case.server.signal(signal.SIGTERM)
        assert case.server.wait(5) == 0
        assert case.journal.running() == [], f"{case.journal.running()}"
        for client in clients:
            try:
                client.closed(1001)
            except (Closed, Late) as error:
                raise AssertionError(f"not closed with 1001: {error}") from error


script.main()
