#!/usr/bin/env python3
# versions: 3 4
# `plugboard bench` with this server and with a foreign one: figures, faults, conditions, Ctrl-C, clear refusals.

import contextlib
import json
import os
import re
import select
import signal
import subprocess
import sys
import tempfile

from lib.certificates import Authority
from lib.foreign import Foreign
from lib.script import Script
from lib.server import Server, environment, program, run

script = Script(server=False)
SPEC = sys.argv[1].lstrip("v") if len(sys.argv) > 1 else "4"
SHORT = ("--spec", SPEC, "--warmup", "100ms", "--duration", "600ms")
PRESENT = "[devices]\npresent_at_start = true\n"


@contextlib.contextmanager
def ours(simulate="dual*3,kegel", config=PRESENT, scheme="ws"):
    server = Server(simulate, config=config, listen=(f"{scheme}://127.0.0.1:0",))
    try:
        yield server, f"{scheme}://%s:%d" % server.address
        server.stop()
        assert server.journal.running() == [], f"left running: {server.journal.running()}"
    finally:
        server.clean()


def bench(status, url, *flags, within=20.0):
    """Runs to the end; returns the result and the standard error."""
    code, out, err = run("bench", url, *SHORT, *flags, "--json", "-", within=within)
    assert code == status, f"{flags}: exit status {code}, expected {status}; {out[-300:]} {err[-500:]}"
    assert "Fatal error" not in err, err[:500]
    return (json.loads(out) if out.strip() else None), err


def is_clean(result):
    for key in ("errors", "unanswered", "duplicated", "wrong", "unsent", "lost_sessions"):
        assert result[key] == 0, f"{key} is {result[key]}: {result['first_fault']}"
    assert result["sent"] == result["answered"] > 0, result["sent"]
    times = result["latency_us"]
    assert times["count"] == result["sent"]
    assert 0 < times["p50"] <= times["p90"] <= times["p99"] <= times["p999"] <= times["max"], times


@script.check()
def an_open_loop_sends_what_was_asked_for():
    with ours() as (server, url):
        result, _ = bench(0, url, "--clients", "8", "--rate", "500", "--pid", str(server.pid))
        is_clean(result)
        assert result["sent"] == 300, result["sent"]
        assert result["mode"] == "open" and result["target_rate"] == 500 and result["in_flight"] is None
        assert 400 < result["rate"] < 600, result["rate"]
        figures = result["server"]
        assert figures["pid"] == server.pid and figures["rss_bytes"] > 1 << 20 and figures["cpu_us_per_message"] >= 0
        assert figures["syscalls_per_message"] is not None or figures["syscalls_note"], figures


@script.check()
def a_closed_loop_keeps_the_server_busy():
    with ours() as (_, url):
        result, _ = bench(0, url, "--closed", "--in-flight", "4", "--clients", "3", "--threads", "2")
        is_clean(result)
        assert result["mode"] == "closed" and result["in_flight"] == 4 and result["threads"] == 2
        assert result["rate"] > 500, result["rate"]


def profiles():
    """Those that the help lists, by name."""
    _, out, _ = run("bench", "--help")
    found = re.findall(r"^  ([a-z]+) ", out.partition("Profiles:")[2].partition("\n\n")[0], re.MULTILINE)
    assert "busy" in found and len(found) >= 11, found
    return found


@script.check(4)
def a_run_ends_with_its_last_message():
    with ours() as (server, url):
        for wanted, warmup, *flags in (
            (1003, "0s", "--closed", "--in-flight", "4", "--clients", "5", "--threads", "2"),
            (1003, "200ms", "--rate", "4000", "--clients", "3"),
            (1, "0s", "--profile", "overlay", "--closed", "--clients", "2", "--threads", "2"),
            (203, "0s", "--profile", "storm", "--closed", "--in-flight", "1", "--clients", "8"),
        ):
            flags += ["--warmup", warmup, "--duration", "60s", "--messages", str(wanted), "--pid", str(server.pid)]
            result, _ = bench(0, url, *flags)
            is_clean(result)
            assert result["sent"] == wanted and result["messages"] == wanted, (flags, result["sent"])
            assert result["seconds"] < 20 and result["rate"] > 0, (flags, result["seconds"])
        # Time is up before the last message: what there is counts.
        result, _ = bench(0, url, "--rate", "100", "--clients", "2", "--messages", "1000")
        is_clean(result)
        assert result["sent"] == 60 and result["messages"] == 1000, result["sent"]


@script.check(4)
def growth_is_seen_when_all_sessions_have_gone():
    with ours() as (server, url):
        for profile in ("busy", "storm", "idle"):
            flags = ["--profile", profile, "--clients", "40", "--pid", str(server.pid)]
            result, _ = bench(0, url, *flags, "--fail-if", "descriptors_growth>0", "--fail-if", "rss_growth>4MiB")
            figures = result["server"]
            assert figures["descriptors"] == figures["descriptors_before"] > 0, (profile, figures)
            assert (figures["rss_bytes_per_session"] is not None) == (profile == "idle"), figures


@script.check()
def every_profile_runs_clean():
    with ours("dual*2,stroker,kegel,plug") as (server, url):
        for profile in profiles():
            flags = ["--profile", profile, "--clients", "6"]
            if profile == "stop":
                flags += ["--journal", server.journal.path, "--rate", "300"]
            result, _ = bench(0, url, *flags)
            is_clean(result)
            assert result["profile"] == profile
            if profile == "stop":
                assert result["stops_missed"] == 0 and result["stop_us"]["count"] > 10, result["stop_us"]
                assert 0 < result["stop_us"]["p50"] < 1e6


@script.check()
def bursts_are_whole():
    with ours("dual*3") as (_, url):
        for flags, burst in ((("--profile", "overlay"), 6), (("--burst", "8"), 8), ((), 1)):
            result, _ = bench(0, url, "--clients", "3", "--rate", "480", *flags)
            is_clean(result)
            assert result["burst"] == burst, result["burst"]
            # Messages that are due together are counted together, and the rate is that of single messages.
            assert result["sent"] % burst == 0 and 0.5 < result["rate"] / 480 < 1.5, (result["sent"], result["rate"])


@script.check(4)
def old_versions_can_be_used():
    with ours("dual,plug") as (_, url):
        for spec in "012":
            result, _ = bench(0, url, "--clients", "3", "--rate", "300", "--spec", spec)
            is_clean(result)
            assert result["spec"] == int(spec)


@script.check()
def a_foreign_server_is_measured_in_its_own_layout():
    with Foreign() as server:
        result, _ = bench(0, server.url, "--clients", "4", "--rate", "400")
        is_clean(result)
        assert result["sent"] == 240 and not server.malformed, server.malformed[:1]
        assert server.requests["OutputCmd" if SPEC == "4" else "ScalarCmd"] >= 240
        result, _ = bench(0, server.url, "--clients", "2", "--closed", "--in-flight", "2")
        is_clean(result)


@script.check()
def a_server_that_wants_pings_gets_them():
    with Foreign(max_ping_time=200) as server:
        result, _ = bench(0, server.url, "--clients", "2", "--rate", "100")
        is_clean(result)
        assert server.requests["Ping"] >= 4, server.requests


@script.check()
def a_server_for_one_client_is_measured_with_one():
    with Foreign(single=True) as server:
        result, _ = bench(0, server.url, "--clients", "1", "--rate", "200")
        is_clean(result)
        _, err = bench(69, server.url, "--clients", "3")
        assert "only one client" in err and "--clients 1" in err, err


@script.check()
def every_kind_of_fault_is_counted_and_fails_the_run():
    faults = {
        "errors": lambda number, id: [Foreign.text("Error", Id=id, ErrorCode=4, ErrorMessage="no") if number == 50 else Foreign.ok(id)],
        "unanswered": lambda number, id: [] if number == 90 else [Foreign.ok(id)],
        "duplicated": lambda number, id: [Foreign.ok(id)] * (2 if number == 50 else 1),
        "wrong": lambda number, id: [Foreign.ok(id)] + ([Foreign.ok(4294967295)] if number == 50 else []),
    }
    for kind, manner in faults.items():
        with Foreign(manner=manner) as server:
            result, _ = bench(1, server.url, "--clients", "2", "--rate", "200")
            assert result[kind] == 1, f"{kind}: {result}"
            others = {name: result[name] for name in faults if name != kind}
            assert not any(others.values()), f"{kind}: {others}"
            if kind != "unanswered":
                assert result["first_fault"], kind
    with Foreign(manner=lambda number, id: ["[{\"DeviceList\":{\"Id\":%d,\"Devices\":{}}}]" % id if number == 50 else Foreign.ok(id)]) as server:
        result, _ = bench(1, server.url, "--clients", "2", "--rate", "200")
        assert result["wrong"] == 1 and result["unanswered"] == 0, result


@script.check(4)
def conditions_comparisons_and_reports():
    with ours() as (_, url), tempfile.TemporaryDirectory() as folder:
        base = os.path.join(folder, "base.json")
        code, out, err = run("bench", url, *SHORT, "--clients", "2", "--rate", "200", "--json", base, "--fail-if", "p99>10s", "--fail-if", "rate<1")
        assert code == 0 and "p50" in out and "200 msg/s" in out, f"{code} {out} {err}"
        code, out, err = run("bench", url, *SHORT, "--clients", "2", "--rate", "200", "--fail-if", "p50>1ns", "--fail-if", "p99>10s")
        assert code == 1 and "p50>1ns" in err and "p99>10s" not in err, f"{code} {err}"
        code, _, err = run("bench", url, *SHORT, "--clients", "2", "--rate", "200", "--fail-if", "cpu>1s")
        assert code == 1 and "--pid" in err, f"{code} {err}"
        report = os.path.join(folder, "report", "deep")
        code, out, err = run("bench", url, *SHORT, "--clients", "2", "--rate", "200", "--compare", base, "--fail-if", "rate>3x", "--report", report)
        assert code == 0 and "baseline" in out, f"{code} {out} {err}"
        with open(os.path.join(report, "index.html")) as file:
            page = file.read()
        assert page.count("<svg") >= 1 and "<script" not in page and "src=" not in page
        with open(os.path.join(report, "result.json")) as file:
            assert json.load(file)["sent"] == 120


@script.check()
def a_result_is_written_to_the_named_file():
    with ours() as (_, url), tempfile.TemporaryDirectory() as folder:
        path, link, other = (os.path.join(folder, name) for name in ("result.json", "link.json", "link.json.new"))
        for name in (path, other):
            with open(name, "w") as file:
                file.write("before")
        os.chmod(path, 0o600)
        os.symlink(path, link)
        code, _, err = run("bench", url, *SHORT, "--clients", "1", "--rate", "100", "--json", link)
        assert code == 0 and os.path.islink(link), f"{code} {err}"
        with open(path) as file:
            assert json.load(file)["sent"] > 0
        with open(other) as file:
            assert file.read() == "before"
        assert os.stat(path).st_mode & 0o777 == 0o600
        code, _, err = run("bench", url, *SHORT, "--clients", "1", "--rate", "100", "--json", "/dev/full")
        assert code == 74 and "/dev/full" in err, f"{code} {err}"
        fifo = os.path.join(folder, "fifo")
        os.mkfifo(fifo)
        code, _, err = run("bench", url, *SHORT, "--compare", fifo)
        assert code in (64, 65) and "fifo" in err, f"{code} {err}"


@script.check()
def ctrl_c_prints_what_was_measured():
    # At the higher rate there is always a message that is due and not sent yet.
    for rate in ("400", "8000"):
        with ours() as (_, url), tempfile.TemporaryDirectory() as folder:
            command = [program(), "bench", url, "--spec", SPEC, "--clients", "4", "--rate", rate, "--warmup", "0s", "--duration", "60s", "--json", "-"]
            process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=folder, env=environment(folder))
            try:
                # The third line of progress: the run has begun.
                for _ in range(3):
                    assert select.select([process.stderr], [], [], 10)[0], "no progress within 10 s"
                    process.stderr.readline()
                process.send_signal(signal.SIGINT)
                out, _ = process.communicate(timeout=10)
            finally:
                process.kill()
            assert process.returncode == 130, process.returncode
            result = json.loads(out)
            is_clean(result)
            assert result["interrupted"] and 0.5 < result["seconds"] < 30, result["seconds"]


@script.check()
def a_server_that_cannot_be_measured_is_reported():
    with Foreign() as server:
        url = server.url
        for status, flags, says in (
            (64, ("--profile", "lazy"), "busy, overlay"),
            (64, ("--spec", "7"), "0 to 4"),
            (64, ("--duration", "10"), "10s"),
            (64, ("--clients", "0"), "--clients is from 1"),
            (64, ("--in-flight", "3"), "--closed"),
            (64, ("--closed", "--rate", "5"), "one of them"),
            (64, ("--burst", "0"), "--burst is from 1"),
            (64, ("--burst", "2", "--closed"), "leave it away"),
            (64, ("--messages", "0"), "--messages is from 1"),
            (64, ("--messages", "5", "--profile", "idle"), "--messages away"),
            (64, ("--messages", "5", "--profile", "stop", "--journal", "/nowhere.jsonl"), "--messages away"),
            (64, ("--profile", "stop"), "--journal"),
            (64, ("--fail-if", "p98>2ms"), "p50, p90"),
            (64, ("--fail-if", "p99>2"), "500us, 2ms"),
            (64, ("--fail-if", "p99>2x"), "--compare"),
            (64, ("--compare", "/nowhere.json"), "no such file"),
            (64, ("--pid", "999999999"), "no such process"),
            (69, ("--profile", "stroker"), "no axis"),
            (69, ("--profile", "stop", "--journal", "/nowhere.jsonl"), "cannot be read"),
        ):
            code, out, err = run("bench", url, *SHORT, *flags)
            assert code == status and says in err and not out, f"{flags}: {code} {out} {err} {server.endings[-6:]}"
    code, _, err = run("bench", url, *SHORT)
    assert code == 69 and "no Buttplug server" in err, f"{code} {err}"
    for wrong in ("http://127.0.0.1:1", "127.0.0.1"):
        code, _, err = run("bench", wrong)
        assert code == 64 and "ws://" in err, f"{wrong}: {code} {err}"


@script.check(4)
def over_tls_it_measures_the_same_and_says_what_is_wrong_with_the_certificate():
    with contextlib.ExitStack() as stack:
        home, stranger = Authority("home"), Authority("stranger")
        stack.callback(home.remove)
        stack.callback(stranger.remove)
        pair = home.pair()
        _, url = stack.enter_context(ours(config=f'{PRESENT}[tls]\ncertificate = "{pair[0]}"\nkey = "{pair[1]}"\n', scheme="wss"))
        for flags in (("--clients", "8", "--rate", "500"), ("--closed", "--in-flight", "4"), ("--profile", "storm", "--rate", "50")):
            is_clean(bench(0, url, *flags, "--ca-file", home.certificate)[0])
        _, err = bench(69, url, "--ca-file", stranger.certificate)
        assert "cannot be encrypted" in err and "issuer" in err, err
        _, err = bench(64, url, "--ca-file", "/nowhere.pem")
        assert "--ca-file /nowhere.pem" in err, err
        _, err = bench(64, url.replace("wss", "ws"), "--ca-file", home.certificate)
        assert "--ca-file is for" in err, err
        bench(69, url.replace("wss", "ws"))


@script.check(4)
def stops_are_not_seen_in_another_journal():
    with ours() as (_, url), tempfile.TemporaryDirectory() as folder:
        other = os.path.join(folder, "other.jsonl")
        open(other, "w").close()
        _, err = bench(69, url, "--profile", "stop", "--journal", other, "--rate", "100", "--duration", "10s")
        assert "is " + other + " the journal" in err, err


if __name__ == "__main__":
    script.main()
