#!/usr/bin/env python3
# versions: 4
# OutputCmd: every type reaches its device as commanded, a bad one gets its error, and a repeat is written only once.

from lib import devices as archetypes
from lib.script import Script

script = Script("rabbit,dual,stroker,stroker-batt,max,machine,heater,osr,simulated-rotator,kegel")


@script.check(4)
def every_output_of_every_device_is_written_as_commanded(case):
    client = case.client()
    for device in case.devices:
        for feature, kind, low, high, duration in archetypes.outputs(device):
            index = device["DeviceIndex"]
            for value in dict.fromkeys([high, (high + 1) // 2, 1, low]):
                if value == 0 and kind not in ("Position", "HwPositionWithDuration"):
                    continue
                if kind == "Spray" and value != high:
                    continue  # at most one spray per second and lane
                mark = case.journal.mark()
                client.output(index, feature, kind, value, 250 if duration else None)
                case.expect(index, feature, kind, value, mark, duration=250 if duration else None)
            mark = case.journal.mark()
            client.stop(index)
            if (feature, kind) in archetypes.held(device):
                case.expect(index, feature, kind, 0, mark)


@script.check(4)
def a_zero_is_written_and_ends_the_output(case):
    client = case.client()
    device = case.index("dual")
    mark = case.journal.mark()
    client.output(device, 0, "Vibrate", 60)
    case.expect(device, 0, "Vibrate", 60, mark)
    client.output(device, 0, "Vibrate", 0)
    case.expect(device, 0, "Vibrate", 0, mark)


@script.check(4)
def a_repeat_is_not_written_again(case):
    client = case.client()
    device = case.index("dual")
    mark = case.journal.mark()
    for _ in range(50):
        client.output(device, 0, "Vibrate", 33)
    client.output(device, 1, "Vibrate", 34)
    case.expect(device, 1, "Vibrate", 34, mark)
    assert case.journal.values(device, 0, "Vibrate", mark) == [33], f"{case.journal.values(device, 0, 'Vibrate', mark)}"


@script.check(4)
def the_last_of_many_values_stays(case):
    client = case.client()
    device = case.index("dual")
    mark = case.journal.mark()
    for n in range(1000):
        client.post("OutputCmd", DeviceIndex=device, FeatureIndex=n % 2, Command={"Vibrate": {"Value": n % 100 + 1}})
    for _ in range(1000):
        name, body = client.message()
        assert name == "Ok", f"{name} {body}"
    client.output(device, 0, "Vibrate", 77)
    case.expect(device, 0, "Vibrate", 77, mark)
    client.output(device, 1, "Vibrate", 5)
    case.expect(device, 1, "Vibrate", 5, mark)
    assert case.journal.values(device, 0, "Vibrate", mark)[-1] == 77


@script.check(4)
def moves_are_passed_on_in_order_with_their_duration(case):
    client = case.client()
    stroker = case.find("simulated-stroker")
    device = stroker["DeviceIndex"]
    for value, duration in ((1000, 0), (0, 4294967295), (500, 100001), (1, 1)):
        mark = case.journal.mark()
        client.output(device, 0, "HwPositionWithDuration", value, duration)
        case.expect(device, 0, "HwPositionWithDuration", value, mark, duration=duration)
    mark = case.journal.mark()
    client.output(device, 0, "Position", 0)
    case.expect(device, 0, "Position", 0, mark)


@script.check(4)
def a_stop_moves_nothing(case):
    client = case.client()
    device = case.index("simulated-stroker")
    mark = case.journal.mark()
    client.output(device, 0, "Position", 700)
    case.expect(device, 0, "Position", 700, mark)
    mark = case.journal.mark()
    client.stop(device)
    client.stop()
    client.output(device, 0, "Position", 300)
    case.expect(device, 0, "Position", 300, mark)
    assert case.journal.values(device, 0, None, mark) == [300], "a stop moved the axis"


@script.check(4)
def an_unknown_device_or_feature_is_named_in_the_error(case):
    client = case.client()
    device = case.find("dual")
    index, count = device["DeviceIndex"], len(device["DeviceFeatures"])
    command = {"Vibrate": {"Value": 1}}
    for unknown in (99, 4294967295, 65536 + index, 2147483648):
        text = {"ButtplugDeviceError": {"DeviceNotAvailable": unknown}}
        client.error(4, "OutputCmd", text=text, DeviceIndex=unknown, FeatureIndex=0, Command=command)
    for unknown in (99, 4294967295, 65536, 256):
        text = {"ButtplugDeviceError": {"DeviceFeatureIndexError": [count, unknown]}}
        client.error(4, "OutputCmd", text=text, DeviceIndex=index, FeatureIndex=unknown, Command=command)
    client.ok("Ping")


@script.check(4)
def a_feature_without_that_output_refuses_it(case):
    client = case.client()
    kegel, dual = case.find("kegel"), case.find("dual")
    client.error(4, "OutputCmd", DeviceIndex=kegel["DeviceIndex"], FeatureIndex=archetypes.feature(kegel, "Pressure"), Command={"Vibrate": {"Value": 1}})
    sensor = archetypes.feature(dual, "Battery")
    client.error(4, "OutputCmd", DeviceIndex=dual["DeviceIndex"], FeatureIndex=sensor, Command={"Vibrate": {"Value": 1}})
    for kind in ("Rotate", "Oscillate", "Constrict", "Spray", "Temperature", "Led", "Position"):
        client.error(4, "OutputCmd", DeviceIndex=dual["DeviceIndex"], FeatureIndex=0, Command={kind: {"Value": 1}})
    client.error(4, "OutputCmd", DeviceIndex=dual["DeviceIndex"], FeatureIndex=0, Command={"HwPositionWithDuration": {"Value": 1, "Duration": 5}})


@script.check(4)
def a_value_out_of_range_is_refused_and_the_old_value_stays(case):
    client = case.client()
    for device in case.devices:
        for feature, kind, low, high, duration in archetypes.outputs(device):
            more = {"Duration": 10} if duration else {}
            for value in (high + 1, low - 1, 2147483647, -2147483648):
                command = {kind: {"Value": value, **more}}
                name, body = client.ask("OutputCmd", DeviceIndex=device["DeviceIndex"], FeatureIndex=feature, Command=command)
                codes = (3, 4) if kind == "HwPositionWithDuration" and value < 0 else (4,)
                assert name == "Error" and body["ErrorCode"] in codes, f"{device['DeviceName']} {command} answered {name} {body}"
    dual = case.index("dual")
    mark = case.journal.mark()
    client.output(dual, 0, "Vibrate", 40)
    case.expect(dual, 0, "Vibrate", 40, mark)
    for _ in range(2):
        client.error(4, "OutputCmd", DeviceIndex=dual, FeatureIndex=0, Command={"Vibrate": {"Value": 101}})
        client.error(4, "OutputCmd", DeviceIndex=dual, FeatureIndex=0, Command={"Vibrate": {"Value": -40}})
    client.output(dual, 1, "Vibrate", 1)
    case.expect(dual, 1, "Vibrate", 1, mark)
    assert case.journal.values(dual, 0, "Vibrate", mark) == [40], "a refused value was written"


@script.check(4)
def sprays_come_at_most_once_a_second_and_are_never_held(case):
    client = case.client()
    heater = next(d for d in case.devices if any(kind == "Spray" for _, kind, *_ in archetypes.outputs(d)))
    feature = archetypes.feature(heater, "Spray")
    device = heater["DeviceIndex"]
    mark = case.journal.mark()
    for _ in range(5):
        client.output(device, feature, "Spray", 1)
    led = archetypes.feature(heater, "Led")
    client.output(device, led, "Led", 1)
    case.expect(device, led, "Led", 1, mark)
    assert case.journal.values(device, feature, "Spray", mark).count(1) <= 1, "more than one spray within a second"


script.main()
