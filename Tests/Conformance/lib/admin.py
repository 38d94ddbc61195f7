# Uses a router's admin interface: requests with their answers, and the event stream with a model of the resulting state.
# Must not know the program's code, only the interface's own documents.

import http.client
import json
import os
import socket
import time

from .server import Server
from .wire import DEADLINE, Late, readable

# The router's configuration for these checks.
CONFIG = '[devices]\npresent_at_start = true\n[admin]\nlisten = ["unix", "http://127.0.0.1:0"]\n'


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=DEADLINE)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(DEADLINE)
        self.sock.connect(self.path)


class Admin:
    """The admin interface of a `Server`, by its usual Unix socket."""

    def __init__(self, server):
        self.path = os.path.join(server.folder, "run", "plugboard", "admin.sock")

    def ask(self, method, path, body=None, headers=None, status=200):
        """The answer's JSON, or its text; the status is checked."""
        connection = UnixConnection(self.path)
        try:
            data = None if body is None else json.dumps(body).encode()
            fields = ({"Content-Type": "application/json"} if body is not None else {}) | (headers or {})
            connection.request(method, path, data, fields)
            answer = connection.getresponse()
            text = answer.read()
        finally:
            connection.close()
        assert answer.status == status, f"{method} {path}: {answer.status} {text[:300]!r}"
        kind = answer.headers.get_content_type()
        if status >= 400 and kind != "application/json":
            assert kind == "application/problem+json", kind
            problem = json.loads(text)
            assert problem["status"] == status and problem["title"] and problem["detail"], problem
        return json.loads(text) if "json" in kind else text.decode()

    def raw(self, data):
        """The answer to these bytes, until the router closes or sends nothing for a moment."""
        peer = socket.socket(socket.AF_UNIX)
        peer.connect(self.path)
        peer.sendall(data)
        answer = b""
        while readable(peer, DEADLINE if not answer else 0.2):
            more = peer.recv(65536)
            if not more:
                break
            answer += more
        peer.close()
        return answer.decode()


class OperatedRouter:
    """A router with an admin interface, for a `with` block: it is stopped and its folder removed at the end."""

    def __init__(self, simulate="rabbit,plug", config=CONFIG, **options):
        self.server = Server(simulate, config=config, **options)
        self.admin = Admin(self.server)

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        try:
            if kind is None:
                self.server.stop()
        finally:
            self.server.clean()

    def address(self):
        """The address of the admin listener on a port, by the log: http://127.0.0.1:PORT."""
        return self.server.wait_match(r"admin interface.*?(http://127\.0\.0\.1:\d+)").group(1)

    def http(self, head):
        """The status of the answer to these lines over loopback HTTP, and the whole head; PORT stands for the port."""
        port = int(self.address().rsplit(":", 1)[1])
        peer = socket.create_connection(("127.0.0.1", port), timeout=DEADLINE)
        peer.sendall(head.replace("PORT", str(port)).replace("\n", "\r\n").encode())
        answer = b""
        while b"\r\n\r\n" not in answer and (more := peer.recv(65536)):
            answer += more
        peer.close()
        return int(answer.split()[1]), answer.decode().lower()


class Events:
    """An event stream, and the state that results from its events."""

    def __init__(self, admin, query="", read=True):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(admin.path)
        self.socket.sendall(f"GET /v1/events{query} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        self.buffer = b""
        self.seen = []
        self.state = None
        self.levels = {}
        if read:
            self.wait(lambda: self.state is not None)

    def close(self):
        self.socket.close()

    def wait(self, holds, within=DEADLINE):
        """Reads on until that is true."""
        until = time.monotonic() + within
        while not holds():
            left = until - time.monotonic()
            if left <= 0 or not readable(self.socket, left):
                raise Late(f"not within {within} s; last events: {self.seen[-5:]}")
            more = self.socket.recv(1 << 20)
            assert more, "the event stream has ended"
            self.buffer += more
            self._take()

    def _take(self):
        while b"\n\n" in self.buffer:
            block, self.buffer = self.buffer.split(b"\n\n", 1)
            lines = block.decode().split("\n")
            data = [line[6:] for line in lines if line.startswith("data: ")]
            names = [line[7:] for line in lines if line.startswith("event: ")]
            if data and names:
                self._apply(names[0], json.loads(data[0]))

    def _apply(self, name, data):
        self.seen.append((name, data))
        if name == "snapshot":
            self.state = {
                "status": data["status"],
                "sessions": {one["id"]: one for one in data["sessions"]},
                "consents": {one["id"]: one for one in data["consents"]},
                "devices": {one["index"]: one for one in data["devices"]},
                "lanes": {(one["device"], one["feature"]): one for one in data["lanes"]},
                "upstreams": {one["url"]: one for one in data["upstreams"]},
            }
        elif name == "status":
            self.state["status"] = data
        elif name == "session":
            self.state["sessions"][data["id"]] = data
        elif name == "session_closed":
            self.state["sessions"].pop(data["id"], None)
        elif name == "consent":
            self.state["consents"][data["id"]] = data
        elif name == "consent_closed":
            self.state["consents"].pop(data["id"], None)
        elif name == "device":
            self.state["devices"][data["index"]] = data
        elif name == "device_gone":
            self.state["devices"].pop(data["index"], None)
        elif name == "lane":
            self.state["lanes"][data["device"], data["feature"]] = data
        elif name == "lane_gone":
            self.state["lanes"].pop((data["device"], data["feature"]), None)
        elif name == "upstream":
            self.state["upstreams"][data["url"]] = data
        elif name == "levels":
            for device, feature, kind, value, _winner in data["lanes"]:
                self.levels[device, feature] = (kind, value)
        else:
            raise AssertionError(f"an event that nobody knows: {name}")
