# The few figures on the project's front page, kept between two marks there.
# Must not add anything that is not in the results.

import pathlib

from harness.figures import number, spread, summary
from harness.goals import GOALS
from harness.programs import PEERS

BEGIN, END = "<!-- figures of benchmarks/results/results.json, written by benchmarks/run -->", "<!-- end of figures -->"


def update(file, results):
    """Replaces the figures between the marks; False when there are no marks."""
    file = pathlib.Path(file)
    text = file.read_text()
    before, begun, rest = text.partition(BEGIN)
    _, ended, after = rest.partition(END)
    if not begun or not ended:
        return False
    file.write_text(f"{before}{BEGIN}\n{figures(results)}\n{END}{after}")
    return True


def figures(results):
    """A table: what was measured of Plugboard and of each peer."""
    found = results["measurements"]
    peers = [peer for peer in PEERS if peer in found.get("cpu", {}).get("16", {})] or ["plugboard"]
    rows = []

    def add(name, unit, by_peer):
        texts = [f"{number(by_peer[peer])} {unit}" if by_peer.get(peer) is not None else "" for peer in peers]
        if texts[0]:
            rows.append([name, *texts])

    for in_flight in ("16", "1"):
        servers = found.get("cpu", {}).get(in_flight, {})
        add(f"processor time per message, 64 apps × {in_flight} in flight", "µs", {peer: middle(row["cpu_us"]) for peer, row in servers.items()})
    latency = found.get("latency", {})
    add("answered at 20,000 messages per second: half within", "µs", {peer: middle(row["p50_us"]) for peer, row in latency.items()})
    # One number alone would promise too much about the slowest messages.
    if latency.get("plugboard"):
        rows.append(["99 of 100 within (lowest–highest of the turns)", *[spread(latency[peer]["p99_us"], "µs") if peer in latency else "" for peer in peers]])
    add("memory per idle app", "B", {peer: row["bytes"] for peer, row in found.get("sessions", {}).items()})
    add("memory of the server alone", "MB", {peer: middle(row["VmRSS"]) / 1e6 for peer, row in found.get("idle", {}).items()})
    add("start to ready", "ms", {peer: middle(turns) for peer, turns in found.get("start", {}).items()})
    count = GOALS[0].measured(found)
    if count:
        rows.append(["instructions per message, in process", number(count[0]), *[""] * (len(peers) - 1)])
    lines = [["", *[PEERS[peer] for peer in peers]], ["---"] * (len(peers) + 1), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def middle(values):
    found = summary(values)
    return None if found is None else found["median"]
