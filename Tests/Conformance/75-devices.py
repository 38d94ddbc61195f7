#!/usr/bin/env python3
# versions: 4
# `plugboard devices --scan` and `--test`: what is there and what it is taken for, without a router; a test asks first, is weak, and ends at
# zero, also when it is interrupted or killed.

import contextlib
import json
import os
import shutil
import signal
import subprocess
import tempfile

from lib.bluez import Bluez
from lib.fixture import Fixture
from lib.script import Script, serving
from lib.server import environment, program

script = Script(server=False)
FIRST, SECOND, OTHER = "C0:00:00:00:00:01", "C0:00:00:00:00:02", "D0:00:00:00:00:01"
PERIPHERALS = [
    {"name": "LVS-Z001", "address": FIRST, "kind": "lovense"},
    {"name": "LVS-Z002", "address": SECOND, "kind": "lovense"},
    {"name": "TV", "address": OTHER, "kind": "battery"},
]
CONFIG = """
[hardware]
bluetooth = "auto"
scan_time = "4s"
[[hardware.serial]]
port = "{port}"
[[hardware.device]]
match = "*:02"
deny = true
[[hardware.output]]
match = "LVS*"
max = 10
"""


class Look:
    """The command with hardware that is not there."""

    def __init__(self, stack, axes="L0,V0"):
        self.folder = tempfile.mkdtemp(prefix="plugboard-conformance-")
        stack.callback(shutil.rmtree, self.folder, ignore_errors=True)
        self.bluez = stack.enter_context(Bluez(PERIPHERALS))
        self.stroker = stack.enter_context(Fixture("tcode_pty.py", "--axes", axes))
        self.config = os.path.join(self.folder, "plugboard.toml")
        self.configure(CONFIG.format(port=self.stroker.ready))

    def configure(self, text):
        with open(self.config, "w") as file:
            file.write(text)

    def command(self, *words):
        return [program(), "devices", "--socket", os.path.join(self.folder, "none"), "--config", self.config, *words]

    @property
    def streams(self):
        return {"env": environment(self.folder, **self.bluez.variables), "stdin": subprocess.DEVNULL, "text": True}

    def run(self, *words):
        done = subprocess.run(self.command(*words), capture_output=True, timeout=60, **self.streams)
        return done.returncode, done.stdout, done.stderr


@contextlib.contextmanager
def look(**more):
    with contextlib.ExitStack() as stack:
        yield Look(stack, **more)


@script.check(4)
def a_scan_says_what_everything_is_taken_for_and_lets_go_of_it_at_zero():
    with look() as one:
        code, out, err = one.run("--scan", "--json")
        assert code == 0, (code, err)
        found = {device["identity"]: device for device in json.loads(out)["devices"]}
        first = found[f"bluetooth:{FIRST}"]
        assert (first["number"], first["ready"], first["protocol"], first["verified"]) == (1, True, "lovense", True), first
        assert "vibrate 0...10" in first["features"] and "did not" not in first["text"], first
        stroker = found[f"serial:{one.stroker.ready}"]
        assert (stroker["number"], stroker["protocol"]) == (2, "tcode-v03"), stroker
        assert "denied" in found[f"bluetooth:{SECOND}"]["text"], found
        assert "no protocol" in found[f"bluetooth:{OTHER}"]["text"], found
        assert one.bluez.writes(FIRST)[-1] == "Vibrate:0;" and not one.bluez.writes(SECOND)
        one.bluez.wait(lambda e: e["event"] == "disconnected" and e["because"] == "asked to", what="disconnect")


@script.check(4)
def a_scan_with_nothing_to_scan_with_says_why_and_ends_at_once():
    with look() as one:
        one.bluez.do("power", on=False)
        one.configure('[hardware]\nbluetooth = "auto"\nscan_time = "50s"\n')
        # A scan of this length would not end in time.
        done = subprocess.run(one.command("--scan"), capture_output=True, timeout=30, **one.streams)
        assert done.returncode == 0 and "bluetoothctl power on" in done.stderr, done


@script.check(4)
def a_test_that_nobody_can_answer_moves_nothing():
    with look() as one:
        code, out, err = one.run("--test", "1")
        assert code == 64 and "--yes" in err, (code, out, err)
        assert not one.bluez.writes(FIRST)


@script.check(4)
def a_test_is_weak_and_ends_at_zero():
    with look() as one:
        code, out, err = one.run("--test", "1", "--yes")
        assert code == 0 and "told zero" in err, (code, out, err)
        assert one.bluez.writes(FIRST)[-2:] == ["Vibrate:2;", "Vibrate:0;"], one.bluez.writes(FIRST)


@script.check(4)
def a_test_can_name_the_identity_and_moves_nothing_else():
    with look() as one:
        one.configure('[hardware]\nbluetooth = "auto"\nscan_time = "1s"\n[[hardware.device]]\nmatch = "*:02"\ndeny = true\n')
        code, out, err = one.run("--test", SECOND, "--yes")
        assert code == 69 and f"{SECOND} is not among" in err, (code, out, err)
        assert set(one.bluez.writes(FIRST)) <= {"DeviceType;", "Vibrate:0;"}, one.bluez.writes(FIRST)
        code, out, err = one.run("--test", f"bluetooth:{FIRST.lower()}", "--yes")
        assert code == 0 and one.bluez.writes(FIRST)[-2:] == ["Vibrate:4;", "Vibrate:0;"], (code, err, one.bluez.writes(FIRST))


@script.check(4)
def a_test_of_a_stroker_goes_slowly_to_its_middle_and_leaves_it_there():
    with look(axes="L0") as one:
        code, out, err = one.run("--test", "2", "--yes")
        assert code == 0 and "stays where it is" in err and "told zero" not in err, (code, out, err)
        one.stroker.mark()
        moves = [line["text"] for line in one.stroker.lines if line["event"] == "line" and "L0" in line["text"]]
        assert moves == ["L04999I3000"], moves


def ended_by(number):
    with look() as one:
        process = subprocess.Popen(one.command("--test", "1", "--yes"), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, **one.streams)
        try:
            one.bluez.wait_write(FIRST, "Vibrate:2;", within=20)
            mark = one.bluez.mark()
            process.send_signal(number)
            one.bluez.wait_write(FIRST, "Vibrate:0;", mark)
            return process.wait(10), process.stderr.read()
        finally:
            process.kill()
            process.wait(10)
            process.stderr.close()


@script.check(4)
def an_interrupted_test_ends_at_zero_and_the_watchdog_says_nothing():
    code, err = ended_by(signal.SIGINT)
    assert code == 130 and "without a word" not in err, (code, err)


@script.check(4)
def a_killed_test_is_brought_to_zero_by_the_watchdog():
    code, err = ended_by(signal.SIGKILL)
    assert code == -signal.SIGKILL and "brought to zero" in err, (code, err)


@script.check(4)
def while_a_router_runs_a_scan_touches_nothing():
    with Bluez(PERIPHERALS) as bluez, serving(config="", variables=bluez.variables, scan=False) as case:
        socket = os.path.join(case.server.folder, "run", "plugboard", "admin.sock")
        words = [program(), "devices", "--scan"] + (["--socket", socket] if os.path.exists(socket) else [])
        variables = environment(case.server.folder, PLUGBOARD_HARDWARE_BLUETOOTH="auto", **bluez.variables)
        done = subprocess.run(words, capture_output=True, text=True, stdin=subprocess.DEVNULL, env=variables, timeout=60)
        assert done.returncode == 69 and "a router runs there" in done.stderr, (done.returncode, done.stderr)
        assert not [event for event in bluez.events[: bluez.mark()] if event["event"] in ("connect", "scan")]


if __name__ == "__main__":
    script.main()
