#!/usr/bin/env python3
# versions: 4
# Tokens: made, listed, shown and revoked with a running router and without one; their file, its mode, a damaged one, a disk that does not
# take it; and that no log, metric, journal or answer but the first holds a secret.

import hashlib
import json
import os
import re
import subprocess
import tempfile
from datetime import datetime, timedelta, timezone

from lib.admin import CONFIG, Events, OperatedRouter
from lib.client import Client
from lib.programs import free_port
from lib.script import Script
from lib.server import environment, program, run
from lib.wire import ask, upgrade_head

script = Script(server=False)
# A guest as a proxy on this computer forwards it: from elsewhere.
FORWARDED = ("X-Forwarded-For: 203.0.113.7",)
SECRET = re.compile(r"^pb_[A-Za-z0-9_-]{43}$")


def token(world, *words, status=0):
    """`plugboard token …` beside a router; its output, or with another status what it said."""
    code, out, err = run("token", *words, folder=world.server.folder)
    assert code == status, (words, code, out, err)
    return out if status == 0 else err


def made(world, *words):
    """A new token: its JSON with secret and addresses."""
    answer = json.loads(token(world, "add", *words, "--json"))
    assert SECRET.match(answer["secret"]), answer
    return answer


def kept(folder):
    """The file of tokens, and its path."""
    path = os.path.join(folder, "state", "plugboard", "state.tokens")
    with open(path) as file:
        return json.load(file), path


def in_hours(hours):
    return datetime.now(timezone.utc) + timedelta(hours=hours)


def about(text, when):
    assert abs(datetime.fromisoformat(text.replace("Z", "+00:00")) - when) < timedelta(seconds=60), (text, when)


@script.check(4)
def a_running_router_makes_lists_shows_and_revokes_tokens():
    with OperatedRouter() as world:
        new = made(world, "guest", "--expires", "2h", "--cap", "0.7", "--devices", "*Rabbit*", "--devices", "*Plug*", "--note", "for Ann")
        entry = new["token"]
        about(entry["expires"], in_hours(2))
        about(entry["created"], in_hours(0))
        assert entry["rule"] == {"cap": 0.7, "devices": ["*Rabbit*", "*Plug*"]}, entry
        assert (entry["sessions"], entry["sessions_max"], entry["state"], entry["source"], entry["note"]) == (0, 4, "valid", "made", "for Ann"), entry
        host, port = world.server.address
        assert new["addresses"] == [f"ws://{host}:{port}/?token={new['secret']}"], new["addresses"]
        text = token(world, "add", "endless", "--sessions", "1")
        assert "until it is revoked" in text and re.search(r"^  pb_[\w-]{43}$", text, re.M) and "/?token=pb_" in text, text
        listed = json.loads(token(world, "list", "--json"))
        assert [one["name"] for one in listed] == ["guest", "endless"] and listed[0] == entry, listed
        assert json.loads(token(world, "show", "guest", "--json")) == entry
        for words in (["list"], ["show", "guest"]):
            table = token(world, *words)
            assert "cap 0.7, devices *Rabbit*, *Plug*" in table and "for Ann" in table, table
        assert "already" in token(world, "add", "guest", status=69)
        assert "token list" in token(world, "show", "nobody", status=64)
        assert json.loads(token(world, "revoke", "guest", "--json")) == entry
        assert "no token guest" in token(world, "revoke", "guest", status=64)
        assert [one["name"] for one in json.loads(token(world, "list", "--json"))] == ["endless"]
        # A revoked name is free again.
        assert made(world, "guest")["secret"] != new["secret"]


@script.check(4)
def what_is_wrong_is_refused_with_what_to_write():
    with OperatedRouter() as world:
        for words, hint in [
            (["a/b"], "letters"), (["x" * 65], "64"), (["x", "--expires", "soon"], "2h"), (["x", "--expires", "2001-01-01T00:00:00Z"], "over already"),
            (["x", "--sessions", "0"], "1 to 1000"), (["x", "--cap", "1.5"], "0 to 1"), (["x", "--role", "king"], "observer"),
            (["x", "--priority", "201"], "0 to 200"), (["x", "--note", "n" * 300], "256"), (["x", "--devices", ""], "pattern"),
        ]:
            said = token(world, "add", *words, status=64)
            assert hint in said, (words, said)
        assert world.admin.ask("GET", "/v1/tokens") == {"tokens": [], "next": None}
        for body in ({}, {"name": "x", "secret": "pb_mine"}, {"name": 7}, {"name": "x", "expires": 7200}):
            world.admin.ask("POST", "/v1/tokens", body, status=422)
        world.admin.ask("GET", "/v1/tokens/..%2Fstate", status=404)
        world.admin.ask("DELETE", "/v1/tokens/x", status=404)
        assert not os.path.exists(os.path.join(world.server.folder, "state", "plugboard", "state.tokens"))


@script.check(4)
def only_the_operator_makes_lists_or_revokes():
    with OperatedRouter() as world:
        made(world, "guest")
        body = '{"name":"evil"}'
        lines = f"Host: 127.0.0.1:PORT\nContent-Type: application/json\nContent-Length: {len(body)}\nConnection: close\n\n{body}"
        assert world.http(f"POST /v1/tokens HTTP/1.1\n{lines}")[0] == 403
        for head in ("GET /v1/tokens", "GET /v1/tokens/guest", "DELETE /v1/tokens/guest"):
            assert world.http(f"{head} HTTP/1.1\nHost: 127.0.0.1:PORT\nConnection: close\n\n")[0] == 403, head
        assert "admin socket" in token(world, "list", "--url", world.address(), status=69)
        assert [one["name"] for one in json.loads(token(world, "list", "--json"))] == ["guest"]
        # A page shows a key, which the socket gives and a port does not.
        assert world.http("POST /v1/operator-keys HTTP/1.1\nHost: 127.0.0.1:PORT\nConnection: close\n\n")[0] == 403
        opened = json.loads(run("dashboard", "--json", folder=world.server.folder)[1])["addresses"]
        assert len(opened) == 1 and opened[0].startswith(world.address() + "/#operator=pb_"), opened
        key = opened[0].split("operator=")[1]
        bearer = f"Authorization: Bearer {key}\n"
        assert world.http(f"GET /v1/tokens HTTP/1.1\nHost: 127.0.0.1:PORT\n{bearer}Connection: close\n\n")[0] == 200
        assert world.http(f"POST /v1/operator-keys HTTP/1.1\nHost: 127.0.0.1:PORT\n{bearer}Connection: close\n\n")[0] == 403, "a key makes no key"
        for more, status in [
            ("", 201), ("Origin: http://127.0.0.1:PORT\n", 201),
            # Another page, one in a frame without an origin, a name that was pointed here, another key, and the token of a guest.
            ("Origin: http://evil.example\n", 403), ("Origin: null\n", 403), ("Origin: http://evil.example:PORT\n", 403), ("HOST", 403), ("KEY", 403),
        ]:
            name = f"x{status}{len(more)}"
            body = json.dumps({"name": name})
            host = "evil.example:PORT" if more == "HOST" else "127.0.0.1:PORT"
            shown = bearer.replace(key[:9], "pb_AAAAAA") if more == "KEY" else bearer
            more = "" if more in ("HOST", "KEY") else more
            lines = f"Host: {host}\nContent-Type: application/json\nContent-Length: {len(body)}\n{shown}{more}Connection: close\n\n{body}"
            found = world.http(f"POST /v1/tokens HTTP/1.1\n{lines}")
            assert found[0] == status, (lines, found)
        # A form of another page, which a browser sends without asking.
        body = '{"name":"evil"}'
        lines = f"Host: 127.0.0.1:PORT\nContent-Type: text/plain\nContent-Length: {len(body)}\n{bearer}Connection: close\n\n{body}"
        assert world.http(f"POST /v1/tokens HTTP/1.1\n{lines}")[0] == 415
        names = [one["name"] for one in json.loads(token(world, "list", "--json"))]
        assert "evil" not in names and len(names) == 3, names
        code, out, _ = run("dashboard", folder=world.server.folder)
        assert code == 0 and "/#operator=pb_" in out and "12 hours" in out, out
        with open(world.server.log_path) as file:
            assert key not in file.read()
        document = world.admin.ask("GET", "/v1/openapi.json")
        assert set(document["paths"]["/v1/tokens"]) == {"get", "post"} and set(document["paths"]["/v1/tokens/{name}"]) == {"get", "delete"}


def on_a_terminal(world, *words):
    """What a command prints on a terminal."""
    reading, writing = os.openpty()
    done = subprocess.Popen([program(), *words], stdin=subprocess.DEVNULL, stdout=writing, stderr=subprocess.PIPE, env=environment(world.server.folder))
    os.close(writing)
    text = b""
    try:
        while more := os.read(reading, 65536):
            text += more
    except OSError:
        pass  # Linux says so when the other end is closed.
    os.close(reading)
    _, said = done.communicate(timeout=10)
    assert done.returncode == 0, said
    return text.decode(), said.decode()


def decoded(lines):
    """What zbarimg reads from a code of half blocks; nil where there is no zbarimg."""
    rows = []
    for line in lines:
        rows.append([one in "▀█" for one in line])
        rows.append([one in "▄█" for one in line])
    scale = 4
    pixels = "\n".join(" ".join("1" if dark else "0" for dark in row for _ in range(scale)) for row in rows for _ in range(scale))
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "code.pbm")
        with open(path, "w") as file:
            file.write(f"P1\n{len(rows[0]) * scale} {len(rows) * scale}\n{pixels}\n")
        try:
            return subprocess.run(["zbarimg", "-q", "--raw", path], capture_output=True, text=True, timeout=20).stdout.strip()
        except FileNotFoundError:
            return None


@script.check(4)
def an_address_for_other_machines_has_a_warning_and_on_a_terminal_a_code():
    with OperatedRouter(listen=("ws://0.0.0.0:0",)) as world:
        new = made(world, "guest")
        assert re.fullmatch(rf"ws://[\w.-]+:\d+/\?token={new['secret']}", new["addresses"][0]), new["addresses"]
        assert "readable" in new["warning"] and "docs/tls.md" in new["warning"] and "codes" not in new, new
        code, out, said = run("token", "add", "second", folder=world.server.folder)
        assert code == 0 and "readable" in said and "docs/tls.md" in said and "█" not in out, (out, said)
        text, said = on_a_terminal(world, "token", "add", "third")
        lines = re.findall(r"\x1b\[30;107m(.*?)\x1b\[0m", text)
        assert len(lines) > 20 and "readable" in said, (text, said)
        address = re.search(r"ws://\S+", text).group()
        read = decoded(lines)
        assert read in (None, address), (read, address)
        if read is None:
            print("  the code is not read: there is no zbarimg")
    with OperatedRouter() as world:
        assert made(world, "guest")["warning"] is None
        assert "readable" not in run("token", "add", "second", folder=world.server.folder)[2]


@script.check(4)
def only_addresses_where_an_app_can_connect_are_there_to_paste():
    listening = """[[listener]]
address = "ws://127.0.0.1:%d"
proxy_protocol = true
[[listener]]
address = "ws://127.0.0.1:%d"
"""
    config = CONFIG + listening % (0, 0) + '[[upstream]]\nkind = "device-host"\nurl = "ws://127.0.0.1:%d"\n' % free_port()
    with OperatedRouter(config=config) as world:
        world.server._ready()
        own = [world.server.address, world.server._ready()]
        new = made(world, "guest")
        assert new["addresses"] == [f"ws://{host}:{port}/?token={new['secret']}" for host, port in own], (new["addresses"], own)
        for host, port in own:
            Client((host, port), path=f"/?token={new['secret']}", extra=FORWARDED).close()
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "plugboard.toml")
        with open(path, "w") as file:
            file.write('[server]\nlisten = ["ws://127.0.0.1:21991"]\n' + listening % (21992, 21993))
        code, out, err = run("token", "add", "guest", "--json", "--config", path, folder=folder)
        assert code == 0, err
        assert re.findall(r":(2199\d)/", out) == ["21991", "21993"], out


@script.check(4)
def a_session_and_its_log_line_say_where_it_comes_from_and_by_which_token():
    with OperatedRouter() as world:
        secret = made(world, "ann")["secret"]
        local = Client(world.server, name="Local app")
        game = Client(world.server, name="Ann's game", path=f"/?token={secret}", extra=FORWARDED)
        sessions = {one["client"]: one for one in world.admin.ask("GET", "/v1/sessions")["sessions"]}
        assert (sessions["Local app"]["local"], sessions["Local app"]["token"]) == (True, None), sessions
        assert (sessions["Ann's game"]["local"], sessions["Ann's game"]["token"]) == (False, "ann"), sessions
        table = run("sessions", folder=world.server.folder)[1].splitlines()
        assert "FROM" in table[0] and "TOKEN" in table[0], table
        (line,) = [line for line in table if "Ann's game" in line]
        assert "remote" in line.split() and "ann" in line.split(), line
        assert "local" in next(line for line in table if "Local app" in line).split()
        world.server.wait_match(r'session up.*Ann\'s game.*remote.*"ann"')
        for client in (local, game):
            client.close()


@script.check(4)
def tokens_survive_a_restart_in_a_file_of_their_own_that_only_the_owner_reads():
    with tempfile.TemporaryDirectory() as folder:
        with OperatedRouter(folder=folder) as world:
            guest = made(world, "guest", "--expires", "2h", "--priority", "150", "--role", "observer")
            made(world, "gone")
            token(world, "revoke", "gone")
        document, path = kept(folder)
        assert os.stat(path).st_mode & 0o777 == 0o600
        assert [one["name"] for one in document["tokens"]] == ["guest"]
        assert document["tokens"][0]["sha256"] == hashlib.sha256(guest["secret"].encode()).hexdigest()
        with OperatedRouter(folder=folder) as world:
            assert json.loads(token(world, "list", "--json")) == [guest["token"]]
            assert "in use" in run("serve", "--listen", "ws://127.0.0.1:0", folder=folder)[2]


@script.check(4)
def without_a_router_the_file_is_changed_and_the_next_router_reads_it():
    with tempfile.TemporaryDirectory() as folder:
        code, out, err = run("token", "add", "early", "--expires", "1h", "--cap", "0.25", "--json", folder=folder)
        assert code == 0, err
        early = json.loads(out)
        assert SECRET.match(early["secret"]) and early["addresses"] == [f"ws://localhost:12345/?token={early['secret']}"], early
        assert run("token", "add", "late", folder=folder)[0] == 0
        code, _, err = run("token", "add", "late", folder=folder)
        assert code == 64 and "already" in err, (code, err)
        assert os.stat(kept(folder)[1]).st_mode & 0o777 == 0o600
        with OperatedRouter(folder=folder) as world:
            assert [one["name"] for one in json.loads(token(world, "list", "--json"))] == ["early", "late"]
            assert json.loads(token(world, "show", "early", "--json")) == early["token"]
            # The files are the router's while it runs.
            state = os.path.join(folder, "state", "plugboard", "state")
            assert "is running" in token(world, "revoke", "early", "--state-file", state, status=69)
        code, out, _ = run("token", "revoke", "early", folder=folder)
        assert code == 0 and "is revoked" in out, out
        assert run("token", "show", "early", folder=folder)[0] == 64
        assert [one["name"] for one in json.loads(run("token", "list", "--json", folder=folder)[1])] == ["late"]


@script.check(4)
def a_damaged_file_is_kept_aside_and_lets_nobody_in():
    with tempfile.TemporaryDirectory() as folder:
        for name in ("one", "two"):
            assert run("token", "add", name, folder=folder)[0] == 0
        path = kept(folder)[1]
        with open(path, "rb") as file:
            good = file.read()
        for damage in (b"", good[:-20], good.replace(b'"sha256":"', b'"sha256":"zz', 1), b"\x00" * 100, good.replace(b"plugboard-tokens 1", b"plugboard-tokens 7")):
            with open(path, "wb") as file:
                file.write(damage)
            with OperatedRouter(folder=folder) as world:
                world.server.wait_match(r"file of tokens is damaged.*" + re.escape(path + ".damaged"))
                assert json.loads(token(world, "list", "--json")) == []
                with open(path + ".damaged", "rb") as file:
                    assert file.read() == damage
                made(world, "new")
            os.remove(world.server.log_path)
        # Without a router it is the same, and said.
        with open(path, "wb") as file:
            file.write(good[:50])
        code, out, err = run("token", "list", "--json", folder=folder)
        assert (code, json.loads(out)) == (0, []) and path in err and ".damaged" in err, (code, out, err)


@script.check(4)
def a_disk_that_does_not_take_it_makes_no_token_and_a_revoked_one_stays_revoked():
    with tempfile.TemporaryDirectory() as folder:
        with OperatedRouter(folder=folder) as world:
            made(world, "guest")
            path = kept(folder)[1]
            # Nothing can be written where a folder is, by root neither.
            os.mkdir(path + ".new")
            said = token(world, "add", "other", status=69)
            assert "other is not made" in said and path in said, said
            said = token(world, "revoke", "guest", status=69)
            assert "revoked now" in said and path in said, said
            assert json.loads(token(world, "list", "--json")) == []
            assert kept(folder)[0]["tokens"][0]["name"] == "guest"
            os.rmdir(path + ".new")
        # The end writes what is owed.
        assert kept(folder)[0]["tokens"] == []


def full(folder, size):
    """A command in a mount namespace of its own, with the state's folder on a small disk that is full but for a page or so."""
    state = os.path.join(folder, "state", "plugboard")
    os.makedirs(state, exist_ok=True)
    fill = f"mount -t tmpfs -o size={size} none {state} && (cat /dev/zero > {state}/fill 2>/dev/null; true) && \"$@\""
    return ["unshare", "--mount", "sh", "-c", fill, "sh"]


@script.check(4)
def a_full_disk_refuses_a_token_with_a_clear_error():
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run([*full(folder, "64k"), "true"], capture_output=True)
        if done.returncode != 0:
            print("  skipped: no right to mount")
            return
        done = subprocess.run(
            [*full(folder, "64k"), program(), "token", "add", "guest"], capture_output=True, text=True, env=environment(folder), timeout=10
        )
        assert done.returncode == 74 and "guest is not made" in done.stderr and "no space" in done.stderr.lower(), done
        assert "pb_" not in done.stdout + done.stderr


@script.check(4)
def the_configuration_names_tokens_by_file_or_hash_and_a_reload_changes_them():
    with tempfile.TemporaryDirectory() as folder:
        secret = "a-token-of-the-operator-0123456789abcdef"
        path = os.path.join(folder, "room.token")
        with open(path, "w") as file:
            file.write(secret + "\n")
        hashed = hashlib.sha256(b"another-one").hexdigest()
        config = CONFIG + f'[[token]]\nname = "room"\nfile = "{path}"\nsessions = 2\n[[token]]\nname = "hash"\nhash = "{hashed}"\nexpires = "2100-01-01T00:00:00Z"\n'
        with OperatedRouter(folder=folder, config=config) as world:
            listed = {one["name"]: one for one in json.loads(token(world, "list", "--json"))}
            assert listed["room"]["sessions_max"] == 2 and listed["room"]["source"] == "configuration" and listed["room"]["expires"] is None
            assert listed["hash"]["expires"] == "2100-01-01T00:00:00Z"
            assert "in the configuration" in token(world, "revoke", "room", status=69)
            assert "in the configuration" in token(world, "add", "room", status=69)
            made(world, "guest")
            with open(os.path.join(folder, "plugboard.toml"), "w") as file:
                file.write(config.split('[[token]]\nname = "hash"')[0])
            world.admin.ask("POST", "/v1/reload", {})
            assert [one["name"] for one in json.loads(token(world, "list", "--json"))] == ["room", "guest"]
            # One that cannot be read changes nothing.
            os.remove(path)
            problem = world.admin.ask("POST", "/v1/reload", {}, status=422)
            assert path in problem["detail"], problem
            assert [one["name"] for one in json.loads(token(world, "list", "--json"))] == ["room", "guest"]
            with open(world.server.log_path) as file:
                assert secret not in file.read()
        for entry, hint in [
            ('name = "a b"\nhash = ""', "letters"), ('name = "a"', "file"), (f'name = "a"\nfile = "/x"\nhash = "{hashed}"', "not both"),
            (f'name = "a"\nhash = "{hashed[1:]}"', "64"), (f'name = "a"\nhash = "{hashed}"\nexpires = "2h"', "2030"), (f'hash = "{hashed}"', "name"),
            (f'name = "a"\nhash = "{hashed}"\n[[token]]\nname = "a"\nhash = "{hashed[::-1]}"', "twice"),
        ]:
            bad = os.path.join(folder, "bad.toml")
            with open(bad, "w") as file:
                file.write(f"[[token]]\n{entry}\n")
            code, _, err = run("check", bad, folder=folder)
            assert code == 78 and hint in err, (entry, code, err)
        with open(path, "w") as file:
            file.write("short")
        code, _, err = run("serve", "--config", os.path.join(folder, "plugboard.toml"), folder=folder)
        assert code == 78 and path in err and "short" not in err, (code, err)


@script.check(4)
def no_secret_is_in_a_log_a_metric_a_journal_an_event_a_file_or_any_answer_but_the_first():
    with tempfile.TemporaryDirectory() as folder, tempfile.NamedTemporaryFile("w", suffix=".token") as kept_by_user:
        chosen, theirs, wrong = "Qx7" * 14, "Wv8" * 14, "Zk6" * 14
        kept_by_user.write(chosen + "\n")
        kept_by_user.flush()
        config = f'''{CONFIG}
[[token]]
name = "chosen"
file = "{kept_by_user.name}"
[[upstream]]
url = "ws://127.0.0.1:1/t/{theirs}"
'''
        with OperatedRouter(folder=folder, config=config, flags=("--log-level", "trace")) as world:
            watch = Events(world.admin)
            secrets = [made(world, f"guest-{number}", "--note", f"n{number}", "--cap", "0.5")["secret"] for number in range(5)]
            # Each secret there is: a guest's in every carrier, the user's own, an upstream's, a wrong one, the key of the page.
            key = json.loads(run("dashboard", "--json", folder=folder)[1])["addresses"][0].rsplit("=", 1)[1]
            for secret in (secrets[1], chosen):
                for path, extra in (
                    (f"/?token={secret}", ()), (f"/t/{secret}", ()), ("/", (f"Authorization: Bearer {secret}",)),
                    ("/", (f"Sec-WebSocket-Protocol: buttplug, plugboard.token.{secret}",)),
                ):
                    Client(world.server, name="Guest", path=path, extra=(*FORWARDED, *extra)).close()
            assert ask(world.server.address, upgrade_head(f"/?token={wrong}", extra=FORWARDED)).status == 401
            bearer = f"Host: 127.0.0.1:PORT\nAuthorization: Bearer {key}\nConnection: close\n\n"
            assert world.http(f"GET /v1/tokens HTTP/1.1\n{bearer}")[0] == 200
            assert world.http(f"GET /v1/tokens?token={wrong} HTTP/1.1\n{bearer.replace(key, wrong)}")[0] in (401, 403)
            secrets += [key, chosen, theirs, wrong]
            game = Client(world.server, 4, "Game")
            game.ok("OutputCmd", DeviceIndex=0, FeatureIndex=0, Command={"Vibrate": {"Value": 5}})
            world.server.journal.wait(lambda line: line["value"] == 5, what="the value")
            token(world, "revoke", "guest-0")
            settings = os.path.join(folder, "plugboard.toml")
            texts = {
                path: json.dumps(world.admin.ask("GET", path))
                for path in (
                    "/v1/tokens", "/v1/tokens/guest-1", "/v1/status", "/v1/sessions", "/v1/rules", "/v1/config", "/metrics", "/v1/openapi.json",
                    "/v1/upstreams", "/v1/devices",
                )
            }
            watch.wait(lambda: "Game" in {one["client"] for one in watch.state["sessions"].values()})
            texts["events"] = json.dumps(watch.seen)
            commands = (
                "token list", "token show guest-1", "token list --json", "config", "doctor", "status", f"config --config {settings}",
                f"check --config {settings}",
            )
            for words in map(str.split, commands):
                texts[" ".join(words)] = "".join(map(str, run(*words, folder=folder)))
            watch.close()
            game.close()
        for name, _, files in os.walk(folder):
            for file in files:
                if file == "plugboard.toml":
                    continue
                with open(os.path.join(name, file), errors="replace") as opened:
                    texts[file] = opened.read()
        assert {"log.txt", "journal.jsonl", "state.tokens"} <= set(texts), sorted(texts)
        for where, text in texts.items():
            assert not [one for one in secrets if one in text or one[3:] in text], f"a secret is in {where}"
        assert "token made" in texts["log.txt"] and "guest-0" in texts["log.txt"] and "token revoked" in texts["log.txt"]


@script.check(4)
def a_guest_comes_in_with_its_token_alone_and_ends_with_it():
    with OperatedRouter() as world:
        local = Client(world.server, name="Local app")
        local.scan()
        journal = world.server.journal
        rabbit = next(device["DeviceIndex"] for device in local.devices() if "Rabbit" in device["DeviceName"])
        for extra in (FORWARDED, ("Forwarded: for=203.0.113.7",), ("X-Real-IP: 203.0.113.7",), ("CF-Connecting-IP: 203.0.113.7",)):
            answer = ask(world.server.address, upgrade_head(extra=extra))
            assert answer.status == 401 and answer.headers["www-authenticate"] == "Bearer", (extra, answer.status)
        for how in ("expires", "revoked", "kept"):
            # The call that makes it takes some of its time.
            new = made(world, how, "--cap", "0.7", "--devices", "*Rabbit*", *(["--expires", "3s"] if how == "expires" else []))
            secret = new["secret"]
            carriers = (
                (f"/?token={secret}", ()), (f"/t/{secret}", ()), ("/", (f"Authorization: Bearer {secret}",)),
                ("/", (f"Sec-WebSocket-Protocol: buttplug, plugboard.token.{secret}",)),
            )
            guests = [Client(world.server, name=f"Guest {how}", path=path, extra=(*FORWARDED, *extra)) for path, extra in carriers]
            assert ask(world.server.address, upgrade_head(f"/?token={secret}", extra=FORWARDED)).status == 503, "a fifth session"
            assert [device["DeviceName"] for device in guests[0].devices()] == ["Simulated Rabbit"]
            mark = journal.mark()
            guests[0].output(rabbit, 0, "Vibrate", 20)
            journal.expect(rabbit, 0, "Vibrate", 14, since=mark)
            mark = journal.mark()
            if how == "revoked":
                token(world, "revoke", how)
            elif how == "kept":
                for guest in guests:
                    guest.close()
                continue
            journal.expect(rabbit, 0, "Vibrate", 0, since=mark)
            for guest in guests:
                guest.closed(1008)
            world.server.wait_log("token_revoked" if how == "revoked" else "token_expired")
            assert ask(world.server.address, upgrade_head(f"/?token={secret}", extra=FORWARDED)).status == 401
        local.ok("Ping")


script.main()
