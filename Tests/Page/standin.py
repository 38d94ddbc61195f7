#!/usr/bin/env python3
# Serves the dashboard page without building the program. Its router is a real one's admin listener (--router URL), or a scripted one of its
# own (--lanes N --sessions M), whose apps move by themselves and which obeys stop, kick, mute and changes. Must not know how the page shows
# anything. Python's standard library only.

import argparse
import http.client
import http.server
import json
import math
import os
import queue
import random
import re
import sys
import threading
import time
import urllib.parse

HERE = os.path.dirname(os.path.abspath(__file__))
PAGE = os.path.join(os.path.dirname(os.path.dirname(HERE)), "Sources", "plugboard", "Page")
KINDS = {".html": "text/html; charset=utf-8", ".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}
# The scripted router's operator key.
KEY = "pb_the-key-of-the-scripted-router"
POLICY = "default-src 'self'; connect-src 'self' ws: wss:"

# Names that try to be more than text.
HOSTILE = [
    "<img src=x onerror=\"window.hurt=1\">",
    "\u202eelbisrever si eman siht\u202c abc",
    "\U0001f469\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466" * 40,
    "</bdi><script>window.hurt=2</script>",
    "A" * 300,
]
APPS = [("Dungeon Run", 4), ("Script player", 3), ("Rhythm Lights", 4), ("Evening scene", 4), ("OBS overlay", 2)]
MORE = ["Quest", "Script", "Beat", "Scene", "Chat", "Tale", "Film", "Toy box"]
DEVICES = [
    ("Simulated Rabbit", None, "simulated", [("Motor", "Vibrate", 20), ("Rotation Motor", "Rotate", 20)], 82),
    ("Simulated Stroker", "Stroker", "simulated", [("Linear Axis", "Position", 1000)], None),
    ("Lovense Hush", "Hush", "ws://127.0.0.1:12346", [("Vibrator", "Vibrate", 20), ("Vibrator 2", "Vibrate", 20)], 64),
]


class Router:
    """A scripted router. Every change is made under `lock` and sent to every subscriber."""

    def __init__(self, lanes=5, sessions=5, hostile=False, moving=True, pace=500):
        self.lock = threading.RLock()
        # Told after each request.
        self.answered = threading.Condition(self.lock)
        self.random = random.Random(7)
        self.subscribers = []
        self.since = time.monotonic()
        self.stopped = self.scanning = False
        self.ended = threading.Event()
        self.moving, self.pace = moving, pace
        self.asked = []
        self.messages = 0
        self.consents, self.tokens = {}, {}
        # What an https:// address asks for; None: nothing.
        self.token = None
        self.sessions, self.devices, self.lanes, self.wishes, self.leases = {}, {}, {}, {}, {}
        self.upstreams = [{"url": "ws://127.0.0.1:12346", "state": "connected", "devices": 1, "reconnects": 2}]
        self.levels = {}
        self._make_devices(lanes, hostile)
        for number in range(sessions):
            name, version = APPS[number] if number < len(APPS) else (f"{MORE[number % len(MORE)]} {number}", 1 + number % 4)
            if hostile and number >= 2 and number - 2 < len(HOSTILE):
                name = HOSTILE[number - 2]
            self.join(name, version, number)
        self._first_wishes(lanes)
        for key in self.lanes:
            self._arbitrate(key)
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    # Making

    def _make_devices(self, lanes, hostile):
        index = 0
        while len(self.lanes) < lanes:
            name, shown, backend, outputs, battery = DEVICES[index % len(DEVICES)]
            if index >= len(DEVICES):
                name, shown = f"{name} {index}", f"{(shown or name)} {index}"
            if hostile and index == 1:
                shown = HOSTILE[0]
            features = [{"index": number, "description": text, "outputs": [{"type": kind, "min": -top if kind == "Rotate" else 0, "max": top}],
                         "inputs": []} for number, (text, kind, top) in enumerate(outputs)]
            features.append({"index": len(features), "description": "Battery", "outputs": [],
                             "inputs": [{"type": "Battery", "value": None if battery is None else [battery]}]})
            self.devices[index] = {"index": index, "name": name, "display_name": shown, "backend": backend, "gap_ms": 50, "features": features,
                                   "writes": 1200 + index, "failures": 1 if index == 2 else 0,
                                   "latency_ms": {"p50": 0.4, "p99": 1.1} if backend == "simulated" else {"p50": 7.2, "p99": 12.6}}
            for number, (_, kind, top) in enumerate(outputs):
                if len(self.lanes) < lanes:
                    self.lanes[index, number] = {"device": index, "feature": number, "type": None, "value": 0, "max": top, "winner": None,
                                                 "written": {"type": kind, "value": 0}, "contributions": [], "lease": None, "held_off": 0.0}
                    self.wishes[index, number] = {}
            index += 1

    def join(self, name, version=4, number=None, token=None):
        with self.lock:
            number = len(self.sessions) if number is None else number
            while f"{number}-{number + 3}" in self.sessions:
                number += 1
            key = f"{number}-{number + 3}"
            token = token or ("evening" if number % 3 == 2 else None)
            self.sessions[key] = {
                "id": key, "client": name, "version": version, "address": "203.0.113.9" if token else "127.0.0.1",
                "local": not token, "listener": "ws://127.0.0.1:12345", "origin": None, "token": token, "connected": 12.3 + 60 * number,
                "role": "observer" if name == "OBS overlay" else "controller", "priority": 100, "gain": 1.0, "cap": 0.7 if number == 2 else 1.0,
                "mute": False, "stop_scope": "own", "rule": 0 if name == "OBS overlay" else None, "patched": False}
            self.tell("session", self.sessions[key])
            return key

    def knock(self, name, token=None, **grant):
        """An app waits to be let in."""
        with self.lock:
            key = f"{500 + len(self.asked) + len(self.consents)}-{len(self.consents) + 1}"
            self.consents[key] = {
                "id": key, "client": name, "version": 4, "address": "203.0.113.9", "local": False, "listener": "ws://127.0.0.1:12345", "origin": None, "token": token,
                "asked": 0.0, "left": 60.0, "rule": 1, "role": "controller", "priority": 30, "gain": 1.0, "cap": 0.5, "mute": False,
                "stop_scope": "own", "rate_limit": None, "devices_allow": None, "devices_deny": [], **grant}
            self.tell("consent", self.consents[key])
            return key

    def give_up(self, key):
        """It waits no more."""
        with self.lock:
            self.consents.pop(key)
            self.tell("consent_closed", {"id": key})

    def leave(self, key, reason="client_disconnected"):
        with self.lock:
            self.sessions.pop(key)
            self.tell("session_closed", {"id": key, "reason": reason})
            for lane, wishes in self.wishes.items():
                if wishes.pop(key, None) is not None:
                    self.change(lane)

    def _first_wishes(self, lanes):
        keys = [key for key, session in self.sessions.items() if session["role"] == "controller"]
        if not keys:
            return
        board = [(0, 0, 0, .4), (0, 0, 1, .7), (0, 0, 2, .3), (0, 1, 2, -.5), (1, 0, 1, .6), (1, 0, 0, .2), (2, 0, 0, .55), (2, 1, 3, .3)]
        if lanes <= 8:
            wanted = [(device, feature, number, level) for device, feature, number, level in board if (device, feature) in self.lanes]
        else:
            wanted = [(*lane, self.random.randrange(len(keys)), self.random.uniform(.1, 1)) for lane in self.lanes for _ in range(self.random.randrange(4))]
        for device, feature, number, level in wanted:
            if number < len(keys):
                self.wishes[device, feature][keys[number]] = level
        if (1, 0) in self.lanes and len(keys) > 1 and lanes <= 8:
            self.leases[1, 0] = keys[1]

    # Acting

    def wish(self, lane, key, level):
        """An app asks a lane for a level of -1…1; None: it no longer asks."""
        with self.lock:
            if level is None:
                self.wishes[lane].pop(key, None)
            else:
                self.wishes[lane][key] = level
            self.change(lane)

    def change(self, lane):
        self._arbitrate(lane)
        self.tell("lane", self.lanes[lane])

    def _arbitrate(self, key):
        lane = self.lanes[key]
        output = self.devices[key[0]]["features"][key[1]]["outputs"][0]
        lane["contributions"] = []
        best = None
        if not self.stopped:
            for session_key, level in self.wishes[key].items():
                session = self.sessions[session_key]
                if session["mute"] or session["role"] == "observer" or level == 0:
                    continue
                value = round(level * output["max"])
                scaled = round(level * output["max"] * session["gain"] * session["cap"])
                one = {"session": session_key, "type": output["type"], "value": value, "scaled": scaled, "priority": session["priority"]}
                lane["contributions"].append(one)
                owner = self.leases.get(key) == session_key
                rank = (owner, session["priority"], abs(scaled))
                if best is None or rank > best[0]:
                    best = (rank, one)
        lane["winner"] = best[1]["session"] if best else None
        lane["type"] = output["type"] if best else None
        lane["value"] = best[1]["scaled"] if best else 0
        lane["written"] = {"type": output["type"], "value": lane["value"]}
        owner = self.leases.get(key)
        lane["lease"] = {"session": owner, "kind": "moves", "until": 2.0} if owner in self.sessions and not self.stopped and best else None
        self.levels[key] = [*key, output["type"], lane["value"], lane["winner"]]

    def stop(self, on):
        with self.lock:
            self.stopped = on
            if on:
                for wishes in self.wishes.values():
                    wishes.clear()
            for lane in self.lanes:
                if self.lanes[lane]["value"] or not on:
                    self.change(lane)
            self.tell("status", self.status())

    def status(self):
        return {"name": "Plugboard", "version": "0.9.0", "commit": "abc1234", "pid": 4711, "uptime": round(time.monotonic() - self.since, 3),
                "emergency_stop": self.stopped, "ending": False, "scanning": self.scanning, "listeners": ["ws://127.0.0.1:12345"],
                "sessions": len(self.sessions), "consents": len(self.consents), "devices": len(self.devices), "lanes": len(self.lanes), "messages": self.messages,
                "messages_per_second": 212.0 if self.moving else 0.0, "writes": self.messages // 3}

    def snapshot(self):
        return {"status": self.status(), "sessions": list(self.sessions.values()), "devices": list(self.devices.values()),
                "consents": list(self.consents.values()), "lanes": list(self.lanes.values()), "upstreams": self.upstreams}

    def tell(self, event, data):
        if self.subscribers:
            text = f"event: {event}\ndata: {json.dumps(data)}\n\n".encode()
            for subscriber in self.subscribers:
                subscriber.put(text)

    def subscribe(self):
        with self.lock:
            subscriber = queue.Queue()
            subscriber.put(f"event: snapshot\ndata: {json.dumps(self.snapshot())}\n\n".encode())
            self.subscribers.append(subscriber)
            return subscriber

    def replace_token(self, token):
        """Another token takes from the old one what it has opened."""
        with self.lock:
            self.token = token
            for subscriber in self.subscribers:
                subscriber.put(None)

    def end(self):
        self.ended.set()
        self.thread.join()
        with self.lock:
            for subscriber in self.subscribers:
                subscriber.put(None)

    def _run(self):
        """Changes the requested values ten times a second, and sends levels equally often and the status once a second."""
        turn = 0
        while not self.ended.wait(0.1):
            turn += 1
            with self.lock:
                if self.moving and not self.stopped:
                    pairs = [(lane, key) for lane in self.lanes for key in self.wishes[lane]]
                    for lane, key in self.random.sample(pairs, min(len(pairs), self.pace // 10)):
                        phase = time.monotonic() * (0.9 + lane[0] % 3) + (sum(lane) + int(key.split("-")[0])) % 7
                        level = 0.5 + 0.45 * math.sin(phase)
                        old = self.wishes[lane][key]
                        self.wishes[lane][key] = math.copysign(round(level, 2), old) or .05
                        self.messages += 1
                        self.change(lane)
                if self.levels:
                    self.tell("levels", {"lanes": list(self.levels.values())})
                    self.levels = {}
                if turn % 10 == 0:
                    self.tell("status", self.status())

    # Tokens

    def invite(self, name, expires=7_200, sessions=4, note="", source="made", state="valid", **rule):
        """A token; its end is so many seconds away, or None."""
        with self.lock:
            end = None if expires is None else time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + expires))
            self.tokens[name] = {"name": name, "state": state, "source": source, "created": None, "expires": end, "sessions": 0, "sessions_max": sessions,
                                 "note": note, "rule": rule or None}
            return self.tokens[name]

    def _token(self, method, path, body):
        if method == "POST":
            if body["name"] in self.tokens:
                return self._problem(409, f"there is a token {body['name']} already")
            hours = {"1h": 3_600, "2h": 7_200, "12h": 43_200, "7d": 604_800, "never": None}[body["expires"]]
            made = self.invite(body["name"], hours, body["sessions"], **{key: body[key] for key in ("cap", "devices") if key in body})
            secret = "pb_" + "".join(self.random.choices("ABCDEFGHabcdefgh0123456789-_", k=43))
            return 201, {"token": made, "secret": secret, "addresses": [f"ws://table.lan:12345/?token={secret}"], "codes": [["101", "010", "111"]],
                         "warning": "A ws:// address crosses the network readable."}
        name = path.removeprefix("/v1/tokens/").split("?")[0]
        if method == "DELETE":
            if name not in self.tokens:
                return self._problem(404, f"there is no token {name}")
            for key in [key for key, one in self.sessions.items() if one["token"] == name]:
                self.leave(key, "token_revoked")
            return 200, self.tokens.pop(name)
        return 200, {"tokens": list(self.tokens.values()), "next": None}

    @staticmethod
    def _problem(status, detail):
        return status, {"type": "about:blank", "title": "Problem", "status": status, "detail": detail}

    # Requests of the page

    def wait(self, condition, within=5):
        """Waits until the requests of the page have made that true."""
        with self.answered:
            assert self.answered.wait_for(condition, within), f"not in {within} s; asked: {self.asked[-5:]}"

    def answer(self, method, path, body, key=None):
        """(status, JSON) of a request other than the event stream."""
        with self.answered:
            self.asked.append((method, path, body))
            self.answered.notify_all()
            if self.token and key != "Bearer " + self.token:
                return self._problem(401, "this is not the operator's token")
            if path.startswith("/v1/tokens"):
                return self._token(method, path, body) if key == "Bearer " + KEY else self._problem(403, "this is only for the operator")
            if path == "/v1/stop":
                self.stop(method == "POST")
                return 200, {"emergency_stop": self.stopped}
            if path == "/v1/scan":
                self.scanning = method == "POST"
                self.tell("status", self.status())
                return 202 if self.scanning else 200, {"scanning": self.scanning}
            if method == "GET":
                part = path.removeprefix("/v1/")
                return (200, self.status()) if part == "status" else (200, {part: self.snapshot().get(part), "next": None})
            match = re.fullmatch(r"/v1/devices/(\d+)/stop", path)
            if match:
                for lane in self.lanes:
                    if lane[0] == int(match[1]):
                        self.wishes[lane].clear()
                        self.change(lane)
                return 200, {"index": int(match[1])}
            match = re.fullmatch(r"/v1/consents/([\d-]+)", path)
            if match and match[1] in self.consents:
                name = self.consents[match[1]]["client"]
                self.give_up(match[1])
                if body["answer"] == "approve":
                    self.join(name)
                return 200, {"id": match[1], **body}
            match = re.fullmatch(r"/v1/sessions/([\d-]+)(?:/(kick|mute|unmute))?", path)
            session = match and self.sessions.get(match[1])
            if not session:
                return 404, {"type": "about:blank", "title": "Not found", "status": 404, "detail": f"there is nothing at {path}"}
            if match[2] == "kick":
                self.leave(match[1], "kicked")
                return 200, {"id": match[1]}
            session.update({"mute": match[2] == "mute"} if match[2] else body, patched=True)
            self.tell("session", session)
            for lane, wishes in self.wishes.items():
                if match[1] in wishes:
                    self.change(lane)
            return 200, session


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        path = urllib.parse.urlsplit(self.path).path
        if path == "/":
            return self._file("index.html")
        if path.startswith("/page/") and re.fullmatch(r"[\w.-]+", path[6:]):
            return self._file(path[6:])
        if self.server.address:
            return self._pass_on()
        if path == "/v1/events":
            return self._events()
        self._json(*self.server.router.answer("GET", path, None, self.headers.get("Authorization")))

    def _change(self):
        if self.server.address:
            return self._pass_on()
        data = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.headers.get("Origin") not in (None, "http://" + self.headers["Host"]):
            return self._json(403, {"title": "Forbidden", "status": 403, "detail": "another origin"})
        if self.command != "DELETE" and self.headers.get("Content-Type") != "application/json":
            return self._json(415, {"title": "Unsupported Media Type", "status": 415, "detail": "not JSON"})
        self._json(*self.server.router.answer(self.command, self.path, json.loads(data or "{}"), self.headers.get("Authorization")))

    do_POST = do_DELETE = do_PATCH = _change

    def _head(self, status, kind, length=None):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Security-Policy", POLICY)
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Cache-Control", "no-cache")
        if length is None:
            self.send_header("Connection", "close")
        else:
            self.send_header("Content-Length", str(length))
        self.end_headers()

    def _json(self, status, value):
        data = json.dumps(value).encode()
        self._head(status, "application/json" if status < 400 else "application/problem+json", len(data))
        self.wfile.write(data)

    def _file(self, name):
        try:
            with open(os.path.join(PAGE, name), "rb") as file:
                data = file.read()
        except OSError:
            return self._json(404, {"title": "Not found", "status": 404, "detail": f"there is no {name}"})
        self._head(200, KINDS.get(os.path.splitext(name)[1], "text/plain"), len(data))
        self.wfile.write(data)

    def _events(self):
        self._head(200, "text/event-stream")
        router = self.server.router
        subscriber = router.subscribe()
        try:
            while (text := subscriber.get()) is not None:
                self.wfile.write(text)
        except OSError:
            pass
        finally:
            with router.lock:
                router.subscribers.remove(subscriber)
        self.close_connection = True

    def _pass_on(self):
        """The same request to the real router, as if it came from the router's own page."""
        data = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        upstream = http.client.HTTPConnection(self.server.address)
        fields = {"Host": self.server.address}
        for name in ("Content-Type", "Authorization"):
            if name in self.headers:
                fields[name] = self.headers[name]
        if "Origin" in self.headers:
            fields["Origin"] = "http://" + self.server.address if self.headers["Origin"] == "http://" + self.headers["Host"] else self.headers["Origin"]
        try:
            upstream.request(self.command, self.path, data or None, fields)
            answer = upstream.getresponse()
            if answer.getheader("Content-Type", "").startswith("text/event-stream"):
                self._head(answer.status, "text/event-stream")
                while piece := answer.read1(65536):
                    self.wfile.write(piece)
                self.close_connection = True
            else:
                text = answer.read()
                self._head(answer.status, answer.getheader("Content-Type", "text/plain"), len(text))
                self.wfile.write(text)
        except OSError:
            self.close_connection = True
        finally:
            upstream.close()


class StandIn(http.server.ThreadingHTTPServer):
    """The server. `router`: a scripted one; `address`: "host:port" of a real one instead."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, router=None, address=None, port=0):
        super().__init__(("127.0.0.1", port), Handler)
        self.router, self.address = router, address
        self.open = set()
        self.thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self.thread.start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}/"

    def process_request(self, request, client_address):
        self.open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request):
        self.open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request, client_address):
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)

    def end(self):
        """Ends like a killed program: every connection breaks."""
        self.shutdown()
        self.server_close()
        if self.router:
            self.router.end()
        for request in list(self.open):
            try:
                request.shutdown(2)
            except OSError:
                pass


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=12381)
    parser.add_argument("--router", help="the admin listener of a real router, as http://127.0.0.1:12380")
    parser.add_argument("--lanes", type=int, default=5)
    parser.add_argument("--sessions", type=int, default=5)
    parser.add_argument("--hostile", action="store_true", help="names that want to be more than text")
    options = parser.parse_args()
    if options.router:
        server = StandIn(address=urllib.parse.urlsplit(options.router).netloc, port=options.port)
    else:
        server = StandIn(Router(options.lanes, options.sessions, options.hostile), port=options.port)
    print("ready", server.url, flush=True)
    try:
        server.thread.join()
    except KeyboardInterrupt:
        server.end()


if __name__ == "__main__":
    main()
