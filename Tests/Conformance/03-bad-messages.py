#!/usr/bin/env python3
# versions: 0 1 2 3 4
# Text that is not a message of the version: one Error 3, with the Id if there is one, and the session goes on.

import json

from lib.client import compact
from lib.script import Script

script = Script("plug")


def survives(client):
    client.ok("Ping")
    client.quiet()


@script.check()
def text_that_is_not_json_is_refused(case):
    client = case.client()
    for text in ("", " ", "x", "nul", "[", "]", "{", '[{"Ping":{"Id":1}}', '[{"Ping":{"Id":1}},]', "[{'Ping':{'Id':1}}]", '[{"Ping":{"Id":1}}] x'):
        client.refused(text)
    for text in ('[{"Ping":{"Id":01}}]', '[{"Ping":{"Id":+1}}]', '[{"Ping":{"Id":0x1}}]', '[{"Ping":{"Id":1,}}]', '[{"Ping":{"Id":NaN}}]'):
        client.refused(text)
    for text in ('[{"Ping":{"Id":1}}/*c*/]', '//c\n[{"Ping":{"Id":1}}]', '[{"Ping":{"I\nd":1}}]', '[{"Pi\\qng":{"Id":1}}]', '[{"Ping":{"Id":Infinity}}]'):
        client.refused(text)
    survives(client)


@script.check()
def the_top_level_is_an_array_with_elements(case):
    client = case.client()
    for text in ("[]", "{}", "1", '"text"', "null", "true", "[1]", "[null]", "[[]]", "[{}]", '["Ping"]', "[[{}]]", "[[]][]"):
        client.refused(text)
    client.socket.send_text('{"Ping":{"Id":1}}')
    name, body = client.message()
    assert name == "Error" and body["ErrorCode"] == 3 and body["Id"] in (0, 1), f"{body}"
    survives(client)


@script.check()
def an_element_has_one_key_and_an_object(case):
    client = case.client()
    client.refused('[{"Ping":null}]')
    client.refused('[{"Ping":7}]')
    client.refused('[{"Ping":[]}]')
    client.refused('[{"Ping":"x"}]')
    client.socket.send_text('[{"Ping":{"Id":8},"StopScanning":{"Id":9}}]')
    name, body = client.message()
    assert name == "Error" and body["ErrorCode"] == 3 and body["Id"] in (0, 8, 9), f"{body}"
    survives(client)


@script.check()
def an_unknown_message_is_refused_with_its_id(case):
    client = case.client()
    for name in ("Nonsense", "ping", "PING", "Ping ", "", "RawWriteCmd", "KiirooCmd", "LovenseCmd", "RawCmd", "RawReadCmd", "RawSubscribeCmd"):
        client.refused(compact([{name: {"Id": 21, "DeviceIndex": 0}}]), 3, 21)
    client.refused(compact([{"Nonsense": {"Id": 4294967295}}]), 3, 4294967295)
    client.refused(compact([{"Nonsense": {"Id": {"deep": [1, 2]}}}]), 3, 0)
    client.refused(compact([{"Nonsense": {"DeviceIndex": [[[]]], "Id": 22, "More": {"Id": 23}}}]), 3, 22)
    survives(client)


@script.check()
def a_message_of_the_server_is_refused_from_a_client(case):
    client = case.client()
    for name, more in (
        ("Ok", {}),
        ("Error", {"ErrorCode": 0, "ErrorMessage": "x"}),
        ("DeviceList", {"Devices": {}}),
        ("ServerInfo", {"ServerName": "x", "MaxPingTime": 0}),
        ("ScanningFinished", {}),
        ("DeviceAdded", {}),
        ("DeviceRemoved", {"DeviceIndex": 0}),
        ("InputReading", {}),
        ("SensorReading", {}),
        ("BatteryLevelReading", {}),
        ("Log", {}),
    ):
        client.refused(compact([{name: {"Id": 31, **more}}]), 3, 31)
    survives(client)


@script.check()
def a_message_of_another_version_is_refused(case):
    messages = {
        "SingleMotorVibrateCmd": ((0, 1), {"DeviceIndex": 0, "Speed": 0.5}),
        "VibrateCmd": ((1, 2, 3), {"DeviceIndex": 0, "Speeds": [{"Index": 0, "Speed": 0.5}]}),
        "RotateCmd": ((1, 2, 3), {"DeviceIndex": 0, "Rotations": [{"Index": 0, "Speed": 0.5, "Clockwise": True}]}),
        "LinearCmd": ((1, 2, 3), {"DeviceIndex": 0, "Vectors": [{"Index": 0, "Duration": 100, "Position": 0.5}]}),
        "ScalarCmd": ((3,), {"DeviceIndex": 0, "Scalars": [{"Index": 0, "Scalar": 0.5, "ActuatorType": "Vibrate"}]}),
        "SensorReadCmd": ((3,), {"DeviceIndex": 0, "SensorIndex": 0, "SensorType": "Battery"}),
        "BatteryLevelCmd": ((2,), {"DeviceIndex": 0}),
        "RSSILevelCmd": ((2,), {"DeviceIndex": 0}),
        "StopDeviceCmd": ((0, 1, 2, 3), {"DeviceIndex": 0}),
        "StopAllDevices": ((0, 1, 2, 3), {}),
        "StopCmd": ((4,), {}),
        "OutputCmd": ((4,), {"DeviceIndex": 0, "FeatureIndex": 0, "Command": {"Vibrate": {"Value": 3}}}),
        "InputCmd": ((4,), {"DeviceIndex": 0, "FeatureIndex": 1, "Type": "Battery", "Command": "Read"}),
        "Disconnect": ((4,), {}),
        "Test": ((0, 1), {"TestString": "x"}),
        "RequestLog": ((0, 1), {"LogLevel": "Off"}),
    }
    client = case.client()
    for name, (versions, body) in messages.items():
        if case.version not in versions:
            client.refused(compact([{name: {"Id": 41, **body}}]), 3, 41)
    survives(client)


@script.check()
def an_id_is_an_integer_from_1_to_4294967295(case):
    client = case.client()
    for value in ("0", "-1", "4294967296", "18446744073709551616", "2.5", "1e400", '"2"', "null", "true", "[]", "{}", "-0", "1" * 400, "0.0"):
        client.refused('[{"Ping":{"Id":%s}}]' % value)
    client.refused('[{"Ping":{}}]')
    survives(client)


@script.check()
def objects_are_closed_and_keys_come_once(case):
    client = case.client()
    client.refused('[{"Ping":{"Id":51,"Extra":1}}]', 3, 51)
    client.refused('[{"Ping":{"Extra":1,"Id":52}}]', 3, 52)
    client.refused('[{"Ping":{"Id":53,"id":53}}]', 3, 53)
    client.socket.send_text('[{"Ping":{"Id":54,"Id":55}}]')
    name, body = client.message()
    assert name == "Error" and body["ErrorCode"] == 3 and body["Id"] in (0, 54), f"{body}"
    client.socket.send_text('[{"Ping":{"Id":56},"Ping":{"Id":57}}]')
    name, body = client.message()
    assert name == "Error" and body["ErrorCode"] == 3 and body["Id"] in (0, 56, 57), f"{body}"
    survives(client)


@script.check()
def fields_are_there_and_of_their_type(case):
    client = case.client()
    bad = {
        0: [("SingleMotorVibrateCmd", {"DeviceIndex": 0}), ("SingleMotorVibrateCmd", {"DeviceIndex": 0, "Speed": "1"})],
        1: [
            ("VibrateCmd", {"DeviceIndex": 0, "Speeds": []}),
            ("VibrateCmd", {"DeviceIndex": 0, "Speeds": [{"Index": 0}]}),
            ("VibrateCmd", {"DeviceIndex": 0, "Speeds": [{"Index": 0, "Speed": 1, "More": 1}]}),
            ("RotateCmd", {"DeviceIndex": 0, "Rotations": []}),
            ("RotateCmd", {"DeviceIndex": 0, "Rotations": [{"Index": 0, "Speed": 1, "Clockwise": 1}]}),
            ("LinearCmd", {"DeviceIndex": 0, "Vectors": [{"Index": 0, "Duration": -1, "Position": 0.5}]}),
            ("StopDeviceCmd", {}),
            ("StopAllDevices", {"DeviceIndex": 0}),
        ],
        3: [
            ("ScalarCmd", {"DeviceIndex": 0, "Scalars": []}),
            ("ScalarCmd", {"DeviceIndex": 0, "Scalars": [{"Index": 0, "Scalar": 0.5}]}),
            ("ScalarCmd", {"DeviceIndex": 0, "Scalars": [{"Index": 0, "Scalar": 0.5, "ActuatorType": "Inflate"}]}),
            ("SensorReadCmd", {"DeviceIndex": 0, "SensorIndex": 0}),
            ("SensorReadCmd", {"DeviceIndex": 0, "SensorIndex": -1, "SensorType": "Battery"}),
        ],
        4: [
            ("OutputCmd", {"DeviceIndex": 0, "FeatureIndex": 0}),
            ("OutputCmd", {"DeviceIndex": 0, "FeatureIndex": 0, "Command": {}}),
            ("OutputCmd", {"DeviceIndex": 0, "FeatureIndex": 0, "Command": {"Vibrate": {}}}),
            ("OutputCmd", {"DeviceIndex": 0, "FeatureIndex": 0, "Command": {"Vibrate": {"Value": "3"}}}),
            ("OutputCmd", {"DeviceIndex": 0, "FeatureIndex": 0, "Command": {"Vibrate": {"Value": None}}}),
            ("OutputCmd", {"DeviceIndex": 0, "FeatureIndex": 0, "Command": {"Vibrate": {"Value": 10.5}}}),
            ("OutputCmd", {"DeviceIndex": 0, "FeatureIndex": 0, "Command": {"Vibrate": {"Value": 1}, "Rotate": {"Value": 1}}}),
            ("OutputCmd", {"DeviceIndex": 0, "FeatureIndex": 0, "Command": {"Levitate": {"Value": 1}}}),
            ("OutputCmd", {"DeviceIndex": 0, "FeatureIndex": 0, "Command": {"vibrate": {"Value": 1}}}),
            ("OutputCmd", {"DeviceIndex": 0, "FeatureIndex": 0, "Command": {"RotateWithDirection": {"Value": 1, "Clockwise": True}}}),
            ("OutputCmd", {"DeviceIndex": 0, "FeatureIndex": 0, "Command": {"HwPositionWithDuration": {"Value": 1}}}),
            ("OutputCmd", {"DeviceIndex": -1, "FeatureIndex": 0, "Command": {"Vibrate": {"Value": 1}}}),
            ("OutputCmd", {"DeviceIndex": "0", "FeatureIndex": 0, "Command": {"Vibrate": {"Value": 1}}}),
            ("OutputCmd", {"FeatureIndex": 0, "Command": {"Vibrate": {"Value": 1}}}),
            ("InputCmd", {"DeviceIndex": 0, "FeatureIndex": 0, "Type": "Battery"}),
            ("InputCmd", {"DeviceIndex": 0, "FeatureIndex": 0, "Type": "Smell", "Command": "Read"}),
            ("InputCmd", {"DeviceIndex": 0, "FeatureIndex": 0, "Type": "Battery", "Command": "Write"}),
            ("InputCmd", {"DeviceIndex": 0, "FeatureIndex": 0, "Type": 3, "Command": "Read"}),
            ("StopCmd", {"DeviceIndex": None}),
            ("StopCmd", {"Inputs": 1}),
            ("StopCmd", {"Outputs": "true"}),
            ("StopCmd", {"More": 1}),
        ],
    }
    bad[2] = bad[1]
    bad[3] += bad[1]
    bad[0] += [("StopDeviceCmd", {}), ("StartScanning", {"More": True})]
    for name, body in bad[case.version]:
        client.refused(compact([{name: {"Id": 61, **body}}]), 3, 61)
    survives(client)


@script.check(4)
def numbers_outside_their_type_are_refused_and_never_wrap(case):
    client = case.client()
    device = case.index("plug")
    mark = case.journal.mark()
    for value in ("4294967297", "2147483648", "-2147483649", "1e400", "18446744073709551617", "NaN", "1" * 300, "20.5", "0.5"):
        client.socket.send_text('[{"OutputCmd":{"Id":71,"DeviceIndex":%d,"FeatureIndex":0,"Command":{"Vibrate":{"Value":%s}}}}]' % (device, value))
        name, body = client.message()
        assert name == "Error" and body["ErrorCode"] in (3, 4) and body["Id"] in (0, 71), f"{value} answered {name} {body}"
    for index in ("4294967296", "4294967297", "18446744073709551616"):
        client.socket.send_text('[{"OutputCmd":{"Id":71,"DeviceIndex":%s,"FeatureIndex":0,"Command":{"Vibrate":{"Value":3}}}}]' % index)
        name, body = client.message()
        assert name == "Error" and body["ErrorCode"] in (3, 4), f"DeviceIndex {index} answered {name} {body}"
    client.output(device, 0, "Vibrate", 1)
    case.expect(device, 0, "Vibrate", 1, mark)
    assert set(case.journal.values(device, 0, "Vibrate", mark)) == {1}, "a refused value was written"


@script.check(4)
def the_usual_layout_is_read_as_strictly_as_any_other(case):
    client = case.client()
    usual = '[{"OutputCmd":{"Id":%s,"DeviceIndex":%s,"FeatureIndex":%s,"Command":{"%s":{"Value":%s}}}}]%s'
    good = ["7", str(case.index("plug")), "0", "Vibrate", "5", ""]
    numbers = ["0", "1", "00", "01", "-1", "-0", "+1", "1.0", "1e0", "1.5", "", " 1", "1 ", "0x1", '"1"', "null", "true", "[1]", "{}"]
    numbers += ["4294967295", "4294967296", "2147483647", "2147483648", "-2147483648", "-2147483649", "9" * 19, "9" * 20, "9" * 40, "1e9", "-"]
    changes = [(field, value) for field in (0, 1, 2, 4) for value in numbers]
    changes += [(3, name) for name in ("vibrate", "Vibrat", "Vibrates", "Rotate", "", "HwPositionWithDuration", "Vibr\\u0061te", "Vibrate\\u0000")]
    changes += [(5, rest) for rest in ("]", " ", "x", "[", ",", "[]", "\x00", '[{"Ping":{"Id":8}}]', "\n", '{"Ping":{"Id":8}}')]
    for field, value in changes:
        parts = list(good)
        parts[field] = value
        text = usual % tuple(parts)
        answers = []
        for variant in (text, text.replace('[{"OutputCmd":{', '[ {"OutputCmd": {', 1)):
            client.socket.send_text(variant)
            answers.append([client.message()])
            client.drain()
            answers[-1] += client.events
            client.events.clear()
        brief = [[(name, body["Id"], body.get("ErrorCode")) for name, body in answer] for answer in answers]
        assert brief[0] == brief[1], f"{text!r} answered {brief[0]}, with two more spaces {brief[1]}"


@script.check(4)
def a_minus_zero_is_zero_or_refused(case):
    client = case.client()
    client.socket.send_text('[{"OutputCmd":{"Id":72,"DeviceIndex":%d,"FeatureIndex":0,"Command":{"Vibrate":{"Value":-0}}}}]' % case.index("plug"))
    name, body = client.message()
    assert name == "Ok" or body["ErrorCode"] in (3, 4), f"{name} {body}"


@script.check()
def depth_is_limited(case):
    client = case.client()
    for depth in (33, 1000, 20000):
        client.refused("[" * depth + "]" * depth)
    client.refused("[" * 100000)
    client.refused('{"a":' * 20000 + "1" + "}" * 20000)
    survives(client)


@script.check()
def large_pieces_are_refused_quickly(case):
    client = case.client()
    client.refused('[{"Ping":{"Id":' + "1" * 100_000 + "}}]")
    client.socket.send_text('[{"Nonsense":{"Id":91,"Text":"' + "x" * 1_000_000 + '"}}]')
    client.is_error(client.message(), 3, None, "a string of a million characters")
    client.refused("[" + "1," * 400_000 + "1]")
    client.socket.send_text(compact([{"Ping": {"Id": n + 1}} for n in range(5000)]))
    name, body = client.message()
    assert name == "Error" and body["ErrorCode"] == 3, f"5000 messages in one frame answered {name} {body}"
    survives(client)


@script.check()
def a_byte_order_mark_is_refused_or_skipped(case):
    client = case.client()
    client.socket.send_text("\ufeff" + '[{"Ping":{"Id":95}}]')
    name, body = client.message()
    assert name == "Ok" or (body["ErrorCode"], body["Id"]) == (3, 0), f"{name} {body}"
    survives(client)


@script.check()
def bad_text_of_one_session_does_not_disturb_another(case):
    bad, good = case.client(), case.client()
    device = case.index("plug")
    mark = case.journal.mark()
    good.vibrate(device, 0.5)
    case.expect(device, 0, "Vibrate", 10, mark)
    for _ in range(200):
        bad.socket.send_text(json.dumps({"not": "an array"}))
    for _ in range(200):
        bad.is_error(bad.message(), 3)
    good.quiet()
    good.vibrate(device, 0.25)
    case.expect(device, 0, "Vibrate", 5, mark)


script.main()
