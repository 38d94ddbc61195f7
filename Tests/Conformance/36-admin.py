#!/usr/bin/env python3
# versions: 4
# The admin interface: how it shows two apps on one output, what its verbs do to them, and that odd requests do no harm.

import json
import socket
import subprocess
import time

from lib.admin import Events, OperatedRouter
from lib.client import Client
from lib.script import Script
from lib.server import Server, environment, program

script = Script(server=False)


def vibrate(client, value, device=0):
    client.ok("OutputCmd", DeviceIndex=device, FeatureIndex=0, Command={"Vibrate": {"Value": value}})


def by_name(admin, name):
    return next(one for one in admin.ask("GET", "/v1/sessions")["sessions"] if one["client"] == name)


@script.check(4)
def the_driving_app_is_shown_and_a_muted_one_gives_way():
    with OperatedRouter() as world:
        game, player = Client(world.server, 4, "Game"), Client(world.server, 4, "Player")
        watch = Events(world.admin, "?levels=10")
        vibrate(game, 8)
        vibrate(player, 14)
        ids = {name: by_name(world.admin, name)["id"] for name in ("Game", "Player")}
        lane = lambda: watch.state["lanes"][0, 0]
        watch.wait(lambda: lane()["winner"] == ids["Player"] and lane()["value"] == 14, within=2)
        assert {one["session"]: one["scaled"] for one in lane()["contributions"]} == {ids["Game"]: 8, ids["Player"]: 14}, lane()
        watch.wait(lambda: watch.levels.get((0, 0)) == ("Vibrate", 14), within=2)
        mark = world.server.journal.mark()
        assert world.admin.ask("POST", f"/v1/sessions/{ids['Player']}/mute", {})["mute"] is True
        world.server.journal.wait(lambda line: line["device"] == 0, mark, what="the muted app's value gives way")
        # The other app's value waits for its own next command: an operator's change raises nothing and brings nothing back.
        vibrate(player, 20)
        vibrate(game, 9)
        watch.wait(lambda: lane()["winner"] == ids["Game"] and lane()["value"] == 9, within=2)
        world.admin.ask("POST", f"/v1/sessions/{ids['Player']}/unmute", {})
        vibrate(player, 16)
        watch.wait(lambda: lane()["winner"] == ids["Player"] and lane()["value"] == 16, within=2)
        patched = world.admin.ask("PATCH", f"/v1/sessions/{ids['Player']}", {"cap": 0.5, "priority": 120})
        assert (patched["cap"], patched["priority"], patched["patched"]) == (0.5, 120, True), patched
        watch.wait(lambda: lane()["value"] <= 10, within=2)
        # The events give the same state as a new request.
        fresh = Events(world.admin)
        watch.wait(lambda: {key: strip(one) for key, one in watch.state["lanes"].items()} == {key: strip(one) for key, one in fresh.state["lanes"].items()}, within=3)
        watch.wait(lambda: set(watch.state["sessions"]) == set(fresh.state["sessions"]), within=2)
        world.admin.ask("POST", f"/v1/sessions/{ids['Player']}/kick", {})
        watch.wait(lambda: ids["Player"] not in watch.state["sessions"], within=2)
        world.admin.ask("POST", f"/v1/sessions/{ids['Player']}/kick", {}, status=404)
        vibrate(game, 3)
        for one in (watch, fresh):
            one.close()
        game.close()


def strip(lane):
    """A lane without the times that change."""
    return {key: value for key, value in lane.items() if key not in ("lease", "held_off")}


@script.check(4)
def stop_is_in_the_journal_at_once_and_clearing_starts_nothing():
    with OperatedRouter() as world:
        game = Client(world.server, 4, "Game")
        vibrate(game, 12)
        world.server.journal.wait(lambda line: line["value"] == 12, what="the value")
        mark, began = world.server.journal.mark(), time.monotonic()
        assert world.admin.ask("POST", "/v1/stop", {}) == {"emergency_stop": True}
        world.server.journal.wait(lambda line: line["device"] == 0 and line["value"] == 0, mark, what="the zero")
        assert time.monotonic() - began < 1
        vibrate(game, 15)
        assert world.admin.ask("GET", "/v1/status")["emergency_stop"] is True
        mark = world.server.journal.mark()
        world.admin.ask("DELETE", "/v1/stop")
        assert all(line["value"] == 0 for line in world.server.journal.read()[mark:])
        vibrate(game, 5)
        world.server.journal.wait(lambda line: line["value"] == 5, mark, what="a new command drives again")
        world.admin.ask("POST", "/v1/devices/0/stop", {})
        vibrate(game, 6)
        assert world.admin.ask("GET", "/v1/lanes")["lanes"][0]["held_off"] > 0
        game.close()


ODD = [
    ("GET", "/v1/nothing", None, None, 404), ("GET", "/v1/sessions/0-1/kick", None, None, 405), ("PUT", "/v1/stop", {}, None, 405),
    ("POST", "/v1/sessions/0/kick", {}, None, 404), ("POST", "/v1/sessions/9-9/kick", {}, None, 404),
    ("POST", "/v1/sessions/99999999999-1/mute", {}, None, 404), ("PATCH", "/v1/sessions/0-1", [1], None, 400),
    ("PATCH", "/v1/sessions/0-1", {"priority": 201}, None, 422), ("PATCH", "/v1/sessions/0-1", {"cap": "x"}, None, 422),
    ("PATCH", "/v1/sessions/0-1", {"nothing": 1}, None, 422), ("POST", "/v1/devices/x/stop", {}, None, 404),
    ("POST", "/v1/devices/4294967296/stop", {}, None, 404), ("POST", "/v1/devices/00/stop", {}, None, 404),
    ("POST", "/v1/scan", {"for": "1h"}, None, 422), ("POST", "/v1/scan", {"for": "99999999999999999999s"}, None, 422),
    ("GET", "/v1/events?levels=0", None, None, 400), ("GET", "/v1/events?levels=1e3", None, None, 400),
    ("GET", "/v1/sessions?limit=0", None, None, 400), ("GET", "/v1/sessions?after=7-7", None, None, 404),
    ("GET", "/v1/%ff", None, None, 400), ("POST", "/v1/stop", {}, {"Origin": "https://evil.example"}, 403),
    ("POST", "/v1/stop", {}, {"Content-Type": "text/plain"}, 415), ("DELETE", "/v1/stop", None, {"Origin": "null"}, 403),
]
ODD_BYTES = [
    b"\x16\x03\x01\x02\x00\x01\x00", b"GET / HTTP/1.1\r\n\r\n", b"POST /v1/stop HTTP/1.1\r\nHost: a\r\nContent-Length: 70000\r\n\r\n",
    b"POST /v1/stop HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\n",
    b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", b"\r\n\r\nnonsense\r\n",
]


@script.check(4)
def odd_requests_get_a_problem_and_nothing_else_happens():
    with OperatedRouter() as world:
        game = Client(world.server, 4, "Game")
        vibrate(game, 7)
        for method, path, body, headers, status in ODD:
            world.admin.ask(method, path, body, headers, status)
        for data in ODD_BYTES:
            answer = world.admin.raw(data)
            assert answer.startswith("HTTP/1.1 4") or answer.startswith("HTTP/1.1 5"), answer[:200]
        assert world.admin.ask("GET", "/v1/status")["emergency_stop"] is False
        assert world.admin.ask("GET", "/v1/lanes")["lanes"][0]["value"] == 7
        pipelined = world.admin.raw(b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\nGET /readyz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        assert pipelined.count("HTTP/1.1 200") == 2, pipelined
        game.close()


@script.check(4)
def a_name_is_plain_text_in_every_output():
    with OperatedRouter() as world:
        name = '<img src=x onerror=alert(1)>\u202egpj."\\\n\u0000' + "🐇" * 20
        client = Client(world.server, 4, name)
        assert by_name(world.admin, name)["client"] == name
        assert "img" not in world.admin.ask("GET", "/metrics")
        table = subprocess.run([program(), "sessions"], capture_output=True, text=True, env=environment(world.server.folder), timeout=10).stdout
        assert "\u202e" not in table and "\\u202e" in table and "\n\u0000" not in table, table
        client.close()


@script.check(4)
def a_thousand_watchers_and_one_that_never_reads_slow_no_app():
    with OperatedRouter(simulate="plug*8") as world:
        game = Client(world.server, 4, "Game")
        silent = Events(world.admin, "?levels=30", read=False)
        watchers = [Events(world.admin, "?levels=30", read=False) for _ in range(1_000)]
        began = time.monotonic()
        for value in range(200):
            vibrate(game, value % 20 + 1, value % 8)
        took = time.monotonic() - began
        assert took < 20, f"200 commands took {took:.1f} s"
        assert world.admin.ask("GET", "/healthz") == {"status": "ok"}
        for one in watchers[:20]:
            one.wait(lambda: one.state is not None)
        for one in [silent, *watchers]:
            one.close()
        game.close()


@script.check(4)
def the_commands_say_the_same():
    with OperatedRouter() as world:
        game = Client(world.server, 4, "Game")
        vibrate(game, 7)

        def run(*words, status=0):
            result = subprocess.run([program(), *words], capture_output=True, text=True, env=environment(world.server.folder), timeout=10)
            assert result.returncode == status, f"{words}: {result.returncode}, {result.stdout}{result.stderr}"
            return result.stdout + result.stderr

        assert json.loads(run("status", "--json"))["sessions"] == 1
        assert "Game" in run("sessions") and "Simulated Rabbit" in run("devices")
        assert "Vibrate 7" in run("lanes") and "Game" in run("lanes")
        session = json.loads(run("sessions", "--json"))[0]["id"]
        assert "cap 0.5" in run("priority", session, "--cap", "0.5")
        run("mute", session)
        run("unmute", session)
        assert "RAISED" in run("stop") + run("status")
        run("resume")
        assert "configuration read" in run("reload")
        run("kick", session)
        assert "no session" in run("kick", session, status=64)
        world.server.stop()
        assert "no router answers" in run("status", "--socket", "/nowhere/admin.sock", status=69)


@script.check(4)
def two_routers_share_a_machine_and_an_address_that_was_asked_for_must_be_free():
    taken = socket.create_server(("127.0.0.1", 0))
    port = taken.getsockname()[1]
    try:
        with OperatedRouter(config="[devices]\npresent_at_start = true\n"), OperatedRouter(config="[devices]\npresent_at_start = true\n") as second:
            assert second.admin.ask("GET", "/readyz") == {"status": "ready"}
        try:
            Server("plug", config=f'[admin]\nlisten = ["http://127.0.0.1:{port}"]\n').clean()
            raise SystemError("it started")
        except AssertionError as refused:
            assert "ended with 69" in str(refused) and "admin.listen" in str(refused), refused
    finally:
        taken.close()


script.main()
