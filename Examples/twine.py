# Reads the story of `twine` as a person would, in a real browser against a real server: connects, turns pages, leaves.
# The device's journal is what is believed. Must not know how the story is written, only what it shows and its buttons.

import contextlib
import fcntl
import functools
import http.server
import json
import os
import shutil
import signal
import subprocess
import tempfile
import threading
from pathlib import Path

from lib.server import Server
from lib.wire import DEADLINE, Late, readable

STORY = Path(__file__).resolve().parent / "twine" / "story.html"
# A browser takes its time to start on a busy machine.
START = 60


class Browser:
    """A headless Chromium with one page, driven over its DevTools protocol on two pipes: its descriptors 3 and 4."""

    def __init__(self, url):
        program = shutil.which("chromium")
        assert program, "there is no chromium: run scripts/setup --examples"
        self.folder = tempfile.mkdtemp(prefix="plugboard-story-")
        self.log = Path(self.folder, "log.txt")
        # Above 4, so that neither is in the way of the other.
        (their_in, self.writing), (self.reading, their_out) = ([fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10) for end in os.pipe()] for _ in "12")
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                [program, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
                 "--remote-debugging-pipe", "--user-data-dir=" + self.folder],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, pass_fds=(3, 4),
                preexec_fn=lambda: (os.dup2(their_in, 3), os.dup2(their_out, 4)))
        os.close(their_in)
        os.close(their_out)
        self.number = 0
        self.session = None
        self.partial = b""
        self.events = []
        try:
            target = self.call("Target.createTarget", url="about:blank")["targetId"]
            self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
            self.call("Page.enable")
            self.call("Page.navigate", url=url)
            while "Page.loadEventFired" not in self.events:
                self._receive()
        except BaseException:
            self.close()
            raise

    def _receive(self):
        """The next answer; what is no answer is noted in `events`."""
        while b"\0" not in self.partial:
            if not readable(self.reading, START):
                raise Late("the browser does not answer")
            data = os.read(self.reading, 65536)
            assert data, "the browser has ended: " + self.log.read_text()[-800:]
            self.partial += data
        text, self.partial = self.partial.split(b"\0", 1)
        message = json.loads(text)
        if "method" in message:
            self.events.append(message["method"])
        return message

    def call(self, method, **parameters):
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.writing, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._receive()
            if answer.get("id") == self.number:
                assert "error" not in answer, answer
                return answer["result"]

    def value(self, script):
        """What a piece of JavaScript on the page comes to, promises included."""
        result = self.call("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True, userGesture=True)
        assert "exceptionDetails" not in result, result["exceptionDetails"]
        return result["result"].get("value")

    def shows(self, text):
        """Waits until the story's state shows a text."""
        self.value("""new Promise((resolve) => {
            const state = document.getElementById("state"), look = () => state.textContent.includes(%s) && resolve();
            new MutationObserver(look).observe(state, { childList: true });
            look();
        })""" % json.dumps(text))

    def kill(self):
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def close(self):
        os.close(self.reading)
        os.close(self.writing)
        if self.process.poll() is None:
            self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)


class Pages(http.server.SimpleHTTPRequestHandler):
    """What `python3 -m http.server` serves, without its log."""

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def served():
    """The story's address at a web server of this machine. As a file it would be refused: browsers say `Origin: null` then."""
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
        browser = Browser(url)
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
        # The page it was opened at is not felt, though it would be when turned to.
        assert not journal.running(), journal.running()
        click(browser, "article.open a")
        click(browser, "article.open a")
        journal.expect(0, 0, "Vibrate", 4)
        # The page's own time ends it.
        journal.expect(0, 0, "Vibrate", 0, since=journal.mark(), within=10)
        since = journal.mark()
        click(browser, "article.open a")
        journal.expect(0, 0, "Vibrate", 12, since=since)
        since = journal.mark()
        leave(browser)
        journal.expect(0, 0, "Vibrate", 0, since=since)
        assert not journal.running(), journal.running()


def as_file():
    """A story opened as a file is refused, and says to the reader what to do."""
    with opened(STORY.as_uri()) as (browser, _):
        browser.shows("from a web server")


# Each well before the four seconds that the last page lasts.
LEAVINGS = {
    "the button": lambda browser: click(browser, "#stop"),
    "another page": lambda browser: browser.call("Page.navigate", url="about:blank"),
    "a crash": lambda browser: browser.kill(),
}
assert DEADLINE < 4


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
