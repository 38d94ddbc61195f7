# The page, its plots, and the lines that a run prints.
# Must not need anything built or running.

import io
import unittest
import xml.etree.ElementTree as XML

from harness import plots
from harness.document import document
from harness.draw import draw
from harness.goals import GOALS
from harness.progress import Progress


def results(measurements, **changes):
    return {
        "schema": 2, "date": "2025-01-02 03:04 UTC", "command": "make bench", "seconds": 700, "built": True, "quick": False, "interrupted": False,
        "load_before": 0.1, "machine": {"processor": "Some CPU"}, "versions": {"libuv": "1.2.3"}, "missing": {}, "failed": {},
        "measurements": measurements,
    } | changes


def turn(cpu):
    return {"cpu_us": cpu, "rate": [1e6] * len(cpu), "generator_us": cpu, "calls": [None] * len(cpu)}


CPU = {
    "16": {"plugboard": turn([0.5, 0.6, 0.4]), "c": turn([0.4, 0.5, 0.4]), "nio": turn([3, 3, 3])},
    "1": {"plugboard": turn([9, 9, 9]), "c": turn([6, 6, 6]), "nio": turn([12, 12, 12])},
}
LATENCY = {
    peer: {"p50_us": [base, base * 2, base], "p99_us": [base * 9, base * 10, base * 8],
           "percentiles": [[[0.0, base], [50.0, base * 2], [99.0, base * 9], [99.99, base * 20]]] * 3}
    for peer, base in (("plugboard", 50), ("c", 45))
}
SCALING = {"sessions": [[10, 900], [100, 910], [1_000, 920], [10_000, 930]], "devices": [[1, 800], [1_000, 1_300]]}
SOME = {"cpu": CPU, "latency": LATENCY, "scaling": SCALING}


class Page(unittest.TestCase):
    def line(self, page, start):
        return next(line for line in page.splitlines() if line.startswith(f"| {start}"))

    def test_every_goal_is_there(self):
        """Every goal has its line, measured or not, also when nothing was measured at all."""
        for measurements in ({}, SOME):
            page = document(results(measurements), {})
            for goal in GOALS:
                self.assertIn(f"| {goal.figure} |", page)

    def test_a_missed_must_is_flagged(self):
        """A figure that misses its must is flagged in its line and in the sentence above the table."""
        page = document(results(SOME), {})
        missed = self.line(page, "CPU per message against bare C, 64 × 1 ")
        self.assertIn("| **MISSED** |", missed)
        self.assertIn("1.50 ×", missed)
        self.assertTrue(self.line(page, "CPU per message against bare C, 64 × 16").endswith("| goal |"))
        self.assertTrue(self.line(page, "growth of cost, 10 →").endswith("| goal |"))
        self.assertIn("**MISSED**", self.line(page, "growth of cost, 1 →"))
        self.assertIn("**miss the limit**", page)

    def test_an_interval_with_a_limit_inside_is_unresolved(self):
        """A median far below its limit does not meet the goal when a turn was above it; the sentence above the table counts it."""
        page = document(results({"proxy": {"through_p50_us": [46, 30, 1_488], "direct_p50_us": [50, 50, 50]}}), {})
        self.assertTrue(self.line(page, "a proxy hop, added to p50 at 5,000").endswith("| unresolved |"))
        self.assertIn("1 are unresolved", page)

    def test_warnings(self):
        """A run that was interrupted, quick, noisy, without a peer or with a failure says so before any figure."""
        trouble = {"interrupted": True, "quick": True, "load_before": 3.2, "missing": {"nio": "no network"}, "failed": {"sockets": "it gave up"}}
        page = document(results({}, **trouble), {})
        before = page[:page.index("## Goals")]
        for words in ("interrupted", "not to be quoted", "3.2", "bare SwiftNIO is missing: no network", "“sockets” failed: it gave up"):
            self.assertIn(words, before)
        good = document(results({}), {})
        self.assertNotIn(">", good[:good.index("## Goals")])

    def test_what_was_added_later(self):
        """What was measured at another time is named with that time; the TLS tables need only their own measurements."""
        secure = {"tls": {"16": {"plugboard": turn([0.6, 0.6]), "c": turn([0.5, 0.5]), "plain": turn([0.4, 0.4])}},
                  "handshakes": {"plugboard": turn([500, 510]), "c": turn([480, 490])}, "secure": {"plugboard": {"bytes": 16_000, "sessions": 2_000}}}
        page = document(results(secure, added={"tls": {"date": "2025-02-03 04:05 UTC", "load_before": 0.2}}), {})
        self.assertIn("2025-02-03 04:05 UTC, with a load average of 0.2 before: tls", page)
        self.assertIn("| 64 × 16 | Plugboard | 0.600 (0.600–0.600) | 1.20 (1.20–1.20) |", page)
        self.assertIn("| Plugboard without TLS |", page)
        self.assertTrue(self.line(page, "CPU per message over TLS against bare C with OpenSSL, 64 × 16").endswith("| must |"))
        self.assertTrue(self.line(page, "memory per idle TLS session").endswith("| must |"))

    def test_only_drawn_plots_are_shown(self):
        """The page shows the plots that were drawn and no others."""
        self.assertIn("(results/cpu.svg)", document(results(SOME), {"cpu": "cpu.svg"}))
        self.assertNotIn(".svg", document(results(SOME), {}))


class Plots(unittest.TestCase):
    def test_each_is_svg_with_names_on_its_axes(self):
        """Each plot is well-formed, stays within its size, names its axes, and has colours for a dark background."""
        drawn = draw(SOME)
        self.assertEqual(list(drawn), ["cpu", "latency", "scaling"])
        for name, text in drawn.items():
            with self.subTest(name):
                root = XML.fromstring(text)
                words = " ".join(element.text or "" for element in root.iter() if element.tag.endswith("text"))
                self.assertIn({"cpu": "µs per message", "latency": "percentile", "scaling": "instructions per message"}[name], words)
                self.assertIn("prefers-color-scheme: dark", text)
                for element in root.iter():
                    for attribute in ("x", "cx", "x1", "x2"):
                        self.assertTrue(0 <= float(element.get(attribute, 0)) <= plots.WIDTH)
                    for attribute in ("y", "cy", "y1", "y2"):
                        self.assertTrue(0 <= float(element.get(attribute, 0)) <= plots.HEIGHT)

    def test_nothing_to_draw(self):
        """Without figures there is no plot."""
        self.assertEqual(draw({}), {})

    def test_scales(self):
        """A scale puts its ends on the plot's ends and half of its range in the middle, on a linear and on a logarithmic scale."""
        self.assertEqual([plots.Scale(0, 10, 100, 200)(v) for v in (0, 5, 10)], [100, 150, 200])
        self.assertEqual([round(plots.Scale(1, 100, 0, 200, True)(v)) for v in (1, 10, 100)], [0, 100, 200])
        self.assertEqual(plots.Scale(0, 2660, 0, 1).ticks(), [0, 1_000, 2_000])
        self.assertEqual(plots.Scale(0.1, 100, 0, 1, True).ticks(), [0.1, 1, 10, 100])

    def test_names_are_escaped(self):
        """A name with a character that has a meaning in the markup does not break it."""
        XML.fromstring(plots.lines("a < b & c", "x", "y", {"<&>": [(1, 1), (2, 2)]}))


class Clock:
    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


class Told(unittest.TestCase):
    def test_time_left(self):
        """The time left counts lanes in parallel and times after them, and less of a step that has begun."""
        clock = Clock()
        progress = Progress(io.StringIO(), clock)
        progress.expect("a", "A", 100, "first")
        progress.expect("b", "B", 60, "second")
        progress.expect("c", "C", 50)
        self.assertEqual(progress.left(), 150)
        progress.begin("a")
        clock.now = 40
        self.assertEqual(progress.left(), 110)
        progress.end("a")
        self.assertEqual(progress.left(), 110)
        progress.end("b")
        self.assertEqual(progress.left(), 50)

    def test_a_late_step(self):
        """A step that takes longer than expected still counts a little."""
        clock = Clock()
        progress = Progress(io.StringIO(), clock)
        progress.expect("a", "A", 100)
        progress.begin("a")
        clock.now = 500
        self.assertEqual(progress.left(), 5)

    def test_lines(self):
        """Without a terminal each step has two lines, and what happens within a step has none."""
        stream = io.StringIO()
        progress = Progress(stream, Clock())
        progress.expect("a", "doing A", 100)
        progress.begin("a")
        progress.say("a", "turn 1")
        progress.end("a", "it broke")
        lines = stream.getvalue().splitlines()
        self.assertEqual(len(lines), 2)
        self.assertTrue(lines[0].endswith("doing A …"))
        self.assertTrue(lines[1].endswith("doing A: MISSING: it broke"))
