#!/usr/bin/env python3
# versions: 4
# The page of metrics as Prometheus takes it: promtool finds nothing against it, every series that the Grafana dashboard and the alerts name
# is there, and a real Prometheus scrapes it. Skipped where promtool or prometheus (Debian's package prometheus) is not installed.

import atexit
import json
import os
import re
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request

from lib.admin import CONFIG, OperatedRouter
from lib.certificates import Authority
from lib.client import Client
from lib.script import Script
from lib.server import ROOT, Server
from lib.wire import DEADLINE, Late, readable

script = Script(server=False)
HOME = Authority()
atexit.register(HOME.remove)
CERTIFICATE, KEY = HOME.pair()
# With a certificate, whose end is a series of its own.
TLS = f'[tls]\ncertificate = "{CERTIFICATE}"\nkey = "{KEY}"\n'
DASHBOARD = os.path.join(ROOT, "config", "grafana", "plugboard.json")
ALERTS = os.path.join(ROOT, "config", "prometheus", "alerts.yml")


def expressions():
    """What the dashboard and the alerts ask for, each with where it stands."""
    with open(DASHBOARD) as file:
        for panel in json.load(file)["panels"]:
            for target in panel.get("targets", []):
                yield panel["title"], target["expr"].replace("$instance", ".*").replace("$__rate_interval", "10s")
    with open(ALERTS) as file:
        for line in file:
            if found := re.match(r"\s+expr: (.*)$", line):
                yield "alerts.yml", found.group(1)


def series(page):
    """Values by series as they are written, labels included."""
    lines = [line.rsplit(" ", 1) for line in page.splitlines() if not line.startswith("#")]
    found = {name: float(value) for name, value in lines}
    assert len(found) == len(lines), "a series stands there twice"
    return found


class Watched:
    """A router with an app on it, in front of another one, for a `with` block."""

    def __enter__(self):
        self.behind = Server("plug", config="[devices]\npresent_at_start = true\n")
        self.router = None
        try:
            host, port = self.behind.address
            self.router = OperatedRouter("rabbit", config=CONFIG + TLS + f'[[upstream]]\nurl = "ws://{host}:{port}"\n')
            self.admin = self.router.admin
            self.router.server.wait_log("upstream up")
            self.app = Client(self.router.server, 4, "Game")
        except BaseException:
            self.__exit__(SystemError)
            raise
        return self

    def __exit__(self, kind, *_):
        if self.router:
            self.router.__exit__(kind)
        self.behind.clean()

    def vibrate(self, value):
        self.app.ok("OutputCmd", DeviceIndex=0, FeatureIndex=0, Command={"Vibrate": {"Value": value}})

    def metrics(self):
        return self.admin.ask("GET", "/metrics")

    def settled(self):
        """The series, asked for until each write has its result: an app is answered before its device is."""
        until = time.monotonic() + DEADLINE
        while True:
            now = series(self.metrics())
            results = sum(value for name, value in now.items() if name.startswith("plugboard_device_write_results_total{"))
            if results == now["plugboard_device_writes_total"]:
                return now
            if time.monotonic() > until:
                raise Late(f"{now['plugboard_device_writes_total']} writes, {results} results")


@script.check(4)
def every_series_that_the_dashboard_and_the_alerts_name_is_there():
    with Watched() as world:
        there = {name.split("{")[0] for name in series(world.metrics())}
        for place, expression in expressions():
            missing = set(re.findall(r"plugboard_[a-z0-9_]+", expression)) - there
            assert not missing, f"{place}: {missing}"


@script.check(4)
def what_happens_is_counted():
    with Watched() as world:
        before = world.settled()
        for value in (3, 3, 7):
            world.vibrate(value)
        after = world.settled()
        grown = lambda name: after[name] - before[name]
        assert grown('plugboard_requests_total{type="output"}') == 3
        assert grown("plugboard_winner_changes_total") == 1
        assert grown('plugboard_device_write_results_total{result="done"}') == grown("plugboard_device_write_latency_seconds_count") == 2
        assert grown("plugboard_turn_duration_seconds_count") > 2 and after["plugboard_session_queue_bytes_count"] == 1
        assert after["plugboard_process_resident_memory_bytes"] > 1 << 20 and after["plugboard_process_cpu_seconds_total"] > 0
        open_now = after["plugboard_process_open_descriptors"]
        assert abs(open_now - world.router.server.descriptors()) <= 3 and open_now <= after["plugboard_process_max_descriptors"]
        assert after['plugboard_upstream_state{upstream="0",state="connected"}'] == 1
        assert after['plugboard_upstream_round_trip_seconds_count{upstream="0"}'] >= 1
        device = world.admin.ask("GET", "/v1/devices")["devices"][0]
        assert 0 <= device["latency_ms"]["p50"] <= device["latency_ms"]["p99"] <= device["latency_ms"]["max"] < 1_000, device


@script.check(4)
def promtool_finds_nothing_against_it():
    tool = shutil.which("promtool")
    if not tool:
        return print("  skipped: there is no promtool here")
    with Watched() as world:
        world.vibrate(5)
        done = subprocess.run([tool, "check", "metrics"], input=world.metrics(), capture_output=True, text=True, timeout=20)
        assert done.returncode == 0 and not done.stdout + done.stderr, done.stdout + done.stderr
        done = subprocess.run([tool, "check", "rules", ALERTS], capture_output=True, text=True, timeout=20)
        assert done.returncode == 0 and "6 rules found" in done.stdout, done.stdout + done.stderr


class Prometheus:
    """A Prometheus that scrapes one address every second."""

    def __init__(self, tool, target, folder):
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.address = "127.0.0.1:%d" % free.getsockname()[1]
        config = os.path.join(folder, "prometheus.json")
        with open(config, "w") as file:
            # JSON is YAML.
            json.dump({
                "global": {"scrape_interval": "1s", "evaluation_interval": "1s"}, "rule_files": [ALERTS],
                "scrape_configs": [{"job_name": "plugboard", "static_configs": [{"targets": [target]}]}]}, file)
        self.process = subprocess.Popen(
            [tool, f"--config.file={config}", f"--storage.tsdb.path={folder}/data", f"--web.listen-address={self.address}"],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        self.log = b""

    def ask(self, path, **query):
        with urllib.request.urlopen(f"http://{self.address}/api/v1/{path}?{urllib.parse.urlencode(query)}", timeout=5) as answer:
            return json.load(answer)["data"]

    def understands(self, expression, place):
        try:
            self.ask("query", query=expression)
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{place}: {expression}: {error.read()!r}") from None

    def rules(self):
        return [rule for group in self.ask("rules")["groups"] for rule in group["rules"]]

    def wait(self, holds, what, within=30):
        """Looks whenever the log has grown, and now and then."""
        until = time.monotonic() + within
        while not holds():
            if time.monotonic() > until or self.process.poll() is not None:
                raise Late(f"{what} not within {within} s; log: {self.log[-800:]!r}")
            if readable(self.process.stderr, 0.3):
                self.log += os.read(self.process.stderr.fileno(), 65536)

    def end(self):
        self.process.kill()
        self.process.wait()
        self.process.stderr.close()


@script.check(4)
def a_real_prometheus_scrapes_it_and_understands_the_dashboard_and_the_alerts():
    tool = shutil.which("prometheus")
    if not tool:
        return print("  skipped: there is no prometheus here")
    with Watched() as world, tempfile.TemporaryDirectory(prefix="plugboard-prometheus-") as folder:
        target = world.router.address().removeprefix("http://")
        prometheus = Prometheus(tool, target, folder)
        try:
            prometheus.wait(lambda: b"Server is ready" in prometheus.log, "ready")
            scrapes = lambda: prometheus.ask("query", query="sum(count_over_time(up[1m]))")["result"]
            prometheus.wait(lambda: scrapes() and float(scrapes()[0]["value"][1]) >= 4, "four scrapes")
            lows = prometheus.ask("query", query="min_over_time(up[1m])")["result"]
            assert [one["value"][1] for one in lows] == ["1"], lows
            ours = {name.split("{")[0] for name in series(world.metrics())}
            kept = set(prometheus.ask("label/__name__/values"))
            assert ours <= kept, ours - kept
            for place, expression in expressions():
                prometheus.understands(expression, place)
            prometheus.wait(lambda: all(rule["health"] == "ok" for rule in prometheus.rules()), "healthy rules")
            assert [rule["state"] for rule in prometheus.rules()] == ["inactive"] * 6, prometheus.rules()
        finally:
            prometheus.end()


script.main()
