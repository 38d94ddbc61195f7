# What frames of a page cost its main thread, from Chromium's own trace, and the bare page that a page is compared with.
# Must not know what is on the page.

import pathlib
import statistics

# As many boxes as the board shows, moved and rewritten at each frame, without anything else.
PEER = pathlib.Path(__file__).resolve().parents[2] / "Page" / "peer.html"


class Frames:
    """The work of each frame in ms: everything that the main thread did since the frame before, scripts, layout and paint, and messages that came.

    It is thread time, so it does not count other programs on a busy machine. The time between two frames would say nothing: a browser waits for
    its next sixtieth of a second, however little there was to do."""

    def __init__(self, browser, during):
        events = browser.trace(during)
        fired = [event for event in events if event["name"] == "FireAnimationFrame"]
        main = {(event["pid"], event["tid"]) for event in fired}
        assert len(main) == 1, f"frames of {len(main)} pages"
        tasks = [event for event in events if event["name"].endswith("RunTask") and (event["pid"], event["tid"]) in main and "dur" in event]
        # A task inside another counts with that.
        tasks.sort(key=lambda task: (task["ts"], -task["dur"]))
        starts = sorted(event["ts"] for event in fired)
        self.work, since, end, at = [], 0, 0, 0
        for task in tasks:
            if task["ts"] < end:
                continue
            end = task["ts"] + task["dur"]
            since += task.get("tdur", task["dur"]) / 1000
            if at < len(starts) and starts[at] <= end:
                while at < len(starts) and starts[at] <= end:
                    at += 1
                self.work.append(since)
                since = 0
        assert len(self.work) > 60, f"only {len(self.work)} frames"
        self.work.sort()

    @property
    def late(self):
        """What 99 of 100 frames stay below."""
        return self.work[int(len(self.work) * 0.99)]

    def __str__(self):
        return f"{len(self.work)} frames, work p50 {statistics.median(self.work):.1f} ms, p99 {self.late:.1f} ms, worst {self.work[-1]:.1f} ms"


def scroll_through(browser):
    """Moves over the board in both directions at each frame, stays, then looks at the devices with their charts."""
    browser.value("""new Promise((resolve) => {
        const board = document.querySelector('#board'), since = performance.now();
        (function step() {
            const t = performance.now() - since;
            board.scrollLeft += 23; board.scrollTop += 7;
            t < 3000 ? requestAnimationFrame(step) : resolve();
        })();
    })""")
    browser.runs(2)
    browser.value("scrollTo(0, document.querySelector('#device-list').offsetTop)")
    browser.runs(2)


def peer_frames(browser):
    """The frames of the bare page."""
    browser.go(PEER.as_uri())
    return Frames(browser, lambda: browser.runs(3))
