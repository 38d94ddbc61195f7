#!/usr/bin/env python3
# versions: 4
# TLS with foreign tools: the openssl program and Python's ssl make the certificates, connect, and try what no client should.

import atexit
import contextlib
import hashlib
import json
import os
import random
import re
import signal
import socket
import ssl
import stat
import subprocess
import threading
import time
import warnings

from lib.admin import Admin
from lib.certificates import Authority, openssl
from lib.client import Client
from lib.script import Script, serving
from lib.server import Server, program, run
from lib.wire import DEADLINE, Ended, Response, Wire, ask, frame, upgrade_head

script = Script(server=False)
HOME, STRANGER = Authority("home"), Authority("stranger")
atexit.register(HOME.remove)
atexit.register(STRANGER.remove)
PAIR = HOME.pair()
ADMIN = '[admin]\nlisten = ["unix"]\n'
TOKEN = "pb_" + "a" * 43
TOKEN_HASH = hashlib.sha256(TOKEN.encode()).hexdigest()
TOKENS = f'[server]\nrequire_token = "always"\n[[token]]\nname = "me"\nhash = "{TOKEN_HASH}"\n'


def tls(pair=PAIR, more=""):
    return f'[tls]\ncertificate = "{pair[0]}"\nkey = "{pair[1]}"\n{more}'


@contextlib.contextmanager
def secure(config="", pair=PAIR, more="", listen=("ws://127.0.0.1:0", "wss://127.0.0.1:0"), **options):
    """A router with a plain and an encrypted address, and the second of them."""
    with serving("plug", config=config + ADMIN + tls(pair, more), listen=listen, **options) as case:
        yield case, case.server.addresses[-1]


def drive(case, address, value, **wire):
    """An app that drives over TLS."""
    client = Client(address, 4, **wire)
    case.clients.append(client)
    device = case.index("plug")
    client.output(device, 0, "Vibrate", value)
    case.expect(device, 0, "Vibrate", value)
    return client


def refusal(address, client, **more):
    """Why a TLS client gets nowhere: what its library says, in the handshake or at its first read."""
    try:
        wire = Wire(address, tls=client, **more)
        wire.send(upgrade_head())
        wire.take(1, time.monotonic() + DEADLINE)
    except (ssl.SSLError, ConnectionError, Ended) as error:
        return str(error)
    raise AssertionError("it was let in")


def serial(address):
    with Wire(address, tls=HOME.client()).socket as peer:
        return peer.getpeercert()["serialNumber"]


def s_client(address, *words, send=b""):
    command = ["openssl", "s_client", "-connect", f"127.0.0.1:{address[1]}", "-CAfile", HOME.certificate, *words]
    done = subprocess.run(command, input=send, capture_output=True, timeout=20)
    return (done.stdout + done.stderr).decode(errors="replace")


@script.check(4)
def an_app_drives_over_tls_1_2_and_1_3_and_what_it_held_stops_with_it():
    with secure() as (case, address):
        for version, name in ((ssl.TLSVersion.TLSv1_2, "TLSv1.2"), (ssl.TLSVersion.TLSv1_3, "TLSv1.3")):
            client = drive(case, address, 7, tls=HOME.client(version=version))
            assert client.socket.wire.socket.version() == name
            mark = case.journal.mark()
            client.drop()
            case.expect(case.index("plug"), 0, "Vibrate", 0, mark - 1)


@script.check(4)
def the_protocol_is_http_1_1_and_a_client_that_offers_only_another_is_refused():
    with secure() as (_, address):
        for offered, chosen in ((["h2", "http/1.1"], "http/1.1"), ([], None)):
            context, name = HOME.client()
            if offered:
                context.set_alpn_protocols(offered)
            peer = Wire(address, tls=(context, name))
            assert peer.socket.selected_alpn_protocol() == chosen
            peer.close()
        context, name = HOME.client()
        context.set_alpn_protocols(["h2"])
        said = refusal(address, (context, name)).lower()
        assert "no_application_protocol" in said or "no application protocol" in said, said


@script.check(4)
def old_versions_and_weak_ciphers_are_refused_and_1_2_where_1_3_is_the_lowest():
    with secure() as (case, address):
        for version in ("-tls1", "-tls1_1"):
            said = s_client(address, version, "-cipher", "ALL:@SECLEVEL=0")
            assert "alert protocol version" in said and "Cipher is (NONE)" in said, said
        assert "TLSv1.2" in s_client(address, "-tls1_2")
        case.server.wait_log("no common version of TLS")
        weak = s_client(address, "-tls1_2", "-cipher", "AES128-SHA:@SECLEVEL=0")
        assert "Cipher is (NONE)" in weak, weak
    with secure(more='min_version = "1.3"\n') as (_, address):
        assert "Cipher is (NONE)" in s_client(address, "-tls1_2")
        assert "TLSv1.3" in s_client(address, "-tls1_3")


@script.check(4)
def a_client_that_asks_for_a_second_handshake_is_refused_it():
    with secure() as (case, address):
        said = s_client(address, "-tls1_2", send=b"R\n")
        assert "RENEGOTIATING" in said and "no renegotiation" in said, said
        assert "Compression: NONE" in said, said
        drive(case, address, 3, tls=HOME.client())


def old_hello(version, ciphers, extensions=b""):
    """A first message as programs have sent it since SSLv3, with nothing but these."""
    ciphers = b"".join(cipher.to_bytes(2, "big") for cipher in ciphers)
    body = version + bytes(32) + b"\0" + len(ciphers).to_bytes(2, "big") + ciphers + b"\1\0"
    body += len(extensions).to_bytes(2, "big") + extensions if extensions else b""
    return b"\x16\x03\x00" + (len(body) + 4).to_bytes(2, "big") + b"\1" + len(body).to_bytes(3, "big") + body


def answer(address, hello):
    """The kind of the first record that a first message is answered with, and what is in it; (None, b"") when the connection is closed."""
    peer = Wire(address)
    peer.send(hello)
    try:
        head = peer.take(5, time.monotonic() + DEADLINE)
        return head[0], peer.take(int.from_bytes(head[3:], "big"), time.monotonic() + DEADLINE)
    except Ended:
        return None, b""
    finally:
        peer.close()


@script.check(4)
def what_scanners_of_weak_servers_look_for_is_not_there():
    alert, hello = 21, 22
    with secure() as (case, address):
        # SSLv2 and SSLv3, by their own first messages: today's libraries send none.
        two = b"\x80\x2e\x01\x00\x02\x00\x15\x00\x00\x00\x10" + bytes(21) + bytes(16)
        assert answer(address, two)[0] != hello
        assert answer(address, old_hello(b"\3\0", [0x0A, 0x2F, 0x35]))[0] in (alert, None)
        # Without encryption, without a certificate, for export, RC4, 3DES, CBC, and RSA without forward secrecy.
        for cipher in (0x0000, 0x0001, 0x0002, 0x0003, 0x0004, 0x0005, 0x0018, 0x0034, 0x000A, 0x0016, 0x002F, 0x009C, 0xC006, 0xC008, 0xC009, 0xC011, 0xC013, 0xC018):
            kind, said = answer(address, old_hello(b"\3\3", [cipher]))
            assert (kind, said[:1]) in ((alert, b"\2"), (None, b"")), (hex(cipher), kind, said)
        for words in ("NULL:@SECLEVEL=0", "aNULL:@SECLEVEL=0", "ECDHE+AES+SHA1:ECDHE+AES+SHA256:@SECLEVEL=0"):
            assert "Cipher is (NONE)" in s_client(address, "-tls1_2", "-cipher", words), words
        assert "Cipher is ECDHE-" in s_client(address, "-tls1_2")
        # A client that says it has fallen back has been made to.
        assert "inappropriate fallback" in s_client(address, "-tls1_2", "-fallback_scsv")
        said = s_client(address, "-tls1_2")
        assert "Secure Renegotiation IS supported" in said and "Compression: NONE" in said, said
        # Nothing is kept for a client that comes again: neither a session, nor early data.
        for version in ("-tls1_2", "-tls1_3"):
            assert "Reused" not in s_client(address, version, "-reconnect") and "TLS session ticket" not in s_client(address, version)
        # Heartbeats were how servers lost their memory. An odd one ends its connection at most.
        kind, said = answer(address, old_hello(b"\3\3", [0xC02B], b"\0\x0f\0\1\1\0\x0a\0\4\0\2\0\x17\0\x0d\0\4\0\2\4\3"))
        assert kind == hello and b"\0\x0f\0\1" not in said, (kind, said)
        assert answer(address, b"\x18\3\2\0\3\1\x40\0")[0] in (alert, None)
        # Records longer than any may be, of a kind there is not, and empty ones without end.
        for odd in (b"\x16\3\1\xff\xff\1" + bytes(400), b"\x63\3\3\0\1\0", b"\x16\3\1\0\0" * 500, b"\x14\3\3\0\1\1" * 500):
            assert answer(address, odd)[0] in (alert, None), odd[:8]
        drive(case, address, 3, tls=HOME.client())


@script.check(4)
def records_of_one_byte_in_segments_of_one_byte_are_read_like_any_other():
    with secure() as (case, address):
        context, name = HOME.client()
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        peer = context.wrap_bio(incoming, outgoing, server_hostname=name)
        wire = Wire(address)

        def step(call):
            while True:
                try:
                    result = call()
                    wire.send_bytewise(outgoing.read())
                    return result
                except ssl.SSLWantReadError:
                    wire.send_bytewise(outgoing.read())
                    wire._fill(time.monotonic() + DEADLINE)
                    incoming.write(bytes(wire.buffer))
                    wire.buffer.clear()

        step(peer.do_handshake)
        hello = json.dumps([{"RequestServerInfo": {"Id": 1, "ClientName": "slow", "ProtocolVersionMajor": 4, "ProtocolVersionMinor": 0}}])
        for byte in upgrade_head() + frame(1, hello.encode()):
            step(lambda byte=byte: peer.write(bytes([byte])))
        got = b""
        while b"ServerInfo" not in got:
            got += step(lambda: peer.read(4096))
        assert got.startswith(b"HTTP/1.1 101 ")
        wire.close()
        case.server.wait_log('"client":"slow"')


@script.check(4)
def a_bad_pair_keeps_the_router_from_starting_and_is_named():
    expired, other = HOME.pair(days=0), HOME.pair()
    rows = [
        (("/none.pem", PAIR[1]), "/none.pem: cannot be read: No such file"), ((PAIR[0], "/none.key"), "/none.key: cannot be read"),
        ((PAIR[0], other[1]), f"{other[1]}: is not the key of the certificate in {PAIR[0]}"),
        ((PAIR[1], PAIR[1]), f"{PAIR[1]}: holds no certificate in PEM form"), (expired, f"{expired[0]}: the certificate has expired"),
    ]
    path = HOME.path("bad.toml")
    for pair, words in rows:
        with open(path, "w") as file:
            file.write('[server]\nlisten = ["wss://127.0.0.1:0"]\n' + ADMIN + tls(pair))
        code, out, err = run("serve", "--config", path)
        assert code == 78 and words in err and "ready" not in out, (pair, code, err)
    code, _, err = run("serve", "--listen", "wss://127.0.0.1:0")
    assert code == 78 and "plugboard certificate new" in err, err


@script.check(4)
def handshakes_that_do_not_go_on_end_with_the_deadline_of_the_head():
    with secure('[limits]\nhead_timeout = "300ms"\n') as (case, address):
        client = drive(case, address, 5, tls=HOME.client())
        peers = [Wire(address) for _ in range(3)]
        peers[1].send(b"\x16\x03\x01")
        peers[2].send(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(32))
        for peer in peers:
            assert peer.rest() == b""
            peer.close()
        # One that has made its handshake and sends no head is no better.
        late = Wire(address, tls=HOME.client())
        assert late.rest() == b""
        client.output(case.index("plug"), 0, "Vibrate", 6)
        case.expect(case.index("plug"), 0, "Vibrate", 6)


@script.check(4)
def a_refused_client_gets_the_alert_and_no_reset_while_it_still_sends():
    stranger = STRANGER.pair(subject="/CN=tablet", usage="clientAuth")
    with secure(more=f'client_ca = "{HOME.certificate}"\n', scan=False) as (_, address):
        context = HOME.client(pair=stranger, version=ssl.TLSVersion.TLSv1_3)[0]
        came, out = ssl.MemoryBIO(), ssl.MemoryBIO()
        client = context.wrap_bio(came, out, server_hostname="localhost")
        wire = Wire(address)
        while True:
            try:
                client.do_handshake()
                break
            except ssl.SSLWantReadError:
                wire.send(out.read())
                came.write(wire.take(1, time.monotonic() + DEADLINE))
        # For this end the handshake is done. Its certificate goes out with more than the router reads at once.
        client.write(bytes(1 << 20))
        wire.send(out.read())
        came.write(wire.rest())
        assert wire.ended == "end of stream", wire.ended
        try:
            client.read()
        except ssl.SSLError as error:
            assert "ALERT_UNKNOWN_CA" in str(error).upper().replace(" ", "_"), error
        else:
            raise AssertionError("no alert")
        wire.close()


@script.check(4)
def five_hundred_half_open_handshakes_make_no_session_wait():
    with secure(TOKENS, scan=False) as (case, address):
        client = Client(address, 4, tls=HOME.client(), path=f"/?token={TOKEN}")
        client.scan()
        device = client.devices()[0]["DeviceIndex"]
        peers = []
        for number in range(500):
            peers.append(Wire(address))
            peers[-1].send_what_is_taken(b"\x16\x03\x01\x02\x00\x01")
            if number % 100 == 0:
                client.output(device, 0, "Vibrate", 1 + number // 100)
                case.expect(device, 0, "Vibrate", 1 + number // 100)
        # The oldest have made room for those that came after the first 256.
        for peer in peers[: 500 - 256]:
            assert peer.rest() == b""
        displaced = re.search(r'result="displaced"} (\d+)', Admin(case.server).ask("GET", "/metrics"))
        assert int(displaced.group(1)) >= 500 - 256, displaced
        assert case.server.log().count("connection refused") < 20, "one line a second at most"
        client.close()
        for peer in peers:
            peer.close()


@script.check(4)
def a_token_counts_over_tls_as_it_does_without():
    with secure(TOKENS, scan=False) as (_, address):
        assert ask(address, upgrade_head(), tls=HOME.client()).status == 401
        assert ask(address, upgrade_head(path="/?token=pb_wrong"), tls=HOME.client()).status == 401
        Client(address, 4, tls=HOME.client(), path=f"/?token={TOKEN}").close()


@script.check(4)
def a_reload_takes_a_renewed_pair_and_keeps_the_old_one_when_the_new_is_bad():
    pair = HOME.path("live.pem"), HOME.path("live.key")

    def install(*sources):
        for source, target in zip(sources, pair):
            with open(source, "rb") as old, open(target + ".new", "wb") as new:
                new.write(old.read())
            os.rename(target + ".new", target)

    install(*PAIR)
    with secure(pair=pair) as (case, address):
        client = drive(case, address, 4, tls=HOME.client())
        first = serial(address)
        install(*HOME.pair())
        case.server.signal(signal.SIGHUP)
        case.server.wait_log("configuration read")
        second = serial(address)
        assert second != first
        expired = HOME.pair(days=0)
        for sources, file, words in (
            ((PAIR[0], HOME.pair()[1]), pair[1], "is not the key of the certificate"), (expired, pair[0], "the certificate has expired"),
        ):
            install(*sources)
            case.server.signal(signal.SIGHUP)
            case.server.wait_match(f"configuration refused, the old one stays.*{re.escape(file)}: {words}")
            assert serial(address) == second
        os.remove(pair[0])
        code, out, err = run("reload", "--socket", Admin(case.server).path)
        assert code != 0 and f"{pair[0]}: cannot be read: No such file" in out + err, (code, out, err)
        assert serial(address) == second
        client.output(case.index("plug"), 0, "Vibrate", 9)
        case.expect(case.index("plug"), 0, "Vibrate", 9)
        assert '"client":"conformance","listener":"wss' not in "".join(
            line for line in case.server.log().splitlines() if "session down" in line)


@script.check(4)
def an_end_within_two_weeks_is_warned_of_in_the_log_and_is_a_metric():
    with secure(pair=HOME.pair(days=13)) as (case, _):
        case.server.wait_match("warning.*the certificate expires soon.*expires")
        metrics = Admin(case.server).ask("GET", "/metrics")
        end = float(re.search(r"^plugboard_certificate_expiry_timestamp_seconds (\S+)$", metrics, re.M).group(1))
        assert 12.9 * 86400 < end - time.time() < 13.1 * 86400, end
    with secure(more=f'client_ca = "{HOME.certificate}"\n') as (case, _):
        assert "expires soon" not in case.server.log()


@script.check(4)
def the_end_of_an_authority_for_clients_is_told_as_the_own_one_is_and_keeps_nobody_else_out():
    soon, over = Authority("soon", days=13), Authority("over", days=0)
    both = HOME.path("clients.pem")
    try:
        with open(both, "w") as file:
            for authority in (soon, over):
                with open(authority.certificate) as part:
                    file.write(part.read())
        rule = '[[rule]]\nmatch.certificate = "CN=tablet"\nmax_ping_time = "9s"\n'
        with secure(rule, more=f'client_ca = "{both}"\n') as (case, address):
            case.server.wait_match("error.*an authority in client_ca has expired: clients that show a certificate of it are refused")
            metrics = Admin(case.server).ask("GET", "/metrics")
            end = float(re.search(r"^plugboard_client_ca_expiry_timestamp_seconds (\S+)$", metrics, re.M).group(1))
            assert abs(end - time.time()) < 86400, end
            # Those who show none, or one of the other authority, come in as before.
            drive(case, address, 3, tls=HOME.client()).close()
            own = soon.pair(names="", subject="/CN=tablet", days=5, usage="clientAuth")
            assert drive(case, address, 4, tls=HOME.client(pair=own)).info["MaxPingTime"] == 9000
            late = over.pair(names="", subject="/CN=tablet", usage="clientAuth")
            said = refusal(address, HOME.client(pair=late)).lower()
            assert "expired" in said or "unknown" in said, said
            # The file with the other one alone: what is told is the time that is left.
            os.replace(soon.certificate, both)
            case.server.signal(signal.SIGHUP)
            case.server.wait_match("warning.*an authority in client_ca expires soon.*expires")
    finally:
        soon.remove()
        over.remove()


@script.check(4)
def each_kind_of_client_at_the_port_of_the_other_learns_why():
    with secure() as (case, address):
        answer = ask(address, upgrade_head())
        assert answer.status == 400 and b"wss://" in answer.body and b"https://" in answer.body
        case.server.wait_log("This port takes TLS")
        refusal(case.server.address, HOME.client())
        case.server.wait_log("This port takes plain WebSocket: use ws://")
        for junk in (b"\x00\x01\x02\x03", b"\xff" * 100, b"\x16\x03\x01\x00\x05hello", b"\x80\x2e\x01\x00\x02"):
            peer = Wire(address)
            peer.send(junk)
            rest = peer.rest()
            assert not rest.startswith(b"HTTP"), rest
            peer.close()
        drive(case, address, 2, tls=HOME.client())


@script.check(4)
def changed_bytes_of_a_handshake_end_it_and_nothing_else():
    context, name = HOME.client()
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    with contextlib.suppress(ssl.SSLWantReadError):
        context.wrap_bio(incoming, outgoing, server_hostname=name).do_handshake()
    hello = outgoing.read()
    with secure('[limits]\nhead_timeout = "1s"\n') as (case, address):
        client = drive(case, address, 8, tls=HOME.client())
        dice = random.Random(7)
        peers = []
        for _ in range(300):
            changed = bytearray(hello)
            for _ in range(dice.randint(1, 4)):
                changed[dice.randrange(len(changed))] = dice.randrange(256)
            peers.append(Wire(address))
            peers[-1].send_what_is_taken(bytes(changed[: dice.randint(1, len(changed))]))
        for peer in peers:
            peer.rest()
            peer.close()
        client.output(case.index("plug"), 0, "Vibrate", 1)
        case.expect(case.index("plug"), 0, "Vibrate", 1)


@contextlib.contextmanager
def fronting(url, more):
    """A router in front of an upstream server."""
    front = Server(config=f'[[upstream]]\nurl = "{url}"\n{more}\n{ADMIN}')
    try:
        yield front
        front.stop()
    finally:
        front.clean()


@script.check(4)
def a_router_reaches_an_upstream_by_wss_and_says_what_is_wrong_with_its_certificate():
    own = f'ca_file = "{HOME.certificate}"'
    with secure() as (rear, address):
        url = f"wss://localhost:{address[1]}"
        with fronting(url, own) as front:
            front.wait_log("upstream up")
            client = Client(front)
            # Its devices are known when it has answered for them, which is after it is up.
            device = client.some_devices()[0]["DeviceIndex"]
            client.output(device, 0, "Vibrate", 6)
            rear.expect(rear.index("plug"), 0, "Vibrate", 6)
            mark = rear.journal.mark()
            client.drop()
            rear.expect(rear.index("plug"), 0, "Vibrate", 0, mark - 1)
        rows = ((f'ca_file = "{STRANGER.certificate}"', "unknown issuer"), ("", "unknown issuer"), ('ca_file = "/none.pem"', "/none.pem: cannot be"))
        for more, words in rows:
            with fronting(url, more) as front:
                front.wait_match(f"upstream cannot be reached.*{words}")
        with fronting(url, 'verify = "none"') as front:
            front.wait_match("warning.*certificate of an upstream is not checked.*verify")
            front.wait_log("upstream up")
    with secure(pair=HOME.pair(names="DNS:elsewhere")) as (_, address), fronting(f"wss://localhost:{address[1]}", own) as front:
        front.wait_match("upstream cannot be reached.*for another name")


@script.check(4)
def a_foreign_server_with_an_expired_certificate_or_an_old_protocol_is_refused_by_name():
    def serve(answer):
        listener = socket.create_server(("127.0.0.1", 0))

        def loop():
            with contextlib.suppress(OSError):
                while True:
                    peer = listener.accept()[0]
                    peer.settimeout(DEADLINE)
                    with contextlib.suppress(OSError), peer:
                        answer(peer)

        threading.Thread(target=loop, daemon=True).start()
        return listener

    def encrypted(pair, change=lambda context: None):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*pair)
        change(context)
        return lambda peer: context.wrap_socket(peer, server_side=True).recv(1)

    def old(context):
        warnings.simplefilter("ignore", DeprecationWarning)
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_1

    def plain(peer):
        peer.sendall(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")
        peer.recv(4096)

    rows = ((encrypted(HOME.pair(days=0)), "has expired"), (encrypted(PAIR, old), "no common version"), (plain, "not TLS"))
    for answer, words in rows:
        listener = serve(answer)
        with fronting(f"wss://127.0.0.1:{listener.getsockname()[1]}", f'ca_file = "{HOME.certificate}"') as front:
            front.wait_match(f"upstream cannot be reached.*{words}")
        listener.close()


@script.check(4)
def a_proxy_names_the_client_before_the_handshake():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    config = f'[server]\nrequire_token = "never"\n[[listener]]\naddress = "wss://127.0.0.1:{port}"\nproxy_protocol = true\n'
    with secure(config, listen=("ws://127.0.0.1:0",)) as (case, _):
        address = ("127.0.0.1", port)
        line = b"PROXY TCP4 203.0.113.9 127.0.0.1 1 2\r\n"
        drive(case, address, 5, tls=HOME.client(), first=line)
        case.server.wait_match(r"session up.*203\.0\.113\.9")
        binary = b"\r\n\r\n\x00\r\nQUIT\n\x21\x11\x00\x0c" + bytes([198, 51, 100, 7, 127, 0, 0, 1, 0, 1, 0, 2])
        Client(address, 4, tls=HOME.client(), first=binary).close()
        case.server.wait_match(r"session up.*198\.51\.100\.7")
        # Without the header nothing is guessed.
        refusal(address, HOME.client())
        case.server.wait_match("connection refused.*PROXY")
        assert ask(address, line + upgrade_head()).status == 400


@script.check(4)
def clients_are_asked_for_a_certificate_that_rules_match_and_a_wrong_one_is_refused():
    rule = '[[rule]]\nmatch.certificate = "CN=tablet,*"\nmax_ping_time = "9s"\n'
    with secure(rule, more=f'client_ca = "{HOME.certificate}"\n') as (case, address):
        own = HOME.pair(names="", subject="/O=Home/CN=tablet", usage="clientAuth")
        assert drive(case, address, 3, tls=HOME.client(pair=own)).info["MaxPingTime"] == 9000
        other = HOME.pair(names="", subject="/O=Home/CN=tabletop", usage="clientAuth")
        for client in (HOME.client(pair=other), HOME.client()):
            app = Client(address, 4, tls=client)
            assert app.info["MaxPingTime"] == 0
            app.close()
        foreign = STRANGER.pair(names="", subject="/CN=tablet", usage="clientAuth")
        said = refusal(address, HOME.client(pair=foreign)).lower()
        assert "unknown ca" in said or "unknown_ca" in said, said
        case.server.wait_match("connection refused.*unknown issuer")
        late = HOME.pair(names="", subject="/CN=old", usage="clientAuth", days=0)
        assert "expired" in refusal(address, HOME.client(pair=late)).lower()


@script.check(4)
def certificate_new_makes_what_a_router_and_its_clients_need_and_overwrites_nothing():
    folder = HOME.path("made")
    code, out, err = run("certificate", "new", "--host", "router.lan", "--host", "127.0.0.1", "--folder", folder)
    assert code == 0 and "update-ca-certificates" in out and "allowed_hosts" in out, (code, out, err)
    names = ["plugboard-ca.key", "plugboard-ca.pem", "plugboard.key", "plugboard.pem"]
    assert sorted(os.listdir(folder)) == names
    assert all(stat.S_IMODE(os.stat(os.path.join(folder, name)).st_mode) == 0o600 for name in names)
    authority, key, certificate = (os.path.join(folder, name) for name in names[1:])
    openssl("verify", "-x509_strict", "-purpose", "sslserver", "-verify_hostname", "router.lan", "-CAfile", authority, certificate)
    openssl("verify", "-verify_ip", "127.0.0.1", "-CAfile", authority, certificate)
    assert "prime256v1" in openssl("x509", "-in", certificate, "-noout", "-text").stdout.decode()
    fingerprint = openssl("x509", "-in", authority, "-noout", "-fingerprint", "-sha256").stdout.decode().strip().split("=")[1]
    assert fingerprint in out

    def content(path):
        with open(path) as file:
            return file.read()

    before, trusted = content(certificate), content(authority)
    code, _, err = run("certificate", "new", "--host", "router.lan", "--folder", folder)
    assert code == 64 and "--force" in err and content(certificate) == before, err
    code, _, err = run("certificate", "new", "--host", "router.lan", "--host", "127.0.0.1", "--folder", folder, "--force")
    assert code == 0 and content(certificate) != before and content(authority) == trusted, err
    for wrong in ("a b", "a,IP:1.2.3.4", "", "*.lan"):
        assert run("certificate", "new", "--host", wrong, "--folder", folder, "--force")[0] == 64, wrong
    with secure(pair=(certificate, key)) as (case, address):
        drive(case, address, 4, tls=(ssl.create_default_context(cafile=authority), "router.lan"))


@script.check(4)
def commands_reach_another_router_over_tls_with_the_operators_token_and_say_what_is_wrong():
    token, wrong = HOME.path("operator.token"), HOME.path("wrong.token")
    for path, text in ((token, TOKEN), (wrong, "pb_" + "w" * 43), (HOME.path("short.token"), "abc")):
        with open(path, "w") as file:
            file.write(text + "\n")
    config = tls() + f'[admin]\nlisten = ["unix", "http://127.0.0.1:0", "https://0.0.0.0:0"]\ntoken_file = "{token}"\n'
    with serving("plug", config=config) as case:
        port = int(case.server.wait_match(r"admin interface.*https://0\.0\.0\.0:(\d+)").group(1))
        plain = int(case.server.wait_match(r"admin interface.*http://127\.0\.0\.1:(\d+)").group(1))
        url, trust = f"https://localhost:{port}", ("--ca-file", HOME.certificate)

        def ask_router(*words, at=url, more=(*trust, "--token-file", token), **options):
            return run(*words, "--url", at, *more, **options)

        code, out, err = ask_router("status", "--json")
        assert code == 0 and json.loads(out)["listeners"], (code, out, err)
        assert ask_router("status", at=f"https://127.0.0.1:{port}/")[0] == 0
        client = case.client()
        client.output(case.index("plug"), 0, "Vibrate", 9)
        case.expect(case.index("plug"), 0, "Vibrate", 9)
        assert ask_router("stop")[0] == 0
        case.expect(case.index("plug"), 0, "Vibrate", 0)
        assert ask_router("resume")[0] == 0
        # What comes in many records, and a body.
        code, out, err = ask_router("token", "add", "guest", "--note", "n" * 200, "--json")
        assert code == 0 and json.loads(out)["secret"].startswith("pb_"), err
        case.secrets = [TOKEN, json.loads(out)["secret"], "pb_" + "w" * 43]
        assert "guest" in ask_router("token", "list")[1] and ask_router("token", "revoke", "guest")[0] == 0
        # The stream of events, until the router ends.
        watching = subprocess.Popen(
            [program(), "watch", "--json", "--url", url, *trust, "--token-file", token], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        assert b'"snapshot"' in watching.stdout.readline()
        outsider = f"https://localhost:{case.server.address[1]}"
        rows = (
            ((), url, 69, "--ca-file"), (("--ca-file", STRANGER.certificate), url, 69, "unknown issuer"),
            (trust, url, 69, "--token-file"), ((*trust, "--token-file", wrong), url, 69, "--token-file"),
            ((*trust, "--token-file", HOME.path("short.token")), url, 64, "32 to"),
            ((*trust, "--token-file", "/none"), url, 64, "/none"), (("--ca-file", "/none"), url, 64, "/none: cannot be read"),
            (("--ca-file", token), url, 64, "holds no certificate"),
            (trust, f"https://127.0.0.2:{port}", 69, "another name"), (trust, f"https://localhost:{plain}", 69, "not TLS"),
            (trust, outsider, 69, outsider), (trust, "https://localhost:1", 69, "no router answers at https://localhost:1"),
            (("--token-file", token), f"http://127.0.0.1:{plain}", 64, "--url https://"), (trust, f"https://u:{TOKEN}@localhost:1", 64, "--url"),
            (trust, f"https://localhost:{port}/?token={TOKEN}", 64, "--url"), ((), f"http://127.0.0.1:{port}", 64, "https://"),
        )
        for more, at, expected, words in rows:
            code, out, err = ask_router("status", at=at, more=more)
            assert code == expected and words in err and len(err.splitlines()) <= 4, (more, at, code, out, err)
            assert not any(secret in out + err for secret in case.secrets), err
        assert not any(secret in case.server.log() for secret in case.secrets)
        case.server.stop()
        _, err = watching.communicate(timeout=DEADLINE)
        assert watching.returncode == 69 and b"the router has ended" in err, err


@script.check(4)
def the_admin_interface_goes_beyond_this_computer_only_with_tls_and_a_token():
    token, path = HOME.path("admin.token"), HOME.path("admin.toml")
    with open(token, "w") as file:
        file.write(TOKEN + "\n")

    def listen(*addresses, more=""):
        return f"[admin]\nlisten = {json.dumps(['unix', *addresses])}\n{more}"

    for config, words in (
        (listen("http://0.0.0.0:0"), "https:// with a token"), (listen("https://0.0.0.0:0") + tls(), "token_file"),
        (listen("https://127.0.0.1:0"), "needs a certificate"),
        (listen("https://0.0.0.0:0", more='token_file = "/none"\n') + tls(), "/none"),
        (listen("https://127.0.0.1:0", more=f'token_file = "{token}"\ntoken_hash = "{TOKEN_HASH}"\n') + tls(), "not both"),
    ):
        with open(path, "w") as file:
            file.write(config)
        code, out, err = run("serve", "--listen", "ws://127.0.0.1:0", "--config", path)
        assert code == 78 and words in err and "ready" not in out, (config, code, err)
    config = "[devices]\npresent_at_start = true\n" + tls() + listen("https://0.0.0.0:0", more=f'token_file = "{token}"\n')
    server = Server("plug", config=config)
    try:
        port = int(server.wait_match(r"admin interface.*https://0\.0\.0\.0:(\d+)").group(1))

        def get(path, *fields, method="GET", host="localhost"):
            head = "".join(f"{field}\r\n" for field in (f"Host: {host}", "Connection: close", *fields))
            return ask(("127.0.0.1", port), f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode(), tls=HOME.client())

        right, wrong = f"Authorization: Bearer {TOKEN}", "Authorization: Bearer pb_" + "b" * 43
        for path in ("/v1/status", "/metrics", "/v1/config", "/readyz", "/v1/events", "/v1/tokens", f"/v1/status?token={TOKEN}"):
            answer = get(path)
            assert answer.status == 401 and answer.headers["www-authenticate"] == "Bearer", path
            assert get(path, wrong).status == 401, path
        for method in ("POST", "DELETE"):
            assert get("/v1/stop", wrong, method=method).status == 401
            assert get("/v1/stop", right, method=method).status == 200
        assert get("/v1/status", right).status == 200 and get("/v1/tokens", right).status == 200
        assert get("/healthz").status == 200
        page = get("/")
        assert page.status == 200 and b"Plugboard" in page.body
        # An event stream of a browser cannot have header fields.
        stream = Wire(("127.0.0.1", port), tls=HOME.client())
        stream.send(f"GET /v1/events?token={TOKEN} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        assert Response(stream.take_until(b"\r\n\r\n", time.monotonic() + DEADLINE)).status == 200
        stream.take_until(b"event: snapshot", time.monotonic() + DEADLINE)
        plain = ask(("127.0.0.1", port), b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert plain.status == 400 and b"https://" in plain.body
        assert get("/", host="evil.example").status == 403
        # Another token takes from the old one what it has opened; the list of names is read again, too.
        renewed = "pb_" + "r" * 43
        with open(token, "w") as file:
            file.write(renewed + "\n")
        with open(os.path.join(server.folder, "plugboard.toml"), "w") as file:
            file.write('[server]\nallowed_hosts = ["router.example"]\n' + config)
        assert get("/", host="router.example").status == 403
        server.signal(signal.SIGHUP)
        stream.rest(DEADLINE)
        stream.close()
        assert get("/v1/status", right).status == 401 and get("/", host="router.example").status == 200
        right = f"Authorization: Bearer {renewed}"
        assert get("/v1/status", right).status == 200
        # A reload that no longer names the token takes it from nobody: the address stays until a restart.
        with open(os.path.join(server.folder, "plugboard.toml"), "w") as file:
            file.write(listen() + tls())
        server.signal(signal.SIGHUP)
        server.wait_match(r"(?s)configuration read.*configuration read")
        assert get("/v1/status").status == 401 and get("/v1/status", right).status == 200
        server.wait_log("a wrong token was shown to the admin interface")
        # Ten wrong ones within a minute, with those from above: then none is looked at, and the operator of this computer comes in.
        statuses = [get("/v1/status", wrong).status for _ in range(12)]
        assert statuses[-1] == 429 and set(statuses) <= {401, 429} and statuses == sorted(statuses), statuses
        paused = get("/v1/stop", wrong, method="POST")
        assert paused.status == 429 and 0 < int(paused.headers["retry-after"]) <= 60 and b"try again in" in paused.body, paused.body
        assert get("/v1/status").status == 401 and get("/v1/status", right).status == 200
        server.wait_log("wrong tokens within a minute were shown to the admin interface: refused for 60 s")
        assert TOKEN not in server.log() and renewed not in server.log()
        server.stop()
    finally:
        server.clean()


script.main()
