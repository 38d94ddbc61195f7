#!/usr/bin/env python3
# versions: 4
# Ten thousand sessions on a server that has seen none before, and many thousands in a row: memory and descriptors return.
# The crowds come from the C programs of Tests/Load, which say what they found.

import os
import resource
import subprocess

from lib.script import Script, serving

script = Script(server=False)
LOAD = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "Load")


def load(program, case, *options):
    """Runs one of the load programs against the server; its words are the failure's when it ends badly."""
    subprocess.run(["make", "--silent", "--directory", LOAD], check=True)
    path = os.path.join(LOAD, "..", "..", ".build", "load", program)
    server = case.server
    run = subprocess.run([path, str(server.address[1]), "--pid", str(server.pid), *options], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert run.returncode == 0, run.stdout


@script.check(4)
def the_first_crowd_of_idle_sessions_leaves_nothing_behind():
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    with serving("dual*8") as case:
        load("idle", case, "--sessions", str(min(10_000, most - 128)), "--hold", "0.5")


@script.check(4)
def sessions_that_come_and_go_by_the_thousand_leave_nothing_behind():
    with serving("dual*8") as case:
        load("storm", case, "--sessions", "20000")


script.main()
