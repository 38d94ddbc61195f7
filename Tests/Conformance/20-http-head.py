#!/usr/bin/env python3
# versions: 4
# The HTTP head: pages for browsers, strict upgrades, and a clear refusal of everything else.

import os
import time

from lib.client import Client
from lib.script import Script
from lib.wire import Ended, Late, WebSocket, Wire, ask, upgrade_head

script = Script("plug", flags=("--log-level", "debug"))


def refused(case, head, *statuses, within=3.0):
    """The request must be answered with one of the statuses and the connection ended. Returns the answer."""
    response = ask(case.server.address, head, within)
    shown = head[:100]
    assert response.status in statuses, f"{shown!r} answered {response.status}, expected {statuses}"
    assert "close" in response.headers.get("connection", "close").lower(), f"{response.headers}"
    return response


@script.check(4)
def the_root_and_health_are_pages(case):
    for path in ("/", "/health"):
        head = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()
        response = ask(case.server.address, head, to_the_end=False)
        assert response.status == 200, f"{path}: {response.status}"
        assert int(response.headers["content-length"]) == len(response.body) and response.body, f"{response.headers}"
        if path == "/":
            assert b"plugboard" in response.body.lower(), f"{response.body!r}"
        else:
            assert response.headers.get("access-control-allow-origin") == "*", f"{response.headers}"
    response = ask(case.server.address, b"GET /nothing HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
    assert response.status in (404, 426), f"{response.status}"


@script.check(4)
def health_answers_a_browser_from_anywhere(case):
    head = b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\nOrigin: https://example.org\r\n\r\n"
    response = ask(case.server.address, head, to_the_end=False)
    assert response.status == 200 and response.headers.get("access-control-allow-origin") in ("*", "https://example.org")


@script.check(4)
def only_get_upgrades(case):
    for method in ("POST", "PUT", "DELETE", "CONNECT", "TRACE", "PATCH", "BREW"):
        refused(case, upgrade_head(method=method), 400, 405, 501)
    assert refused(case, upgrade_head(method="POST"), 405)


@script.check(4)
def only_http_1_1_upgrades(case):
    for version in ("HTTP/1.0", "HTTP/0.9", "HTTP/2.0", "HTTP/1.2", "HTTP/1.1x", "http/1.1", "HTTP/11"):
        refused(case, upgrade_head(version=version), 400, 505)
    refused(case, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400, 405, 505)
    refused(case, b"GET /\r\n\r\n", 400, 505)


@script.check(4)
def the_key_is_one_of_16_bytes(case):
    refused(case, upgrade_head(without=("Sec-WebSocket-Key",)), 400)
    refused(case, upgrade_head(extra=("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",)), 400)
    for key in ("short", "", "dGhlIHNhbXBsZSBub25jZQ", "dGhlIHNhbXBsZSBub25jZSE=", "!!!!IHNhbXBsZSBub25jZQ==", "A" * 24, "dGhlIHNhbXBsZSBub25jZQ=="[:-1] + "A"):
        refused(case, upgrade_head(key=key or " "), 400)


@script.check(4)
def the_websocket_version_is_13(case):
    for value in ("8", "12", "14", "0", "x", "13, 8"):
        head = upgrade_head(without=("Sec-WebSocket-Version",), extra=(f"Sec-WebSocket-Version: {value}",))
        response = refused(case, head, 400, 426)
        if response.status == 426:
            assert response.headers.get("sec-websocket-version") == "13", f"{response.headers}"
    head = upgrade_head(without=("Sec-WebSocket-Version",), extra=("Sec-WebSocket-Version: 8",))
    assert refused(case, head, 426).headers["sec-websocket-version"] == "13"
    refused(case, upgrade_head(without=("Sec-WebSocket-Version",)), 400, 426)


@script.check(4)
def upgrade_and_connection_must_say_so(case):
    refused(case, upgrade_head(without=("Upgrade",)), 400, 426)
    refused(case, upgrade_head(without=("Connection",)), 400, 426)
    refused(case, upgrade_head(without=("Upgrade",), extra=("Upgrade: h2c",)), 400, 426)
    for lines in (("Connection: keep-alive, Upgrade",), ("connection: UPGRADE",), ("Connection: keep-alive", "Connection: upgrade")):
        WebSocket(case.server.address, extra=()).drop()
        head = upgrade_head(without=("Connection",), extra=lines)
        wire = Wire(case.server.address)
        wire.send(head)
        line = wire.take_until(b"\r\n", time.monotonic() + 3)
        assert b" 101 " in line, f"{lines}: {line!r}"
        wire.close()


@script.check(4)
def there_is_one_host_and_it_is_ours(case):
    refused(case, upgrade_head(without=("Host",)), 400)
    refused(case, upgrade_head(extra=("Host: 127.0.0.1",)), 400)
    port = case.server.address[1]
    for host in ("127.0.0.1", f"127.0.0.1:{port}", "localhost", f"localhost:{port}", "LOCALHOST", "[::1]", f"[::1]:{port}"):
        WebSocket(case.server.address, host=host).drop()
    for host in ("evil.example", f"evil.example:{port}", "127.0.0.1.evil.example", "localhost.evil.example", "8.8.8.8", "127.0.0.1@evil.example"):
        refused(case, upgrade_head(host=host), 400, 403, 421)
    case.server.wait_log("evil.example")


@script.check(4)
def foreign_origins_are_refused_and_named_in_the_log(case):
    for origin in ("https://evil.example", "null", "http://localhost.evil.example", "http://127.0.0.1.evil.example", "chrome-extension://abc"):
        refused(case, upgrade_head(extra=(f"Origin: {origin}",)), 403)
    case.server.wait_log("https://evil.example")
    for origin in ("http://localhost", "http://localhost:8080", "http://127.0.0.1:3000", "https://localhost", "http://[::1]:9"):
        WebSocket(case.server.address, extra=(f"Origin: {origin}",)).drop()


@script.check(4)
def a_head_that_is_too_large_is_refused_early(case):
    refused(case, upgrade_head(extra=("X-Long: " + "a" * 20_000,)), 431)
    refused(case, upgrade_head(extra=("X-Long: " + "a" * 300_000,)), 431)
    refused(case, upgrade_head(extra=[f"X-{n}: 1" for n in range(150)]), 431)
    refused(case, upgrade_head(extra=[f"X-{n}: 1" for n in range(20_000)]), 431)
    refused(case, upgrade_head(path="/" + "a" * 20_000), 400, 414, 431)
    WebSocket(case.server.address, extra=[f"X-{n}: {n}" for n in range(80)]).drop()
    WebSocket(case.server.address, extra=("X-Long: " + "a" * 8_000,)).drop()


@script.check(4)
def control_characters_and_bad_lines_are_refused(case):
    good = upgrade_head()
    for bad in (
        good.replace(b"Host: ", b"Ho\0st: "),
        good.replace(b"Upgrade: websocket", b"Upgrade: web\0socket"),
        good.replace(b"Upgrade: websocket", b"Upgrade: web\x07socket"),
        good.replace(b"\r\nUpgrade", b"\r\n folded\r\nUpgrade"),
        good.replace(b"\r\nUpgrade", b"\rUpgrade"),
        good.replace(b"\r\n", b"\n"),
        good.replace(b"Host: 127.0.0.1\r\n", b"Host: 127.0.0.1\n"),
        good.replace(b"Host:", b"Host :"),
        good.replace(b"Host: 127.0.0.1", b"Host 127.0.0.1"),
        good.replace(b"Host: 127.0.0.1", b"Host: 127.0.0.1\r\n: empty name"),
        good.replace(b"GET / ", b"GET  / "),
        good.replace(b"GET / ", b"GET /a b "),
        good.replace(b"GET / ", b" GET / "),
    ):
        refused(case, bad, 400)


@script.check(4)
def a_body_on_the_upgrade_is_refused(case):
    for line in ("Content-Length: 5", "Transfer-Encoding: chunked", "Content-Length: 0x5"):
        refused(case, upgrade_head(extra=(line,)) + b"hello", 400)


@script.check(4)
def what_is_not_http_is_cut_off_at_once(case):
    hello = bytes.fromhex("16030100c8010000c40303") + os.urandom(200)
    wire = Wire(case.server.address)
    wire.send_what_is_taken(hello)
    assert b"101" not in wire.rest(1.0), "a TLS hello was upgraded"
    case.server.wait_log("ws://")
    for data in (b"\x00" * 50, b"\xff\xfe\xfd", b"\x80abc", b"{}\r\n", b"[1]", b"\r\n\r\n\r\n\r\n", b"SSH-2.0-x\r\n"):
        wire = Wire(case.server.address)
        wire.send_what_is_taken(data)
        answer = wire.rest(1.0)
        assert answer == b"" or answer.startswith(b"HTTP/1.1 400"), f"{data!r}: {answer[:60]!r}"


@script.check(4)
def extensions_and_subprotocols_do_no_harm(case):
    for offer in ("permessage-deflate; server_max_window_bits=99", "permessage-deflate", "x-unknown; a=\"b,c\"", ";;,"):
        socket = WebSocket(case.server.address, extra=(f"Sec-WebSocket-Extensions: {offer}",))
        assert "sec-websocket-extensions" not in socket.response.headers, f"{offer}: {socket.response.headers}"
        socket.drop()
    for offer, chosen in (("chat", ("chat", None)), ("buttplug, other", ("buttplug", None))):
        socket = WebSocket(case.server.address, extra=(f"Sec-WebSocket-Protocol: {offer}",))
        assert socket.response.headers.get("sec-websocket-protocol") in chosen, f"{socket.response.headers}"
        socket.drop()


@script.check(4)
def a_head_in_single_bytes_is_the_same_as_whole(case):
    client = case.client(bytewise=True)
    client.ok("Ping")


@script.check(4)
def a_head_that_never_ends_is_cut_at_its_deadline(case):
    from lib.script import serving

    with serving("plug", config='[limits]\nhead_timeout = "500ms"\nhandshake_timeout = "700ms"\nclose_timeout = "200ms"\n') as other:
        silent, slow = Wire(other.server.address), Wire(other.server.address)
        halted = WebSocket(other.server.address)
        since = time.monotonic()
        head = upgrade_head()
        sent = 0
        while time.monotonic() - since < 3:
            try:
                slow._fill(time.monotonic() + 0.05)
            except Late:
                if not slow.send_what_is_taken(head[sent : sent + 1]):
                    break
                sent += 1
            except Ended:
                break
        took = time.monotonic() - since
        assert 0.4 < took < 1.5, f"one byte at a time: cut after {took:.2f} s"
        silent.rest(1.0)
        took = time.monotonic() - since
        assert took < 2, f"a silent connection: cut after {took:.2f} s"
        halted.expect_close(1008, within=2)
        client = Client(other.server)
        client.ok("Ping")
        client.close()


@script.check(4)
def the_server_still_serves_after_all_that(case):
    client = case.client()
    client.ok("Ping")
    assert case.server.descriptors() < 64, f"{case.server.descriptors()} descriptors are still open"


script.main()
