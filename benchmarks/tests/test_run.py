# What a run does when something cannot be built, fails or is interrupted; and that no process it started stays.
# Must not need anything built.

import argparse
import importlib.machinery
import importlib.util
import io
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
import unittest

from harness.context import Measurement
from harness.processes import Children, Failure
from harness.programs import ROOT
from harness.progress import Progress


def load_run():
    loader = importlib.machinery.SourceFileLoader("bench_run", str(ROOT / "benchmarks" / "run"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("bench_run", loader))
    loader.exec_module(module)
    return module


class Adding(unittest.TestCase):
    def test_a_later_run_replaces_its_measurements_only(self):
        """What is measured again takes the place of the earlier figures and is marked; all else stays."""
        earlier = {"date": "a", "versions": {"libuv": "1"}, "measurements": {"cpu": 1, "tls": 2}, "stolen": {}, "failed": {"tls": "no", "idle": "no"}}
        later = {"date": "b", "load_before": 0.1, "versions": {"OpenSSL": "3"}, "measurements": {"tls": 3}, "stolen": {"tls": 0}, "taken_again": {"tls": 1}, "failed": {}}
        whole = load_run().together(earlier, later)
        self.assertEqual(whole["measurements"], {"cpu": 1, "tls": 3})
        self.assertEqual(whole["failed"], {"idle": "no"})
        self.assertEqual((whole["date"], whole["added"]), ("a", {"tls": {"date": "b", "load_before": 0.1}}))
        self.assertEqual(whole["versions"], {"libuv": "1", "OpenSSL": "3"})


class Runs(unittest.TestCase):
    def setUp(self):
        self.module = load_run()
        self.run_ = self.module.Run(argparse.Namespace(quick=True, only=["cpu"], no_nio=False))
        self.run_.progress = Progress(io.StringIO())
        self.addCleanup(self.run_.children.end_all)
        self.run_.plan()

    def refuse(self, *_):
        raise Failure("no network")

    def test_a_peer_that_cannot_be_built(self):
        """A peer whose build fails is missing, with the reason, takes no turns, and the run goes on."""
        self.run_.programs.build_nio = self.refuse
        self.assertTrue(self.run_.build("nio"))
        self.assertEqual(self.run_.programs.missing, {"nio": "building the SwiftNIO peer failed: no network"})
        self.assertEqual(self.run_.programs.peers(), ["plugboard", "c", "python"])

    def test_without_plugboard_there_is_nothing(self):
        """When Plugboard itself cannot be built, the run ends and says so."""
        self.run_.programs.build_plugboard = self.refuse
        self.run_.builds = ["plugboard"]
        with self.assertRaisesRegex(Failure, "building Plugboard failed"):
            self.run_.carry_out()

    def test_a_measurement_that_fails(self):
        """A measurement that fails is named with the reason; the others are made."""
        self.run_.wanted = [Measurement("a", "A", 1, self.refuse), Measurement("b", "B", 1, lambda context: {"figure": 1})]
        self.run_.builds = []
        for m in self.run_.wanted:
            self.run_.progress.expect(m.name, m.title, 1)
        self.run_.carry_out()
        self.assertEqual(self.run_.failed, {"a": "no network"})
        self.assertEqual(self.run_.found, {"b": {"figure": 1}})

    def test_an_interrupted_measurement(self):
        """The whole turns of an interrupted measurement are kept, and the interruption goes on to the caller."""
        def measure(context):
            context.kept = {"turns": 2}
            raise KeyboardInterrupt

        self.run_.progress.expect("a", "A", 1)
        with self.assertRaises(KeyboardInterrupt):
            self.run_.measure(Measurement("a", "A", 1, measure))
        self.assertEqual(self.run_.found, {"a": {"turns": 2}})

    def test_figures_of_another_version(self):
        """A page is not made from figures of another schema."""
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder) / "results.json"
            file.write_text('{"schema": 1, "measurements": {"stop": {"p99_us": [1]}}}')
            run = subprocess.run([ROOT / "benchmarks" / "run", "--write", file, "--out", folder], capture_output=True, text=True)
            self.assertEqual(run.returncode, 1)
            self.assertIn("measure anew", run.stderr)
            self.assertEqual([path.name for path in pathlib.Path(folder).iterdir()], ["results.json"])

    def test_left_out(self):
        """A program that is left out on request is not built."""
        run = self.module.Run(argparse.Namespace(quick=True, only=["cpu"], no_nio=True))
        self.addCleanup(run.children.end_all)
        run.progress = Progress(io.StringIO())
        run.plan()
        self.assertEqual(run.builds, ["plugboard", "c", "python"])


class Processes(unittest.TestCase):
    def is_alive(self, pid):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return False
        return True

    def test_all_are_ended(self):
        """Processes that still run at the end are asked to end, and those that ignore it are killed; nothing can be started afterwards."""
        children = Children()
        program = "import signal; signal.signal(signal.SIGINT, signal.{}); print(flush=True); signal.pause()"
        processes = [children.launch([sys.executable, "-c", program.format(answer)], stdout=-1) for answer in ("SIG_IGN", "SIG_DFL")]
        for process in processes:
            process.stdout.readline()
            self.addCleanup(process.stdout.close)
        children.end_all(patience=0.2)
        self.assertEqual([self.is_alive(process.pid) for process in processes], [False, False])
        self.assertEqual([process.returncode for process in processes], [-signal.SIGKILL, -signal.SIGINT])
        with self.assertRaises(Failure):
            children.launch([sys.executable, "--version"])

    def test_a_server_is_ready_when_it_says_so(self):
        """A server is there when it has said where it listens, and is gone after the block."""
        children = Children()
        self.addCleanup(children.end_all)
        program = "import signal; print('ready ws://127.0.0.1:4711', flush=True); signal.pause()"
        with children.server("it", [sys.executable, "-c", program]) as server:
            self.assertEqual((server.url, server.port), ("ws://127.0.0.1:4711", 4711))
            pid = server.pid
        self.assertFalse(self.is_alive(pid))

    def test_a_server_that_does_not_start(self):
        """A server that ends before it is ready fails with its last lines."""
        children = Children()
        self.addCleanup(children.end_all)
        with self.assertRaisesRegex(Failure, "it did not start: port taken"):
            with children.server("it", [sys.executable, "-c", "import sys; sys.exit('port taken')"]):
                self.fail("there is no such server")

    def test_a_program_that_fails(self):
        """A program that fails gives its error message, and one that does not end in time is ended."""
        children = Children()
        self.addCleanup(children.end_all)
        with self.assertRaisesRegex(Failure, "bad flag"):
            children.output([sys.executable, "-c", "import sys; print('usage'); sys.exit('bad flag')"])
        since = time.monotonic()
        with self.assertRaisesRegex(Failure, "was not done after 0.2 s"):
            children.output([sys.executable, "-c", "import signal; signal.pause()"], seconds=0.2)
        self.assertLess(time.monotonic() - since, 5)
