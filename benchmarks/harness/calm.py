# Times are measured while the machine has its processors: a turn in which the host gave them to others is repeated.
# Must not look at what a turn measured: only the host's share decides which turn counts.

import time

from harness import machine
from harness.processes import Failure


class Calm:
    """One measurement's turns. `spare`: the seconds that it has for repeating turns."""

    # Per cent of the processors' time, above which a turn is repeated; and the maximum number of attempts.
    ENOUGH = 5
    ATTEMPTS = 3

    def __init__(self, spare, processor_time=machine.processor_time, clock=time.monotonic):
        self.spare, self.processor_time, self.clock = spare, processor_time, clock
        # Of the turns that count: the share in per cent that the host took.
        self.stolen = []
        self.again = 0

    def take(self, turn):
        """The result of `turn()`; of several attempts the one from which the host took least."""
        best = None
        for attempt in range(self.ATTEMPTS):
            before, since = self.processor_time(), self.clock()
            try:
                found = turn()
            except Failure:
                # When the first attempt was good enough, a later attempt does not replace it.
                if best is None:
                    raise
                break
            share = machine.stolen(before, self.processor_time())
            if attempt > 0:
                self.again += 1
                self.spare -= self.clock() - since
            if best is None or share < best[0]:
                best = share, found
            if share <= self.ENOUGH or self.spare < self.clock() - since:
                break
        self.stolen.append(best[0])
        return best[1]

    def share(self):
        """The mean of the turns that count; None when there was none."""
        return round(sum(self.stolen) / len(self.stolen), 1) if self.stolen else None
