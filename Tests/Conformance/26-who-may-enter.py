#!/usr/bin/env python3
# versions: 4
# Which connections are accepted: every spelling of this computer and no other; allow-lists that change; localhost's two addresses; Unix
# sockets' modes.

import os
import re
import shutil
import signal
import socket
import stat
import subprocess
import sys
import time

from lib.client import Client
from lib.script import Script, serving
from lib.server import program, run
from lib.wire import ask, upgrade_head

script = Script("plug")


def status(address, origin=None, host=None, extra=()):
    more = ([f"Origin: {origin}"] if origin is not None else []) + list(extra)
    if host is None:
        return ask(address, upgrade_head(extra=tuple(more)), to_the_end=False)
    return ask(address, upgrade_head(without=("Host",), extra=(f"Host: {host}", *more)), to_the_end=False)


def has_ipv6():
    with socket.socket(socket.AF_INET6) as probe:
        try:
            probe.bind(("::1", 0))
            return True
        except OSError:
            return False


@script.check(4)
def programs_of_this_computer_are_accepted_in_every_spelling(case):
    port = case.server.address[1]
    for origin in (
        "http://localhost/", "localhost:12345", "127.0.0.1:12345", f"http://127.0.0.1:{port}/buttplug", "file://", "http://[::1]:3000",
        "HTTP://LOCALHOST.:80", "http://127.9.9.9", "localhost", "http://app.localhost",
    ):
        assert status(case.server.address, origin).status == 101, origin


@script.check(4)
def look_alikes_are_refused(case):
    for origin in (
        "null", "https://evil.example", "http://localhost.evil.example", "http://127.0.0.1.evil.example/", "http://evil-localhost", "evil.example",
        "http://localhost@evil.example", "http://localhost%2eevil.example", "http://2130706433", "http://evil.example/localhost", "",
        "http://" + "localhost." * 900 + "evil.example", "http://l\u00f6calhost", "http://localhost, http://evil.example",
    ):
        assert status(case.server.address, origin).status == 403, origin


@script.check(4)
def a_refusal_prints_the_line_to_copy(case):
    body = status(case.server.address, "https://page.example:8443").body.decode()
    assert '[server] allowed_origins = ["https://page.example:8443"]' in body, body
    body = status(case.server.address, host="router.lan:12345").body.decode()
    assert '[server] allowed_hosts = ["router.lan"]' in body and "127.0.0.1" not in body, body
    body = status(case.server.address, 'https://x"]\tevil').body.decode()
    assert "[server]" not in body, body


@script.check(4)
def an_empty_body_counts_as_none_and_old_http_can_read_pages(case):
    for length in ("0", "00", "0, 0"):
        assert status(case.server.address, extra=(f"Content-Length: {length}",)).status == 101, length
    for length in ("5", "+0", "0, 5", ""):
        assert status(case.server.address, extra=(f"Content-Length: {length}",)).status == 400, length
    for head in (b"GET /health HTTP/1.0\r\n\r\n", b"GET / HTTP/1.0\r\nHost: localhost\r\n\r\n", b"HEAD /health HTTP/1.0\r\n\r\n"):
        assert ask(case.server.address, head).status == 200, head
    assert ask(case.server.address, b"OPTIONS / HTTP/1.0\r\n\r\n").status == 204


def allow_lists_are_read_again_and_every_session_stays():
    with serving("plug", config="[server]\n") as case:
        client = case.client()
        path = os.path.join(case.server.folder, "plugboard.toml")

        def reload(text):
            seen = case.server.log().count("configuration read")
            with open(path, "w") as file:
                file.write(text)
            case.server.signal(signal.SIGHUP)
            until = time.monotonic() + 5
            while case.server.log().count("configuration read") == seen:
                assert time.monotonic() < until, case.server.log()[-500:]
                client.ok("Ping")

        assert status(case.server.address, "https://page.example").status == 403
        reload('[server]\nallowed_origins = ["HTTPS://Page.example:443/"]\nallowed_hosts = ["Router.LAN"]\n')
        assert status(case.server.address, "https://page.example").status == 101
        assert status(case.server.address, host="router.lan:1").status == 101
        reload("[server]\n")
        assert status(case.server.address, "https://page.example").status == 403
        assert "after a restart" not in case.server.log()
        client.ok("Ping")


def localhost_is_both_addresses():
    if not has_ipv6():
        return print("  skipped: this computer has no IPv6")
    for name in ("localhost", "LOCALHOST"):
        server = subprocess.Popen(
            [program(), "serve", "--listen", f"ws://{name}:0", "--state-file", ""],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        try:
            lines = [server.stdout.readline().strip() for _ in range(2)]
            port = int(lines[0].rsplit(":", 1)[1])
            assert lines == [f"ready ws://127.0.0.1:{port}", f"ready ws://[::1]:{port}"], lines
            for address in (("127.0.0.1", port), ("::1", port)):
                assert status(address, host=f"localhost:{port}").status == 101
        finally:
            server.terminate()
            assert server.wait(6) == 0


def a_taken_address_of_localhost_is_reported():
    if not has_ipv6():
        return print("  skipped: this computer has no IPv6")
    with socket.socket(socket.AF_INET6) as holder:
        holder.bind(("::1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        code, output, error = run("serve", "--listen", f"ws://localhost:{port}")
        assert code == 69 and output == "" and f"[::1]:{port}" in error and f"ws://127.0.0.1:{port} alone" in error, (code, error)


def an_address_named_twice_is_refused():
    for pair in (("ws://127.0.0.1:20111",) * 2, ("ws://localhost:20111", "ws://127.0.0.1:20111"), ("WS://Localhost:20111", "ws://[::1]:20111/")):
        code, output, error = run("serve", "--listen", pair[0], "--listen", pair[1])
        assert code == 78 and "named twice" in error and output == "", (pair, code, error)


def wildcard_listeners_know_the_addresses_of_this_computer():
    """In a network namespace of its own, with addresses that send no packets."""
    inner = os.environ.get("PLUGBOARD_TEST_NAMESPACE")
    if not inner:
        setup = (
            "ip link set lo up && ip addr add 192.168.77.5/32 dev lo && (ip addr add fd00:77::5/128 dev lo nodad || true) && exec \"$@\""
        )
        command = ["unshare", "-rn", "sh", "-c", setup, "x", sys.executable, sys.argv[0], "v4", "wildcard_listeners_know"]
        if not shutil.which("unshare") or not shutil.which("ip") or subprocess.run(["unshare", "-rn", "true"], capture_output=True).returncode:
            return print("  skipped: network namespaces are not permitted here")
        done = subprocess.run(command, env={**os.environ, "PLUGBOARD_TEST_NAMESPACE": "1"}, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stdout + done.stderr
        return None
    insecure = "[server]\nallow_insecure = true\nrequire_token = \"never\"\n"
    cases = [("ws://0.0.0.0:0", "192.168.77.5")]
    if has_ipv6():
        cases += [("ws://[::]:0", "192.168.77.5"), ("ws://[::]:0", "fd00:77::5")]
    for listen, at in cases:
        with serving("plug", listen=(listen,), config=insecure, scan=False) as case:
            port = case.server.address[1]
            literal = f"[{at}]" if ":" in at else at
            target = (at, port)
            assert status(target, host=f"{literal}:{port}").status == 101, (listen, at)
            assert status(target, f"http://{literal}:{port}", f"{literal}:{port}").status == 101, (listen, at)
            assert status(target, f"http://{literal}:{port + 1}", f"{literal}:{port}").status == 403
            for host in (f"evil.example:{port}", "192.168.77.6", "[fd00:77::6]", f"{at}.evil.example"):
                assert status(target, host=host).status in (400, 403), host
    return None


def a_unix_socket_is_for_the_same_user_unless_configured():
    path = f"/tmp/plugboard-mode-{os.getpid()}.sock"
    for config, mode in (("[server]\n", 0o600), ('[server]\nunix_mode = "660"\nunix_group = "%d"\n' % os.getegid(), 0o660)):
        before = os.umask(0)
        try:
            with serving("plug", listen=(f"unix://{path}",), config=config) as case:
                found = os.stat(path)
                assert stat.S_IMODE(found.st_mode) == mode, oct(found.st_mode)
                assert found.st_gid == os.getegid()
                Client(case.server.address).close()
        finally:
            os.umask(before)
    for line in ('unix_mode = "0800"', "unix_mode = 600", 'unix_mode = "0044"', 'unix_group = "no such group"'):
        with open(f"{path}.toml", "w") as file:
            file.write(f"[server]\n{line}\n")
        code, _, error = run("check", f"{path}.toml")
        assert code == 78 and re.search(r":2:\d+: ", error), (line, code, error)
    os.unlink(f"{path}.toml")


# These have servers of their own.
for alone in (
    allow_lists_are_read_again_and_every_session_stays,
    localhost_is_both_addresses,
    a_taken_address_of_localhost_is_reported,
    an_address_named_twice_is_refused,
    wildcard_listeners_know_the_addresses_of_this_computer,
    a_unix_socket_is_for_the_same_user_unless_configured,
):
    script.check(4)(lambda case, alone=alone: alone())
    script.checks[-1][0].__name__ = alone.__name__


if __name__ == "__main__":
    script.main()
