#!/usr/bin/env python3
# versions: 4
# `plugboard top` on real terminals, small and large, with many apps on many outputs, and with a thousand others who watch: readable,
# and its keys do what they say.

import os
import re
import shutil
import subprocess
import time

from lib.admin import CONFIG, Events, OperatedRouter
from lib.client import Client
from lib.script import Script
from lib.server import environment, program
from lib.wire import DEADLINE, Late, readable

script = Script(server=False)


class Screen:
    """A terminal of this size in tmux, with `plugboard top` in it."""

    def __init__(self, folder, columns, rows):
        self.base = [shutil.which("tmux") or "", "-S", os.path.join(folder, f"tmux-{columns}"), "-f", "/dev/null"]
        assert self.base[0], "there is no tmux: install tmux"
        self.environment = environment(folder, TERM="xterm-256color", LC_ALL="C.UTF-8")
        # What top draws comes through here as well, and so says when there is something new to look at.
        pipe = os.path.join(folder, f"drawn-{columns}")
        os.mkfifo(pipe)
        self.drawn = os.open(pipe, os.O_RDWR | os.O_NONBLOCK)
        self.ask("new-session", "-d", "-x", str(columns), "-y", str(rows), "sh", ";", "set", "-g", "status", "off")
        self.ask("resize-window", "-x", str(columns), "-y", str(rows))
        self.ask("pipe-pane", "-O", f"cat >{pipe}")
        self.type(f"exec {program()} top", "Enter")

    def ask(self, *words):
        return subprocess.run([*self.base, *words], env=self.environment, capture_output=True, text=True, check=True, timeout=DEADLINE).stdout

    def type(self, *keys):
        self.ask("send-keys", *keys)

    def wait(self, holds, what):
        """The lines of the screen, once that is true of them."""
        until = time.monotonic() + 3 * DEADLINE
        while True:
            lines = self.ask("capture-pane", "-p").rstrip("\n").split("\n")
            if holds(lines):
                return lines
            if not readable(self.drawn, max(0, until - time.monotonic())):
                raise Late(f"no {what}:\n" + "\n".join(lines))
            os.read(self.drawn, 1 << 20)

    def close(self):
        subprocess.run([*self.base, "kill-server"], capture_output=True, timeout=DEADLINE)
        os.close(self.drawn)


def drive(client, devices, value):
    asked = [client.post("OutputCmd", DeviceIndex=device, FeatureIndex=0, Command={"Vibrate": {"Value": value}}) for device in devices]
    for number in asked:
        client.reply(number)


def full_board(world):
    """Two hundred apps, each on six of sixty outputs."""
    clients = [Client(world.server, 4, f"App {number} with a name that is longer than its column") for number in range(200)]
    for number, client in enumerate(clients):
        drive(client, [(number + 10 * step) % 60 for step in range(6)], number % 20 + 1)
    return clients


def is_board(lines):
    """A row that was wider than the terminal would go on in the next line and so shift all that follow."""
    rows = lines[2:-1]
    return (lines[0].startswith("Plugboard") and "200 apps, 60 devices" in lines[0]
            and lines[1].startswith("  OUTPUT") and "DRIVEN BY" in lines[1] and "q quit" in lines[-1]
            and all(re.match(r"[> ] Simulated Plug[^█·]* [█·]+ +\d+/\d+ +App ", line) for line in rows))


def see(world, columns, rows):
    screen = Screen(world.server.folder, columns, rows)
    try:
        # The terminal may be looked at while it draws, so the whole board is waited for.
        lines = screen.wait(is_board, "board")
        assert len(lines) == rows and all(len(line) <= columns for line in lines), lines
        return screen
    except BaseException:
        screen.close()
        raise


@script.check(4)
def two_hundred_apps_on_sixty_outputs_are_readable_and_s_stops():
    with OperatedRouter(simulate="plug*60") as world:
        clients = full_board(world)
        for columns, rows in ((80, 24), (200, 50)):
            mark = world.server.journal.mark()
            screen = see(world, columns, rows)
            try:
                screen.type("s")
                world.server.journal.wait(lambda line: line["device"] == 59 and line["value"] == 0, mark, what="the zero")
                screen.wait(lambda lines: lines[0].startswith("EMERGENCY STOP"), "word that everything is stopped")
                assert world.admin.ask("GET", "/v1/status")["emergency_stop"] is True
                screen.type("r")
                screen.wait(lambda lines: lines[0].startswith("Plugboard"), "word that the stop is cleared")
                assert world.admin.ask("GET", "/v1/status")["emergency_stop"] is False
                screen.type("q")
            finally:
                screen.close()
            for number, client in enumerate(clients):
                drive(client, [(number + 10 * step) % 60 for step in range(6)], number % 20 + 1)
        for client in clients:
            client.close()


@script.check(4)
def s_stops_while_a_thousand_others_watch_and_one_never_reads():
    with OperatedRouter(simulate="plug*8") as world:
        game = Client(world.server, 4, "Game")
        drive(game, range(8), 10)
        screen = Screen(world.server.folder, 80, 24)
        silent = Events(world.admin, "?levels=30", read=False)
        others = [Events(world.admin, "?levels=10", read=False) for _ in range(1_000)]
        try:
            screen.wait(lambda lines: any("Game" in line for line in lines), "driver")
            mark = world.server.journal.mark()
            screen.type("s")
            for device in range(8):
                world.server.journal.wait(lambda line: line["device"] == device and line["value"] == 0, mark, what=f"zero of {device}")
            for one in others[:5]:
                one.wait(lambda: one.state is not None and one.state["status"]["emergency_stop"])
        finally:
            screen.close()
        for one in (silent, *others):
            one.close()
        game.close()


@script.check(4)
def who_waits_to_be_let_in_is_asked_about_and_answered_by_keys():
    rule = '[[rule]]\nmatch.client = "Guest*"\nadmit = "ask"\npriority = 30\n'
    with OperatedRouter(simulate="plug", config=CONFIG + rule) as world:
        screen = Screen(world.server.folder, 160, 24)
        try:
            screen.wait(lambda lines: lines[0].startswith("Plugboard"), "board")
            for key, answer in (("a", "ServerInfo"), ("d", "Error")):
                guest = Client(world.server, 4, "Guest \x1b[31m red", handshake=False)
                asked = guest.post("RequestServerInfo", ClientName=guest.name, ProtocolVersionMajor=4, ProtocolVersionMinor=0)
                lines = screen.wait(lambda lines: any("LETS IN" in line for line in lines), "question")
                (line,) = [line for line in lines if "LETS IN" in line]
                assert "Guest" in line and "priority 30" in line and len(lines) == 24, lines
                # A key that comes at once may have been meant for somebody else: it is pressed until it counts.
                while True:
                    screen.type(key)
                    lines = screen.wait(lambda lines: re.search("press again|it is (let in|refused)|waits for consent", lines[-1]), "word about the key")
                    # A second press of a key that counts finds nobody.
                    if "press again" not in lines[-1]:
                        break
                name, body = guest.message()
                assert (name, body["Id"]) == (answer, asked), (name, body)
                screen.wait(lambda lines: not any("LETS IN" in line for line in lines), "board without the question")
        finally:
            screen.close()


script.main()
