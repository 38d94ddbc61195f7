#!/usr/bin/env python3
# versions: 4
# What a router that nobody uses costs: its memory, and the time from the start to the ready line. For the release build.

import signal
import statistics

from lib.script import Script
from lib.server import Server

script = Script(server=False)

# The goals are 8 MB and 15 ms; these are what must never be passed.
MEMORY_KILOBYTES = 16_000
START_SECONDS = 0.050
STARTS = 11


@script.check(4)
def an_idle_router_is_small():
    server = Server("rabbit,stroker*3,plug")
    try:
        # Its report comes after everything that the start had to do.
        server.signal(signal.SIGUSR1)
        server.wait_log("counts of connections")
        used = server.resident_kilobytes()
        assert used <= MEMORY_KILOBYTES, f"{used} kB resident, more than {MEMORY_KILOBYTES}; is this the release build?"
        server.stop()
    finally:
        server.clean()


@script.check(4)
def a_router_is_ready_at_once():
    took = []
    for _ in range(STARTS):
        server = Server("rabbit,stroker*3,plug")
        took.append(server.start_seconds)
        server.clean()
    median = statistics.median(took)
    assert median <= START_SECONDS, f"{median * 1000:.1f} ms until ready, more than {START_SECONDS * 1000:.0f}; all: {sorted(took)}"


script.main()
