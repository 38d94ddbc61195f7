# The goals of the dispatch path: the goal, the limit that must be held, and where in the results the measured figure is.
# Must not measure. Smaller is better everywhere.

import dataclasses

from harness.figures import ratios, steepest, summary


@dataclasses.dataclass(frozen=True)
class Goal:
    """One line of the table."""

    figure: str
    # None: there is no such limit.
    goal: float
    must: float
    # Takes the results, returns the measured figure, or (figure, low, high); KeyError or TypeError when it is not there.
    find: object
    unit: str = ""
    # Which measurement it comes from, by name.
    source: str = ""

    def measured(self, results):
        """(figure, low, high) or None."""
        try:
            found = self.find(results)
        except (KeyError, TypeError, IndexError, ZeroDivisionError):
            return None
        if found is None:
            return None
        return found if isinstance(found, tuple) else (found, None, None)


def middle(values):
    figures = summary(values)
    return None if figures is None else (figures["median"], figures["low"], figures["high"])


def cpu_ratio(in_flight, peer):
    return lambda r: middle(ratios(r["cpu"][in_flight]["plugboard"]["cpu_us"], r["cpu"][in_flight][peer]["cpu_us"]))


def secure_ratio(in_flight):
    return lambda r: middle(ratios(r["tls"][in_flight]["plugboard"]["cpu_us"], r["tls"][in_flight]["c"]["cpu_us"]))


def handshake_ratio(r):
    return middle(ratios(r["handshakes"]["plugboard"]["cpu_us"], r["handshakes"]["c"]["cpu_us"]))


def latency_ratio(figure):
    return lambda r: middle(ratios(r["latency"]["plugboard"][figure], r["latency"]["c"][figure]))


def fanout_ratio(figure):
    return lambda r: middle(ratios(r["fanout"]["plugboard"][figure], r["fanout"]["c"][figure]))


def system_calls(r):
    """The kernel's counts during the turns, where it counts; otherwise strace's."""
    counted = r.get("cpu", {}).get("16", {}).get("plugboard", {}).get("calls", [])
    return middle(counted) or r["calls"]["plugboard"]["per_message"]


def added(r):
    return middle([through - direct for through, direct in zip(r["proxy"]["through_p50_us"], r["proxy"]["direct_p50_us"])])


def awaited_hop(r):
    quick = r["awaited"]["quick"]
    return middle([through - direct for through, direct in zip(quick["through_p50_us"], quick["direct_p50_us"])])


def awaited_rate(r):
    slow = r["awaited"]["slow"]
    return middle(ratios(slow["direct_rate"], slow["through_rate"]))


def over_sockets(server, in_flight):
    return lambda r: r["sockets"][server][in_flight]["instructions"]


IN_PROCESS, SOCKETS = "in process", "over sockets"

GOALS = [
    Goal(f"instructions per message, 16 in flight, {IN_PROCESS}", 1_000, 1_500, lambda r: r["counts"]["router-16"]["instructions"], source="counts"),
    Goal(f"instructions per message, 16 in flight, {SOCKETS}, one device", 1_000, 1_500, over_sockets("plugboard1", "16"), source="sockets"),
    Goal(f"instructions per message, 16 in flight, {SOCKETS}, eight devices", 1_000, 1_500, over_sockets("plugboard8", "16"), source="sockets"),
    Goal(f"instructions per message, 1 in flight, {IN_PROCESS}", 2_000, 3_000, lambda r: r["counts"]["router-1"]["instructions"], source="counts"),
    Goal(f"instructions per message, 1 in flight, {SOCKETS}, one device", 2_000, 3_000, over_sockets("plugboard1", "1"), source="sockets"),
    Goal(f"instructions per message, 1 in flight, {SOCKETS}, eight devices", 2_000, 3_000, over_sockets("plugboard8", "1"), source="sockets"),
    Goal("instructions per message, other spacing", 1_800, 2_500, lambda r: r["counts"]["router-16-spaced"]["instructions"], source="counts"),
    Goal("instructions per message, other key order", 1_800, 2_500, lambda r: r["counts"]["router-16-reordered"]["instructions"], source="counts"),
    Goal("heap allocations per message, 16 in flight", 0, 0, lambda r: r["counts"]["router-16"]["allocations"], source="counts"),
    Goal("heap allocations per message, 1 in flight", 0, 0, lambda r: r["counts"]["router-1"]["allocations"], source="counts"),
    Goal("system calls per message, 64 × 16 in flight", 0.13, 0.13, system_calls, source="calls"),
    Goal("CPU per message against bare C, 64 × 16", 1.5, 2.5, cpu_ratio("16", "c"), "×", "cpu"),
    Goal("CPU per message against bare C, 64 × 1", 1.1, 1.3, cpu_ratio("1", "c"), "×", "cpu"),
    Goal("CPU per message against bare SwiftNIO, 64 × 16", None, 0.5, cpu_ratio("16", "nio"), "×", "cpu"),
    Goal("CPU per message against bare SwiftNIO, 64 × 1", None, 0.5, cpu_ratio("1", "nio"), "×", "cpu"),
    Goal("p50 at 20,000 msg/s against bare C", 1.1, 1.3, latency_ratio("p50_us"), "×", "latency"),
    Goal("p99 at 20,000 msg/s against bare C", 1.3, 2, latency_ratio("p99_us"), "×", "latency"),
    Goal("memory per idle session, 10,000 sessions", 1_000, 2_000, lambda r: r["sessions"]["plugboard"]["bytes"], "B", "sessions"),
    Goal("CPU per message over TLS against bare C with OpenSSL, 64 × 16", None, 1.3, secure_ratio("16"), "×", "tls"),
    Goal("CPU per message over TLS against bare C with OpenSSL, 64 × 1", None, 1.2, secure_ratio("1"), "×", "tls"),
    Goal("CPU per TLS connection against bare C with OpenSSL", 1.2, 1.25, handshake_ratio, "×", "handshakes"),
    Goal("memory per idle TLS session, 2,000 sessions", None, 24_000, lambda r: r["secure"]["plugboard"]["bytes"], "B", "secure"),
    Goal("memory of an idle router (RSS)", 8, 16, lambda r: middle([b / 1e6 for b in r["idle"]["plugboard"]["VmRSS"]]), "MB", "idle"),
    Goal("memory of a router that an app has used and left", None, 16, lambda r: middle([b / 1e6 for b in r["idle"]["plugboard"]["used"]]), "MB", "idle"),
    Goal("one event to 1,000 subscribers against bare C, CPU", 1.15, 1.5, fanout_ratio("cpu_us"), "×", "fanout"),
    Goal("one event to 1,000 subscribers against bare C, first to last", 1.15, 1.5, fanout_ratio("spread_us"), "×", "fanout"),
    Goal("start to `ready`", 15, 50, lambda r: middle(r["start"]["plugboard"]), "ms", "start"),
    Goal("a proxy hop, added to p50 at 5,000 msg/s", 60, 120, added, "µs", "proxy"),
    Goal("a proxy hop, added to p50 of an app that awaits each command", 60, 120, awaited_hop, "µs", "awaited"),
    Goal("awaited commands a second directly against through a router, server takes 350 µs", 1.2, 1.43, awaited_rate, "×", "awaited"),
    Goal("growth of cost, 10 → 10,000 sessions", 1.1, 1.5, lambda r: steepest(r["scaling"]["sessions"]), "×", "scaling"),
    Goal("growth of cost, 1 → 1,000 devices", 1.1, 1.5, lambda r: steepest(r["scaling"]["devices"]), "×", "scaling"),
    Goal("from a stop to the device's zero, p99, under 20,000 msg/s", None, 5, lambda r: middle([p99 / 1e3 for p99 in r["stop"]["together"]["p99_us"]]), "ms", "stop"),
]
