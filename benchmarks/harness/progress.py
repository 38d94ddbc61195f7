# Prints on standard error what is running and about how much time is left; on a terminal this is one line that is overwritten.
# Must not know what the steps do.

import sys
import threading
import time

from harness.figures import duration


class Progress:
    """Steps that may run in parallel; each has an expected time."""

    def __init__(self, stream=sys.stderr, clock=time.monotonic):
        self.stream, self.clock, self.since = stream, clock, clock()
        self.lock = threading.Lock()
        self.expected, self.begun, self.ended = {}, {}, set()
        # How many of the remaining steps run at the same time.
        self.lanes = {}
        self.is_terminal = stream.isatty()
        self.open_line = False

    def expect(self, name, title, seconds, lane=""):
        self.expected[name] = (title, seconds)
        self.lanes[name] = lane

    def left(self):
        """Seconds, from the expected times of the steps that are not over. Lanes run in parallel; steps without a lane come after them."""
        now, sums = self.clock(), {}
        for name, (_, seconds) in self.expected.items():
            if name not in self.ended:
                used = now - self.begun[name] if name in self.begun else 0
                lane = self.lanes[name]
                sums[lane] = sums.get(lane, 0) + max(seconds - used, seconds * 0.05)
        alone = sums.pop("", 0)
        return max(sums.values(), default=0) + alone

    def begin(self, name):
        with self.lock:
            self.begun[name] = self.clock()
            self.write(f"{self.expected[name][0]} …")

    def say(self, name, text):
        """A text within a step; printed only where it can be overwritten."""
        if self.is_terminal:
            with self.lock:
                self.write(f"{self.expected[name][0]}: {text}", stays=False)

    def end(self, name, problem=None):
        with self.lock:
            self.ended.add(name)
            took = duration(self.clock() - self.begun.get(name, self.clock()))
            self.write(f"{self.expected[name][0]}: {f'MISSING: {problem}' if problem else f'done in {took}'}")

    def write(self, text, stays=True):
        passed, left = self.clock() - self.since, self.left()
        ahead = f"about {max(1, round(left / 60))} min left" if left >= 1 else "nearly done"
        line = f"[{int(passed) // 60:2}:{int(passed) % 60:02}, {ahead}] {text}"
        if self.open_line:
            self.stream.write("\r\x1b[K")
        self.stream.write(line[:200] + ("\n" if stays else ""))
        self.open_line = not stays
        self.stream.flush()
