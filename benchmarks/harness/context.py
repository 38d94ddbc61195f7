# What every measurement gets: programs, children, how much time it may take, and a load generator.
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
    # Called with a text that says what is being done now.
    say: object
    # Takes the turns whose times count.
    calm: Calm
    # The result of a measurement so far, after a whole turn of every peer; kept when it is interrupted.
    kept: object = None

    def __post_init__(self):
        cores = sorted(os.sched_getaffinity(0))
        # Server on one core, load on the other: neither takes the other's time, and every turn is the same.
        self.server_core, self.load_core = (cores[0], cores[1]) if len(cores) > 1 else (None, None)

    def turns(self, full=5):
        return 1 if self.quick else full

    def seconds(self, full):
        """How long one turn measures: a fifth of that in a quick run."""
        return full / 5 if self.quick else full

    def load(self, server, *flags, seconds=1.5, warmup=0.3, accept=(0,), is_bound=True):
        """One run of `plugboard bench` against a server, on a core of its own if it is to be bound; its JSON."""
        command = [
            self.programs.plugboard, "bench", server.url, "--duration", f"{self.seconds(seconds) * 1000:.0f}ms", "--warmup",
            f"{self.seconds(warmup) * 1000:.0f}ms", "--ramp", "0s", "--pid", server.pid, "--json", "-", *flags,
        ]
        if server.url.startswith("wss:"):
            command += ["--ca-file", self.programs.authority()]
        # The generator cannot know that no other program uses its core.
        if is_bound and self.load_core is not None and "--closed" not in flags:
            command.append("--stay-awake")
        return json.loads(self.children.output(command, core=self.load_core if is_bound else None, accept=accept))


@dataclasses.dataclass(frozen=True)
class Measurement:
    """One row (or a few that are measured together): its name, how long it takes, and the function that measures it."""

    name: str
    title: str
    # For the estimate of the time left, on two average cores.
    expected_seconds: float
    # Takes the context, returns what can be written as JSON.
    measure: object
    # Counts repeat on a busy machine, so they need no quiet machine.
    is_count: bool = False
    # The programs that it needs besides Plugboard itself, by name of Programs.build_…
    needs: tuple = ()
