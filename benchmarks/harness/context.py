# What every measurement is given: programs, children, how much time it may take, and a generator of load.
# Must not know single measurements.

import dataclasses
import json
import os

from harness.calm import Calm
from harness.processes import Children
from harness.programs import Programs


@dataclasses.dataclass
class Context:
    children: Children
    programs: Programs
    quick: bool
    # Called with what is being done, for whoever watches.
    say: object
    # Takes the turns whose times count.
    calm: Calm
    # What a measurement has so far, after a whole turn of everybody; kept when it is interrupted.
    kept: object = None

    def __post_init__(self):
        cores = sorted(os.sched_getaffinity(0))
        # Server on one core, load on the other: neither takes the other's time, in every turn alike.
        self.server_core, self.load_core = (cores[0], cores[1]) if len(cores) > 1 else (None, None)

    def turns(self, full=5):
        return 1 if self.quick else full

    def seconds(self, full):
        """How long one turn measures: a fifth of it when it should be quick."""
        return full / 5 if self.quick else full

    def load(self, server, *flags, seconds=1.5, warmup=0.3, accept=(0,), is_bound=True):
        """One run of `plugboard bench` against a server, on a core of its own if it is to be bound; its JSON."""
        command = [
            self.programs.plugboard, "bench", server.url, "--duration", f"{self.seconds(seconds) * 1000:.0f}ms", "--warmup",
            f"{self.seconds(warmup) * 1000:.0f}ms", "--ramp", "0s", "--pid", server.pid, "--json", "-", *flags,
        ]
        # The generator cannot know that the core it is bound to is its own.
        if is_bound and self.load_core is not None and "--closed" not in flags:
            command.append("--stay-awake")
        return json.loads(self.children.output(command, core=self.load_core if is_bound else None, accept=accept))


@dataclasses.dataclass(frozen=True)
class Measurement:
    """One row (or a few that are measured together): what it is called, how long it takes, and what does it."""

    name: str
    title: str
    # For the time left; on two cores of no particular kind.
    expected_seconds: float
    # Takes the context, returns what can be written as JSON.
    measure: object
    # Counts repeat on a busy machine: they need not wait for quiet.
    is_count: bool = False
    # What it takes beside Plugboard itself, by name of Programs.build_…
    needs: tuple = ()
