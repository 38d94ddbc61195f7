#!/usr/bin/env python3
# versions: 0 1 2 3 4
# Devices that vanish, come back, refuse and lag: what clients get, and that nothing starts by itself.

import sys

from lib.script import Script, serving

script = Script(server=False)
VERSION = int(sys.argv[1].lstrip("v")) if len(sys.argv) > 1 else 4


def simulated(**properties):
    lines = [f"{key} = {value!r}".replace("'", '"') for key, value in properties.items()]
    return "[[devices.simulated_device]]\n" + "\n".join(lines) + "\n"


def gone(client, device):
    if client.version == 4:
        client.event("DeviceList", lambda body: str(device) not in body["Devices"])
    else:
        client.event("DeviceRemoved", lambda body: body["DeviceIndex"] == device)


def back(client, device):
    if client.version == 4:
        client.event("DeviceList", lambda body: str(device) in body["Devices"])
    else:
        client.event("DeviceAdded", lambda body: body["DeviceIndex"] == device)


@script.check()
def a_device_that_comes_back_has_its_index_and_is_at_rest():
    config = simulated(archetype="plug", disconnect_after="700ms", reconnect_after="300ms") + simulated(archetype="dual")
    with serving(config=config, version=VERSION) as case:
        plug, dual = case.index("plug"), case.index("dual")
        client, witness = case.client(), case.client(4)
        mark = case.journal.mark()
        client.vibrate(plug, 0.5)
        client.vibrate(dual, 0.5, 100)
        case.expect(plug, 0, "Vibrate", 10, mark)
        case.expect(dual, 0, "Vibrate", 50, mark)
        gone(client, plug)
        gone(witness, plug)
        assert [device["DeviceIndex"] for device in client.devices()] == [dual]
        witness.error(4, "OutputCmd", text={"ButtplugDeviceError": {"DeviceNotAvailable": plug}}, DeviceIndex=plug, FeatureIndex=0, Command={"Vibrate": {"Value": 3}})
        mark = case.journal.mark()
        back(client, plug)
        back(witness, plug)
        case.expect(plug, 0, "Vibrate", 0, mark)
        assert [device["DeviceIndex"] for device in client.devices()] == [plug, dual]
        assert not any(case.journal.values(plug, 0, None, mark)), "the output came back by itself"
        witness.output(plug, 0, "Vibrate", 3)
        case.expect(plug, 0, "Vibrate", 3, mark)
        assert case.journal.values(dual, 0, "Vibrate", mark) == [], "the other device was written"


@script.check(4)
def a_subscription_comes_back_with_its_device():
    config = simulated(archetype="kegel", disconnect_after="400ms", reconnect_after="200ms")
    with serving(config=config) as case:
        client = case.client()
        kegel = case.index("kegel")
        client.ok("InputCmd", DeviceIndex=kegel, FeatureIndex=0, Type="Pressure", Command="Subscribe")
        client.event("InputReading")
        gone(client, kegel)
        back(client, kegel)
        client.event("InputReading")


@script.check(4)
def a_refused_write_is_reported_and_zeros_are_repeated_until_they_arrive():
    with serving(config=simulated(archetype="dual", failure_rate=0.5)) as case:
        client = case.client()
        dual = case.index("dual")
        answers = []
        for n in range(40):
            answers.append(client.ask("OutputCmd", DeviceIndex=dual, FeatureIndex=0, Command={"Vibrate": {"Value": n + 1}}))
        errors = [body for name, body in answers if name == "Error"]
        assert errors and len(errors) < 40, f"{len(errors)} of 40 refused"
        assert all(body["ErrorCode"] == 4 for body in errors), f"{errors}"


@script.check(4)
def a_slow_device_gets_the_newest_value_and_every_request_its_answer():
    with serving(config=simulated(archetype="dual", latency="50ms") + simulated(archetype="plug")) as case:
        client, other = case.client(), case.client()
        dual, plug = case.index("dual"), case.index("plug")
        mark = case.journal.mark()
        requests = [
            client.post("OutputCmd", DeviceIndex=dual, FeatureIndex=0, Command={"Vibrate": {"Value": n + 1}}) for n in range(100)
        ]
        other.output(plug, 0, "Vibrate", 1)
        answered = {}
        for _ in requests:
            name, body = client.message()
            answered[body["Id"]] = name
        assert answered == {request: "Ok" for request in requests}, f"{answered}"
        case.expect(dual, 0, "Vibrate", 100, mark)
        written = case.journal.values(dual, 0, "Vibrate", mark)
        assert len(written) <= 12 and written[-1] == 100, f"{written}"


@script.check(4)
def a_zero_waits_for_nothing():
    with serving(config=simulated(archetype="dual", latency="300ms")) as case:
        client = case.client()
        dual = case.index("dual")
        mark = case.journal.mark()
        client.post("OutputCmd", DeviceIndex=dual, FeatureIndex=0, Command={"Vibrate": {"Value": 80}})
        first = case.expect(dual, 0, "Vibrate", 80, mark)
        client.post("StopCmd", DeviceIndex=dual)
        zero = case.expect(dual, 0, "Vibrate", 0, mark)
        assert zero["t"] - first["t"] < 0.1, f"the zero waited {zero['t'] - first['t']:.3f} s"


@script.check(4)
def a_device_that_answers_too_late_is_an_error_and_is_written_again():
    config = '[arbitration]\nwrite_timeout = "150ms"\n' + simulated(archetype="dual", latency="400ms")
    with serving(config=config) as case:
        client = case.client()
        dual = case.index("dual")
        mark = case.journal.mark()
        client.error(4, "OutputCmd", DeviceIndex=dual, FeatureIndex=0, Command={"Vibrate": {"Value": 70}})
        case.expect(dual, 0, "Vibrate", 0, mark)
        client.ok("Ping")


@script.check(4)
def a_request_that_waits_for_a_slow_device_delays_no_other():
    with serving(config=simulated(archetype="dual", latency="700ms") + simulated(archetype="plug")) as case:
        client = case.client()
        dual, plug = case.index("dual"), case.index("plug")
        slow = client.post("OutputCmd", DeviceIndex=dual, FeatureIndex=0, Command={"Vibrate": {"Value": 70}})
        pings = [client.post("Ping"), client.post("OutputCmd", DeviceIndex=plug, FeatureIndex=0, Command={"Vibrate": {"Value": 7}})]
        for expected in (*pings, slow):
            assert client.message() == ("Ok", {"Id": expected})


@script.check(4)
def a_gap_is_kept_and_the_newest_value_wins():
    with serving(config=simulated(archetype="dual", gap="100ms")) as case:
        client = case.client()
        dual = case.index("dual")
        assert case.devices[0]["DeviceMessageTimingGap"] == 100
        client.stop()
        mark = case.journal.mark()
        case.expect(dual, 0, "Vibrate", 0, 0)
        for n in range(20):
            client.post("OutputCmd", DeviceIndex=dual, FeatureIndex=0, Command={"Vibrate": {"Value": n + 1}})
        case.expect(dual, 0, "Vibrate", 20, mark)
        lines = [e for e in case.journal.lines[mark:] if e["value"]]
        assert len(lines) <= 4, f"{[e['value'] for e in lines]}"
        assert all(b["t"] - a["t"] >= 0.099 for a, b in zip(lines, lines[1:])), f"{[e['t'] for e in lines]}"


@script.check(4)
def a_scan_may_take_its_time():
    config = '[devices]\nsimulated = ["plug"]\nscan_delay = "400ms"\n'
    with serving(config=config, scan=False) as case:
        first, old = case.client(), case.client(3)
        first.ok("StartScanning")
        old.ok("StartScanning")
        first.ok("StopScanning")
        first.drain()
        assert first.events == [], f"a v4 client was told the end after its own stop: {first.events}"
        old.drain()
        assert old.events == [], f"{old.events}"
        old.event("DeviceAdded")
        old.drain()
        assert old.events == [], f"told of the end of a scan that goes on: {old.events}"
        old.ok("StopScanning")
        old.event("ScanningFinished")
        first.drain()
        assert [name for name, _ in first.events] == ["DeviceList"], f"{first.events}"


@script.check(4)
def a_stopped_scan_finds_nothing():
    config = '[devices]\nsimulated = ["plug"]\nscan_delay = "300ms"\n'
    with serving(config=config, scan=False) as case:
        client, old = case.client(), case.client(2)
        client.ok("StartScanning")
        client.drop()
        old.ok("StartScanning")
        old.ok("StopScanning")
        old.event("ScanningFinished")
        late = case.client()
        assert late.devices() == []
        late.scan()
        assert len(late.devices()) == 1
        old.event("DeviceAdded")


@script.check(4)
def devices_may_be_there_from_the_start():
    config = '[devices]\nsimulated = ["plug*3"]\npresent_at_start = true\n'
    with serving(config=config, scan=False) as case:
        assert [device["DeviceIndex"] for device in case.client().devices()] == [0, 1, 2]


script.main()
