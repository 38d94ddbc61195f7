#!/usr/bin/env python3
# versions: 4
# `plugboard doctor`: what it finds on a computer made wrong in one way at a time, what mends it, its exit status, and that it leaves no trace.

import json
import os
import shutil
import socket
import subprocess
import tempfile

from lib.script import Script
from lib.server import Server, environment, program, run

script = Script(server=False)


def doctor(*arguments, folder, status, json_too=True):
    """The findings by name, from the JSON, after the text has been held to the same."""
    code, out, err = run("doctor", *arguments, folder=folder)
    assert code == status and not err, f"{arguments}: {code}, expected {status}: {out} {err}"
    assert out.isascii(), f"not ASCII in a pipe: {out!r}"
    code, text, err = run("doctor", "--json", *arguments, folder=folder)
    assert code == status and not err, f"{arguments} --json: {code}: {text} {err}"
    report = json.loads(text)
    assert report["ok"] == (status == 0), report
    found = report["findings"]
    lines = out.splitlines()
    assert len(lines) == len(found), f"{len(lines)} lines, {len(found)} findings"
    for line, one in zip(lines, found):
        assert line.split()[0] == {"ok": "ok", "warn": "warn", "fail": "FAIL"}[one["state"]], (line, one)
        assert (one["remedy"] is None) == (one["state"] == "ok"), one
        if one["name"] == "admin":
            continue  # Routers of other scripts come to the usual address and go.
        assert one["text"] in line and (one["remedy"] or "") in line, (line, one)
    return found


def named(found, name):
    return [one for one in found if one["name"] == name]


class Folder:
    def __enter__(self):
        self.path = tempfile.mkdtemp(prefix="plugboard-conformance-")
        return self.path

    def __exit__(self, *_):
        shutil.rmtree(self.path, ignore_errors=True)


@script.check(4)
def a_good_computer_is_good_and_stays_as_it_was():
    with Folder() as folder:
        found = doctor("--listen", "ws://127.0.0.1:0", folder=folder, status=0)
        names = {one["name"] for one in found}
        assert names >= {"configuration", "port", "localhost", "admin", "state", "limits", "clock", "serial", "bluetooth"}, names
        assert named(found, "state")[0]["state"] == "ok", found
        assert os.listdir(folder) == [], f"it made {os.listdir(folder)}"


@script.check(4)
def a_port_of_another_program_fails_with_its_name():
    with Folder() as folder, socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        one, = named(doctor("--listen", f"ws://127.0.0.1:{port}", folder=folder, status=1), "port")
        assert one["state"] == "fail" and f"process {os.getpid()}" in one["text"] and "--upstream" in one["remedy"], one
    with Folder() as folder:
        # What is left of a listener that is gone is no obstacle.
        one, = named(doctor("--listen", f"ws://127.0.0.1:{port}", folder=folder, status=0), "port")
        assert one["state"] == "ok", one


@script.check(4)
def a_running_router_is_fine_and_says_so():
    server = Server()
    try:
        address = "ws://%s:%d" % server.address
        found = doctor("--listen", address, folder=server.folder, status=0)
        one, = named(found, "port")
        assert one["state"] == "ok" and "Plugboard" in one["text"] and str(server.pid) in one["text"], one
        assert "answers" in named(found, "admin")[0]["text"], found
        server.stop()
    finally:
        server.clean()


@script.check(4)
def an_upstream_that_is_not_there_fails_and_one_that_is_does_not():
    with Folder() as folder, socket.create_server(("127.0.0.1", 0)) as there:
        with socket.create_server(("127.0.0.1", 0)) as gone:
            nobody = f"ws://127.0.0.1:{gone.getsockname()[1]}"
        somebody = f"ws://127.0.0.1:{there.getsockname()[1]}"
        found = named(
            doctor("--listen", "ws://127.0.0.1:0", "--upstream", nobody, "--upstream", somebody, folder=folder, status=1), "upstream")
        assert [one["state"] for one in found] == ["fail", "ok"] and nobody in found[0]["text"], found


@script.check(4)
def a_router_without_anything_to_drive_is_a_warning():
    with Folder() as folder:
        one, = named(doctor("--listen", "ws://127.0.0.1:0", folder=folder, status=0), "devices")
        assert one["state"] == "warn" and "--simulate" in one["remedy"] and "--upstream" in one["remedy"], one
        one, = named(doctor("--listen", "ws://127.0.0.1:0", "--simulate", "plug*2", folder=folder, status=0), "devices")
        assert one["state"] == "ok" and "2 simulated devices" in one["text"], one
    server = Server(simulate="plug", config="[devices]\npresent_at_start = true\n")
    try:
        address = "ws://%s:%d" % server.address
        found = doctor("--listen", address, folder=server.folder, status=0)
        # The router that runs counts, not what another start would have.
        assert "1 device" in named(found, "devices")[0]["text"] and named(found, "devices")[0]["state"] == "ok", found
        assert f"give apps {address}" in named(found, "port")[0]["text"], found
        admin = named(found, "admin")[0]["text"]
        assert admin.endswith("/run/plugboard/admin.sock") and " or " not in admin, admin
        server.stop()
    finally:
        server.clean()


@script.check(4)
def a_broken_configuration_fails_with_its_line():
    with Folder() as folder:
        path = os.path.join(folder, "my.toml")
        with open(path, "w") as file:
            file.write("[server]\nlisten = [\"ws://127.0.0.1:0\"]\nnmae = \"x\"\n")
        one, = named(doctor("--config", path, folder=folder, status=1), "configuration")
        assert one["state"] == "fail" and f"{path}:3:1" in one["text"] and "plugboard check" in one["remedy"], one
        with open(path, "w") as file:
            file.write("[server]\nlisten = [\"ws://127.0.0.1:0\"]\n")
        one, = named(doctor("--config", path, folder=folder, status=0), "configuration")
        assert one["state"] == "ok" and path in one["text"], one


@script.check(4)
def a_state_that_cannot_be_kept_fails():
    with Folder() as folder:
        plain = os.path.join(folder, "plain")
        with open(plain, "w"):
            pass
        bad = ("--listen", "ws://127.0.0.1:0", "--state-file", os.path.join(plain, "state"))
        one, = named(doctor(*bad, folder=folder, status=1), "state")
        assert one["state"] == "fail" and plain in one["text"] and "--state-file" in one["remedy"], one
        one, = named(doctor("--listen", "ws://127.0.0.1:0", "--state-file", "", folder=folder, status=0), "state")
        assert one["state"] == "ok", one


@script.check(4)
def a_state_folder_that_is_read_only_fails():
    with Folder() as folder:
        closed = os.path.join(folder, "closed")
        os.mkdir(closed, 0o500)
        command = [program(), "doctor", "--json", "--listen", "ws://127.0.0.1:0", "--state-file", os.path.join(closed, "deeper", "state")]
        if os.geteuid() == 0:
            # Root may write everywhere but on what is mounted read-only.
            mount = 'mount -t tmpfs -o ro none "$0" && exec "$@"'
            wrap = ["unshare", "-m", "sh", "-c", mount, closed]
            if subprocess.run([*wrap, "true"], capture_output=True).returncode != 0:
                print("  skipped: a read-only folder (no right to mount one)")
                return
            command = wrap + command
        done = subprocess.run(command, capture_output=True, text=True, cwd=folder, env=environment(folder), timeout=10)
        one, = named(json.loads(done.stdout)["findings"], "state")
        assert done.returncode == 1 and one["state"] == "fail" and closed in one["text"], (done, one)
        assert os.listdir(closed) == []


if __name__ == "__main__":
    script.main()
