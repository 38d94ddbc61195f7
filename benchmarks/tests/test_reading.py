# The output of other programs is read correctly: callgrind, strace, the kernel, the package manager.
# Must not need anything built or running.

import pathlib
import tempfile
import unittest

from harness import callgrind, machine
from harness.counts import between, difference, read_strace
from harness.processes import complaint
from harness.programs import resolved_version

PROFILE = """events: Ir
fn=(1) main
3 20
cfn=(2) malloc
calls=5 10
12 900
cfn=(3) swift_retain
calls=100 10
12 900
fn=(4) worker
cfn=(2)
calls=2 10
cfn=(5) calloc'2
calls=1 10
"""

MODULES = """positions: line
events: Ir
ob=(1) /somewhere/plugboard
fl=(1) ???
fn=(1) $s6Router0A4CoreV7receiveyyF
0 30
+3 7
cob=(2) /usr/lib/libuv.so.1.0.0
cfn=(2) uv_try_write
calls=4 0
* 500
fn=(3) swift_retain
0 11
fn=(5) main
0 1
ob=(2)
fn=(2)
0 5
ob=(3) /usr/lib/libc.so.6
fn=(4) memcpy
-2 2
"""

STRACE = """% time     seconds  usecs/call     calls    errors syscall
------ ----------- ----------- --------- --------- ----------------
 60.00    0.060000           6     10000           write
 39.00    0.039000           4      9990        12 read
  1.00    0.001000           1       100           epoll_wait
------ ----------- ----------- --------- --------- ----------------
100.00    0.100000           4     20090        12 total
"""


class Reading(unittest.TestCase):
    def test_callgrind_instructions(self):
        """The count follows `Collected`; a program that ended before has none."""
        self.assertEqual(callgrind.instructions("==1== Events    : Ir\n==1== Collected : 26320992\n"), 26320992)
        self.assertEqual(callgrind.instructions("==1== Giving up."), 0)

    def test_callgrind_allocations(self):
        """Calls of the allocator count, by name, by number and when it calls itself; other calls do not."""
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder) / "profile"
            file.write_text(PROFILE)
            self.assertEqual(callgrind.allocations(file), 8)

    def test_strace_table(self):
        """Calls are read with and without errors beside them; head, lines and sum are left out."""
        self.assertEqual(read_strace(STRACE), {"write": 10000, "read": 9990, "epoll_wait": 100})

    def test_difference_keeps_what_grew(self):
        """The difference of two tables has what the longer run has more, the largest number first."""
        self.assertEqual(difference({"a": 5, "b": 100, "c": 7}, {"a": 5, "b": 10}), {"b": 90, "c": 7})

    def test_between(self):
        """A figure per message is the difference of two lengths: what both runs did once cancels out."""
        self.assertEqual(between({"answered": 100, "calls": 1_050}, {"answered": 300, "calls": 1_250}, "calls"), 1)

    def test_processor(self):
        """The processor is the first one's model, and it is called virtual when it is."""
        text = "processor\t: 0\nmodel name\t: Some CPU 3000\nflags\t\t: fpu sse hypervisor\nprocessor\t: 1\nmodel name\t: Other\nflags\t: fpu\n"
        self.assertEqual(machine.processor(text), "Some CPU 3000, virtual")
        self.assertEqual(machine.processor("model name : Plain\nflags : fpu\n"), "Plain")
        self.assertEqual(machine.processor("BogoMIPS : 100\n"), "")

    def test_memory(self):
        """Memory is reported in whole gigabytes."""
        self.assertEqual(machine.memory("MemTotal:       24684000 kB\nMemFree: 1 kB\n"), "25 GB")

    def test_resolved_version(self):
        """A package's version comes from the list of pins; without it, or without a version, it is empty."""
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder) / "Package.resolved"
            self.assertEqual(resolved_version(file, "swift-nio"), "")
            file.write_text('{"pins": [{"identity": "swift-nio", "state": {"revision": "x", "version": "2.101.2"}}]}')
            self.assertEqual(resolved_version(file, "swift-nio"), "2.101.2")
            self.assertEqual(resolved_version(file, "other"), "")

    def test_callgrind_modules(self):
        """A function's own instructions count for its module: Swift's by the mangled name, others by their library; a call counts for the callee."""
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder) / "profile"
            file.write_text(MODULES)
            self.assertEqual(callgrind.by_module(file), {"Router": 37, "libuv": 5, "Swift runtime": 11, "C library": 2, "other": 1})

    def test_complaint(self):
        """The failure's text is the first line that mentions an error, or else the last one."""
        self.assertEqual(complaint("Compiling\na.swift:1: error: no such module\nerror: fatalError\n"), "a.swift:1: error: no such module")
        self.assertEqual(complaint("one\ntwo\n\n"), "two")
        self.assertEqual(complaint(""), "")
