#!/usr/bin/env python3
# versions: 4
# Programs that dial in as devices: who they say they are, what they are told, and every wrong beginning.

import contextlib
import time

from lib.admin import Admin
from lib.client import Client
from lib.fixture import Fixture
from lib.programs import free_port
from lib.script import Script
from lib.server import Server

script = Script(server=False)
ROWS = """
[[hardware.websocket]]
identifier = "LVSDevice"
protocol = "lovense"
model = "Z"
[[hardware.websocket]]
identifier = "Stroker"
protocol = "tcode-v03"
model = "L0,V0"
"""


@contextlib.contextmanager
def router():
    port = free_port()
    server = Server(config=f'[hardware]\nwebsocket_listen = "ws://127.0.0.1:{port}"\n{ROWS}')
    try:
        yield server, f"ws://127.0.0.1:{port}"
        if server.alive():
            server.stop()
    finally:
        server.clean()


def program(url, *flags, identifier="LVSDevice", address="0001", kind="lovense"):
    return Fixture("wsdm_device.py", "--url", url, "--identifier", identifier, "--address", address, "--kind", kind, *flags, waits=False)


def appeared(client, count=1, within=5):
    until = time.monotonic() + within
    while len(devices := client.devices()) != count:
        client.event("DeviceList", within=max(0.01, until - time.monotonic()))
    return devices


def text(device, wanted, since=0, within=5):
    return device.wait(lambda entry: entry["event"] == "write" and entry.get("text") == wanted, since, within, f"{wanted!r}")


@script.check(4)
def a_program_is_a_device_and_is_driven():
    with router() as (server, url), program(url) as device:
        client = Client(server, 4)
        found = appeared(client)[0]
        admin = Admin(server)
        # An app has nothing to look for where devices dial in.
        assert admin.ask("GET", "/v1/status")["listeners"] == ["ws://%s:%d" % server.address[:2]]
        assert [one["backend"] for one in admin.ask("GET", "/v1/devices")["devices"]] == ["websocket"]
        mark = device.mark()
        client.output(found["DeviceIndex"], 0, "Vibrate", 7)
        text(device, "Vibrate:7;", mark)
        client.stop()
        text(device, "Vibrate:0;", mark)


@script.check(4)
def the_output_of_an_app_that_is_gone_is_zero():
    with router() as (server, url), program(url) as device:
        client = Client(server, 4)
        index = appeared(client)[0]["DeviceIndex"]
        client.output(index, 0, "Vibrate", 7)
        text(device, "Vibrate:7;")
        mark = device.mark()
        client.drop()
        text(device, "Vibrate:0;", mark)


@script.check(4)
def its_end_is_the_devices_end_and_it_comes_back_with_its_index():
    with router() as (server, url):
        client = Client(server, 4)
        with program(url) as device:
            index = appeared(client)[0]["DeviceIndex"]
            device.tell(do="drop")
            appeared(client, 0)
            device.tell(do="dial")
            assert appeared(client)[0]["DeviceIndex"] == index
            device.tell(do="close")
            appeared(client, 0)


@script.check(4)
def of_two_with_one_identity_the_newer_wins():
    with router() as (server, url):
        client = Client(server, 4)
        with program(url) as first:
            index = appeared(client)[0]["DeviceIndex"]
            with program(url) as second:
                assert first.event("closed", within=5)["code"] == 1013
                text(second, "Vibrate:0;")
                found = appeared(client)
                assert [device["DeviceIndex"] for device in found] == [index]
                client.output(index, 0, "Vibrate", 3)
                text(second, "Vibrate:3;")


@script.check(4)
def two_programs_are_two_devices():
    with router() as (server, url), program(url, "--count", "2"), program(url, identifier="Stroker", kind="quiet") as stroker:
        client = Client(server, 4)
        found = appeared(client, 3)
        assert len({device["DeviceIndex"] for device in found}) == 3
        names = [device["DeviceName"] for device in found]
        assert len(set(names)) == 3, names
        text(stroker, "DSTOP\nV00000\n")


@script.check(4)
def every_wrong_first_message_is_closed_with_a_reason():
    codes = {
        "none": 1008, "garbage": 1008, "binary": 1008, "empty": 1008, "list": 1008, "missing": 1008, "number": 1008, "control": 1008,
        "long": 1008, "oversize": 1009,
    }
    with router() as (server, url), contextlib.ExitStack() as stack:
        programs = {hello: stack.enter_context(program(url, "--hello", hello)) for hello in codes}
        for hello, code in codes.items():
            end = programs[hello].wait(lambda entry: entry["event"] in ("closed", "lost"), within=8, what=f"the end of {hello}")
            assert end.get("code") == code, (hello, end)
        client = Client(server, 4)
        assert client.devices() == []


@script.check(4)
def a_name_that_nobody_knows_is_refused_and_told_once():
    with router() as (server, url):
        for _ in range(3):
            with program(url, identifier="Nobody") as device:
                assert device.event("closed")["code"] == 1008
        server.wait_log("websocket:Nobody")
        assert server.log().count("[[hardware.websocket]]") == 1, server.log()


@script.check(4)
def fragments_texts_and_a_first_message_sent_twice_are_read():
    with router() as (server, url):
        for number, flags in enumerate((["--fragment"], ["--text"], ["--hello", "twice"])):
            with program(url, *flags, address=f"{number}") as device:
                client = Client(server, 4)
                index = appeared(client)[0]["DeviceIndex"]
                client.output(index, 0, "Vibrate", 5)
                text(device, "Vibrate:5;")
                client.close()
            watcher = Client(server, 4)
            appeared(watcher, 0)
            watcher.close()


@script.check(4)
def an_unmasked_message_ends_the_connection():
    with router() as (server, url), program(url, "--unmasked") as device:
        assert device.event("closed")["code"] == 1002


@script.check(4)
def a_flood_costs_no_memory_and_no_stop():
    with router() as (server, url), program(url, "--flood", "20000") as device:
        client = Client(server, 4)
        index = appeared(client)[0]["DeviceIndex"]
        mark = device.mark()
        client.output(index, 0, "Vibrate", 5)
        text(device, "Vibrate:5;", mark)
        client.stop()
        text(device, "Vibrate:0;", mark)
        assert server.resident_kilobytes() < 60_000


@script.check(4)
def the_end_of_the_router_leaves_it_at_zero():
    with router() as (server, url), program(url) as device:
        client = Client(server, 4)
        index = appeared(client)[0]["DeviceIndex"]
        client.output(index, 0, "Vibrate", 7)
        text(device, "Vibrate:7;")
        mark = device.mark()
        server.stop()
        text(device, "Vibrate:0;", mark)
        assert device.event("closed", mark)["code"] == 1001


script.main()
