# A raw TCP peer and a raw RFC 6455 client on it, to send what no correct library sends.
# Must not know Buttplug. Standard library only; nothing here sleeps, every wait has a deadline.

import base64
import hashlib
import os
import select
import socket
import struct
import time

# How long to wait for what must come. Generous: on a busy machine a process may be away for a second, several times.
DEADLINE = 10.0
# For a close that must come at once. Shorter than the router's own deadlines: what it closes by those must not pass for it.
AT_ONCE = 3.0
TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10


class Late(AssertionError):
    """The event did not come in time."""


class Ended(Exception):
    """The peer ended the stream, in order or by a reset."""


class Wire:
    """One TCP (or Unix) connection with a read buffer."""

    def __init__(self, address, receive_buffer=None, connect_within=DEADLINE, tls=None, first=b""):
        """With `tls`, a context and a server's name, it is encrypted after the bytes `first`."""
        is_unix = isinstance(address, str)
        family = socket.AF_UNIX if is_unix else socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        self.socket = socket.socket(family, socket.SOCK_STREAM)
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(connect_within)
        self.socket.connect(address)
        if not is_unix:
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if first:
            self.socket.sendall(first)
        if tls:
            self.socket = tls[0].wrap_socket(self.socket, server_hostname=tls[1])
        self.buffer = bytearray()
        self.ended = None

    def send(self, data, within=DEADLINE):
        self.socket.settimeout(within)
        self.socket.sendall(data)

    def send_what_is_taken(self, data, within=DEADLINE):
        """Sends to a peer that may close meanwhile; returns whether everything was sent."""
        try:
            self.send(data, within)
            return True
        except (ConnectionError, TimeoutError):
            return False

    def send_bytewise(self, data):
        """Every byte in a segment of its own (`TCP_NODELAY` is on)."""
        for index in range(len(data)):
            self.send(data[index : index + 1])

    def _fill(self, until):
        if self.ended:
            raise Ended(self.ended)
        self.socket.settimeout(max(until - time.monotonic(), 0.0001))
        try:
            data = self.socket.recv(262144)
        except TimeoutError:
            raise Late("nothing more came in time") from None
        except ConnectionError as error:
            self.ended = str(error)
            raise Ended(self.ended) from None
        if not data:
            self.ended = "end of stream"
            raise Ended(self.ended)
        self.buffer += data

    def take(self, count, until):
        while len(self.buffer) < count:
            self._fill(until)
        data = bytes(self.buffer[:count])
        del self.buffer[:count]
        return data

    def take_until(self, marker, until):
        while marker not in self.buffer:
            self._fill(until)
        end = self.buffer.index(marker) + len(marker)
        return self.take(end, until)

    def rest(self, within=AT_ONCE):
        """Everything up to the end of the stream, which must come in time."""
        until = time.monotonic() + within
        try:
            while True:
                self._fill(until)
        except Ended:
            data = bytes(self.buffer)
            self.buffer.clear()
            return data

    def finish_sending(self):
        self.socket.shutdown(socket.SHUT_WR)

    def reset(self):
        """Ends the connection with RST instead of FIN."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close()

    def close(self):
        self.socket.close()


class Response:
    """An HTTP answer: status, header lines (names in lower case), and the bytes after the head, if the stream has ended."""

    def __init__(self, head):
        lines = head.decode("latin-1").split("\r\n")
        version, status, *_ = lines[0].split(" ", 2)
        assert version == "HTTP/1.1", f"status line {lines[0]!r}"
        self.status = int(status)
        self.headers = {}
        for line in lines[1:]:
            if line:
                name, value = line.split(":", 1)
                self.headers[name.strip().lower()] = value.strip()
        self.body = b""


def upgrade_head(path="/", host="127.0.0.1", key=None, method="GET", version="HTTP/1.1", without=(), extra=()):
    """The bytes of an upgrade request; `without` drops standard lines by name, `extra` adds lines."""
    key = key or base64.b64encode(os.urandom(16)).decode()
    lines = [
        ("Host", host),
        ("Upgrade", "websocket"),
        ("Connection", "Upgrade"),
        ("Sec-WebSocket-Key", key),
        ("Sec-WebSocket-Version", "13"),
    ]
    text = f"{method} {path} {version}\r\n"
    text += "".join(f"{name}: {value}\r\n" for name, value in lines if name not in without)
    text += "".join(f"{line}\r\n" for line in extra)
    return (text + "\r\n").encode("latin-1")


def ask(address, head, within=AT_ONCE, to_the_end=True, **wire):
    """Sends the bytes of a request and returns the answer; with `to_the_end` the server must also end the connection."""
    wire = Wire(address, **wire)
    try:
        wire.send_what_is_taken(head)
        response = Response(wire.take_until(b"\r\n\r\n", time.monotonic() + within))
        if to_the_end:
            response.body = wire.rest(within)
        else:
            length = int(response.headers.get("content-length", "0"))
            response.body = wire.take(length, time.monotonic() + within)
        return response
    finally:
        wire.close()


def frame(opcode, payload=b"", fin=True, rsv=0, mask=b"\x37\xfa\x21\x3d", length_bytes=None, length=None):
    """One frame. `mask=None` sends it unmasked; `length_bytes` (0, 2, 8) and `length` replace the true length."""
    length = len(payload) if length is None else length
    if length_bytes is None:
        length_bytes = 0 if length < 126 else 2 if length < 65536 else 8
    head = bytes([(0x80 if fin else 0) | rsv << 4 | opcode])
    masked = 0x80 if mask else 0
    if length_bytes == 0:
        head += bytes([masked | length])
    elif length_bytes == 2:
        head += bytes([masked | 126]) + struct.pack(">H", length)
    else:
        head += bytes([masked | 127]) + struct.pack(">Q", length)
    if not mask:
        return head + payload
    if payload:
        size = len(payload)
        key = int.from_bytes((mask * (size // 4 + 1))[:size], "big")
        payload = (int.from_bytes(payload, "big") ^ key).to_bytes(size, "big")
    return head + mask + payload


class Closed(Exception):
    """The server closed: `code` and `reason` from its close frame, or code None when the stream just ended."""

    def __init__(self, code, reason=""):
        super().__init__(f"closed with {code} {reason!r}")
        self.code, self.reason = code, reason


class WebSocket:
    """A client connection after a successful upgrade. Checks every frame the server sends."""

    def __init__(self, address, path="/", extra=(), host="127.0.0.1", pipelined=b"", receive_buffer=None, bytewise=False, **wire):
        self.wire = Wire(address, receive_buffer, **wire)
        key = base64.b64encode(os.urandom(16)).decode()
        request = upgrade_head(path, host=host, key=key, extra=extra) + pipelined
        (self.wire.send_bytewise if bytewise else self.wire.send)(request)
        self.response = Response(self.wire.take_until(b"\r\n\r\n", time.monotonic() + DEADLINE))
        assert self.response.status == 101, f"upgrade answered {self.response.status}"
        digest = hashlib.sha1(key.encode() + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest()
        assert self.response.headers["sec-websocket-accept"] == base64.b64encode(digest).decode(), "wrong accept key"
        assert self.response.headers["upgrade"].lower() == "websocket"
        assert "upgrade" in self.response.headers["connection"].lower()
        self.close_received = None

    def send(self, data):
        self.wire.send(data)

    def send_text(self, text):
        self.wire.send(frame(TEXT, text if isinstance(text, bytes) else text.encode()))

    def receive_frame(self, within=DEADLINE):
        """The next frame of any kind as (opcode, payload); breaches of RFC 6455 by the server fail here."""
        until = time.monotonic() + within
        first, second = self.wire.take(2, until)
        assert first & 0x70 == 0, "server set RSV bits"
        assert second & 0x80 == 0, "server masked a frame"
        opcode, length = first & 15, second & 127
        if length == 126:
            (length,) = struct.unpack(">H", self.wire.take(2, until))
            assert length > 125, "length not minimal"
        elif length == 127:
            (length,) = struct.unpack(">Q", self.wire.take(8, until))
            assert length > 65535, "length not minimal"
        assert opcode in (TEXT, CLOSE, PING, PONG), f"server sent opcode {opcode}"
        assert first & 0x80, "server fragmented a message"
        assert opcode == TEXT or length <= 125, "control frame too long"
        return opcode, self.wire.take(length, until)

    def receive(self, within=DEADLINE):
        """The next text or pong as (opcode, payload). Answers pings. Raises `Closed` at a close frame or the end of the stream."""
        until = time.monotonic() + within
        while True:
            try:
                opcode, payload = self.receive_frame(max(until - time.monotonic(), 0.001))
            except Ended as error:
                raise Closed(None, str(error)) from None
            if opcode == PING:
                self.wire.send_what_is_taken(frame(PONG, payload))
            elif opcode == CLOSE:
                code = struct.unpack(">H", payload[:2])[0] if payload else 1005
                self.close_received = (code, payload[2:].decode())
                raise Closed(*self.close_received)
            else:
                return opcode, payload

    def expect_close(self, *codes, within=AT_ONCE, ends_within=AT_ONCE):
        """The server must close with one of the codes (data before it is skipped), and the stream must end. Returns the code."""
        until = time.monotonic() + within
        while True:
            try:
                self.receive(max(until - time.monotonic(), 0.001))
            except Closed as closed:
                assert closed.code in codes, f"closed with {closed.code} {closed.reason!r}, expected {codes}"
                if closed.code is not None:
                    self.wire.send_what_is_taken(frame(CLOSE, struct.pack(">H", closed.code)))
                    self.wire.rest(ends_within)
                return closed.code

    def close(self, code=1000, reason=b"", within=AT_ONCE):
        """A close in good order: the server must answer with the same code and end the stream."""
        self.wire.send(frame(CLOSE, struct.pack(">H", code) + reason))
        self.expect_close(code, within=within)
        self.wire.close()

    def drop(self):
        self.wire.close()


def readable(file_descriptor, within):
    return bool(select.select([file_descriptor], [], [], max(within, 0))[0])
