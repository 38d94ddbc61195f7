# Writes the measured figures as a page for people.
# Must not measure, and must not know anything that is not in the results: the page can be written again from the JSON.

from harness.calm import Calm
from harness.figures import duration, number, ratios, spread, verdict
from harness.goals import GOALS
from harness.programs import PEERS, SECURE_PEERS

COUNTED = {"plugboard1": "Plugboard, one device", "plugboard8": "Plugboard, eight devices", "c": PEERS["c"]}
# The outcome of a goal: in the table, and in the sentence before it.
OUTCOMES = {
    "goal": ("goal", "reach the goal"),
    "must": ("must", "hold the limit but not the goal"),
    "must, goal unresolved": ("must, goal unresolved", "hold the limit, with the goal within the interval"),
    "unresolved": ("unresolved", "are unresolved"),
    "MISSED": ("**MISSED**", "**miss the limit**"),
    "not measured": ("not measured", "were not measured"),
}


def document(results, plots):
    """The whole page. `plots`: file names of the plots that were drawn, by name."""
    found = results["measurements"]
    parts = [head(results), warnings(results), goals(found), peers(found, results, plots), counted(found), scaling(found, plots), ground(results), METHOD]
    return "\n\n".join(part.strip() for part in parts if part) + "\n"


def table(header, rows):
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def head(results):
    return f"""# Results

Written by `{results['command']}` on {results['date']}, in {duration(results['seconds'])}{', builds included' if results['built'] else ''}.
Raw figures: [results/results.json](results/results.json). The meaning of each figure and how it is measured: [below](#method) and [README.md](README.md)."""


def warnings(results):
    lines = []
    if results["interrupted"]:
        lines.append("The run was interrupted: these are the figures that were measured until then.")
    if results["quick"]:
        lines.append("This was a quick run, which only shows that everything works: one short turn of each, with fewer sessions. Its figures are not to be quoted.")
    if results["load_before"] > 0.7:
        lines.append(f"The machine was not quiet: its load average was {results['load_before']:.1f} before the run began. Times, not counts, suffer from that.")
    stolen = {name: share for name, share in results.get("stolen", {}).items() if share >= 1}
    if stolen:
        shares = ", ".join(f"{name} {share:g} %" for name, share in stolen.items())
        lines.append(f"The host of this virtual machine gave its processors to others while times were measured: {shares} of the time. This makes every "
                     "wait longer, above all each p99.")
    again = {name: count for name, count in results.get("taken_again", {}).items() if count}
    if again:
        turns = ", ".join(f"{name} {count}" for name, count in again.items())
        lines.append(f"Turns in which the host took more than {Calm.ENOUGH} % of the processors were repeated. The number of repeated turns: {turns}.")
    moments = {}
    for name, when in results.get("added", {}).items():
        moments.setdefault((when["date"], when["load_before"]), []).append(name)
    lines += [f"Measured at another time, {date}, with a load average of {load:.1f} before: {', '.join(names)}." for (date, load), names in moments.items()]
    lines += [f"{PEERS.get(peer, peer)} is missing: {reason}." for peer, reason in results["missing"].items()]
    lines += [f"The measurement “{name}” failed: {reason}." for name, reason in results["failed"].items()]
    return "\n>\n".join(f"> {line}" for line in lines)


def limit(value, unit):
    return "–" if value is None else f"≤ {value:,g} {unit}".strip()


def figure(measured, unit):
    if measured is None:
        return "not measured"
    value, low, high = measured
    suffix = f" {unit}" if unit else ""
    return f"{number(value)}{suffix}" + (f" ({number(low)}–{number(high)})" if low is not None and low != high else "")


def goals(found):
    rows, counts = [], {}
    for goal in GOALS:
        measured = goal.measured(found)
        outcome = verdict(measured, goal.goal, goal.must)
        counts[outcome] = counts.get(outcome, 0) + 1
        rows.append([goal.figure, figure(measured, goal.unit), limit(goal.goal, goal.unit), limit(goal.must, goal.unit), OUTCOMES[outcome][0]])
    text = ", ".join(f"{counts[outcome]} {words}" for outcome, (_, words) in OUTCOMES.items() if outcome in counts)
    return f"""## Goals

Each row is the cost of a full `OutputCmd`: handshake state, validation, arbitration and a simulated device. A figure that was measured in turns
is the median, with the lowest and the highest of the turns in brackets. The column “goal” has the goal, the column “must” the limit that must be held.
A limit is held only when the whole interval is below it, and missed only when the whole interval is above it. When the interval contains the limit,
the row says “unresolved”: these turns cannot decide. Of {len(GOALS)} figures {text}.

""" + table(["figure", "measured", "goal", "must", "outcome"], rows)


def peers(found, results, plots):
    parts = []
    if "cpu" in found:
        parts.append(cpu(found["cpu"]))
        parts.append(image(plots, "cpu", "Processor time per message of each server"))
    if "latency" in found:
        parts.append(latency(found["latency"]))
        parts.append(image(plots, "latency", "Latency by percentile of each server"))
    parts.append(secure(found))
    parts.append(others(found))
    parts = [part for part in parts if part]
    if not parts:
        return ""
    return "\n\n".join([
        "## Compared with peers", "The peers answer every message with `Ok` and do nothing else: no session, no validation, no devices. They took turns with Plugboard "
        "on the same machine. A ratio is the median of the ratios turn by turn.", *parts])


def image(plots, name, words):
    return f"![{words}](results/{plots[name]})" if name in plots else ""


def cpu(figures):
    rows = []
    for in_flight, servers in figures.items():
        for peer, row in servers.items():
            against = ["1" if peer == other else spread(ratios(row["cpu_us"], servers[other]["cpu_us"])) if other in servers else "–" for other in ("c", "nio")]
            rows.append([f"64 × {in_flight}", PEERS[peer], spread(row["cpu_us"]), *against, spread(row["rate"]), str(len(row["cpu_us"]))])
    return "### Processor time per message, closed loop\n\n" + table(
        ["sessions × in flight", "server", "CPU µs per message", "× bare C", "× bare SwiftNIO", "messages per second", "turns"], rows)


def secure(found):
    """What TLS costs."""
    parts = []
    names = {**SECURE_PEERS, "plain": "Plugboard without TLS"}
    rows = [
        [f"64 × {in_flight}", names[peer], spread(row["cpu_us"]), spread(ratios(row["cpu_us"], servers["c"]["cpu_us"])) if peer != "c" and "c" in servers else "1",
         spread(row["rate"]), str(len(row["cpu_us"]))]
        for in_flight, servers in found.get("tls", {}).items() for peer, row in servers.items()
    ]
    if rows:
        parts.append(table(["sessions × in flight", "server", "CPU µs per message", "× bare C with OpenSSL", "messages per second", "turns"], rows))
    rows = []
    for peer, row in found.get("handshakes", {}).items():
        others = found["handshakes"].get("c")
        against = spread(ratios(row["cpu_us"], others["cpu_us"])) if others and peer != "c" else "1"
        rows.append([SECURE_PEERS[peer], spread(row["cpu_us"]), against, spread(row["rate"]), str(len(row["cpu_us"]))])
    if rows:
        parts.append("One connection: TCP, TLS, WebSocket, Buttplug's handshake, the list of devices, the end. The load's side of the handshake costs more than "
                     "the server's, so the rate is the load's.\n\n"
                     + table(["server", "CPU µs per connection", "× bare C with OpenSSL", "connections per second", "turns"], rows))
    return "\n\n".join(["### Over TLS", *parts]) if parts else ""


def latency(figures):
    rows = []
    for peer, row in figures.items():
        against = [spread(ratios(row[name], figures["c"][name])) if "c" in figures and peer != "c" else "1" for name in ("p50_us", "p99_us")]
        rows.append([PEERS[peer], spread(row["p50_us"]), against[0], spread(row["p99_us"]), against[1], str(len(row["p50_us"]))])
    return "### Latency at 20,000 messages per second over 64 sessions, open loop\n\n" + table(
        ["server", "p50 µs", "× bare C", "p99 µs", "× bare C", "turns"], rows)


def others(found):
    rows = []

    def add(name, unit, ours, theirs, through=spread):
        rows.append([f"{name}, {unit}", through(ours), through(theirs) if theirs else "–", str(len(ours))])

    if "idle" in found:
        for key, name in (
            ("VmRSS", "memory, idle"), ("RssAnon", "of that its own"), ("RssFile", "of that mapped files, shared with others"),
            ("used", "memory after an app has used it and left"),
        ):
            values = {peer: [figure / 1e6 for figure in row[key]] for peer, row in found["idle"].items() if key in row}
            if values:
                add(name, "MB", values["plugboard"], values.get("c"))
    if "sessions" in found:
        held = found["sessions"]
        add(f"memory per idle session, {held['plugboard']['sessions']:,} sessions", "B", [held["plugboard"]["bytes"]], [held["c"]["bytes"]] if "c" in held else None)
    if "secure" in found:
        held = found["secure"]
        add(f"memory per idle TLS session, {held['plugboard']['sessions']:,} sessions", "B", [held["plugboard"]["bytes"]], [held["c"]["bytes"]] if "c" in held else None)
    if "start" in found:
        add("start to `ready`", "ms", found["start"]["plugboard"], found["start"].get("c"))
    if "fanout" in found:
        ours, theirs = found["fanout"]["plugboard"], found["fanout"].get("c")
        count = f"{ours['subscribers']:,}"
        add(f"one event to {count} subscribers: CPU per delivery", "µs", ours["cpu_us"], theirs and theirs["cpu_us"])
        add(f"one event to {count} subscribers: from the first to the last", "µs", ours["spread_us"], theirs and theirs["spread_us"])
    if "proxy" in found:
        proxy = found["proxy"]
        rows.append(["p50 at 5,000 msg/s: one router, µs", spread(proxy["direct_p50_us"]), "–", str(len(proxy["direct_p50_us"]))])
        rows.append(["p50 at 5,000 msg/s: through a router in front, µs", spread(proxy["through_p50_us"]), "–", str(len(proxy["through_p50_us"]))])
    for name, server in (("quick", "a router as the upstream server"), ("slow", "an upstream server that takes 350 µs")):
        row = found.get("awaited", {}).get(name)
        if row:
            for way, words in (("direct", "directly"), ("through", "through a router in front")):
                rows.append([f"each command awaited, {server}, {words}: p50, µs", spread(row[f"{way}_p50_us"]), "–", str(len(row[f"{way}_p50_us"]))])
                rows.append(["the same: commands a second", spread(row[f"{way}_rate"]), "–", str(len(row[f"{way}_rate"]))])
    if "stop" in found:
        for shape, words in (("together", "messages to all devices at once"), ("alone", "one message at a time")):
            row = found["stop"].get(shape)
            if row:
                for figure in ("p50", "p99"):
                    rows.append([f"stop to zero beside 20,000 msg/s, {words}: {figure}, ms", spread([us / 1e3 for us in row[f"{figure}_us"]]), "–",
                                 str(len(row["p50_us"]))])
    return "### Single figures\n\n" + table(["figure", "Plugboard", "bare C", "turns"], rows) if rows else ""


def counted(found):
    parts = []
    if "sockets" in found:
        rows = [
            [COUNTED[peer], f"4 × {in_flight}", number(row["instructions"]), number(max(0, round(row["allocations"], 3))), f"{row['messages']:,}"]
            for peer, by_flight in found["sockets"].items() for in_flight, row in by_flight.items()
        ]
        parts.append("Over sockets, with libuv and the C library, without the kernel:\n\n" + table(
            ["server", "sessions × in flight", "instructions per message", "allocations per message", "messages counted"], rows))
        parts.append(modules(found["sockets"].get("plugboard1", {})))
    if "calls" in found:
        rows = [
            [PEERS[peer], f"{row['per_message']:.4f}", ", ".join(f"{name} {per:.4f}" for name, per in row["by_name"].items()), f"{row['messages']:,}"]
            for peer, row in found["calls"].items()
        ]
        parts.append("System calls at 64 × 16, by strace:\n\n" + table(["server", "per message", "which", "messages counted"], rows))
    return "\n\n".join(["## Counts", *(part for part in parts if part)]) if parts else ""


def modules(by_flight):
    """Where the instructions over sockets go."""
    columns = {in_flight: row["modules"] for in_flight, row in by_flight.items() if row.get("modules")}
    names = list(dict.fromkeys(name for column in columns.values() for name in column))
    rows = [[name, *[number(column[name]) if name in column else "–" for column in columns.values()]] for name in names]
    return "The same instructions by the module that a function is in, for one device (inlined code counts where it is inlined):\n\n" + table(
        ["module", *[f"4 × {in_flight}" for in_flight in columns]], rows) if rows else ""


def scaling(found, plots):
    if "scaling" not in found:
        return ""
    sizes = sorted({size for curve in found["scaling"].values() for size, _ in curve})
    rows = []
    for name, curve in found["scaling"].items():
        cost = dict((size, instructions) for size, instructions in curve)
        rows.append([name, *[number(cost[size]) if size in cost else "–" for size in sizes]])
    return "\n\n".join(part for part in [
        "## Growth", "Instructions per message in process; for subscribers, instructions per delivery.", table(["number of", *[f"{size:,}" for size in sizes]], rows),
        image(plots, "scaling", "Instructions per message as sessions, devices, contributors and subscribers grow"), GROWTH] if part)


GROWTH = """* **Sessions and devices** are in tables indexed by small numbers, so a message finds its own without looking at others. Each of a turn's
  ten messages is on another session and, with ten devices or more, on another lane; 16 in flight share both.
* **Contributors** to one lane: a command that cannot change the lane's value is stored, and the other contributors are not examined. When the
  contributor that decides the value becomes weaker, all are examined, in a table of plain numbers.
* **Subscribers**: a reading is written once and copied to each. The cost of taking it from the device is shared among them."""


def ground(results):
    rows = [[name, value] for name, value in {**results["machine"], **results["versions"]}.items() if value]
    return "## Machine and versions\n\n" + table(["", ""], rows)


METHOD = """## Method

* **Counts**: instructions and allocations by callgrind, system calls by strace or, where it allows this, by the kernel. In process they are counted
  from the end of the warm-up to the end of the run, and they repeat on any machine (`make counts` compares these with thresholds). Over sockets, and
  under strace, they are the difference between a long and a short run. They depend on how many messages a wake-up finds. Both tools raise this number,
  because they slow the server down.
* **Times** are useful only as ratios to a peer in the same run. Plugboard and the peers run in turns, server on one core, load on another. A turn in
  which the host of a virtual machine took more than 5 % of its processors is repeated, up to twice and as long as the run has time for it. The turn
  from which the host took least counts, independently of its figures.
* **The bare C server** reads and writes as libuv does. Plugboard uses libuv only to wait and calls `recv` and `send` itself, which saves a tenth of a
  message's time at one in flight (docs/decisions/0018). SwiftNIO and Python are used with their own defaults.
* **Over TLS** the bare C server has the same certificate (ECDSA P-256) and the same libssl, and does what is fastest in C: a BIO that reads from
  the bytes at hand, one `SSL_write` for the answers to what was read, read-ahead, and buffers that a connection keeps (`peers/c/tls.c`). Plugboard
  keeps no buffers for an idle connection.
* **Load** comes from `plugboard bench`, which checks every answer. Closed loop: as much as the server can do. Open loop: latency counts from when a
  message was due, so a stall is not hidden.
* **Memory** is what the kernel counts as resident, idle, a second after `ready`. Per session: what ten thousand sessions add, after the handshake and
  without further messages, to a server that has had clients before.
* **One event to 1,000 subscribers**: a sensor that is read ten times a second; from the first subscriber that has a reading to the last one.
* **Stop to zero**: beside 64 overlays, each of which writes to every other device at once, about twenty times a second. The time is from when the stop
  was due to when the router's journal says that the device got the zero. A second row is for clients that send one message at a time, which costs all
  sides more.
* **Proxy hop**: a router in front of an upstream router, on one core; the median through both less the median of the upstream router alone, in turns.
  An app that awaits each command has one session, one command in flight and two outputs. The upstream server that takes 350 µs for a command is like
  the reference server with an app in Python. It announces a gap of 100 ms and does not keep it."""
