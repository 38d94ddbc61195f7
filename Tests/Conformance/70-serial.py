#!/usr/bin/env python3
# versions: 4
# T-code strokers at a pseudo terminal: found, driven by several apps, stopped, left by their app, pulled out and plugged in again, and
# ports that cannot be opened.

import contextlib
import fcntl
import os
import pty
import re
import time

from lib.client import Client
from lib.fixture import Fixture
from lib.script import Script
from lib.server import Server
from lib.wire import DEADLINE

script = Script(server=False)
# A board is deaf for two seconds after its port was opened, and then has to say what it is.
READY = 8
AXES = "L0,R0,V0,V1"


@contextlib.contextmanager
def stroker(*flags, axes=AXES, more="", name="port"):
    """A stroker, and a router with it."""
    with contextlib.ExitStack() as stack:
        device = stack.enter_context(Fixture("tcode_pty.py", "--axes", axes, *flags, waits=True))
        server = Server(config=f'[[hardware.serial]]\nport = "{device.ready}"\n{more}')
        stack.callback(server.clean)
        yield device, server
        if server.alive():
            server.stop()


@contextlib.contextmanager
def plugged(*flags, axes=AXES, more=""):
    """The same with a name for the port that stays, as those below /dev/serial/by-id do."""
    with contextlib.ExitStack() as stack:
        device = stack.enter_context(Plugged(*flags, axes=axes))
        server = Server(config=f'[[hardware.serial]]\nport = "{device.ready}"\n{more}')
        stack.callback(server.clean)
        yield device, server
        if server.alive():
            server.stop()


class Plugged(Fixture):
    def __init__(self, *flags, axes):
        self.link = os.path.join("/tmp", f"plugboard-stroker-{os.getpid()}-{id(self)}")
        super().__init__("tcode_pty.py", "--axes", axes, "--link", self.link, *flags)

    def __exit__(self, *all):
        super().__exit__(*all)
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self.link)


def appeared(client, count=1, within=READY):
    """The devices, as soon as there are so many."""
    until = time.monotonic() + within
    while len(devices := client.devices()) != count:
        client.event("DeviceList", within=max(0.01, until - time.monotonic()))
    return devices


def features(device):
    return {number: sorted(feature.get("Output", {})) for number, feature in device["DeviceFeatures"].items()}


def line(device, pattern, since=0, within=DEADLINE):
    """The first line of the journal that matches."""
    return device.wait(
        lambda entry: entry["event"] == "line" and re.fullmatch(pattern, entry["text"]), since, within, f"a line like {pattern!r}")


def last_moves(device, since):
    """What each axis was told last."""
    device.mark()
    moves = {}
    for entry in device.lines[since:]:
        moves.update(entry.get("moves") or {})
    return moves


@script.check(4)
def a_stroker_says_its_axes_and_is_driven():
    with stroker() as (device, server):
        client = Client(server, 4)
        found = appeared(client)[0]
        assert found["DeviceName"] == "Fake OSR 1.0", found
        moves = ["HwPositionWithDuration", "Position"]
        assert features(found) == {"0": moves, "1": moves, "2": ["Vibrate"], "3": ["Vibrate"]}, features(found)
        # It was told to stop before anybody saw it.
        line(device, "DSTOP")
        index = found["DeviceIndex"]
        mark = device.mark()
        client.output(index, 0, "HwPositionWithDuration", 9999, 250)
        line(device, "L09999I250", mark)
        client.output(index, 1, "Position", 1234)
        line(device, "R01234", mark)
        client.output(index, 2, "Vibrate", 5000)
        line(device, "V05000", mark)
        assert not [entry for entry in device.lines if entry["event"] == "malformed"]


@script.check(4)
def outputs_of_one_turn_are_one_line():
    with stroker() as (device, server):
        client = Client(server, 4)
        index = appeared(client)[0]["DeviceIndex"]
        mark = device.mark()
        # One message with two commands is one turn; the first of them may leave by itself when the gap is over.
        for value in range(100, 2000, 100):
            ids = [
                client.post("OutputCmd", DeviceIndex=index, FeatureIndex=feature, Command={"Vibrate": {"Value": value}})
                for feature in (2, 3)
            ]
            for number in ids:
                client.reply(number)
        line(device, "V01900 V11900|.*V11900", mark)
        assert last_moves(device, mark)["V0"][0] == 0.19 and last_moves(device, mark)["V1"][0] == 0.19
        both = [entry for entry in device.lines[mark:] if entry["event"] == "line" and " " in entry["text"]]
        assert both, device.lines[mark:]


@script.check(4)
def the_outputs_of_an_app_that_is_gone_are_zero():
    with stroker() as (device, server):
        first, second = Client(server, 4), Client(server, 4)
        index = appeared(first)[0]["DeviceIndex"]
        second.devices()
        mark = device.mark()
        first.output(index, 2, "Vibrate", 8000)
        second.output(index, 3, "Vibrate", 4000)
        line(device, ".*V08000.*", mark)
        line(device, ".*V14000.*", mark)
        mark = device.mark()
        first.drop()
        line(device, "V00000", mark)
        second.ok("Ping")
        assert "V1" not in last_moves(device, mark), device.lines[mark:]
        second.close()
        line(device, "V10000", mark)


@script.check(4)
def a_stop_is_a_zero_at_once():
    with stroker() as (device, server):
        client = Client(server, 4)
        index = appeared(client)[0]["DeviceIndex"]
        mark = device.mark()
        client.output(index, 2, "Vibrate", 8000)
        client.output(index, 2, "Vibrate", 8001)
        client.stop()
        line(device, "V00000", mark)
        assert last_moves(device, mark)["V0"][0] == 0


@script.check(4)
def the_end_of_the_router_leaves_a_device_at_zero():
    with stroker() as (device, server):
        client = Client(server, 4)
        index = appeared(client)[0]["DeviceIndex"]
        mark = device.mark()
        client.output(index, 2, "Vibrate", 8000)
        line(device, "V08000", mark)
        server.stop()
        device.event("closed", mark)
        assert last_moves(device, mark)["V0"][0] == 0, device.lines[mark:]
        assert [entry for entry in device.lines[mark:] if entry.get("text") == "DSTOP"]


@script.check(4)
def a_stroker_that_is_plugged_in_again_has_its_index_and_is_told_zero():
    with plugged() as (device, server):
        client = Client(server, 4)
        index = appeared(client)[0]["DeviceIndex"]
        client.output(index, 2, "Vibrate", 8000)
        line(device, "V08000")
        mark = device.mark()
        device.tell(do="unplug")
        appeared(client, 0)
        device.tell(do="plug")
        again = appeared(client, within=READY + 2)[0]
        assert again["DeviceIndex"] == index
        line(device, "DSTOP", mark)
        # The zeros of the lanes come after it.
        line(device, ".*V00000.*", mark)
        assert last_moves(device, mark)["V0"][0] == 0, device.lines[mark:]


@script.check(4)
def a_port_that_is_not_there_is_waited_for():
    with plugged() as (device, server):
        client = Client(server, 4)
        appeared(client)
        device.tell(do="unplug")
        appeared(client, 0)
        server.wait_log("it is not there; it is looked for each second")
        seconds = server.cpu_seconds()
        device.tell(do="plug")
        appeared(client, within=READY + 2)
        assert server.cpu_seconds() - seconds < 0.5
        assert server.log().count("it is not there") == 1, server.log()


@script.check(4)
def a_port_that_another_program_has_is_told_and_taken_when_it_is_free():
    master, other = pty.openpty()
    path = os.ttyname(other)
    fcntl.flock(other, fcntl.LOCK_EX)
    server = Server(config=f'[[hardware.serial]]\nport = "{path}"\naxes = "L0,V0"\n')
    try:
        server.wait_log("another program has it")
        fcntl.flock(other, fcntl.LOCK_UN)
        client = Client(server, 4)
        found = appeared(client, within=READY)[0]
        assert len(found["DeviceFeatures"]) == 2, found
        server.stop()
    finally:
        server.clean()
        os.close(master)
        os.close(other)


@script.check(4)
def a_file_that_is_no_serial_line_is_told():
    server = Server(config='[[hardware.serial]]\nport = "/dev/null"\n')
    try:
        server.wait_log("it is no serial line")
        client = Client(server, 4)
        assert client.devices() == []
        server.stop()
    finally:
        server.clean()


@script.check(4)
def a_stroker_that_says_nothing_or_noise_has_one_axis():
    for flag in ("--silent", "--garbage"):
        with stroker(flag) as (device, server):
            client = Client(server, 4)
            found = appeared(client)[0]
            assert features(found) == {"0": ["HwPositionWithDuration", "Position"]}, (flag, found)
            assert all(32 <= ord(letter) for letter in found["DeviceName"]), found


@script.check(4)
def a_stroker_that_answers_in_pieces_has_all_its_axes():
    with stroker("--split") as (device, server):
        client = Client(server, 4)
        found = appeared(client)[0]
        assert len(found["DeviceFeatures"]) == 4, found


@script.check(4)
def lines_without_an_end_do_no_harm():
    with stroker() as (device, server):
        client = Client(server, 4)
        index = appeared(client)[0]["DeviceIndex"]
        resident = server.resident_kilobytes()
        for _ in range(200):
            device.tell(do="say", text="x" * 1000)
        mark = device.mark()
        client.output(index, 2, "Vibrate", 700)
        line(device, "V00700", mark)
        assert server.resident_kilobytes() - resident < 2000


@script.check(4)
def a_slow_line_gets_the_newest_value_and_a_zero_in_time():
    with stroker("--baud", "9600", more="baud = 9600\n") as (device, server):
        client = Client(server, 4)
        index = appeared(client)[0]["DeviceIndex"]
        mark = device.mark()
        for value in range(1, 2000):
            for feature in (2, 3):
                client.post("OutputCmd", DeviceIndex=index, FeatureIndex=feature, Command={"Vibrate": {"Value": value}})
        client.post("StopCmd")
        line(device, ".*V00000.*", mark)
        line(device, ".*V10000.*", mark)
        # As many as fit on the line meanwhile; the values that were left out are thousands.
        assert len([entry for entry in device.lines[mark:] if entry["event"] == "line"]) < 60


script.main()
