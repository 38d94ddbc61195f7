# Reads the story of `twine` as a person does, in a real browser against a real server: connects, turns pages, leaves.
# The device's journal decides. Must not know how the story is written, only what it shows and its buttons.

import contextlib
import functools
import http.server
import json
import threading
from pathlib import Path

from lib.browser import Browser
from lib.server import Server
from lib.wire import AT_ONCE

STORY = Path(__file__).resolve().parent / "twine" / "story.html"


class Reader(Browser):
    """A browser that has the story open."""

    def __init__(self, url):
        super().__init__()
        try:
            self.go(url)
        except BaseException:
            self.close()
            raise

    def shows(self, text):
        """Waits until the story's state shows a text."""
        self.value("""new Promise((resolve) => {
            const state = document.getElementById("state"), look = () => state.textContent.includes(%s) && resolve();
            new MutationObserver(look).observe(state, { childList: true });
            look();
        })""" % json.dumps(text))


class Pages(http.server.SimpleHTTPRequestHandler):
    """What `python3 -m http.server` serves, without its log."""

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def served():
    """The story's address at a web server of this machine. A story opened as a file is refused: the browser sends `Origin: null`."""
    web = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Pages, directory=STORY.parent))
    thread = threading.Thread(target=web.serve_forever)
    thread.start()
    try:
        yield "http://127.0.0.1:%d/%s" % (web.server_port, STORY.name)
    finally:
        web.shutdown()
        thread.join()
        web.server_close()


@contextlib.contextmanager
def opened(url):
    """A browser at an address, ready to connect to a server of its own."""
    server = Server("rabbit", flags=["--state-file", ""])
    browser = None
    try:
        browser = Reader(url)
        browser.value("document.getElementById('server').value = 'ws://%s:%d'" % server.address)
        click(browser, "#connect")
        yield browser, server.journal
        server.stop()
    finally:
        if browser:
            browser.close()
        server.clean()


def click(browser, selector):
    browser.value("document.querySelector(%s).click()" % json.dumps(selector))


def read(leave):
    """Connects, turns pages, and leaves in one of the ways a reader does."""
    with served() as url, opened(url + "#lamp") as (browser, journal):
        browser.shows("Simulated Rabbit")
        # The page that the story was opened at starts nothing. Turning to the same page would start the device.
        assert not journal.running(), journal.running()
        click(browser, "article.open a")
        click(browser, "article.open a")
        journal.expect(0, 0, "Vibrate", 4)
        # The device stops when the page's time is over.
        journal.expect(0, 0, "Vibrate", 0, since=journal.mark(), within=10)
        since = journal.mark()
        click(browser, "article.open a")
        journal.expect(0, 0, "Vibrate", 12, since=since)
        since = journal.mark()
        leave(browser)
        journal.expect(0, 0, "Vibrate", 0, since=since, within=AT_ONCE)
        assert not journal.running(), journal.running()


def as_file():
    """A story opened as a file is refused, and tells the reader what to do."""
    with opened(STORY.as_uri()) as (browser, _):
        browser.shows("from a web server")


# Each happens well before the end of the four seconds that the last page lasts.
LEAVINGS = {
    "the button": lambda browser: click(browser, "#stop"),
    "another page": lambda browser: browser.call("Page.navigate", url="about:blank"),
    "a crash": lambda browser: browser.kill(),
}
assert AT_ONCE < 4


def problems():
    """(name, what is wrong or None) of each way to read the story."""
    checks = {f"the story, left by {name}": functools.partial(read, leave) for name, leave in LEAVINGS.items()}
    checks["the story, opened as a file"] = as_file
    for name, check in checks.items():
        try:
            check()
            yield name, None
        except (AssertionError, OSError) as problem:
            yield name, f"{type(problem).__name__}: {problem}"
