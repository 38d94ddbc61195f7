#!/usr/bin/env python3
# versions: 4
# A router is found on the network by Avahi's own tools, with its real port, and again when Avahi comes back. It needs avahi-daemon,
# dbus-daemon and avahi-browse, and the right to make a network namespace; without them it says so and is skipped.

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from lib.script import Script
from lib.server import Server, run

INSIDE = "PLUGBOARD_ANNOUNCE_INSIDE"
PATH = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
TOOLS = ("avahi-daemon", "avahi-browse", "dbus-daemon", "unshare", "mount", "ip")
script = Script(server=False)


def missing():
    """Why this cannot be tried here; empty when it can."""
    for tool in TOOLS:
        if not shutil.which(tool, path=PATH):
            return f"{tool} is not installed"
    setup = "ip link set lo up multicast on && mount -t tmpfs none /run"
    if subprocess.run(["unshare", "-n", "-m", "sh", "-c", setup], env={**os.environ, "PATH": PATH}, capture_output=True).returncode:
        return "no right to make a network namespace"
    return ""


def inside():
    """This script again in namespaces of its own, with an empty /run."""
    setup = (
        "ip link set lo up multicast on && ip link add net0 type veth peer name net1 && ip addr add 10.9.8.1/24 dev net0"
        " && ip link set net0 up multicast on && ip link set net1 up && mount -t tmpfs none /run && mkdir -p /run/dbus /run/avahi-daemon"
        ' && exec "$@"'
    )
    command = ["unshare", "-n", "-m", "-p", "-f", "--kill-child", "sh", "-c", setup, "sh", sys.executable, os.path.abspath(__file__), *sys.argv[1:]]
    return subprocess.run(command, env={**os.environ, "PATH": PATH, INSIDE: "1"}).returncode


class Network:
    """A bus and Avahi, in this namespace alone."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="plugboard-conformance-")
        self.bus = os.path.join(self.folder, "bus.conf")
        with open(self.bus, "w") as file:
            file.write(
                "<!DOCTYPE busconfig PUBLIC '-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN'"
                " 'http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd'>"
                "<busconfig><type>system</type><listen>unix:path=/run/dbus/system_bus_socket</listen><auth>EXTERNAL</auth>"
                "<policy context='default'><allow user='*'/><allow own='*'/><allow send_type='method_call'/><allow send_type='signal'/>"
                "<allow send_requested_reply='true'/><allow receive_type='method_call'/><allow receive_type='signal'/>"
                "<allow receive_requested_reply='true'/></policy></busconfig>")
        self.avahi_file = os.path.join(self.folder, "avahi.conf")
        with open(self.avahi_file, "w") as file:
            file.write("[server]\nhost-name=routertest\nuse-ipv6=no\nenable-dbus=yes\nallow-interfaces=net0\n[publish]\npublish-hinfo=no\n")
        self.processes = {}

    def start(self, name, *command):
        # What a daemon says is seen when a check fails.
        self.processes[name] = subprocess.Popen([shutil.which(command[0], path=PATH), *command[1:]])

    def start_bus(self):
        read, write = os.pipe()
        os.set_inheritable(write, True)
        self.processes["bus"] = subprocess.Popen(
            ["dbus-daemon", f"--config-file={self.bus}", "--nofork", "--nopidfile", f"--print-address={write}"], close_fds=False)
        os.close(write)
        assert os.read(read, 256), "no bus"
        os.close(read)

    def start_avahi(self):
        self.start("avahi", "avahi-daemon", "-f", self.avahi_file, "--no-drop-root", "--no-chroot", "--no-rlimits")

    def stop(self, name):
        process = self.processes.pop(name)
        process.send_signal(signal.SIGTERM)
        process.wait(10)

    def clean(self):
        for name in reversed(list(self.processes)):
            self.stop(name)
        shutil.rmtree(self.folder, ignore_errors=True)


def browse(kind, seconds=10):
    """What avahi-browse resolves of a type: (name, port, facts)."""
    done = subprocess.run(["timeout", str(seconds), "avahi-browse", "-rpt", kind], capture_output=True, text=True)
    rows = [line.split(";") for line in done.stdout.splitlines() if line.startswith("=")]
    return {(re.sub(r"\\(\d{3})", lambda m: chr(int(m.group(1))), row[3]), int(row[8]), row[9]) for row in rows}


@script.check(4)
def it_is_found_with_its_port_and_again_when_avahi_returns():
    network = Network()
    network.start_bus()
    config = "[server]\nannounce = true\nallow_insecure = true\nname = \"Living room\"\n"
    server = None
    try:
        # Avahi is not there yet; that is said once.
        server = Server(config=config, listen=("ws://0.0.0.0:0",))
        server.wait_log("Avahi does not run")
        for turn in range(2):
            network.start_avahi()
            server.wait_match("(?s)" + ".*".join([r"(?<!not )announced on the network"] * (turn + 1)), within=20)
            for kind in ("_intiface_engine._tcp", "_plugboard._tcp"):
                found = browse(kind)
                assert found == {("Living room", server.address[1], '"path=/"')}, (kind, found)
            if turn == 0:
                network.stop("avahi")
                server.wait_match("(?s)not announced.*(?<!not )announced.*not announced")
        server.stop()
        # Avahi takes a second to forget what is said goodbye to.
        until = time.monotonic() + 10
        while browse("_plugboard._tcp"):
            assert time.monotonic() < until, "an ended router is still found"
    finally:
        if server:
            server.clean()
        network.clean()


@script.check(4)
def what_only_this_computer_reaches_is_not_announced():
    server = Server(config="[server]\nannounce = true\n")
    try:
        server.wait_log("only this computer reaches")
        server.stop()
    finally:
        server.clean()
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "p.toml")
        with open(path, "w") as file:
            file.write("[server]\nannounce = true\n")
        code, out, err = run("check", path)
        assert code == 0 and "good" in out and "announces nothing" in err, (code, out, err)


@script.check(4)
def without_a_bus_it_is_said_once_and_everything_else_works():
    server = Server(
        config="[server]\nannounce = true\nallow_insecure = true\n", listen=("ws://0.0.0.0:0",),
        variables={"DBUS_SYSTEM_BUS_ADDRESS": "unix:path=/nowhere/at/all"})
    try:
        server.wait_log("/nowhere/at/all")
        server.stop()
        assert server.log().count("not announced") == 1, server.log()
    finally:
        server.clean()


if __name__ == "__main__":
    if os.environ.get(INSIDE):
        script.main()
    else:
        reason = missing()
        if reason:
            print(f"0 of 0 checks hold: skipped, {reason}")
        else:
            sys.exit(inside())
