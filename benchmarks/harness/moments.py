# How long single events take: a start, one reading to a thousand subscribers, a hop through a router in front, a stop.
# Must not know limits.

import contextlib
import time

from harness.context import Measurement
from harness.programs import PEERS, free_port

SUBSCRIBERS = 1_000
HOP_RATE = 5_000
# The time that the reference server needs for a command of an app in Python.
SLOW_MICROSECONDS = 350


def start(context):
    """From the fork to the line `ready`."""
    found = {}
    for _ in range(3 if context.quick else 25):
        for peer in context.programs.peers("plugboard", "c"):
            since = time.perf_counter()
            with context.programs.server(peer):
                found.setdefault(peer, []).append((time.perf_counter() - since) * 1e3)
    return found


def fanout(context):
    """One reading, ten times a second, to a thousand subscribers; the bare server sends the same from a timer."""
    count = SUBSCRIBERS // 10 if context.quick else SUBSCRIBERS
    peers = context.programs.peers("plugboard", "c")
    found = {peer: {"cpu_us": [], "spread_us": [], "subscribers": count} for peer in peers}
    turns = context.turns()
    for turn in range(turns):
        context.say(f"turn {turn + 1} of {turns}")
        for peer, result in context.calm.take(lambda: {peer: subscribe(context, peer, count) for peer in peers}).items():
            found[peer]["cpu_us"].append(result["server"]["cpu_us_per_event"])
            found[peer]["spread_us"].append(result["fan_out_last_us"]["p50"])
        context.kept = found
    return found


def subscribe(context, peer, count):
    # Every turn has a server of its own: otherwise its readings would go on while the other server is measured.
    with context.programs.server(peer, core=context.server_core, devices="kegel") as server:
        # Next to nothing but readings is to be sent.
        return context.load(server, "--profile", "sensors", "--clients", count, "--rate", 1, seconds=3)


def proxy(context):
    """What a router in front of another adds to the median at 5,000 messages a second: with it and without it in turns."""
    found = {"direct_p50_us": [], "through_p50_us": [], "direct_p99_us": [], "through_p99_us": []}
    with context.programs.server("plugboard", core=context.server_core) as upstream:
        command = [*context.programs.router(free_port()), "--upstream", upstream.url]
        with context.children.server("the router in front", command, core=context.server_core) as front:
            turns = context.turns()
            for turn in range(turns):
                context.say(f"turn {turn + 1} of {turns}")
                results = context.calm.take(lambda: {
                    name: context.load(server, "--rate", HOP_RATE, "--clients", 16, seconds=2)
                    for name, server in (("direct", upstream), ("through", front))
                })
                for name, result in results.items():
                    found[f"{name}_p50_us"].append(result["latency_us"]["p50"])
                    found[f"{name}_p99_us"].append(result["latency_us"]["p99"])
                context.kept = found
    return found


def awaited(context):
    """One app that awaits each command before the next, on two outputs, in turns directly and through a router. The upstream server is first a quick
    one, then one that needs some time for each command."""
    servers = {
        "quick": lambda: context.programs.server("plugboard", core=context.server_core, devices="dual"),
        "slow": lambda: context.programs.slow_server(SLOW_MICROSECONDS, core=context.server_core),
    }
    found = {}
    for name, server in servers.items():
        rows = found[name] = {f"{way}_{figure}": [] for way in ("direct", "through") for figure in ("p50_us", "rate")}
        with contextlib.ExitStack() as stack:
            # The router keeps its connection, so the server that is measured directly is another one of the same kind.
            direct, upstream = (stack.enter_context(server()) for _ in range(2))
            command = [*context.programs.router(free_port()), "--upstream", upstream.url]
            front = stack.enter_context(context.children.server("the router in front", command, core=context.server_core))
            turns = context.turns()
            for turn in range(turns):
                context.say(f"{name}, turn {turn + 1} of {turns}")
                results = context.calm.take(lambda: {
                    way: context.load(to, "--closed", "--in-flight", 1, "--clients", 1, seconds=1.5)
                    for way, to in (("direct", direct), ("through", front))
                })
                for way, result in results.items():
                    rows[f"{way}_p50_us"].append(result["latency_us"]["p50"])
                    rows[f"{way}_rate"].append(result["rate"])
                context.kept = found
    return found


def stop(context):
    """From a stop to the zero at the device, under 20,000 messages a second from 64 clients: overlays, and one message at a time."""
    found = {}
    turns = context.turns(3)
    for shape, flags in (("together", ()), ("alone", ("--burst", 1))):
        for turn in range(turns):
            context.say(f"{shape}, turn {turn + 1} of {turns}")
            result = context.calm.take(lambda: try_stops(context, *flags))
            figures = {"p50_us": result["stop_us"]["p50"], "p99_us": result["stop_us"]["p99"], "missed": result["stops_missed"], "rate": result["rate"]}
            for name, value in figures.items():
                found.setdefault(shape, {}).setdefault(name, []).append(value)
            context.kept = found
    return found


def try_stops(context, *flags):
    journal = context.children.path("journal")
    journal.unlink(missing_ok=True)
    # The generator has two threads here, one for the load and one for the stops, so no process is bound to a core.
    with context.programs.server("plugboard", options=["--journal", journal]) as server:
        return context.load(server, "--profile", "stop", "--journal", journal, *flags, seconds=5, is_bound=False)


MEASUREMENTS = [
    Measurement("start", "start to ready", 5, start),
    Measurement("fanout", "one reading to 1,000 subscribers", 50, fanout),
    Measurement("proxy", "a hop through a router in front", 28, proxy),
    Measurement("awaited", "an app that awaits each command, through a router", 36, awaited),
    Measurement("stop", "from a stop to the zero at the device, under load", 45, stop),
]
