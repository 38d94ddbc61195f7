#!/usr/bin/env python3
# versions: 4
# The ways in docs/guide/sharing.md, each with the real program: a guest from elsewhere gets in with a token, and without one gets 401.

import json
import os
import shutil
import subprocess
import sys

from lib.client import Client
from lib.programs import PATH, Program, absent, free_port, recipes
from lib.script import Script, serving
from lib.server import run
from lib.wire import ask, upgrade_head

DOCUMENT = "docs/guide/sharing.md"
INSIDE = "PLUGBOARD_SHARING_INSIDE"
script = Script(server=False)


def guest_drives(case, address, host):
    """A guest needs the token; with it the guest drives until it leaves."""
    assert ask(address, upgrade_head(host=host), to_the_end=False).status == 401
    made = run("token", "add", "guest", "--cap", "0.5", "--json", folder=case.server.folder)
    assert made[0] == 0, made
    return json.loads(made[1])["secret"]


@script.check(4)
def caddy_makes_every_guest_remote_and_carries_a_session():
    if absent("caddy"):
        return
    port = free_port()
    toml = recipes(DOCUMENT, "toml")[1]
    with serving("plug", config=toml) as case:
        router = case.server.address[1]
        site = recipes(DOCUMENT, "caddyfile")[0].replace("127.0.0.1:12345", f"127.0.0.1:{router}")
        # The name's certificate would come from the internet.
        site = site.replace("router.example {", f"http://router.example:{port} {{\n    bind 127.0.0.1")
        options = "{\n    admin off\n    auto_https off\n}\n"
        with Program("caddy", options + site, "run", "--adapter", "caddyfile", "--config", "CONFIG").ready(port):
            address, host = ("127.0.0.1", port), "router.example"
            secret = guest_drives(case, address, f"{host}:{port}")
            guest = Client(address, 4, "Guest", path=f"/?token={secret}", host=f"{host}:{port}")
            device = guest.devices()[0]["DeviceIndex"]
            mark = case.journal.mark()
            guest.output(device, 0, "Vibrate", 20)
            case.expect(device, 0, "Vibrate", 10, since=mark)
            guest.close()
            case.expect(device, 0, "Vibrate", 0, since=mark)


def wireguard_setup():
    """Two computers with a cable between them, and WireGuard's keys; returns why not, or nothing."""
    for tool in ("wg", "wg-quick", "wireguard-go", "ip", "unshare", "mount"):
        if not shutil.which(tool, path=PATH):
            return f"{tool} is not installed"
    if not os.path.exists("/dev/net/tun"):
        return "there is no /dev/net/tun"
    probe = "mount -t tmpfs none /run && ip link add cable0 type veth peer name cable1"
    if subprocess.run(["unshare", "-n", "-m", "sh", "-c", probe], env={**os.environ, "PATH": PATH}, capture_output=True).returncode:
        return "no right to make a network namespace"
    return None


@script.check(4)
def wireguard_carries_a_guest_who_needs_a_token_there_too():
    if why := wireguard_setup():
        return print(f"  skipped: {why}")
    command = ["unshare", "-n", "-m", "-p", "-f", "--kill-child", "--mount-proc", sys.executable, os.path.abspath(__file__), "v4"]
    done = subprocess.run(command, env={**os.environ, "PATH": PATH, INSIDE: "network"}, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0 and "the guest drove" in done.stdout, done.stdout[-1500:] + done.stderr[-1500:]


def inside_network():
    """In namespaces of its own: the two computers, then the router on one and the guest on the other."""
    sh = lambda text: subprocess.run(["sh", "-e", "-c", text], check=True)
    sh("""mount -t tmpfs none /run && ip netns add router && ip netns add friend
          ip link add cable0 netns router type veth peer name cable1 netns friend
          for n in router friend; do ip -n $n link set lo up; done
          ip -n router addr add 192.0.2.1/24 dev cable0 && ip -n router link set cable0 up
          ip -n friend addr add 192.0.2.2/24 dev cable1 && ip -n friend link set cable1 up""")
    key = lambda private=None: subprocess.run(
        ["wg", "pubkey" if private else "genkey"], input=private, capture_output=True, text=True, check=True).stdout.strip()
    private = {name: key() for name in ("ROUTER", "FRIEND")}
    words = {f"{name}_PRIVATE_KEY": private[name] for name in private} | {f"{name}_PUBLIC_KEY": key(private[name]) for name in private}
    words["router.example"] = "192.0.2.1"
    os.mkdir("/run/conf")
    for name, text in zip(("router", "friend"), recipes(DOCUMENT, "wireguard")):
        for word, value in words.items():
            text = text.replace(word, value)
        path = f"/run/conf/wg-{name}.conf"
        with open(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
            file.write(text)
        sh(f"ip netns exec {name} wg-quick up {path}")
    # Of the recipe's addresses the inner one, on a port that the system chooses.
    address = next(one for one in recipes(DOCUMENT, "toml")[0].split('"') if "10.77" in one)
    listen = address.rsplit(":", 1)[0] + ":0"
    with serving("plug", listen=(listen,), wrap=("ip", "netns", "exec", "router"), scan=False) as case:
        made = run("token", "add", "guest", "--json", folder=case.server.folder)
        assert made[0] == 0, made
        told = json.dumps({"address": case.server.address, "secret": json.loads(made[1])["secret"]})
        mark = case.journal.mark()
        done = subprocess.run(
            ["ip", "netns", "exec", "friend", sys.executable, os.path.abspath(__file__), "v4"],
            env={**os.environ, INSIDE: told}, capture_output=True, text=True, timeout=40)
        assert done.returncode == 0, done.stdout + done.stderr
        print(done.stdout, end="")
        device = int(done.stdout.split()[-1])
        case.expect(device, 0, "Vibrate", 7, since=mark)
        case.expect(device, 0, "Vibrate", 0, since=mark)


def inside_friend(told):
    address = tuple(told["address"])
    assert ask(address, upgrade_head(host=address[0]), to_the_end=False).status == 401
    guest = Client(address, 4, "Guest", path=f"/?token={told['secret']}", host=address[0])
    guest.scan()
    device = guest.devices()[0]["DeviceIndex"]
    guest.output(device, 0, "Vibrate", 7)
    guest.close()
    print("the guest drove", device)


inside = os.environ.get(INSIDE)
if inside == "network":
    inside_network()
elif inside:
    inside_friend(json.loads(inside))
else:
    script.main()
