# A scripted substitute for the reference server (Intiface): takes one client, states a gap that it does not keep, finds its devices by a
# scan and numbers them in the order in which they are found, again after every start. On request it reports a missed ping, hangs, closes,
# or uses version 3. Must not know its client. Its devices have one vibrator of 20 steps each.

import json
import socket
import threading
import time

from .upstream import Accepted, free_port
from .wire import Closed, Late, readable


class Reference:
    """The server; `start` it, `kill` it, start it again with other `names`, in another order.

    `names` are the devices in the order in which a scan finds them. `requests` is every request as (time, name, body), over all starts;
    `manner` is its behaviour to new clients: "well", "deaf" (never answers) or "flapping" (closes when it is asked for its devices).
    """

    def __init__(self, names=("Hush", "Nora"), port=None, gap=100, max_ping_time=0, delay=0.0, version=4, scans=True):
        self.names, self.gap, self.max_ping_time, self.delay, self.version = list(names), gap, max_ping_time, delay, version
        # Devices must be found by a scan; otherwise they are there from the start.
        self.scans = scans
        self.port = port or free_port()
        self.manner = "well"
        self.requests = []
        self.client_names = []
        self.accepted = 0
        self.started_at = None
        self.changed = threading.Condition()
        self.life = None
        self.problem = None

    @property
    def url(self):
        return f"ws://127.0.0.1:{self.port}"

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.kill()
        assert self.problem is None, f"the scripted server failed: {self.problem!r}"

    # Start and end

    def start(self, names=None):
        if names is not None:
            self.names = list(names)
        self.life = _Life(self)
        self.started_at = time.monotonic()
        return self

    def kill(self):
        """The process is gone: the port is closed, and the connection breaks."""
        if self.life:
            self.life.end()
            self.life = None

    def drop(self):
        """The connection breaks; the server goes on."""
        self.life.drop()

    def ping_out(self):
        """As after a missed ping: Error 2 with Id 0, and then Error 2 to everything; the connection stays open."""
        self.life.pinged_out = True
        self.life.say("Error", Id=0, ErrorCode=2, ErrorMessage='{"ButtplugPingError":"PingedOut"}')

    def hang(self):
        """Goes on reading and answers nothing any more."""
        self.life.is_hung = True

    # Questions

    def mark(self):
        with self.changed:
            return len(self.requests)

    def count(self, kind, since=0):
        with self.changed:
            return sum(name == kind for _, name, _ in self.requests[since:])

    def values(self, device=None, since=0):
        """The written values, of one device by its name or of all."""
        with self.changed:
            return [body["value"] for _, name, body in self.requests[since:] if name == "write" and device in (None, body["device"])]

    def wait(self, accept, what, within=5.0):
        with self.changed:
            if not self.changed.wait_for(accept, within):
                raise Late(f"{what}: not within {within} s; the last requests {self.requests[-3:]}")

    def note(self, name, body):
        with self.changed:
            self.requests.append((time.monotonic(), name, body))
            self.changed.notify_all()


class _Life:
    """One run of the server, like a process: the devices that it has found are lost at its end."""

    def __init__(self, server):
        self.server = server
        self.found = [] if server.scans else list(server.names)
        self.pinged_out = self.is_hung = self.ended = False
        self.connection = None
        self.listener = socket.create_server(("127.0.0.1", server.port), backlog=16)
        threading.Thread(target=self._accept, daemon=True).start()

    def end(self):
        self.ended = True
        # This wakes the thread that waits in accept on the socket; closing the socket does not.
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.drop()

    def drop(self):
        connection = self.connection
        if connection:
            try:
                connection.wire.socket.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def _accept(self):
        while not self.ended:
            try:
                raw, _ = self.listener.accept()
            except OSError:
                return
            raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self.connection:
                raw.close()
                continue
            with self.server.changed:
                self.server.accepted += 1
                self.server.changed.notify_all()
            try:
                self.connection = Accepted(raw)
            except (Closed, Late, OSError):
                raw.close()
                continue
            threading.Thread(target=self._serve, args=(self.connection,), daemon=True).start()

    def _serve(self, connection):
        try:
            while not self.ended:
                if connection.wire.buffer or readable(connection.wire.socket.fileno(), 0.1):
                    for message in json.loads(connection.receive()[1]):
                        for name, body in message.items():
                            self._hear(name, body)
        except (Closed, Late, OSError, ValueError):
            pass
        except Exception as error:
            self.server.problem = error
        finally:
            self.connection = None
            self.pinged_out = False
            connection.drop()

    def say(self, name, **fields):
        self.connection.send_text(json.dumps([{name: fields}], separators=(",", ":")))

    def _hear(self, name, body):
        server, id = self.server, body["Id"]
        if name in ("OutputCmd", "ScalarCmd"):
            value = body["Command"]["Vibrate"]["Value"] if name == "OutputCmd" else round(body["Scalars"][0]["Scalar"] * 20)
            server.note("write", {"device": self.found[body["DeviceIndex"]], "value": value})
            # For a sleep of less than a millisecond the kernel may choose a longer time.
            until = time.perf_counter() + server.delay
            while time.perf_counter() < until:
                pass
        else:
            server.note(name, body)
        if self.is_hung or server.manner == "deaf":
            return
        if self.pinged_out:
            return self.say("Error", Id=id, ErrorCode=2, ErrorMessage='{"ButtplugPingError":"PingedOut"}')
        if name == "RequestServerInfo":
            server.client_names.append(body["ClientName"])
            asked = 4 if "ProtocolVersionMajor" in body else body.get("MessageVersion", 0)
            # A server of version 3 does not understand the handshake of version 4 and does not answer.
            if asked > server.version:
                return
            self.version = asked
            fields = {"ProtocolVersionMajor": 4, "ProtocolVersionMinor": 0} if asked == 4 else {"MessageVersion": asked}
            self.say("ServerInfo", Id=id, ServerName="Reference", MaxPingTime=server.max_ping_time, **fields)
        elif name == "RequestDeviceList":
            if server.manner == "flapping":
                return self.drop()
            self.say("DeviceList", Id=id, Devices=self._list())
        elif name == "StartScanning":
            self.say("Ok", Id=id)
            for device in server.names[len(self.found) :]:
                self.found.append(device)
                if self.version == 4:
                    self.say("DeviceList", Id=0, Devices=self._list())
                else:
                    self.say("DeviceAdded", Id=0, **self._list()[-1])
        else:
            self.say("Ok", Id=id)

    def _list(self):
        if self.version < 4:
            vibrator = [{"StepCount": 20, "FeatureDescriptor": "", "ActuatorType": "Vibrate"}]
            messages = {"ScalarCmd": vibrator, "StopDeviceCmd": {}}
            return [{"DeviceIndex": n, "DeviceName": name, "DeviceMessages": messages} for n, name in enumerate(self.found)]
        feature = {"FeatureIndex": 0, "FeatureDescription": "", "Output": {"Vibrate": {"Value": [0, 20]}}}
        return {
            str(n): {"DeviceIndex": n, "DeviceName": name, "DeviceMessageTimingGap": self.server.gap, "DeviceFeatures": {"0": feature}}
            for n, name in enumerate(self.found)
        }
