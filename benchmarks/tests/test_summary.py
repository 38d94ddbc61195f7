# The front page's figures, and that the committed pages and figures belong together.
# Must not need anything built or running.

import json
import pathlib
import tempfile
import unittest

from harness import summary
from harness.document import document
from harness.programs import ROOT

RESULTS = ROOT / "benchmarks" / "results" / "results.json"


class Summary(unittest.TestCase):
    def test_figures(self):
        """The front page has a column for each server that took turns, with empty cells for figures that were not measured."""
        row = {"cpu_us": [0.5, 0.7, 0.6]}
        table = summary.figures({"measurements": {"cpu": {"16": {"plugboard": row, "c": {"cpu_us": [0.4]}}}, "start": {"plugboard": [7.0]}}})
        self.assertEqual(table.splitlines()[0], "|  | Plugboard | bare C on libuv |")
        self.assertIn("| processor time per message, 64 apps × 16 in flight | 0.600 µs | 0.400 µs |", table)
        self.assertIn("| start to ready | 7.00 ms |  |", table)

    def test_no_p99_without_its_spread(self):
        """The time of 99 of 100 messages is shown with the lowest and the highest of the turns."""
        row = {"p50_us": [20, 21, 22], "p99_us": [2_000, 2_100, 2_900]}
        table = summary.figures({"measurements": {"latency": {"plugboard": row}}})
        self.assertIn("| 99 of 100 within (lowest–highest of the turns) | 2,100 µs (2,000–2,900) |", table)

    def test_update_between_the_marks(self):
        """Only the text between the marks is replaced; a page without marks is not changed."""
        with tempfile.TemporaryDirectory() as folder:
            page = pathlib.Path(folder) / "README.md"
            page.write_text(f"before\n{summary.BEGIN}\nold\n{summary.END}\nafter\n")
            self.assertTrue(summary.update(page, {"measurements": {"start": {"plugboard": [7.0]}}}))
            text = page.read_text()
            self.assertTrue(text.startswith("before\n") and text.endswith("\nafter\n") and "7.00 ms" in text and "old" not in text)
            page.write_text("nothing")
            self.assertFalse(summary.update(page, {"measurements": {}}))
            self.assertEqual(page.read_text(), "nothing")


class Committed(unittest.TestCase):
    def test_page_and_front_page_are_of_the_raw_figures(self):
        """RESULTS.md and the front page say what results.json says; `benchmarks/run --write benchmarks/results/results.json` corrects it."""
        results = json.loads(RESULTS.read_text())
        plots = {file.stem: file.name for file in RESULTS.parent.glob("*.svg")}
        self.assertEqual((ROOT / "benchmarks" / "RESULTS.md").read_text(), document(results, plots))
        self.assertIn(summary.figures(results), (ROOT / "README.md").read_text())
        self.assertFalse(results["quick"] or results["interrupted"])
