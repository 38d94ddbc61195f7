# Medians, ratios, verdicts, and how figures are written.
# Must not need anything built or running.

import unittest

from harness import figures
from harness.goals import GOALS


class Figures(unittest.TestCase):
    def test_summary_is_median_and_ends(self):
        """A summary has the median, the lowest, the highest and the number of turns, and leaves out turns without a figure."""
        self.assertEqual(figures.summary([5, 1, None, 3]), {"median": 3, "low": 1, "high": 5, "turns": 3})
        self.assertEqual(figures.summary([1, 2, 3, 10])["median"], 2.5)

    def test_summary_of_nothing(self):
        """Where nothing was measured there is no summary."""
        self.assertIsNone(figures.summary([]))
        self.assertIsNone(figures.summary([None, None]))

    def test_ratios_go_turn_by_turn(self):
        """Each turn is compared with the other's same turn; one without a counterpart is left out."""
        self.assertEqual(figures.ratios([2, 9, None, 8], [1, 3, 5, 0]), [2, 3])
        self.assertEqual(figures.ratios([2, 4, 6], [1, 1]), [2, 4])

    def test_steepest(self):
        """The growth of a curve is its highest point divided by its first one."""
        self.assertEqual(figures.steepest([[1, 100], [10, 150], [100, 90]]), 1.5)
        self.assertEqual(figures.steepest([[1, 100], [10, 50]]), 1)

    def test_number(self):
        """Figures have three significant digits and grouped thousands."""
        shown = {
            0: "0", 0.1259: "0.126", 1.5: "1.50", 12.34: "12.3", 123.4: "123", 1234.4: "1,234", 2_200_000: "2,200,000", 0.9996: "1.00",
            9.996: "10.0", 99.96: "100", -16.26: "-16.3", 0.0004: "0.000400",
        }
        self.assertEqual({value: figures.number(value) for value in shown}, shown)
        self.assertEqual(figures.number(None), "–")

    def test_spread(self):
        """A spread is the median with the lowest and the highest, or one figure, or a dash."""
        self.assertEqual(figures.spread([1, 2, 3], "µs"), "2.00 µs (1.00–3.00)")
        self.assertEqual(figures.spread([2]), "2.00")
        self.assertEqual(figures.spread([]), "–")

    def test_duration(self):
        """Durations are seconds, or minutes and seconds."""
        self.assertEqual([figures.duration(s) for s in (0.4, 59.4, 59.6, 725)], ["0 s", "59 s", "1 min 0 s", "12 min 5 s"])

    def test_verdict(self):
        """A figure at its limit holds; without a goal only the must counts; without a figure nothing holds."""
        for value, goal, must, expected in [
            (1.0, 1.0, 2.0, "goal"), (1.1, 1.0, 2.0, "must"), (2.0, 1.0, 2.0, "must"), (2.1, 1.0, 2.0, "MISSED"), (0, 0, 0, "goal"),
            (0.001, 0, 0, "MISSED"), (0.4, None, 0.5, "must"), (0.6, None, 0.5, "MISSED"),
        ]:
            with self.subTest(value=value, goal=goal, must=must):
                self.assertEqual(figures.verdict((value, None, None), goal, must), expected)
        self.assertEqual(figures.verdict(None, 1, 2), "not measured")

    def test_verdict_by_the_interval(self):
        """The whole interval decides: an interval that contains a limit is unresolved, also when the median is good."""
        for measured, goal, must, expected in [
            ((-4, -20, 1_438), 60, 120, "unresolved"), ((18, 10, 18.3), 15, 50, "must, goal unresolved"), ((20, 16, 50), 15, 50, "must"),
            ((10, 9, 15), 15, 50, "goal"), ((55, 49, 60), 15, 50, "unresolved"), ((55, 51, 60), 15, 50, "MISSED"),
            ((2.7, 0.4, 2.8), None, 5, "must"), ((2.7, 0.4, 5.1), None, 5, "unresolved"), ((0.12, 0.11, 0.14), 0.13, 0.13, "unresolved"),
        ]:
            with self.subTest(measured=measured):
                self.assertEqual(figures.verdict(measured, goal, must), expected)


class Goals(unittest.TestCase):
    def test_nothing_measured(self):
        """Every goal is in the table of an empty run, as not measured."""
        self.assertEqual([goal.measured({}) for goal in GOALS], [None] * len(GOALS))

    def test_a_missing_peer(self):
        """A ratio to a peer that is missing is not measured."""
        results = {"cpu": {"16": {"plugboard": {"cpu_us": [1.0]}, "c": {"cpu_us": [0.5]}}}}
        found = {goal.figure: goal.measured(results) for goal in GOALS}
        self.assertEqual(found["CPU per message against bare C, 64 × 16"], (2, 2, 2))
        self.assertIsNone(found["CPU per message against bare SwiftNIO, 64 × 16"])

    def test_system_calls_of_the_kernel_come_first(self):
        """The kernel's counts during the turns are used before strace's; strace is used where the kernel does not count."""
        goal = next(goal for goal in GOALS if goal.figure.startswith("system calls"))
        traced = {"calls": {"plugboard": {"per_message": 0.126}}}
        self.assertEqual(goal.measured(traced)[0], 0.126)
        silent = {"cpu": {"16": {"plugboard": {"calls": [None, None]}}}}
        self.assertEqual(goal.measured(traced | silent)[0], 0.126)
        told = {"cpu": {"16": {"plugboard": {"calls": [0.12, 0.14, 0.13]}}}}
        self.assertEqual(goal.measured(traced | told), (0.13, 0.12, 0.14))

    def test_the_hop_is_what_it_adds(self):
        """A proxy hop is the difference of the two medians of a turn."""
        goal = next(goal for goal in GOALS if goal.source == "proxy")
        self.assertEqual(goal.measured({"proxy": {"through_p50_us": [100, 120], "direct_p50_us": [50, 60]}}), (55, 50, 60))

    def test_awaited(self):
        """With an app that awaits each command the hop is a difference and the remaining rate is a ratio, turn by turn."""
        hop, rate = (goal for goal in GOALS if goal.source == "awaited")
        found = {"awaited": {
            "quick": {"direct_p50_us": [40, 50], "through_p50_us": [100, 120]},
            "slow": {"direct_rate": [2_000, 2_200], "through_rate": [1_600, 2_000]},
        }}
        self.assertEqual(hop.measured(found), (65, 60, 70))
        self.assertEqual(rate.measured(found), (1.175, 1.1, 1.25))

    def test_limits_are_in_order(self):
        """A goal is never looser than its must, and every goal has a must."""
        for goal in GOALS:
            with self.subTest(goal.figure):
                self.assertIsNotNone(goal.must)
                self.assertTrue(goal.goal is None or goal.goal <= goal.must)
