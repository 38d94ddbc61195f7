#!/usr/bin/env python3
# versions: 0 1 2 3 4
# Scanning: always Ok at once, devices announced with the messages of the version, a scan that lasts until it is stopped, votes of many
# sessions.

from lib.client import Client
from lib.script import Script
from lib.wire import Late

script = Script("plug,rabbit,kegel", scan=False)


def untold(client, seconds=0.3):
    """For a while no end of the scan is sent, although the devices were found long before."""
    try:
        while True:
            client.events.append(client.message(seconds))
    except Late:
        pass
    assert "ScanningFinished" not in [name for name, _ in client.events], f"told before it had stopped: {client.events}"


def stopped(client):
    """The client ends its scan. Versions before 4 then get the end once; version 4 does not."""
    client.ok("StopScanning")
    client.drain()
    finished = [name for name, _ in client.events].count("ScanningFinished")
    assert finished == (client.version < 4), f"{finished} times ScanningFinished for one scan: {client.events}"
    client.events = [event for event in client.events if event[0] != "ScanningFinished"]


def everybody(client):
    """The devices that the session was told, as a set of indices, from its kept events."""
    if client.version == 4:
        lists = [body for name, body in client.events if name == "DeviceList"]
        return {int(key) for key in lists[-1]["Devices"]} if lists else set()
    return {body["DeviceIndex"] for name, body in client.events if name == "DeviceAdded"}


@script.check()
def devices_found_by_a_scan_are_announced_while_it_lasts(case):
    client, witness = case.client(), case.client()
    before = client.devices()
    assert before == [], f"devices before any scan: {before}"
    assert client.ask("StartScanning")[0] == "Ok"
    while everybody(client) != {0, 1, 2}:
        client.events.append(client.message())
    untold(client)
    witness.drain()
    for each in (client, witness):
        assert everybody(each) == {0, 1, 2}, f"announced: {each.events}"
        added = [body["DeviceIndex"] for name, body in each.events if name == "DeviceAdded"]
        assert len(added) == len(set(added)), f"announced twice: {added}"
    stopped(client)
    listed = client.devices()
    assert [device["DeviceIndex"] for device in listed] == [0, 1, 2]
    if client.version < 4:
        for name, body in client.events:
            if name == "DeviceAdded":
                announced = {key: value for key, value in body.items() if key != "Id"}
                assert announced in listed, f"{announced} was announced, but listed is {listed}"


@script.check()
def devices_that_are_there_already_are_listed_but_not_announced(case):
    client = case.client()
    client.quiet()
    assert len(client.devices()) == 3
    client.quiet()


@script.check()
def start_and_stop_are_always_ok(case):
    client = case.client()
    client.ok("StopScanning")
    for _ in range(5):
        client.ok("StartScanning")
        client.ok("StartScanning")
        client.ok("StopScanning")
        client.ok("StopScanning")
    client.drain()
    assert {name for name, _ in client.events} <= {"ScanningFinished"}, f"{client.events}"


@script.check()
def a_scan_lasts_until_it_is_stopped(case):
    client = case.client()
    for _ in range(3):
        client.ok("StartScanning")
        untold(client)
        stopped(client)
        assert client.events == [], f"{client.events}"


@script.check()
def a_session_that_did_not_scan_is_not_told_its_end(case):
    client, witness = case.client(), case.client()
    client.ok("StartScanning")
    stopped(client)
    witness.drain()
    if witness.version < 4:
        assert "ScanningFinished" not in [name for name, _ in witness.events], f"{witness.events}"


@script.check()
def a_thousand_scans_at_once_are_one(case):
    clients = [case.client() for _ in range(10)]
    for client in clients:
        client.send(*[("StartScanning", {"Id": n + 1000}) for n in range(100)])
    for client in clients:
        for n in range(100):
            assert client.reply(n + 1000)[0] == "Ok"
    for client in clients:
        stopped(client)
    assert len(clients[0].devices()) == 3


@script.check()
def a_scanner_that_vanishes_takes_its_vote_with_it(case):
    client = case.client()
    client.post("StartScanning")
    client.drop()
    other = case.client()
    other.scan()


@script.check(4)
def a_list_that_was_pushed_has_id_0_and_one_that_was_asked_has_its_own(case):
    client = case.client()
    name, body = client.ask("RequestDeviceList", Id=4711)
    assert name == "DeviceList" and body["Id"] == 4711


script.main()
