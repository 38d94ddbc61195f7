# The memory of a router while no client does anything: without sessions, and per session that stays idle.
# Must not know limits.

import threading
import time

from harness.context import Measurement
from harness.processes import Failure, descriptors_of, status_of

SESSIONS = 10_000
# Each costs both sides a handshake.
SECURE_SESSIONS = 2_000


def idle(context):
    """Resident memory of a router with eight devices and no client, in the kernel's parts; and after an app has used it and left."""
    found = {}
    for _ in range(context.turns(3)):
        for peer in context.programs.peers("plugboard", "c"):
            with context.programs.server(peer) as server:
                # A router is not idle while it starts.
                time.sleep(1)
                status = status_of(server.pid)
                context.load(server, "--clients", 1, "--rate", 100, seconds=0.5, warmup=0.1)
                figures = {name: status[name] * 1024 for name in ("VmRSS", "RssAnon", "RssFile")} | {"used": status_of(server.pid)["VmRSS"] * 1024}
                for name, value in figures.items():
                    found.setdefault(peer, {}).setdefault(name, []).append(value)
    return found


def sessions(context):
    """Ten thousand sessions that do the handshake and then stay; each is asked at the end whether it is alive."""
    return hold(context, SESSIONS, context.programs.server)


def secure(context):
    """The same over TLS, with fewer of them."""
    return hold(context, SECURE_SESSIONS, context.programs.secure_server)


def hold(context, count, start):
    count = count // 10 if context.quick else count
    found = {}
    for peer in context.programs.peers("plugboard", "c"):
        context.say(peer)
        with start(peer) as server:
            # The first client has costs that later clients do not have.
            context.load(server, "--clients", 1, "--rate", 100, seconds=0.5, warmup=0.1)
            before = descriptors_of(server.pid)
            watch = DescriptorWatch(server.pid)
            result = context.load(server, "--profile", "idle", "--clients", count, seconds=5, warmup=0)
            held = watch.end() - before
        if held < count or result["lost_sessions"] or result["unanswered"]:
            raise Failure(f"only {held} of {count} sessions were held: {result['first_fault'] or 'is the limit of open files too low?'}")
        found[peer] = {"bytes": result["server"]["rss_bytes_per_session"], "sessions": count}
    return found


class DescriptorWatch:
    """The maximum number of descriptors that a process has had open since."""

    def __init__(self, pid):
        self.maximum, self.pid, self.over = 0, pid, threading.Event()
        self.thread = threading.Thread(target=self.watch, daemon=True)
        self.thread.start()

    def watch(self):
        while not self.over.wait(0.2):
            try:
                self.maximum = max(self.maximum, descriptors_of(self.pid))
            except OSError:
                return

    def end(self):
        self.over.set()
        self.thread.join()
        return self.maximum


MEASUREMENTS = [
    Measurement("idle", "memory of an idle router", 3, idle),
    Measurement("sessions", "memory per idle session", 25, sessions),
    Measurement("secure", "memory per idle TLS session", 25, secure),
]
