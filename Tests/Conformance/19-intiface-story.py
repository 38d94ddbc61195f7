#!/usr/bin/env python3
# versions: 4
# The usual setup, with the commands and ports of README and docs/intiface.md: Intiface on 12346, Plugboard on 12345, two apps.
# It runs in a network namespace of its own, where those ports are free.

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from lib.client import Client
from lib.reference import Reference
from lib.script import Script
from lib.server import ROOT, environment, program, run
from lib.wire import Late, readable

script = Script(server=False)

COMMAND = "plugboard serve --upstream ws://127.0.0.1:12346"


class Started:
    """A command of the documents, started as a person starts it."""

    def __init__(self, folder, command):
        where = os.path.join(folder, "bin")
        os.makedirs(where, exist_ok=True)
        if not os.path.exists(os.path.join(where, "plugboard")):
            os.symlink(os.path.abspath(program()), os.path.join(where, "plugboard"))
        variables = environment(folder, PATH=f"{where}:{os.environ['PATH']}")
        self.log_path = os.path.join(folder, "log.txt")
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                ["sh", "-c", "exec " + command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, text=True, env=variables)
        self.address = ("127.0.0.1", 12345)

    def line(self):
        if not readable(self.process.stdout, 10):
            raise Late("no line on standard output")
        return self.process.stdout.readline().strip()

    def log(self):
        with open(self.log_path) as file:
            return file.read()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(6) == 0


def documents():
    return {name: open(os.path.join(ROOT, name)).read() for name in ("README.md", "docs/intiface.md")}


@script.check(4)
def the_documents_have_the_command_and_so_has_the_busy_port():
    for name, text in documents().items():
        assert COMMAND in text, name
        assert "12346" in text and "ws://127.0.0.1:12345" in text, name
    import socket

    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, _, error = run("serve", "--listen", f"ws://127.0.0.1:{port}", "--state-file", "")
        assert code == 69 and COMMAND in error and f"port {port} is taken" in error, error


@script.check(4)
def every_plugboard_command_of_the_documents_is_understood():
    """Each is checked with `plugboard check` in its place, so that nothing is started."""
    found = set()
    for text in documents().values():
        for command in re.findall(r"(?:^|`)\s*(plugboard serve[^`\n#]*)", text, re.M):
            found.add(command.strip())
    assert COMMAND in found and len(found) > 3, found
    for command in found:
        flags = command.split()[2:]
        if "--config" in flags or "--resume" in flags:
            continue
        code, _, error = run("config", *flags)
        assert code == 0, (command, error)


@script.check(4)
def serve_without_devices_says_what_to_do():
    folder = tempfile.mkdtemp(prefix="plugboard-story-")
    try:
        started = Started(folder, "plugboard serve --listen ws://127.0.0.1:0")
        assert started.line().startswith("ready ")
        started.stop()
        assert "there are no devices" in started.log() and COMMAND in started.log(), started.log()
    finally:
        shutil.rmtree(folder)


@script.check(4)
def intiface_on_12346_plugboard_on_12345_two_apps():
    if not os.environ.get("PLUGBOARD_TEST_NAMESPACE"):
        if subprocess.run(["unshare", "-rn", "true"], capture_output=True).returncode:
            return print("  skipped: network namespaces are not permitted here")
        command = ["unshare", "-rn", "sh", "-c", 'ip link set lo up && exec "$@"', "x", sys.executable, sys.argv[0], "v4", "intiface_on"]
        done = subprocess.run(command, env={**os.environ, "PLUGBOARD_TEST_NAMESPACE": "1"}, capture_output=True, text=True, timeout=80)
        assert done.returncode == 0, done.stdout + done.stderr
        return None
    folder = tempfile.mkdtemp(prefix="plugboard-story-")
    intiface = Reference(["Hush", "Nora"], port=12346, gap=100, max_ping_time=1000)
    router = Started(folder, COMMAND)
    try:
        assert router.line() == "ready ws://127.0.0.1:12345"
        # The app was started first; Intiface comes a moment later.
        game, player = Client(router, 4, name="game"), Client(router, 3, name="player")
        game.ok("StartScanning")
        player.ok("StartScanning")
        intiface.start()
        wait(lambda: len(game.devices()) == 2, "both devices at the game")
        wait(lambda: len(player.devices()) == 2, "both devices at the player")
        before = {device["DeviceName"]: device["DeviceIndex"] for device in game.devices()}
        assert len(intiface.client_names) == 1 and intiface.client_names[0].startswith("Plugboard"), intiface.client_names
        # The higher value wins; an app that leaves ends only its own values. The stated gap is not kept.
        began = time.monotonic()
        game.output(before["Hush"], 0, "Vibrate", 8)
        player.ok("ScalarCmd", DeviceIndex=before["Hush"], Scalars=[{"Index": 0, "Scalar": 0.7, "ActuatorType": "Vibrate"}])
        for value in range(1, 21):
            game.output(before["Nora"], 0, "Vibrate", value)
        assert time.monotonic() - began < 1, "a gap was kept"
        assert intiface.values("Hush")[-2:] == [8, 14] and intiface.values("Nora")[-1] == 20
        player.close()
        wait(lambda: intiface.values("Hush")[-1] == 8, "the game's value is back")
        # An update of Intiface: it comes back, gives its devices new numbers, and nothing moves before the game sends a command.
        intiface.kill()
        wait(lambda: game.devices() == [], "no devices")
        mark = intiface.mark()
        intiface.start(["Nora", "Hush"])
        wait(lambda: {d["DeviceName"]: d["DeviceIndex"] for d in game.devices()} == before, "the devices under their indices")
        assert not any(intiface.values(since=mark)), intiface.values(since=mark)
        game.output(before["Hush"], 0, "Vibrate", 5)
        assert intiface.values("Hush")[-1] == 5
        # The computer slept for longer than Intiface waits for pings.
        intiface.ping_out()
        wait(lambda: intiface.accepted == 3, "a new connection")
        wait(lambda: {d["DeviceName"]: d["DeviceIndex"] for d in game.devices()} == before, "the devices once more")
        game.output(before["Nora"], 0, "Vibrate", 3)
        router.stop()
        wait(lambda: intiface.values("Nora")[-1] == 0, "zero at the end")
    finally:
        router.process.kill()
        intiface.__exit__()
        shutil.rmtree(folder)


def wait(accept, what, within=6.0):
    end = time.monotonic() + within
    while not accept():
        assert time.monotonic() < end, f"{what}: not within {within} s"


if __name__ == "__main__":
    script.main()
