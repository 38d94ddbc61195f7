#!/usr/bin/env python3
# versions: 4
# Limits that fit each other and their purpose: the longest device list, also through another router; limits by the name that people see.

import signal
import time
import unicodedata

from lib.client import Client
from lib.script import Script, serving

script = Script(server=False)

PRESENT = "[devices]\npresent_at_start = true\n"
MANY = 4000


def take_list(client, within=20.0):
    """Asks for the list and reads promptly."""
    _, body = client.ask("RequestDeviceList", within=within)
    return len(body["Devices"])


@script.check(4)
def the_longest_list_reaches_a_client_that_reads_in_every_version():
    with serving(f"osr*{MANY}", config=PRESENT, scan=False) as case:
        for version in (4, 3, 1):
            client = Client(case.server, version)
            assert take_list(client) == MANY, version
            client.close()
        assert "slow_consumer" not in case.server.log()


@script.check(4)
def an_upstream_may_have_a_list_beyond_the_message_limit():
    # 1.4 MB; checking every frame of a longer one would take this client longer than a peer may stall.
    with serving("osr*1000", config=PRESENT, scan=False) as back:
        host, port = back.server.address
        config = "[limits]\nmessage_bytes = \"64KiB\"\n"
        with serving(config=config, flags=("--upstream", f"ws://{host}:{port}"), scan=False) as front:
            client = Client(front.server)
            until = time.monotonic() + 20
            while take_list(client) != 1000:
                assert time.monotonic() < until, front.server.log()[-500:]
            client.close()


@script.check(4)
def a_ceiling_applies_to_the_name_that_people_see():
    shown = unicodedata.normalize("NFD", "Linkes Gerät")
    config = (
        PRESENT + f'[[devices.simulated_device]]\narchetype = "plug"\nname = "{shown}"\n'
        '[[devices.simulated_device]]\narchetype = "plug"\nname = "Right one"\n'
        f'[[arbitration.lane]]\ndevice = "*{unicodedata.normalize("NFC", "Gerät")}"\nceiling = 0.5\n'
        '[[arbitration.lane]]\ndevice = "Middle*"\nceiling = 0.5\n[[rule]]\ndevices.deny = ["Nobody*"]\n'
    )
    with serving(config=config) as case:
        client = case.client()
        for device in case.devices:
            index = device["DeviceIndex"]
            expected = 10 if device["DeviceDisplayName"] == shown else 20
            mark = case.journal.mark()
            client.output(index, 0, "Vibrate", 20)
            case.expect(index, 0, "Vibrate", expected, mark)
        case.server.wait_log("Nobody*")
        case.server.wait_log("Middle*")
        log = case.server.log()
        assert log.count("a limit fits no device so far") == 2 and "Middle*" in log, log
        case.server.signal(signal.SIGUSR1)
        case.server.wait_log("counts of connections")
        case.server.wait_match("(?s)state of a limit.*state of a limit")
        assert case.server.log().count("state of a limit") == 2


if __name__ == "__main__":
    script.main()
