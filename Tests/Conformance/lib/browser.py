# Drives Debian's Chromium over its DevTools protocol, on two pipes: pages, keys, pointer, pictures, traces, and the page's requests.
# Must not know what is on a page. Python's standard library only.

import base64
import fcntl
import json
import os
import select
import shutil
import signal
import subprocess
import tempfile

from lib.wire import Late

# A browser starts slowly on a busy machine.
START = 60


class Browser:
    """A headless Chromium with one page."""

    def __init__(self, *flags):
        program = shutil.which("chromium")
        assert program, "there is no chromium: install chromium"
        self.folder = tempfile.mkdtemp(prefix="plugboard-browser-")
        self.log = os.path.join(self.folder, "log.txt")
        # Above 4, so that neither is in the way of the other.
        (their_in, self.writing), (self.reading, their_out) = ([fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10) for end in os.pipe()] for _ in "12")
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                [program, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--hide-scrollbars",
                 "--remote-debugging-pipe", "--user-data-dir=" + self.folder, *flags],
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
            for domain in ("Page", "Runtime", "Network", "Log"):
                self.call(domain + ".enable")
        except BaseException:
            self.close()
            raise

    def _receive(self, within=START):
        """The next answer; other messages are kept in `events`."""
        while b"\0" not in self.partial:
            if not select.select([self.reading], [], [], within)[0]:
                raise Late("the browser does not answer")
            data = os.read(self.reading, 1 << 20)
            assert data, "the browser has ended: " + self.said()
            self.partial += data
        text, self.partial = self.partial.split(b"\0", 1)
        message = json.loads(text)
        if "method" in message:
            self.events.append((message["method"], message["params"]))
        return message

    def call(self, method, **parameters):
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self.writing, data):]
        while True:
            answer = self._receive()
            if answer.get("id") == self.number:
                assert "error" not in answer, answer
                return answer["result"]

    def go(self, url):
        self.events.clear()
        self.call("Page.navigate", url=url)
        while not self.seen("Page.loadEventFired"):
            self._receive()

    def seen(self, method):
        """The parameters of every event of that name since the page was opened."""
        return [parameters for name, parameters in self.events if name == method]

    def wait(self, method, within=START):
        """Waits for an event of that name that was not seen since the page was opened."""
        while not self.seen(method):
            self._receive(within)

    def value(self, script):
        """The value of a piece of JavaScript on the page, also of a promise."""
        result = self.call("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True, userGesture=True)
        assert "exceptionDetails" not in result, result["exceptionDetails"].get("exception", result)
        return result["result"].get("value")

    def until(self, script, within=10):
        """Waits, frame by frame of the page, until the script has a true value, and returns that."""
        value = self.value(f"""new Promise((resolve, reject) => {{
            const end = performance.now() + {within * 1000};
            (function look() {{
                let value;
                try {{ value = ({script}); }} catch (error) {{ return reject(error); }}
                if (value) resolve(value);
                else if (performance.now() > end) resolve(null);
                else requestAnimationFrame(look);
            }})();
        }})""")
        # An element is returned as {}.
        if value is None:
            raise Late(f"not in {within} s: {script}")
        return value

    def runs(self, seconds):
        """Lets the page go on for so long, by its own clock."""
        self.value(f"new Promise((resolve) => setTimeout(resolve, {seconds * 1000}))")

    def settles(self):
        """Waits until nothing on the page moves by itself, and that is drawn."""
        self.value("""Promise.all(document.getAnimations().map((one) => one.finished.catch(() => null)))
            .then(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))))""")

    def key(self, name):
        code = {"Escape": 27, "Enter": 13, "Tab": 9}.get(name, 0)
        more = {"text": "\r"} if name == "Enter" else {}
        self.call("Input.dispatchKeyEvent", type="keyDown", key=name, code=name, windowsVirtualKeyCode=code, **more)
        self.call("Input.dispatchKeyEvent", type="keyUp", key=name, code=name, windowsVirtualKeyCode=code)

    def click(self, selector):
        """A real press of the pointer in the middle of what the selector finds."""
        x, y = self.value("(() => { const node = document.querySelector(%s); node.scrollIntoView({ block: 'nearest' }); "
                          "const box = node.getBoundingClientRect(); return [box.x + box.width / 2, box.y + box.height / 2]; })()" % json.dumps(selector))
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def look(self, width=1440, height=900, dark=False):
        """Sets the window's size and the colour scheme."""
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=2 if width < 600 else 1, mobile=width < 600)
        self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])

    def shot(self, path, whole=False):
        data = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=whole)["data"]
        with open(path, "wb") as file:
            file.write(base64.b64decode(data))

    def trace(self, during):
        """The events of Chromium's own trace while `during()` runs."""
        self.call("Tracing.start", transferMode="ReportEvents", traceConfig={"includedCategories": ["toplevel", "devtools.timeline", "disabled-by-default-devtools.timeline"]})
        during()
        self.call("Tracing.end")
        while not self.seen("Tracing.tracingComplete"):
            self._receive()
        events = [event for part in self.seen("Tracing.dataCollected") for event in part["value"]]
        self.events = [event for event in self.events if not event[0].startswith("Tracing.")]
        return events

    def said(self):
        with open(self.log, encoding="utf-8", errors="replace") as file:
            return file.read()[-800:]

    def kill(self):
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def close(self):
        os.close(self.reading)
        os.close(self.writing)
        if self.process.poll() is None:
            self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)
