# One Buttplug conversation of any spec version, over the raw WebSocket: requests, replies matched by Id, events kept.
# Must not know the reasons of a reply; scripts say what they expect.

import contextlib
import json
import math
import os
import time

from . import shapes
from .wire import AT_ONCE, DEADLINE, PING, PONG, TEXT, Closed, Late, WebSocket, frame

FRAMES = os.environ.get("PLUGBOARD_FRAMES")


def compact(value):
    return json.dumps(value, separators=(",", ":"))


def handshake_body(version, request_id=1, name="conformance"):
    body = {"Id": request_id, "ClientName": name}
    if version == 4:
        body |= {"ProtocolVersionMajor": 4, "ProtocolVersionMinor": 0}
    elif version > 0:
        body["MessageVersion"] = version
    return body


def steps(n, x):
    """Float to steps, as for older versions: plain double arithmetic, then ceil."""
    return math.ceil(n * (0 if x < 0.000001 else x))


class Client:
    """A connection; after `handshake()` a session."""

    def __init__(self, server, version=4, name="conformance", handshake=True, **wire):
        self.server = server
        self.name = name
        self.socket = WebSocket(server.address if hasattr(server, "address") else server, **wire)
        self.wanted_version = version
        self.version = None
        self.next_id = 1
        self.events = []
        self.info = None
        if handshake:
            self.handshake()

    # Sending

    def new_id(self):
        self.next_id += 1
        return self.next_id

    def send(self, *messages):
        """Sends (name, body) pairs as one frame."""
        self.socket.send_text(compact([{name: body} for name, body in messages]))

    def post(self, message, /, **fields):
        """Sends one request and returns its Id without waiting."""
        request_id = fields.pop("Id", None) or self.new_id()
        self.send((message, {"Id": request_id, **fields}))
        return request_id

    # Receiving

    def message(self, within=DEADLINE):
        """The next message as (name, body), checked against the version's shapes."""
        until = time.monotonic() + within
        while True:
            opcode, payload = self.socket.receive(max(until - time.monotonic(), 0.001))
            if opcode == PONG:
                continue
            return self.decode(payload)

    def decode(self, payload):
        text = payload.decode("utf-8")
        if FRAMES:
            with open(FRAMES, "a") as file:
                file.write(text + "\n")
        messages = json.loads(text)
        assert text == json.dumps(messages, separators=(",", ":"), ensure_ascii=False) or "\\" in text or "." in text, f"not compact: {text}"
        version = self.version
        if version is None and isinstance(messages, list) and messages and "ServerInfo" in messages[0]:
            version = self.wanted_version
        return shapes.check_frame(version, messages)

    def reply(self, request_id, within=DEADLINE):
        """The reply to a request; events (Id 0) that come before it are kept in `events`."""
        until = time.monotonic() + within
        while True:
            try:
                name, body = self.message(max(until - time.monotonic(), 0.001))
            except Late:
                raise Late(f"no reply to Id {request_id} within {within} s") from None
            if body["Id"] == request_id:
                return name, body
            assert body["Id"] == 0, f"a reply to nothing that is pending: {name} {body}, waiting for Id {request_id}"
            self.events.append((name, body))

    def next(self, within=DEADLINE):
        """The next message of any kind; kept events first."""
        if self.events:
            return self.events.pop(0)
        return self.message(within)

    def event(self, name, accept=lambda body: True, within=DEADLINE):
        """The next event of a name for which `accept` is true; others are dropped."""
        until = time.monotonic() + within
        while True:
            try:
                got, body = self.next(max(until - time.monotonic(), 0.001))
            except Late:
                raise Late(f"no {name} event within {within} s") from None
            assert body["Id"] == 0, f"{got} {body} while waiting for the event {name}"
            if got == name and accept(body):
                return body

    def drain(self):
        """Reads all that the server has sent so far: everything before the answer to a WebSocket ping."""
        token = os.urandom(4)
        self.socket.send(frame(PING, token))
        until = time.monotonic() + DEADLINE
        while True:
            opcode, payload = self.socket.receive(max(until - time.monotonic(), 0.001))
            if opcode == PONG and payload == token:
                return self.events
            if opcode == TEXT:
                self.events.append(self.decode(payload))

    def quiet(self, allowed=()):
        """Nothing may have been sent, apart from events of the allowed names."""
        self.drain()
        unexpected = [event for event in self.events if event[0] not in allowed]
        assert not unexpected, f"sent without being asked: {unexpected}"

    # Requests

    def ask(self, message, /, within=DEADLINE, **fields):
        return self.reply(self.post(message, **fields), within)

    def ok(self, message, /, **fields):
        name, body = self.ask(message, **fields)
        assert name == "Ok", f"{message} {fields} answered {name} {body}"

    def error(self, code, message, /, text=None, **fields):
        """Expects `Error` with the code and the request's Id; `text` is the JSON its ErrorMessage must hold, or part of it."""
        return self.is_error(self.ask(message, **fields), code, text, f"{message} {fields}")

    def is_error(self, answer, code, text=None, asked=""):
        name, body = answer
        assert name == "Error", f"{asked} answered {name} {body}, expected Error {code}"
        assert body["ErrorCode"] == code, f"{asked} answered {body}, expected ErrorCode {code}"
        assert body["ErrorMessage"], f"{asked} answered an Error without a text"
        if isinstance(text, dict):
            assert json.loads(body["ErrorMessage"]) == text, f"{asked}: ErrorMessage {body['ErrorMessage']!r}, expected {text}"
        elif text is not None:
            assert text in body["ErrorMessage"], f"{asked}: ErrorMessage {body['ErrorMessage']!r} lacks {text!r}"
        return body

    def refused(self, text, code=3, request_id=0):
        """Sends a text unchanged: one Error with that code and Id must come, and the session must go on."""
        self.socket.send_text(text)
        shown = text if len(text) < 120 else text[:120] + "…"
        try:
            answer = self.message()
        except Late:
            raise Late(f"no Error for {shown!r}") from None
        body = self.is_error(answer, code, None, repr(shown))
        assert body["Id"] == request_id, f"{shown!r}: Error with Id {body['Id']}, expected {request_id}"
        return body

    # Conversation

    def handshake(self, version=None):
        self.wanted_version = self.wanted_version if version is None else version
        name, body = self.ask("RequestServerInfo", **handshake_body(self.wanted_version, self.new_id(), self.name))
        assert name == "ServerInfo", f"handshake answered {name} {body}"
        self.version = self.wanted_version
        self.info = body
        return body

    def devices(self):
        """The device list, in ascending order of index."""
        name, body = self.ask("RequestDeviceList")
        assert name == "DeviceList", f"RequestDeviceList answered {name} {body}"
        if self.version == 4:
            return [body["Devices"][key] for key in sorted(body["Devices"], key=int)]
        return body["Devices"]

    def scan(self):
        """Scans until there is a device, for a second at most; a scan lasts until it is stopped."""
        self.ok("StartScanning")
        self.some_devices(within=1)
        self.ok("StopScanning")
        if self.version < 4:
            self.event("ScanningFinished")

    def some_devices(self, within=DEADLINE):
        """The device list, as soon as it is not empty or the time is over."""
        until = time.monotonic() + within
        while not (found := self.devices()) and time.monotonic() < until:
            with contextlib.suppress(Late):
                self.events.append(self.message(0.02))
        return found

    def stop(self, device=None):
        """Stops one device, or all, with the messages of the version."""
        if self.version == 4:
            self.ok("StopCmd", **({} if device is None else {"DeviceIndex": device}))
        elif device is None:
            self.ok("StopAllDevices")
        else:
            self.ok("StopDeviceCmd", DeviceIndex=device)

    def vibrate(self, device, fraction, n=20, feature=0, post=False):
        """Drives a device whose first (in v0: only) vibrator is `feature`; returns the steps that must be written."""
        version = self.version
        if version == 4:
            body = {"FeatureIndex": feature, "Command": {"Vibrate": {"Value": steps(n, fraction)}}}
            request = ("OutputCmd", body)
        elif version == 3:
            request = ("ScalarCmd", {"Scalars": [{"Index": 0, "Scalar": fraction, "ActuatorType": "Vibrate"}]})
        elif version > 0:
            request = ("VibrateCmd", {"Speeds": [{"Index": 0, "Speed": fraction}]})
        else:
            request = ("SingleMotorVibrateCmd", {"Speed": fraction})
        (self.post if post else self.ok)(request[0], DeviceIndex=device, **request[1])
        return steps(n, fraction)

    def output(self, device, feature, kind, value, duration=None):
        """`OutputCmd` of v4; the answer must be `Ok`."""
        command = {"Value": value} if duration is None else {"Value": value, "Duration": duration}
        self.ok("OutputCmd", DeviceIndex=device, FeatureIndex=feature, Command={kind: command})

    def closed(self, *codes, within=AT_ONCE):
        return self.socket.expect_close(*codes, within=within)

    def close(self):
        self.socket.close()

    def drop(self):
        """Disconnects without a close frame."""
        self.socket.drop()
