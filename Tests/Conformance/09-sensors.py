#!/usr/bin/env python3
# versions: 2 3 4
# Sensors: battery in three versions, both spellings of signal strength, subscriptions and which sessions get readings.

from lib import devices as archetypes
from lib.script import Script

script = Script("rabbit,wand-button,kegel,stroker-batt,dual,machine")


def wand(case):
    """The device with a button and a signal strength."""
    return next(d for d in case.devices if any(kind == "Rssi" for _, kind, *_ in archetypes.inputs(d)))


def subscribable(case):
    """(device index, feature index, type) of the kegel's pressure."""
    kegel = case.find("kegel")
    return kegel["DeviceIndex"], archetypes.feature(kegel, "Pressure"), "Pressure"


@script.check(2)
def battery_is_a_fraction_in_v2(case):
    client = case.client()
    for name in ("rabbit", "dual", "kegel"):
        index = case.index(name)
        answer, body = client.ask("BatteryLevelCmd", DeviceIndex=index)
        assert answer == "BatteryLevelReading" and body["DeviceIndex"] == index and 0 < body["BatteryLevel"] <= 1, f"{answer} {body}"
        hundredths = body["BatteryLevel"] * 100
        assert abs(hundredths - round(hundredths)) < 1e-9, f"{body}"
    client.error(4, "BatteryLevelCmd", DeviceIndex=case.index("machine"))
    client.error(4, "BatteryLevelCmd", text={"ButtplugDeviceError": {"DeviceNotAvailable": 99}}, DeviceIndex=99)


@script.check(2)
def signal_strength_is_answered_or_refused_in_v2(case):
    client = case.client()
    device = wand(case)["DeviceIndex"]
    shown = next(d for d in client.devices() if d["DeviceIndex"] == device)
    answer, body = client.ask("RSSILevelCmd", DeviceIndex=device)
    if "RSSILevelCmd" in shown["DeviceMessages"]:
        assert answer == "RSSILevelReading" and body["DeviceIndex"] == device, f"{answer} {body}"
    else:
        assert answer in ("Error", "RSSILevelReading"), f"{answer} {body}"
    name, body = client.ask("RSSILevelCmd", DeviceIndex=case.index("machine"))
    assert name == "Error" and body["ErrorCode"] in (3, 4), f"{name} {body}"


@script.check(3)
def every_sensor_that_v3_shows_can_be_read(case):
    client = case.client()
    count = 0
    for shown in client.devices():
        for position, entry in enumerate(shown["DeviceMessages"].get("SensorReadCmd", [])):
            name, body = client.ask("SensorReadCmd", DeviceIndex=shown["DeviceIndex"], SensorIndex=position, SensorType=entry["SensorType"])
            assert name == "SensorReading", f"{entry}: {name} {body}"
            expected = {"DeviceIndex": shown["DeviceIndex"], "SensorIndex": position, "SensorType": entry["SensorType"]}
            assert {key: body[key] for key in expected} == expected, f"{body}, expected {expected}"
            assert len(body["Data"]) == len(entry["SensorRange"]), f"{body}"
            assert all(low <= value <= high for value, (low, high) in zip(body["Data"], entry["SensorRange"])), f"{body} {entry}"
            count += 1
    assert count >= 5, f"only {count} sensors can be read"


@script.check(3)
def sensor_errors_of_v3(case):
    client = case.client()
    rabbit, machine = case.index("rabbit"), case.index("machine")
    client.error(4, "SensorReadCmd", DeviceIndex=99, SensorIndex=0, SensorType="Battery")
    client.error(4, "SensorReadCmd", DeviceIndex=machine, SensorIndex=0, SensorType="Battery")
    client.error(4, "SensorReadCmd", DeviceIndex=rabbit, SensorIndex=0, SensorType="Pressure")
    client.error(4, "SensorSubscribeCmd", DeviceIndex=rabbit, SensorIndex=0, SensorType="Pressure")
    client.error(4, "SensorSubscribeCmd", DeviceIndex=99, SensorIndex=0, SensorType="Pressure")
    client.ok("Ping")


@script.check(3)
def readings_of_v3_come_until_unsubscribed(case):
    client, other = case.client(), case.client()
    device = case.index("kegel")
    shown = next(d for d in client.devices() if d["DeviceIndex"] == device)
    entries = shown["DeviceMessages"].get("SensorSubscribeCmd", [])
    position = next(n for n, entry in enumerate(entries) if entry["SensorType"] == "Pressure")
    sensor = {"DeviceIndex": device, "SensorIndex": position, "SensorType": "Pressure"}
    client.ok("SensorSubscribeCmd", **sensor)
    client.ok("SensorSubscribeCmd", **sensor)
    for _ in range(3):
        body = client.event("SensorReading")
        assert {key: body[key] for key in sensor} == sensor and len(body["Data"]) == 4, f"{body}"
    other.quiet()
    client.ok("SensorUnsubscribeCmd", **sensor)
    client.events.clear()
    client.quiet()
    client.ok("SensorUnsubscribeCmd", **sensor)


@script.check(4)
def every_sensor_that_can_be_read_is_read_in_its_range(case):
    client = case.client()
    count = 0
    for device in case.devices:
        for feature, kind, ranges, commands in archetypes.inputs(device):
            if "Read" not in commands:
                continue
            name, body = client.ask("InputCmd", DeviceIndex=device["DeviceIndex"], FeatureIndex=feature, Type=kind, Command="Read")
            assert name == "InputReading", f"{kind}: {name} {body}"
            assert (body["DeviceIndex"], body["FeatureIndex"]) == (device["DeviceIndex"], feature), f"{body}"
            low, high = ranges[0]
            assert low <= body["Reading"][kind]["Value"] <= high, f"{body}, range {ranges}"
            count += 1
    assert count >= 6, f"only {count} sensors can be read"


@script.check(4)
def types_and_commands_are_accepted_in_any_case_and_answered_as_asked(case):
    client = case.client()
    device = wand(case)
    index, feature = device["DeviceIndex"], archetypes.feature(device, "Rssi")
    for kind in ("RSSI", "Rssi"):
        for command in ("Read", "read", "READ"):
            name, body = client.ask("InputCmd", DeviceIndex=index, FeatureIndex=feature, Type=kind, Command=command)
            assert name == "InputReading" and list(body["Reading"]) == [kind], f"{kind} {command}: {name} {body}"
    battery = archetypes.feature(device, "Battery")
    for kind in ("Battery", "battery", "BATTERY"):
        name, body = client.ask("InputCmd", DeviceIndex=index, FeatureIndex=battery, Type=kind, Command="Read")
        assert name == "InputReading", f"{kind}: {name} {body}"


@script.check(4)
def input_errors(case):
    client = case.client()
    rabbit = case.find("rabbit")
    index, battery = rabbit["DeviceIndex"], archetypes.feature(rabbit, "Battery")
    count = len(rabbit["DeviceFeatures"])
    ask = {"Type": "Battery", "Command": "Read"}
    client.error(4, "InputCmd", text={"ButtplugDeviceError": {"DeviceNotAvailable": 99}}, DeviceIndex=99, FeatureIndex=0, **ask)
    text = {"ButtplugDeviceError": {"DeviceFeatureIndexError": [count, 50]}}
    client.error(4, "InputCmd", text=text, DeviceIndex=index, FeatureIndex=50, **ask)
    client.error(4, "InputCmd", DeviceIndex=index, FeatureIndex=archetypes.feature(rabbit, "Vibrate"), **ask)
    client.error(4, "InputCmd", DeviceIndex=index, FeatureIndex=battery, Type="Pressure", Command="Read")
    refused = 0
    for device in case.devices:
        for feature, kind, _, commands in archetypes.inputs(device):
            for command in {"Read", "Subscribe"} - set(commands):
                client.error(4, "InputCmd", DeviceIndex=device["DeviceIndex"], FeatureIndex=feature, Type=kind, Command=command)
                refused += 1
    assert refused > 0, "every sensor can do everything: nothing was tested"
    client.ok("Ping")


@script.check(4)
def only_subscribers_get_readings(case):
    first, second, other = case.client(), case.client(), case.client()
    device, feature, kind = subscribable(case)
    sensor = {"DeviceIndex": device, "FeatureIndex": feature, "Type": kind}
    first.ok("InputCmd", Command="Subscribe", **sensor)
    first.ok("InputCmd", Command="Subscribe", **sensor)
    second.ok("InputCmd", Command="Subscribe", **sensor)
    for client in (first, second):
        body = client.event("InputReading")
        assert (body["DeviceIndex"], body["FeatureIndex"], list(body["Reading"])) == (device, feature, [kind]), f"{body}"
    first.ok("InputCmd", Command="Unsubscribe", **sensor)
    first.events.clear()
    second.event("InputReading")
    second.event("InputReading")
    first.quiet()
    other.quiet()
    first.ok("InputCmd", Command="Unsubscribe", **sensor)
    second.drain()
    second.events.clear()
    second.event("InputReading")
    other.ok("InputCmd", Command="Unsubscribe", **sensor)
    second.event("InputReading")


@script.check(4)
def a_stop_ends_the_senders_own_subscriptions(case):
    first, second = case.client(), case.client()
    device, feature, kind = subscribable(case)
    sensor = {"DeviceIndex": device, "FeatureIndex": feature, "Type": kind}
    for stop in ({"DeviceIndex": device}, {}, {"DeviceIndex": device, "Outputs": False}, {"DeviceIndex": device, "FeatureIndex": feature}):
        for client in (first, second):
            client.ok("InputCmd", Command="Subscribe", **sensor)
            client.event("InputReading")
        first.ok("StopCmd", **stop)
        first.events.clear()
        second.drain()
        second.events.clear()
        second.event("InputReading")
        second.event("InputReading")
        first.quiet()
    first.ok("InputCmd", Command="Subscribe", **sensor)
    first.ok("StopCmd", DeviceIndex=device, Inputs=False)
    first.events.clear()
    first.event("InputReading")


@script.check(4)
def a_press_of_a_button_is_reported(case):
    client = case.client()
    device = wand(case)
    feature = archetypes.feature(device, "Button")
    sensor = {"DeviceIndex": device["DeviceIndex"], "FeatureIndex": feature, "Type": "Button"}
    client.ok("InputCmd", Command="Subscribe", **sensor)
    body = client.event("InputReading", within=12)
    assert list(body["Reading"]) == ["Button"] and body["Reading"]["Button"]["Value"] in (0, 1), f"{body}"


@script.check()
def a_subscription_ends_with_its_session(case):
    if case.version == 2:
        return
    device, feature, kind = subscribable(case)
    for _ in range(20):
        client = case.client(4)
        client.ok("InputCmd", DeviceIndex=device, FeatureIndex=feature, Type=kind, Command="Subscribe")
        client.drop()
    last = case.client(4)
    last.ok("InputCmd", DeviceIndex=device, FeatureIndex=feature, Type=kind, Command="Subscribe")
    last.event("InputReading")


@script.check()
def many_reads_at_once_are_all_answered(case):
    client = case.client()
    rabbit = case.find("rabbit")
    index, battery = rabbit["DeviceIndex"], archetypes.feature(rabbit, "Battery")
    request = {
        2: ("BatteryLevelCmd", {"DeviceIndex": index}),
        3: ("SensorReadCmd", {"DeviceIndex": index, "SensorIndex": 0, "SensorType": "Battery"}),
        4: ("InputCmd", {"DeviceIndex": index, "FeatureIndex": battery, "Type": "Battery", "Command": "Read"}),
    }[case.version]
    client.send(*[(request[0], {"Id": 1000 + n, **request[1]}) for n in range(300)])
    answered = [client.message() for _ in range(300)]
    assert {body["Id"] for _, body in answered} == set(range(1000, 1300)), "not every read was answered once"
    assert {name for name, _ in answered} == {{2: "BatteryLevelReading", 3: "SensorReading", 4: "InputReading"}[case.version]}


script.main()
