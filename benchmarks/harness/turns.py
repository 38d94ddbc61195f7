# Plugboard and its peers in turns, A B C D A B C D …: processor time per message at saturation, also over TLS, latency on a schedule, and what
# connections over TLS cost.
# Must not know limits. Every turn of a peer has the same server process. Turns that are compared ran within seconds of each other.

import contextlib

from harness.context import Measurement

RATE = 20_000


@contextlib.contextmanager
def servers(context, *peers, start=None):
    """All the peers' servers at once; each is idle except in its turns."""
    with contextlib.ExitStack() as stack:
        found = {}
        for peer in peers:
            found[peer] = stack.enter_context((start or context.programs.server)(peer, core=context.server_core))
        yield found


def cpu(context):
    """Closed loop: 64 sessions that send again as soon as they have their answer."""
    with servers(context, *context.programs.peers()) as running:
        return saturate(context, running)


def tls(context):
    """The same over TLS, with the certificate of one authority; and Plugboard without TLS beside them."""
    with servers(context, *context.programs.peers("plugboard", "c"), start=context.programs.secure_server) as running:
        with context.programs.server("plugboard", core=context.server_core) as plain:
            return saturate(context, running | {"plain": plain})


def saturate(context, running):
    """Turns of all the servers, at two numbers of messages in flight."""
    found = {}
    for in_flight in (16, 1):
        # At one in flight nearly all of the time is the kernel's, and it differs more from turn to turn. So there are more and shorter
        # turns.
        turns, seconds = (context.turns(5), 1.5) if in_flight == 16 else (context.turns(15), 0.8)
        for turn in range(turns):
            context.say(f"{in_flight} in flight, turn {turn + 1} of {turns}")
            results = context.calm.take(lambda: {
                peer: context.load(server, "--closed", "--in-flight", in_flight, "--clients", 64, seconds=seconds, warmup=seconds / 5)
                for peer, server in running.items()
            })
            add_turn(found.setdefault(str(in_flight), {}), results, {
                "cpu_us": lambda r: r["server"]["cpu_us_per_message"], "rate": lambda r: r["rate"],
                "generator_us": lambda r: r["generator_cpu_us_per_message"], "calls": lambda r: r["server"]["syscalls_per_message"],
            })
            context.kept = found
    return found


def add_turn(rows, results, figures):
    """Appends one turn of every peer: its figures by name."""
    for peer, result in results.items():
        for name, figure in figures.items():
            rows.setdefault(peer, {}).setdefault(name, []).append(figure(result))


def handshakes(context):
    """Sessions over TLS that come one after the other, ask for the devices and leave: sixteen under way at once."""
    found = {}
    with servers(context, *context.programs.peers("plugboard", "c"), start=context.programs.secure_server) as running:
        turns = context.turns(7)
        for turn in range(turns):
            context.say(f"turn {turn + 1} of {turns}")
            results = context.calm.take(lambda: {
                peer: context.load(server, "--profile", "storm", "--closed", "--in-flight", 1, "--clients", 16, seconds=1.5)
                for peer, server in running.items()
            })
            add_turn(found, results, {"cpu_us": lambda r: r["server"]["cpu_us_per_message"], "rate": lambda r: r["rate"]})
            context.kept = found
    return found


def latency(context):
    """Open loop: 20,000 messages a second over 64 sessions, latency from when each was due."""
    # Python is too slow for the schedule; its latency would be that of a queue.
    peers = context.programs.peers("plugboard", "c", "nio")
    found = {}
    with servers(context, *peers) as running:
        turns = context.turns(7)
        for turn in range(turns):
            context.say(f"turn {turn + 1} of {turns}")
            results = context.calm.take(lambda: {
                peer: context.load(server, "--rate", RATE, "--clients", 64, seconds=2) for peer, server in running.items()
            })
            add_turn(found, results, {
                "p50_us": lambda r: r["latency_us"]["p50"], "p99_us": lambda r: r["latency_us"]["p99"], "percentiles": lambda r: r["percentiles"],
            })
            context.kept = found
    return found


MEASUREMENTS = [
    Measurement("cpu", "processor time per message at 64 × 16 and 64 × 1", 120, cpu, needs=("c", "nio", "python")),
    Measurement("tls", "processor time per message over TLS", 110, tls, needs=("c",)),
    Measurement("handshakes", "processor time per connection over TLS", 35, handshakes, needs=("c",)),
    Measurement("latency", "latency at 20,000 messages a second", 60, latency, needs=("c", "nio")),
]
