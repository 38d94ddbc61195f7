#!/usr/bin/env python3
# versions: 0 1 2 3 4
# Device lists: the features of every archetype, in each version.

import json

from lib import devices as archetypes
from lib.script import Script

NAMES = list(archetypes.ARCHETYPES)
MORE = ["osr", "heater", "wand-button", "wide"]
script = Script(",".join(NAMES + MORE))

# The order in which a feature with several outputs of values shows them to a v3 client.
SHOWN = ["Constrict", "Temperature", "Led", "Oscillate", "Position", "Rotate", "Spray", "Vibrate"]


# The sensors of v3 (later kinds are hidden from it), and those that have a message of their own in v2.
SENSED = ("Battery", "RSSI", "Button", "Pressure")
ASKED = {"Battery": "BatteryLevelCmd", "RSSI": "RSSILevelCmd"}


def downgraded(device, version):
    """The messages of a legacy list, derived from the v4 list's entry of the same device."""
    scalar, rotate, linear, read, subscribe, asked = [], [], [], [], [], {}
    for key in sorted(device["DeviceFeatures"], key=int):
        feature = device["DeviceFeatures"][key]
        text = feature["FeatureDescription"]
        found = feature.get("Output", {})
        for kind in SHOWN:
            if kind in found:
                scalar.append({"FeatureDescriptor": text, "StepCount": found[kind]["Value"][1], "ActuatorType": kind})
        if "Rotate" in found and found["Rotate"]["Value"][0] < 0:
            rotate.append({"FeatureDescriptor": text, "StepCount": found["Rotate"]["Value"][1], "ActuatorType": "Rotate"})
        if "HwPositionWithDuration" in found:
            steps = found["HwPositionWithDuration"]["Value"][1]
            linear.append({"FeatureDescriptor": text, "StepCount": steps, "ActuatorType": "Position"})
        for kind, sensor in feature.get("Input", {}).items():
            if kind not in SENSED:
                continue
            entry = {"FeatureDescriptor": text, "SensorType": kind, "SensorRange": sensor["Value"]}
            if "Read" in sensor["Command"]:
                read.append(entry)
            if "Subscribe" in sensor["Command"]:
                subscribe.append(entry)
            if "Read" in sensor["Command"] and kind in ASKED:
                asked[ASKED[kind]] = {}
    vibrate = [entry["StepCount"] for entry in scalar if entry["ActuatorType"] == "Vibrate"]
    if version == 3:
        lists = {"ScalarCmd": scalar, "RotateCmd": rotate, "LinearCmd": linear}
        lists |= {"SensorReadCmd": read, "SensorSubscribeCmd": subscribe}
        return {**{name: entries for name, entries in lists.items() if entries}, "StopDeviceCmd": {}}
    counts = {
        "VibrateCmd": vibrate,
        "RotateCmd": [entry["StepCount"] for entry in rotate],
        "LinearCmd": [entry["StepCount"] for entry in linear],
    }
    if version == 2:
        messages = {name: {"FeatureCount": len(n), "StepCount": n} for name, n in counts.items() if n}
        return {**messages, **asked, "StopDeviceCmd": {}}
    if version == 1:
        messages = {name: {"FeatureCount": len(n)} for name, n in counts.items() if n}
        return {**messages, **({"SingleMotorVibrateCmd": {}} if vibrate else {}), "StopDeviceCmd": {}}
    return (["SingleMotorVibrateCmd"] if vibrate else []) + ["StopDeviceCmd"]


@script.check(4)
def every_archetype_is_there_with_the_features_of_its_table(case):
    for name in NAMES:
        case.find(name)
    names = [device["DeviceName"] for device in case.devices]
    assert len(case.devices) == len(NAMES + MORE) and all(names), f"{names}"
    assert [device["DeviceIndex"] for device in case.devices] == list(range(len(case.devices)))


@script.check(4)
def the_larger_archetypes_have_their_outputs(case):
    kinds = [sorted(kind for _, kind, *_ in archetypes.outputs(device)) for device in case.devices]
    osr = sorted(["Position"] * 6 + ["HwPositionWithDuration"] * 6 + ["Vibrate"] * 2 + ["Constrict"])
    assert osr in kinds, f"no osr among {kinds}"
    assert sorted(["Vibrate", "Temperature", "Led", "Spray"]) in kinds, f"no heater among {kinds}"
    assert any(len(device["DeviceFeatures"]) == 32 for device in case.devices), "no device with 32 features"
    wand = [sorted(kind for _, kind, *_ in archetypes.inputs(device)) for device in case.devices]
    assert ["Battery", "Button", "Rssi"] in wand, f"no wand with a button among {wand}"


@script.check(4)
def signal_strength_is_advertised_under_both_names(case):
    for device in case.devices:
        for feature in device["DeviceFeatures"].values():
            sensors = feature.get("Input", {})
            assert ("RSSI" in sensors) == ("Rssi" in sensors), f"{sensors}"
            if "RSSI" in sensors:
                assert sensors["RSSI"] == sensors["Rssi"] and "Read" in sensors["RSSI"]["Command"], f"{sensors}"
                assert sensors["RSSI"]["Value"][0][0] < 0, f"{sensors}"
                return
    raise AssertionError("no device with a signal strength")


@script.check(4)
def the_stroker_and_the_rabbit_look_like_the_examples(case):
    stroker = case.find("simulated-stroker")
    output = stroker["DeviceFeatures"]["0"]["Output"]
    assert output == {"Position": {"Value": [0, 1000]}, "HwPositionWithDuration": {"Value": [0, 1000], "Duration": [0, 100000]}}, f"{output}"
    rabbit = case.find("rabbit")
    battery = rabbit["DeviceFeatures"][str(archetypes.feature(rabbit, "Battery"))]
    assert battery["Input"]["Battery"]["Value"] == [[0, 100]] and "Read" in battery["Input"]["Battery"]["Command"], f"{battery}"
    assert all(device["DeviceMessageTimingGap"] == 0 for device in case.devices), "a simulated device with a message gap"


@script.check(0, 1, 2, 3)
def the_list_of_an_older_version_follows_from_that_of_v4(case):
    listed = case.client().devices()
    assert [device["DeviceIndex"] for device in listed] == [device["DeviceIndex"] for device in case.devices]
    for old, new in zip(listed, case.devices):
        expected = downgraded(new, case.version)
        assert old["DeviceName"] == new["DeviceName"], f"{old} {new}"
        assert old["DeviceMessages"] == expected, f"{old['DeviceName']}: {json.dumps(old['DeviceMessages'])}, expected {json.dumps(expected)}"
        if case.version == 3:
            assert old["DeviceMessageTimingGap"] == new["DeviceMessageTimingGap"], f"{old}"
            assert old.get("DeviceDisplayName") == new.get("DeviceDisplayName"), f"{old}"


@script.check()
def the_list_is_the_same_every_time_and_for_every_session(case):
    first, second = case.client(), case.client()
    texts = [json.dumps(client.devices()) for client in (first, second, first, second)]
    assert len(set(texts)) == 1, "the same list came in two forms"


@script.check()
def an_empty_list_is_an_empty_list(case):
    from lib.client import Client
    from lib.server import Server

    server = Server()
    try:
        client = Client(server, case.version)
        name, body = client.ask("RequestDeviceList", Id=12)
        assert (name, body) == ("DeviceList", {"Id": 12, "Devices": {} if case.version == 4 else []}), f"{name} {body}"
        client.ok("StartScanning")
        client.ok("StopScanning")
        client.close()
        server.stop()
    finally:
        server.clean()


script.main()
