# A scripted Buttplug server (v4): it accepts connections or dials out, answers on command, and keeps the requests.
# Must not have devices, only a list of them.

import base64
import hashlib
import heapq
import json
import socket
import threading
import time

from .wire import CLOSE, DEADLINE, PING, PONG, Closed, Ended, Late, WebSocket, Wire, frame, readable

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


def vibrator(index, name="Fake Plug", gap=0, features=1):
    """A device with vibrators of 100 steps, as a v4 list shows it."""
    return {
        "DeviceIndex": index,
        "DeviceName": name,
        "DeviceMessageTimingGap": gap,
        "DeviceFeatures": {
            str(feature): {"FeatureIndex": feature, "FeatureDescription": "", "Output": {"Vibrate": {"Value": [0, 100]}}}
            for feature in range(features)
        },
    }


class Accepted:
    """The server's end of a connection that a client opened: reads masked frames, sends plain ones."""

    def __init__(self, connection):
        self.wire = Wire.__new__(Wire)
        self.wire.socket, self.wire.buffer, self.wire.ended = connection, bytearray(), None
        head = self.wire.take_until(b"\r\n\r\n", time.monotonic() + DEADLINE).decode("latin-1")
        key = next(line.split(":", 1)[1].strip() for line in head.split("\r\n") if line.lower().startswith("sec-websocket-key:"))
        accept = base64.b64encode(hashlib.sha1(key.encode() + GUID).digest()).decode()
        lines = ["HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade", f"Sec-WebSocket-Accept: {accept}"]
        self.wire.send(("\r\n".join(lines) + "\r\n\r\n").encode())

    def send_text(self, text):
        self.wire.send(frame(1, text.encode(), mask=None))

    def receive(self, within=DEADLINE):
        until = time.monotonic() + within
        while True:
            try:
                first, second = self.wire.take(2, until)
                assert second & 0x80, "the client's frame has no mask"
                length = second & 127
                if length > 125:
                    length = int.from_bytes(self.wire.take(2 if length == 126 else 8, until), "big")
                mask = self.wire.take(4, until)
                payload = bytes(byte ^ mask[index % 4] for index, byte in enumerate(self.wire.take(length, until)))
            except Ended as error:
                raise Closed(None, str(error)) from None
            if first & 15 == PING:
                self.wire.send_what_is_taken(frame(PONG, payload, mask=None))
            elif first & 15 == CLOSE:
                raise Closed(int.from_bytes(payload[:2], "big") if payload else 1005)
            elif first & 15 != PONG:
                return first & 15, payload

    def drop(self):
        self.wire.close()


class Upstream:
    """The scripted server. `delay` is how late it answers outputs, in seconds; `requests` is every request as (time, name, body).

    `manner`, if set, answers outputs itself: it is called with the server and the command's body.
    """

    def __init__(self, devices=(), delay=0.0, name="Fake"):
        self.devices, self.delay, self.name = list(devices), delay, name
        self.manner = None
        self.requests = []
        self.client_names = []
        self.connections = 0
        # Outputs that are not answered yet, by lane: the values in order of arrival.
        self.waiting = {}
        # Cases of more than one output at a time in a lane, except zeros: the earlier values, and the new one.
        self.breaches = []
        self.changed = threading.Condition()
        self.socket = None
        self.listener = None
        self.due = []
        self.count = 0
        self.problem = None
        self.thread = None

    # The connection

    def listen(self):
        """Takes connections, one at a time; returns the address."""
        self.listener = socket.create_server(("127.0.0.1", 0))
        self._run(self._accept)
        return self.listener.getsockname()

    def dial(self, address):
        """Dials out and is then a server like any other. When the upgrade is refused: AssertionError with the status."""
        connection = WebSocket(address)
        self._run(lambda: self._serve(connection))
        return self

    def _run(self, body):
        def guarded():
            try:
                body()
            except OSError:
                pass
            except Exception as error:
                self.problem = error

        self.thread = threading.Thread(target=guarded, daemon=True)
        self.thread.start()

    def _accept(self):
        while True:
            connection, _ = self.listener.accept()
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._serve(Accepted(connection))

    def _serve(self, connection):
        self.socket = connection
        with self.changed:
            self.connections += 1
            self.waiting.clear()
            self.due.clear()
            self.changed.notify_all()
        try:
            while True:
                self._answer_due()
                left = max(self.due[0][0] - time.monotonic(), 0) if self.due else 60
                if connection.wire.buffer or readable(connection.wire.socket.fileno(), min(left, 0.5)):
                    for message in json.loads(connection.receive()[1]):
                        for name, body in message.items():
                            self._hear(name, body)
        except (Closed, Late, OSError, ValueError):
            pass
        finally:
            connection.drop()

    def drop(self):
        """The connection breaks."""
        self.socket.wire.socket.shutdown(socket.SHUT_RDWR)

    def close(self):
        if self.listener:
            self.listener.close()
        if self.socket:
            try:
                self.socket.wire.socket.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
        assert self.problem is None, f"the scripted server failed: {self.problem!r}"

    # Answers

    def say(self, name, **fields):
        self.socket.send_text(json.dumps([{name: fields}], separators=(",", ":")))

    def raw(self, text):
        self.socket.send_text(text)

    def push_list(self):
        self.say("DeviceList", Id=0, Devices=self._list())

    def _list(self):
        return {str(device["DeviceIndex"]): device for device in self.devices}

    def _hear(self, name, body):
        with self.changed:
            self.requests.append((time.monotonic(), name, body))
            if name == "OutputCmd":
                self._note(body)
            self.changed.notify_all()
        if name == "RequestServerInfo":
            self.client_names.append(body["ClientName"])
            version = {"ProtocolVersionMajor": 4, "ProtocolVersionMinor": 0}
            self.say("ServerInfo", Id=body["Id"], ServerName=self.name, MaxPingTime=0, **version)
        elif name == "RequestDeviceList":
            self.say("DeviceList", Id=body["Id"], Devices=self._list())
        elif name == "OutputCmd" and self.manner:
            self.manner(self, body)
        elif name == "OutputCmd" and self.delay:
            self.count += 1
            heapq.heappush(self.due, (time.monotonic() + self.delay, self.count, body))
        elif name == "OutputCmd":
            self.acknowledge(body)
        else:
            self.say("Ok", Id=body["Id"])

    def _answer_due(self):
        while self.due and self.due[0][0] <= time.monotonic():
            self.acknowledge(heapq.heappop(self.due)[2])

    @staticmethod
    def _lane(body):
        return body["DeviceIndex"], body["FeatureIndex"]

    @staticmethod
    def value(body):
        return next(iter(body["Command"].values()))["Value"]

    def _note(self, body):
        waiting = self.waiting.setdefault(self._lane(body), [])
        value = self.value(body)
        # A zero waits for nothing, so only a zero may come while another output is not answered.
        if waiting and value != 0:
            self.breaches.append((self._lane(body), list(waiting), value))
        waiting.append(value)

    def settle(self, body):
        """The output counts as answered."""
        with self.changed:
            self.waiting[self._lane(body)].remove(self.value(body))

    def acknowledge(self, body):
        self.settle(body)
        self.say("Ok", Id=body["Id"])

    # Questions

    def values(self, device, feature=0, since=0):
        with self.changed:
            return [
                self.value(body)
                for _, name, body in self.requests[since:]
                if name == "OutputCmd" and self._lane(body) == (device, feature)
            ]

    def times(self, device, since=0):
        with self.changed:
            return [when for when, name, body in self.requests[since:] if name == "OutputCmd" and body["DeviceIndex"] == device]

    def mark(self):
        with self.changed:
            return len(self.requests)

    def wait(self, accept, what, within=DEADLINE):
        """Waits until `accept()` is true."""
        with self.changed:
            if not self.changed.wait_for(accept, within):
                raise Late(f"{what}: not within {within} s; the last requests {self.requests[-3:]}")


def free_port():
    """A port of the loopback address without a listener."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]
