#!/usr/bin/env python3
# versions: 4
# Stops under load while nobody reads the router's terminal, and sessions come and go all the time. LONG=1: ten thousand of them with 20,000
# messages a second, and the goal of 5 ms for 99 of 100, with scripts/awake. Without LONG a short form, which also succeeds on a busy
# machine: it finds a router that waits for its terminal, because that takes seconds.

import json
import os
import signal
import subprocess
import threading
import time

from lib.client import Client
from lib.script import Script
from lib.server import Server, environment, program
from lib.terminal import Terminal

script = Script(server=False)

LONG = bool(os.environ.get("LONG"))
SESSIONS = 10_000 if LONG else 600
RATE = 20_000 if LONG else 4_000
SECONDS = 40 if LONG else 4
SHARE, MILLISECONDS = ("p99", 5) if LONG else ("p90", 20)
# A virtual processor that sleeps returns milliseconds late: without this the long form would measure the machine's host.
AWAKE = [os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "scripts", "awake")] if LONG else []


class Passers(threading.Thread):
    """Sessions that connect, do the handshake and leave, spread over the time."""

    def __init__(self, server):
        super().__init__(daemon=True)
        self.server, self.count, self.problem = server, 0, None

    def run(self):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 19)
        began = time.monotonic()
        try:
            while self.count < SESSIONS:
                Client(self.server, name=f"an app that is loaded again and again, number {self.count}").drop()
                self.count += 1
                ahead = began + self.count * SECONDS / SESSIONS - time.monotonic()
                if ahead > 0:
                    threading.Event().wait(ahead)
        except Exception as error:
            self.problem = error


@script.check(4)
def stops_stay_prompt():
    terminal = Terminal()
    terminal.fill()
    config = "[devices]\npresent_at_start = true\n"
    server = Server("dual*32,plug", config=config, stdin=terminal.screen, stderr=terminal.screen, start_new_session=True)
    try:
        passers = Passers(server)
        passers.start()
        result = subprocess.run(
            [*AWAKE, program(), "bench", "ws://%s:%d" % server.address, "--profile", "stop", "--journal", server.journal.path, "--rate", str(RATE),
             "--warmup", "500ms", "--duration", f"{SECONDS}s", "--json", "-"],
            stdin=subprocess.DEVNULL, capture_output=True, timeout=SECONDS + 30, env=environment(server.folder),
        )
        passers.join(SECONDS + 30)
        assert result.returncode == 0, result.stderr.decode()[-800:]
        figures = json.loads(result.stdout)
        assert passers.problem is None and passers.count == SESSIONS, f"{passers.count} sessions: {passers.problem!r}"
        assert figures["stops_missed"] == 0, f"{figures['stops_missed']} stops were missed"
        stops = figures["stop_us"]
        print(f"  {passers.count} sessions, {figures['rate']:.0f} msg/s, stops: {stops}")
        assert stops[SHARE] <= MILLISECONDS * 1000 and stops["max"] < 1_000_000, f"stops took {stops}"
        # The terminal is read again: the router has counted the lines that it did not take.
        server.signal(signal.SIGUSR1)
        text = terminal.take(0.5)
        assert "counts of ended sessions" in text, text[-500:]
        server.stop()
    finally:
        server.clean()
        terminal.close()


script.main()
