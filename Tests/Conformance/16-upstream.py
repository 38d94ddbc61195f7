#!/usr/bin/env python3
# versions: 4
# A router in front of an upstream server: its devices as the router's clients see them, and what happens when that server is killed.

import contextlib
import os
import tempfile
import threading
import time

from lib.client import Client
from lib.script import Script
from lib.server import Server, run
from lib.upstream import Upstream, free_port, vibrator
from lib.wire import Late

script = Script(server=False)
PRESENT = "[devices]\npresent_at_start = true\n"


@contextlib.contextmanager
def fronted(simulate, back_config=PRESENT, more=0):
    """A server with devices and a router without any in front of it, which has found them."""
    back = Server(simulate, config=back_config)
    front = None
    try:
        front = Server(flags=["--upstream", "ws://%s:%d" % back.address])
        client = Client(front, 4, name="setup")
        until_devices(client, len(simulate.split(",")) + more)
        client.close()
        yield back, front
        front.stop()
        assert back.journal.running() == [], f"left running: {back.journal.running()}"
        if back.alive():
            back.stop()
    finally:
        for server in (front, back):
            if server:
                server.clean()


def until_devices(client, count, within=5.0):
    """Waits for a list of this number of devices; they may have been there before the client."""
    if len(client.devices()) != count:
        client.event("DeviceList", lambda body: len(body["Devices"]) == count, within)


def restarted(back, simulate):
    """Another process at the same address, with the same journal."""
    return Server(simulate, config=PRESENT, listen=["ws://%s:%d" % back.address], folder=back.folder)


@script.check(4)
def devices_are_driven_sensed_and_stopped_through_the_router():
    with fronted("rabbit,plug") as (back, front):
        a, b = Client(front, 4, name="a"), Client(front, 4, name="b")
        rabbit, plug = [device["DeviceIndex"] for device in a.devices()]
        mark = back.journal.mark()
        a.vibrate(rabbit, 0.5)
        b.vibrate(plug, 0.5)
        back.journal.expect(rabbit, 0, "Vibrate", 10, mark)
        back.journal.expect(plug, 0, "Vibrate", 10, mark)
        name, body = a.ask("InputCmd", DeviceIndex=plug, FeatureIndex=1, Type="Battery", Command="Read")
        assert name == "InputReading", (name, body)
        # A closing app stops all devices, but this reaches only its own outputs; the other app's output goes on.
        a.stop()
        back.journal.expect(rabbit, 0, "Vibrate", 0, mark)
        a.close()
        b.drain()
        assert back.journal.values(plug, 0, "Vibrate", mark) == [10]


@script.check(4)
def a_killed_server_leaves_the_clients_connected_and_returns_at_rest():
    with fronted("kegel,plug") as (back, front):
        client, witness = Client(front, 4), Client(front, 3)
        witness.devices()
        kegel, plug = [device["DeviceIndex"] for device in client.devices()]
        client.ok("InputCmd", DeviceIndex=kegel, FeatureIndex=0, Type="Pressure", Command="Subscribe")
        client.vibrate(plug, 0.5)
        client.event("InputReading")
        back.kill()
        client.event("DeviceList", lambda body: body["Devices"] == {})
        witness.event("DeviceRemoved", lambda body: body["DeviceIndex"] == plug)
        client.error(4, "OutputCmd", DeviceIndex=plug, FeatureIndex=0, Command={"Vibrate": {"Value": 3}})
        assert client.devices() == []
        mark = back.journal.mark()
        again = restarted(back, "kegel,plug")
        try:
            began = time.monotonic()
            client.event("DeviceList", lambda body: len(body["Devices"]) == 2, within=5)
            assert time.monotonic() - began < 1, f"the list came back after {time.monotonic() - began:.2f} s"
            assert [device["DeviceIndex"] for device in client.devices()] == [kegel, plug]
            client.events.clear()
            client.event("InputReading")
            assert not any(again.journal.values(plug, 0, "Vibrate", mark)), "the output came back by itself"
            mark = again.journal.mark()
            client.vibrate(plug, 0.25)
            again.journal.expect(plug, 0, "Vibrate", 5, mark)
            client.stop()
            again.journal.expect(plug, 0, "Vibrate", 0, mark)
            client.close()
            witness.close()
            front.stop()
            again.stop()
            back.journal.read()
        finally:
            again.kill()


@script.check(4)
def twenty_clients_at_once_each_get_an_ok_and_the_last_value_is_right():
    slow = PRESENT + '[[devices.simulated_device]]\narchetype = "plug"\nlatency = "30ms"\n'
    with fronted("rabbit", back_config=slow, more=1) as (back, front):
        setup = Client(front, 4)
        plug = next(device["DeviceIndex"] for device in setup.devices() if "Plug" in device["DeviceName"])
        mark = back.journal.mark()
        problems = []

        def write(number):
            client = Client(front, 4, name=f"writer {number}")
            holders.append(client)
            try:
                began = time.monotonic()
                waiting = set()
                for count in range(50):
                    value = (number + count) % 19 + 1 if count < 49 else number
                    waiting.add(client.post("OutputCmd", DeviceIndex=plug, FeatureIndex=0, Command={"Vibrate": {"Value": value}}))
                    # Fifty a second; answers are read meanwhile. Answers may come in any order.
                    while (left := began + count * 0.02 - time.monotonic()) > 0 and waiting:
                        with contextlib.suppress(Late):
                            accept(client.message(left), waiting, number)
                while waiting:
                    accept(client.message(), waiting, number)
            except Exception as error:
                problems.append((number, error))

        def accept(message, waiting, number):
            name, body = message
            if name != "Ok" or body["Id"] not in waiting:
                problems.append((number, name, body))
            waiting.discard(body["Id"])

        holders = []
        threads = [threading.Thread(target=write, args=(number,)) for number in range(1, 21)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not problems, problems[:3]
        back.journal.wait(lambda line: line["device"] is not None and line["value"] == 20, mark, what="the strongest last value")
        setup.drain()
        values = back.journal.values(plug, 0, "Vibrate", mark)
        assert values[-1] == 20, values[-5:]
        assert len(values) < 500, f"{len(values)} writes of a device that takes 30 ms for one"
        for client in holders:
            client.close()
        back.journal.expect(plug, 0, "Vibrate", 0, back.journal.mark() - 1)


@script.check(4)
def the_end_of_the_router_leaves_every_output_at_zero():
    with fronted("rabbit,plug") as (back, front):
        client = Client(front, 4)
        rabbit, plug = [device["DeviceIndex"] for device in client.devices()]
        client.vibrate(rabbit, 0.5)
        client.vibrate(plug, 0.5)
        front.stop()
        assert back.journal.running() == [], back.journal.running()


@script.check(4)
def one_server_at_a_time_may_dial_out_to_the_router():
    port = free_port()
    host = f'[[upstream]]\nkind = "device-host"\nurl = "ws://127.0.0.1:{port}"\n'
    front = Server("rabbit", config=PRESENT + host)
    back = Upstream([vibrator(4), vibrator(9)])
    try:
        client = Client(front, 4)
        until_devices(client, 1)
        back.dial(("127.0.0.1", port))
        until_devices(client, 3)
        _, first, second = [device["DeviceIndex"] for device in client.devices()]
        client.output(second, 0, "Vibrate", 40)
        assert back.values(9)[-1] == 40, back.values(9)
        # A second server is refused with a reason; the first is not disturbed.
        try:
            Upstream([vibrator(4)]).dial(("127.0.0.1", port))
            raise RuntimeError("a second server was let in")
        except AssertionError as error:
            assert "503" in str(error), error
        front.wait_log("Another server is connected here")
        client.output(first, 0, "Vibrate", 10)
        back.drop()
        client.event("DeviceList", lambda body: len(body["Devices"]) == 1)
        client.error(4, "OutputCmd", DeviceIndex=second, FeatureIndex=0, Command={"Vibrate": {"Value": 3}})
        mark = back.mark()
        back.dial(("127.0.0.1", port))
        client.event("DeviceList", lambda body: len(body["Devices"]) == 3, within=1)
        assert [device["DeviceIndex"] for device in client.devices()][1:] == [first, second]
        client.drain()
        assert not any(back.values(4, since=mark) + back.values(9, since=mark)), "an output came back by itself"
        client.output(second, 0, "Vibrate", 7)
        assert back.values(9)[-1] == 7
        front.stop()
        assert back.values(9)[-1] == 0, back.values(9)
    finally:
        back.close()
        front.clean()


@script.check(4)
def an_address_for_servers_that_dial_out_is_refused_when_it_is_taken_or_open_to_the_network():
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        path = os.path.join(folder, "plugboard.toml")

        def serve(url, command="serve"):
            with open(path, "w") as file:
                file.write(f'[server]\nrequire_token = "never"\n[[upstream]]\nkind = "device-host"\nurl = "{url}"\n')
            return run(command, *([path] if command == "check" else ["--config", path, "--listen", "ws://127.0.0.1:0"]))

        status, _, error = serve("ws://0.0.0.0:21998", "check")
        assert status == 78 and "allow_insecure" in error, (status, error)
        other = Server()
        stack.callback(other.clean)
        status, _, error = serve("ws://%s:%d" % other.address)
        assert status == 69 and "is taken" in error and "[[upstream]]" in error, (status, error)
        other.stop()


@script.check(4)
def a_chain_of_three_routers_works():
    with fronted("plug") as (back, front):
        far = Server(flags=["--upstream", "ws://%s:%d" % front.address])
        try:
            client = Client(far, 4)
            until_devices(client, 1)
            plug = client.devices()[0]["DeviceIndex"]
            mark = back.journal.mark()
            client.vibrate(plug, 0.5)
            back.journal.expect(plug, 0, "Vibrate", 10, mark)
            client.drop()
            back.journal.expect(plug, 0, "Vibrate", 0, mark)
            far.stop()
        finally:
            far.clean()


@script.check(4)
def two_routers_may_name_each_other_and_one_stays_in_front():
    ports = free_port(), free_port()
    urls = ["ws://127.0.0.1:%d" % port for port in ports]
    servers = []
    try:
        for own, other in (urls, urls[::-1]):
            servers.append(Server("rabbit,plug", config=PRESENT, listen=[own], flags=["--upstream", other]))
        clients = [Client(server, 4) for server in servers]
        until = time.monotonic() + 10
        while sorted(len(client.devices()) for client in clients) != [2, 4] or not any(
            "it fronts this router" in server.log() for server in servers
        ):
            assert time.monotonic() < until, [len(client.devices()) for client in clients]
            for client in clients:
                with contextlib.suppress(Late):
                    client.events.append(client.message(0.2))
        front = next(n for n, client in enumerate(clients) if len(client.devices()) == 4)
        mark = servers[1 - front].journal.mark()
        far = [device for device in clients[front].devices() if device["DeviceIndex"] >= 2]
        clients[front].output(far[1]["DeviceIndex"], 0, "Vibrate", 7)
        servers[1 - front].journal.wait(lambda line: line["value"] == 7, mark, what="the write of the router in front")
        assert sorted(len(client.devices()) for client in clients) == [2, 4]
        for server in servers:
            server.stop()
    finally:
        for server in servers:
            server.clean()


@script.check(4)
def a_router_that_is_its_own_upstream_is_refused():
    for flags in (["--listen", "ws://127.0.0.1:21999", "--upstream", "ws://localhost:21999"],):
        status, _, error = run("serve", *flags)
        assert status == 78, (status, error)
        assert "is this router itself" in error, error
    status, _, error = run("serve", "--upstream", "http://127.0.0.1:1")
    assert status == 64 and "is not an address of a server" in error, (status, error)


if __name__ == "__main__":
    script.main()
