#!/usr/bin/env python3
# versions: 0 1 2 3 4
# The handshake: each version gets its own ServerInfo; every fault is answered, and only a version that is too new closes the connection.

import json

from lib.client import Client, compact, handshake_body
from lib.script import Script

script = Script("plug")


def raw(case, body):
    """A new connection that has sent one RequestServerInfo body, and the first answer."""
    client = case.client(handshake=False)
    client.send(("RequestServerInfo", body))
    return client


@script.check()
def server_info_has_the_form_of_the_version(case):
    client = case.client(handshake=False)
    client.send(("RequestServerInfo", handshake_body(case.version, 77)))
    name, body = client.message()
    assert name == "ServerInfo" and body["Id"] == 77, f"{name} {body}"
    expected = {"Id": 77, "ServerName": body["ServerName"], "MaxPingTime": 0}
    if case.version == 4:
        expected |= {"ProtocolVersionMajor": 4, "ProtocolVersionMinor": 0}
    else:
        expected["MessageVersion"] = case.version
    if case.version < 2:
        expected |= {"MajorVersion": 0, "MinorVersion": 0, "BuildVersion": 0}
    assert body == expected, f"{body}, expected {expected}"


@script.check()
def nothing_is_sent_before_the_handshake_and_nothing_of_its_own_after_it(case):
    client = case.client(handshake=False)
    other = case.client(4)
    other.scan()
    client.quiet()
    client.handshake()
    client.quiet()


@script.check()
def a_second_handshake_is_refused_and_the_session_continues(case):
    client = case.client()
    answers = {"ButtplugHandshakeError": "HandshakeAlreadyHappened"}
    for version in range(5):
        request = client.new_id()
        client.send(("RequestServerInfo", handshake_body(version, request)))
        client.is_error(client.reply(request), 1, answers, f"second handshake as v{version}")
    client.ok("Ping")
    assert client.devices() is not None


@script.check()
def a_message_before_the_handshake_is_refused_and_the_handshake_still_works(case):
    client = case.client(handshake=False)
    requests = ["Ping", "RequestDeviceList", "StartScanning", "StopScanning"]
    requests += ["StopCmd"] if case.version == 4 else ["StopAllDevices"]
    for name in requests:
        client.error(1, name, text={"ButtplugHandshakeError": "RequestServerInfoExpected"})
    client.handshake()
    client.ok("Ping")


@script.check()
def names_may_be_empty_long_and_strange(case):
    strange = "\u0000\u001b[31m\u202e\nline two\r\"quoted\\ \U0001f600 é"
    for name in ("", "x" * 256, strange):
        case.client(name=name).ok("Ping")
    client = case.client(handshake=False)
    client.socket.send_text(compact([{"RequestServerInfo": handshake_body(case.version, 3)}]).replace("conformance", "\\ud800 alone"))
    name, body = client.message()
    assert name in ("ServerInfo", "Error"), f"{name} {body}"
    assert "\x1b" not in case.server.log(), "an escape character went into the log"
    assert all("line two" not in line or "quoted" in line for line in case.server.log().splitlines()), "a log line was split"


@script.check()
def a_name_beyond_the_limit_is_refused_or_cut_but_never_kept(case):
    client = raw(case, handshake_body(case.version, 5) | {"ClientName": "y" * 5000})
    name, body = client.message()
    if name == "Error":
        assert body["ErrorCode"] in (1, 3) and body["Id"] == 5, f"{body}"
        client.handshake()
    assert "y" * 300 not in case.server.log(), "the whole name is in the log"


@script.check(4)
def a_version_beyond_ours_is_refused_and_closed(case):
    for fields in (
        {"ProtocolVersionMajor": 5, "ProtocolVersionMinor": 0},
        {"ProtocolVersionMajor": 99, "ProtocolVersionMinor": 7},
        {"ProtocolVersionMajor": 4294967295, "ProtocolVersionMinor": 0},
        {"MessageVersion": 5},
        {"MessageVersion": 100},
    ):
        client = raw(case, {"Id": 9, "ClientName": "newer", **fields})
        client.is_error(client.reply(9), 1, None, str(fields))
        client.closed(1000, 1002, 1003, 1008)


@script.check(4)
def the_minor_version_of_the_client_is_ignored(case):
    client = raw(case, {"Id": 1, "ClientName": "minor", "ProtocolVersionMajor": 4, "ProtocolVersionMinor": 17})
    name, body = client.message()
    assert name == "ServerInfo" and body["ProtocolVersionMinor"] == 0, f"{name} {body}"


@script.check()
def a_malformed_handshake_is_refused_and_the_version_stays_open(case):
    good = handshake_body(case.version, 1)
    bodies = [
        {"Id": 1},
        {"ClientName": "no id"},
        {"Id": 0, "ClientName": "zero"},
        {"Id": 1, "ClientName": 7},
        {"Id": 1, "ClientName": None},
        {**good, "Extra": 1},
        {"Id": 1, "ClientName": "four", "MessageVersion": 4},
        {"Id": 1, "ClientName": "no minor", "ProtocolVersionMajor": 4},
        {"Id": 1, "ClientName": "text", "MessageVersion": "3"},
        {"Id": 1, "ClientName": "fraction", "MessageVersion": 2.5},
        {"Id": 1, "ClientName": "negative", "MessageVersion": -1},
    ]
    client = case.client(handshake=False)
    for body in bodies:
        client.socket.send_text(compact([{"RequestServerInfo": body}]))
        name, answer = client.message()
        assert name == "Error" and answer["ErrorCode"] in (1, 3), f"{body} answered {name} {answer}"
        assert answer["Id"] == (1 if body.get("Id") == 1 else 0), f"{body} answered {answer}"
    client.handshake()
    client.ok("Ping")


@script.check(4)
def fields_of_two_versions_at_once_have_one_answer(case):
    answers = []
    for _ in range(3):
        client = case.client(handshake=False)
        client.send(("RequestServerInfo", {**handshake_body(4, 1), "MessageVersion": 3}))
        answers.append(client.message())
    assert answers[0] == answers[1] == answers[2], f"{answers}"


@script.check()
def of_three_handshakes_in_one_frame_the_first_counts(case):
    client = case.client(handshake=False)
    client.send(*[("RequestServerInfo", handshake_body(case.version, n)) for n in (11, 12, 13)])
    name, body = client.reply(11)
    assert name == "ServerInfo", f"{name} {body}"
    client.version = case.version
    for n in (12, 13):
        client.is_error(client.reply(n), 1, None, "the later handshakes")
    client.ok("Ping")


@script.check(4)
def every_path_upgrades_and_versions_live_side_by_side(case):
    clients = [case.client(version, path=path) for version, path in enumerate(["/", "/buttplug", "/a/b?c=d", "/%20", "/ws"])]
    for client in clients:
        client.ok("Ping")
    assert [json.dumps(c.info).count("ProtocolVersion") > 0 for c in clients] == [False] * 4 + [True]


@script.check(4)
def the_shape_decides_the_version(case):
    client = Client(case.server, 0, handshake=False)
    case.clients.append(client)
    client.send(("RequestServerInfo", {"Id": 1, "ClientName": "explicit zero", "MessageVersion": 0}))
    name, body = client.message()
    assert name == "ServerInfo" and body["MessageVersion"] == 0, f"{name} {body}"


script.main()
