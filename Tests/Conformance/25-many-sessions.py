#!/usr/bin/env python3
# versions: 4
# Ten thousand sessions on a server that has seen none before, and many thousands in a row: memory and descriptors return.
# The sessions are those of `plugboard bench`, which looks at the server before the first and after the last.

import resource

from lib.script import Script, serving
from lib.server import run

script = Script(server=False)


def bench(case, *flags):
    """A run that fails when an answer is missing or a descriptor stays; its words are the failure's."""
    server = case.server
    url = "ws://%s:%d" % server.address
    command = ["bench", url, "--pid", str(server.pid), "--warmup", "0s", "--fail-if", "descriptors_growth>0", *flags]
    status, out, err = run(*command, within=80)
    assert status == 0, out + err[-500:]


@script.check(4)
def the_first_many_idle_sessions_leave_nothing_when_closed():
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    count = str(min(10_000, most - 128))
    with serving("dual*8") as case:
        # Half a megabyte, and a tenth of at most two kilobytes per session.
        flags = ["--duration", "2s", "--fail-if", f"answered<{count}", "--fail-if", "rss_growth>2560KiB"]
        bench(case, "--profile", "idle", "--clients", count, *flags)


@script.check(4)
def sessions_that_come_and_go_by_the_thousand_leave_nothing_when_closed():
    storm = ["--profile", "storm", "--closed", "--in-flight", "1", "--clients", "64", "--duration", "60s"]
    with serving("dual*8") as case:
        bench(case, *storm, "--messages", "2000")
        bench(case, *storm, "--messages", "18000", "--fail-if", "answered<18000", "--fail-if", "rss_growth>1MiB")


script.main()
