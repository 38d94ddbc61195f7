#!/usr/bin/env python3
# versions: 0 1 2 3 4
# The small messages: Ping without a deadline, Test and RequestLog of the oldest versions, Disconnect of v4.

from lib.script import Script
from lib.wire import Closed

script = Script("plug")


@script.check()
def ping_is_ok_although_no_ping_is_due(case):
    client = case.client()
    assert client.info["MaxPingTime"] == 0
    for request in (5, 1, 5):
        assert client.ask("Ping", Id=request) == ("Ok", {"Id": request})


@script.check(0, 1)
def test_is_echoed(case):
    client = case.client()
    for text in ("hello", "", 'quotes " and \\ and /', "\u0000\u001f", "é\U0001f600", "x" * 5000):
        name, body = client.ask("Test", TestString=text)
        assert name == "Test" and body["TestString"] == text, f"{name} {body}"
    name, body = client.ask("Test", TestString="Error")
    assert name == "Error", f"{name} {body}"
    client.refused('[{"Test":{"Id":6}}]', 3, 6)
    client.refused('[{"Test":{"Id":6,"TestString":7}}]', 3, 6)


@script.check(0, 1)
def a_log_may_be_asked_for(case):
    client = case.client()
    for level in ("Off", "Fatal", "Error", "Warn", "Info", "Debug", "Trace"):
        client.ok("RequestLog", LogLevel=level)
    client.quiet()
    client.refused('[{"RequestLog":{"Id":6,"LogLevel":"Loud"}}]', 3, 6)
    client.refused('[{"RequestLog":{"Id":7}}]', 3, 7)


@script.check(4)
def disconnect_is_answered_stops_the_outputs_and_closes(case):
    client = case.client()
    device = case.index("plug")
    mark = case.journal.mark()
    client.output(device, 0, "Vibrate", 9)
    case.expect(device, 0, "Vibrate", 9, mark)
    client.ok("Disconnect")
    assert client.closed(1000) == 1000
    case.expect(device, 0, "Vibrate", 0, mark)


@script.check(4)
def nothing_after_a_disconnect_is_carried_out(case):
    client = case.client()
    device = case.index("plug")
    mark = case.journal.mark()
    client.send(
        ("Disconnect", {"Id": 50}),
        ("OutputCmd", {"Id": 51, "DeviceIndex": device, "FeatureIndex": 0, "Command": {"Vibrate": {"Value": 7}}}),
    )
    assert client.message() == ("Ok", {"Id": 50})
    client.closed(1000)
    other = case.client()
    other.output(device, 0, "Vibrate", 2)
    case.expect(device, 0, "Vibrate", 2, mark)
    assert 7 not in case.journal.values(device, 0, "Vibrate", mark), "a command after the Disconnect was carried out"


@script.check()
def a_close_in_good_order_is_answered_and_stops_the_outputs(case):
    device = case.index("plug")
    for code, reason in ((1000, b"bye"), (1001, b""), (3000, b"app"), (4999, b"x" * 123)):
        client = case.client()
        mark = case.journal.mark()
        value = client.vibrate(device, 0.5)
        case.expect(device, 0, "Vibrate", value, mark)
        client.socket.close(code, reason)
        case.expect(device, 0, "Vibrate", 0, mark)


@script.check()
def a_reset_and_an_end_without_close_stop_the_outputs(case):
    device = case.index("plug")
    for leave in (lambda c: c.socket.wire.reset(), lambda c: c.drop(), lambda c: c.socket.wire.finish_sending()):
        client = case.client()
        mark = case.journal.mark()
        value = client.vibrate(device, 0.75)
        case.expect(device, 0, "Vibrate", value, mark)
        leave(client)
        case.expect(device, 0, "Vibrate", 0, mark)


@script.check()
def a_half_closed_client_still_gets_what_is_due(case):
    client = case.client()
    client.send(*[("Ping", {"Id": n + 1}) for n in range(50)])
    client.socket.wire.finish_sending()
    got = []
    try:
        while True:
            got.append(client.message())
    except Closed:
        pass
    assert [body["Id"] for _, body in got] == list(range(1, 51)), f"{len(got)} of 50 replies"


script.main()
