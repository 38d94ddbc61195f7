#!/usr/bin/env python3
# versions: 0 1 2 3 4
# Messages in frames: many per frame, any fragmentation, any spacing, in order, one reply per frame.

import json

from lib.client import compact, handshake_body
from lib.script import Script
from lib.wire import BINARY, TEXT, frame

script = Script("plug,dual")


def pings(first, count):
    return [{"Ping": {"Id": first + n}} for n in range(count)]


def expect_oks(client, first, count):
    for n in range(count):
        name, body = client.message()
        assert (name, body) == ("Ok", {"Id": first + n}), f"message {n}: {name} {body}, expected Ok {first + n}"


@script.check()
def many_messages_in_one_frame_are_answered_one_by_one_in_order(case):
    client = case.client()
    client.socket.send_text(compact(pings(100, 1000)))
    expect_oks(client, 100, 1000)


@script.check()
def arrays_may_follow_each_other_in_one_frame(case):
    client = case.client()
    client.socket.send_text(compact(pings(10, 2)) + compact(pings(12, 1)))
    expect_oks(client, 10, 3)
    client.socket.send_text(" " + compact(pings(20, 1)) + " \r\n\t" + compact(pings(21, 2)) + "\n")
    expect_oks(client, 20, 3)


@script.check()
def spacing_and_key_order_carry_no_meaning(case):
    client = case.client()
    client.socket.send_text(' [ { "Ping" : { "Id" : 31 } } ,\r\n\t{ "Ping" : { "Id" : 32 } } ] ')
    expect_oks(client, 31, 2)
    client.socket.send_text('[{"\\u0050ing":{"\\u0049d":33}}]')
    expect_oks(client, 33, 1)
    if case.version == 4:
        device = case.index("dual")
        mark = case.journal.mark()
        client.socket.send_text(
            '[{"OutputCmd":{"Command":{ "Vibrate" : {"Value": 7 } },"FeatureIndex": 1,"DeviceIndex":%d ,"Id":34}}]' % device
        )
        expect_oks(client, 34, 1)
        case.expect(device, 1, "Vibrate", 7, mark)


@script.check()
def fragments_are_one_message(case):
    client = case.client()
    text = compact(pings(40, 3)).encode()
    for cut in (1, 2, 7, len(text) - 1):
        client.socket.send(frame(TEXT, text[:cut], fin=False) + frame(0, text[cut:]))
        expect_oks(client, 40, 3)
    single = [frame(TEXT if n == 0 else 0, text[n : n + 1], fin=n == len(text) - 1) for n in range(len(text))]
    client.socket.send(b"".join(single))
    expect_oks(client, 40, 3)
    client.socket.send(frame(TEXT, b"", fin=False) + frame(0, text, fin=False) + frame(0, b""))
    expect_oks(client, 40, 3)


@script.check()
def one_byte_per_segment_is_the_same_as_whole(case):
    client = case.client(bytewise=True)
    client.socket.wire.send_bytewise(frame(TEXT, compact(pings(50, 2)).encode()))
    expect_oks(client, 50, 2)


@script.check()
def a_thousand_frames_in_one_segment_are_answered_in_order(case):
    client, other = case.client(), case.client()
    client.socket.send(b"".join(frame(TEXT, compact(pings(1000 + n, 1)).encode()) for n in range(1000)))
    other.ok("Ping")
    expect_oks(client, 1000, 1000)


@script.check()
def bytes_that_follow_the_upgrade_at_once_are_not_lost(case):
    body = handshake_body(case.version, 1)
    text = compact([{"RequestServerInfo": body}]).encode()
    client = case.client(handshake=False, pipelined=frame(TEXT, text) + frame(TEXT, compact(pings(2, 1)).encode()))
    assert client.message()[0] == "ServerInfo"
    client.version = case.version
    expect_oks(client, 2, 1)


@script.check()
def a_binary_message_is_ignored(case):
    client = case.client()
    client.socket.send(frame(BINARY, compact(pings(60, 1)).encode()))
    client.socket.send(frame(BINARY, bytes(range(256)) * 40, fin=False) + frame(0, b"\xff\xfe"))
    client.quiet()
    client.ok("Ping")


@script.check()
def the_same_id_may_be_used_again_while_it_is_pending(case):
    client = case.client()
    client.socket.send_text(compact([{"Ping": {"Id": 5}}, {"RequestDeviceList": {"Id": 5}}, {"Ping": {"Id": 5}}]))
    names = [client.message() for _ in range(3)]
    assert [name for name, _ in names] == ["Ok", "DeviceList", "Ok"] and {body["Id"] for _, body in names} == {5}, f"{names}"


@script.check()
def the_largest_id_is_echoed(case):
    client = case.client()
    for request in (1, 4294967295, 2147483648, 65536, 9, 10, 99, 100, 999, 1000, 99999, 1000000):
        assert client.ask("Ping", Id=request) == ("Ok", {"Id": request})


@script.check()
def one_bad_message_and_nothing_of_its_frame_is_carried_out(case):
    client = case.client()
    device = case.index("plug")
    mark = case.journal.mark()
    drive = {
        0: {"SingleMotorVibrateCmd": {"Id": 70, "DeviceIndex": device, "Speed": 0.5}},
        1: {"VibrateCmd": {"Id": 70, "DeviceIndex": device, "Speeds": [{"Index": 0, "Speed": 0.5}]}},
        2: {"VibrateCmd": {"Id": 70, "DeviceIndex": device, "Speeds": [{"Index": 0, "Speed": 0.5}]}},
        3: {"ScalarCmd": {"Id": 70, "DeviceIndex": device, "Scalars": [{"Index": 0, "Scalar": 0.5, "ActuatorType": "Vibrate"}]}},
        4: {"OutputCmd": {"Id": 70, "DeviceIndex": device, "FeatureIndex": 0, "Command": {"Vibrate": {"Value": 10}}}},
    }[case.version]
    client.refused(json.dumps([drive, {"Nonsense": {"Id": 71}}]), 3, 71)
    client.refused(json.dumps([drive]) + json.dumps([{"Ping": {"Id": 72, "More": 1}}]), 3, 72)
    client.refused(json.dumps([drive]) + "[", 3, 0)
    client.quiet()
    client.vibrate(device, 0.25)
    case.expect(device, 0, "Vibrate", 5, mark)
    assert 10 not in case.journal.values(device, 0, "Vibrate", mark), "a message of a refused frame ran"


@script.check(4)
def a_value_error_of_one_message_leaves_the_others_of_its_frame(case):
    client = case.client()
    device = case.index("dual")
    mark = case.journal.mark()
    commands = [(0, 11), (9, 1), (1, 12)]
    client.send(
        *[
            ("OutputCmd", {"Id": 80 + n, "DeviceIndex": device, "FeatureIndex": f, "Command": {"Vibrate": {"Value": v}}})
            for n, (f, v) in enumerate(commands)
        ]
    )
    answers = {body["Id"]: name for name, body in (client.message() for _ in range(3))}
    assert answers == {80: "Ok", 81: "Error", 82: "Ok"}, f"{answers}"
    case.expect(device, 0, "Vibrate", 11, mark)
    case.expect(device, 1, "Vibrate", 12, mark)


script.main()
