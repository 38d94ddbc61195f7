#!/usr/bin/env python3
# versions: 4
# Bluetooth LE over BlueZ: devices that do not exist, on a real bus. Found, driven, read, stopped, lost and back; bluetoothd killed.

import contextlib
import os
import shutil
import signal
import time

from lib.bluez import Bluez
from lib.script import Script, serving
from lib.wire import Late

script = Script(server=False)

CONFIG = '[hardware]\nbluetooth = "auto"\n'
FIRST = "C0:00:00:00:00:01"
# Seconds; the goal of 50 ms has room for a busy machine.
SOON = 0.25


def lovense(number, **more):
    return {"name": f"LVS-Z{number:03d}", "address": f"C0:00:00:00:00:{number:02X}", "kind": "lovense"} | more


def devices_of(client, count, within=15):
    """The device list, when it has so many."""
    until = time.monotonic() + within
    while len(found := client.devices()) != count:
        assert time.monotonic() < until, f"{len(found)} devices, not {count}"
        with contextlib.suppress(Late):
            client.next(0.5)
    return sorted(found, key=lambda one: one["DeviceIndex"])


def sockets(server):
    """How many sockets are open: the bus's, and one for each device."""
    found = 0
    for number in os.listdir(f"/proc/{server.pid}/fd"):
        with contextlib.suppress(OSError):
            found += os.readlink(f"/proc/{server.pid}/fd/{number}").startswith("socket:")
    return found


def driven(daemon):
    with Bluez([lovense(1)], daemon=daemon) as bluez, serving(config=CONFIG, variables=bluez.variables, scan=False) as case:
        client = case.client()
        client.ask("StartScanning")
        device = devices_of(client, 1)[0]
        index = device["DeviceIndex"]
        # Told zero before anybody sees it.
        assert bluez.writes(FIRST)[-1] == "Vibrate:0;", bluez.writes(FIRST)
        mark = bluez.mark()
        client.output(index, 0, "Vibrate", 10)
        event = bluez.wait_write(FIRST, "Vibrate:10;", mark)
        assert event["how"] == "fd", event
        battery = next(f["FeatureIndex"] for f in device["DeviceFeatures"].values() if "Battery" in f.get("Input", {}))
        kind, reading = client.ask("InputCmd", DeviceIndex=index, FeatureIndex=battery, Type="Battery", Command="Read")
        assert kind == "InputReading" and reading["Reading"]["Battery"]["Value"] == 85, (kind, reading)
        mark = bluez.mark()
        client.stop()
        bluez.wait_write(FIRST, "Vibrate:0;", mark)
        client.output(index, 0, "Vibrate", 7)
        bluez.wait_write(FIRST, "Vibrate:7;", mark)
        mark = bluez.mark()
        client.drop()
        bluez.wait_write(FIRST, "Vibrate:0;", mark)
        mark = bluez.mark()
        case.server.stop()
        bluez.wait(lambda e: e["event"] == "disconnected" and e["because"] == "asked to", mark, what="disconnect")


@script.check(4)
def a_device_is_found_driven_read_stopped_and_let_go():
    driven(daemon=False)


@script.check(4)
def the_same_through_dbus_daemon():
    assert shutil.which("dbus-daemon"), "dbus-daemon is not installed: scripts/setup --conformance"
    driven(daemon=True)


@script.check(4)
def an_end_without_a_watchdog_brings_every_motor_to_zero():
    # Its zero is two packets. BlueZ drops what it has not read when the router closes the socket.
    peripheral = lovense(1, name="LVS-P001", replies=[{"when": "DeviceType;", "notify": "P:11:C00000000001;"}])
    config = CONFIG + "watchdog = false\n"
    with Bluez([peripheral]) as bluez, serving(config=config, variables=bluez.variables, scan=False) as case:
        client = case.client()
        client.ask("StartScanning")
        device = devices_of(client, 1)[0]
        motors = [f["FeatureIndex"] for f in device["DeviceFeatures"].values() if "Vibrate" in f.get("Output", {})]
        assert len(motors) == 2, device
        mark = bluez.mark()
        for number, feature in enumerate(motors):
            client.output(device["DeviceIndex"], feature, "Vibrate", 3 + number)
        for number in range(2):
            bluez.wait_write(FIRST, f"Vibrate{number + 1}:{3 + number};", mark)
        mark = bluez.mark()
        case.server.stop()
        for number in range(2):
            bluez.wait_write(FIRST, f"Vibrate{number + 1}:0;", mark)


@script.check(4)
def ten_devices_come_back_when_bluetoothd_does_and_no_descriptor_is_left():
    count = 10
    with Bluez([lovense(n) for n in range(1, count + 1)], daemon=True) as bluez:
        with serving(config=CONFIG, variables=bluez.variables, scan=False) as case:
            client = case.client()
            client.ask("StartScanning")
            before = devices_of(client, count, within=40)
            indices = [one["DeviceIndex"] for one in before]
            open_before = sockets(case.server)
            for _ in range(3):
                for index in indices:
                    client.output(index, 0, "Vibrate", 5)
                bluez.do("restart", after_ms=300)
                devices_of(client, 0)
                found = devices_of(client, count, within=40)
                assert [one["DeviceIndex"] for one in found] == indices, "other indices"
                assert sockets(case.server) == open_before, f"sockets are left: {sockets(case.server)}, {open_before} before"
                for number in range(1, count + 1):
                    assert bluez.writes(f"C0:00:00:00:00:{number:02X}")[-1] == "Vibrate:0;"


@script.check(4)
def a_lost_device_comes_back_with_its_number_and_at_zero():
    with Bluez([lovense(1)]) as bluez, serving(config=CONFIG, variables=bluez.variables, scan=False) as case:
        client = case.client()
        client.ask("StartScanning")
        index = devices_of(client, 1)[0]["DeviceIndex"]
        client.ask("StopScanning")
        client.output(index, 0, "Vibrate", 12)
        bluez.do("drop", device=FIRST)
        devices_of(client, 0)
        mark = bluez.mark()
        bluez.do("advertise", device=FIRST)
        assert devices_of(client, 1)[0]["DeviceIndex"] == index
        assert bluez.writes(FIRST, mark)[-1] == "Vibrate:0;"


@script.check(4)
def what_is_missing_is_told_once_and_devices_come_without_a_restart():
    with Bluez([lovense(1)], flags=("--unpowered",)) as bluez, serving(config=CONFIG, variables=bluez.variables, scan=False) as case:
        case.server.wait_log("bluetoothctl power on")
        client = case.client()
        client.ask("StartScanning")
        bluez.do("power", on=True)
        client.ask("StartScanning")
        devices_of(client, 1)
        bluez.do("adapter", there=False)
        case.server.wait_log("there is no Bluetooth adapter")
        devices_of(client, 0)
        assert case.server.log().count("bluetoothctl power on") == 1


@script.check(4)
def without_a_bus_it_is_told_and_everything_else_works():
    with serving("plug", config=CONFIG, variables={"DBUS_SYSTEM_BUS_ADDRESS": "unix:path=/nowhere/at/all"}) as case:
        case.server.wait_log("there is no D-Bus at /nowhere/at/all")
        case.client().output(case.index("plug"), 0, "Vibrate", 3)
        assert case.server.log().count("/nowhere/at/all") == 1


@script.check(4)
def a_killed_routers_device_is_at_zero_at_once_and_the_next_router_finds_it_connected():
    with Bluez([lovense(1)], daemon=True) as bluez:
        with serving(config=CONFIG, variables=bluez.variables, scan=False) as case:
            client = case.client()
            client.ask("StartScanning")
            client.output(devices_of(client, 1)[0]["DeviceIndex"], 0, "Vibrate", 9)
            bluez.wait_write(FIRST, "Vibrate:9;")
            mark = bluez.mark()
            os.kill(case.server.pid, signal.SIGKILL)
            # The watchdog, by the descriptor: there is no router that could call.
            assert bluez.wait_write(FIRST, "Vibrate:0;", mark, within=SOON)["how"] == "fd"
        mark = bluez.mark()
        with serving(config=CONFIG, variables=bluez.variables, scan=False) as case:
            devices_of(case.client(), 1)
            bluez.wait_write(FIRST, "Vibrate:0;", mark)
            assert not [e for e in bluez.events[mark:] if e["event"] in ("connect", "scan")], bluez.events[mark:]


@script.check(4)
def bytes_that_are_no_bus_end_the_connection_and_it_is_dialled_again():
    with Bluez([lovense(1)]) as bluez, serving(config=CONFIG, variables=bluez.variables, scan=False) as case:
        client = case.client()
        client.ask("StartScanning")
        devices_of(client, 1)
        bluez.do("raw", hex="ff" * 64)
        case.server.wait_log("is not D-Bus")
        devices_of(client, 0)
        devices_of(client, 1)


if __name__ == "__main__":
    script.main()
