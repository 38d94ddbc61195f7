# Shared by the life-cycle scripts: steps with a deadline, lines that report what was seen, and a point where all wait for each other.
# Must not import a client library: each script runs in an environment of its own.

import asyncio
import sys

DEADLINE = 8


class Story:
    """One app's life. Prints `saw`, `drove` and `meeting` lines; the exit status says how it ended."""

    def __init__(self, url):
        self.url = url
        self.steps = 0

    async def step(self, name, awaitable, within=DEADLINE):
        self.steps += 1
        try:
            return await asyncio.wait_for(awaitable, within)
        except (asyncio.TimeoutError, TimeoutError):
            raise AssertionError(f"{name}: no answer within {within} s") from None
        except Exception as error:
            raise AssertionError(f"{name}: {type(error).__name__}: {error}") from error

    def saw(self, text):
        print(f"saw {text}", flush=True)

    def drove(self, device, output, value="any"):
        print(f"drove {device} {output} {value}", flush=True)

    def check(self, condition, text):
        if not condition:
            raise AssertionError(text)
        self.saw(text)

    async def everybody(self):
        """Waits until the runner says that all apps have reached this point."""
        print("meeting", flush=True)
        line = await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)
        if not line:
            raise AssertionError("the others did not come")

    async def tell(self, main):
        try:
            await main(self)
        except AssertionError as error:
            print(f"FAIL {error}", flush=True)
            sys.exit(1)
        self.saw(f"{self.steps} steps, all answered")
