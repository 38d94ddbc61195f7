#!/usr/bin/env python3
# versions: 0 1 2 3 4
# Messages and bytes changed at random, from fixed seeds: there is always an answer, nothing crashes, no other session is disturbed.

import json
import random

from lib.client import handshake_body
from lib.script import Script
from lib.wire import TEXT, Closed, Late, WebSocket, Wire, frame, upgrade_head

script = Script("dual,kegel", config="[limits]\ncontrol_frames_per_second = 100000\n")

SEEDS = {
    0: ['[{"SingleMotorVibrateCmd":{"Id":7,"DeviceIndex":0,"Speed":0.5}}]', '[{"Test":{"Id":6,"TestString":"hi"}}]'],
    1: [
        '[{"VibrateCmd":{"Id":6,"DeviceIndex":0,"Speeds":[{"Index":0,"Speed":0.5},{"Index":1,"Speed":1}]}}]',
        '[{"RotateCmd":{"Id":6,"DeviceIndex":0,"Rotations":[{"Index":0,"Speed":0.5,"Clockwise":false}]}}]',
        '[{"LinearCmd":{"Id":6,"DeviceIndex":0,"Vectors":[{"Index":0,"Duration":500,"Position":0.3}]}}]',
    ],
    2: ['[{"BatteryLevelCmd":{"Id":7,"DeviceIndex":0}}]', '[{"StopDeviceCmd":{"Id":5,"DeviceIndex":0}}]'],
    3: [
        '[{"ScalarCmd":{"Id":6,"DeviceIndex":0,"Scalars":[{"Index":0,"Scalar":0.5,"ActuatorType":"Vibrate"}]}}]',
        '[{"SensorReadCmd":{"Id":7,"DeviceIndex":0,"SensorIndex":0,"SensorType":"Battery"}}]',
    ],
    4: [
        '[{"OutputCmd":{"Id":3,"DeviceIndex":0,"FeatureIndex":0,"Command":{"Vibrate":{"Value":50}}}}]',
        '[{"InputCmd":{"Id":4,"DeviceIndex":0,"FeatureIndex":2,"Type":"Battery","Command":"Read"}}]',
        '[{"StopCmd":{"Id":5,"DeviceIndex":0,"FeatureIndex":1,"Inputs":true,"Outputs":false}}]',
    ],
}
PIECES = ["{", "}", "[", "]", ",", ":", '"', "\\", "\\u0000", "\\ud83d", "null", "true", "-", "0", "1e9", "99999999999", ".5", " ", "\u00e9", '"Id":', "{}", "[]"]


def changed(generator, text):
    """A text with one to four random changes that keep it UTF-8."""
    for _ in range(generator.randint(1, 4)):
        at = generator.randrange(len(text) + 1)
        kind = generator.randrange(5)
        if kind == 0:
            text = text[:at] + generator.choice(PIECES) + text[at:]
        elif kind == 1:
            text = text[:at] + text[at + generator.randint(1, 5) :]
        elif kind == 2:
            text = text[:at] + generator.choice(PIECES) + text[at + 1 :]
        elif kind == 3:
            other = generator.randrange(len(text) + 1)
            text = text[:at] + text[min(at, other) : max(at, other)] + text[at:]
        else:
            text = text[:at]
    return text


def is_json(text):
    """Whether a text is a sequence of JSON values, by another parser."""
    decoder = json.JSONDecoder(parse_constant=lambda name: 1 / 0)
    try:
        at, values = 0, 0
        while True:
            at += len(text[at:]) - len(text[at:].lstrip(" \t\r\n"))
            if at == len(text):
                return values > 0
            _, at = decoder.raw_decode(text, at)
            values += 1
    except (ValueError, ZeroDivisionError):
        return False


@script.check()
def every_changed_message_is_answered(case):
    generator = random.Random(1000 + case.version)
    client, other = case.client(), case.client(4)
    seeds = SEEDS[case.version] + ['[{"Ping":{"Id":1}},{"RequestDeviceList":{"Id":2}}]', '[{"StopAllDevices":{"Id":3}}]']
    for n in range(1500):
        text = changed(generator, generator.choice(seeds))
        client.socket.send_text(text)
        try:
            name, body = client.message()
        except Late:
            raise Late(f"no answer to {text!r}") from None
        except Closed as closed:
            raise AssertionError(f"closed with {closed.code} after {text!r}") from None
        client.drain()
        if not is_json(text):
            assert name == "Error" and (body["ErrorCode"], body["Id"]) == (3, 0), f"{text!r} answered {name} {body}"
            unexpected = [event for event in client.events if event[0] not in ("SensorReading", "InputReading")]
            assert unexpected == [], f"{text!r} answered {body} and {unexpected}"
        client.events.clear()
        if n % 100 == 0:
            other.ok("Ping")


@script.check()
def changed_handshakes_are_answered_or_closed(case):
    generator = random.Random(2000 + case.version)
    good = json.dumps([{"RequestServerInfo": handshake_body(case.version)}])
    client = case.client(handshake=False)
    for _ in range(400):
        text = changed(generator, good)
        client.socket.send_text(text)
        try:
            opcode, payload = client.socket.receive()
            assert opcode == TEXT
            name = next(iter(json.loads(payload)[0]))
            assert name in ("Error", "ServerInfo"), f"{text!r} answered {payload!r}"
            fresh = name == "ServerInfo"
        except Late:
            raise Late(f"no answer to {text!r}") from None
        except Closed:
            fresh = True
        if fresh:
            client.drop()
            client = case.client(handshake=False)


@script.check(4)
def changed_frames_never_crash_it(case):
    generator = random.Random(3000)
    witness = case.client()
    text = SEEDS[4][0].encode()
    for n in range(600):
        client = case.client()
        data = bytearray(frame(TEXT, text) + frame(9, b"abc") + frame(TEXT, text[:9], fin=False) + frame(0, text[9:]))
        for _ in range(generator.randint(1, 6)):
            data[generator.randrange(len(data))] = generator.randrange(256)
        client.socket.wire.send_what_is_taken(bytes(data))
        client.drop()
        if n % 50 == 0:
            witness.ok("Ping")
    witness.ok("Ping")


@script.check(4)
def changed_heads_never_crash_it(case):
    generator = random.Random(4000)
    witness = case.client()
    for n in range(600):
        data = bytearray(upgrade_head(extra=("Origin: http://localhost", "Sec-WebSocket-Protocol: a, b")))
        for _ in range(generator.randint(1, 4)):
            at = generator.randrange(len(data))
            data[at : at + generator.randrange(3)] = bytes(generator.randrange(256) for _ in range(generator.randrange(3)))
        wire = Wire(case.server.address)
        wire.send_what_is_taken(bytes(data))
        wire.finish_sending()
        answer = wire.rest()
        assert answer == b"" or answer.startswith(b"HTTP/1.1 "), f"{bytes(data)!r} answered {answer[:80]!r}"
        wire.close()
        if n % 50 == 0:
            witness.ok("Ping")
    WebSocket(case.server.address).drop()
    assert case.server.descriptors() < 64, f"{case.server.descriptors()} descriptors are still open"


script.main()
