#!/usr/bin/env python3
# versions: 4
# Real proxies in front of the router, with the configuration that docs/proxies.md gives: whose clients are remote, and which address they have.

import shutil
import subprocess

from lib.client import Client
from lib.programs import Program, absent, free_port, recipes
from lib.script import Script, serving
from lib.wire import ask, upgrade_head

script = Script(server=False)


def recipe(language, number=0):
    """A block of docs/proxies.md."""
    return recipes("docs/proxies.md", language)[number]


def nginx(port, router, without=None):
    location = recipe("nginx").replace("127.0.0.1:12345", f"127.0.0.1:{router}")
    if without:
        assert without in location
        location = "".join(line for line in location.splitlines(True) if without not in line)
    configuration = f"""
        daemon off; pid FOLDER/pid; error_log stderr; worker_processes 1;
        events {{ worker_connections 64; }}
        http {{
            access_log off; client_body_temp_path FOLDER/a; proxy_temp_path FOLDER/b; fastcgi_temp_path FOLDER/c;
            uwsgi_temp_path FOLDER/d; scgi_temp_path FOLDER/e;
            server {{ listen 127.0.0.1:{port}; server_name router.example; {location} }}
        }}
    """
    return Program("nginx", configuration, "-c", "CONFIG", "-e", "stderr").ready(port)


def haproxy(port, router, word):
    backend = recipe("haproxy").replace("127.0.0.1:12346", f"127.0.0.1:{router}").replace("send-proxy-v2", word)
    configuration = f"""
defaults
    mode tcp
    timeout connect 5s
    timeout client 1h
frontend apps
    bind 127.0.0.1:{port}
    default_backend plugboard
{backend}"""
    return Program("haproxy", configuration, "-db", "-f", "CONFIG").ready(port)


def check(port):
    """The recipe's own check: the status that a client without a token gets."""
    if not shutil.which("curl"):
        return str(ask(("127.0.0.1", port), upgrade_head(host="router.example"), to_the_end=False).status)
    command = recipe("sh").replace("http://router.example/", f"http://127.0.0.1:{port}/ -H 'Host: router.example'")
    return subprocess.run(command, shell=True, capture_output=True, timeout=15).stdout.decode().strip()


@script.check(4)
def nginx_with_its_header_makes_every_guest_remote_and_names_it():
    if absent("nginx"):
        return
    port = free_port()
    with serving("plug", config=recipe("toml")) as case, nginx(port, case.server.address[1]):
        assert check(port) == "401"
        # nginx itself is the client's address here: a trusted proxy that asks for itself.
        case.server.wait_match(r"connection refused.*\bforwarded\b|\bforwarded\b.*connection refused")
        client = ("127.0.0.1", port)
        for lie in ("X-Forwarded-For: 203.0.113.9", "X-Forwarded-For: 127.0.0.1", "X-Forwarded-For: unix", "Origin: http://localhost"):
            assert ask(client, upgrade_head(host="router.example", extra=(lie,)), to_the_end=False).status == 401, lie
        # Without the proxy nothing has changed.
        Client(case.server).close()


@script.check(4)
def nginx_without_its_header_fails_the_check_of_the_recipe():
    if absent("nginx"):
        return
    port = free_port()
    with serving("plug", config=recipe("toml")) as case, nginx(port, case.server.address[1], without="X-Forwarded-For"):
        assert check(port) == "101"
        # A client that forwards for others says so itself, and is remote.
        head = upgrade_head(host="router.example", extra=("X-Real-IP: 203.0.113.9",))
        assert ask(("127.0.0.1", port), head, to_the_end=False).status == 401


@script.check(4)
def a_session_through_nginx_works_for_its_whole_life():
    if absent("nginx"):
        return
    port = free_port()
    config = recipe("toml") + 'require_token = "never"\n[[rule]]\nmatch = { address = "127.0.0.1" }\nrole = "observer"\n'
    with serving("plug", config=config, scan=False) as case, nginx(port, case.server.address[1]):
        client = Client(("127.0.0.1", port), 4, host="router.example")
        client.scan()
        device = client.devices()[0]["DeviceIndex"]
        # The rule for programs of this computer is not for it.
        client.output(device, 0, "Vibrate", 7)
        case.expect(device, 0, "Vibrate", 7)
        client.close()
        case.expect(device, 0, "Vibrate", 0, case.journal.mark() - 1)


@script.check(4)
def haproxy_names_the_client_in_both_versions_of_the_protocol():
    if absent("haproxy"):
        return
    for word in ("send-proxy", "send-proxy-v2"):
        port, inner = free_port(), free_port()
        config = recipe("toml", 1).replace("127.0.0.1:12346", f"127.0.0.1:{inner}")
        with serving("plug", config=config) as case, haproxy(port, inner, word):
            assert check(port) == "401", word
            direct = ask(("127.0.0.1", inner), upgrade_head(host="router.example"), to_the_end=False)
            assert direct.status == 400 and b"PROXY" in direct.body, direct.body
            # The other listener does not guess.
            line = b"PROXY TCP4 203.0.113.9 127.0.0.1 1 2\r\n"
            assert ask(case.server.address, line + upgrade_head()).status == 400
            # What a proxy would say of a client elsewhere; the log names it.
            assert ask(("127.0.0.1", inner), line + upgrade_head(host="router.example")).status == 401
            case.server.wait_match(r"connection refused.*203\.0\.113\.9")


@script.check(4)
def a_session_through_haproxy_works_for_its_whole_life():
    if absent("haproxy"):
        return
    port, inner = free_port(), free_port()
    config = recipe("toml", 1).replace("127.0.0.1:12346", f"127.0.0.1:{inner}").replace("[server]", '[server]\nrequire_token = "never"')
    with serving("plug", config=config, scan=False) as case, haproxy(port, inner, "send-proxy-v2"):
        client = Client(("127.0.0.1", port), 4, host="router.example")
        client.scan()
        device = client.devices()[0]["DeviceIndex"]
        client.output(device, 0, "Vibrate", 7)
        case.expect(device, 0, "Vibrate", 7)
        client.close()


@script.check(4)
def no_token_is_in_a_log_or_a_metric():
    config = '[server]\nrequire_token = "always"\n[log]\nlevel = "trace"\n[admin]\nlisten = ["http://127.0.0.1:0"]\n'
    with serving("plug", config=config, scan=False) as case:
        secret = "pb_" + "Zq9" * 14
        for path, lines in (
            (f"/?token={secret}", ()), (f"/t/{secret}", ()), ("/", (f"Authorization: Bearer {secret}",)),
            ("/", (f"Sec-WebSocket-Protocol: buttplug, plugboard.token.{secret}",)), (f"/t/{secret}", (f"Origin: http://evil.example/?token={secret}",)),
            (f"/?token={secret}", ("Host: " + secret,)), (f"/?token={secret}&token=b", ()),
        ):
            without = ("Host",) if any(line.startswith("Host") for line in lines) else ()
            answer = ask(case.server.address, upgrade_head(path, without=without, extra=lines))
            assert answer.status in (400, 401, 403), answer.status
            assert answer.status == 403 or b"Zq9" not in answer.body, answer.body
        case.server.wait_log("connection refused")
        assert "Zq9" not in case.server.log(), case.server.log()[-600:]


if __name__ == "__main__":
    script.main()
