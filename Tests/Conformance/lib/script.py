# The frame of a numbered script: checks that share one server, run in the order in which they are written, each with new clients.
# Must not know the protocol, except to find the devices and to see every output return to zero.

import contextlib
import os
import sys
import traceback

from . import devices as archetypes
from .client import Client
from .server import Server


class Case:
    """One run of one check: its clients, and the server's devices as a v4 list shows them."""

    def __init__(self, script, version):
        self.script = script
        self.version = version
        self.server = script.server
        self.journal = self.server.journal
        self.devices = script.devices
        self.clients = []

    def client(self, version=None, **options):
        """A client of the version under test, or another."""
        client = Client(self.server, self.version if version is None else version, **options)
        self.clients.append(client)
        return client

    def find(self, archetype):
        return archetypes.find(self.devices, archetype)

    def index(self, archetype):
        return self.find(archetype)["DeviceIndex"]

    def expect(self, device, feature, output, value, since=0, **more):
        return self.journal.expect(device, feature, output, value, since, **more)

    def settle(self):
        """Every client disconnects; every held output must then be written zero."""
        for client in self.clients:
            client.drop()
        for device, feature, output in self.journal.running():
            last = max(
                i for i, e in enumerate(self.journal.lines) if (e["device"], e["feature"], e["output"]) == (device, feature, output)
            )
            self.journal.expect(device, feature, output, 0, since=last)
        assert self.server.alive(), "the server died"


@contextlib.contextmanager
def serving(simulate="", version=4, flags=(), config=None, scan=True, **options):
    """A server of its own for one check, as a case; at the end every output must be zero and SIGTERM must end it correctly."""
    script = Script(simulate, flags, config, scan, **options)
    try:
        script.start()
        case = Case(script, version)
        yield case
        if script.server.alive():
            case.settle()
            script.server.stop()
    finally:
        if script.server:
            script.server.clean()


class Script:
    """Collects checks; `main()` runs those of the version named on the command line."""

    def __init__(self, simulate="", flags=(), config=None, scan=True, server=True, **options):
        self.simulate, self.flags, self.config, self.scan, self.options = simulate, flags, config, scan, options
        self.wants_server = server
        self.checks = []
        self.server = None
        self.devices = []

    def check(self, *versions):
        """Marks a function as a check of the named versions (none named: all)."""

        def add(function):
            self.checks.append((function, versions or tuple(range(5))))
            return function

        return add

    def start(self):
        self.server = Server(self.simulate, self.flags, self.config, **self.options)
        if self.scan:
            client = Client(self.server, 4, name="setup")
            client.scan()
            self.devices = client.devices()
            client.close()
            for device in self.devices:
                for feature, output in archetypes.held(device):
                    self.server.journal.expect(device["DeviceIndex"], feature, output, 0)

    def main(self):
        version = int(sys.argv[1].lstrip("v")) if len(sys.argv) > 1 else 4
        only = sys.argv[2] if len(sys.argv) > 2 else ""
        failures, run = [], 0
        try:
            if self.wants_server:
                self.start()
            for function, versions in self.checks:
                if version in versions and only in function.__name__:
                    run += 1
                    failures += self._run(function, version)
            if self.wants_server:
                self.server.stop()
        except Exception as error:
            failures.append(("(server)", error, traceback.format_exc()))
        finally:
            if self.server:
                log = self.server.log()
                self.server.clean()
        for name, error, trace in failures:
            print(f"  FAIL {name}: {type(error).__name__}: {error}")
            if os.environ.get("VERBOSE"):
                print(trace)
        if failures and os.environ.get("VERBOSE") and self.server:
            print(f"  log: {log[-2000:]}")
        print(f"  {run - sum(1 for f in failures if f[0] != '(server)')} of {run} checks hold")
        sys.exit(1 if failures else 0)

    def _run(self, function, version):
        case = Case(self, version) if self.wants_server else None
        try:
            if case:
                function(case)
            else:
                function()
            failed = []
        except Exception as error:
            where = traceback.extract_tb(error.__traceback__)
            line = next((f.lineno for f in reversed(where) if os.path.samefile(f.filename, sys.argv[0])), 0)
            failed = [(f"{function.__name__} (line {line})", error, traceback.format_exc())]
        if case:
            try:
                case.settle()
            except Exception as error:
                if not failed:
                    failed = [(f"{function.__name__}, afterwards", error, traceback.format_exc())]
                if not self.server.alive():
                    failed.append((function.__name__, AssertionError("the server died; started again"), ""))
                    log = self.server.log()
                    self.server.clean()
                    print(f"  server log: {log[-1500:]}")
                    self.start()
        return failed
