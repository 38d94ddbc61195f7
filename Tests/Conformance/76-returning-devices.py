#!/usr/bin/env python3
# versions: 4
# Devices across a restart of the router; settings that cannot be; a serial port that takes nothing while the router ends.

import contextlib
import os
import shutil
import signal
import tempfile
import time

from lib.bluez import Bluez
from lib.client import Client
from lib.fixture import Fixture
from lib.script import Script
from lib.server import Server
from lib.wire import Late

script = Script(server=False)
PERIPHERALS = [{"name": f"LVS-Z{number:03d}", "address": f"C0:00:00:00:00:{number:02X}", "kind": "lovense"} for number in (1, 2, 3)]
AXES = "L0,L1,L2,R0,R1,R2,V0,V1"


@contextlib.contextmanager
def router(config, variables=None, folder=None):
    server = Server(config=config, variables=variables, folder=folder)
    try:
        yield server, Client(server, 4)
        if server.alive():
            server.stop()
    finally:
        server.clean()


def devices_of(client, count, within=20):
    until = time.monotonic() + within
    while len(found := client.devices()) != count:
        assert time.monotonic() < until, f"{len(found)} devices, not {count}"
        with contextlib.suppress(Late):
            client.next(0.5)
    return found


@script.check(4)
def a_device_has_its_index_again_after_a_restart_whoever_comes_first():
    folder = tempfile.mkdtemp(prefix="plugboard-conformance-")
    try:
        with Bluez(PERIPHERALS) as bluez, Fixture("tcode_pty.py", "--axes", "L0,V0") as stroker:
            config = f'[hardware]\nbluetooth = "auto"\n[[hardware.serial]]\nport = "{stroker.ready}"\n'
            with router(config, bluez.variables, folder) as (_, client):
                client.ask("StartScanning")
                before = {one["DeviceName"]: one["DeviceIndex"] for one in devices_of(client, 4)}
        # Another bus, on which they come one after the other, the last one first.
        with Bluez([]) as bluez:
            with router('[hardware]\nbluetooth = "auto"\n', bluez.variables, folder) as (_, client):
                client.ask("StartScanning")
                for count, one in enumerate(reversed(PERIPHERALS), 1):
                    bluez.do("add", device=one)
                    devices_of(client, count)
                after = {one["DeviceIndex"] for one in devices_of(client, 3)}
        wanted = {index for name, index in before.items() if name.startswith("Lovense")}
        assert after == wanted, (before, after)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@script.check(4)
def settings_that_cannot_be_are_told_and_the_device_is_driven():
    with Fixture("tcode_pty.py", "--axes", "L0,V0") as stroker:
        rows = f'[[hardware.serial]]\nport = "{stroker.ready}"\n[[hardware.output]]\nmatch = "*"\nfeature = 1\nmax = 99999\n'
        with router(rows) as (server, client):
            index = devices_of(client, 1)[0]["DeviceIndex"]
            server.wait_log("99999")
            [line] = [line for line in server.log().splitlines() if "99999" in line]
            assert "trouble with a device" in line and "out of reach" not in line, line
            mark = stroker.mark()
            client.output(index, 1, "Vibrate", 1)
            stroker.wait(lambda e: e["event"] == "line" and e["text"].startswith("V0") and e["text"] != "V00000", mark)


@script.check(4)
def a_serial_port_that_takes_nothing_does_not_keep_the_router_from_ending():
    with Fixture("tcode_pty.py", "--axes", AXES) as stroker, router(f'[[hardware.serial]]\nport = "{stroker.ready}"\n') as (server, client):
        device = devices_of(client, 1)[0]
        mark = stroker.mark()
        os.kill(stroker.process.pid, signal.SIGSTOP)
        try:
            # The terminal's buffer has 4 KiB, and a turn of eight axes is some 80 bytes, fifty times a second: full after one second. What is
            # told then is owed. Nothing says that it is full, so this goes on for three.
            number, until = 0, time.monotonic() + 3
            while time.monotonic() < until:
                number += 1
                for feature in device["DeviceFeatures"].values():
                    if "HwPositionWithDuration" in feature.get("Output", {}):
                        top = feature["Output"]["HwPositionWithDuration"]["Value"][1]
                        value = {"Value": top if number % 2 else 0, "Duration": 200}
                        client.post("OutputCmd", DeviceIndex=device["DeviceIndex"], FeatureIndex=feature["FeatureIndex"],
                                    Command={"HwPositionWithDuration": value})
                # Answers come as long as the port takes what is told; then there is none.
                with contextlib.suppress(Late):
                    while True:
                        client.message(0.02)
            server.signal(signal.SIGTERM)
            assert server.wait(5.5) == 0, server.log()[-800:]
        finally:
            os.kill(stroker.process.pid, signal.SIGCONT)
        # Nobody holds the port any more, the watchdog neither.
        stroker.wait(lambda e: e["event"] == "closed", mark)


if __name__ == "__main__":
    script.main()
