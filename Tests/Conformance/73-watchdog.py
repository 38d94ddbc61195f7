#!/usr/bin/env python3
# versions: 4
# The watchdog process, with a stand-in for its router and with a router that has a T-code stroker: what is written when the router is killed,
# crashes, stops or ends.

import contextlib
import os
import pty
import signal
import socket
import struct
import subprocess
import tempfile
import time
import tty

from lib.client import Client
from lib.fixture import Fixture
from lib.script import Script
from lib.server import Server, program, started_by
from lib.wire import DEADLINE, readable

script = Script(server=False)

# Milliseconds; the goal of 50 has room for a busy machine.
SOON = 0.250
# What one more process costs beside a router, whose code it shares. The goal was 1,024; the release build has 1,408, of which 950 are
# constants of the program and its libraries that the loader has to adjust to their addresses.
PRIVATE_KILOBYTES = 2_048


class Watchdog:
    """`plugboard watchdog`, as a router starts it: one end of a socket pair is its descriptor 3. A process of its own holds the other end."""

    def __init__(self, form="text"):
        self.log = tempfile.TemporaryFile()
        self.end, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        actions = [(os.POSIX_SPAWN_DUP2, other.fileno(), 3), (os.POSIX_SPAWN_DUP2, self.log.fileno(), 2)]
        self.pid = os.posix_spawn(program(), ["plugboard", "watchdog", form], {}, file_actions=actions)
        other.close()
        self.holder = None
        self.status = None

    def set(self, slot, packets, descriptor):
        letter = b"".join(struct.pack("<H", len(packet)) + packet for packet in packets)
        socket.send_fds(self.end, [struct.pack("<BH", 1, slot) + letter], [descriptor])

    def clear(self, slot):
        self.end.send(struct.pack("<BH", 2, slot))

    def beat(self, runs=True):
        self.end.send(bytes([3, runs]))

    def say_end(self):
        self.end.send(bytes([4]))

    def become_a_process(self):
        """From here on only a process of its own has the router's end."""
        self.holder = os.fork()
        if self.holder == 0:
            signal.pause()
            os._exit(0)
        self.end.close()

    def kill(self, number=signal.SIGKILL):
        os.kill(self.holder, number)
        since = time.monotonic()
        os.waitpid(self.holder, 0)
        self.holder = None
        return since

    def wait(self, seconds):
        """Its exit status; fails when it is still there after so long."""
        handle = os.pidfd_open(self.pid)
        try:
            assert readable(handle, seconds), f"the watchdog is still there after {seconds} s"
        finally:
            os.close(handle)
        self.status = os.waitpid(self.pid, 0)[1]
        return os.waitstatus_to_exitcode(self.status)

    def lines(self):
        self.log.seek(0)
        return self.log.read().decode().splitlines()

    def settled(self):
        """It has read everything that was sent: a packet socket is empty then."""
        until = time.monotonic() + DEADLINE
        while True:
            with open(f"/proc/{self.pid}/stat") as file:
                asleep = file.read().rsplit(")", 1)[1].split()[0] == "S"
            with open(f"/proc/{self.pid}/wchan") as file:
                waits = file.read()
            if asleep and "poll" in waits or asleep and waits in ("0", ""):
                return
            assert time.monotonic() < until, f"busy: {waits}"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in (self.holder, self.pid if self.status is None else None):
            if process:
                os.kill(process, signal.SIGKILL)
                os.waitpid(process, 0)
        self.end.close()
        self.log.close()


class Line:
    """A serial line: a pseudo terminal whose far end is the device."""

    def __init__(self):
        self.device, self.router = pty.openpty()
        tty.setraw(self.router)
        os.set_blocking(self.router, False)

    def read(self, seconds=DEADLINE):
        assert readable(self.device, seconds), f"nothing came within {seconds} s"
        return os.read(self.device, 4096)

    def close(self):
        os.close(self.device)
        os.close(self.router)


class Pair(Line):
    """A socket whose far end is the device."""

    def __init__(self, kind):
        self.ends = socket.socketpair(socket.AF_UNIX, kind)
        self.device, self.router = (end.fileno() for end in self.ends)

    def close(self):
        for end in self.ends:
            end.close()


def devices():
    return Line(), Pair(socket.SOCK_SEQPACKET), Pair(socket.SOCK_STREAM)


@script.check(4)
def a_killed_or_crashed_router_leaves_every_device_at_zero():
    for number in (signal.SIGKILL, signal.SIGSEGV):
        line, packets, stream = devices()
        with Watchdog() as watchdog:
            watchdog.set(0, [b"\nDSTOP\n", b"V00000\n"], line.router)
            watchdog.set(1, [b"Vibrate:0;", b"Rotate:0;"], packets.router)
            watchdog.set(2, [b"\x82\x02ab"], stream.router)
            watchdog.beat()
            watchdog.become_a_process()
            watchdog.settled()
            since = watchdog.kill(number)
            assert packets.read() == b"Vibrate:0;"
            assert packets.read() == b"Rotate:0;"
            assert stream.read() == b"\x82\x02ab"
            got = line.read()
            took = time.monotonic() - since
            while not got.endswith(b"V00000\n"):
                got += line.read()
            assert got == b"\nDSTOP\nV00000\n", got
            assert took <= SOON, f"{took * 1000:.1f} ms"
            assert watchdog.wait(DEADLINE) == 0
            # And twice again, because the last request of the dead router may have been under way.
            assert [packets.read() for _ in range(4)] == [b"Vibrate:0;", b"Rotate:0;"] * 2
            lines = watchdog.lines()
            assert len(lines) == 1 and "the router is gone without a word" in lines[0], lines
            assert "devices=3 took_it=3" in lines[0], lines
        for device in (line, packets, stream):
            device.close()


@script.check(4)
def a_router_that_does_not_answer_is_stopped_for():
    packets = Pair(socket.SOCK_SEQPACKET)
    with Watchdog("json") as watchdog:
        watchdog.set(0, [b"zero"], packets.router)
        watchdog.beat()
        since = time.monotonic()
        assert packets.read(6) == b"zero"
        took = time.monotonic() - since
        assert 4.9 <= took <= 6, f"{took:.2f} s"
        assert watchdog.end.recv(100) == bytes([5, 1, 0])
        # It lives again and ends well: nothing more is written.
        watchdog.beat(False)
        watchdog.say_end()
        assert watchdog.wait(DEADLINE) == 0
        lines = watchdog.lines()
        assert len(lines) == 1 and '"event":"the router does not answer' in lines[0], lines
    packets.close()


@script.check(4)
def a_router_that_ends_well_ends_its_watchdog_without_a_word():
    for ends_first in (False, True):
        line = Line()
        with Watchdog() as watchdog:
            watchdog.set(0, [b"zero\n"], line.router)
            watchdog.beat()
            watchdog.beat(False)
            watchdog.say_end()
            if ends_first:
                watchdog.end.close()
            assert watchdog.wait(DEADLINE) == 0
            assert watchdog.lines() == []
            assert not readable(line.device, 0)
        line.close()


@script.check(4)
def signals_do_not_end_it():
    packets = Pair(socket.SOCK_SEQPACKET)
    with Watchdog() as watchdog:
        watchdog.set(0, [b"zero"], packets.router)
        watchdog.beat()
        watchdog.settled()
        numbers = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGPIPE, signal.SIGQUIT, signal.SIGABRT, signal.SIGUSR1, signal.SIGUSR2)
        for number in numbers:
            os.kill(watchdog.pid, number)
        watchdog.end.close()
        assert packets.read() == b"zero"
        assert watchdog.wait(DEADLINE) == 0
    packets.close()


@script.check(4)
def a_device_that_takes_nothing_holds_up_no_other():
    full, other = Pair(socket.SOCK_STREAM), Pair(socket.SOCK_SEQPACKET)
    os.set_blocking(full.router, False)
    sent = 0
    try:
        while True:
            sent += os.write(full.router, b"x" * 65536)
    except BlockingIOError:
        pass
    with Watchdog() as watchdog:
        watchdog.set(0, [b"zero"], full.router)
        watchdog.set(1, [b"zero"], other.router)
        watchdog.settled()
        since = time.monotonic()
        watchdog.end.close()
        assert other.read() == b"zero"
        assert time.monotonic() - since <= SOON
        # There is room from now on: a later round gets through.
        got = b""
        while not got.endswith(b"zero"):
            got = got[-4:] + full.read()
        assert watchdog.wait(DEADLINE) == 0
        assert "devices=2 took_it=2" in watchdog.lines()[0], watchdog.lines()
    full.close()
    other.close()


@script.check(4)
def what_is_not_its_own_it_does_not_keep():
    line = Line()
    with Watchdog() as watchdog:
        def held():
            watchdog.settled()
            return len(os.listdir(f"/proc/{watchdog.pid}/fd"))
        before = held()
        for _ in range(3):
            watchdog.set(5, [b"zero\n"], line.router)
        socket.send_fds(watchdog.end, [b"\x01\x05"], [line.router])
        socket.send_fds(watchdog.end, [b"\x09"], [line.router, line.router])
        watchdog.end.send(b"x" * 4000)
        assert held() == before + 1
        watchdog.clear(5)
        assert held() == before
        # Nothing is left to be posted.
        watchdog.end.close()
        assert watchdog.wait(DEADLINE) == 0
        assert watchdog.lines() == []
    line.close()


@script.check(4)
def it_is_small():
    packets = Pair(socket.SOCK_SEQPACKET)
    with Watchdog() as watchdog:
        for slot in range(20):
            watchdog.set(slot, [b"zero"], packets.router)
        watchdog.settled()
        with open(f"/proc/{watchdog.pid}/smaps_rollup") as file:
            sizes = dict(line.split(":") for line in file.read().splitlines()[1:])
        private = int(sizes["Private_Dirty"].split()[0])
        print(f"  private {private} kB, resident {sizes['Rss'].strip()}")
        assert private <= PRIVATE_KILOBYTES, f"{private} kB; is this the release build?"
        watchdog.say_end()
        assert watchdog.wait(DEADLINE) == 0
    packets.close()


# With a router.


class Routed:
    """A router with a stroker whose vibration runs at its highest, and the router's watchdog."""

    def __init__(self, stack):
        self.device = stack.enter_context(Fixture("tcode_pty.py", "--axes", "L0,V0", waits=True))
        # A debug build on a machine with the compiler would look at its own crash for seconds first.
        self.server = Server(config=f'[[hardware.serial]]\nport = "{self.device.ready}"\n', variables={"SWIFT_BACKTRACE": "enable=no"})
        stack.callback(self.server.clean)
        self.client = Client(self.server, 4)
        self.index = self.appeared()
        self.client.output(self.index, 1, "Vibrate", 9999)
        self.line("V09999")
        self.watchdog = None
        self.watchdog = self.find_watchdog()
        stack.callback(self.let_go)

    def let_go(self):
        if self.handle is not None:
            os.close(self.handle)
        self.handle = None

    def find_watchdog(self):
        # One that was killed is listed until the router asks for its end, which is when it starts another one after that.
        [pid] = [one for one in started_by(self.server.pid) if one != self.watchdog]
        self.handle = os.pidfd_open(pid)
        return pid

    def appeared(self, within=8):
        until = time.monotonic() + within
        while not (devices := self.client.devices()):
            self.client.event("DeviceList", within=max(0.01, until - time.monotonic()))
        return devices[0]["DeviceIndex"]

    def line(self, text, since=0, within=DEADLINE):
        return self.device.wait(lambda entry: entry["event"] == "line" and entry["text"] == text, since, within, f"the line {text}")

    def rises(self, since):
        self.device.mark()
        return [entry["text"] for entry in self.device.lines[since:] if entry["event"] == "line" and "V0" in entry["text"]
                and "V00000" not in entry["text"]]

    def gone(self, within=DEADLINE):
        assert readable(self.handle, within), "the watchdog is still there"


@contextlib.contextmanager
def routed():
    with contextlib.ExitStack() as stack:
        yield Routed(stack)


@script.check(4)
def a_stroker_is_at_zero_when_its_router_was_killed_or_has_crashed():
    for number in (signal.SIGKILL, signal.SIGSEGV):
        with routed() as case:
            mark = case.device.mark()
            since = time.monotonic()
            os.kill(case.server.pid, number)
            case.line("V00000", mark)
            took = time.monotonic() - since
            assert took <= SOON, f"{took * 1000:.1f} ms"
            print(f"  {signal.Signals(number).name}: {took * 1000:.1f} ms")
            case.gone()
            assert case.rises(mark) == []
            case.line("DSTOP", mark)
            # It says so before it ends, and it has ended.
            assert case.server.log().count("the router is gone without a word") == 1, case.server.log()


@script.check(4)
def a_stroker_is_at_zero_when_its_router_has_stopped_and_stays_so_when_it_goes_on():
    with routed() as case:
        mark = case.device.mark()
        os.kill(case.server.pid, signal.SIGSTOP)
        case.line("V00000", mark, within=6.5)
        os.kill(case.server.pid, signal.SIGCONT)
        until = time.monotonic() + DEADLINE
        while case.client.devices():
            case.client.event("DeviceList", within=max(0.01, until - time.monotonic()))
        assert case.appeared() == case.index
        assert case.rises(mark) == []
        case.client.output(case.index, 1, "Vibrate", 5000)
        case.line("V05000", mark)
        case.server.wait_log("its watchdog brought the devices to zero")
        case.server.stop()
        case.gone()


@script.check(4)
def a_router_that_is_ended_takes_its_watchdog_along():
    with routed() as case:
        mark = case.device.mark()
        case.server.signal(signal.SIGTERM)
        assert case.server.wait(5) == 0
        case.gone()
        case.line("V00000", mark)
        assert "the router is gone" not in case.server.log()


@script.check(4)
def a_watchdog_that_was_killed_is_replaced():
    with routed() as case:
        os.kill(case.watchdog, signal.SIGKILL)
        case.gone()
        case.let_go()
        until = time.monotonic() + DEADLINE
        while not (found := [pid for pid in started_by(case.server.pid) if pid != case.watchdog]):
            assert time.monotonic() < until, "no new watchdog has come"
        new = case.find_watchdog()
        assert found == [new]
        # It has the letter when it has the stroker's line; before it is a program of its own it has everything of the router.
        def name():
            with open(f"/proc/{new}/comm") as file:
                return file.read().strip()

        def held():
            return [os.readlink(f"/proc/{new}/fd/{number}") for number in os.listdir(f"/proc/{new}/fd")]
        while name() != "plugboard-watch" or not any("/pts/" in one for one in held()):
            assert time.monotonic() < until, f"{name()} holds {held()}; log: {case.server.log()[-600:]}"
        # A router that is killed may have a line left to write.
        case.server.wait_log("the watchdog has ended")
        mark = case.device.mark()
        os.kill(case.server.pid, signal.SIGKILL)
        case.line("V00000", mark)
        case.gone()
        assert case.server.log().count("the watchdog has ended") == 1


@script.check(4)
def it_has_nothing_of_the_router_but_the_line():
    with routed() as case:
        held = sorted(os.readlink(f"/proc/{case.watchdog}/fd/{name}") for name in os.listdir(f"/proc/{case.watchdog}/fd"))
        kinds = [name.split(":")[0] for name in held]
        assert kinds.count("socket") == 1 and held.count("/dev/null") == 2 and len(held) == 5, held
        assert os.getsid(case.watchdog) == case.watchdog
        with open(f"/proc/{case.watchdog}/environ", "rb") as file:
            assert b"HOME" not in file.read()
        case.server.stop()


@script.check(4)
def without_it_the_log_warns():
    with contextlib.ExitStack() as stack:
        server = Server(config='[hardware]\nwatchdog = false\n[[hardware.serial]]\nport = "/dev/plugboard-none"\n')
        stack.callback(server.clean)
        assert started_by(server.pid) == []
        # The ready line may come before it.
        server.wait_log("there is no watchdog")
        assert server.log().count("there is no watchdog") == 1, server.log()
        server.stop()


@script.check(4)
def people_are_told_that_it_is_not_for_them():
    done = subprocess.run([program(), "watchdog"], capture_output=True, text=True, timeout=DEADLINE)
    assert done.returncode == 64 and "starts it by itself" in done.stderr, done
    done = subprocess.run([program(), "--help"], capture_output=True, text=True, timeout=DEADLINE)
    assert "watchdog" not in done.stdout


script.main()
