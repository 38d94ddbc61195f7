# Which plots there are, and which results each one shows.
# Must not know how a plot is drawn.

from harness import plots
from harness.figures import summary
from harness.programs import PEERS


def draw(found):
    """SVG by name, for each plot that has figures."""
    drawn = {}
    if "cpu" in found:
        drawn["cpu"] = cpu(found["cpu"])
    if "latency" in found:
        drawn["latency"] = latency(found["latency"])
    if found.get("scaling"):
        drawn["scaling"] = plots.lines(
            "Cost of one message as it grows (subscribers: of one delivery)", "number of sessions, devices, contributors, subscribers",
            "instructions per message", found["scaling"], log_x=True)
    return drawn


def plain(peer):
    return PEERS[peer].replace("`", "")


def cpu(figures):
    groups = {}
    for in_flight, servers in figures.items():
        spreads = {peer: summary(row["cpu_us"]) for peer, row in servers.items()}
        groups[f"64 sessions × {in_flight} in flight"] = {
            plain(peer): (s["median"], s["low"], s["high"]) for peer, s in spreads.items() if s
        }
    return plots.bars("Processor time per message: median, lowest and highest of the turns", "closed loop", "µs per message (logarithmic)", groups)


def latency(figures):
    """The middle turn of each server, by p99."""
    curves = {}
    for peer, row in figures.items():
        turn = sorted(range(len(row["p99_us"])), key=lambda turn: row["p99_us"][turn])[len(row["p99_us"]) // 2]
        points = [(1 / (1 - percentile / 100), us) for percentile, us in row["percentiles"][turn] if percentile < 99.995]
        curves[plain(peer)] = points
    ticks = [(1, "0 %"), (2, "50 %"), (10, "90 %"), (100, "99 %"), (1_000, "99.9 %"), (10_000, "99.99 %")]
    return plots.lines(
        "Latency at 20,000 messages per second over 64 sessions", "percentile of messages", "µs from when a message was due (logarithmic)", curves,
        log_x=True, log_y=True, x_ticks=[tick for tick in ticks if tick[0] <= max(x for curve in curves.values() for x, _ in curve)])
