#!/usr/bin/env python3
# versions: 4
# What somebody meets who does not know the program yet: a wrong word, a taken port, a second router, an output that another app has.
# Each answer names the next step.

import os
import re
import shutil
import subprocess
import sys
import tempfile

from lib.admin import CONFIG, OperatedRouter
from lib.client import Client
from lib.script import Script
from lib.server import Server, run

script = Script(server=False)


def answered(status, *arguments, says, never=(), variables=None):
    code, out, err = run(*arguments, variables=variables)
    assert code == status and "ready" not in out, (arguments, code, out, err)
    for text in says:
        assert text in err, f"{arguments}: {text!r} is not in {err!r}"
    for text in never:
        assert text not in err, f"{arguments}: {text!r} is in {err!r}"
    return err


@script.check(4)
def a_wrong_word_is_answered_with_the_right_one():
    for words, near in (("stauts", "status"), ("server", "serve"), ("token ad x", "token add"), ("help lane", "lanes")):
        err = answered(64, *words.split(), says=[f"did you mean {near}?"], never=["Usage"])
        assert err.count("\n") == 1 and err.startswith("plugboard: there is no command "), err
    answered(64, "toaster", says=["plugboard --help"])
    answered(64, "my.toml", says=["--config"])
    answered(64, "--socket", "/x", "status", says=["plugboard status --socket"])
    answered(64, "serve", "--prot", "12345", says=["--port"])
    answered(64, "serve", "--port", "12345", "--listen", "ws://127.0.0.1:0", says=["give one of the two"])
    answered(64, "serve", "--port", "ws://127.0.0.1:0", says=["--listen"])
    answered(64, "serve", "--upstream", "127.0.0.1:12346", says=['"127.0.0.1:12346"', "write ws://127.0.0.1:12346"])
    answered(64, "serve", "--upstream", "http://127.0.0.1:12346/t/pb_secret", says=["write ws://"], never=["secret"])


@script.check(4)
def without_a_server_the_load_generator_says_how_to_start_one():
    answered(69, "bench", "ws://127.0.0.1:1", says=["plugboard serve --simulate", "plugboard bench ws://HOST:PORT"])


@script.check(4)
def a_configuration_that_is_not_there_is_said_with_its_place():
    folder = tempfile.mkdtemp(prefix="plugboard-conformance-")
    try:
        place = os.path.join(folder, "config", "plugboard", "plugboard.toml")
        if os.path.exists("/etc/plugboard/plugboard.toml"):
            return print("  skipped: this computer has a configuration for all users")
        for command in ("config", "check", "doctor"):
            _, out, _ = run(command, folder=folder)
            assert place in out.splitlines()[0] and "/etc/plugboard/plugboard.toml" in out.splitlines()[0], (command, out[:300])
    finally:
        shutil.rmtree(folder)


@script.check(4)
def a_second_router_on_the_port_is_told_of_the_first():
    server = Server()
    try:
        port = server.address[1]
        for flags in (("--listen", f"ws://127.0.0.1:{port}"), ("--port", str(port))):
            answered(
                69, "serve", *flags, says=[f"port {port} is taken", "another Plugboard", f"process {server.pid}", "plugboard status", "--port"],
                never=["Intiface"])
        server.stop()
    finally:
        server.clean()


@script.check(4)
def the_port_flag_listens_for_apps_of_this_computer():
    server = Server(simulate="plug", flags=["--port", "0"], listen=())
    try:
        server.address = server._ready()
        assert server.address[0] == "127.0.0.1"
        Client(server, 4, "Game").close()
        server.stop()
    finally:
        server.clean()


@script.check(4)
def without_a_folder_for_what_runs_the_commands_still_find_the_socket():
    nowhere = {"XDG_RUNTIME_DIR": ""}
    server = Server(variables=nowhere)
    try:
        server.wait_match(r'admin interface[^\n]*unix://[^\n"]*state/plugboard/admin\.sock')
        for words in (("token", "add", "guest"), ("token", "list"), ("dashboard",)):
            code, out, err = run(*words, folder=server.folder, variables=nowhere)
            assert code == 0 or "has no page" in err, (words, code, out, err)
        server.stop()
    finally:
        server.clean()


@script.check(4)
def a_stop_reaches_a_router_that_nobody_named_and_says_which_and_nothing_else_does():
    if not os.environ.get("PLUGBOARD_TEST_NAMESPACE"):
        # With an empty /run: a router that serves this machine is not stopped.
        inside = ["unshare", "-rnm", "sh", "-c", 'ip link set lo up && mount -t tmpfs none /run && exec "$@"', "x"]
        if subprocess.run([*inside, "true"], capture_output=True).returncode:
            return print("  skipped: network namespaces are not permitted here")
        command = [*inside, sys.executable, sys.argv[0], "v4", "nobody_named"]
        done = subprocess.run(command, env={**os.environ, "PLUGBOARD_TEST_NAMESPACE": "1"}, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stdout + done.stderr
        return None
    here = "http://127.0.0.1:12380"
    server = Server("plug", config=f'[devices]\npresent_at_start = true\n[admin]\nlisten = ["{here}"]\n')
    stranger = tempfile.mkdtemp(prefix="plugboard-conformance-")
    try:
        who = f"process {server.pid}, at {here}"

        def says(status, *words):
            code, out, err = run(*words, folder=stranger)
            assert code == status, (words, code, out, err)
            return out + err

        server.wait_log(f'"address":"{here}"')
        assert who in says(0, "stop", "--device", "0")
        said = says(0, "stop")
        assert who in said and f"`plugboard resume --url {here}`" in said, said
        others = ("resume", "reload", "scan", "mute 1-1", "unmute 1-1", "kick 1-1", "priority 1-1 200", "approve 1-1", "deny 1-1", "dashboard", "consents --forget")
        for words in others:
            said = says(69, *words.split())
            assert who in said and f"--url {here}" in said, said
        assert "RAISED" in says(0, "status")
        says(0, "resume", "--url", here)
        assert "RAISED" not in says(0, "status")
        server.stop()
        said = says(69, "resume")
        assert "process" not in said and "plugboard serve" in said, said
    finally:
        server.clean()
        shutil.rmtree(stranger)


@script.check(4)
def a_router_beside_another_says_that_page_and_socket_are_the_others():
    if not os.environ.get("PLUGBOARD_TEST_NAMESPACE"):
        if subprocess.run(["unshare", "-rn", "true"], capture_output=True).returncode:
            return print("  skipped: network namespaces are not permitted here")
        command = ["unshare", "-rn", "sh", "-c", 'ip link set lo up && exec "$@"', "x", sys.executable, sys.argv[0], "v4", "beside_another"]
        done = subprocess.run(command, env={**os.environ, "PLUGBOARD_TEST_NAMESPACE": "1"}, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stdout + done.stderr
        return None
    first = Server()
    second = None
    try:
        first.wait_log('"address":"http://127.0.0.1:12380"')
        second = Server(variables={"XDG_RUNTIME_DIR": os.path.join(first.folder, "run")})
        second.wait_match(r'"level":"warning","event":"this router has no admin socket"[^\n]*plugboard stop[^\n]*reach the router that has it')
        second.wait_match(
            r'"level":"warning","event":"this router has no page"[^\n]*"held_by":"plugboard \(process %d\)"[^\n]*PLUGBOARD_ADMIN_LISTEN' % first.pid)
        second.stop()
        # What the message says to type works.
        second.clean()
        second = Server(variables={"PLUGBOARD_ADMIN_LISTEN": "unix,http://127.0.0.1:12381"})
        second.wait_log('"address":"http://127.0.0.1:12381"')
        second.stop()
        first.stop()
    finally:
        first.clean()
        if second:
            second.clean()


@script.check(4)
def the_owner_of_a_lease_is_shown_as_the_one_that_drives():
    exclusive = '[[arbitration.lane]]\noutput = "Position"\nmix = "exclusive"\n'
    with OperatedRouter("stroker", config=CONFIG + exclusive) as world:
        game = Client(world.server, 4, "Game")
        game.ok("OutputCmd", DeviceIndex=0, FeatureIndex=0, Command={"HwPositionWithDuration": {"Value": 50, "Duration": 200}})
        code, out, err = run("lanes", folder=world.server.folder)
        line = next(line for line in out.splitlines() if line.startswith("0.0"))
        assert code == 0 and re.search(r"Game \(lease, [0-9.]+ s left\)", line), (out, err)
        assert "1 output" in run("status", folder=world.server.folder)[1].replace("1 outputs", "?")
        game.close()


@script.check(4)
def a_name_that_is_not_there_is_answered_with_the_command_that_lists_them():
    with OperatedRouter() as world:
        for words, lists in (
            ("kick 9-99", "plugboard sessions"), ("mute 9-99", "plugboard sessions"), ("priority 9-99 5", "plugboard sessions"),
            ("stop --device 99", "plugboard devices"), ("approve 9-99", "plugboard consents"), ("token show nobody", "plugboard token list"),
        ):
            code, _, err = run(*words.split(), folder=world.server.folder)
            assert code == 64 and f"`{lists}`" in err, (words, code, err)


@script.check(4)
def an_empty_list_says_what_that_means():
    server = Server()
    try:
        for words, says in (("sessions", "no app"), ("devices", "plugboard scan"), ("lanes", "plugboard scan"), ("consents", "nobody"),
                            ("token list", "plugboard token add")):
            code, out, err = run(*words.split(), folder=server.folder)
            assert code == 0 and len(out.splitlines()) == 1 and says in err and err.count("\n") == 1, (words, code, out, err)
        server.stop()
    finally:
        server.clean()


script.main()
