#!/usr/bin/env python3
# versions: 4
# RFC 6455 frames: every breach gets its close code, the header alone is enough for limits, and no other session is disturbed.

import os
import struct
import time

from lib.client import compact
from lib.script import Script
from lib.wire import BINARY, CLOSE, PING, PONG, TEXT, Closed, Ended, frame

script = Script("plug")
HELLO = compact([{"Ping": {"Id": 1}}]).encode()


def closes(case, data, *codes, within=3.0):
    """Sends bytes on a new session, whose output must go to zero when it is closed with one of the codes."""
    client = case.client()
    client.socket.wire.send_what_is_taken(data)
    try:
        return client.closed(*codes, within=within)
    except AssertionError as error:
        raise AssertionError(f"{data[:40]!r}: {error}") from None


@script.check(4)
def unmasked_frames_are_refused(case):
    closes(case, frame(TEXT, HELLO, mask=None), 1002)
    closes(case, frame(PING, b"", mask=None), 1002)


@script.check(4)
def reserved_bits_are_refused(case):
    for rsv in range(1, 8):
        closes(case, frame(TEXT, HELLO, rsv=rsv), 1002)
    closes(case, frame(PING, b"x", rsv=4), 1002)
    closes(case, frame(TEXT, HELLO[:3], fin=False) + frame(0, HELLO[3:], rsv=4), 1002)


@script.check(4)
def reserved_opcodes_are_refused(case):
    for opcode in (3, 4, 5, 6, 7, 11, 12, 13, 14, 15):
        closes(case, frame(opcode, b"x"), 1002)


@script.check(4)
def fragments_come_in_their_order(case):
    closes(case, frame(0, HELLO), 1002)
    closes(case, frame(0, HELLO, fin=False), 1002)
    closes(case, frame(TEXT, HELLO[:3], fin=False) + frame(TEXT, HELLO[3:]), 1002)
    closes(case, frame(TEXT, HELLO[:3], fin=False) + frame(BINARY, HELLO[3:]), 1002)


@script.check(4)
def control_frames_are_whole_and_short(case):
    for opcode in (PING, PONG, CLOSE):
        closes(case, frame(opcode, b"\x03\xe8" + b"x" * 124), 1002)
        closes(case, frame(opcode, b"\x03\xe8", fin=False), 1002)


@script.check(4)
def lengths_are_minimal(case):
    closes(case, frame(TEXT, HELLO, length_bytes=2), 1002)
    closes(case, frame(TEXT, HELLO, length_bytes=8), 1002)
    closes(case, frame(TEXT, b" " * 300, length_bytes=8), 1002)


@script.check(4)
def impossible_lengths_are_refused_from_the_header(case):
    before = case.server.resident_kilobytes()
    closes(case, frame(TEXT, b"", length=1 << 63, length_bytes=8), 1002, 1009)
    closes(case, frame(TEXT, b"", length=(1 << 64) - 1, length_bytes=8), 1002, 1009)
    closes(case, frame(TEXT, b"", length=1 << 40, length_bytes=8), 1009)
    closes(case, frame(TEXT, b"", length=(1 << 20) + 1, length_bytes=8), 1009)
    assert case.server.resident_kilobytes() - before < 4096, "memory was set aside for a length that was refused"


@script.check(4)
def the_size_limit_holds_for_fragments_too(case):
    piece = b" " * 65536
    closes(case, frame(TEXT, piece, fin=False) + frame(0, piece, fin=False) * 16, 1009)
    client = case.client()
    padding = b" " * ((1 << 20) - len(HELLO))
    client.socket.send(frame(TEXT, HELLO + padding))
    assert client.message() == ("Ok", {"Id": 1})


@script.check(4)
def a_flood_of_fragments_is_refused(case):
    closes(case, frame(TEXT, b"", fin=False) + frame(0, b"", fin=False) * 200_000, 1002, 1008, within=6)
    client = case.client()
    client.socket.send(frame(TEXT, b"", fin=False) + frame(0, b" ", fin=False) * 500 + frame(0, HELLO))
    assert client.message() == ("Ok", {"Id": 1})


@script.check(4)
def text_is_utf_8(case):
    for bad in (
        b"\xff",
        b"\x80",
        b"\xc0\xaf",
        b"\xe0\x80\xaf",
        b"\xf0\x80\x80\xaf",
        b"\xed\xa0\x80",
        b"\xf4\x90\x80\x80",
        b"\xf5\x80\x80\x80",
        b"\xe2\x82",
        b"\xc3",
        b"abc\xc3(",
    ):
        closes(case, frame(TEXT, b'[{"Nonsense":{"Id":1,"T":"' + bad + b'"}}]'), 1007)
        closes(case, frame(TEXT, bad), 1007)
    closes(case, frame(TEXT, b"\xe2", fin=False) + frame(0, b"\x82", fin=False) + frame(0, b"("), 1007)
    closes(case, frame(TEXT, b"\xf0\x90", fin=False) + frame(0, b""), 1007)
    early = case.client()
    early.socket.send(frame(TEXT, b"\xed\xa0", fin=False))
    early.closed(1007)
    client = case.client()
    text = compact([{"Ping": {"Id": 5}}]).encode() + "  ".encode()
    client.socket.send(frame(TEXT, text[:3], fin=False) + frame(0, text[3:]))
    assert client.message() == ("Ok", {"Id": 5})
    split = '[{"Nonsense":{"Id":6,"T":"é€\U0001f600"}}]'.encode()
    for cut in range(1, len(split)):
        client.socket.send(frame(TEXT, split[:cut], fin=False) + frame(0, split[cut:]))
        client.is_error(client.message(), 3)


@script.check(4)
def close_codes_are_checked(case):
    for payload, codes in (
        (b"\x03", (1002,)),
        *((struct.pack(">H", code), (1002,)) for code in (0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535)),
        (struct.pack(">H", 1000) + b"\xff\xfe", (1007,)),
        (struct.pack(">H", 1000) + b"\xed\xa0\x80", (1007,)),
    ):
        closes(case, frame(CLOSE, payload), *codes)
    client = case.client()
    client.socket.send(frame(CLOSE))
    client.closed(1005, 1000)
    for code in (1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 4000, 4999):
        client = case.client()
        client.socket.close(code, "bye é".encode())


@script.check(4)
def data_after_a_close_is_ignored_and_the_stream_ends(case):
    device = case.index("plug")
    client = case.client()
    command = {"Id": 9, "DeviceIndex": device, "FeatureIndex": 0, "Command": {"Vibrate": {"Value": 13}}}
    mark = case.journal.mark()
    client.socket.send(frame(CLOSE, b"\x03\xe8") + frame(TEXT, compact([{"OutputCmd": command}]).encode()))
    since = time.monotonic()
    client.closed(1000)
    assert time.monotonic() - since < 2, "the stream did not end"
    other = case.client()
    other.output(device, 0, "Vibrate", 2)
    case.expect(device, 0, "Vibrate", 2, mark)
    assert 13 not in case.journal.values(device, 0, None, mark)


@script.check(4)
def a_peer_that_never_answers_our_close_is_cut(case):
    client = case.client()
    client.socket.send(frame(TEXT, b"x", rsv=2))
    try:
        while True:
            client.socket.receive()
    except Closed as closed:
        assert closed.code == 1002
    since = time.monotonic()
    client.socket.wire.rest(3)
    assert time.monotonic() - since < 2.5, "the connection was not cut"


@script.check(4)
def pings_are_answered_with_their_payload(case):
    client = case.client()
    for payload in (b"", b"x", os.urandom(125)):
        client.socket.send(frame(PING, payload))
        assert client.socket.receive() == (PONG, payload)
    client.socket.send(frame(TEXT, HELLO[:4], fin=False) + frame(PING, b"between") + frame(0, HELLO[4:]))
    got = [client.socket.receive(), client.socket.receive()]
    assert (PONG, b"between") in got and any(opcode == TEXT for opcode, _ in got), f"{got}"


@script.check(4)
def pongs_without_a_ping_are_ignored(case):
    client = case.client()
    for payload in (b"", b"nobody asked"):
        client.socket.send(frame(PONG, payload))
    client.ok("Ping")


@script.check(4)
def a_flood_of_pings_disturbs_no_other_session(case):
    flooder, other = case.client(), case.client()
    since = time.monotonic()
    flooder.socket.wire.send_what_is_taken(frame(PING, b"") * 50_000, within=2)
    slowest = 0
    for _ in range(50):
        start = time.monotonic()
        other.ok("Ping")
        slowest = max(slowest, time.monotonic() - start)
    assert slowest < 0.5, f"another session waited {slowest:.2f} s"
    try:
        while time.monotonic() - since < 3:
            flooder.socket.receive_frame(0.2)
    except (Ended, AssertionError):
        pass
    other.ok("Ping")


@script.check(4)
def a_breach_stops_the_outputs_of_its_session_only(case):
    device = case.index("plug")
    bad, good = case.client(), case.client()
    mark = case.journal.mark()
    good.output(device, 0, "Vibrate", 5)
    case.expect(device, 0, "Vibrate", 5, mark)
    bad.output(device, 0, "Vibrate", 19)
    case.expect(device, 0, "Vibrate", 19, mark)
    bad.socket.send(frame(3, b""))
    bad.closed(1002)
    case.journal.wait(lambda e: case.journal.values(device, 0, None, mark)[-1] == 5, mark, what="the other's value again")
    good.ok("Ping")


@script.check(4)
def nothing_is_left_open(case):
    for client in case.clients:
        client.drop()
    last = case.client()
    last.ok("Ping")
    assert case.server.descriptors() < 64, f"{case.server.descriptors()} descriptors are still open"


script.main()
