# A Buttplug server that is not ours, of version 3 or 4: other layout, other key order, and faults on request.
# Must not know its clients; every connection has a thread of its own, and there are no devices, only a list of them.

import json
import socket
import threading

from .upstream import Accepted
from .wire import Closed, Late, readable

DEVICES_V4 = {
    str(index): {
        "DeviceFeatures": {
            "0": {"Output": {"Vibrate": {"Value": [0, 20]}}, "FeatureDescription": "Motor }]", "FeatureIndex": 0},
            "3": {"Output": {"Rotate": {"Value": [-10, 10]}}, "FeatureDescription": "", "FeatureIndex": 3},
        },
        "DeviceMessageTimingGap": 0,
        "DeviceName": 'Fremd "X" \u00e9',
        "DeviceIndex": index,
    }
    for index in (2, 7)
}
DEVICES_V3 = [
    {
        "DeviceMessages": {
            "StopDeviceCmd": {},
            "ScalarCmd": [{"ActuatorType": "Vibrate", "StepCount": 20, "FeatureDescriptor": ""}] * 2,
        },
        "DeviceName": 'Fremd "X" \u00e9',
        "DeviceIndex": index,
    }
    for index in (2, 7)
]


class Foreign:
    """A server on a port of its own. `manner` gets each command's Id and its running number, and returns the texts of the answer."""

    def __init__(self, single=False, max_ping_time=0, manner=None):
        self.single, self.max_ping_time = single, max_ping_time
        self.manner = manner or (lambda number, id: [self.ok(id)])
        self.requests = {}
        self.malformed = []
        # Why each connection has ended, for a check that fails.
        self.endings = []
        self.busy = threading.Lock()
        self.count = 0
        self.lock = threading.Lock()
        self.ended = False
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self):
        return "ws://127.0.0.1:%d" % self.listener.getsockname()[1]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.ended = True
        self.listener.close()

    @staticmethod
    def text(name, **fields):
        """One message, in an unusual layout."""
        return " [\n" + json.dumps({name: dict(reversed(fields.items()))}, indent=3, separators=(" ,", " : ")) + "\n]\n"

    @classmethod
    def ok(cls, id):
        return cls.text("Ok", Id=id)

    def _accept(self):
        while not self.ended:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self.single and not self.busy.acquire(blocking=False):
                connection.close()
                continue
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        accepted = None
        try:
            accepted = Accepted(connection)
            while not self.ended:
                if accepted.wire.buffer or readable(connection.fileno(), 0.2):
                    for message in json.loads(accepted.receive()[1]):
                        for name, body in message.items():
                            self._hear(accepted, name, body)
        except (Closed, Late, OSError, ValueError) as error:
            self.endings.append(repr(error))
        except BaseException as error:
            self.endings.append(repr(error))
            raise
        finally:
            connection.close()
            if self.single:
                self.busy.release()

    def _hear(self, accepted, name, body):
        with self.lock:
            self.requests[name] = self.requests.get(name, 0) + 1
        id = body["Id"]
        if name == "RequestServerInfo":
            accepted.version = 4 if "ProtocolVersionMajor" in body else body["MessageVersion"]
            version = {"ProtocolVersionMajor": 4, "ProtocolVersionMinor": 0} if accepted.version == 4 else {"MessageVersion": 3}
            accepted.send_text(self.text("ServerInfo", Id=id, ServerName="Fremd", MaxPingTime=self.max_ping_time, **version))
        elif name == "RequestDeviceList":
            accepted.send_text(self.text("DeviceList", Id=id, Devices=DEVICES_V4 if accepted.version == 4 else DEVICES_V3))
        elif name in ("OutputCmd", "ScalarCmd"):
            if not self._is_good(name, body):
                self.malformed.append(body)
            with self.lock:
                self.count += 1
                number = self.count
            for text in self.manner(number, id):
                accepted.send_text(text)
        else:
            accepted.send_text(self.ok(id))

    @staticmethod
    def _is_good(name, body):
        if body["DeviceIndex"] not in (2, 7):
            return False
        if name == "ScalarCmd":
            return all(
                set(part) == {"Index", "Scalar", "ActuatorType"} and part["Index"] in (0, 1) and 0 <= part["Scalar"] <= 1
                for part in body["Scalars"]
            )
        (kind, value), = body["Command"].items()
        low, high = {"Vibrate": (0, 20), "Rotate": (-10, 10)}[kind]
        return body["FeatureIndex"] == {"Vibrate": 0, "Rotate": 3}[kind] and low <= value["Value"] <= high
