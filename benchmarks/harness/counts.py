# Counts: instructions and allocations per message, in process and over sockets, and system calls.
# Must not know limits.

import json
import os
import pathlib
import signal

from harness import callgrind
from harness.context import Measurement
from harness.processes import Failure
from harness.programs import C, ROOT

PATH_STEPS = ["router-16", "router-1", "router-16-spaced", "router-16-reordered"]
CURVES = {
    "sessions": [10, 100, 1_000, 10_000],
    "devices": [1, 10, 100, 1_000],
    "contributors": [1, 10, 100, 1_000],
    "subscribers": [1, 10, 100, 1_000],
}


def count_steps(context, steps):
    file = context.children.path("counts.json")
    context.children.output([ROOT / "benchmarks" / "count", "--json", file, *steps], seconds=900)
    return json.loads(file.read_text())


def dispatch(context):
    """The dispatch path in process, without sockets."""
    return count_steps(context, PATH_STEPS[:1] if context.quick else PATH_STEPS)


def scaling(context):
    """The same with more and more sessions, devices, contributors and subscribers."""
    curves = {name: sizes[:2] for name, sizes in CURVES.items() if name == "devices"} if context.quick else CURVES
    counted = count_steps(context, [f"{name}-{size}" for name, sizes in curves.items() for size in sizes])
    return {name: [[size, counted[f"{name}-{size}"]["instructions"]] for size in sizes] for name, sizes in curves.items()}


def bounded_load(context, server, sessions, in_flight, messages):
    """Sends about so many messages in a closed loop; returns how many were answered."""
    return int(context.children.output([C / "load", server.url, sessions, in_flight, messages]))


def between(short, long, figure):
    """Per message, as the difference of two run lengths: what a process does only once cancels out."""
    return (long[figure] - short[figure]) / (long["answered"] - short["answered"])


def sockets(context):
    """The server as shipped, under callgrind, with four sessions: on one device, as in process, and on eight."""
    runs = [("plugboard1", "plugboard", "dual"), ("plugboard8", "plugboard", "dual*8"), ("c", "c", "")]
    found = {}
    for name, peer, devices in runs[:1] if context.quick else runs:
        for in_flight in (16,) if context.quick else (16, 1):
            context.say(f"{peer} {devices}, {in_flight} in flight")
            lengths = (5_000, 20_000) if context.quick else (20_000, 120_000) if in_flight == 16 else (5_000, 35_000)
            short, long = (count_server(context, peer, devices, in_flight, messages) for messages in lengths)
            found.setdefault(name, {})[str(in_flight)] = {
                figure: between(short, long, figure) for figure in ("instructions", "allocations")
            } | {"messages": long["answered"] - short["answered"], "modules": modules(short, long)}
    return found


def modules(short, long):
    """Instructions per message by module, the largest number first."""
    messages = long["answered"] - short["answered"]
    per_message = {name: (cost - short["modules"].get(name, 0)) / messages for name, cost in long["modules"].items()}
    return dict(sorted(((name, round(cost, 1)) for name, cost in per_message.items() if cost >= 0.5), key=lambda pair: -pair[1]))


def count_server(context, peer, devices, in_flight, messages):
    profile, log = context.children.path("callgrind.out"), context.children.path("callgrind.log")
    under = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={profile}", f"--log-file={log}"]
    with context.programs.server(peer, devices=devices, under=under, is_readable=True) as server:
        answered = bounded_load(context, server, 4, in_flight, messages)
    instructions = callgrind.instructions(log.read_text())
    if instructions == 0:
        raise Failure(f"callgrind left no count of {peer}")
    return {
        "answered": answered, "instructions": instructions, "allocations": callgrind.allocations(profile), "modules": callgrind.by_module(profile),
    }


def calls(context):
    """System calls of every kind at 64 × 16, by strace."""
    found = {}
    for peer in context.programs.peers("plugboard", "c"):
        context.say(peer)
        short, long = (trace_server(context, peer, messages) for messages in ((20_000, 60_000) if context.quick else (50_000, 350_000)))
        found[peer] = {"per_message": between(short, long, "calls"), "messages": long["answered"] - short["answered"]}
        found[peer]["by_name"] = {
            name: count / found[peer]["messages"] for name, count in difference(long["names"], short["names"]).items()
        }
    return found


def trace_server(context, peer, messages):
    table = context.children.path("strace.out")
    with context.programs.server(peer, under=["strace", "-f", "-c", "-o", table]) as server:
        answered = bounded_load(context, server, 64, 16, messages)
        # strace itself minds no signal; what it watches does, and strace ends after it.
        for child in pathlib.Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text().split():
            os.kill(int(child), signal.SIGTERM)
        server.process.wait(10)
    names = read_strace(table.read_text())
    return {"answered": answered, "calls": sum(names.values()), "names": names}


def read_strace(table):
    """Calls by name, from the table that `strace -c` writes."""
    names = {}
    for line in table.splitlines():
        words = line.split()
        # % time, seconds, usecs/call, calls, (errors,) syscall
        if len(words) in (5, 6) and words[0][0].isdigit() and words[-1] != "total":
            names[words[-1]] = int(words[3])
    return names


def difference(long, short):
    """The four most frequent calls, the most frequent first."""
    more = {name: count - short.get(name, 0) for name, count in long.items()}
    return dict(sorted(((name, count) for name, count in more.items() if count > 0), key=lambda pair: -pair[1])[:4])


MEASUREMENTS = [
    Measurement("counts", "instructions and allocations per message, in process", 15, dispatch, is_count=True, needs=("dispatch",)),
    Measurement("scaling", "instructions per message as sessions, devices, contributors and subscribers grow", 45, scaling, is_count=True,
                needs=("dispatch",)),
    # These two depend on how many messages a wake-up finds, and so on how quiet the machine is.
    Measurement("sockets", "instructions per message over sockets", 50, sockets),
    Measurement("calls", "system calls per message", 12, calls),
]
