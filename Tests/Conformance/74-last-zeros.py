#!/usr/bin/env python3
# versions: 4
# Devices of all kinds run at full, and their router is killed, stops, or is started again: what each device was told last.

import contextlib
import os
import shutil
import signal
import time

from lib.bluez import Bluez
from lib.client import Client
from lib.fixture import Fixture
from lib.programs import free_port
from lib.script import Script
from lib.server import Server, started_by
from lib.wire import Late, readable

script = Script(server=False)

# Seconds. The goal is 0.05 on a machine that does nothing else; what was measured is printed.
SOON = 0.25
DEADLINE = 10
ROWS = """
[hardware]
bluetooth = "auto"
websocket_listen = "ws://127.0.0.1:{port}"
[[hardware.websocket]]
identifier = "LVSDevice"
protocol = "lovense"
model = "Z"
[[hardware.serial]]
port = "{serial}"
"""
WRITE_ONLY = {
    "50300001-0023-4bd4-bbd5-a6920e4c5653": {
        "50300002-0023-4bd4-bbd5-a6920e4c5653": {"flags": ["write"]}, "50300003-0023-4bd4-bbd5-a6920e4c5653": {"flags": ["notify"]}}}


def lovense(number, **more):
    return {"name": f"LVS-Z{number:03d}", "address": f"C0:00:00:00:00:{number:02X}", "kind": "lovense"} | more


# Seven that are written by a descriptor; three that only calls to BlueZ can reach: by their flags, by their version, by a slow answer.
PERIPHERALS = [lovense(number) for number in range(1, 8)] + [
    lovense(8, services=WRITE_ONLY), lovense(9, faults={"no_acquire": True}), lovense(10, services=WRITE_ONLY, faults={"write_ms": 30})]
SOCKETS = 3


class Everything:
    """Ten Bluetooth devices on a real bus, a stroker on a pseudo terminal, three programs that dial in; and a router that drives them all."""

    def __init__(self, stack, peripherals=PERIPHERALS, sockets=SOCKETS):
        assert shutil.which("dbus-daemon"), "dbus-daemon is not installed: scripts/setup --conformance"
        self.stack, self.peripherals, self.sockets = stack, peripherals, sockets
        self.bluez = stack.enter_context(Bluez(peripherals, daemon=True))
        self.stroker = stack.enter_context(Fixture("tcode_pty.py", "--axes", "L0,V0", waits=True))
        port = free_port()
        self.config = ROWS.format(port=port, serial=self.stroker.ready)
        self.programs = [
            stack.enter_context(Fixture(
                "wsdm_device.py", "--url", f"ws://127.0.0.1:{port}", "--identifier", "LVSDevice", "--address", str(number), "--kind", "lovense",
                "--reconnect", "200", waits=False))
            for number in range(sockets)]
        self.start()

    def start(self):
        self.server = Server(config=self.config, variables=self.bluez.variables | {"SWIFT_BACKTRACE": "enable=no"})
        self.stack.callback(self.server.clean)
        self.client = Client(self.server, 4)

    def devices(self, count=None, within=60):
        count = len(self.peripherals) + 1 + self.sockets if count is None else count
        until = time.monotonic() + within
        while len(found := self.client.devices()) != count:
            assert time.monotonic() < until, f"{len(found)} devices, not {count}: {self.server.log()[-800:]}"
            with contextlib.suppress(Late):
                self.client.next(0.5)
        return found

    def run_all(self):
        """Everything at its highest; returns when every device was told so."""
        marks = (self.bluez.mark(), self.stroker.mark(), [program.mark() for program in self.programs])
        for device in self.devices():
            for feature in device["DeviceFeatures"].values():
                if top := feature.get("Output", {}).get("Vibrate", {}).get("Value"):
                    self.client.output(device["DeviceIndex"], feature["FeatureIndex"], "Vibrate", top[1])
        for one in self.peripherals:
            self.bluez.wait_write(one["address"], "Vibrate:20;", marks[0])
        self.stroker.wait(lambda e: e["event"] == "line" and e["text"] == "V09999", marks[1])
        for program, mark in zip(self.programs, marks[2]):
            program.wait(lambda e: e["event"] == "write" and e.get("text") == "Vibrate:20;", mark)
        [self.watchdog] = started_by(self.server.pid)
        self.handle = os.pidfd_open(self.watchdog)
        self.stack.callback(os.close, self.handle)

    def marks(self):
        return self.bluez.mark(), self.stroker.mark(), [program.mark() for program in self.programs]

    def all_at_zero(self, marks, within):
        """Every device has been told its zero since the marks; returns when the last was, by the clock of this program."""
        until = time.monotonic() + within
        left = lambda: max(0.01, until - time.monotonic())  # noqa: E731
        for one in self.peripherals:
            self.bluez.wait_write(one["address"], "Vibrate:0;", marks[0], left())
        self.stroker.wait(lambda e: e["event"] == "line" and e["text"] == "V00000", marks[1], left())
        for program, mark in zip(self.programs, marks[2]):
            program.wait(lambda e: e["event"] == "write" and e.get("text") == "Vibrate:0;", mark, left())
        return time.monotonic()

    def nothing_rose(self, marks):
        """Nobody was told anything but zero since the marks."""
        for one in self.peripherals:
            told = [text for text in self.bluez.writes(one["address"], marks[0]) if text.startswith("Vibrate")]
            assert set(told) == {"Vibrate:0;"}, f"{one['name']}: {told}"
        self.stroker.mark()
        told = [e["text"] for e in self.stroker.lines[marks[1]:] if e["event"] == "line" and e["text"].startswith("V0")]
        assert set(told) == {"V00000"}, told
        for program, mark in zip(self.programs, marks[2]):
            program.mark()
            told = [e["text"] for e in program.lines[mark:] if e["event"] == "write" and e.get("text", "").startswith("Vibrate")]
            assert set(told) == {"Vibrate:0;"}, told


@script.check(4)
def a_killed_router_leaves_every_device_at_zero_and_the_next_one_takes_them_over():
    with contextlib.ExitStack() as stack:
        case = Everything(stack)
        case.client.ask("StartScanning")
        indices = sorted(one["DeviceIndex"] for one in case.devices())
        case.run_all()
        marks = case.marks()
        since = time.monotonic()
        os.kill(case.server.pid, signal.SIGKILL)
        took = case.all_at_zero(marks, DEADLINE) - since
        print(f"  SIGKILL: the last of {len(indices)} devices after {took * 1000:.0f} ms")
        assert took <= SOON, f"{took * 1000:.1f} ms"
        assert readable(case.handle, DEADLINE), "the watchdog is still there"
        count = len(indices)
        assert f'"devices":"{count}","took_it":"{count}"' in case.server.log(), case.server.log()[-800:]
        case.nothing_rose(marks)
        # BlueZ has kept the ten connected: the next router takes them over without a scan, and tells zero first.
        marks = case.marks()
        case.start()
        case.devices()
        case.all_at_zero(marks, DEADLINE)
        assert not [e for e in case.bluez.events[marks[0]:] if e["event"] in ("connect", "scan")]
        case.nothing_rose(marks)
        case.server.stop()


@script.check(4)
def a_router_that_has_stopped_is_stopped_for_and_nothing_starts_when_it_goes_on():
    with contextlib.ExitStack() as stack:
        case = Everything(stack)
        case.client.ask("StartScanning")
        case.devices()
        case.run_all()
        marks = case.marks()
        since = time.monotonic()
        os.kill(case.server.pid, signal.SIGSTOP)
        took = case.all_at_zero(marks, DEADLINE) - since
        os.kill(case.server.pid, signal.SIGCONT)
        print(f"  SIGSTOP: the last device after {took:.2f} s")
        assert took <= 6, f"{took:.2f} s"
        case.server.wait_log("its watchdog brought the devices to zero")
        # They were let go; the fake tells of one that is back only when it is asked to.
        for one in PERIPHERALS:
            case.bluez.wait(lambda e: e["event"] == "disconnected" and e["device"] == one["address"], marks[0], DEADLINE, "disconnect")
            case.bluez.do("advertise", device=one["address"])
        case.devices()
        case.nothing_rose(marks)
        case.server.stop()
        assert readable(case.handle, DEADLINE), "the watchdog is still there"


if __name__ == "__main__":
    script.main()
