#!/usr/bin/env python3
# versions: 0 1 2 3 4
# Stops: what each form of each version stops, that a zero is written when no session holds a value, and that others keep theirs.

from lib import devices as archetypes
from lib.script import Script

script = Script("dual,rabbit,plug,kegel")


def drive(case, client, device, fraction, n):
    mark = case.journal.mark()
    value = client.vibrate(device, fraction, n)
    case.expect(device, 0, "Vibrate", value, mark)


@script.check()
def a_stop_of_one_device_stops_that_device(case):
    client = case.client()
    dual, plug = case.index("dual"), case.index("plug")
    drive(case, client, dual, 0.5, 100)
    drive(case, client, plug, 0.5, 20)
    mark = case.journal.mark()
    client.stop(dual)
    case.expect(dual, 0, "Vibrate", 0, mark)
    client.vibrate(dual, 0.2, 100)
    case.expect(dual, 0, "Vibrate", 20, mark)
    assert case.journal.values(plug, 0, None, mark) == [], "the other device was written too"


@script.check()
def a_stop_of_everything_stops_every_device(case):
    client = case.client()
    dual, plug = case.index("dual"), case.index("plug")
    drive(case, client, dual, 0.5, 100)
    drive(case, client, plug, 0.5, 20)
    mark = case.journal.mark()
    client.stop()
    case.expect(dual, 0, "Vibrate", 0, mark)
    case.expect(plug, 0, "Vibrate", 0, mark)


@script.check()
def a_stop_at_rest_writes_its_zero_every_time(case):
    client = case.client()
    device = case.index("plug")
    for _ in range(3):
        mark = case.journal.mark()
        client.stop(device)
        case.expect(device, 0, "Vibrate", 0, mark)


@script.check()
def an_unknown_device_is_an_error_and_stops_nothing(case):
    client = case.client()
    device = case.index("plug")
    drive(case, client, device, 0.5, 20)
    mark = case.journal.mark()
    text = {"ButtplugDeviceError": {"DeviceNotAvailable": 99}}
    client.error(4, "StopCmd" if case.version == 4 else "StopDeviceCmd", text=text, DeviceIndex=99)
    client.vibrate(device, 0.25)
    case.expect(device, 0, "Vibrate", 5, mark)
    assert case.journal.values(device, 0, None, mark) == [5]


@script.check()
def a_stop_leaves_what_others_hold(case):
    holder, stopper = case.client(4), case.client()
    dual, plug = case.index("dual"), case.index("plug")
    drive(case, holder, dual, 0.5, 100)
    drive(case, stopper, plug, 0.5, 20)
    mark = case.journal.mark()
    stopper.stop()
    stopper.stop(dual)
    case.expect(plug, 0, "Vibrate", 0, mark)
    drive(case, stopper, plug, 0.25, 20)
    assert case.journal.values(dual, 0, "Vibrate", mark) == [], "another session's output was touched"


@script.check(4)
def a_stop_of_one_feature_stops_that_feature(case):
    client = case.client()
    device = case.index("dual")
    mark = case.journal.mark()
    client.output(device, 0, "Vibrate", 50)
    client.output(device, 1, "Vibrate", 60)
    case.expect(device, 1, "Vibrate", 60, mark)
    mark = case.journal.mark()
    client.ok("StopCmd", DeviceIndex=device, FeatureIndex=1)
    case.expect(device, 1, "Vibrate", 0, mark)
    client.output(device, 1, "Vibrate", 61)
    case.expect(device, 1, "Vibrate", 61, mark)
    assert case.journal.values(device, 0, "Vibrate", mark) == [], "the other feature was written"
    count = len(case.find("dual")["DeviceFeatures"])
    text = {"ButtplugDeviceError": {"DeviceFeatureIndexError": [count, 9]}}
    client.error(4, "StopCmd", text=text, DeviceIndex=device, FeatureIndex=9)


@script.check(4)
def a_feature_without_a_device_is_ignored_and_everything_stops(case):
    client = case.client()
    dual, plug = case.index("dual"), case.index("plug")
    drive(case, client, dual, 0.5, 100)
    drive(case, client, plug, 0.5, 20)
    mark = case.journal.mark()
    client.ok("StopCmd", FeatureIndex=7)
    case.expect(dual, 0, "Vibrate", 0, mark)
    case.expect(plug, 0, "Vibrate", 0, mark)


@script.check(4)
def inputs_and_outputs_are_stopped_as_asked(case):
    client = case.client()
    device = case.index("plug")
    drive(case, client, device, 0.5, 20)
    mark = case.journal.mark()
    client.ok("StopCmd", DeviceIndex=device, Outputs=False)
    client.ok("StopCmd", DeviceIndex=device, Outputs=False, Inputs=False)
    client.ok("StopCmd", Outputs=False, Inputs=True)
    drive(case, client, device, 0.25, 20)
    assert case.journal.values(device, 0, None, mark) == [5], "outputs were stopped"
    mark = case.journal.mark()
    client.ok("StopCmd", DeviceIndex=device, Inputs=False)
    case.expect(device, 0, "Vibrate", 0, mark)


@script.check(4)
def a_stop_between_commands_of_one_frame_is_not_swallowed(case):
    client = case.client()
    device = case.index("dual")
    drive(case, client, device, 0.5, 100)
    mark = case.journal.mark()
    outputs = [("OutputCmd", {"Id": 100 + n, "DeviceIndex": device, "FeatureIndex": 0, "Command": {"Vibrate": {"Value": n + 1}}}) for n in range(99)]
    client.send(*outputs, ("StopCmd", {"Id": 500, "DeviceIndex": device}))
    answers = [client.message() for _ in range(100)]
    assert {name for name, _ in answers} == {"Ok"} and len({body["Id"] for _, body in answers}) == 100, f"{answers}"
    case.expect(device, 0, "Vibrate", 0, mark)
    client.output(device, 1, "Vibrate", 3)
    case.expect(device, 1, "Vibrate", 3, mark)
    assert case.journal.values(device, 0, "Vibrate", mark)[-1] == 0, "something was written after the stop"


@script.check()
def every_held_output_of_a_device_is_stopped(case):
    client, driver = case.client(), case.client(4)
    rabbit = case.find("rabbit")
    device, rotate = rabbit["DeviceIndex"], archetypes.feature(rabbit, "Rotate")
    vibrate = archetypes.feature(rabbit, "Vibrate")
    mark = case.journal.mark()
    driver.output(device, rotate, "Rotate", -9)
    driver.output(device, vibrate, "Vibrate", 9)
    case.expect(device, rotate, "Rotate", -9, mark)
    case.expect(device, vibrate, "Vibrate", 9, mark)
    mark = case.journal.mark()
    driver.stop(device)
    case.expect(device, rotate, "Rotate", 0, mark)
    case.expect(device, vibrate, "Vibrate", 0, mark)
    client.stop(device)


script.main()
