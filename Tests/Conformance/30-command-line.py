#!/usr/bin/env python3
# versions: 4
# The command line and the configuration: each fault is reported once, with the right exit status, and nothing starts in part.

import os
import shutil
import socket
import tempfile

from lib.client import Client
from lib.script import Script, serving
from lib.server import run

script = Script(server=False)


def refused(status, *arguments, says=(), variables=None, folder=None):
    code, out, err = run(*arguments, variables=variables, folder=folder)
    assert code == status, f"{arguments}: exit status {code}, expected {status}; {err[-300:]}"
    assert "ready" not in out, f"{arguments}: said that it was ready"
    for text in (says,) if isinstance(says, str) else says:
        assert text in err, f"{arguments}: {text!r} is not in {err!r}"
    assert "Fatal error" not in err and "Stack dump" not in err, f"{arguments}: crashed: {err[:300]}"
    return err


class Folder:
    """A folder of files for one check."""

    def __enter__(self):
        self.path = tempfile.mkdtemp(prefix="plugboard-conformance-")
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.path, ignore_errors=True)

    def file(self, text, name="plugboard.toml", mode="w"):
        path = os.path.join(self.path, name)
        with open(path, mode) as file:
            file.write(text)
        return path


@script.check(4)
def version_and_help_are_on_standard_output():
    code, out, err = run("--version")
    assert code == 0 and out.strip() and not err, f"{code} {out!r} {err!r}"
    assert "libuv" in out.lower(), f"{out!r}"
    code, out, err = run("--help")
    assert code == 0 and "serve" in out and "check" in out, f"{code} {out!r}"
    code, out, err = run("serve", "--help")
    for flag in ("--listen", "--simulate", "--config", "--max-ping-time", "--journal", "--log-level", "--log-format"):
        assert flag in out, f"{flag} is not in the help of serve"


@script.check(4)
def bad_usage_is_64():
    refused(64, "serve", "--nonsense")
    refused(64, "nonsense")
    refused(64, "serve", "--listen")


@script.check(4)
def bad_flag_values_are_refused():
    for arguments in (
        ("--listen", "http://127.0.0.1:1"),
        ("--listen", "ws://127.0.0.1:99999"),
        ("--listen", "ws://127.0.0.1"),
        ("--max-ping-time", "soon"),
        ("--max-ping-time", "-5"),
        ("--log-level", "loud"),
        ("--log-format", "xml"),
        ("--simulate", "unicorn"),
        ("--simulate", "plug*0"),
        ("--simulate", "plug*x"),
    ):
        code, out, err = run("serve", "--listen", "ws://127.0.0.1:0", *arguments)
        assert code in (64, 78) and err.strip() and "ready" not in out, f"{arguments}: {code} {out!r} {err!r}"


@script.check(4)
def a_bad_configuration_is_78_with_line_column_and_reason():
    cases = (
        ("[server]\nnmae = \"x\"\n", ":2:1", "nmae"),
        ("[sever]\nname = \"x\"\n", ":1:", "sever"),
        ("[server]\nname = 5\n", ":2:8", "name"),
        ("[server]\nname = \"x\"\nmax_ping_time = \"soon\"\n", ":3:17", "max_ping_time"),
        ("[server]\nlisten = [\"ws://127.0.0.1:12345\", \"ftp://x\"]\n", ":2:", "ftp"),
        ("[server\nname = \"x\"\n", ":1:", ""),
        ("[limits]\nsessions = 0\n", ":2:12", "sessions"),
        ("[[rule]]\nmatch.client = \"a\"\npriority = 201\n", ":3:12", "priority"),
        ("[[rule]]\nrole = \"boss\"\n", ":2:8", "role"),
        ("[devices]\nsimulated = [\"unicorn\"]\n", ":2:", "unicorn"),
        ("[server]\nname = \"a\"\nname = \"b\"\n", ":3:", "name"),
    )
    for text, position, word in cases:
        with Folder() as folder:
            path = folder.file(text)
            for command in (("check", path), ("serve", "--listen", "ws://127.0.0.1:0", "--config", path)):
                refused(78, *command, says=(path + position, word))


@script.check(4)
def an_unknown_key_comes_with_the_nearest_known_one():
    with Folder() as folder:
        refused(78, "check", folder.file("[server]\nlisen = []\n"), says="listen")
        refused(78, "check", folder.file("[arbitration]\nhodl = \"2s\"\n"), says="hold")
        # In quotation marks a dot is part of a name, and this name does not exist.
        refused(78, "check", folder.file("\"server.name\" = \"x\"\n"), says="server.name")


@script.check(4)
def a_configuration_in_a_usual_folder_that_cannot_be_read_is_not_skipped():
    with Folder() as folder:
        os.mkdir(os.path.join(folder.path, "plugboard"))
        usual = os.path.join(folder.path, "plugboard", "plugboard.toml")
        os.symlink(usual, usual)
        for command in (("check",), ("config",), ("serve", "--listen", "ws://127.0.0.1:0")):
            refused(78, *command, says=usual, variables={"XDG_CONFIG_HOME": folder.path})


@script.check(4)
def a_file_that_cannot_be_used_is_refused_quickly():
    with Folder() as folder:
        code, out, err = run("check", os.path.join(folder.path, "absent.toml"))
        assert code in (66, 74, 78) and err.strip(), f"absent: {code} {err!r}"
        code, out, err = run("check", folder.path)
        assert code in (66, 74, 78) and err.strip(), f"a folder: {code} {err!r}"
        code, out, err = run("check", folder.file(b"\xff\xfe\x00[server]", "bytes.toml", "wb"))
        assert code == 78 and err.strip(), f"not text: {code} {err!r}"
        big = os.path.join(folder.path, "big.toml")
        with open(big, "wb") as file:
            file.truncate(1 << 30)
        code, out, err = run("check", big, within=5)
        assert code in (74, 78) and err.strip(), f"a file of 1 GiB: {code} {err!r}"
        code, out, err = run("serve", "--listen", "ws://127.0.0.1:0", "--config", os.path.join(folder.path, "absent.toml"))
        assert code in (66, 74, 78) and "absent.toml" in err and "ready" not in out, f"{code} {err!r}"


@script.check(4)
def a_good_configuration_passes():
    with Folder() as folder:
        text = '[server]\nname = "Mine"\nlisten = ["ws://127.0.0.1:0"]\n[devices]\nsimulated = ["rabbit*2"]\n[[rule]]\npriority = 7\n'
        path = folder.file(text)
        for command in (("check", path), ("check", "--config", path)):
            code, out, err = run(*command)
            assert code == 0 and path in out, f"{command}: {code} {out!r} {err!r}"
        refused(64, "check", path, "--config", path, says="once")
        code, out, err = run("config", "--config", path)
        assert code == 0 and "Mine" in out, f"{code} {out!r} {err!r}"


@script.check(4)
def the_samples_that_come_with_the_program_are_good():
    from lib.server import ROOT

    for name in ("plugboard.toml", "quickstart.toml"):
        code, out, err = run("check", os.path.join(ROOT, "config", name))
        assert code == 0, f"{name}: {code} {err!r}"


@script.check(4)
def flags_win_over_the_environment_and_that_over_the_file():
    def name(config=None, flags=(), **variables):
        with serving("plug", config=config, flags=flags, variables=variables, scan=False) as case:
            return Client(case.server, 2).info["ServerName"]

    assert name(config='[server]\nname = "from file"\n') == "from file"
    assert name(config='[server]\nname = "from file"\n', PLUGBOARD_SERVER_NAME="from environment") == "from environment"
    with serving("plug", config="[server]\nmax_ping_time = 1000\n", flags=("--max-ping-time", "3000"), scan=False) as case:
        assert Client(case.server).info["MaxPingTime"] == 3000


@script.check(4)
def a_busy_port_is_69_and_named():
    taken = socket.create_server(("127.0.0.1", 0))
    port = taken.getsockname()[1]
    err = refused(69, "serve", "--listen", f"ws://127.0.0.1:{port}", says=str(port))
    assert len([line for line in err.splitlines() if line.strip()]) <= 2, f"not one clear line: {err!r}"
    err = refused(69, "serve", "--listen", "ws://127.0.0.1:0", "--listen", f"ws://127.0.0.1:{port}", says=str(port))
    taken.close()


@script.check(4)
def an_address_that_others_reach_without_a_token_needs_a_permission():
    code, out, err = run("serve", "--listen", "ws://0.0.0.0:0", variables={"PLUGBOARD_SERVER_REQUIRE_TOKEN": "never"})
    assert code == 78 and "allow_insecure" in err and "ready" not in out, f"{code} {out!r} {err!r}"


@script.check(4)
def an_unusable_journal_is_reported_before_anything_starts():
    code, out, err = run("serve", "--listen", "ws://127.0.0.1:0", "--journal", "/nonexistent/folder/journal")
    assert code in (73, 74, 77, 78) and "journal" in err and "ready" not in out, f"{code} {out!r} {err!r}"


@script.check(4)
def one_log_line_is_one_json_object():
    import json

    with serving("plug", flags=("--log-format", "json", "--log-level", "trace"), scan=False) as case:
        client = Client(case.server, 4, name='evil"\n{"level":"fake"}\x1b[2J')
        client.ok("Ping")
        client.close()
        case.server.stop()
        lines = case.server.log().splitlines()
        assert lines, "no log at all"
        for line in lines:
            entry = json.loads(line)
            assert entry.get("level") != "fake", f"{line!r}"


script.main()
