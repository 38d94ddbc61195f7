#!/usr/bin/env python3
# versions: 0 1 2 3 4
# A client whose rule asks waits for the operator: it is let in, refused, forgotten by everybody, and meanwhile it gets and does nothing.

import json
import signal
import subprocess
import sys
import tempfile

from lib.admin import CONFIG, Events, OperatedRouter
from lib.client import Client
from lib.script import Script
from lib.server import environment, program
from lib.wire import Closed

script = Script(server=False)
VERSION = int(sys.argv[1].lstrip("v")) if len(sys.argv) > 1 else 4

ASK = '[[rule]]\nmatch.client = "guest*"\nadmit = "ask"\npriority = 30\ncap = 0.5\n'
HOSTILE = 'guest \x1b[31m<img src=x onerror=alert(1)> \u202e"\n'


def asking(world, version, name="guest"):
    """A client that has introduced itself and waits, with the id by which it is answered."""
    known = {one["id"] for one in waiting(world)}
    client = Client(world.server, version, name, handshake=False)
    body = {"Id": 5, "ClientName": name}
    body |= {"ProtocolVersionMajor": 4, "ProtocolVersionMinor": 0} if version == 4 else {"MessageVersion": version} if version else {}
    client.send(("RequestServerInfo", body))
    watch = Events(world.admin)
    watch.wait(lambda: set(watch.state["consents"]) - known)
    (one,) = set(watch.state["consents"]) - known
    watch.close()
    return client, one


def waiting(world):
    return world.admin.ask("GET", "/v1/consents?limit=1000")["consents"]


def answer(world, one, choice, always=False, status=200):
    return world.admin.ask("POST", f"/v1/consents/{one}", {"answer": choice, "always": always}, status=status)


def refused(client, text="router.denied.consent", request=5):
    name, body = client.message()
    assert name == "Error" and body["Id"] == request and body["ErrorCode"] == 1 and body["ErrorMessage"].startswith(text), body
    return closed(client)


def still_waits(client):
    """Nothing has come for it: the answer to what it sends now is the first, and an error."""
    request = client.post("Ping")
    name, body = client.message()
    assert name == "Error" and (body["Id"], body["ErrorCode"]) == (request, 1), (name, body)


def closed(client):
    try:
        raise AssertionError(client.message())
    except Closed as end:
        return end


def plugboard(world, *words, status=0):
    done = subprocess.run(
        [program(), *words], env=environment(world.server.folder), capture_output=True, text=True, timeout=20, check=False)
    assert done.returncode == status, (words, done.returncode, done.stdout, done.stderr)
    return done.stdout + done.stderr


def serving(config=ASK, **options):
    return OperatedRouter(config=CONFIG + config, **options)


def introduce(client):
    client.post("RequestServerInfo", Id=5, ClientName=client.name, ProtocolVersionMajor=4, ProtocolVersionMinor=0)


@script.check(0, 1, 2, 3, 4)
def a_client_waits_and_is_let_in():
    with serving() as world:
        version = VERSION
        watch = Events(world.admin)
        client, one = asking(world, version)
        (shown,) = waiting(world)
        assert shown["id"] == one and shown["client"] == "guest" and shown["version"] == version, shown
        assert (shown["priority"], shown["cap"], shown["rule"], shown["devices_allow"]) == (30, 0.5, 0, None), shown
        assert shown["address"].startswith("127.") or shown["address"] == "::1", shown
        assert 0 < shown["left"] <= 60, shown
        assert world.admin.ask("GET", "/v1/status")["consents"] == 1
        still_waits(client)
        client.post("RequestDeviceList", Id=9)
        name, body = client.message()
        assert name == "Error" and (body["Id"], body["ErrorCode"]) == (9, 1), body
        assert answer(world, one, "approve") == {"id": one, "answer": "approve", "always": False}
        name, body = client.message()
        assert name == "ServerInfo" and body["Id"] == 5, (name, body)
        client.version = version
        assert len(client.devices()) == 2
        watch.wait(lambda: not watch.state["consents"] and watch.state["sessions"].get(one, {}).get("client") == "guest")
        assert watch.state["sessions"][one]["priority"] == 30
        answer(world, one, "deny", status=404)
        watch.close()
        client.close()


@script.check(0, 1, 2, 3, 4)
def a_client_is_refused_and_drives_nothing():
    with serving() as world:
        client, one = asking(world, VERSION)
        mark = world.server.journal.mark()
        client.send(("StopAllDevices" if VERSION < 4 else "StopCmd", {"Id": 8}))
        assert client.message()[1]["ErrorCode"] == 1
        answer(world, one, "deny")
        refused(client)
        assert not [line for line in world.server.journal.lines[mark:] if line["value"]]
        assert world.admin.ask("GET", "/v1/consents") == {"consents": [], "next": None}


@script.check(4)
def a_rule_that_says_never_refuses_at_once_and_others_are_not_asked():
    with serving('[[rule]]\nmatch.client = "guest*"\nadmit = "never"\n') as world:
        client = Client(world.server, 4, "guest", handshake=False)
        introduce(client)
        refused(client, "router.denied.rule")
        other = Client(world.server, 4, "other")
        assert len(other.devices()) == 2
        other.close()


@script.check(4)
def nobody_answers():
    with serving(ASK + '[limits]\nconsent_timeout = "1s"\n') as world:
        client, _ = asking(world, 4)
        refused(client)
        metrics = world.admin.ask("GET", "/metrics")
        assert 'plugboard_consents_total{result="timed_out"} 1' in metrics and "plugboard_consents_waiting 0" in metrics
        assert 'plugboard_sessions_ended_total{reason="consent_timeout"} 1' in metrics


@script.check(4)
def a_hundred_wait_at_once_and_the_limit_holds():
    with serving(ASK + "[limits]\nconsents_per_address = 100\n") as world:
        clients = [Client(world.server, 4, f"guest {number}", handshake=False) for number in range(100)]
        watch = Events(world.admin)
        for client in clients[:64]:
            introduce(client)
        watch.wait(lambda: len(watch.state["consents"]) == 64)
        for client in clients[64:]:
            introduce(client)
        for client in clients[64:]:
            assert refused(client).code == 1013
        shown = waiting(world)
        assert {one["client"] for one in shown} == {f"guest {number}" for number in range(64)}
        page = world.admin.ask("GET", "/v1/consents?limit=10")
        assert len(page["consents"]) == 10 and page["next"] == page["consents"][-1]["id"], page
        bystander = Client(world.server, 4, "bystander")
        ids = {one["client"]: one["id"] for one in shown}
        for client in clients[:32]:
            answer(world, ids[client.name], "approve")
            assert client.message()[0] == "ServerInfo"
        for client in clients[32:64]:
            client.socket.wire.close()
        watch.wait(lambda: not watch.state["consents"])
        assert len(bystander.devices()) == 2
        for one in (watch, bystander, *clients[:32]):
            one.close()


def guest(world, secret, name="guest"):
    """A client on another machine, as a proxy forwards it, that has introduced itself."""
    client = Client(world.server, 4, name, handshake=False, path=f"/?token={secret}", extra=("X-Forwarded-For: 203.0.113.7",))
    introduce(client)
    return client


@script.check(4)
def one_address_fills_its_own_places_only():
    with serving() as world:
        secret = world.admin.ask("POST", "/v1/tokens", {"name": "ann"}, status=201)["secret"]
        clients = [Client(world.server, 4, f"guest {number}", handshake=False) for number in range(10)]
        watch = Events(world.admin)
        # Connections are read in no fixed order: the last two come when the others have their places.
        for client in clients[:8]:
            introduce(client)
        watch.wait(lambda: len(watch.state["consents"]) == 8)
        for client in clients[8:]:
            introduce(client)
        for client in clients[8:]:
            assert refused(client).code == 1013
        other = guest(world, secret, "guest of ann")
        watch.wait(lambda: len(watch.state["consents"]) == 9)
        (one,) = [one for one in waiting(world) if one["client"] == "guest of ann"]
        assert (one["local"], one["token"]) == (False, "ann"), one
        answer(world, one["id"], "approve")
        assert other.message()[0] == "ServerInfo"
        for one in (watch, other, *clients[:8]):
            one.close()


@script.check(4)
def a_new_token_does_not_inherit_the_answer_of_an_old_one_of_its_name():
    with serving() as world:
        for number in range(2):
            secret = world.admin.ask("POST", "/v1/tokens", {"name": "ann"}, status=201)["secret"]
            first = guest(world, secret)
            watch = Events(world.admin)
            watch.wait(lambda: watch.state["consents"])
            answer(world, next(iter(watch.state["consents"])), "approve", always=True)
            assert first.message()[0] == "ServerInfo"
            second = guest(world, secret)
            assert second.message()[0] == "ServerInfo", "this token was let in for good"
            world.admin.ask("DELETE", "/v1/tokens/ann")
            assert closed(first).code == 1008 and closed(second).code == 1008
            watch.close()
        assert len(world.admin.ask("GET", "/v1/remembered-consents")["remembered"]) == 1


@script.check(4)
def bad_ids_and_answers_change_nothing():
    with serving() as world:
        client, one = asking(world, 4)
        for other in ("0-999", "999-1", "x", "", "remembered", one + "0", "-1-1", "%00", "4294967296-1"):
            world.admin.ask("POST", f"/v1/consents/{other}", {"answer": "approve"}, status=404)
        for body in ({}, {"answer": "yes"}, {"answer": True}, {"answer": "approve", "always": 1}, {"answer": "approve", "more": 1}):
            world.admin.ask("POST", f"/v1/consents/{one}", body, status=422)
        world.admin.ask("POST", f"/v1/consents/{one}", [], status=400)
        world.admin.ask("POST", f"/v1/consents/{one}", {"answer": "approve"}, headers={"Origin": "http://evil.example"}, status=403)
        world.admin.ask("GET", f"/v1/consents/{one}", status=405)
        still_waits(client)
        assert len(waiting(world)) == 1
        answer(world, one, "approve")
        assert client.message()[0] == "ServerInfo"
        # Nobody but those who wait can be answered.
        answer(world, one, "approve", status=404)
        client.close()


@script.check(4)
def a_client_that_leaves_is_kicked_or_says_too_much_waits_no_more():
    with serving(ASK + "[limits]\nconsent_messages = 5\n") as world:
        watch = Events(world.admin)
        client, one = asking(world, 4)
        client.socket.wire.close()
        watch.wait(lambda: one in {data["id"] for name, data in watch.seen if name == "consent_closed"} or not watch.state["consents"])
        answer(world, one, "approve", status=404)
        client, one = asking(world, 4)
        world.admin.ask("POST", f"/v1/sessions/{one}/mute", {}, status=409)
        world.admin.ask("POST", f"/v1/sessions/{one}/kick", {})
        closed(client)
        client, one = asking(world, 4)
        for number in range(6):
            client.post("Ping", Id=20 + number)
        for number in range(5):
            assert client.message()[1]["ErrorCode"] == 1
        closed(client)
        watch.wait(lambda: not watch.state["consents"])
        watch.close()


@script.check(4)
def a_reload_lets_in_refuses_or_goes_on_asking():
    with serving() as world:
        first, one = asking(world, 4, "guest one")
        second, _ = asking(world, 4, "guest two")

        def reload(text):
            with open(f"{world.server.folder}/plugboard.toml", "w") as file:
                file.write(CONFIG + text)
            world.admin.ask("POST", "/v1/reload", {})

        reload(ASK.replace("priority = 30", "priority = 20"))
        assert [shown["priority"] for shown in waiting(world)] == [20, 20]
        still_waits(first)
        reload('[[rule]]\nmatch.client = "guest one"\n' + ASK)
        assert first.message()[0] == "ServerInfo"
        still_waits(second)
        reload('[[rule]]\nadmit = "never"\n')
        refused(second, "router.denied.rule")
        closed(first)
        answer(world, one, "approve", status=404)


@script.check(4)
def an_answer_for_good_survives_a_restart_and_can_be_forgotten():
    with tempfile.TemporaryDirectory(prefix="plugboard-conformance-") as folder:
        with serving(folder=folder) as world:
            client, one = asking(world, 4, HOSTILE)
            answer(world, one, "approve", always=True)
            assert client.message()[0] == "ServerInfo"
            other, one = asking(world, 4, "guest x")
            answer(world, one, "deny", always=True)
            refused(other)
        with serving(folder=folder) as world:
            kept = world.admin.ask("GET", "/v1/remembered-consents")["remembered"]
            assert kept == [{"client": HOSTILE, "token": None, "answer": "approve"}, {"client": "guest x", "token": None, "answer": "deny"}], kept
            again = Client(world.server, 4, HOSTILE)
            assert len(again.devices()) == 2
            other = Client(world.server, 4, "guest x", handshake=False)
            introduce(other)
            refused(other)
            text = plugboard(world, "consents", "--remembered")
            assert "guest x" in text and "\x1b" not in text and "\u202e" not in text, text
            plugboard(world, "consents", "--forget")
            assert world.admin.ask("GET", "/v1/remembered-consents") == {"remembered": []}
            # Who is in stays in; who comes is asked about again.
            assert len(again.devices()) == 2
            client, one = asking(world, 4, HOSTILE)
            answer(world, one, "deny")
            refused(client)


@script.check(4)
def the_commands_show_who_waits_and_answer():
    with serving() as world:
        client, one = asking(world, 4, HOSTILE)
        for words in (("status",), ("consents",)):
            text = plugboard(world, *words)
            assert one in text and "guest" in text and "priority 30" in text and "cap 0.5" in text, text
            assert "\x1b" not in text and "\u202e" not in text, repr(text)
        assert json.loads(plugboard(world, "consents", "--json"))[0]["client"] == HOSTILE
        plugboard(world, "approve", one)
        assert client.message()[0] == "ServerInfo"
        assert "waits for consent" in plugboard(world, "approve", one, status=64)
        other, one = asking(world, 4)
        plugboard(world, "deny", one, "--always")
        refused(other)
        assert "guest" in plugboard(world, "consents", "--remembered")
        plugboard(world, "approve", "nonsense", status=64)
        client.close()


@script.check(4)
def the_router_ends_while_clients_wait():
    with serving() as world:
        client, _ = asking(world, 4)
        world.server.signal(signal.SIGTERM)
        assert closed(client).code == 1001
        assert world.server.wait() == 0


script.main()
