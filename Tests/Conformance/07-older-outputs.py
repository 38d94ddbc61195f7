#!/usr/bin/env python3
# versions: 0 1 2 3
# The output commands of v0 to v3: the right steps on the right feature, several parts in one message, and their errors.

import math

from lib import devices as archetypes
from lib.client import steps
from lib.script import Script

script = Script("rabbit,dual,stroker-batt,simulated-stroker,max,machine,osr,kegel,simulated-rotator")

FRACTIONS = (0.07, 0.14, 0.28, 0.55, 0.56, 0.5, 0.1, 1.0, 0.0000011, 0.25, 0.01)


@script.check(0, 1)
def a_single_motor_command_drives_every_vibrator(case):
    client = case.client()
    device = case.index("dual")
    for fraction in FRACTIONS:
        mark = case.journal.mark()
        client.ok("SingleMotorVibrateCmd", DeviceIndex=device, Speed=fraction)
        for feature in (0, 1):
            case.expect(device, feature, "Vibrate", steps(100, fraction), mark)
    mark = case.journal.mark()
    client.ok("SingleMotorVibrateCmd", DeviceIndex=device, Speed=0)
    for feature in (0, 1):
        case.expect(device, feature, "Vibrate", 0, mark)


@script.check(0, 1)
def a_single_motor_command_needs_a_vibrator(case):
    client = case.client()
    for name in ("machine", "kegel", "simulated-stroker"):
        client.error(4, "SingleMotorVibrateCmd", DeviceIndex=case.index(name), Speed=0.5)
    client.error(4, "SingleMotorVibrateCmd", text={"ButtplugDeviceError": {"DeviceNotAvailable": 77}}, DeviceIndex=77, Speed=0.5)
    for speed in (1.1, -0.1):
        client.error(3, "SingleMotorVibrateCmd", DeviceIndex=case.index("dual"), Speed=speed)


@script.check(1, 2, 3)
def vibrate_takes_steps_by_the_published_formula(case):
    client = case.client()
    device = case.index("dual")
    for fraction in FRACTIONS:
        mark = case.journal.mark()
        client.ok("VibrateCmd", DeviceIndex=device, Speeds=[{"Index": 1, "Speed": fraction}])
        case.expect(device, 1, "Vibrate", steps(100, fraction), mark)
    mark = case.journal.mark()
    client.ok("VibrateCmd", DeviceIndex=device, Speeds=[{"Index": 0, "Speed": 0.3}, {"Index": 1, "Speed": 0.4}])
    case.expect(device, 0, "Vibrate", 30, mark)
    case.expect(device, 1, "Vibrate", 40, mark)
    client.ok("VibrateCmd", DeviceIndex=device, Speeds=[{"Index": 0, "Speed": 0.0000009}])
    case.expect(device, 0, "Vibrate", 0, mark)


@script.check(1, 2, 3)
def a_vibrate_index_counts_vibrators_only(case):
    client = case.client()
    device = case.find("max")
    feature = archetypes.feature(device, "Vibrate")
    mark = case.journal.mark()
    client.ok("VibrateCmd", DeviceIndex=device["DeviceIndex"], Speeds=[{"Index": 0, "Speed": 0.5}])
    case.expect(device["DeviceIndex"], feature, "Vibrate", 10, mark)


@script.check(1, 2, 3)
def a_bad_vibrate_command_does_nothing_at_all(case):
    client = case.client()
    device = case.index("dual")
    mark = case.journal.mark()
    for index in (2, 3, 99, 4294967295):
        speeds = [{"Index": 0, "Speed": 0.9}, {"Index": index, "Speed": 0.9}]
        text = {"ButtplugDeviceError": {"DeviceFeatureCountMismatch": [index, 2]}} if index > 2 else None
        client.error(4, "VibrateCmd", text=text, DeviceIndex=device, Speeds=speeds)
    for speed in (1.1, -0.1, 2):
        client.error(3, "VibrateCmd", DeviceIndex=device, Speeds=[{"Index": 0, "Speed": 0.9}, {"Index": 1, "Speed": speed}])
    client.error(4, "VibrateCmd", DeviceIndex=case.index("machine"), Speeds=[{"Index": 0, "Speed": 0.5}])
    text = {"ButtplugDeviceError": {"DeviceNotAvailable": 99}}
    client.error(4, "VibrateCmd", text=text, DeviceIndex=99, Speeds=[{"Index": 0, "Speed": 0.5}])
    client.ok("VibrateCmd", DeviceIndex=device, Speeds=[{"Index": 0, "Speed": 0.2}])
    case.expect(device, 0, "Vibrate", 20, mark)
    assert case.journal.values(device, 0, "Vibrate", mark) == [20], "part of a refused command was carried out"


@script.check(1, 2, 3)
def rotate_has_a_direction(case):
    client = case.client()
    rabbit = case.find("rabbit")
    device, feature = rabbit["DeviceIndex"], archetypes.feature(rabbit, "Rotate")
    for speed, clockwise in ((1.0, False), (0.25, True), (0.51, False), (0.07, True)):
        mark = case.journal.mark()
        client.ok("RotateCmd", DeviceIndex=device, Rotations=[{"Index": 0, "Speed": speed, "Clockwise": clockwise}])
        case.expect(device, feature, "Rotate", steps(20, speed) * (1 if clockwise else -1), mark)
    client.error(4, "RotateCmd", DeviceIndex=device, Rotations=[{"Index": 1, "Speed": 0.5, "Clockwise": True}])
    client.error(4, "RotateCmd", DeviceIndex=case.index("dual"), Rotations=[{"Index": 0, "Speed": 0.5, "Clockwise": True}])
    client.error(3, "RotateCmd", DeviceIndex=device, Rotations=[{"Index": 0, "Speed": 1.5, "Clockwise": True}])


@script.check(1, 2, 3)
def linear_is_truncated_and_keeps_its_duration(case):
    client = case.client()
    device = case.find("stroker-batt")
    index, feature = device["DeviceIndex"], archetypes.feature(device, "HwPositionWithDuration")
    for position, duration in ((0.29, 500), (0.57, 0), (1.0, 100), (0.0, 4294967295), (0.999, 20)):
        mark = case.journal.mark()
        client.ok("LinearCmd", DeviceIndex=index, Vectors=[{"Index": 0, "Duration": duration, "Position": position}])
        case.expect(index, feature, "HwPositionWithDuration", math.trunc(100 * position), mark, duration=duration)
    client.ok("LinearCmd", DeviceIndex=index, Vectors=[])
    client.error(4, "LinearCmd", DeviceIndex=index, Vectors=[{"Index": 1, "Duration": 10, "Position": 0.5}])
    client.error(4, "LinearCmd", DeviceIndex=case.index("dual"), Vectors=[{"Index": 0, "Duration": 10, "Position": 0.5}])
    client.error(3, "LinearCmd", DeviceIndex=index, Vectors=[{"Index": 0, "Duration": 10, "Position": 1.5}])


@script.check(1, 2, 3)
def a_linear_command_reaches_the_axis_it_names(case):
    client = case.client()
    osr = next(d for d in case.devices if sum(kind == "HwPositionWithDuration" for _, kind, *_ in archetypes.outputs(d)) == 6)
    axes = [(index, high) for index, kind, _, high, _ in archetypes.outputs(osr) if kind == "HwPositionWithDuration"]
    mark = case.journal.mark()
    vectors = [{"Index": n, "Duration": 100 + n, "Position": 0.1 * (n + 1)} for n in range(6)]
    client.ok("LinearCmd", DeviceIndex=osr["DeviceIndex"], Vectors=vectors)
    for n, (feature, high) in enumerate(axes):
        value = math.trunc(high * (0.1 * (n + 1)))
        case.expect(osr["DeviceIndex"], feature, "HwPositionWithDuration", value, mark, duration=100 + n)


@script.check(3)
def scalar_drives_every_entry_that_the_list_shows(case):
    client = case.client()
    for shown in client.devices():
        device = next(d for d in case.devices if d["DeviceIndex"] == shown["DeviceIndex"])
        entries = shown["DeviceMessages"].get("ScalarCmd", [])
        by_type = {}
        for entry in entries:
            by_type.setdefault(entry["ActuatorType"], []).append(entry)
        lanes = {kind: [f for f, k, *_ in archetypes.outputs(device) if k == kind] for kind in by_type}
        for position, entry in enumerate(entries):
            kind = entry["ActuatorType"]
            feature = lanes[kind][[e is entry for e in by_type[kind]].index(True)]
            mark = case.journal.mark()
            value = math.ceil(entry["StepCount"] * 0.28) if kind == "Position" else steps(entry["StepCount"], 0.28)
            client.ok("ScalarCmd", DeviceIndex=device["DeviceIndex"], Scalars=[{"Index": position, "Scalar": 0.28, "ActuatorType": kind}])
            if kind != "Spray":
                case.expect(device["DeviceIndex"], feature, kind, value, mark)
        client.stop(device["DeviceIndex"])


@script.check(3)
def scalar_errors(case):
    client = case.client()
    device = case.index("dual")
    for index in (2, 99):
        text = {"ButtplugDeviceError": {"DeviceFeatureIndexError": [2, index]}}
        client.error(4, "ScalarCmd", text=text, DeviceIndex=device, Scalars=[{"Index": index, "Scalar": 0.5, "ActuatorType": "Vibrate"}])
    client.error(4, "ScalarCmd", DeviceIndex=device, Scalars=[{"Index": 0, "Scalar": 0.5, "ActuatorType": "Rotate"}])
    for scalar in (1.5, -0.5):
        name, body = client.ask("ScalarCmd", DeviceIndex=device, Scalars=[{"Index": 0, "Scalar": scalar, "ActuatorType": "Vibrate"}])
        assert name == "Error" and body["ErrorCode"] in (3, 4), f"{scalar}: {name} {body}"
    client.ok("ScalarCmd", DeviceIndex=case.index("kegel"), Scalars=[{"Index": 0, "Scalar": 0.5, "ActuatorType": "Vibrate"}])


@script.check(3)
def the_same_index_may_come_twice_and_the_last_value_stays(case):
    client = case.client()
    device = case.index("dual")
    mark = case.journal.mark()
    scalars = [{"Index": 0, "Scalar": x, "ActuatorType": "Vibrate"} for x in (0.2, 0.9)]
    client.ok("ScalarCmd", DeviceIndex=device, Scalars=scalars)
    case.expect(device, 0, "Vibrate", 90, mark)
    assert case.journal.values(device, 0, "Vibrate", mark)[-1] == 90


@script.check(0, 1)
def commands_of_single_brands_are_refused(case):
    client = case.client()
    device = case.index("dual")
    client.error(3, "VorzeA10CycloneCmd", DeviceIndex=device, Speed=50, Clockwise=True)
    client.error(3, "FleshlightLaunchFW12Cmd", DeviceIndex=device, Position=50, Speed=50)
    client.error(3, "KiirooCmd", DeviceIndex=device, Command="4")
    client.error(3, "LovenseCmd", DeviceIndex=device, Command="Vibrate:5;")


script.main()
