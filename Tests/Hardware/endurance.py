#!/usr/bin/env python3
"""What takes too long for a black-box script, with devices that do not exist: `make test-hardware`.

    endurance.py returns [--rounds 20]     bluetoothd ends and comes back, and a serial stroker is pulled out and put in again, so many times
    endurance.py load [--seconds 600]      ten Bluetooth devices with two motors each at 20 changes a second, beside other load

Standard library only. What it needs besides is dbus-daemon, and the release build (or PLUGBOARD).
"""
import argparse
import contextlib
import json
import os
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "Conformance"))

from lib.bluez import Bluez  # noqa: E402
from lib.client import Client  # noqa: E402
from lib.fixture import Fixture  # noqa: E402
from lib.server import Server, program  # noqa: E402
from lib.wire import Late  # noqa: E402

COUNT = 10
BLUETOOTH = '[hardware]\nbluetooth = "auto"\n'
# Seconds: the gap, and how exact the journal is.
GAP, EARLY = 0.075, 0.001


def edge(number):
    """A Lovense with two motors."""
    return {"name": f"LVS-P{number:03d}", "address": f"C0:00:00:00:00:{number:02X}", "kind": "lovense", "replies": [
        {"when": "DeviceType;", "notify": "P:11:C00000000001;"}, {"when": "Battery;", "notify": "85;"}, {"when": "", "notify": "OK;"}]}


def devices(client, count, within=60):
    until = time.monotonic() + within
    while len(found := client.devices()) != count:
        assert time.monotonic() < until, f"{len(found)} devices, not {count}"
        with contextlib.suppress(Late):
            client.next(0.5)
    return sorted(found, key=lambda one: one["DeviceIndex"])


def indices(found):
    return [one["DeviceIndex"] for one in found]


def descriptors(server):
    return len(os.listdir(f"/proc/{server.pid}/fd"))


def fewest(server, seconds=2):
    """The number of descriptors when none is open for a moment only, as the state file is while it is written."""
    until, least = time.monotonic() + seconds, descriptors(server)
    while time.monotonic() < until:
        time.sleep(0.05)
        least = min(least, descriptors(server))
    return least


def settled(server, wanted, within=10):
    """The number of descriptors, as soon as it is what it was."""
    until = time.monotonic() + within
    while (now := descriptors(server)) != wanted and time.monotonic() < until:
        time.sleep(0.05)
    return now


def returns(rounds):
    link = f"/tmp/plugboard-endurance-{os.getpid()}"
    with contextlib.ExitStack() as stack:
        bluez = stack.enter_context(Bluez([edge(n) for n in range(1, COUNT + 1)], daemon=True))
        stroker = stack.enter_context(Fixture("tcode_pty.py", "--axes", "L0,V0", "--link", link))
        stack.callback(lambda: os.path.islink(link) and os.unlink(link))
        server = Server(config=f'{BLUETOOTH}[[hardware.serial]]\nport = "{link}"\n', variables=bluez.variables)
        stack.callback(server.clean)
        client = Client(server, 4)
        client.ask("StartScanning")
        before = devices(client, COUNT + 1)
        serial = next(one["DeviceIndex"] for one in before if not one["DeviceName"].startswith("Lovense"))
        open_before = fewest(server)
        began = time.monotonic()
        for number in range(1, rounds + 1):
            for device in before:
                feature = 1 if device["DeviceIndex"] == serial else 0
                client.output(device["DeviceIndex"], feature, "Vibrate", 5)
            mark, line = bluez.mark(), stroker.mark()
            bluez.do("restart", after_ms=100)
            stroker.tell(do="unplug")
            devices(client, 0)
            stroker.tell(do="plug")
            assert indices(devices(client, COUNT + 1)) == indices(before), f"round {number}: other indices"
            for one in range(1, COUNT + 1):
                told = bluez.writes(f"C0:00:00:00:00:{one:02X}", mark)
                assert told[-1].endswith(":0;"), f"round {number}: {told[-3:]}"
            told = [entry["text"] for entry in stroker.lines[line:] if entry["event"] == "line" and entry["text"].startswith("V")]
            assert all(text == "V00000" for text in told), f"round {number}: {told}"
            now = settled(server, open_before)
            assert now == open_before, f"round {number}: {now} descriptors, {open_before} before"
        server.stop()
        print(f"returns: {rounds} rounds in {time.monotonic() - began:.0f} s: same indices, {open_before} descriptors before and after")


def load(seconds):
    with contextlib.ExitStack() as stack:
        bluez = stack.enter_context(Bluez([edge(n) for n in range(1, COUNT + 1)], daemon=True))
        server = Server("stroker*8", config=BLUETOOTH, variables=bluez.variables)
        stack.callback(server.clean)
        client = Client(server, 4)
        client.ask("StartScanning")
        found = [one for one in devices(client, COUNT + 8) if one["DeviceName"].startswith("Lovense")]
        client.ask("StopScanning")
        alone = drive(client, bluez, server, found, min(30, seconds / 4))
        bench = subprocess.Popen(
            [program(), "bench", "ws://%s:%d" % server.address[:2], "--profile", "stroker", "--clients", "16", "--rate", "2000", "--duration", f"{int(seconds) + 5}s"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        stack.callback(bench.kill)
        beside = drive(client, bluez, server, found, seconds)
        bench.terminate()
        bench.wait(10)
        server.stop()
        for name, (rate, shortest, share, stops) in (("alone", alone), ("beside 2,000 moves a second", beside)):
            print(f"load {name}: {rate:.1f} packets a second and motor, shortest gap {shortest * 1000:.0f} ms, {stops} stops, "
                  f"router's CPU {share * 100:.2f} % of a core")


def drive(client, bluez, server, found, seconds):
    """Both motors of each device, twenty times a second; every five seconds a stop. Checks what the devices got."""
    mark, began, cpu, stops, lines = bluez.mark(), time.monotonic(), server.cpu_seconds(), 0, os.path.getsize(server.journal.path)
    value, due, answers = 0, began, {"sent": 0, "Ok": 0}

    def read(until, awaited=None):
        """Takes answers until then, or until this one has come."""
        while (left := until - time.monotonic()) > 0:
            with contextlib.suppress(Late):
                name, body = client.message(left)
                assert name in ("Ok", "DeviceList"), (name, body)
                answers["Ok"] += name == "Ok"
                if awaited is not None and body["Id"] == awaited:
                    return
        assert awaited is None, "a stop has no answer"

    def stop():
        before = bluez.mark()
        answers["sent"] += 1
        read(time.monotonic() + 10, client.post("StopCmd"))
        zeros(bluez, before)

    while (now := time.monotonic()) < began + seconds:
        due += 0.05
        value = value % 20 + 1
        for device in found:
            for feature in (0, 1):
                client.post("OutputCmd", DeviceIndex=device["DeviceIndex"], FeatureIndex=feature, Command={"Vibrate": {"Value": value}})
                answers["sent"] += 1
        read(due)
        if now - began > 5 * (stops + 1):
            stops += 1
            stop()
            due = time.monotonic()
    lasted = time.monotonic() - began
    share = (server.cpu_seconds() - cpu) / lasted
    stop()
    zeros(bluez, mark, last=True)
    assert answers["Ok"] == answers["sent"], answers
    return (*judge(bluez, mark, server, lines, found, lasted), share, stops + 1)


def zeros(bluez, mark, last=False):
    """Both motors of every device get their zero; at the end it is the last that they got."""
    for number in range(1, COUNT + 1):
        address = f"C0:00:00:00:00:{number:02X}"
        for motor in ("Vibrate1:", "Vibrate2:"):
            if last:
                bluez.wait(lambda e: newest(bluez, address, motor, mark) == f"{motor}0;", mark, 10, f"a last zero for {motor}")
            else:
                bluez.wait_write(address, f"{motor}0;", mark, 10)


def newest(bluez, address, motor, mark):
    told = [text for text in bluez.writes(address, mark) if text.startswith(motor)]
    return told[-1] if told else ""


def judge(bluez, mark, server, lines, found, lasted):
    """Packets a second and motor, as they arrived, and the shortest time between two packets for a motor, as the router sent them: the fake
    notes those that it finds together as one moment. A zero may come at once."""
    counts = {}
    for event in bluez.events[mark:]:
        if event["event"] == "write" and event["text"].startswith("Vibrate"):
            key = (event["device"], event["text"][:8])
            counts[key] = counts.get(key, 0) + 1
    rates = [count / lasted for count in counts.values()]
    assert len(rates) == 2 * COUNT, counts
    last, shortest = {}, 1.0
    ours = {one["DeviceIndex"] for one in found}
    with open(server.journal.path) as file:
        file.seek(lines)
        for line in file:
            entry = json.loads(line) if line.endswith("\n") else {"device": None}
            if entry["device"] not in ours:
                continue
            key = (entry["device"], entry["feature"])
            if entry["value"] != 0 and key in last:
                shortest = min(shortest, entry["t"] - last[key])
            last[key] = entry["t"]
    assert shortest >= GAP - EARLY, f"a gap of {shortest * 1000:.1f} ms"
    assert min(rates) >= 10, f"{min(rates):.1f} packets a second for one motor, {max(rates):.1f} for another"
    assert max(rates) - min(rates) <= 1, f"{min(rates):.1f} to {max(rates):.1f} packets a second"
    return min(rates), shortest


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    kinds = parser.add_subparsers(dest="what", required=True)
    kinds.add_parser("returns").add_argument("--rounds", type=int, default=20)
    kinds.add_parser("load").add_argument("--seconds", type=float, default=600)
    options = parser.parse_args()
    if options.what == "returns":
        returns(options.rounds)
    else:
        load(options.seconds)


if __name__ == "__main__":
    main()
